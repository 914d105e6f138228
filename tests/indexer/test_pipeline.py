import shutil
from pathlib import Path

import pytest

from indexer.domain import BoundingBox
from indexer.errors import InvalidInput, SpaceMismatch
from indexer.library import Library
from indexer.pipeline import Progress, index_paths, reembed
from indexer.settings import EncoderSettings, IndexerSettings
from tests.fakes import ColourEncoder, HashEncoder


def test_second_run_finds_nothing_to_do(
    library: Library, archive: Path, clip_encoder: ColourEncoder
) -> None:
    first = index_paths(library, [archive], "main")
    assert (len(first.indexed), first.unchanged, first.failed) == (5, 0, ())
    encoded = clip_encoder.pictures
    second = index_paths(library, [archive], "main")
    assert (second.indexed, second.unchanged, second.failed) == ((), 5, ())
    assert clip_encoder.pictures == encoded


def test_unreadable_file_is_listed_and_the_rest_goes_on(library: Library, archive: Path) -> None:
    (archive / "broken.pdf").write_bytes(b"%PDF-1.7\nnot really")
    (archive / "tool.exe").write_bytes(b"MZ\x00\x01")
    report = index_paths(library, [archive], "main")
    assert len(report.indexed) == 5
    assert {Path(state.path).name for state in report.failed} == {"broken.pdf", "tool.exe"}
    assert all(state.cause and state.remedy for state in report.failed)
    again = index_paths(library, [archive], "main")
    assert (again.indexed, again.failed, len(again.failed_before)) == ((), (), 2)


def test_failed_file_is_tried_again_when_asked_or_changed(library: Library, archive: Path) -> None:
    broken = archive / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    index_paths(library, [archive], "main")
    shutil.copy(archive / "barn.png", broken)
    report = index_paths(library, [archive], "main")
    assert [Path(path).name for path in report.indexed] == ["broken.png"]
    assert library.catalog.failures() == []


def test_changed_file_is_replaced_and_vanished_file_leaves(library: Library, archive: Path) -> None:
    index_paths(library, [archive], "main")
    (archive / "garden.txt").write_text("The pear trees were planted in 1990.\n")
    (archive / "дача.txt").unlink()
    report = index_paths(library, [archive], "main")
    assert [Path(path).name for path in report.indexed] == ["garden.txt"]
    assert [Path(path).name for path in report.removed] == ["дача.txt"]
    collection = library.catalog.collection("main")
    assert library.catalog.lexical_search("chunk", ["appl"], 5, [collection]) == []
    assert library.catalog.lexical_search("chunk", ["pear"], 5, [collection])
    assert library.catalog.counts().documents == 4


def test_identical_file_is_stored_once(
    library: Library, archive: Path, clip_encoder: ColourEncoder
) -> None:
    index_paths(library, [archive], "main")
    encoded = clip_encoder.pictures
    shutil.copy(archive / "barn.png", archive / "barn copy.png")
    report = index_paths(library, [archive], "main")
    assert len(report.indexed) == 1
    assert clip_encoder.pictures == encoded
    assert library.catalog.counts().documents == 5


def test_moved_photo_is_not_embedded_again(
    library: Library, archive: Path, clip_encoder: ColourEncoder
) -> None:
    index_paths(library, [archive], "main")
    encoded = clip_encoder.pictures
    (archive / "old").mkdir()
    (archive / "barn.png").rename(archive / "old" / "stable.png")
    index_paths(library, [archive], "main")
    assert clip_encoder.pictures == encoded
    assert library.catalog.counts().documents == 5


def test_hidden_files_and_links_are_left_out(library: Library, archive: Path) -> None:
    (archive / ".secret.txt").write_text("hidden")
    (archive / ".git").mkdir()
    (archive / ".git" / "config.txt").write_text("hidden")
    (archive / "host.txt").symlink_to("/etc/hostname")
    assert len(index_paths(library, [archive], "main").indexed) == 5


def test_missing_path_is_refused_before_anything_is_removed(
    library: Library, archive: Path
) -> None:
    index_paths(library, [archive], "main")
    with pytest.raises(InvalidInput, match="no such file or folder"):
        index_paths(library, [archive / "nowhere"], "main")
    assert library.catalog.counts().documents == 5


def test_progress_ends_at_the_total(library: Library, archive: Path) -> None:
    seen: list[Progress] = []
    index_paths(library, [archive], "main", on_progress=seen.append)
    assert (seen[-1].done, seen[-1].total, seen[-1].pages) == (5, 5, 5)
    assert [each.done for each in seen] == sorted(each.done for each in seen)


