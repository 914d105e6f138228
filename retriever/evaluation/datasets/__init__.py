"""Readers of question sets, one file per format.

Each module defines ``recognises(path) -> bool`` and ``read(path, options) -> QuestionSet``; a new
format is a new file here. Errors are InvalidInput and name the file and the line or row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol, cast

from indexer.errors import InvalidInput
from retriever.evaluation.domain import QuestionSet


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadOptions:
    """``split`` of a set that is divided; None for its test part.

    ``topics`` is the file of questions of TREC judgements, ``images`` the folder of the photos of
    a Karpathy JSON; None for what lies beside the file.
    """

    split: str | None = None
    topics: Path | None = None
    images: Path | None = None


class Reader(Protocol):
    """One format. ``WHAT`` names it to the user."""

    WHAT: str

    def recognises(self, path: Path) -> bool:
        """Whether the file or folder is of this format, by its name and first bytes."""

    def read(self, path: Path, options: ReadOptions, /) -> QuestionSet:
        """The questions, and the corpus if the set has its own."""


def read(path: Path, options: ReadOptions) -> QuestionSet:
    """Read the file or folder in the first format that recognises it."""
    if not path.exists():
        raise InvalidInput(path, cause="there is no such file or folder", remedy="check the path")
    readers = list(_readers())
    for reader in readers:
        if reader.recognises(path):
            found = reader.read(path, options)
            if not found.questions:
                raise InvalidInput(path, cause="it holds no questions", remedy="add some")
            return found
    raise InvalidInput(
        path,
        cause="not a question set that Sightline reads",
        remedy=f"give {'; '.join(reader.WHAT for reader in readers)}",
    )


def _readers() -> Iterator[Reader]:
    for module in sorted(iter_modules(__path__), key=lambda each: each.name):
        if not module.name.startswith("_"):
            yield cast(Reader, import_module(f"{__name__}.{module.name}"))
