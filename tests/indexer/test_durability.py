"""Nothing that was acknowledged is ever lost, and a run that was cut off is made good."""

import errno
import os
import shutil
import sqlite3
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from PIL import Image
from sqlalchemy.exc import OperationalError

from indexer import readahead
from indexer.domain import ParsedDocument
from indexer.errors import (
    CatalogUnavailable,
    InvalidInput,
    NotFound,
    OutOfResources,
    ParserUnavailable,
    SightlineError,
)
from indexer.library import Library
from indexer.parsers.sandbox import ParserProcess
from indexer.pipeline import index_paths, reembed
from indexer.settings import EncoderSettings, IndexerSettings
from indexer.store.vectors.flat import FlatIndex
from retriever.domain import Query
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings
from tests.durability import audit
from tests.durability.cycle import Killer
from tests.durability.quick import ParserHere
from tests.fakes import ColourEncoder, HashEncoder

# Struck one after the other, in one library that lives through them all.
KILLED_AT = (
    "before a commit",
    "words of passages written",
    "document written, path not",
    "after a document",
    "between members",
    "container written, old members there",
    "while files are removed",
    "before photos are grouped",
    "half an index file",
    "index file there, manifest not",
    "while reembedded takes over",
    "while an old catalogue is upgraded",
)


@pytest.fixture(autouse=True)
def parser_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of these tests are not about the process that reads files."""
    monkeypatch.setattr(readahead, "ParserProcess", ParserHere)


def test_a_kill_at_a_named_point_loses_nothing(tmp_path: Path) -> None:
    killer = Killer(tmp_path, seed=3, quick=True)
    for number, point in enumerate(KILLED_AT, 1):
        outcome = killer.cycle(number, point, compare=number % 6 == 0)
        assert outcome.struck, point
        assert outcome.problems == [], point
        assert outcome.acknowledged > 0


def pack(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def cut_off(monkeypatch: pytest.MonkeyPatch, library: Library, method: str, paths: Path) -> None:
    """Index, with Ctrl-C in place of a call of the catalogue."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(library.catalog, method, interrupt)
        assert index_paths(library, [paths], "main").interrupted


