"""How a document enters the catalogue and leaves it, on the caller's transaction."""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from indexer.domain import Chunk, Crop, Document, EmbeddingSpace, ItemKind
from indexer.store import rows
from indexer.store.lexical import LexicalEntry, LexicalIndex
from indexer.store.records import Embedded, Item, NewDocument
from indexer.store.tables import ChunkRow, CropRow, DocumentRow, EmbeddingRow, FileRow, PageRow

# Rows written by one statement: bounds memory whatever the document's length.
_BATCH = 256

_Value = TypeVar("_Value")


def insert_document(
    connection: Connection, lexical: LexicalIndex, collection_id: int, new: NewDocument
) -> int:
    """Write the document with all that belongs to it; its row id."""
    inserted = connection.execute(
        sa.insert(DocumentRow).values(
            collection_id=collection_id,
            added_at=time.time(),
            picture_hash=new.picture_hash,
            **_document_values(new.document),
        )
    )
    document_id = rows.primary_key(inserted)
    for pages in _batches(new.pages):
        connection.execute(
            sa.insert(PageRow), [rows.page_values(document_id, page) for page in pages]
        )
    for chunks in _batches(new.chunks):
        _insert_chunks(connection, lexical, document_id, new, chunks)
    for crops in _batches(new.crops):
        _insert_crops(connection, lexical, document_id, new, crops)
    return document_id


def delete_document(connection: Connection, lexical: LexicalIndex, document_id: int) -> None:
    """Drop a document that no path points to any more."""
    lexical.remove_document(connection, document_id)
    connection.execute(sa.delete(DocumentRow).where(DocumentRow.id == document_id))


def release_path(
    connection: Connection,
    lexical: LexicalIndex,
    collection_id: int,
    path: str,
    keep: int | None = None,
) -> None:
    """Forget a path; its document leaves with its last path, unless it is ``keep``."""
    here = sa.and_(FileRow.collection_id == collection_id, FileRow.path == path)
    document_id = connection.execute(sa.select(FileRow.document_id).where(here)).scalar()
    connection.execute(sa.delete(FileRow).where(here))
    if document_id is None or document_id == keep:
        return
    others = sa.select(sa.func.count()).where(FileRow.document_id == document_id)
    if connection.execute(others).scalar_one() == 0:
        delete_document(connection, lexical, document_id)


def _document_values(document: Document) -> dict[str, Any]:
    """Columns of a document; what may be filtered by has a typed column of its own.

    Coordinates are only there, so that nothing that shows a document's details shows them.
    """
    details = dict(document.metadata)
    place = ", ".join(filter(None, (details.get("place"), details.get("place_ru"))))
    return {
        "sha256": document.id,
        "title": document.title,
        "media_type": document.media_type,
        "size": document.size,
        "page_count": document.page_count,
        "taken_at": details.get("date_taken"),
        "camera": details.get("camera"),
        "place": place or None,
        "latitude": _number(details.pop("latitude", None)),
        "longitude": _number(details.pop("longitude", None)),
        "width": _number(details.get("width")),
        "height": _number(details.get("height")),
        "details": details,
        "warnings": list(document.warnings),
    }


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _insert_chunks(
    connection: Connection,
    lexical: LexicalIndex,
    document_id: int,
    new: NewDocument,
    batch: list[Embedded[Chunk]],
) -> None:
    ids = rows.reserve_ids(connection, ChunkRow.__tablename__, len(batch))
    numbered = list(zip(ids, (entry.item for entry in batch), strict=True))
    connection.execute(
        sa.insert(ChunkRow),
        [
            {
                "id": chunk_id,
                "document_id": document_id,
                "ordinal": chunk.ordinal,
                "page_number": chunk.page_number,
                "kind": chunk.kind,
                "text": chunk.text,
                "spans": msgspec.json.encode(chunk.spans),
                "heading_path": list(chunk.heading_path),
                "language": chunk.language,
            }
            for chunk_id, chunk in numbered
        ],
    )
    title = new.document.title
    lexical.add(
        connection,
        "chunk",
        [
            LexicalEntry(chunk_id, chunk.text, " ".join((title, *chunk.heading_path)))
            for chunk_id, chunk in numbered
        ],
    )
    _insert_vectors(connection, "chunk", ids, new.chunk_spaces, batch)


def _insert_crops(
    connection: Connection,
    lexical: LexicalIndex,
    document_id: int,
    new: NewDocument,
    batch: list[Embedded[Crop]],
) -> None:
    ids = rows.reserve_ids(connection, CropRow.__tablename__, len(batch))
    numbered = list(zip(ids, (entry.item for entry in batch), strict=True))
    connection.execute(
        sa.insert(CropRow),
        [
            {
                "id": crop_id,
                "document_id": document_id,
                "ordinal": crop.ordinal,
                "page_number": crop.page_number,
                "kind": crop.kind,
                "x0": crop.box.x0,
                "y0": crop.box.y0,
                "x1": crop.box.x1,
                "y1": crop.box.y1,
                "caption": crop.caption,
            }
            for crop_id, crop in numbered
        ],
    )
    lexical.add(
        connection,
        "crop",
        [
            LexicalEntry(crop_id, crop.caption, rows.name_words(new.document))
            for crop_id, crop in numbered
            # Objects and tiles share their photo's words: one entry speaks for all.
            if crop.kind in {"photo", "figure", "table"}
        ],
    )
    _insert_vectors(connection, "crop", ids, new.crop_spaces, batch)


def _insert_vectors(
    connection: Connection,
    kind: ItemKind,
    ids: list[int],
    spaces: tuple[EmbeddingSpace, ...],
    batch: Sequence[Embedded[Item]],
) -> None:
    space_ids = [rows.space_id(connection, space) for space in spaces]
    sizes = [4 * space.dim for space in spaces]
    values: list[dict[str, Any]] = []
    for item_id, entry in zip(ids, batch, strict=True):
        if [len(vector) for vector in entry.vectors] != sizes:
            raise ValueError(f"a {kind} needs vectors of {sizes} bytes in these spaces")
        values += [
            {"space_id": space_id, f"{kind}_id": item_id, "vector": vector}
            for space_id, vector in zip(space_ids, entry.vectors, strict=True)
        ]
    if values:
        connection.execute(sa.insert(EmbeddingRow), values)


def _batches(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    rest = iter(values)
    while batch := list(islice(rest, _BATCH)):
        yield batch
