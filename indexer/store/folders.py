"""The folders that documents lie in: what is in one, and the documents of it.

A file of the user's own is called by its path. One that was uploaded is called by the folders and
the name that it was uploaded with: below ``uploads`` its path begins with two folders that say
nothing to anybody.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from indexer.filters import NO_FILTERS, Filters
from indexer.store import filtering, rows
from indexer.store.database import Database
from indexer.store.records import Collection, StoredDocument
from indexer.store.tables import ChunkRow, CollectionRow, DocumentRow, FileRow

Order = Literal["name", "title", "newest", "largest"]

_HASHED = 2 + 1 + 64 + 1  # characters of "ab/<SHA-256>/"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, and how many documents are in it and below it."""

    name: str
    path: str
    documents: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderContent:
    """What is in a folder: ``path`` is "" for the top. ``total`` counts all the documents."""

    path: str
    folders: tuple[Folder, ...]
    total: int
    documents: tuple[StoredDocument, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Extent:
    """What a collection holds: bytes of its files, and its passages by language."""

    size: int
    languages: dict[str, int]


class FolderStore:
    """The folders of an open catalogue, or of some of its collections. Thread-safe."""

    def __init__(self, database: Database, only: frozenset[str] | None = None) -> None:
        """``only`` names the collections whose files there are; all, if None."""
        self._database = database
        self._only = only

    def browse(
        self,
        uploads: Path,
        folder: str,
        collection: Collection | None,
        *,
        words: str = "",
        filters: Filters = NO_FILTERS,
        order: Order = "name",
        offset: int = 0,
        limit: int = 50,
    ) -> FolderContent:
        """What is in ``folder``; with ``words`` or filters, all documents below it that match.

        ``uploads`` is where uploads are kept. ``words`` are part of a name or a title.
        """
        name = _called(uploads)
        here: list[sa.ColumnElement[bool]] = [FileRow.document_id.is_not(None)]
        if collection is not None:
            here.append(FileRow.collection_id == collection.id)
        elif self._only is not None:
            named = CollectionRow.name.in_(sorted(self._only))
            here.append(FileRow.collection_id.in_(sa.select(CollectionRow.id).where(named)))
        folder = folder.rstrip("/")
        with self._database.read() as connection:
            top = "" if folder else _only_root(connection, name, here)
            folder = folder or top
            below = [*here, *_below(name, folder)]
            rest = sa.func.substr(name, len(folder) + 2) if folder else name
            found = [] if words or filters else _folders(connection, rest, folder, below, name)
            inside = below if words or filters else [*below, sa.func.instr(rest, "/") == 0]
            if words:
                inside.append(_holds(name, words))
            condition = sa.and_(
                DocumentRow.id.in_(sa.select(FileRow.document_id).where(*inside)),
                filtering.documents(filters, None),
            )
            total = connection.execute(
                sa.select(sa.func.count()).select_from(DocumentRow).where(condition)
            ).scalar_one()
            documents = rows.documents(
                connection, condition, offset=offset, limit=limit, order=_order(order, name)
            )
        return FolderContent(
            path=folder, folders=tuple(found), total=int(total), documents=tuple(documents)
        )

    def extent(self, collection: Collection) -> Extent:
        """How much there is in a collection."""
        here = DocumentRow.collection_id == collection.id
        size = sa.select(sa.func.coalesce(sa.func.sum(DocumentRow.size), 0)).where(here)
        languages = (
            sa.select(ChunkRow.language, sa.func.count())
            .join(DocumentRow, DocumentRow.id == ChunkRow.document_id)
            .where(here)
            .group_by(ChunkRow.language)
            .order_by(sa.func.count().desc())
        )
        with self._database.read() as connection:
            return Extent(
                size=int(connection.execute(size).scalar_one()),
                languages={row[0]: row[1] for row in connection.execute(languages)},
            )


def called(path: str, uploads: Path) -> str:
    """What the owner of a file calls it."""
    prefix = f"{uploads}/"
    return path[len(prefix) + _HASHED :] if path.startswith(prefix) else path


def _called(uploads: Path) -> sa.ColumnElement[str]:
    """The same, in SQL."""
    prefix = f"{uploads}/"
    kept = sa.func.substr(FileRow.path, 1, len(prefix)) == prefix
    return sa.case(
        (kept, sa.func.substr(FileRow.path, len(prefix) + _HASHED + 1)), else_=FileRow.path
    )


def _below(name: sa.ColumnElement[str], folder: str) -> list[sa.ColumnElement[bool]]:
    if not folder:
        return []
    return [sa.func.substr(name, 1, len(folder) + 1) == f"{folder}/"]


def _only_root(connection: Connection, name: Any, here: Sequence[Any]) -> str:
    """The folder that everything lies in if nothing was uploaded, else "" for the top."""
    uploaded = sa.select(sa.exists().where(*here, sa.func.substr(name, 1, 1) != "/"))
    if connection.execute(uploaded).scalar_one():
        return ""
    return _common(connection, name, here)


def _common(connection: Connection, name: Any, here: Sequence[Any]) -> str:
    """The deepest folder that all files of the user's own lie in; "" for none."""
    own = sa.func.substr(name, 1, 1) == "/"
    first, last = connection.execute(
        sa.select(sa.func.min(name), sa.func.max(name)).where(*here, own)
    ).one()
    # What the first and the last in order share, all between them share.
    return os.path.commonpath([Path(first).parent, Path(last).parent]) if first else ""


def _folders(
    connection: Connection, rest: Any, folder: str, below: Sequence[Any], name: Any
) -> list[Folder]:
    child = sa.func.substr(rest, 1, sa.func.instr(rest, "/") - 1)
    statement = (
        sa.select(child, sa.func.count(sa.distinct(FileRow.document_id)))
        .where(*below, sa.func.instr(rest, "/") > 0)
        .group_by(child)
        .order_by(child)
    )
    found = []
    for part, count in connection.execute(statement):
        if part:
            path = f"{folder}/{part}" if folder else part
            found.append(Folder(part, path, count))
        else:  # files of the user's own, seen from the top
            path = _common(connection, name, below)
            found.append(Folder(path, path, count))
    return found


def _holds(name: Any, words: str) -> sa.ColumnElement[bool]:
    """Part of a name or a title, in any case; SQLite itself folds Latin letters only."""
    spellings = {words, words.lower(), words.upper(), words.capitalize()}
    titled = sa.select(DocumentRow.id).where(
        sa.or_(*(DocumentRow.title.contains(each, autoescape=True) for each in spellings))
    )
    return sa.or_(
        FileRow.document_id.in_(titled),
        *(name.contains(each, autoescape=True) for each in spellings),
    )


def _order(order: Order, name: Any) -> list[Any]:
    called = (
        sa.select(sa.func.min(sa.func.lower(name)))
        .where(FileRow.document_id == DocumentRow.id)
        .scalar_subquery()
    )
    match order:
        case "title":
            return [sa.func.lower(DocumentRow.title)]
        case "newest":
            return [DocumentRow.added_at.desc()]
        case "largest":
            return [DocumentRow.size.desc()]
    return [called]
