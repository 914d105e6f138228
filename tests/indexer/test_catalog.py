import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.domain import Block, BoundingBox, Chunk, Crop, Document, Page, Recognition, Span
from indexer.errors import CatalogTooNew, CatalogUnavailable, NotFound, SpaceMismatch
from indexer.settings import StoreSettings
from indexer.store.catalog import Catalog
from indexer.store.records import Collection, Embedded, FileState, JobProgress, NewDocument
from tests.fakes import ColourEncoder, HashEncoder
from tests.indexer.older import back_to_0003

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
    chunk_vectors = (TEXT.encode_passages(texts), CLIP.encode_texts(texts))
    crop = Crop(ordinal=0, page_number=1, kind="photo", box=BOX, caption="barn")
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
        file=FileState(
            path=f"/files/{name}.txt", size=3, mtime_ns=5, sha256=name * 8, indexed=True
        ),
        pages=[
            Page(number=1, width=1, height=2, blocks=(Block(kind="paragraph", text="whole page"),)),
        ],
        chunks=[
            Embedded(chunk, tuple(vectors[number].tobytes() for vectors in chunk_vectors))
            for number, chunk in enumerate(chunks)
        ],
        crops=[Embedded(crop, (packed(1, 0, 0, 0), packed(1, 0, 0)))],
        chunk_spaces=(TEXT.space, CLIP.space),
        crop_spaces=(CLIP.space, CLIP.image_space),
    )


def packed(*values: float) -> bytes:
    return np.array(values, "<f4").tobytes()


def chunk_ids(catalog: Catalog) -> list[int]:
    return [int(item) for item in catalog.snapshot(TEXT.space, "chunk")[1]]


def test_document_comes_back_as_it_went_in(catalog: Catalog, collection: Collection) -> None:
    new = document("notes", "The barn is red.", "The lake is deep.")
    catalog.add_document(collection, new)
    stored = catalog.document(new.document.id)
    assert stored.document == new.document
    chunks = catalog.chunks(chunk_ids(catalog))
    assert [item.chunk for item in chunks.values()] == [entry.item for entry in new.chunks]
    crops = catalog.crops_of(stored.id)
    assert [item.crop for item in crops] == [entry.item for entry in new.crops]
    assert catalog.page(stored.id, 1) == next(iter(new.pages))


def test_vectors_come_back_bit_for_bit(catalog: Catalog, collection: Collection) -> None:
    new = document("notes", "The barn is red.")
    catalog.add_document(collection, new)
    ids, vectors = catalog.vectors(TEXT.space, "chunk", chunk_ids(catalog))
    assert len(ids) == 1
    np.testing.assert_array_equal(vectors, TEXT.encode_passages(["The barn is red."]))


def test_failed_insert_leaves_nothing_behind(catalog: Catalog, collection: Collection) -> None:
    new = document("notes", "The barn is red.", "More.")
    first, second = new.chunks
    broken = [first, replace(second, vectors=second.vectors[:1])]
    before = catalog.generation()
    with pytest.raises(ValueError, match="a chunk needs vectors"):
        catalog.add_document(collection, replace(new, chunks=broken))
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
    catalog.add_document(
        collection, replace(changed, document=replace(changed.document, id="changed"))
    )
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
    catalog.remove_files(collection, [new.document.path])
    assert catalog.document(new.document.id).document.path == "/files/copy.txt"
    catalog.remove_files(collection, ["/files/copy.txt"])
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
    assert not catalog.replace_collection(collection, successor, {})
    assert catalog.replace_collection(collection, successor, catalog.files(collection))
    (left,) = catalog.collections()
    assert (left.id, left.name, left.text_space) == (successor.id, "main", newer.space)
    assert catalog.counts().documents == 0
    assert catalog.check() == []


