import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexer.domain import Block, BoundingBox, Chunk, Crop, Document, Page, Span
from indexer.errors import CatalogTooNew, CatalogUnavailable, NotFound, SpaceMismatch
from indexer.settings import StoreSettings
from indexer.store.catalog import Catalog
from indexer.store.records import Collection, FileState, NewDocument
from tests.fakes import ColourEncoder, HashEncoder

TEXT, CLIP = HashEncoder(), ColourEncoder()
BOX = BoundingBox(x0=0.1, y0=0.2, x1=0.6, y1=0.3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    opened = Catalog(path, StoreSettings())
    yield opened
    opened.close()


@pytest.fixture
def collection(catalog: Catalog) -> Collection:
    return catalog.ensure_collection("main", TEXT, CLIP, encoders=("fake", "fake"))


def document(name: str, *texts: str) -> NewDocument:
    chunks = tuple(
        Chunk(
            ordinal=number,
            page_number=1,
            kind="paragraph",
            text=text,
            spans=(Span(start=0, end=len(text), box=BOX),),
            heading_path=("Top",),
            language="en",
        )
        for number, text in enumerate(texts)
    )
    return NewDocument(
        document=Document(
            id=name * 8,
            path=f"/files/{name}.txt",
            title=name,
            media_type="text/plain",
            size=3,
            page_count=1,
            metadata={"author": "Ada"},
            warnings=("one page has no text",),
        ),
        mtime_ns=5,
        pages=(
            Page(number=1, width=1, height=2, blocks=(Block(kind="paragraph", text="whole page"),)),
        ),
        chunks=chunks,
        crops=(Crop(ordinal=0, page_number=1, kind="photo", box=BOX, caption="barn"),),
        chunk_vectors={
            TEXT.space: TEXT.encode_passages(texts),
            CLIP.space: CLIP.encode_texts(texts),
        },
        crop_vectors={
            CLIP.space: np.array([[1, 0, 0, 0]], np.float32),
            CLIP.image_space: np.array([[1, 0, 0]], np.float32),
        },
    )


def chunk_ids(catalog: Catalog) -> list[int]:
    return [int(item) for item in catalog.snapshot(TEXT.space, "chunk")[1]]


def test_document_comes_back_as_it_went_in(catalog: Catalog, collection: Collection) -> None:
    new = document("notes", "The barn is red.", "The lake is deep.")
    catalog.add_document(collection, new)
    stored = catalog.document(new.document.id)
    assert stored.document == new.document
    chunks = catalog.chunks(chunk_ids(catalog))
    assert tuple(item.chunk for item in chunks.values()) == new.chunks
    assert [item.crop for item in catalog.crops_of(stored.id)] == list(new.crops)
    assert catalog.page(stored.id, 1) == new.pages[0]


def test_vectors_come_back_bit_for_bit(catalog: Catalog, collection: Collection) -> None:
    new = document("notes", "The barn is red.")
    catalog.add_document(collection, new)
    ids, vectors = catalog.vectors(TEXT.space, "chunk", chunk_ids(catalog))
    assert len(ids) == 1
    np.testing.assert_array_equal(vectors, new.chunk_vectors[TEXT.space])


def test_failed_insert_leaves_nothing_behind(catalog: Catalog, collection: Collection) -> None:
    new = document("notes", "The barn is red.", "More.")
    broken = {TEXT.space: new.chunk_vectors[TEXT.space][:1]}
    before = catalog.generation()
    with pytest.raises(ValueError, match="2 chunks but 1 vectors"):
        catalog.add_document(collection, NewDocument(**{**_fields(new), "chunk_vectors": broken}))
    assert catalog.counts().documents == 0
    assert catalog.counts().chunks == 0
    assert catalog.lexical_search("chunk", ["barn"], 5, [collection]) == []
    assert catalog.generation() == before


def test_changed_file_replaces_its_document_and_ids_are_never_reused(
    catalog: Catalog, collection: Collection
) -> None:
    catalog.add_document(collection, document("notes", "The barn is red."))
    old = chunk_ids(catalog)
    changed = document("notes", "The barn is green.")
    changed = NewDocument(**{**_fields(changed), "document": _with_id(changed.document, "changed")})
    catalog.add_document(collection, changed)
    assert catalog.counts().documents == 1
    assert not set(old) & set(chunk_ids(catalog))
    assert catalog.lexical_search("chunk", ["red"], 5, [collection]) == []
    assert len(catalog.lexical_search("chunk", ["green"], 5, [collection])) == 1


def test_identical_files_share_a_document_that_leaves_with_the_last(
    catalog: Catalog, collection: Collection
) -> None:
    new = document("notes", "The barn is red.")
    catalog.add_document(collection, new)
    copy = FileState(
        path="/files/copy.txt", size=3, mtime_ns=5, sha256=new.document.id, indexed=True
    )
    assert catalog.link_file(collection, copy)
    assert catalog.counts().documents == 1
    catalog.remove_file(collection, new.document.path)
    assert catalog.document(new.document.id).document.path == "/files/copy.txt"
    catalog.remove_file(collection, "/files/copy.txt")
    with pytest.raises(NotFound):
        catalog.document(new.document.id)
    assert catalog.check() == []


def test_failure_keeps_cause_and_remedy_until_the_file_is_readable(
    catalog: Catalog, collection: Collection
) -> None:
    state = FileState(
        path="/files/notes.txt",
        size=3,
        mtime_ns=5,
        sha256="",
        indexed=False,
        cause="damaged",
        remedy="export it again",
    )
    catalog.record_failure(collection, state)
    assert catalog.failures() == [state]
    catalog.add_document(collection, document("notes", "The barn is red."))
    assert catalog.failures() == []


def test_lexical_search_finds_every_form_of_a_russian_word(
    catalog: Catalog, collection: Collection
) -> None:
    catalog.add_document(collection, document("дача", "Глубина колодца семь метров."))
    assert catalog.lexical_search("chunk", ["колодец", "колодц"], 5, [collection])


def test_query_syntax_in_a_stem_is_plain_text(catalog: Catalog, collection: Collection) -> None:
    catalog.add_document(collection, document("notes", "The barn is red."))
    assert catalog.lexical_search("chunk", ['" OR barn NEAR(', "stems:barn"], 5, [collection]) == []


def test_search_keeps_to_its_collections(catalog: Catalog, collection: Collection) -> None:
    other = catalog.ensure_collection("other", TEXT, CLIP, encoders=("fake", "fake"))
    catalog.add_document(collection, document("notes", "The barn is red."))
    assert catalog.lexical_search("chunk", ["barn"], 5, [other]) == []
    assert len(catalog.item_ids(TEXT.space, "chunk", [other])) == 0
    assert len(catalog.item_ids(TEXT.space, "chunk", [collection])) == 1


def test_collection_refuses_other_encoders_and_names_the_command(
    catalog: Catalog, collection: Collection
) -> None:
    with pytest.raises(SpaceMismatch, match="sightline reembed 'main'"):
        catalog.ensure_collection("main", HashEncoder(revision="2"), CLIP, encoders=("x", "y"))


def test_newer_catalogue_is_refused_in_one_line_and_left_alone(
    catalog: Catalog, collection: Collection, path: Path
) -> None:
    catalog.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(CatalogTooNew) as refused:
        Catalog(path, StoreSettings())
    assert "\n" not in str(refused.value)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    connection.close()


def test_empty_old_catalogue_is_upgraded(path: Path) -> None:
    path.parent.mkdir()
    sqlite3.connect(path).close()
    opened = Catalog(path, StoreSettings())
    assert opened.counts().documents == 0
    opened.close()


def test_damaged_catalogue_is_one_line_with_a_remedy(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is not a database, " * 400)
    with pytest.raises(CatalogUnavailable, match="restore a backup") as refused:
        Catalog(path, StoreSettings())
    assert "\n" not in str(refused.value)


def test_database_is_durable_and_write_ahead(catalog: Catalog, path: Path) -> None:
    with catalog._database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_collection_is_swapped_in_one_step(catalog: Catalog, collection: Collection) -> None:
    catalog.add_document(collection, document("notes", "The barn is red."))
    newer = HashEncoder(revision="2")
    successor = catalog.ensure_collection("next", newer, CLIP, encoders=("fake", "fake"))
    catalog.replace_collection("main", "next")
    (left,) = catalog.collections()
    assert (left.id, left.name, left.text_space) == (successor.id, "main", newer.space)
    assert catalog.counts().documents == 0
    assert catalog.check() == []


def _fields(new: NewDocument) -> dict[str, object]:
    return {name: getattr(new, name) for name in new.__dataclass_fields__}


def _with_id(old: Document, name: str) -> Document:
    return Document(**{**{f: getattr(old, f) for f in old.__dataclass_fields__}, "id": name * 8})
