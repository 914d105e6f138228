"""From a picture of a page, or a photo, to blocks of text, within the time that a file has."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import median
from typing import TYPE_CHECKING

from PIL import Image

from indexer.domain import Block, Recognition
from indexer.errors import OcrUnavailable, UnknownAdapter
from indexer.parsers.ocr import OFF, OcrEngine, Sighting, Word, load_engine
from indexer.parsers.ocr._lines import confidence_in, letters_in
from indexer.settings import ParserSettings

if TYPE_CHECKING:
    from indexer.parsers.ocr._upright import Lettering, Upright

# Of the seconds after which the parser is ended; the rest is for what else it does.
_TIME_SHARE = 0.7
_LEAST_SECONDS = 1.0
_MIN_SPOTS = 3  # of ink, that could be letters
_FEW_LETTERS, _SURE_PAGE = 20, 0.8  # a page with fewer letters must be read surely
_NEAR = 3  # words before and after
_SURE_LINE = 0.5  # mean of a word's confidence and that of the words near it
_SURE_LETTER = 0.75  # confidence of a letter or mark that stands alone
_LINES_SIDE = 800  # pixels of the picture in which lines are looked for
_VOTERS = 16  # lines that tell which way up the page is
_POOR = 0.6  # confidence of a page in letters that the engine does not know
_FOREIGN = 0.3  # share of lines in such letters
_PAGE_LINES = 15  # a picture with more is a page rather than a scene
_FEW_LINES = 3
_MIN_PHOTO_SIDE = 64  # pixels
_FLAT, _SHADE, _SMALL = 0.4, 16, 256  # share of a picture, levels of grey, pixels
_NETWORKS = "rapidocr"

_NO_RUSSIAN = (
    "Russian text in pictures was not read: install Tesseract (apt install tesseract-ocr "
    "tesseract-ocr-rus, or brew install tesseract tesseract-lang)"
)
_NOTHING = "no text was found in pictures of pages that have no other"
_PAGE_TOO_SLOW = (
    "text in pictures was not read to the end: it took too long, raise "
    "SIGHTLINE_PARSER_PAGE_SECONDS or lower SIGHTLINE_PARSER_OCR_DPI"
)
_FILE_TOO_SLOW = (
    "text in pictures was not read to the last page: it took too long, raise "
    "SIGHTLINE_PARSER_DOCUMENT_SECONDS"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadPage:
    """What was read of a picture: blocks with a span per word; nothing, and None, if no text."""

    blocks: tuple[Block, ...] = ()
    recognition: Recognition | None = None
    warnings: tuple[str, ...] = ()


class PageReader:
    """Reads the pictures of one file. Each warning is given once."""

    def __init__(self, settings: ParserSettings) -> None:
        self._settings = settings
        self._left = _TIME_SHARE * settings.document_seconds
        self._said: set[str] = set()

    @property
    def is_off(self) -> bool:
        """Whether the settings forbid OCR."""
        return self._settings.ocr_engine == OFF

    def page(self, picture: Image.Image) -> ReadPage:
        """The text of a scanned page that lies in whatever way, also askew.

        Places are those of ``picture``; ``warnings`` tell what was not read.
        """
        read = self._timed(picture, self._page)
        if not (read.recognition or read.warnings or self.is_off):
            read = ReadPage(warnings=(_NOTHING,))
        return self._told_once(read)

    def photo(self, picture: Image.Image) -> ReadPage:
        """The text of a scan, of a screenshot, or of signs and labels in a photo; as ``page``.

        A photo without text costs 15 to 40 ms.
        """
        return self._told_once(self._timed(picture, self._photo))

    def _timed(
        self, picture: Image.Image, action: Callable[[Image.Image, float], ReadPage]
    ) -> ReadPage:
        if self.is_off:
            return ReadPage()
        seconds = min(self._left, _TIME_SHARE * self._settings.page_seconds)
        started = time.monotonic()
        try:
            if self._left < _LEAST_SECONDS:
                page = ReadPage(warnings=(_FILE_TOO_SLOW,))
            else:
                page = action(picture, started + seconds)
        except (OcrUnavailable, UnknownAdapter) as exc:
            page = ReadPage(warnings=(f"text in pictures was not read: {exc}",))
        self._left -= time.monotonic() - started
        return page

    def _told_once(self, page: ReadPage) -> ReadPage:
        new = tuple(warning for warning in page.warnings if warning not in self._said)
        self._said.update(new)
        return replace(page, warnings=new)

    def _page(self, picture: Image.Image, deadline: float) -> ReadPage:
        # OpenCV and NumPy load when the first picture needs them.
        from indexer.parsers.ocr._networks import networks
        from indexer.parsers.ocr._second import read_again
        from indexer.parsers.ocr._upright import lettering_of

        lettering = lettering_of(picture)
        if lettering.count < _MIN_SPOTS:
            return ReadPage()
        view = _upright_view(picture, lettering)
        if view is None:
            return ReadPage()
        engine = engine_for(self._settings)
        seen = engine.read(view.picture, _until(deadline))
        name = engine.name
        if self._settings.ocr_engine == "auto" and name != _NETWORKS and not seen.late:
            seen, again = read_again(networks(), view.picture, seen, deadline)
            name += f", {_NETWORKS}" * again
        words = _solid(seen.words, self._settings.ocr_min_confidence)
        return ReadPage(
            blocks=_blocks(words, view),
            recognition=_recognition(name, words, view.angle),
            warnings=self._warnings(engine, seen),
        )

    def _photo(self, picture: Image.Image, deadline: float) -> ReadPage:
        if min(picture.size) < _MIN_PHOTO_SIDE:
            return ReadPage()
        from indexer.parsers.ocr._layout import blocks_of
        from indexer.parsers.ocr._networks import networks
        from indexer.parsers.ocr._scene import glance, look, read_scene

        loaded = networks()
        if not glance(loaded, picture):
            return ReadPage()
        pixels = loaded.pixels(picture)
        lines = look(loaded, pixels)
        engine = engine_for(self._settings)
        if len(lines) > _PAGE_LINES or self._settings.ocr_engine == "tesseract":
            return self._page(picture, deadline)
        other = engine if engine.reads_cyrillic else None
        seen, helped = read_scene(loaded, pixels, lines, other, deadline)
        lies = len(lines) > 1 and (
            sum(line.is_upright for line in lines) > len(lines) / 2
            or loaded.upside_down(pixels, lines) > 0.5
        )
        if (lies or not seen.words) and _is_flat(picture):
            page = self._page(picture, deadline)
            if page.recognition and page.recognition.confidence >= _SURE_PAGE:
                return page
        words = _solid(seen.words, self._settings.ocr_min_confidence)
        name = f"{_NETWORKS}, {engine.name}" if helped else _NETWORKS
        return ReadPage(
            blocks=tuple(blocks_of(words, picture.size)),
            recognition=_recognition(name, words, 0.0),
            warnings=self._warnings(engine, seen),
        )

    def _warnings(self, engine: OcrEngine, seen: Sighting) -> tuple[str, ...]:
        foreign = seen.unread >= max(_FEW_LINES, _FOREIGN * seen.lines)
        garbled = bool(seen.words) and confidence_in(seen.words) < _POOR
        russian = "rus" in self._settings.ocr_languages and not engine.reads_cyrillic
        return (_PAGE_TOO_SLOW,) * seen.late + (_NO_RUSSIAN,) * (russian and (foreign or garbled))


@cache
def engine_for(settings: ParserSettings) -> OcrEngine:
    """As ``load_engine``, once for the same settings."""
    return load_engine(settings)


def _upright_view(picture: Image.Image, lettering: "Lettering") -> "Upright | None":
    """``picture`` as a reader would hold it; None where no line of text is in it."""
    from indexer.parsers.ocr._networks import networks
    from indexer.parsers.ocr._upright import busiest_part, upright

    loaded = networks()
    quarters = int(lettering.sideways)
    for _ in range(2):
        view = upright(picture, lettering, quarters)
        for part in (busiest_part(view.picture), view.picture):
            pixels = loaded.pixels(part)
            lines = loaded.lines(pixels, _LINES_SIDE)
            if lines:
                break
        else:
            return None
        if sum(line.is_upright for line in lines) <= len(lines) / 2:
            break
        quarters += 1
    longest = sorted(lines, key=lambda line: -line.width)[:_VOTERS]
    if loaded.upside_down(pixels, longest) <= 0.5:
        return view
    return upright(picture, lettering, quarters + 2)


def _until(deadline: float) -> float:
    return max(0.1, deadline - time.monotonic())


def _blocks(words: Sequence[Word], view: "Upright") -> tuple[Block, ...]:
    from indexer.parsers.ocr._layout import blocks_of
    from indexer.parsers.ocr._rulings import rulings_of

    return tuple(
        replace(
            block,
            spans=tuple(replace(span, box=view.back(span.box)) for span in block.spans),
        )
        for block in blocks_of(words, view.picture.size, rulings_of(view.picture))
    )


def _solid(words: Sequence[Word], least: float) -> list[Word]:
    """``words`` without those that are likely stains; none where too little is left.

    A word that is hardly legible counts as much as the words around it.
    """
    kept = []
    for at, word in enumerate(words):
        near = [*words[max(0, at - _NEAR) : at], *words[at + 1 : at + 1 + _NEAR]]
        support = median(other.confidence for other in near) if near else 0.0
        long = letters_in([word]) > 1
        if word.confidence >= (least if long else max(least, _SURE_LETTER)) or (
            long and (word.confidence + support) / 2 >= max(least, _SURE_LINE)
        ):
            kept.append(word)
    few = letters_in(kept) < _FEW_LETTERS and confidence_in(kept) < _SURE_PAGE
    return [] if few else kept


def _is_flat(picture: Image.Image) -> bool:
    """Whether much of ``picture`` is of one brightness, like paper, or the ground of a window."""
    levels = picture.convert("L").reduce(max(1, max(picture.size) // _SMALL)).histogram()
    largest = max(sum(levels[at : at + _SHADE]) for at in range(0, 256, _SHADE // 2))
    return largest >= _FLAT * sum(levels)


def _recognition(engine: str, words: Sequence[Word], angle: float) -> Recognition | None:
    if not words:
        return None
    return Recognition(
        engine=engine, confidence=round(confidence_in(words), 3), angle=round(angle, 2)
    )