def test_a_document_read_anew_keeps_all_its_paths(catalog: Catalog, collection: Collection) -> None:
    new = document("notes", "The barn is red.")
    catalog.add_document(collection, new)
    copy = replace(new.file, path="/files/copy.txt")
    assert catalog.link_file(collection, copy)
    old = chunk_ids(catalog)
    again = document("notes", "The barn is red.", "Seen from the lake.")
    catalog.add_document(collection, replace(again, anew=True))
    stored = catalog.document(new.document.id)
    assert (stored.document.path, stored.copies) == ("/files/copy.txt", ("/files/notes.txt",))
    assert len(chunk_ids(catalog)) == 2
    assert not set(old) & set(chunk_ids(catalog))
    assert catalog.check() == []


def test_coordinates_are_stored_but_not_among_the_details(
    catalog: Catalog, collection: Collection, path: Path
) -> None:
    new = document("notes", "The barn is red.")
    details = {"latitude": "48.85", "longitude": "2.35", "date_taken": "2019-07-14T18:05:00"}
    catalog.add_document(collection, replace(new, document=replace(new.document, metadata=details)))
    stored = catalog.document(new.document.id).document
    assert stored.metadata == {"date_taken": "2019-07-14T18:05:00"}
    with sqlite3.connect(path) as connection:
        row = connection.execute("SELECT latitude, longitude, taken_at FROM document").fetchone()
    assert row == (48.85, 2.35, "2019-07-14T18:05:00")
    connection.close()


def test_a_scanned_page_says_how_it_was_read(catalog: Catalog, collection: Collection) -> None:
    new = document("notes", "The barn is red.")
    (page,) = new.pages
    read = Recognition(engine="tesseract eng", confidence=0.87, angle=90.0)
    catalog.add_document(collection, replace(new, pages=[replace(page, recognition=read)]))
    (stored,) = catalog.chunks(chunk_ids(catalog)).values()
    assert stored.recognition == read
    assert catalog.page(stored.owner.id, 1).recognition == read


def test_a_running_job_tells_how_far_it_is(catalog: Catalog, collection: Collection) -> None:
    before = catalog.generation()
    job = catalog.start_job(collection, total=9)
    progress = JobProgress(total=9, done=4, pages=40, chunks=90, crops=3, current="/files/a.pdf")
    catalog.update_job(job, progress)
    (running,) = catalog.running_jobs()
    assert (running.collection, running.progress) == ("main", progress)
    catalog.finish_job(job, "done", indexed=9, unchanged=0)
    assert catalog.running_jobs() == []
    assert catalog.generation() == before


def test_old_documents_get_their_day_and_the_words_of_place_and_camera(path: Path) -> None:
    catalog = Catalog(path, StoreSettings())
    collection = catalog.ensure_collection("main", TEXT, CLIP, encoders=("fake", "fake"))
    facts = {
        "photo": {"date_taken": "2019-07-14T12:00:00", "place": "Orléans", "place_ru": "Орёл",
                  "camera": "Canon EOS 5D"},
        "letter": {"date": "2021-03-05T23:59:00+03:00"},
        "report": {"created": "2013", "modified": "2020-02-30"},
        "note": {},
    }  # fmt: skip
    for name, metadata in facts.items():
        new = document(name, "text")
        described = replace(new.document, metadata=metadata)
        catalog.add_document(collection, replace(new, document=described))
    catalog.close()
    columns = "SELECT title, dated, place_words, camera_words FROM document ORDER BY id"
    with closing(sqlite3.connect(path)) as database:
        written = database.execute(columns).fetchall()
        back_to_0003(database)
        database.execute("DROP INDEX ix_document_dated")
        for column in ("dated", "place_words", "camera_words"):
            database.execute(f"ALTER TABLE document DROP COLUMN {column}")
        database.execute("UPDATE alembic_version SET version_num = '0002'")
        database.commit()
    Catalog(path, StoreSettings()).close()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute(columns).fetchall() == written
    assert written == [
        ("photo", "2019-07-14", " orleans орел ", " canon eos 5d "),
        ("letter", "2021-03-05", None, None),
        ("report", "2013-01-01", None, None),
        ("note", None, None, None),
    ]
