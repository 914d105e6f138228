"""Folders made to trip the one who walks them: odd names, things that are no files, loops."""

import os
import socket
import sys
from pathlib import Path

import pytest

from indexer.library import Library
from indexer.pipeline import index_paths


def test_odd_names_are_indexed_or_named_and_a_second_run_finds_nothing_to_do(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    names = [
        "line\nbreak.txt",
        "\x1b[31mred.txt",
        "-rf.txt",
        "bang!.txt",
        "$(id);`id`.txt",
        "я.txt",
    ]
    names.append("x" * 251 + ".txt")
    for number, name in enumerate(names):
        (folder / name).write_text(f"The harbour has {number} lanterns.")
    (folder / "deep!").mkdir()
    (folder / "deep!" / "in.txt").write_text("A name that looks like an archive's.")
    report = index_paths(library, [folder], "main")
    assert len(report.indexed) == len(names) + 1
    assert report.failed == ()
    again = index_paths(library, [folder], "main")
    assert (again.indexed, again.removed, again.unchanged) == ((), (), len(names) + 1)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS refuses such names")
def test_a_name_that_is_not_utf8_is_one_line_and_the_rest_goes_on(
    library: Library, archive: Path
) -> None:
    odd = os.fsencode(archive) + b"/\xcf\xf0\xe8\xe2\xe5\xf2.txt"  # "Привет" in Windows-1251
    with open(odd, "wb") as file:  # noqa: PTH123
        file.write(b"words")
    report = index_paths(library, [archive], "main")
    assert len(report.indexed) == 5
    (failure,) = report.failed
    assert failure.path == f"{archive}/\\xcf\\xf0\\xe8\\xe2\\xe5\\xf2.txt"
    assert (failure.cause, failure.remedy) == ("its name is not in UTF-8", "rename it")
    again = index_paths(library, [archive], "main")
    assert (again.indexed, again.failed, again.removed) == ((), (), ())


def test_pipes_devices_sockets_and_loops_in_a_folder_are_passed_over(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(archive / "pipe.txt")
    (archive / "zero.txt").symlink_to("/dev/zero")
    (archive / "loop.txt").symlink_to("loop.txt")
    (archive / "again").symlink_to(archive, target_is_directory=True)
    monkeypatch.chdir(archive)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("door.txt")
        report = index_paths(library, [archive], "main")
    assert len(report.indexed) == 5
    assert report.failed == ()


def test_a_pipe_or_device_given_by_name_is_refused_without_waiting(
    library: Library, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    report = index_paths(library, [pipe, Path("/dev/zero")], "main")
    assert [state.cause for state in report.failed] == ["it is not a file"] * 2