def test_photo_has_crops_of_its_objects_with_boxes_and_thumbnails(
    settings: IndexerSettings, archive: Path
) -> None:
    box = BoundingBox(x0=0.5, y0=0.25, x1=1.0, y1=1.0)
    clip = ColourEncoder(objects=[box])
    with Library(settings, load_text=lambda _: HashEncoder(), load_clip=lambda _: clip) as library:
        index_paths(library, [archive / "barn.png"], "main")
        _, (stored,) = library.catalog.documents(None)
        crops = library.catalog.crops_of(stored.id)
        assert [crop.crop.kind for crop in crops][:2] == ["photo", "object"]
        assert crops[1].crop.box == box
        (archive / "barn.png").unlink()
        assert library.thumbnail(crops[1].id).startswith(b"\xff\xd8")


def test_named_encoder_other_than_the_collections_is_refused(
    settings: IndexerSettings, archive: Path
) -> None:
    def open_with(revision: str, named: str) -> Library:
        wanted = IndexerSettings(
            home=settings.home, parser=settings.parser, encoder=EncoderSettings(text=named)
        )
        return Library(
            wanted,
            load_text=lambda _: HashEncoder(revision=revision),
            load_clip=lambda _: ColourEncoder(),
        )

    with open_with("1", "auto") as library:
        index_paths(library, [archive], "main")
    with open_with("2", "packaged") as library:
        with pytest.raises(SpaceMismatch, match="sightline reembed"):
            index_paths(library, [archive], "main")
        report = reembed(library, "main")
        assert len(report.indexed) == 5
        assert index_paths(library, [archive], "main").unchanged == 5
        (collection,) = library.catalog.collections()
        assert (collection.name, collection.text_space.revision) == ("main", "2")


def test_upload_keeps_its_name_and_folders_but_never_leaves_its_place(
    library: Library, tmp_path: Path
) -> None:
    source = tmp_path / "body"
    source.write_text("text")
    kept = library.keep_upload("..\\..//etc/.passwd\x00.txt", source)
    assert kept.is_relative_to(library.settings.upload_folder)
    assert kept.relative_to(library.settings.upload_folder).parts[2:] == ("etc", "passwd.txt")
    assert library.keep_upload("..\\..//etc/.passwd\x00.txt", source) == kept


def test_interrupted_run_says_so_and_the_next_one_goes_on(library: Library, archive: Path) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    report = index_paths(library, [archive], "main", on_progress=interrupt)
    assert report.interrupted
    assert library.catalog.counts().documents == len(report.indexed) < 5
    assert library.catalog.check() == []
    again = index_paths(library, [archive], "main")
    assert len(again.indexed) == 5 - len(report.indexed)
    assert library.catalog.counts().documents == 5


def test_missing_files_are_kept_when_asked_and_leave_with_the_next_run(
    library: Library, archive: Path
) -> None:
    index_paths(library, [archive], "main")
    (archive / "barn.png").unlink()
    kept = index_paths(library, [archive], "main", keep_missing=True)
    assert [Path(path).name for path in kept.missing] == ["barn.png"]
    assert library.catalog.counts().documents == 5
    assert len(index_paths(library, [archive], "main").removed) == 1
    assert library.catalog.counts().documents == 4


def test_a_long_document_is_written_whole_and_in_order(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("\f".join(f"Page {number} speaks of lamp {number}." for number in range(900)))
    index_paths(library, [path], "main")
    (stored,) = library.catalog.documents(None)[1]
    assert stored.document.page_count == 900
    collection = library.catalog.collection("main")
    ((item, _),) = library.catalog.lexical_search("chunk", ["876"], 1, [collection])
    assert library.catalog.chunks([item])[item].chunk.page_number == 877
    assert library.catalog.check() == []


def test_an_archive_that_is_wholly_gone_is_taken_for_an_unplugged_disk(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.pipeline._UNPLUGGED_FILES", 3)
    folder = tmp_path / "disk"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"note {number}")
    index_paths(library, [folder], "main")
    kept = {path.name: path.read_text() for path in folder.iterdir()}
    for path in list(folder.iterdir()):
        path.unlink()
    report = index_paths(library, [folder], "main")
    assert (len(report.missing), report.removed) == (3, ())
    assert library.catalog.counts().documents == 3
    (folder / "0.txt").write_text(kept["0.txt"])
    assert len(index_paths(library, [folder], "main").removed) == 2
