"""Reading order: columns are found by the white gutters between them."""

from collections.abc import Sequence
from statistics import median

from indexer.parsers._pdf_lines import Item, Line, rows_of

_MAX_DEPTH = 6
# Text shorter than this beside its neighbour is a label and its value, not two columns.
_LABEL_CHARS = 22
_MIN_COLUMN_LINES = 3


def runs(items: Sequence[Item], em: float, depth: int = 0) -> list[list[Item]]:
    """``items`` in reading order, cut into runs that each flow down one column.

    ``em`` is the usual font size in points. Where a gutter parts the lines, whatever crosses it
    (a title, a wide table) separates bands, and a band is read column by column, from the left.
    """
    gutter = None if depth >= _MAX_DEPTH else _gutter(items, em)
    if gutter is None:
        return [[item for row in rows_of(items) for item in row]] if items else []
    ordered: list[list[Item]] = []
    for crossing, left, right in _bands(items, gutter):
        if crossing:
            ordered += runs(crossing, em, depth + 1)
        ordered += runs(left, em, depth + 1)
        ordered += runs(right, em, depth + 1)
    return ordered


_Band = tuple[list[Item], list[Item], list[Item]]


def _bands(items: Sequence[Item], gutter: float) -> list[_Band]:
    """Bands from top to bottom: what crosses ``gutter``, then what is left and right of it."""
    bands: list[_Band] = [([], [], [])]
    for item in sorted(items, key=lambda item: item.y0 + item.y1):
        if item.x0 < gutter < item.x1:
            if bands[-1][1] or bands[-1][2]:
                bands.append(([], [], []))
            bands[-1][0].append(item)
        else:
            bands[-1][1 if item.x1 <= gutter else 2].append(item)
    return bands


def _gutter(items: Sequence[Item], em: float) -> float | None:
    """The x, in points, of the white strip that the fewest items cross, if it parts columns."""
    if len(items) < 2 * _MIN_COLUMN_LINES:
        return None
    starts = sorted(item.x0 for item in items)
    ends = sorted(item.x1 for item in items)
    candidates: list[tuple[int, float, float]] = []
    started = ended = 0
    for index, start in enumerate(starts):
        # Between the last end before it and this start lies a strip without edges of text.
        while ended < len(ends) and ends[ended] <= start:
            ended += 1
        started = index
        left, right = ended, len(items) - started
        if left < _MIN_COLUMN_LINES or right < _MIN_COLUMN_LINES:
            continue
        low = max(ends[ended - 1], starts[index - 1] if index else 0.0)
        if start - low >= 0.6 * em:
            crossing = len(items) - left - right
            candidates.append((crossing, low - start, (low + start) / 2))
    for _, _, x in sorted(candidates)[:4]:
        if any(_are_columns(left, right, em) for _, left, right in _bands(items, x)):
            return x
    return None


def _are_columns(left: Sequence[Item], right: Sequence[Item], em: float) -> bool:
    if min(len(left), len(right)) < _MIN_COLUMN_LINES:
        return False
    top = max(min(item.y0 for item in left), min(item.y0 for item in right))
    bottom = min(max(item.y1 for item in left), max(item.y1 for item in right))
    if bottom - top < 2 * em:
        return False
    lengths = [median(_length(item) for item in side) for side in (left, right)]
    if min(lengths) > _LABEL_CHARS:
        return True
    short, other = (left, right) if lengths[0] < lengths[1] else (right, left)
    figures = sum(_is_amount(item) for item in short) >= 0.5 * len(short)
    return _beside(short, other, em) < 0.7 or (not figures and _beside(other, short, em) < 0.7)


def _beside(items: Sequence[Item], others: Sequence[Item], em: float) -> float:
    """The share of ``items`` at the very height of one of ``others``, as in a table's row.

    Text that only happens to stand next to a table has lines of its own pitch.
    """
    middles = [(other.y0 + other.y1) / 2 for other in others]
    return sum(
        any(abs(middle - (item.y0 + item.y1) / 2) < 0.3 * em for middle in middles)
        for item in items
    ) / len(items)


def _is_amount(item: Item) -> bool:
    return isinstance(item, Line) and (
        any(char.isdigit() for char in item.text) or not any(char.isalpha() for char in item.text)
    )


def _length(item: Item) -> int:
    return len(item.text) if isinstance(item, Line) else 100
