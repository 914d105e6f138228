"""Generators write an answer from evidence: one file each.

A file defines ``build(settings, reranker) -> Generator``; its name is the settings value, for some
followed by ":" and a model. Building is cheap: models load, and servers are asked, on first use.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from indexer.analysis import stems
from indexer.errors import UnknownAdapter
from retriever.domain import AnswerEvent, Evidence, Hit, Turn
from retriever.rerankers import Reranker
from retriever.settings import AnswerSettings
from retriever.support import StemWeights


def _all_alike(text: str) -> StemWeights:
    return StemWeights(dict.fromkeys(stems(text), 1.0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What a generator answers from.

    ``weights`` are the rarities of the question's stems in the corpus; ``picture`` gives a crop of
    the evidence as JPEG, for models that see; ``rarity`` weighs the stems of any text.
    """

    evidence: Evidence
    weights: StemWeights
    picture: Callable[[Hit], bytes]
    rarity: Callable[[str], StemWeights] = field(default=_all_alike)


class Generator(Protocol):
    """Answers a question from evidence, citing it."""

    @property
    def name(self) -> str: ...

    def stream(self, task: Task) -> Iterator[AnswerEvent]:
        """Statements as they are finished, with drafts between them, and the answer at the end.

        A supported sentence cites items of the evidence, another cites nothing. Closing the
        iterator cancels the work. A model that cannot be reached, or fails, ends in an answer from
        what it had said or from quotes, with a note. A refusal comes without text.
        """
        ...

    def check(self) -> str:
        """What answers, in a few words. GeneratorUnavailable if it cannot be used now."""
        ...

    def standalone(self, question: str, history: Sequence[Turn]) -> str | None:
        """A follow-up as a question that needs no history; None without a model to ask."""
        ...


def available() -> list[str]:
    return [info.name for info in iter_modules(__path__) if not info.name.startswith("_")]


def load_generator(settings: AnswerSettings, reranker: Reranker | None) -> Generator:
    """The generator named by ``settings.generator``. UnknownAdapter for an unknown name."""
    kind = settings.generator.partition(":")[0]
    if kind not in available():
        raise UnknownAdapter(kind, package="retriever.generators", choices=available())
    module = import_module(f"{__name__}.{kind}")
    return cast(Generator, module.build(settings, reranker))
