"""Between rows of the catalogue and values of the domain: the store's inner helpers.

Every function works on the caller's connection, inside the caller's transaction.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection, Row

from indexer.domain import (
    Block,
    BoundingBox,
    Chunk,
    Crop,
    Document,
    EmbeddingSpace,
    ItemKind,
    Page,
    Recognition,
    Span,
)
from indexer.store.records import Collection, FileState, StoredDocument
from indexer.store.tables import (
    ChunkRow,
    CollectionRow,
    CropRow,
    DocumentRow,
    EmbeddingRow,
    FileRow,
    PageRow,
    SpaceRow,
    StateRow,
)

# SQLite takes at most 32,766 bound values in one statement.
_BATCH = 10_000

little_endian_float32 = np.dtype("<f4")


def item(kind: ItemKind) -> tuple[Any, Any]:
    """The embedding's column for ``kind`` and the row class it points to."""
    return (EmbeddingRow.chunk_id, ChunkRow) if kind == "chunk" else (EmbeddingRow.crop_id, CropRow)


def primary_key(inserted: sa.CursorResult[Any]) -> int:
    key = inserted.inserted_primary_key
    assert key is not None
    return int(key[0])


def batches(ids: Sequence[int]) -> Iterator[list[int]]:
    plain = [int(item_id) for item_id in ids]
    for start in range(0, len(plain), _BATCH):
        yield plain[start : start + _BATCH]


def advance(connection: Connection) -> None:
    connection.execute(sa.update(StateRow).values(generation=StateRow.generation + 1))


def generation(connection: Connection) -> int:
    return int(connection.execute(sa.select(StateRow.generation)).scalar_one())


def reserve_ids(connection: Connection, table: str, count: int) -> list[int]:
    """Fresh ids above every id that was ever used, so that a stale index entry matches nothing.

    Safe because the writing transaction holds SQLite's only write lock.
    """
    if count == 0:
        return []
    last = connection.execute(
        sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table"), {"table": table}
    ).scalar()
    first = int(last or 0) + 1
    return list(range(first, first + count))


def space_query(space: EmbeddingSpace) -> Any:
    return (
        sa.select(SpaceRow.id)
        .where(
            SpaceRow.encoder == space.encoder,
            SpaceRow.model == space.model,
            SpaceRow.revision == space.revision,
            SpaceRow.dim == space.dim,
            SpaceRow.metric == space.metric,
        )
        .scalar_subquery()
    )


def space_id(connection: Connection, space: EmbeddingSpace) -> int:
    found = connection.execute(sa.select(space_query(space))).scalar()
    if found is None:
        inserted = connection.execute(
            sa.insert(SpaceRow).values(
                encoder=space.encoder,
                model=space.model,
                revision=space.revision,
                dim=space.dim,
                metric=space.metric,
            )
        )
        found = primary_key(inserted)
    return int(found)


def collections(connection: Connection) -> list[Collection]:
    spaces = {
        row.id: EmbeddingSpace(
            encoder=row.encoder,
            model=row.model,
            revision=row.revision,
            dim=row.dim,
            metric=row.metric,
        )
        for row in connection.execute(sa.select(SpaceRow.__table__))
    }
    return [
        Collection(
            id=row.id,
            name=row.name,
            text_encoder=row.text_encoder,
            clip_encoder=row.clip_encoder,
            text_space=spaces[row.text_space_id],
            clip_space=spaces[row.clip_space_id],
            image_space=spaces[row.image_space_id],
        )
        for row in connection.execute(
            sa.select(CollectionRow.__table__).order_by(CollectionRow.name)
        )
    ]


def document_id(connection: Connection, collection_id: int, sha256: str) -> int | None:
    return connection.execute(
        sa.select(DocumentRow.id).where(
            DocumentRow.collection_id == collection_id, DocumentRow.sha256 == sha256
        )
    ).scalar()


def holds_document(connection: Connection, collection_id: int, path: str) -> bool:
    statement = sa.select(FileRow.document_id).where(
        FileRow.collection_id == collection_id, FileRow.path == path
    )
    return connection.execute(statement).scalar() is not None


def documents(
    connection: Connection,
    condition: Any,
    *,
    offset: int = 0,
    limit: int | None = None,
    order: Sequence[Any] = (),
) -> list[StoredDocument]:
    # A document with several identical files is shown under the first of their paths.
    here = FileRow.document_id == DocumentRow.id
    path = sa.select(sa.func.min(FileRow.path)).where(here).scalar_subquery()
    count = sa.select(sa.func.count()).select_from(FileRow).where(here).scalar_subquery()
    statement = (
        sa.select(
            DocumentRow.__table__, path.label("path"), count.label("files"), CollectionRow.name
        )
        .join(CollectionRow, CollectionRow.id == DocumentRow.collection_id)
        .where(condition)
        .order_by(*order, "path", DocumentRow.id)
        .offset(offset)
        .limit(limit)
    )
    found = connection.execute(statement).all()
    copies = _copies(connection, [row.id for row in found if row.files > 1])
    return [
        StoredDocument(
            id=row.id,
            collection=row.name,
            copies=tuple(path for path in copies.get(row.id, ()) if path != row.path),
            group=row.group_id,
            document=Document(
                id=row.sha256,
                path=row.path or "",
                title=row.title,
                media_type=row.media_type,
                size=row.size,
                page_count=row.page_count,
                metadata=row.details,
                warnings=tuple(row.warnings),
            ),
        )
        for row in found
    ]


