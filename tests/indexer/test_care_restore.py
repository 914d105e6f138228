import os
import shutil
import sqlite3
import sys
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import msgspec
import pytest

from indexer.care.backup import backup
from indexer.care.restore import restore
from indexer.care.sealed import SealedReader, SealedWriter
from indexer.errors import CatalogTooNew, CatalogUnavailable, InvalidInput
from indexer.home import STAGING, Hold
from tests.indexer.care import fill, open_library, settings_of, state_of

KILLED = 9


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The old state: two notes, an index, a thumbnail, and a log that SQLite has yet to apply."""
    with open_library(tmp_path / "home") as library:
        fill(library, tmp_path / "old", "The lake is deep.", "The lake is cold.")
        library.indexes.save(library.catalog.collections())
    picture = tmp_path / "home" / "cache" / "thumbnails" / "aa" / "old.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"old")
    return tmp_path / "home"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The new state, in a backup."""
    with open_library(tmp_path / "other") as library:
        fill(library, tmp_path / "new", "The barn is red.", "The barn is old.", "Колодец.")
    backup(settings_of(tmp_path / "other"), tmp_path / "new.tar")
    return tmp_path / "new.tar"


def killed_at(step: int, below: Path, action: Callable[[], Any]) -> bool:
    """Whether ``action``, in a process of its own, was killed before its change number ``step``.

    A change is whatever makes, renames or removes a file or folder, or opens one for writing.
    """
    with warnings.catch_warnings():
        # The child runs nothing that needs the parent's threads.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in {0, KILLED}
        return code == KILLED
    code, seen = 1, 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        changes = event in {"os.rename", "os.remove", "os.rmdir", "os.mkdir"} or (
            event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        )
        if changes and (
            str(arguments[0]).startswith(str(below)) or arguments[-1] not in {-1, None}
        ):
            seen += 1
            if seen == step:
                os._exit(KILLED)

    try:
        sys.addaudithook(watch)
        action()
        code = 0
    finally:
        os._exit(code)


def test_whenever_a_restore_is_killed_the_home_is_whole_old_or_whole_new(
    home: Path, file: Path, tmp_path: Path
) -> None:
    old, new = state_of(home), state_of(tmp_path / "other")
    spare = tmp_path / "spare"
    shutil.copytree(home, spare)
    settings = settings_of(home)
    ended: list[str] = []
    for step in range(1, 400):
        killed = killed_at(step, home, lambda: restore(settings, file, force=True))
        found = state_of(home)
        assert found in (old, new)
        assert not (home / STAGING).exists()
        if found == new:
            assert not (home / "cache").exists()
        ended.append("new" if found == new else "old")
        shutil.rmtree(home)
        shutil.copytree(spare, home)
        if not killed:
            break
    else:
        pytest.fail("it never came to an end")
    # There is one moment of decision, with steps before and after it.
    changes = [pair for pair in pairwise(ended) if pair[0] != pair[1]]
    assert changes == [("old", "new")]
    assert len(ended) > 20


def test_a_start_that_is_killed_while_it_finishes_a_restore_is_finished_by_the_next(
    home: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = state_of(tmp_path / "other")
    with monkeypatch.context() as patch:
        patch.setattr("indexer.care.restore.settle", lambda _: None)
        restore(settings_of(home), file, force=True)
    assert (home / STAGING / "ready").exists()
    spare = tmp_path / "spare"
    shutil.copytree(home, spare, symlinks=True)
    for inner in range(1, 100):
        killed = killed_at(inner, home, lambda: Hold(home).release())
        assert state_of(home) == new
        assert not (home / STAGING).exists()
        shutil.rmtree(home)
        shutil.copytree(spare, home)
        if not killed:
            break
    assert inner > 10


def test_the_next_restore_clears_what_a_killed_one_left(
    home: Path, file: Path, tmp_path: Path
) -> None:
    new = state_of(tmp_path / "other")
    for step in (5, 15):
        assert killed_at(step, home, lambda: restore(settings_of(home), file, force=True))
    restore(settings_of(home), file, force=True)
    assert state_of(home) == new
    assert sorted(path.name for path in home.iterdir()) == ["catalog.sqlite", "uploads"]


def test_an_old_log_never_meets_the_restored_catalogue(home: Path, file: Path) -> None:
    for end in ("-wal", "-shm", "-journal"):
        (home / f"catalog.sqlite{end}").write_bytes(b"of the old catalogue")
    restore(settings_of(home), file, force=True)
    assert sorted(path.name for path in home.iterdir()) == ["catalog.sqlite", "uploads"]


def test_other_files_of_the_home_stay(home: Path, file: Path) -> None:
    (home / "notes of mine.txt").write_text("mine")
    restore(settings_of(home), file, force=True)
    assert (home / "notes of mine.txt").read_text() == "mine"


def test_a_home_that_is_not_empty_is_kept_without_force(home: Path, file: Path) -> None:
    before = state_of(home)
    with pytest.raises(InvalidInput, match="add --force"):
        restore(settings_of(home), file)
    assert state_of(home) == before


def test_a_home_in_use_is_not_restored_into(home: Path, file: Path) -> None:
    before = state_of(home)
    with open_library(home), pytest.raises(CatalogUnavailable, match="another program is using"):
        restore(settings_of(home), file, force=True)
    assert state_of(home) == before


def test_nobody_opens_a_home_while_it_is_restored(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.home._WAIT_SECONDS", 0.1)
    with (
        Hold(home, alone=True),
        pytest.raises(CatalogUnavailable, match="a backup is being restored"),
    ):
        open_library(home)


def test_a_new_home_is_its_owners_alone(tmp_path: Path) -> None:
    Hold(tmp_path / "own" / "home").release()
    assert (tmp_path / "own" / "home").stat().st_mode & 0o777 == 0o700


def test_several_programs_hold_a_home_and_know_whether_they_are_alone(tmp_path: Path) -> None:
    with Hold(tmp_path / "home") as first:
        assert first.is_alone()
        with Hold(tmp_path / "home") as second:
            assert not first.is_alone()
            assert not second.is_alone()
        assert first.is_alone()


def test_what_cannot_be_cleared_away_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home" / STAGING / "new").mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", lambda *_, **__: None)
        with Hold(tmp_path / "home"), Hold(tmp_path / "home"):
            assert (tmp_path / "home" / STAGING).exists()
    Hold(tmp_path / "home").release()
    assert not (tmp_path / "home" / STAGING).exists()


def test_a_backup_of_a_newer_catalogue_is_refused_and_the_home_stays(
    home: Path, file: Path
) -> None:
    before = state_of(home)
    make_newer(file)
    with pytest.raises(CatalogTooNew, match="upgrade Sightline") as refused:
        restore(settings_of(home), file, force=True)
    assert str(file) in str(refused.value)
    assert state_of(home) == before


def make_newer(path: Path) -> None:
    """Give a backup's catalogue the schema 9999, as a newer Sightline would."""
    folder = path.parent / "unpacked"
    names: list[str] = []

    def take(name: str, source: IO[bytes]) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(source.read())
        names.append(name)

    manifest = SealedReader(path).walk(take)
    with sqlite3.connect(folder / "catalog.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with path.open("wb") as target:
        writer = SealedWriter(target, packed=False)
        for name in names:
            writer.add(name, folder / name, lambda _: None)
        writer.finish(msgspec.structs.replace(manifest, entries=tuple(writer.entries)))
