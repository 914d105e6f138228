"""What was read from every file, as lines of JSON: one document a line.

The schema is in the README. Where a photo was taken is left out: an export is easily passed on.
"""

import base64
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from indexer.care import Tell, disk_errors, silence
from indexer.domain import BoundingBox, Chunk, Crop, Page
from indexer.errors import InvalidInput
from indexer.library import Library
from indexer.store.export import ExportedDocument, Vectors, read_all

FORMAT = 1


def export(
    library: Library,
    target: IO[bytes],
    collection_name: str | None = None,
    *,
    vectors: bool = False,
    tell: Tell = silence,
) -> int:
    """Write every document of one collection, or of all when None; how many.

    Memory is bounded whatever a document's length. NotFound for an unknown collection.
    """
    catalog = library.catalog
    collection = None if collection_name is None else catalog.collection(collection_name)
    total = catalog.counts(collection).documents
    settings = library.settings
    done = 0
    for done, document in enumerate(
        read_all(settings.catalog_path, settings.store, collection, vectors=vectors), 1
    ):
        for part in _line(document):
            target.write(part)
        tell("exporting", done, total)
    return done


@contextmanager
def export_file(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A file that gets its name when it is whole. InvalidInput for one that exists."""
    if path.is_dir() or (path.exists() and not force):
        raise InvalidInput(
            path, cause="it exists", remedy="choose another name, or add --force to replace it"
        )
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with disk_errors(path):
        try:
            with part.open("wb") as target:
                yield target
                target.flush()
                os.fsync(target.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _line(document: ExportedDocument) -> Iterator[bytes]:
    """The pieces of one line, none longer than a page of the document."""
    stored = document.stored
    head = {
        "format": FORMAT,
        "collection": stored.collection,
        "id": stored.document.id,
        "path": stored.document.path,
        "copies": stored.copies,
        "title": stored.document.title,
        "type": stored.document.media_type,
        "size": stored.document.size,
        "page_count": stored.document.page_count,
        "metadata": stored.document.metadata,
        "warnings": stored.document.warnings,
    }
    yield msgspec.json.encode(head)[:-1]
    yield from _list("pages", map(_page, document.pages))
    yield from _list("chunks", (_chunk(chunk, found) for chunk, found in document.chunks))
    yield from _list("crops", (_crop(crop, found) for crop, found in document.crops))
    yield b"}\n"


def _list(name: str, values: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    yield f',"{name}":['.encode()
    separator = b""
    for value in values:
        yield separator + msgspec.json.encode(value)
        separator = b","
    yield b"]"


def _page(page: Page) -> dict[str, Any]:
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "text": "\n".join(block.text for block in page.blocks),
        "recognition": page.recognition,
    }


def _chunk(chunk: Chunk, vectors: Vectors) -> dict[str, Any]:
    return {
        "ordinal": chunk.ordinal,
        "page": chunk.page_number,
        "kind": chunk.kind,
        "language": chunk.language,
        "headings": chunk.heading_path,
        "text": chunk.text,
        "spans": [(span.start, span.end, _edges(span.box)) for span in chunk.spans],
        **_vectors(vectors),
    }


def _crop(crop: Crop, vectors: Vectors) -> dict[str, Any]:
    return {
        "ordinal": crop.ordinal,
        "page": crop.page_number,
        "kind": crop.kind,
        "box": _edges(crop.box),
        "caption": crop.caption,
        **_vectors(vectors),
    }


def _edges(box: BoundingBox) -> tuple[float, ...]:
    return tuple(round(edge, 6) for edge in box.as_tuple())


def _vectors(vectors: Vectors) -> dict[str, Any]:
    if not vectors:
        return {}
    return {
        "vectors": {
            space.name: base64.b64encode(vector).decode() for space, vector in vectors.items()
        }
    }
