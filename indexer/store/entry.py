"""How a document enters the catalogue and leaves it, on the caller's transaction."""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from indexer.domain import Chunk, Crop, Document, EmbeddingSpace, ItemKind
from indexer.store import filtering, rows
from indexer.store.lexical import LexicalEntry, LexicalIndex
from indexer.store.records import Embedded, FileState, Item, NewDocument
from indexer.store.tables import ChunkRow, CropRow, DocumentRow, EmbeddingRow, FileRow, PageRow

# Rows written by one statement: bounds memory whatever the document's length.
_BATCH = 256
# Objects and tiles share their photo's words: one entry speaks for all.
WORDED_CROPS = ("photo", "figure", "table")

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
    others = rows.paths(connection, document_id)
    if others:
        _go_by_first_path(connection, lexical, document_id, min(path, *others))
    else:
        delete_document(connection, lexical, document_id)


def add_path(
    connection: Connection,
    lexical: LexicalIndex,
    collection_id: int,
    state: FileState,
    document_id: int,
    *,
    named: str | None = None,
) -> None:
    """Let a path hold a stored document.

    ``named`` is the path that its title and words come from, by default the first it has so far.
    """
    held = rows.paths(connection, document_id)
    rows.insert_file(connection, collection_id, state, document_id)
    _go_by_first_path(connection, lexical, document_id, named or next(iter(held), state.path))


def _go_by_first_path(
    connection: Connection, lexical: LexicalIndex, document_id: int, named: str
) -> None:
    """Let a document that was named after the path ``named`` be found by its first path's name.

    A title that was the file's name changes with it.
    """
    first = rows.paths(connection, document_id)[0]
    if first == named:
        return
    ((title,),) = connection.execute(
        sa.select(DocumentRow.title).where(DocumentRow.id == document_id)
    )
    for name in (_stem, _name):
        if title == name(named):
            connection.execute(
                sa.update(DocumentRow)
                .where(DocumentRow.id == document_id)
                .values(title=name(first))
            )
            break
    lexical.remove_document(connection, document_id)
    kinds: tuple[tuple[ItemKind, Any], ...] = (
        ("chunk", sa.true()),
        ("crop", CropRow.kind.in_(WORDED_CROPS)),
    )
    for kind, worded in kinds:
        row = rows.item(kind)[1]
        ids = sa.select(row.id).where(row.document_id == document_id, worded).order_by(row.id)
        for batch in rows.batches(connection.execute(ids).scalars().all()):
            lexical.add(connection, kind, words(connection, kind, batch))


def _stem(path: str) -> str:
    return Path(path).stem


def _name(path: str) -> str:
    return " ".join(Path(path).name.split())


def words(connection: Connection, kind: ItemKind, ids: Sequence[int]) -> list[LexicalEntry]:
    """The full text of items that are stored, as it enters with their documents."""
    found = list(rows.rows_by_id(connection, rows.item(kind)[1], ids))
    owners = rows.owners(connection, found)
    documents = {row.id: owners[row.document_id].document for row in found}
    if kind == "crop":
        return [
            LexicalEntry(row.id, row.caption, rows.name_words(documents[row.id])) for row in found
        ]
    return [
        LexicalEntry(row.id, row.text, _context(documents[row.id], row.heading_path))
        for row in found
    ]


def _context(document: Document, heading_path: Iterable[str]) -> str:
    return " ".join((document.title, *heading_path))


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
        **filtering.columns(details),
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
    lexical.add(
        connection,
        "chunk",
        [
            LexicalEntry(chunk_id, chunk.text, _context(new.document, chunk.heading_path))
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
            if crop.kind in WORDED_CROPS
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
