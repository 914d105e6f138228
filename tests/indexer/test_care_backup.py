import gzip
import hashlib
import io
import os
import subprocess
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from indexer.care import sealed
from indexer.care.backup import backup, check_backup
from indexer.care.restore import restore
from indexer.care.sealed import Entry, Manifest
from indexer.errors import CatalogUnavailable, InvalidInput, NotFound, UnreadableDocument
from indexer.library import Library
from indexer.store.catalog import Catalog
from tests.indexer.care import fill, open_library, search, settings_of, state_of
from tests.indexer.test_catalog import CLIP, TEXT, document


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with three notes, one of them kept as an upload."""
    with open_library(tmp_path / "home") as library:
        fill(
            library, tmp_path / "notes", "The barn is red.", "The lake is deep.", "Колодец старый."
        )
    return tmp_path / "home"


@pytest.mark.parametrize("name", ["copy.tar", "copy.tar.gz", "copy.tgz"])
def test_a_backup_restores_to_the_same_searches_and_uploads(
    home: Path, tmp_path: Path, name: str
) -> None:
    made = backup(settings_of(home), tmp_path / name)
    assert (made.manifest.documents, made.manifest.files, len(made.manifest.entries)) == (3, 4, 2)
    assert made.size == (tmp_path / name).stat().st_size
    restore(settings_of(tmp_path / "other"), tmp_path / name)
    assert state_of(tmp_path / "other") == state_of(home)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["home", "notes", "other", name]
    )


@pytest.mark.parametrize("name", ["copy.tar", "copy.tar.gz"])
def test_tar_itself_unpacks_a_backup(home: Path, tmp_path: Path, name: str) -> None:
    backup(settings_of(home), tmp_path / name)
    (tmp_path / "by tar").mkdir()
    subprocess.run(
        ["tar", "-xf", tmp_path / name, "-C", tmp_path / "by tar"], check=True, stderr=-1
    )
    assert (tmp_path / "by tar" / "catalog.sqlite").read_bytes().startswith(b"SQLite format 3")
    (kept,) = (tmp_path / "by tar").glob("uploads/*/*/*")
    assert kept.read_text() == "The barn is red."


def test_kept_files_are_found_in_the_home_that_they_were_restored_to(
    home: Path, tmp_path: Path
) -> None:
    backup(settings_of(home), tmp_path / "copy.tar")
    restore(settings_of(tmp_path / "other"), tmp_path / "copy.tar")
    (tmp_path / "notes" / "note 0.txt").unlink()
    for path in sorted(home.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    with open_library(tmp_path / "other") as library:
        (stored,) = (each for each in library.catalog.documents(None)[1] if each.copies)
        original = library.original(stored.document.id)
        assert original.is_relative_to(tmp_path / "other" / "uploads")
        (state,) = (
            state
            for path, state in library.catalog.files(library.catalog.collection("main")).items()
            if path == str(original)
        )
        # By size and time it is the file that was read: nothing is to be indexed again.
        status = original.stat()
        assert (status.st_size, status.st_mtime_ns) == (state.size, state.mtime_ns)


def test_a_backup_beside_a_writer_is_one_of_its_commits(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "home")
    stop, begun = threading.Event(), threading.Event()

    def add(catalog: Catalog, number: int) -> None:
        collection = catalog.ensure_collection("main", TEXT, CLIP, encoders=("fake", "fake"))
        catalog.add_document(
            collection, document(f"note {number}", f"The barn {number} is red.", "The lake.")
        )

    def write(catalog: Catalog) -> None:
        number = 0
        while not stop.is_set():
            add(catalog, number)
            number += 1
            if number == 20:
                begun.set()

    with Library(settings) as library:
        writer = threading.Thread(target=write, args=[library.catalog])
        writer.start()
        begun.wait(timeout=60)
        made = [backup(settings, tmp_path / f"{number}.tar.gz") for number in range(3)]
        stop.set()
        writer.join()
        last = library.catalog.counts().documents
    counts = [each.manifest.documents for each in made]
    assert counts == sorted(counts)
    assert 20 <= counts[0] < last
    for number, count in enumerate(counts):
        other = tmp_path / f"restored {number}"
        restore(settings_of(other), tmp_path / f"{number}.tar.gz")
        with open_library(other) as restored, open_library(tmp_path / f"told {number}") as told:
            assert restored.catalog.check() == []
            for each in range(count):
                add(told.catalog, each)
            assert search(restored, "barn lake") == search(told, "barn lake")
            assert len(search(restored, "barn lake")) == 2 * min(50, 2 * count)


@pytest.mark.parametrize("name", ["copy.tar", "copy.tar.gz"])
def test_a_flipped_byte_anywhere_is_noticed(home: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    backup(settings_of(home), path)
    whole = path.read_bytes()
    ends = [*range(12), *range(len(whole) - 600, len(whole), 60), len(whole) - 1]
    spread = range(0, len(whole), len(whole) // 50)
    for position in {*ends, *spread}:
        for flip in (0x01, 0x80, 0xFF):
            damaged = bytearray(whole)
            damaged[position] ^= flip
            path.write_bytes(damaged)
            with pytest.raises((UnreadableDocument, InvalidInput)) as refused:
                check_backup(path)
            assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["copy.tar", "copy.tar.gz"])
def test_a_cut_or_lengthened_backup_is_noticed_and_the_home_stays(
    home: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    backup(settings_of(home), path)
    whole, before = path.read_bytes(), state_of(home)
    for changed in (whole[:-1], whole[:512], whole[:10], b"", whole + b"\0", whole + whole):
        path.write_bytes(changed)
        with pytest.raises(UnreadableDocument, match="backup"):
            restore(settings_of(home), path, force=True)
    assert state_of(home) == before


def test_an_existing_file_is_replaced_only_by_force_and_only_by_a_whole_backup(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "copy.tar"
    path.write_text("precious")
    with pytest.raises(InvalidInput, match="add --force"):
        backup(settings_of(home), path)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sealed.SealedWriter, "finish", fail)
        with pytest.raises(InvalidInput, match="No space left on device"):
            backup(settings_of(home), path, force=True)
    assert path.read_text() == "precious"
    backup(settings_of(home), path, force=True)
    assert check_backup(path).manifest.documents == 3
    assert not list(tmp_path.glob(".*"))


def test_names_that_cannot_be_a_backups_are_refused(home: Path, tmp_path: Path) -> None:
    for name, cause in (
        (tmp_path / "copy.zip", "no suffix of a backup"),
        (home / "copy.tar", "lost together with the home"),
        (tmp_path / "nowhere" / "copy.tar", "no such folder"),
    ):
        with pytest.raises(InvalidInput, match=cause):
            backup(settings_of(home), name)
    with pytest.raises(NotFound, match="no catalogue"):
        backup(settings_of(tmp_path / "empty"), tmp_path / "copy.tar")
    assert not (tmp_path / "copy.tar").exists()


def test_leftovers_of_a_killed_backup_are_cleared_by_the_next(home: Path, tmp_path: Path) -> None:
    left = tmp_path / ".copy.tar.part"
    left.mkdir()
    (left / "backup").write_bytes(b"half")
    (left / "catalog").write_bytes(b"half")
    backup(settings_of(home), tmp_path / "copy.tar")
    assert check_backup(tmp_path / "copy.tar").manifest.documents == 3
    assert not left.exists()


def test_a_damaged_catalogue_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    catalog = home / "catalog.sqlite"
    content = bytearray(catalog.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8192] = os.urandom(8192)
    catalog.write_bytes(content)
    with pytest.raises(CatalogUnavailable, match=r"damaged|malformed"):
        backup(settings_of(home), tmp_path / "copy.tar")
    assert not (tmp_path / "copy.tar").exists()


def test_a_disk_without_room_is_refused_before_anything_is_written(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(settings_of(home), tmp_path / "copy.tar")
    monkeypatch.setattr("shutil.disk_usage", free_space(1 << 20))
    with pytest.raises(InvalidInput, match="1 MiB are free, 64 MiB are needed"):
        backup(settings_of(home), tmp_path / "second.tar")
    with pytest.raises(InvalidInput, match="are needed"):
        restore(settings_of(tmp_path / "other"), tmp_path / "copy.tar")
    assert list((tmp_path / "other").iterdir()) == []


def free_space(bytes_free: int) -> Callable[[Path], Any]:
    return lambda _: SimpleNamespace(free=bytes_free)


def forged(path: Path, members: list[tuple[tarfile.TarInfo, bytes]], listed: list[str]) -> None:
    """A backup with a right seal and these members; the manifest lists those named."""
    entries = tuple(
        Entry(info.name, len(data), hashlib.sha256(data).hexdigest(), 0)
        for info, data in members
        if info.name in listed
    )
    manifest = msgspec.json.encode(
        Manifest(
            format=1, created="", schema="0001", generation=1, documents=0, chunks=0, crops=0,
            files=0, uploads="/u", entries=entries,
        )
    )  # fmt: skip
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for info, data in [*members, (tarfile.TarInfo("manifest.json"), manifest)]:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    body = buffer.getvalue()
    digest = hashlib.sha256(body)
    path.write_bytes(body + sealed._seal(digest, 1, 1 << 20, packed=False))


def member(name: str, data: bytes = b"x", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


@pytest.mark.parametrize(
    "evil",
    [
        member("../evil"),
        member("/tmp/evil"),
        member("uploads/../../evil"),
        member("uploads/./evil"),
        member("uploads//evil"),
        member("uploads"),
        member("catalog.sqlite/evil"),
        member("index/evil.index"),
        member("uploads/link", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("uploads/hard", b"", type=tarfile.LNKTYPE, linkname="catalog.sqlite"),
        member("uploads/pipe", b"", type=tarfile.FIFOTYPE),
        member("uploads/folder", b"", type=tarfile.DIRTYPE),
        member("catalog.sqlite"),
    ],
    ids=lambda value: f"{value[0].name}-{value[0].type!r}",
)
def test_path_tricks_in_a_forged_backup_are_refused(
    tmp_path: Path, evil: tuple[tarfile.TarInfo, bytes]
) -> None:
    path = tmp_path / "forged.tar"
    forged(path, [member("catalog.sqlite"), evil], ["catalog.sqlite", evil[0].name])
    with pytest.raises(UnreadableDocument, match="has no place in it"):
        restore(settings_of(tmp_path / "home"), path)
    assert list((tmp_path / "home").iterdir()) == []
    assert not (tmp_path / "evil").exists()


def test_entries_must_be_those_of_the_manifest(tmp_path: Path) -> None:
    path = tmp_path / "forged.tar"
    one, other = member("catalog.sqlite"), member("uploads/aa/note.txt")
    forged(path, [one, other], ["catalog.sqlite"])
    with pytest.raises(UnreadableDocument, match="has no place in it"):
        check_backup(path)
    forged(path, [one], ["catalog.sqlite"])
    forged(tmp_path / "second.tar", [one, other], ["catalog.sqlite", other[0].name])
    assert len(check_backup(tmp_path / "second.tar").manifest.entries) == 2
    with pytest.raises(CatalogUnavailable, match="no such table"):
        restore(settings_of(tmp_path / "home"), path)


def test_a_plain_archive_is_no_backup(tmp_path: Path) -> None:
    plain = tmp_path / "plain.tar"
    with tarfile.open(plain, "w") as tar:
        tar.addfile(*[tarfile.TarInfo("catalog.sqlite")])
    packed = tmp_path / "plain.tar.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path in (plain, packed):
        with pytest.raises(UnreadableDocument, match="no backup"):
            check_backup(path)


def test_a_backup_of_a_newer_format_says_so(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.tar"
    backup(settings_of(home), path)
    body = path.read_bytes()[:-512]
    path.write_bytes(body + sealed._seal(hashlib.sha256(body), 2, 5, packed=False))
    with pytest.raises(InvalidInput, match="newer Sightline"):
        check_backup(path)


def test_an_upload_that_goes_meanwhile_is_left_out(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = home.glob("uploads/*/*/*")
    add = sealed.SealedWriter.add

    def remove_first(self: Any, name: str, path: Path, on_read: Any) -> None:
        kept.unlink(missing_ok=True)
        add(self, name, path, on_read)

    monkeypatch.setattr(sealed.SealedWriter, "add", remove_first)
    made = backup(settings_of(home), tmp_path / "copy.tar")
    assert [entry.name for entry in made.manifest.entries] == ["catalog.sqlite"]
