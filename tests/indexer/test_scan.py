from pathlib import Path

import pytest

from indexer.errors import InvalidInput
from indexer.scan import find_files, stat


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def names(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in find_files([folder])]


def test_what_programs_leave_behind_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "~$a.docx", "Thumbs.db", "b.pdf.part", "node_modules/x.md", "@eaDir/y")
    make(tmp_path, ".hidden", ".git/config", "sub/b.txt")
    assert names(tmp_path) == ["a.txt", "sub/b.txt"]


def test_ignore_file_holds_for_its_folder_and_below(tmp_path: Path) -> None:
    make(tmp_path, "a.log", "sub/b.log", "sub/keep.log", "sub/deep/c.txt", "other/deep/d.txt")
    (tmp_path / ".sightlineignore").write_text("*.log\n!keep.log\n")
    (tmp_path / "sub" / ".sightlineignore").write_text("# private\ndeep/\n")
    assert names(tmp_path) == ["other/deep/d.txt", "sub/keep.log"]


def test_a_link_never_leads_outside(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    make(outside, "secret.txt")
    make(folder, "a.txt")
    (folder / "link").symlink_to(outside)
    (folder / "secret.txt").symlink_to(outside / "secret.txt")
    (folder / "loop").symlink_to(folder)
    assert names(folder) == ["a.txt"]


def test_the_catalogues_own_folder_is_never_indexed(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "home/uploads/b.txt")
    assert find_files([tmp_path], leave_out=tmp_path / "home") == [tmp_path / "a.txt"]


def test_a_path_given_by_name_is_always_taken(tmp_path: Path) -> None:
    make(tmp_path, ".hidden.txt")
    assert find_files([tmp_path / ".hidden.txt"]) == [tmp_path / ".hidden.txt"]
    with pytest.raises(InvalidInput, match="no such file"):
        find_files([tmp_path / "gone.txt"])


def test_a_sidecar_that_comes_or_changes_makes_its_photo_look_changed(tmp_path: Path) -> None:
    make(tmp_path, "photo.jpg")
    before = stat(tmp_path / "photo.jpg")
    (tmp_path / "photo.jpg.txt").write_text("The old barn")
    captioned = stat(tmp_path / "photo.jpg")
    assert not captioned.unchanged_since(before)
    assert captioned.unchanged_since(stat(tmp_path / "photo.jpg"))
    (tmp_path / "photo.jpg.txt").write_text("The old barn in May")
    assert not stat(tmp_path / "photo.jpg").unchanged_since(captioned)
