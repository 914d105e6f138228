"""Text from pixels: OCR engines by file name, and what they have in common.

A file of this package is an engine when it defines ``build``. ``auto`` takes Tesseract where it
is installed with every language asked for, else the networks of the RapidOCR wheel, which know
no Cyrillic. :class:`indexer.parsers.ocr.reader.PageReader` is what parsers use.
"""

from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from PIL import Image

from indexer.domain import BoundingBox
from indexer.errors import OcrUnavailable, UnknownAdapter
from indexer.settings import ParserSettings

OFF = "off"
AUTO = ("tesseract", "rapidocr")  # in this order


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """A word, its place in fractions of the picture, and the engine's confidence, 0 to 1."""

    text: str
    box: BoundingBox
    confidence: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """What an engine saw: ``words`` line by line, and how many ``lines`` it found.

    Of those ``unread`` gave no letter: they are in a script that the engine does not know.
    ``late`` tells that time ran out before the end.
    """

    words: tuple[Word, ...] = ()
    lines: int = 0
    unread: int = 0
    late: bool = False


class OcrEngine(Protocol):
    """Reads upright pictures of pages."""

    name: str
    """The engine and its languages, for people."""

    reads_cyrillic: bool

    def read(self, picture: Image.Image, seconds: float) -> Sighting:
        """The words of ``picture``, whose lines of text are level; ends after about ``seconds``.

        Raises OcrUnavailable where the engine does not start.
        """
        ...


class _EngineFile(Protocol):
    def build(self, settings: ParserSettings) -> OcrEngine: ...


def available() -> list[str]:
    """The names of the engines."""
    helpers = {"reader"}
    names = (info.name for info in iter_modules(__path__))
    return [name for name in names if not name.startswith("_") and name not in helpers]


def load_engine(settings: ParserSettings) -> OcrEngine:
    """The engine that ``settings.ocr_engine`` names.

    Raises UnknownAdapter for a name without a file, OcrUnavailable for an engine that is not
    installed; ``auto`` raises only where none is.
    """
    name = settings.ocr_engine
    if name != "auto":
        if name not in available():
            raise UnknownAdapter(
                name, package="indexer/parsers/ocr", choices=[*available(), "auto", OFF]
            )
        return _build(name, settings)
    for preferred in AUTO[:-1]:
        try:
            return _build(preferred, settings)
        except OcrUnavailable:
            continue
    return _build(AUTO[-1], settings)


def _build(name: str, settings: ParserSettings) -> OcrEngine:
    return cast(_EngineFile, import_module(f"{__name__}.{name}")).build(settings)
