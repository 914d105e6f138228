"""Errors name the item, the cause and the remedy, in one line."""

import errno
import os
from collections.abc import Iterable
from typing import Self

_FULL = "free some disk space, then run the same command again"
_BUSY = "close other programs, then run the same command again"
_EXHAUSTED = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.ENOMEM: _BUSY,
    errno.EAGAIN: _BUSY,
    errno.EMFILE: "allow more open files (ulimit -n), then run the same command again",
    errno.ENFILE: _BUSY,
}


class SightlineError(Exception):
    """Base of every error a user can meet. ``str()`` is the one line they see."""

    def __init__(self, item: object, *, cause: str, remedy: str) -> None:
        self.item = str(item)
        self.cause = cause
        self.remedy = remedy
        super().__init__(self.item, cause, remedy)

    def __str__(self) -> str:
        line = f"{self.item}: {self.cause}; {self.remedy}"
        return " ".join(line.split())


class UnreadableDocument(SightlineError):
    """A file that its parser could not read."""


class UnsupportedFormat(SightlineError):
    """A file that no parser claims."""


class LimitExceeded(SightlineError):
    """A file that is larger, longer or slower than the settings allow."""


class InvalidSettings(SightlineError):
    """A setting that is unknown or has a bad value."""


class InvalidInput(SightlineError):
    """A request that cannot be carried out as it was made."""


class NotFound(SightlineError):
    """A collection, document, page or crop that does not exist."""


class EncoderUnavailable(SightlineError):
    """A model whose weights or packages are missing or damaged."""


class OcrUnavailable(SightlineError):
    """An OCR program, or data of its languages, that is missing or does not start."""


class OutOfResources(SightlineError):
    """A machine without room or memory for what is asked of it: no file is to blame."""

    @classmethod
    def because(cls, error: OSError, place: object) -> Self:
        """What ``error`` means for ``place``, a folder or a file that was to be written."""
        return cls(
            place,
            cause=os.strerror(error.errno) if error.errno else str(error),
            remedy=_EXHAUSTED.get(error.errno or 0, "check its permissions and the free space"),
        )

    @staticmethod
    def is_behind(error: OSError) -> bool:
        """Whether ``error`` tells of the machine, not of the file that it names."""
        return error.errno in _EXHAUSTED


class ParserUnavailable(SightlineError):
    """The process that reads files, when it does not start."""


class UnknownAdapter(SightlineError):
    """A name that no file of an adapter package carries."""

    def __init__(self, name: str, *, package: str, choices: Iterable[str]) -> None:
        super().__init__(
            name,
            cause=f"{package} has no such adapter",
            remedy=f"choose one of: {', '.join(sorted(choices))}",
        )


class SpaceMismatch(SightlineError):
    """A collection built with other encoders than those that are asked to search it."""


class CatalogTooNew(SightlineError):
    """A catalogue written by a newer Sightline."""


class CatalogUnavailable(SightlineError):
    """A catalogue that is damaged, locked or cannot be written."""
