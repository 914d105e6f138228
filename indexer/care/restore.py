"""A home from a backup: checked first, unpacked beside the old state, then exchanged for it.

Which file is where at which moment, and why a kill at any of them leaves one whole state, is told
in :mod:`indexer.home`, which also finishes or undoes what was interrupted.
"""

import os
import shutil
from pathlib import Path
from typing import IO

from indexer.care import Tell, disk_errors, need_room, silence
from indexer.care.backup import Backup
from indexer.care.sealed import Manifest, SealedReader
from indexer.errors import CatalogTooNew, CatalogUnavailable, InvalidInput
from indexer.home import NEW, READY, STAGING, Hold, settle, sync_folder
from indexer.settings import IndexerSettings
from indexer.store.transfer import admit_catalog

_READ_BYTES = 1 << 20


def restore(
    settings: IndexerSettings, file: Path, *, force: bool = False, tell: Tell = silence
) -> Backup:
    """Make the home what the backup holds. Nothing of it is touched before all is checked.

    Raises UnreadableDocument for a damaged backup, CatalogTooNew for one of a newer Sightline,
    InvalidInput for a home that is not empty (unless ``force``) or a full disk, CatalogUnavailable
    for a home that another program uses.
    """
    reader = SealedReader(file, tell)
    with Hold(settings.home, alone=True):
        staging = settings.home / STAGING
        if not force and any(settings.home.iterdir()):
            raise InvalidInput(
                settings.home,
                cause="it is not empty",
                remedy="restore into another --home, or add --force to replace what is there",
            )
        need_room(settings.home, reader.unpacked_bytes)
        try:
            with disk_errors(settings.home):
                manifest = _unpack(reader, staging / NEW, tell)
                _admit(settings, reader, manifest, staging / NEW, tell)
                _decide(staging)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        settle(settings.home)
    return Backup(file=file, size=file.stat().st_size, manifest=manifest)


def _unpack(reader: SealedReader, new: Path, tell: Tell) -> Manifest:
    done = 0

    def take(name: str, source: IO[bytes]) -> None:
        nonlocal done
        path = new / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as target:
            while part := source.read(_READ_BYTES):
                target.write(part)
                done += len(part)
                tell("unpacking", done, reader.unpacked_bytes)

    # Even an empty folder takes the place of the old one.
    (new / "uploads").mkdir(parents=True)
    manifest = reader.walk(take)
    for entry in manifest.entries:
        # By its time of change, a kept file is known not to have changed.
        os.utime(new / entry.name, ns=(entry.mtime_ns, entry.mtime_ns))
    return manifest


def _admit(
    settings: IndexerSettings, reader: SealedReader, manifest: Manifest, new: Path, tell: Tell
) -> None:
    """Check the catalogue, and name kept files by their place in this home."""
    tell("checking the catalogue", 0, 0)
    try:
        admit_catalog(
            new / settings.catalog_path.name,
            settings.store,
            moved=(f"{manifest.uploads}/", f"{settings.upload_folder}/"),
        )
    except (CatalogTooNew, CatalogUnavailable) as exc:
        raise type(exc)(reader.path, cause=exc.cause, remedy=exc.remedy) from exc


def _decide(staging: Path) -> None:
    """Have everything on the disk, then say so: from here on the new state is the true one."""
    for folder, _, names in os.walk(staging / NEW, topdown=False):
        for name in names:
            with (Path(folder) / name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(folder))
    undecided = staging / f"{READY}.part"
    undecided.touch()
    undecided.replace(staging / READY)
    sync_folder(staging)
