"""Generators write an answer from evidence: one file each.

A file defines ``build(settings, reranker) -> Generator``; its name is the settings value.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from indexer.errors import UnknownAdapter
from retriever.domain import AnswerEvent, Evidence, Hit, Turn
from retriever.rerankers import Reranker
from retriever.settings import AnswerSettings
from retriever.support import StemWeights


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What a generator answers from.

    ``weights`` are the rarities of the question's stems in the corpus; ``picture`` gives a crop of
    the evidence as JPEG, for models that see.
    """

    evidence: Evidence
    weights: StemWeights
    picture: Callable[[Hit], bytes]


class Generator(Protocol):
    """Answers a question from evidence, citing it."""

    @property
    def name(self) -> str: ...

    def stream(self, task: Task) -> Iterator[AnswerEvent]:
        """Statements as they are finished, with drafts between them, and the answer at the end.

        Every sentence cites items of the evidence. Closing the iterator cancels the work. Raises
        GeneratorUnavailable, before the first event, when the model cannot be reached; one that
        fails later ends in an answer from what it had said, with a note.
        """
        ...

    def standalone(self, question: str, history: Sequence[Turn]) -> str | None:
        """A follow-up as a question that needs no history; None without a model to ask."""
        ...


def available() -> list[str]:
    return [info.name for info in iter_modules(__path__)]


def load_generator(settings: AnswerSettings, reranker: Reranker | None) -> Generator:
    """The generator named by ``settings.generator``. UnknownAdapter for an unknown name."""
    if settings.generator not in available():
        raise UnknownAdapter(
            settings.generator, package="retriever.generators", choices=available()
        )
    module = import_module(f"{__name__}.{settings.generator}")
    return cast(Generator, module.build(settings, reranker))
