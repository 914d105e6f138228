"""From hits to evidence: near-copies removed. Pure functions."""

import itertools
from collections.abc import Sequence

from indexer.analysis import stems
from indexer.domain import BoundingBox
from retriever.domain import Hit

# Shares of common word pairs above which two passages say the same thing.
_COPY_SHARE = 0.8
# Regions of one page that overlap more than this show the same thing.
_SAME_REGION_IOU = 0.5
# Words of one line are at most this far apart, as a fraction of the page's width.
_MAX_GAP = 0.05


def select(hits: Sequence[Hit], limit: int) -> tuple[Hit, ...]:
    """The first ``limit`` hits that are not near-copies of an earlier one, order kept.

    Passages are compared by the share of word pairs of the shorter one (Broder 1997,
    doi:10.1109/SEQUEN.1997.666900), pictures by their place on the page.
    """
    kept: list[tuple[Hit, frozenset[tuple[str, str]]]] = []
    for hit in hits:
        if len(kept) == limit:
            break
        pairs = _pairs(hit.text) if hit.key.kind == "chunk" else frozenset()
        if not any(_repeats(hit, pairs, other, seen) for other, seen in kept):
            kept.append((hit, pairs))
    return tuple(hit for hit, _ in kept)


def lines_of(boxes: Sequence[BoundingBox]) -> tuple[BoundingBox, ...]:
    """Boxes of words that follow one another on a line, joined; whole lines stay as they are."""
    lines: list[BoundingBox] = []
    for box in boxes:
        if lines and _continues(lines[-1], box):
            lines[-1] = BoundingBox.enclosing((lines[-1], box))
        else:
            lines.append(box)
    return tuple(lines)


def _continues(line: BoundingBox, box: BoundingBox) -> bool:
    """Whether ``box`` stands beside the end of ``line``."""
    shared = min(line.y1, box.y1) - max(line.y0, box.y0)
    height = min(line.y1 - line.y0, box.y1 - box.y0)
    return shared > 0.5 * height and -0.5 * height <= box.x0 - line.x1 <= _MAX_GAP


def _repeats(
    hit: Hit,
    pairs: frozenset[tuple[str, str]],
    other: Hit,
    seen: frozenset[tuple[str, str]],
) -> bool:
    if hit.key.kind != other.key.kind:
        return False
    if hit.key.kind == "crop":
        same_page = (hit.document.id, hit.page) == (other.document.id, other.page)
        return same_page and hit.box.iou(other.box) > _SAME_REGION_IOU
    smaller = min(len(pairs), len(seen))
    return smaller > 0 and len(pairs & seen) / smaller >= _COPY_SHARE


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    found = stems(text)
    return frozenset(itertools.pairwise(found)) or frozenset((word, "") for word in found)
