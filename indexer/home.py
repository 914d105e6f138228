"""A home folder in use: who has it open, and what an interrupted restore left in it.

A restore works inside the home, in ``.restore``. A home is often a mount point (a container's
volume), which cannot be renamed, and only there are its disk and its permissions sure to be right.

    .restore/new/     the backup, unpacked: catalog.sqlite, uploads/
    .restore/ready    there as soon as all of new/ has been checked and is on the disk
    .restore/old/     what the home held

While there is no ``ready``, nothing of the home has been touched, and :func:`settle` throws
``.restore`` away. Its appearance, one rename, is the moment of decision: from then on ``settle``
moves each part of the old state into old/ and of the new one out of new/, as often as it takes.
Whether a part has arrived is told by its absence from new/, so that every rename can be the last
one before a power cut. Nobody sees a mixture, since whoever opens a home settles it first.
"""

import fcntl
import os
import shutil
import time
import weakref
from pathlib import Path
from typing import Self

from indexer.errors import CatalogUnavailable

STAGING = ".restore"
NEW = "new"
READY = "ready"
_OLD = "old"

BACKED_UP = ("uploads", "catalog.sqlite")  # what a backup holds
# SQLite applies a log to whatever catalogue it finds beside it: logs leave before one arrives.
_ONLY_OLD = (
    "catalog.sqlite-wal", "catalog.sqlite-shm", "catalog.sqlite-journal", "index", "cache",
)  # fmt: skip

_WAIT_SECONDS = 5.0  # for another program that settles the home
_RETRY_SECONDS = 0.05


class Hold:
    """A home folder in use by this process until :meth:`release`; others may use it too.

    The hold is a lock on the folder itself, which the system drops when the process ends. Where
    the file system knows no locks, everyone is taken to be alone.
    """

    def __init__(self, home: Path, *, alone: bool = False) -> None:
        """Make the folder if absent, and settle an interrupted restore; ``alone`` keeps others out.

        CatalogUnavailable if the folder cannot be had, or another program stands against it.
        """
        self._home = home
        try:
            # It holds what the owner's files say.
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as exc:
            raise CatalogUnavailable(
                home, cause=exc.strerror or str(exc), remedy="choose another --home"
            ) from exc
        self._close = weakref.finalize(self, os.close, self._descriptor)
        try:
            self._acquire(alone)
        except BaseException:
            self.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """May be called again."""
        self._close()

    def is_alone(self) -> bool:
        """Whether nobody else has the home open. False where that cannot be told."""
        free = self._lock(fcntl.LOCK_EX)
        # A failed change of a lock drops the lock there was.
        self._acquire(alone=False)
        return free is True

    def _acquire(self, alone: bool) -> None:
        staging = self._home / STAGING
        ready = staging / READY
        deadline = time.monotonic() + _WAIT_SECONDS
        settled = False
        while True:
            decided = ready.exists()
            if alone or decided or (staging.exists() and not settled):
                if self._lock(fcntl.LOCK_EX) is not False:
                    settle(self._home)
                    settled = True
                    if alone:
                        return
                    continue
                if alone:
                    raise CatalogUnavailable(
                        self._home,
                        cause="another program is using it",
                        remedy="stop sightline serve, watch or index, then try again",
                    )
            # Whoever restores has locked the others out: with this lock, nobody does.
            if not decided and self._lock(fcntl.LOCK_SH) is not False and not ready.exists():
                return
            if time.monotonic() > deadline:
                raise CatalogUnavailable(
                    self._home,
                    cause="a backup is being restored into it",
                    remedy="wait until that is done",
                )
            time.sleep(_RETRY_SECONDS)

    def _lock(self, kind: int) -> bool | None:
        """True if the lock was had, False if someone stands against it, None if there are none."""
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # not on this file system
            return None
        return True


def settle(home: Path) -> None:
    """Complete a restore that was decided, throw away one that was not; see above.

    The caller holds the home alone. CatalogUnavailable if the disk refuses.
    """
    staging = home / STAGING
    if not staging.exists():
        return
    try:
        if (staging / READY).exists():
            _exchange(home, staging)
            # From here on there is nothing to settle: a later start must not move new logs away.
            (staging / READY).unlink()
            sync_folder(staging)
    except OSError as exc:
        raise CatalogUnavailable(
            home,
            cause=f"a restored backup cannot be moved into place ({exc.strerror or exc})",
            remedy="check the folder's permissions, then try again",
        ) from exc
    shutil.rmtree(staging, ignore_errors=True)


def _exchange(home: Path, staging: Path) -> None:
    old = staging / _OLD
    old.mkdir(exist_ok=True)
    for name in (*_ONLY_OLD, *BACKED_UP):
        arriving, place = staging / NEW / name, home / name
        if name in BACKED_UP and not arriving.exists():
            continue  # it has arrived
        if place.exists() or place.is_symlink():
            place.replace(old / name)
        if arriving.exists():
            arriving.replace(place)
    sync_folder(home)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk: a rename is durable once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