def test_members_that_left_their_container_before_a_run_was_cut_off_leave_with_the_next(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = pack(archive / "box.zip", {"old.txt": "The old gate.", "kept.txt": "The well."})
    index_paths(library, [archive], "main")
    pack(box, {"kept.txt": "The well.", "new.txt": "The new gate."})
    cut_off(monkeypatch, library, "remove_files", archive)
    assert f"{box}!/old.txt" in audit.states(library.settings.home)["main"]
    report = index_paths(library, [archive], "main")
    assert report.removed == (f"{box}!/old.txt",)
    assert f"{box}!/kept.txt" in audit.states(library.settings.home)["main"]


def test_photos_are_grouped_after_a_run_that_was_cut_off_before_that(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_paths(library, [archive], "main")
    noise = np.random.default_rng(7).integers(0, 255, (6, 8, 3), np.uint8)
    picture = Image.fromarray(noise).resize((320, 240), Image.Resampling.BICUBIC)
    picture.save(archive / "meadow.png")
    picture.resize((300, 225)).save(archive / "meadow small.jpg")
    cut_off(monkeypatch, library, "set_groups", archive)
    assert library.catalog.duplicates(None) == []
    assert index_paths(library, [archive], "main").indexed == ()
    names = [Path(each.document.path).name for each in library.catalog.duplicates(None)]
    assert names == ["meadow small.jpg", "meadow.png"]
    assert index_paths(library, [archive], "main").unchanged == 7


def test_indexes_are_saved_after_a_run_that_was_cut_off_before_that(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(library.indexes, "save", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        assert index_paths(library, [archive], "main").interrupted
    assert not library.settings.index_folder.exists()
    index_paths(library, [archive], "main")
    assert len(list(library.settings.index_folder.glob("*.index"))) == 4


@pytest.mark.parametrize("inside", [False, True])
def test_content_that_moves_on_while_its_old_path_gets_new_content_is_kept(
    library: Library, archive: Path, inside: bool
) -> None:
    diary = archive / "diary.txt"
    diary.write_text("Monday: the roof was tarred.")
    index_paths(library, [archive], "main")
    if inside:
        later = archive / "z.zip"
        pack(later, {"diary.txt": diary.read_text()})
    else:
        later = archive / "diary.txt.old.txt"
        shutil.copy(diary, later)
    diary.write_text("Tuesday: the gutters were cleaned.")
    report = index_paths(library, [archive], "main")
    assert set(report.indexed) >= {str(diary), str(later)}
    collection = library.catalog.collection("main")
    for word in ("tar", "gutter"):
        assert library.catalog.lexical_search("chunk", [word], 5, [collection])
    assert all(audit.states(library.settings.home)["main"].values())
    assert audit.structure(library.settings.home) == []


def test_a_file_that_is_back_when_a_run_ends_stays(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_paths(library, [archive], "main")
    aside = archive.parent / "garden.txt"
    (archive / "garden.txt").rename(aside)
    (archive / "new.txt").write_text("The new gate.")
    real = library.catalog.add_document

    def brought_back(*arguments: object) -> None:
        aside.rename(archive / "garden.txt")
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(library.catalog, "add_document", brought_back)
    assert index_paths(library, [archive], "main").removed == ()
    assert str(archive / "garden.txt") in audit.states(library.settings.home)["main"]


def with_revision(settings: IndexerSettings, revision: str, named: str) -> Library:
    wanted = replace(settings, encoder=EncoderSettings(text=named))
    return Library(
        wanted,
        load_text=lambda _: HashEncoder(revision=revision),
        load_clip=lambda _: ColourEncoder(),
    )


def begin_to_reembed(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reembed, with Ctrl-C when all is read and nothing swapped."""
    with monkeypatch.context() as patched:
        patched.setattr(
            library.catalog, "set_groups", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        assert reembed(library, "main").interrupted


def test_reembedding_goes_on_without_the_files_that_were_removed_meanwhile(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_paths(library, [archive], "main")
    begin_to_reembed(library, monkeypatch)
    (archive / "garden.txt").unlink()
    index_paths(library, [archive], "main")
    reembed(library, "main")
    held = audit.states(library.settings.home)
    assert set(held) == {"main"}
    assert set(held["main"]) == {str(path) for path in archive.iterdir()}
    assert audit.structure(library.settings.home) == []


def test_reembedding_that_was_cut_off_may_go_on_with_other_encoders(
    settings: IndexerSettings, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with with_revision(settings, "1", "auto") as library:
        index_paths(library, [archive], "main")
    with with_revision(settings, "2", "packaged") as library:
        begin_to_reembed(library, monkeypatch)
    with with_revision(settings, "3", "packaged") as library:
        reembed(library, "main")
        (collection,) = library.catalog.collections()
        assert (collection.name, collection.text_space.revision) == ("main", "3")
        assert library.catalog.counts().documents == 5


def test_what_is_indexed_while_reembedding_is_not_lost(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_paths(library, [archive], "main")
    real = library.catalog.replace_collection
    late = archive / "late.txt"

    def meanwhile(*arguments: object) -> bool:
        if not late.exists():
            late.write_text("The late gate.")
            index_paths(library, [archive], "main")
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(library.catalog, "replace_collection", meanwhile)
    assert len(reembed(library, "main").indexed) == 6
    assert str(late) in audit.states(library.settings.home)["main"]


def test_a_collection_whose_files_are_away_is_not_reembedded(
    library: Library, archive: Path
) -> None:
    index_paths(library, [archive], "main")
    (archive / "barn.png").rename(archive.parent / "barn.png")
    with pytest.raises(InvalidInput, match=r"1 of its files are not there, such as .*barn\.png"):
        reembed(library, "main")
    assert library.catalog.counts().documents == 5


def test_a_document_is_found_once_while_its_collection_is_reembedded(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_paths(library, [archive], "main")
    begin_to_reembed(library, monkeypatch)
    assert len(library.catalog.collections()) == 2
    engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
    hits = engine.search(Query(text="apple trees planted", limit=50)).hits
    passages = [hit.text for hit in hits if hit.key.kind == "chunk"]
    assert len(passages) == len(set(passages)) > 0


def test_a_run_ends_in_one_line_when_its_collection_is_replaced_meanwhile(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_paths(library, [archive], "main")
    (archive / "new.txt").write_text("The new gate.")
    real = library.catalog.add_document

    def swap(*arguments: object) -> None:
        monkeypatch.undo()
        reembed(library, "main")
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(library.catalog, "add_document", swap)
    with pytest.raises(NotFound, match="run the same command again"):
        index_paths(library, [archive], "main")
    index_paths(library, [archive], "main")
    assert library.catalog.counts().documents == 6


def found_by_name(library: Library, word: str) -> list[str]:
    collection = library.catalog.collection("main")
    catalog = library.catalog
    chunks = catalog.chunks(
        [i for i, _ in catalog.lexical_search("chunk", [word], 9, [collection])]
    )
    crops = catalog.crops([i for i, _ in catalog.lexical_search("crop", [word], 9, [collection])])
    owners = [stored.owner.document for stored in (*chunks.values(), *crops.values())]
    return sorted({f"{Path(each.path).name}: {each.title}" for each in owners})


def test_a_renamed_file_goes_by_its_new_name_and_not_by_its_old_one(
    library: Library, archive: Path
) -> None:
    (archive / "barn.png").rename(archive / "scan.png")
    index_paths(library, [archive], "main")
    (archive / "scan.png").rename(archive / "grandmother.png")
    (archive / "garden.txt").rename(archive / "orchard.txt")
    index_paths(library, [archive], "main")
    assert found_by_name(library, "grandmoth") == ["grandmother.png: grandmother"]
    assert found_by_name(library, "orchard") == ["orchard.txt: orchard"]
    assert found_by_name(library, "scan") == found_by_name(library, "garden") == []
    assert audit.structure(library.settings.home) == []


def test_copies_go_by_the_first_of_their_paths_whichever_came_first(
    library: Library, archive: Path
) -> None:
    index_paths(library, [archive], "main")
    shutil.copy(archive / "garden.txt", archive / "aviary.txt")
    index_paths(library, [archive], "main")
    assert found_by_name(library, "appl") == ["aviary.txt: aviary"]
    (archive / "aviary.txt").unlink()
    index_paths(library, [archive], "main")
    assert found_by_name(library, "appl") == ["garden.txt: garden"]
    (archive / "boiler.md").rename(archive / "zebra.md")
    index_paths(library, [archive], "main")
    assert found_by_name(library, "zebra") == []
    assert found_by_name(library, "pressur") == ["zebra.md: Boiler"]


def test_a_caption_that_was_taken_away_is_not_found_any_more(
    library: Library, archive: Path
) -> None:
    caption = archive / "barn.png.txt"
    caption.write_text("The pigeon loft.")
    index_paths(library, [archive], "main")
    assert "barn.png: barn" in found_by_name(library, "pigeon")
    caption.unlink()
    index_paths(library, [archive], "main")
    assert found_by_name(library, "pigeon") == []
    assert found_by_name(library, "barn") == ["barn.png: barn"]


def out_of_resources(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the parser find no room for members whose names end so."""
    real = ParserHere.parse

    def parse(self: ParserHere, path: Path, members: tuple[str, ...] = ()) -> ParsedDocument:
        if (members[-1] if members else path.name).endswith(name):
            raise OutOfResources(path, cause="no room", remedy="free some disk space")
        return real(self, path, members)

    monkeypatch.setattr(ParserHere, "parse", parse)


def test_what_the_machine_had_no_room_for_is_tried_again_by_the_next_run(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = pack(archive / "box.zip", {"a.txt": "The gate.", "b.txt": "The well."})
    with monkeypatch.context() as patched:
        out_of_resources(patched, "b.txt")
        report = index_paths(library, [archive], "main")
    assert [state.path for state in report.failed] == [f"{box}!/b.txt"]
    assert str(box) not in report.indexed
    assert library.catalog.failures() == []
    report = index_paths(library, [archive], "main")
    assert report.failed == ()
    assert {f"{box}!/b.txt", str(box)} <= set(report.indexed)


def test_a_changed_file_that_the_machine_had_no_room_for_keeps_its_document(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_paths(library, [archive], "main")
    (archive / "garden.txt").write_text("The pear trees were planted in 1990.\n")
    with monkeypatch.context() as patched:
        out_of_resources(patched, "garden.txt")
        assert len(index_paths(library, [archive], "main").failed) == 1
    assert found_by_name(library, "appl") == ["garden.txt: garden"]
    index_paths(library, [archive], "main")
    assert found_by_name(library, "appl") == []
    assert found_by_name(library, "pear") == ["garden.txt: garden"]


def test_a_file_that_cannot_be_opened_today_keeps_its_document_and_its_members(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = pack(archive / "box.zip", {"a.txt": "The gate."})
    index_paths(library, [archive], "main")
    for path in (box, archive / "garden.txt"):
        os.utime(path, (1, 1))

    def refuse(path: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(readahead, "sha256_of", refuse)
        (archive / "new.txt").write_text("The lamp.")
        report = index_paths(library, [archive], "main")
    assert {state.cause for state in report.failed} == {"Permission denied"}
    assert report.removed == ()
    held = audit.states(library.settings.home)["main"]
    assert held[f"{box}!/a.txt"]
    assert held[str(archive / "garden.txt")]
    assert [state.path for state in library.catalog.failures()] == [str(archive / "new.txt")]
    assert index_paths(library, [archive], "main").failed == ()
    assert all(audit.states(library.settings.home)["main"].values())


def test_files_in_a_folder_that_cannot_be_listed_today_stay(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (archive / "old").mkdir()
    (archive / "garden.txt").rename(archive / "old" / "garden.txt")
    index_paths(library, [archive], "main")
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("old"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        report = index_paths(library, [archive], "main")
    assert report.removed == ()
    assert [state.path for state in report.failed] == [str(archive / "old")]
    assert library.catalog.counts().documents == 5
    report = index_paths(library, [archive], "main")
    assert report.removed == (str(archive / "old"),)
    assert library.catalog.failures() == []


def test_no_file_is_blamed_when_the_parser_does_not_start(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readahead, "ParserProcess", ParserProcess)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(ParserUnavailable, match="it did not start"):
            index_paths(library, [archive], "main")
    assert audit.states(library.settings.home)["main"] == {}
    assert len(index_paths(library, [archive], "main").indexed) == 5


def test_a_full_disk_is_one_line_with_a_remedy_wherever_it_is_met(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")

    def refuse(*_: object, **__: object) -> NoReturn:
        raise full

    monkeypatch.setattr(readahead, "ParserProcess", ParserProcess)
    places: list[tuple[object, str]] = [
        (FlatIndex, "save"),
        (tempfile.SpooledTemporaryFile, "write"),
        (tempfile, "mkdtemp"),
    ]
    for owner, name in places:
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, refuse)
            (archive / f"{name}.txt").write_text(f"The lamp of {name}.")
            with pytest.raises(SightlineError, match=r"No space left on device.*free some disk"):
                index_paths(library, [archive], "main")
        assert audit.structure(library.settings.home) == []
        assert index_paths(library, [archive], "main").failed == ()
    assert library.catalog.counts().documents == 8
    assert not list(library.settings.index_folder.glob("*.part"))


def test_a_catalogue_without_room_keeps_what_it_holds_and_goes_on_later(
    library: Library, archive: Path
) -> None:
    index_paths(library, [archive], "main")
    before = audit.states(library.settings.home)
    (archive / "long.txt").write_text("\n\n".join(f"The lamp {n}. " * 40 for n in range(500)))
    with library.catalog._database._writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 4}")
    with pytest.raises(CatalogUnavailable, match="free some disk space"):
        index_paths(library, [archive], "main")
    assert audit.states(library.settings.home) == before
    assert audit.structure(library.settings.home) == library.catalog.check() == []
    with library.catalog._database._writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert len(index_paths(library, [archive], "main").indexed) == 1


def test_an_input_output_error_on_a_full_disk_asks_for_room(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = OperationalError("INSERT", {}, sqlite3.OperationalError("disk I/O error"))
    full = shutil.disk_usage(library.settings.home)._replace(free=4096)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with (
        pytest.raises(CatalogUnavailable, match=r"disk I/O error; free some disk space"),
        library.catalog._database.errors(),
    ):
        raise failed


def test_an_upload_is_on_the_disk_before_it_is_acknowledged(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.add(os.fstat(fd).st_ino), real(fd)))
    source = tmp_path / "letter.txt"
    source.write_text("Dear Ada")
    kept = library.keep_upload("letter.txt", source)
    wanted = [kept, *list(kept.parents)[:4]]
    assert {path.stat().st_ino for path in wanted} <= synced
    assert wanted[-1] == library.settings.home
