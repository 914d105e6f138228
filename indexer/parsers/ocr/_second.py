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
from indexer.parsers.ocr._scripts import Suspicion, suspicion

if TYPE_CHECKING:
    from indexer.parsers.ocr._networks import Networks

_SIDE = 1280  # pixels of the picture in which lines are looked for
_COVERED = 0.6  # share of a line's width that its words take up
_DOUBTFUL = 0.8  # mean confidence of a line
_SURE = 0.9
_AS_MUCH = 0.9  # letters of the second reading to those of the first
_MORE = 1.2
_MOST_LINES = 60


def read_again(
    networks: "Networks", picture: Image.Image, seen: Sighting, deadline: float
) -> tuple[Sighting, bool]:
    """``seen`` with better readings of its doubtful lines, and whether there are any."""
    pixels = networks.pixels(picture)
    lines = networks.lines(pixels, _SIDE)
    members = _by_line(
        seen.words, [part_of(line, 0.0, 0.0, 1.0, 1.0, picture.size) for line in lines]
    )
    replaced: set[Word] = set()
    added: list[Word] = []
    suspect = suspicion([word.text for word in seen.words])
    doubtful = [
        at
        for at, words in enumerate(members)
        if _covered(words, picture) < _COVERED * lines[at].width or _is_doubtful(words, suspect)
    ]
    for at in doubtful[:_MOST_LINES]:
        if time.monotonic() > deadline:
            break
        words = networks.words(pixels, lines[at])
        if words and _is_better(words, members[at], suspect):
            replaced.update(members[at])
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


def _is_doubtful(words: Sequence[Word], suspect: Suspicion) -> bool:
    return confidence_in(words) < _DOUBTFUL or suspect([word.text for word in words])


def _is_better(words: Sequence[Word], before: Sequence[Word], suspect: Suspicion) -> bool:
    letters, earlier = letters_in(words), letters_in(before)
    if not letters or confidence_in(words) < _SURE:
        return False
    return letters >= (_AS_MUCH if _is_doubtful(before, suspect) else _MORE) * earlier
