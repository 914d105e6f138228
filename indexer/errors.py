"""Errors name the item, the cause and the remedy, in one line."""

from collections.abc import Iterable


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
