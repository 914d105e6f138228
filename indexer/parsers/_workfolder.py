"""The folder that a child works in: its own, empty, and gone with it."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from indexer.parsers._frames import FOLDER_PREFIX


class WorkFolder:
    """An empty temporary folder, locked while anyone who inherits ``descriptor`` lives.

    The lock is what tells it from the leftovers of killed programs, which each new one clears.
    """

    def __init__(self) -> None:
        _clear_leftovers()
        # Between its making and its locking, another program may take it for a leftover.
        while (made := _lock(path := Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX)))) is None:
            pass
        self.path, self.descriptor = path, made
        self._open = True

    def remove(self) -> None:
        """May be called again."""
        if self._open:
            self._open = False
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self.descriptor)


def _clear_leftovers() -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        descriptor = _lock(path)
        if descriptor is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(descriptor)


def _lock(path: Path) -> int | None:
    """A descriptor that holds the lock of the folder; None if it is in use, foreign or gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    with suppress(OSError):
        if os.fstat(descriptor).st_uid == os.geteuid():
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), path.lstat()):
                return descriptor
    os.close(descriptor)
    return None