def _copies(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """Every path of these documents, in order."""
    paths: dict[int, list[str]] = {}
    for batch in batches(ids):
        statement = (
            sa.select(FileRow.document_id, FileRow.path)
            .where(FileRow.document_id.in_(batch))
            .order_by(FileRow.path)
        )
        for row in connection.execute(statement):
            paths.setdefault(row.document_id, []).append(row.path)
    return paths


def paths(connection: Connection, document_id: int) -> list[str]:
    """Every path of a document, in order."""
    return _copies(connection, [document_id]).get(document_id, [])


def owners(connection: Connection, rows: Iterable[Row[Any]]) -> dict[int, StoredDocument]:
    ids = sorted({row.document_id for row in rows})
    owners: dict[int, StoredDocument] = {}
    for batch in batches(ids):
        for owner in documents(connection, DocumentRow.id.in_(batch)):
            owners[owner.id] = owner
    return owners


def rows_by_id(
    connection: Connection, row: type[ChunkRow | CropRow], ids: Sequence[int]
) -> Iterator[Row[Any]]:
    for batch in batches(ids):
        yield from connection.execute(sa.select(row.__table__).where(row.id.in_(batch)))


def chunk(row: Row[Any]) -> Chunk:
    return Chunk(
        ordinal=row.ordinal,
        page_number=row.page_number,
        kind=row.kind,
        text=row.text,
        spans=msgspec.json.decode(row.spans, type=tuple[Span, ...]),
        heading_path=tuple(row.heading_path),
        language=row.language,
    )


def crop(row: Row[Any]) -> Crop:
    return Crop(
        ordinal=row.ordinal,
        page_number=row.page_number,
        kind=row.kind,
        box=BoundingBox(x0=row.x0, y0=row.y0, x1=row.x1, y1=row.y1),
        caption=row.caption,
    )


def recognition(row: Any) -> Recognition | None:
    if row.ocr_engine is None:
        return None
    return Recognition(
        engine=row.ocr_engine, confidence=row.ocr_confidence or 0.0, angle=row.ocr_angle or 0.0
    )


def recognitions(
    connection: Connection, document_ids: Iterable[int]
) -> dict[tuple[int, int], Recognition]:
    """How the scanned pages of these documents were read, by (document id, page number)."""
    found: dict[tuple[int, int], Recognition] = {}
    for batch in batches(sorted(set(document_ids))):
        statement = sa.select(
            PageRow.document_id,
            PageRow.number,
            PageRow.ocr_engine,
            PageRow.ocr_confidence,
            PageRow.ocr_angle,
        ).where(PageRow.document_id.in_(batch), PageRow.ocr_engine.is_not(None))
        for row in connection.execute(statement):
            read = recognition(row)
            if read is not None:
                found[row.document_id, row.number] = read
    return found


def file_state(row: Row[Any]) -> FileState:
    return FileState(
        path=row.path,
        size=row.size,
        mtime_ns=row.mtime_ns,
        sha256=row.sha256,
        indexed=row.document_id is not None,
        cause=row.cause,
        remedy=row.remedy,
        container=row.container,
        sidecars=row.sidecars,
    )


def files(connection: Connection, collection_id: int) -> dict[str, FileState]:
    """Every known path of a collection."""
    statement = sa.select(FileRow.__table__).where(FileRow.collection_id == collection_id)
    return {row.path: file_state(row) for row in connection.execute(statement)}


def insert_file(
    connection: Connection, collection_id: int, state: FileState, document_id: int | None
) -> None:
    connection.execute(
        sa.insert(FileRow).values(
            collection_id=collection_id,
            path=state.path,
            size=state.size,
            mtime_ns=state.mtime_ns,
            sha256=state.sha256,
            document_id=document_id,
            cause=state.cause,
            remedy=state.remedy,
            container=state.container,
            sidecars=state.sidecars,
        )
    )


def page_values(document_id: int, page: Page) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "blocks": zlib.compress(msgspec.json.encode(page.blocks), 6),
        "ocr_engine": page.recognition and page.recognition.engine,
        "ocr_confidence": page.recognition and page.recognition.confidence,
        "ocr_angle": page.recognition and page.recognition.angle,
    }


def page(row: Row[Any]) -> Page:
    """A page with its blocks; figures and rasters are not kept."""
    return Page(
        number=row.number,
        width=row.width,
        height=row.height,
        blocks=msgspec.json.decode(zlib.decompress(row.blocks), type=tuple[Block, ...]),
        recognition=recognition(row),
    )


def name_words(document: Document) -> str:
    """File and title words of a document, for finding pictures by name."""
    stem = Path(document.path).stem
    # A member's container is its folder.
    folder = Path(document.path).parent.name.removesuffix("!")
    separated = f"{folder} {stem}".replace("_", " ").replace("-", " ")
    return f"{separated} {document.title}" if document.title != stem else separated
