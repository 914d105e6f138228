"""A home in one file. The index cache and the thumbnails are made anew instead."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from indexer.care import Tell, disk_errors, need_room, silence
from indexer.care.sealed import FORMAT, SUFFIXES, Manifest, SealedReader, SealedWriter
from indexer.errors import InvalidInput, NotFound
from indexer.home import Hold, sync_folder
from indexer.scan import files_below
from indexer.settings import IndexerSettings
from indexer.store.transfer import CatalogState, copy_catalog

_READ_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """A backup and its size in bytes."""

    file: Path
    size: int
    manifest: Manifest


def backup(
    settings: IndexerSettings, file: Path, *, force: bool = False, tell: Tell = silence
) -> Backup:
    """Write catalogue and uploads into one file, packed if its suffix says so, and read it back.

    The catalogue is that of one commit, whoever writes meanwhile. The file gets its name only when
    it is whole. Raises InvalidInput for a name that cannot be used (that of an existing file,
    unless ``force``), NotFound without a catalogue, CatalogUnavailable for a damaged one.
    """
    file = file.expanduser().absolute()
    _check_name(settings, file, force=force)
    with _work_folder(file) as work:
        part = work / "backup"
        with Hold(settings.home), disk_errors(file):
            if not settings.catalog_path.is_file():
                raise NotFound(
                    settings.home,
                    cause="there is no catalogue in it",
                    remedy="choose another --home",
                )
            _need_room(settings, file)
            copy = work / "catalog"
            state = copy_catalog(
                settings.catalog_path,
                copy,
                settings.store,
                lambda done, total: tell("copying the catalogue", done, total),
            )
            part.touch(mode=0o600, exist_ok=False)  # it holds what the owner's files say
            with part.open("wb") as target:
                _write(settings, copy, state, SealedWriter(target, packed=_packed(file)), tell)
                _to_disk(target)
        manifest = check_backup(part, tell=tell).manifest
        with disk_errors(file):
            part.replace(file)
            sync_folder(file.parent)
    return Backup(file=file, size=file.stat().st_size, manifest=manifest)


def check_backup(file: Path, *, tell: Tell = silence) -> Backup:
    """Read a backup and compare everything with its checksums. UnreadableDocument if it is bad."""
    done = 0

    def read(_name: str, source: IO[bytes]) -> None:
        nonlocal done
        while part := source.read(_READ_BYTES):
            done += len(part)
            tell("reading the backup", done, reader.unpacked_bytes)

    reader = SealedReader(file, tell)
    manifest = reader.walk(read)
    return Backup(file=file, size=file.stat().st_size, manifest=manifest)


def _check_name(settings: IndexerSettings, file: Path, *, force: bool) -> None:
    cause = remedy = ""
    if not file.name.endswith(SUFFIXES):
        cause, remedy = "no suffix of a backup", f"end its name in {', '.join(SUFFIXES)}"
    elif file.is_relative_to(settings.home):
        cause, remedy = "lost together with the home that it is in", "choose a place outside it"
    elif not file.parent.is_dir():
        cause, remedy = "there is no such folder", "make the folder first"
    elif file.is_dir() or (file.exists() and not force):
        cause, remedy = "it exists", "choose another name, or add --force to replace it"
    if cause:
        raise InvalidInput(file, cause=cause, remedy=remedy)


def _packed(file: Path) -> bool:
    return file.suffix != ".tar"


@contextmanager
def _work_folder(file: Path) -> Iterator[Path]:
    """An empty folder beside the backup for what is not yet one, gone at the end.

    Its lock tells the leftovers of a killed run, which are cleared, from another program's work.
    """
    folder = file.with_name(f".{file.name}.part")
    with disk_errors(file):
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _lock(descriptor, file)
        try:
            with disk_errors(file):
                for left in folder.iterdir():
                    left.unlink()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, file: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise InvalidInput(
            file, cause="another program is writing it", remedy="wait until that is done"
        ) from exc
    except OSError:
        pass  # this file system has no locks


def _write(
    settings: IndexerSettings, catalog: Path, state: CatalogState, writer: SealedWriter, tell: Tell
) -> None:
    # Listed after the catalogue was copied: a file is kept before it is catalogued, so that
    # every kept file that the copy names is among them, unless it has been removed meanwhile.
    sources = [(settings.catalog_path.name, catalog), *_uploads(settings)]
    total = sum(_size(path) for _, path in sources)
    done = 0

    def read(count: int) -> None:
        nonlocal done
        done += count
        tell("writing the backup", done, total)

    for name, path in sources:
        with suppress(FileNotFoundError):
            writer.add(name, path, read)
    writer.finish(
        Manifest(
            format=FORMAT,
            created=datetime.now().astimezone().isoformat(timespec="seconds"),
            schema=state.schema,
            generation=state.generation,
            documents=state.counts.documents,
            chunks=state.counts.chunks,
            crops=state.counts.crops,
            files=state.files,
            uploads=str(settings.upload_folder),
            entries=tuple(writer.entries),
        )
    )


def _uploads(settings: IndexerSettings) -> list[tuple[str, Path]]:
    """Every kept file with its name inside the home, those still being copied left out."""
    found = [
        path
        for path in files_below(settings.upload_folder)
        if path.is_file() and path.suffix != ".part"
    ]
    return [(path.relative_to(settings.home).as_posix(), path) for path in sorted(found)]


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _need_room(settings: IndexerSettings, file: Path) -> None:
    """The catalogue is there twice for a while: as the copy, and in the backup."""
    logs = settings.home.glob(f"{settings.catalog_path.name}*")
    catalog = sum(map(_size, logs))
    kept = sum(_size(path) for _, path in _uploads(settings))
    need_room(file.parent, catalog if _packed(file) else 2 * catalog + kept)


def _to_disk(target: IO[bytes]) -> None:
    """Have the bytes on the disk and out of memory, so that reading back reads the disk."""
    target.flush()
    os.fsync(target.fileno())
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(target.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
