"""A second reading, by the networks, of the lines that Tesseract missed or is not sure of.

Tesseract overlooks light letters on dark cells and numbers between rulings, and takes accented
Latin letters for Cyrillic ones; the networks are slow, but few lines are left for them.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from indexer.domain import BoundingBox
from indexer.parsers.ocr import Sighting, Word
from indexer.parsers.ocr._lines import confidence_in, letters_in, part_of
from indexer.parsers.ocr._scripts import has_cyrillic, is_latin

if TYPE_CHECKING:
    from indexer.parsers.ocr._networks import Networks

_SIDE = 1280  # pixels of the picture in which lines are looked for
_COVERED = 0.6  # share of a line's width that its words take up
_DOUBTFUL = 0.8  # mean confidence of a line
_SURE = 0.9
_AS_MUCH = 0.9  # letters of the second reading to those of the first
_MORE = 1.2


def read_again(
    networks: "Networks", picture: Image.Image, seen: Sighting, deadline: float
) -> tuple[Sighting, bool]:
    """``seen`` with better readings of its doubtful lines, and whether there are any."""
    pixels = networks.pixels(picture)
    lines = networks.lines(pixels, _SIDE)
    members = _by_line(
        seen.words, [part_of(line, 0.0, 0.0, 1.0, 1.0, picture.size) for line in lines]
    )
    latin = is_latin([word.text for word in seen.words])
    replaced: set[Word] = set()
    added: list[Word] = []
    for line, before in zip(lines, members, strict=True):
        cyrillic = has_cyrillic([word.text for word in before])
        # The networks would read but the Latin words of a Russian line.
        if cyrillic and not latin:
            continue
        doubtful = cyrillic or confidence_in(before) < _DOUBTFUL
        if not doubtful and _covered(before, picture) >= _COVERED * line.width:
            continue
        if time.monotonic() > deadline:
            break
        words = networks.words(pixels, line) or []
        least = (_AS_MUCH if doubtful else _MORE) * letters_in(before)
        if letters_in(words) >= max(1, least) and confidence_in(words) >= _SURE:
            replaced.update(before)
            added += words
    kept = tuple(word for word in seen.words if word not in replaced)
    return Sighting(words=(*kept, *added), lines=len(lines), late=seen.late), bool(added)


def _by_line(words: Sequence[Word], places: Sequence[BoundingBox]) -> list[list[Word]]:
    """The words of each line: those whose middle it holds, and none nearer to their level."""
    members: list[list[Word]] = [[] for _ in places]
    for word in words:
        x, y = (word.box.x0 + word.box.x1) / 2, (word.box.y0 + word.box.y1) / 2
        holding = [
            at
            for at, place in enumerate(places)
            if place.x0 <= x <= place.x1 and place.y0 <= y <= place.y1
        ]
        if holding:
            nearest = min(holding, key=lambda at: abs(places[at].y0 + places[at].y1 - 2 * y))
            members[nearest].append(word)
    return members


def _covered(words: Sequence[Word], picture: Image.Image) -> float:
    return sum(word.box.x1 - word.box.x0 for word in words) * picture.width
