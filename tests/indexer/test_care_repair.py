import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from indexer.care.leftovers import Leftovers
from indexer.care.repair import Condition, examine, repair
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings
from indexer.store.upkeep import Ailments
from tests.indexer.care import fill, open_library, search, state_of

SOUND = Condition()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with open_library(tmp_path / "home") as library:
        fill(library, tmp_path / "notes", "The barn is red.", "The lake is deep.", "Колодец.")
        library.indexes.save(library.catalog.collections())
    return tmp_path / "home"


def run(home: Path, *statements: str, values: tuple[object, ...] = ()) -> None:
    """Change the catalogue behind its own back."""
    with closing(sqlite3.connect(home / "catalog.sqlite")) as connection, connection:
        for statement in statements:
            connection.execute(statement, values)


def words_of(home: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / "catalog.sqlite")) as connection:
        return [
            row
            for kind in ("chunk", "crop")
            for row in connection.execute(
                f"SELECT rowid, stems, context FROM {kind}_text ORDER BY 1"
            )
        ]


def test_a_sound_home_is_left_as_it_is(home: Path) -> None:
    with open_library(home) as library:
        generation = library.catalog.generation()
        assert examine(library) == SOUND
        assert repair(library) == []
        assert library.catalog.generation() == generation


@pytest.mark.parametrize(
    ("damage", "found", "done"),
    [
        (
            "DELETE FROM document WHERE id = 2",
            Ailments(dangling=4),
            "rows that lacked their other half",
        ),
        (
            "DELETE FROM file WHERE document_id = 2",
            Ailments(unreachable=1),
            "removed 1 documents that belonged to no file",
        ),
        (
            "DELETE FROM page WHERE document_id = 2",
            Ailments(incomplete=1),
            "marked 1 incomplete documents",
        ),
        (
            "DELETE FROM embedding WHERE chunk_id = 2 AND space_id = 1",
            Ailments(incomplete=1),
            "marked 1 incomplete documents",
        ),
        (
            "DELETE FROM embedding WHERE crop_id = 3",
            Ailments(incomplete=1),
            "marked 1 incomplete documents",
        ),
        (
            "UPDATE embedding SET vector = x'00000000' WHERE chunk_id = 2 AND space_id = 1",
            Ailments(false_vectors=1),
            "removed 1 damaged vectors",
        ),
        (
            "DELETE FROM chunk_text WHERE rowid = 2",
            Ailments(misworded=1),
            "full text of passages: 1 entered, 0 removed",
        ),
        (
            "INSERT INTO crop_text (rowid, stems, context) VALUES (77, 'ghost', '')",
            Ailments(misworded=1),
            "full text of pictures: 0 entered, 1 removed",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_found_and_put_right(
    home: Path, damage: str, found: Ailments, done: str
) -> None:
    run(home, damage)
    with open_library(home) as library:
        assert examine(library).ailments == found
        lines = repair(library)
        assert any(done in line for line in lines)
        left = examine(library)
        # What cannot be derived from the catalogue waits for its file to be read.
        assert left.ailments == Ailments(incomplete=len(left.waiting))
        assert library.catalog.check() == [] or left.waiting
        assert [line for line in repair(library) if "marked" not in line] == []
        assert len(search(library, "barn lake")) >= 3


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_vectors_that_no_encoder_wrote_are_found(home: Path, value: float) -> None:
    vector = np.full(64, value, "<f4").tobytes()
    run(
        home,
        "UPDATE embedding SET vector = ? WHERE chunk_id = 1 AND space_id = 1",
        values=(vector,),
    )
    with open_library(home) as library:
        assert examine(library).ailments == Ailments(false_vectors=1)
        repair(library)
        assert examine(library).ailments == Ailments(incomplete=1)


def test_full_text_that_was_lost_is_made_anew_word_for_word(home: Path) -> None:
    before = words_of(home)
    assert len(before) == 6
    run(home, "DELETE FROM chunk_text", "DELETE FROM crop_text")
    with open_library(home) as library:
        repair(library)
    assert words_of(home) == before


def test_a_full_text_index_that_contradicts_its_words_is_built_anew(home: Path) -> None:
    run(home, "UPDATE chunk_text_content SET c0 = 'other words' WHERE id = 1")
    with open_library(home) as library:
        assert repair(library) == ["full text of passages: 0 entered, 0 removed, built anew"]
        assert repair(library) == []


def test_a_damaged_index_of_sqlite_is_built_anew(home: Path) -> None:
    """The pages of the index on document.sha256 get the content of zeros."""
    with closing(sqlite3.connect(home / "catalog.sqlite")) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_document_sha256'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray((home / "catalog.sqlite").read_bytes())
    start = (page - 1) * size
    # An empty leaf of an index: type 10, no cells, content from the end of the page.
    content[start : start + 8] = bytes([10, 0, 0, 0, 0]) + size.to_bytes(2, "big") + b"\0"
    (home / "catalog.sqlite").write_bytes(content)
    with open_library(home) as library:
        assert examine(library).damage
        assert "built the catalogue's own indexes anew" in repair(library)
        assert examine(library) == SOUND
        assert library.catalog.counts().documents == 3


def test_a_catalogue_beyond_repair_is_left_alone(home: Path) -> None:
    content = bytearray((home / "catalog.sqlite").read_bytes())
    with closing(sqlite3.connect(home / "catalog.sqlite")) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'chunk'"
        ).fetchone()
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    (home / "catalog.sqlite").write_bytes(content)
    with open_library(home) as library:
        assert examine(library).damage
        assert repair(library) == []
        assert examine(library).damage
    assert (home / "catalog.sqlite").read_bytes() == bytes(content)


def break_chunk(home: Path) -> None:
    run(home, "DELETE FROM embedding WHERE chunk_id = 1")


def break_photo(home: Path) -> None:
    run(home, "DELETE FROM embedding WHERE crop_id IN (SELECT id FROM crop WHERE kind = 'photo')")


def lose_document(home: Path) -> None:
    run(home, "DELETE FROM document WHERE id = (SELECT min(id) FROM document)")


@pytest.mark.parametrize("damage", [break_chunk, break_photo, lose_document])
def test_the_next_index_reads_what_is_incomplete_or_lost_again(
    settings: IndexerSettings, archive: Path, damage: Callable[[Path], None]
) -> None:
    with open_library(settings.home) as library:
        shutil.copy(archive / "barn.png", archive / "copy of barn.png")
        index_paths(library, [archive], "main")
        before = search(library, "boiler pressure apple")
        counts = library.catalog.counts()
        files = library.catalog.files(library.catalog.collection("main"))
    damage(settings.home)
    with open_library(settings.home) as library:
        assert repair(library)
        broken = examine(library)
        assert broken.ailments.incomplete == len(broken.waiting)
        assert broken.waiting or library.catalog.failures()[0].cause == "its document was lost"
        # A run over another folder is not disturbed by documents that wait.
        other = archive.parent / "other"
        other.mkdir()
        (other / "lamp.txt").write_text("A lamp.")
        index_paths(library, [other], "lamps")
        index_paths(library, [archive], "main")
        assert examine(library) == SOUND
        assert set(before) <= set(search(library, "boiler pressure apple"))
        assert library.catalog.counts(library.catalog.collection("main")) == counts
        assert library.catalog.files(library.catalog.collection("main")) == files
        assert index_paths(library, [archive], "main").unchanged == 6


def test_a_member_of_a_container_is_read_again(settings: IndexerSettings, tmp_path: Path) -> None:
    import zipfile

    folder = tmp_path / "boxes"
    folder.mkdir()
    with zipfile.ZipFile(folder / "box.zip", "w") as box:
        box.writestr("inner.txt", "The stove pipe was swept in October.")
    with open_library(settings.home) as library:
        index_paths(library, [folder], "main")
        assert len(search(library, "stove")) > 0
    run(settings.home, "DELETE FROM embedding WHERE chunk_id IS NOT NULL")
    with open_library(settings.home) as library:
        repair(library)
        assert examine(library).waiting
        index_paths(library, [folder], "main")
        assert examine(library) == SOUND


def test_a_killed_run_is_called_interrupted_once_nobody_else_is_there(home: Path) -> None:
    with open_library(home) as library:
        collection = library.catalog.collection("main")
        library.catalog.start_job(collection, total=5)
        with open_library(home) as beside:
            # Somebody else may be the one who runs it.
            assert examine(beside).silent_jobs == 0
            assert repair(beside) == []
        assert examine(library).silent_jobs == 1
        assert repair(library) == ["marked 1 runs as interrupted that had ended without a word"]
        assert library.catalog.running_jobs() == []


def test_a_run_that_says_nothing_for_long_is_called_interrupted_beside_others(home: Path) -> None:
    with open_library(home) as library, open_library(home):
        job = library.catalog.start_job(library.catalog.collection("main"), total=5)
        run(home, "UPDATE job SET updated_at = ? WHERE id = ?", values=(time.time() - 1000, job))
        assert examine(library).silent_jobs == 1


def make(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * 100)
    return path


@pytest.fixture
def litter(home: Path) -> list[Path]:
    """One of everything that may go."""
    gone, upload = "ab" * 32, "cd" * 32
    manifest = home / "index" / "chunk-0123456789abcdef.json"
    return [
        make(home / "index" / "chunk-x.index.123.part"),
        make(home / "index" / "chunk-x.index.damaged"),
        make(home / "uploads" / "cd" / upload / ".1-2.part"),
        make(home / "uploads" / "cd" / upload / "letter.txt"),
        make(home / "cache" / "thumbnails" / "ab" / f"{gone}-1-0.0000.jpg"),
        make(home / "cache" / "pages" / "ab" / f"{gone}-1-800.jpg"),
        make(home / "cache" / "members" / "ab" / gone / "letter.txt"),
        make(home / "cache" / "thumbnails" / "ab" / ".7-8.part"),
        make(home / "cache" / "queries" / "1-2-photo"),
        make(manifest.with_suffix(".index")),
        manifest,
    ]


@pytest.fixture
def treasure(home: Path) -> list[Path]:
    """What belongs to documents that are there."""
    with open_library(home) as library:
        sha256 = library.catalog.documents(None)[1][0].document.id
    return [
        make(home / "cache" / "thumbnails" / sha256[:2] / f"{sha256}-1-0.0000.jpg"),
        make(home / "cache" / "pages" / sha256[:2] / f"{sha256}-1-800.jpg"),
        make(home / "cache" / "members" / sha256[:2] / sha256 / "letter.txt"),
        *home.glob("uploads/*/*/записка.txt"),
        *(home / "index").glob("*-????????????????.json"),
    ]


def test_leftovers_go_and_everything_else_stays(
    home: Path, treasure: list[Path], litter: list[Path]
) -> None:
    litter[-1].write_text('{"space": "fake:gone@1/8", "kind": "chunk"}')
    with open_library(home) as library:
        assert set(examine(library).leftovers.all) == set(litter)
        lines = repair(library)
        assert [line.split(" (")[0] for line in lines] == [
            "removed 5 unfinished or damaged files",
            "removed 2 files of indexes that no collection uses",
            "removed 1 uploads that no document is about",
            "removed 3 pictures of documents that are gone",
        ]
        assert examine(library).leftovers == Leftovers()
    assert len(treasure) == 8
    assert all(path.exists() for path in treasure)
    assert not (home / "uploads" / "cd").exists()


def test_young_files_are_left_alone_while_somebody_else_is_there(
    home: Path, litter: list[Path]
) -> None:
    litter[-1].write_text('{"space": "fake:gone@1/8", "kind": "chunk"}')
    old, *young = litter
    os.utime(old, (time.time() - 7200,) * 2)
    with open_library(home) as library, open_library(home):
        assert examine(library).leftovers.all == (old,)
        repair(library)
    assert not old.exists()
    assert all(path.exists() for path in young)


def test_a_home_that_was_moved_finds_its_uploads_again(home: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    home.rename(moved)
    with open_library(moved) as library:
        condition = examine(library)
        assert (condition.moved, condition.leftovers.uploads) == (1, ())
        assert repair(library) == [
            f"found 1 uploads in this home that the catalogue had in {home}/uploads/"
        ]
        assert examine(library) == SOUND
        paths = library.catalog.files(library.catalog.collection("main"))
        (kept,) = (path for path in paths if path.endswith("записка.txt"))
        assert Path(kept).is_relative_to(moved)
        assert Path(kept).is_file()


def test_a_copied_home_leaves_the_uploads_of_the_first_in_their_place(
    home: Path, tmp_path: Path
) -> None:
    shutil.copytree(home, tmp_path / "copied")
    with open_library(tmp_path / "copied") as library:
        assert examine(library) == SOUND


def test_a_damaged_index_file_is_replaced_by_a_sound_one(home: Path) -> None:
    before = state_of(home)
    path = max((home / "index").glob("*.index"), key=lambda each: each.stat().st_size)
    path.write_bytes(path.read_bytes()[:-1])
    with open_library(home) as library:
        lines = repair(library)
        assert any("its checksum is wrong" in line for line in lines)
    assert not list((home / "index").glob("*.damaged"))
    with open_library(home) as library:
        assert library.indexes.verify(library.catalog.collections()) == []
    assert state_of(home) == before
