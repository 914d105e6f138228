"""Lexical indexes: one file per backend, ranking items by the words they share with a query.

A file defines ``build() -> LexicalIndex``. Everything runs on the caller's connection, so that
text enters and leaves with its document's transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from sqlalchemy import ColumnElement, Connection

from indexer.domain import ItemKind
from indexer.errors import UnknownAdapter


@dataclass(frozen=True, slots=True)
class LexicalEntry:
    """Text of one item; ``context`` is what stands around it (title, headings, file name)."""

    id: int
    text: str
    context: str


class LexicalIndex(Protocol):
    def add(self, connection: Connection, kind: ItemKind, entries: Sequence[LexicalEntry]) -> None:
        """Add items to the index of ``kind``."""
        ...

    def remove_document(self, connection: Connection, document_id: int) -> None:
        """Drop all items of a document; called before its rows go."""
        ...

    def search(
        self,
        connection: Connection,
        kind: ItemKind,
        stems: Sequence[str],
        limit: int,
        admitted: ColumnElement[bool],
    ) -> list[tuple[int, float]]:
        """(item id, BM25 score, higher is better) of items with any of ``stems``, best first.

        Stems that follow each other, with a space between, count only where they stand so.
        ``admitted`` says which rows of items, joined to their documents, there may be.
        """
        ...

    def stored(
        self, connection: Connection, kind: ItemKind, ids: Sequence[int]
    ) -> dict[int, tuple[list[str], list[str]]]:
        """The stems of each item's text and of its context, in their order."""
        ...

    def mean_length(self, connection: Connection, kind: ItemKind) -> float:
        """Stems in an item's text, on average over the newest of them; 0 if there is none."""
        ...

    def vocabulary(
        self, connection: Connection, kind: ItemKind, prefix: str, limit: int
    ) -> dict[str, int]:
        """Stems that begin with ``prefix`` and how many items hold each; at most ``limit``."""
        ...

    def matched(
        self, connection: Connection, kind: ItemKind, stems: Sequence[str]
    ) -> dict[str, int]:
        """How many items hold each stem."""
        ...

    def ids(self, connection: Connection, kind: ItemKind) -> list[int]:
        """Every item in the index, ascending."""
        ...

    def remove(self, connection: Connection, kind: ItemKind, ids: Sequence[int]) -> None:
        """Drop items, whether or not their rows are still there."""
        ...

    def mend(self, connection: Connection, kind: ItemKind) -> bool:
        """Compare the index with the words it was made of; False if it had to be made anew."""
        ...


def available() -> list[str]:
    return [info.name for info in iter_modules(__path__)]


def load_lexical_index(name: str) -> LexicalIndex:
    """The backend ``name``. UnknownAdapter for an unknown one."""
    if name not in available():
        raise UnknownAdapter(name, package="indexer.store.lexical", choices=available())
    return cast(LexicalIndex, import_module(f"{__name__}.{name}").build())
