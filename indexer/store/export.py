"""Everything of a catalogue read in one go, document by document."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from indexer.domain import Chunk, Crop, EmbeddingSpace, ItemKind, Page
from indexer.settings import StoreSettings
from indexer.store import rows
from indexer.store.database import Database
from indexer.store.records import Collection, Item, StoredDocument
from indexer.store.tables import DocumentRow, EmbeddingRow, PageRow

# Rows that are read at once: bounds memory whatever the document's length.
_BATCH = 256

Vectors = dict[EmbeddingSpace, bytes]
"""Little-endian float32, L2-normalised."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedDocument:
    """A document with all that belongs to it. The iterators are for one reading, in this order.

    Vectors are empty unless they were asked for.
    """

    stored: StoredDocument
    pages: Iterator[Page]
    chunks: Iterator[tuple[Chunk, Vectors]]
    crops: Iterator[tuple[Crop, Vectors]]


def read_all(
    path: Path, settings: StoreSettings, collection: Collection | None, *, vectors: bool
) -> Iterator[ExportedDocument]:
    """Every document of one collection, or of all when None, as they are at one moment."""
    chosen = sa.true() if collection is None else DocumentRow.collection_id == collection.id
    with (
        closing(Database(path, busy_seconds=settings.busy_seconds)) as database,
        database.read() as connection,
    ):
        spaces = (
            {
                rows.space_id(connection, space): space
                for each in rows.collections(connection)
                for space in each.spaces
            }
            if vectors
            else {}
        )
        ids = connection.execute(sa.select(DocumentRow.id).where(chosen).order_by(DocumentRow.id))
        for document_id in ids.scalars():
            (stored,) = rows.documents(connection, DocumentRow.id == document_id)
            yield ExportedDocument(
                stored=stored,
                pages=_pages(connection, document_id),
                chunks=_items(connection, "chunk", document_id, rows.chunk, spaces),
                crops=_items(connection, "crop", document_id, rows.crop, spaces),
            )


def _pages(connection: Connection, document_id: int) -> Iterator[Page]:
    statement = (
        sa.select(PageRow.__table__)
        .where(PageRow.document_id == document_id)
        .order_by(PageRow.number)
    )
    for row in connection.execute(statement):
        yield rows.page(row)


def _items(
    connection: Connection,
    kind: ItemKind,
    document_id: int,
    value: Callable[[Row[Any]], Item],
    spaces: dict[int, EmbeddingSpace],
) -> Iterator[tuple[Item, Vectors]]:
    column, table = rows.item(kind)
    statement = (
        sa.select(table.__table__)
        .where(table.document_id == document_id)
        .order_by(table.ordinal)
        .execution_options(yield_per=_BATCH)
    )
    for batch in connection.execute(statement).partitions():
        found: dict[int, Vectors] = {row.id: {} for row in batch}
        if spaces:
            stored = sa.select(column, EmbeddingRow.space_id, EmbeddingRow.vector).where(
                column.in_(list(found)), EmbeddingRow.space_id.in_(list(spaces))
            )
            for item_id, space_id, vector in connection.execute(stored):
                found[item_id][spaces[space_id]] = vector
        for row in batch:
            yield value(row), found[row.id]
