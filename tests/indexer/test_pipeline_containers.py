"""Files inside files: indexed as documents of their own, in step with their container."""

import io
import zipfile
from pathlib import Path

import pytest

from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.scan import Located, locate
from indexer.settings import IndexerSettings, ParserSettings
from tests.fakes import ColourEncoder, HashEncoder


def pack(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def files(archive: Path) -> dict[str, bytes]:
    found = {f"papers/{path.name}": path.read_bytes() for path in archive.iterdir()}
    for path in archive.iterdir():
        path.unlink()
    return found


def paths(library: Library) -> list[str]:
    return [stored.document.path for stored in library.catalog.documents(None)[1]]


def test_members_are_documents_and_can_be_opened(
    library: Library, archive: Path, files: dict[str, bytes]
) -> None:
    box = pack(archive / "box.zip", files)
    report = index_paths(library, [archive], "main")
    assert not report.failed
    assert sorted(report.indexed) == sorted([str(box), *(f"{box}!/{name}" for name in files)])
    collection = library.catalog.collection("main")
    ((item, _),) = library.catalog.lexical_search("chunk", ["boiler"], 1, [collection])
    owner = library.catalog.chunks([item])[item].owner
    assert owner.document.path == f"{box}!/papers/boiler.md"
    assert library.original(owner.document.id).read_bytes() == files["papers/boiler.md"]
    photo = next(
        each for each in library.catalog.documents(None)[1] if "barn" in each.document.path
    )
    (crop, *_) = library.catalog.crops_of(photo.id)
    assert library.thumbnail(crop.id).startswith(b"\xff\xd8")
    assert library.page_image(photo.document.id, 1, 100).startswith(b"\xff\xd8")


def test_an_unchanged_container_is_not_opened_and_a_moved_one_not_embedded_again(
    library: Library, archive: Path, files: dict[str, bytes], clip_encoder: ColourEncoder
) -> None:
    box = pack(archive / "box.zip", files)
    index_paths(library, [archive], "main")
    encoded = clip_encoder.pictures
    again = index_paths(library, [archive], "main")
    assert (again.indexed, again.removed, again.unchanged) == ((), (), 1)
    moved = box.rename(archive / "moved.zip")
    report = index_paths(library, [archive], "main")
    assert clip_encoder.pictures == encoded
    assert all(path.startswith(str(moved)) for path in paths(library))
    assert len(report.removed) == len(files) + 1


def test_a_changed_container_replaces_its_members_and_a_deleted_one_takes_them_along(
    library: Library, archive: Path, files: dict[str, bytes]
) -> None:
    box = pack(archive / "box.zip", files)
    index_paths(library, [archive], "main")
    changed = {name: data for name, data in files.items() if "barn" not in name}
    changed["papers/new.txt"] = b"The well was cleaned in May."
    pack(box, changed)
    report = index_paths(library, [archive], "main")
    assert report.removed == (f"{box}!/papers/barn.png",)
    assert set(paths(library)) == {str(box), *(f"{box}!/{name}" for name in changed)}
    box.unlink()
    index_paths(library, [archive], "main")
    assert paths(library) == []
    assert library.catalog.check() == []


def test_a_bad_member_is_listed_and_the_rest_goes_on(
    library: Library, archive: Path, files: dict[str, bytes]
) -> None:
    box = pack(archive / "box.zip", {**files, "broken.pdf": b"%PDF-1.7\nno", "../up.txt": b"x"})
    report = index_paths(library, [archive], "main")
    assert len(report.indexed) == len(files) + 1
    assert {state.path for state in report.failed} == {f"{box}!/broken.pdf", f"{box}!/.._up.txt"}
    assert all(state.cause and state.remedy for state in report.failed)
    again = index_paths(library, [archive], "main")
    assert len(again.failed_before) == 2
    assert len(index_paths(library, [archive], "main", retry_failed=True).failed) == 2


def test_archives_in_archives_are_read_to_the_depth_that_is_set(
    settings: IndexerSettings, archive: Path, files: dict[str, bytes]
) -> None:
    data = b"The deepest note."
    for level in range(4):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as packed:
            packed.writestr(f"level{level}.zip" if level else "note.txt", data)
        data = buffer.getvalue()
    (archive / "nest.zip").write_bytes(data)
    parser = ParserSettings(processes=1, max_depth=2)
    with Library(
        IndexerSettings(home=settings.home, parser=parser),
        load_text=lambda _: HashEncoder(),
        load_clip=lambda _: ColourEncoder(),
    ) as library:
        report = index_paths(library, [archive], "main")
        assert [path.count("!/") for path in report.indexed] == [2, 1, 0]
        deepest = library.catalog.documents(None)[1][-1].document
        assert any("nested more than 2 deep" in line for line in deepest.warnings)


def test_a_killed_run_finds_its_container_still_to_do(
    library: Library, archive: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = pack(archive / "box.zip", files)
    real, written = library.catalog.add_document, []

    def stop_after_two(*arguments: object) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(arguments)
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(library.catalog, "add_document", stop_after_two)
    assert index_paths(library, [archive], "main").interrupted
    assert str(box) not in paths(library)
    monkeypatch.undo()
    report = index_paths(library, [archive], "main")
    assert len(report.indexed) == len(files) + 1
    assert len(paths(library)) == len(files) + 1


def test_a_folder_whose_name_ends_like_a_container_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "wow!"
    folder.mkdir()
    note = folder / "note.txt"
    note.write_text("x")
    assert locate(str(note)) == Located(note)
    box = pack(folder / "box.zip", {"a.txt": b"x"})
    assert locate(f"{box}!/in!/a.txt") == Located(box, ("in", "a.txt"))
