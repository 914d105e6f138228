"""The care of a home folder: backup and restore, repair, removal, export."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.errors import InvalidInput
from indexer.settings import MEBIBYTE

# Beyond the bytes to be written: folders, and what SQLite wants for itself.
_SPARE_BYTES = 64 * MEBIBYTE

Tell = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and how much there is (0: not known)."""


def silence(_what: str, _done: int, _total: int) -> None:
    """For those who want no progress."""


@contextmanager
def disk_errors(
    item: object, remedy: str = "see that the disk has room and the permissions are right"
) -> Iterator[None]:
    """What the disk refuses, in one line: InvalidInput. A pipe that nobody reads is no fault."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise InvalidInput(
            exc.filename or item,
            cause=exc.strerror or str(exc),
            remedy=remedy,
        ) from exc


def need_room(folder: Path, wanted_bytes: int) -> None:
    """InvalidInput if the disk of ``folder`` has not that much room."""
    wanted = wanted_bytes + _SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise InvalidInput(
            folder,
            cause=f"{free // MEBIBYTE} MiB are free, {wanted // MEBIBYTE} MiB are needed",
            remedy="free some space, or choose another disk",
        )
