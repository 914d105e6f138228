"""The order in which people read the boxes of a slide."""

from collections.abc import Sequence

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in any one unit."""

_SHRINK = 0.08  # of a box at each side: frames are larger than the text in them
_BACKGROUND = 0.6  # share of the area around all boxes
_MAX_BOXES = 300  # more are dots of a drawing, and not read one by one

_Part = tuple[int, Box]


def reading_order(boxes: Sequence[Box | None]) -> list[int]:
    """The numbers of ``boxes`` from top to bottom and left to right, columns kept together.

    The widest gap between the boxes cuts them first (recursive XY-cut, Nagy & Seth, ICPR 1984).
    A box without a place follows the one before it.
    """
    parts: list[_Part] = []
    followers: dict[int, list[int]] = {-1: []}
    for number, box in enumerate(boxes):
        if box is None:
            followers[parts[-1][0] if parts else -1].append(number)
        else:
            parts.append((number, _shrunk(box)))
            followers[number] = []
    ordered = _cut(parts) if len(parts) <= _MAX_BOXES else [number for number, _ in parts]
    return followers[-1] + [n for number in ordered for n in (number, *followers[number])]


def _shrunk(box: Box) -> Box:
    left, top, right, bottom = box
    x, y = _SHRINK * (right - left), _SHRINK * (bottom - top)
    return left + x, top + y, right - x, bottom - y


def _cut(parts: list[_Part]) -> list[int]:
    if len(parts) < 2:
        return [number for number, _ in parts]
    gap_down, rows = _groups(parts, 1)
    gap_across, columns = _groups(parts, 0)
    groups = rows if gap_down >= gap_across else columns
    if len(groups) > 1:
        return [number for group in groups for number in _cut(group)]
    # Overlapping: what lies behind the others comes first, else what is on top.
    first = max(parts, key=lambda part: _area(part[1]))
    if _area(first[1]) < _BACKGROUND * _area(_around(parts)):
        first = min(parts, key=lambda part: (part[1][1], part[1][0]))
    return [first[0], *_cut([part for part in parts if part is not first])]


def _groups(parts: list[_Part], axis: int) -> tuple[float, list[list[_Part]]]:
    """The parts on both sides of the widest gap along an axis (0: across), and its width."""
    ordered = sorted(parts, key=lambda part: part[1][axis])
    end = ordered[0][1][axis + 2]
    widest, at = -1.0, 0
    for index, (_, box) in enumerate(ordered[1:], start=1):
        if box[axis] - end > widest:
            widest, at = box[axis] - end, index
        end = max(end, box[axis + 2])
    return (widest, [ordered[:at], ordered[at:]]) if widest >= 0 else (-1.0, [ordered])


def _around(parts: list[_Part]) -> Box:
    boxes = [box for _, box in parts]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
