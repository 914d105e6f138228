"""A line of text in a picture, its letters, and the words that they make."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import dist
from statistics import fmean, median

from indexer.domain import BoundingBox
from indexer.parsers.ocr import Word

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """Corners in pixels, clockwise from where the line begins, and the detector's certainty."""

    corners: tuple[Point, Point, Point, Point]
    certainty: float

    @property
    def width(self) -> float:
        return dist(self.corners[0], self.corners[1])

    @property
    def height(self) -> float:
        return dist(self.corners[0], self.corners[3])

    @property
    def is_upright(self) -> bool:
        """Whether it runs from bottom to top rather than from left to right."""
        (x0, y0), (x1, y1) = self.corners[:2]
        return abs(y1 - y0) > abs(x1 - x0)


Ink = Callable[[float, float], tuple[float, float, float, float]]
"""From a word's left and right end to left, top, right, bottom of its ink, as shares of a line."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A character, its middle as a fraction of the line's width, and its probability."""

    text: str
    at: float
    confidence: float


def words_of(line: Line, letters: Sequence[Letter], size: tuple[int, int], ink: Ink) -> list[Word]:
    """The words of ``line``, placed in a picture of ``size`` (width, height) pixels."""
    steps = [after.at - before.at for before, after in pairwise(letters)]
    half = 0.5 * median(steps) if steps else 0.5
    words = []
    for blank, group in groupby(letters, key=lambda letter: letter.text.isspace()):
        members = list(group)
        if blank:
            continue
        ends = max(0.0, members[0].at - half), min(1.0, members[-1].at + half)
        words.append(
            Word(
                text="".join(letter.text for letter in members),
                box=part_of(line, *ink(*ends), size),
                confidence=fmean(letter.confidence for letter in members),
            )
        )
    return words


def letters_in(words: Iterable[Word]) -> int:
    """Letters and digits."""
    return sum(char.isalnum() for word in words for char in word.text)


def confidence_in(words: Sequence[Word]) -> float:
    """The mean over the characters, 0 without any."""
    characters = sum(len(word.text) for word in words)
    total = sum(len(word.text) * word.confidence for word in words)
    return total / characters if characters else 0.0


def part_of(
    line: Line, left: float, top: float, right: float, bottom: float, size: tuple[int, int]
) -> BoundingBox:
    """A part of ``line``, in fractions of its width and height, in a picture of ``size``."""
    top_left, top_right, bottom_right, bottom_left = line.corners
    points = [
        _between(
            _between(top_left, top_right, across), _between(bottom_left, bottom_right, across), down
        )
        for across in (left, right)
        for down in (top, bottom)
    ]
    xs = [x / size[0] for x, _ in points]
    ys = [y / size[1] for _, y in points]
    return BoundingBox.clamped(min(xs), min(ys), max(xs), max(ys))


def _between(one: Point, other: Point, share: float) -> Point:
    return one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])
