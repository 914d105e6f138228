"""The pictures of one document, decoded within a share of the time that a file has."""

import hashlib
import re
import time

from indexer.domain import Raster
from indexer.parsers._flow import FlowBlock
from indexer.parsers._pictures import embedded_picture
from indexer.settings import ParserSettings

# Of the seconds that may pass until the first page; the text needs the rest.
_TIME_SHARE = 0.5
_MAX_ALT_CHARS = 500
_FILE_NAME = re.compile(r"\S*\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)|https?://\S+", re.I)


class Album:
    """Decodes each picture once. After half of ``settings.page_seconds`` it decodes no more."""

    def __init__(self, settings: ParserSettings) -> None:
        self._settings = settings
        self._known: dict[bytes, Raster | None] = {}
        self._deadline = time.monotonic() + settings.page_seconds * _TIME_SHARE
        self._left_out = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        if not self._left_out:
            return ()
        return (f"{self._left_out} pictures are left out: decoding them takes too long",)

    def block(self, data: bytes, alt: str = "") -> FlowBlock | None:
        """A picture with its alternative text, the text alone if there is nothing to show."""
        raster = self._raster(data) if data else None
        words = " ".join(alt.split())[:_MAX_ALT_CHARS]
        if _FILE_NAME.fullmatch(words):
            words = ""
        if raster is None and not words:
            return None
        return FlowBlock(kind="caption", text=words, picture=raster)

    def _raster(self, data: bytes) -> Raster | None:
        digest = hashlib.sha256(data).digest()
        if digest not in self._known:
            if time.monotonic() > self._deadline:
                self._left_out += 1
                return None
            self._known[digest] = embedded_picture(data, self._settings)
        return self._known[digest]
