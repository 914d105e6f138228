"""Signs, labels and lettering in photos, and the quick look that tells whether there are any."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from indexer.parsers.ocr import OcrEngine, Sighting, Word
from indexer.parsers.ocr._lines import Line, confidence_in, letters_in, part_of
from indexer.parsers.ocr._scripts import may_be_cyrillic

if TYPE_CHECKING:
    from indexer.parsers.ocr._networks import Networks, Pixels

_GLANCE_SIDE = 352  # pixels: 10 to 40 ms on one processor
_LOOK_SIDE = 1280
_CERTAIN = 0.6  # of a line being one; a page has less certain ones too
# The detector takes a single thing before a plain ground for a huge letter.
_LARGEST = 0.4  # height of a line as a share of the picture's shorter side
_NARROWEST = 1.2  # width of a line as a multiple of its height
_MOST_LINES = 24  # read in one photo, largest first
_SURE = 0.8  # mean confidence of a line; mere scenery has less
_MIN_LETTERS = 2

_STRIP_HEIGHT, _STRIP_MARGIN, _STRIP_GAP = 40, 12, 28  # pixels of lines on a sheet


def glance(networks: "Networks", picture: Image.Image) -> bool:
    """Whether there seems to be a line of text."""
    pixels = networks.pixels(picture)
    return bool(_plausible(networks.lines(pixels, _GLANCE_SIDE), pixels))


def look(networks: "Networks", pixels: "Pixels") -> list[Line]:
    """The lines of text, from top to bottom."""
    return _plausible(networks.lines(pixels, _LOOK_SIDE), pixels)


def _plausible(lines: Sequence[Line], pixels: "Pixels") -> list[Line]:
    largest = _LARGEST * min(pixels.shape[:2])
    return [
        line
        for line in lines
        if line.certainty >= _CERTAIN
        and line.height <= largest
        and line.width >= _NARROWEST * line.height
    ]


def read_scene(
    networks: "Networks",
    pixels: "Pixels",
    lines: Sequence[Line],
    other: OcrEngine | None,
    deadline: float,
) -> tuple[Sighting, bool]:
    """The words of ``lines``, and whether the ``other`` engine read what may be Cyrillic of them.

    Words of which the readers are not sure are left out.
    """
    found: dict[Line, list[Word]] = {}
    foreign: list[Line] = []
    alike: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.height)[:_MOST_LINES]:
        if time.monotonic() > deadline:
            break
        words = networks.words(pixels, line)
        if words is None:
            foreign.append(line)
        elif _are_sure(words):
            found[line] = words
            if may_be_cyrillic(" ".join(word.text for word in words)):
                alike.append(line)
    helped = {}
    if other is not None and (foreign or alike):
        seen = _on_one_sheet(networks, pixels, foreign + alike, other, deadline)
        helped = {
            line: words
            for line, words in seen.items()
            if _are_sure(words) and (line in foreign or _is_cyrillic(words))
        }
    found |= helped
    sighting = Sighting(
        words=tuple(word for line in lines for word in found.get(line, ())),
        lines=len(lines),
        unread=sum(line not in found for line in foreign),
    )
    return sighting, bool(helped)


def _are_sure(words: Sequence[Word]) -> bool:
    return letters_in(words) >= _MIN_LETTERS and confidence_in(words) >= _SURE


def _is_cyrillic(words: Sequence[Word]) -> bool:
    letters = [char for word in words for char in word.text.lower() if char.isalpha()]
    return sum("а" <= char <= "ё" for char in letters) > len(letters) / 2


def _on_one_sheet(
    networks: "Networks",
    pixels: "Pixels",
    lines: Sequence[Line],
    engine: OcrEngine,
    deadline: float,
) -> dict[Line, list[Word]]:
    """Cuts ``lines`` out and sets them below each other, black on white, as ``engine`` likes it."""
    strips = [_black_on_white(networks.strip(pixels, line, _STRIP_HEIGHT)) for line in lines]
    pitch = _STRIP_HEIGHT + _STRIP_GAP
    width = 2 * _STRIP_MARGIN + max(strip.width for strip in strips)
    sheet = Image.new("L", (width, pitch * len(strips) + _STRIP_GAP), 255)
    for at, strip in enumerate(strips):
        sheet.paste(strip, (_STRIP_MARGIN, _STRIP_GAP + pitch * at))
    seen = engine.read(sheet, max(0.1, deadline - time.monotonic()))
    found: dict[Line, list[Word]] = {}
    for word in seen.words:
        middle = (word.box.y0 + word.box.y1) / 2 * sheet.height
        at = min(len(lines) - 1, max(0, int((middle - _STRIP_GAP / 2) / pitch)))
        ends = [
            min(1.0, max(0.0, (x * sheet.width - _STRIP_MARGIN) / strips[at].width))
            for x in (word.box.x0, word.box.x1)
        ]
        size = pixels.shape[1], pixels.shape[0]
        box = part_of(lines[at], ends[0], 0.0, ends[1], 1.0, size)
        if letters_in([word]):
            found.setdefault(lines[at], []).append(replace(word, box=box))
    return found


def _black_on_white(strip: Image.Image) -> Image.Image:
    grey = ImageOps.autocontrast(strip.convert("L"), cutoff=2)
    # Letters cover less than half of their line.
    histogram = grey.histogram()
    dark = sum(histogram[:128]) > sum(histogram[128:])
    return ImageOps.invert(grey) if dark else grey
