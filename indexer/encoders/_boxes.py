"""From a classifier's last feature map to boxes around what it sees.

Source: class activation maps, Zhou et al. 2016, arXiv:1512.04150. A map's cell votes for a
class as strongly as the classifier would if the whole picture looked like that cell.
"""

import numpy as np
from numpy.typing import NDArray

from indexer.domain import BoundingBox

_CLASSES = 8  # candidates: more only repeats the same things under other names
_SHARE_OF_PEAK = 0.45  # a box encloses the cells that vote at least this strongly
_MARGIN = 0.1  # share of its sides by which a box grows: the strongest cells lie inside a thing
_SAME = 0.5  # intersection over union from which two boxes show the same thing
_MOSTLY_INSIDE = 0.8  # share of the smaller box inside the larger
_WHOLE = 0.9  # a box of this area is the picture itself
_SMALLEST = 0.01
_UPSAMPLING = 4


def salient_boxes(
    maps: NDArray[np.float32], classifier: NDArray[np.float32], limit: int
) -> list[BoundingBox]:
    """Boxes of the regions that vote most clearly for some class, best first, at most ``limit``.

    ``maps``: float32 (features, rows, columns), the last feature map before pooling.
    ``classifier``: float32 (classes, features), its weights, kindred classes mixed.
    """
    features, rows, columns = maps.shape
    votes = classifier @ maps.reshape(features, rows * columns)
    votes -= votes.mean(axis=0)
    certainty = np.exp(votes - votes.max(axis=0))
    certainty /= certainty.sum(axis=0)
    # Candidates by how much of the picture is certainly theirs.
    order = np.argsort(-certainty.sum(axis=1), kind="stable")[:_CLASSES]
    found: list[tuple[float, BoundingBox]] = []
    for number in order:
        fine = _upsampled(np.maximum(votes[number].reshape(rows, columns), 0))
        sure = _upsampled(certainty[number].reshape(rows, columns))
        for component in _components(fine >= _SHARE_OF_PEAK * max(float(fine.max()), 1e-6)):
            found.append((float((sure * component).max()), _enclosing(component)))
    found.sort(key=lambda scored: -scored[0])
    kept: list[BoundingBox] = []
    for _, box in found:
        if len(kept) == limit:
            break
        if _SMALLEST <= box.area <= _WHOLE and not any(_repeats(box, other) for other in kept):
            kept.append(box)
    return [_grown(box) for box in kept]


def _grown(box: BoundingBox) -> BoundingBox:
    across, down = _MARGIN * (box.x1 - box.x0), _MARGIN * (box.y1 - box.y0)
    return BoundingBox.clamped(box.x0 - across, box.y0 - down, box.x1 + across, box.y1 + down)


def _repeats(box: BoundingBox, other: BoundingBox) -> bool:
    shared = box.intersection_area(other)
    return box.iou(other) > _SAME or shared > _MOSTLY_INSIDE * min(box.area, other.area)


def _upsampled(grid: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bilinear, ``_UPSAMPLING`` times finer; cell centres stay where they are."""
    for axis in (0, 1):
        size = grid.shape[axis]
        at = (np.arange(size * _UPSAMPLING) + 0.5) / _UPSAMPLING - 0.5
        at = np.clip(at, 0, size - 1)
        below = np.minimum(np.floor(at).astype(int), max(size - 2, 0))
        above = np.minimum(below + 1, size - 1)
        share = (at - below).astype(np.float32)
        share = share[:, None] if axis == 0 else share[None, :]
        grid = np.take(grid, below, axis) * (1 - share) + np.take(grid, above, axis) * share
    return grid


def _components(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """The 4-connected parts of ``mask``, largest first."""
    left = mask.copy()
    parts = []
    while left.any():
        start = np.argwhere(left)[0]
        part = np.zeros_like(left)
        part[tuple(start)] = True
        while True:
            grown = part.copy()
            grown[1:] |= part[:-1]
            grown[:-1] |= part[1:]
            grown[:, 1:] |= part[:, :-1]
            grown[:, :-1] |= part[:, 1:]
            grown &= left
            if (grown == part).all():
                break
            part = grown
        left &= ~part
        parts.append(part)
    return sorted(parts, key=lambda part: -int(part.sum()))


def _enclosing(mask: NDArray[np.bool_]) -> BoundingBox:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    # Plain numbers: boxes are written down as they are.
    left, right, top, bottom = int(columns[0]), int(columns[-1]), int(rows[0]), int(rows[-1])
    return BoundingBox.clamped(
        left / width, top / height, (right + 1) / width, (bottom + 1) / height
    )
