"""Generators write an answer from evidence: one file each.

A file defines ``build(settings, reranker) -> Generator``; its name is the settings value.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from indexer.errors import UnknownAdapter
from retriever.domain import Answer, Evidence
from retriever.rerankers import Reranker
from retriever.settings import AnswerSettings
from retriever.support import StemWeights


class Generator(Protocol):
    """Answers a question from evidence, citing it."""

    @property
    def name(self) -> str: ...

    def answer(self, evidence: Evidence, weights: StemWeights) -> Answer:
        """An answer whose every sentence cites items of ``evidence``.

        ``weights`` are the rarities of the question's stems in the corpus. Raises
        GeneratorUnavailable when the model behind it cannot be reached.
        """
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
