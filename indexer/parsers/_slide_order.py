"""The order in which people read the boxes of a slide."""

from collections.abc import Sequence

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in any one unit."""


def reading_order(boxes: Sequence[Box | None]) -> list[int]:
    """The numbers of ``boxes`` by their upper edge, then from left to right.

    A box without a place follows the one before it.
    """
    placed: list[tuple[float, float, int]] = []
    followers: dict[int, list[int]] = {-1: []}
    for number, box in enumerate(boxes):
        if box is None:
            followers[placed[-1][2] if placed else -1].append(number)
        else:
            placed.append((box[1], box[0], number))
            followers[number] = []
    ordered = (number for _, _, number in sorted(placed))
    return followers[-1] + [n for number in ordered for n in (number, *followers[number])]
