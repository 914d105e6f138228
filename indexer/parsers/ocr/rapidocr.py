"""The PP-OCR networks of the RapidOCR wheel: Latin letters and Chinese, no Cyrillic."""

import time

from PIL import Image

from indexer.parsers.ocr import OcrEngine, Sighting, Word
from indexer.settings import ParserSettings

_DETECTION_SIDE = 1600  # pixels; type of 8 points on a large sheet is still found


def build(settings: ParserSettings) -> OcrEngine:  # noqa: ARG001 -- part of the protocol
    """Raises OcrUnavailable where the wheel is not installed or has no models."""
    return RapidOcr()


class RapidOcr:
    """Finds the lines of the whole picture, then reads one after the other."""

    name = "rapidocr"
    reads_cyrillic = False

    def __init__(self) -> None:
        # Loading them takes half a second, which readers without a page for them need not wait.
        from indexer.parsers.ocr._networks import networks

        self._networks = networks()

    def read(self, picture: Image.Image, seconds: float) -> Sighting:
        """See OcrEngine. Lines for which time did not suffice are left out."""
        deadline = time.monotonic() + seconds
        pixels = self._networks.pixels(picture)
        lines = self._networks.lines(pixels, _DETECTION_SIDE)
        words: list[Word] = []
        unread = 0
        late = False
        for line in lines:
            late = time.monotonic() > deadline
            if late:
                break
            read = self._networks.words(pixels, line)
            unread += read is None
            words += read or []
        return Sighting(words=tuple(words), lines=len(lines), unread=unread, late=late)
