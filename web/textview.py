"""A page of text as it is shown: its blocks, with the lines of a region marked. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from indexer.domain import Block, BlockKind, BoundingBox, Page

CELL_SEPARATOR = " | "

# A region's edge is also the next line's edge, so touching is not enough.
_COVERED = 0.5
_LARGEST_LINE = 0.5  # of the page; captions are placed on all of a photo


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters that are marked together or not at all."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """``rows`` holds lines of cells for a table, else one row with one cell."""

    kind: BlockKind
    level: int
    rows: tuple[tuple[tuple[Segment, ...], ...], ...]
    first_marked: bool = False

    @property
    def segments(self) -> tuple[Segment, ...]:
        return self.rows[0][0] if self.rows and self.rows[0] else ()


def show_page(
    page: Page, regions: Sequence[BoundingBox] = (), *, quoted: str = ""
) -> list[ShownBlock]:
    """Blocks in reading order; lines inside ``regions`` are marked.

    Where ``quoted`` stands in a block that has marked lines, only the quotation is marked,
    since a line of running text can be a whole paragraph.
    """
    shown: list[ShownBlock] = []
    found = False
    for block in page.blocks:
        ranges = _marked_ranges(block, regions, quoted)
        shown.append(
            ShownBlock(
                kind=block.kind,
                level=min(max(block.level, 1), 5),
                rows=_rows(block, ranges),
                first_marked=bool(ranges) and not found,
            )
        )
        found = found or bool(ranges)
    return shown


def text_lines(page: Page) -> list[dict[str, Any]]:
    """Each line of a page with its place, to be laid over the page's picture.

    Words that are only known to stand somewhere on the picture have no place on it.
    """
    return [
        {"text": block.text[span.start : span.end], "box": span.box.as_tuple()}
        for block in page.blocks
        for span in block.spans
        if span.box.area < _LARGEST_LINE
    ]


def _marked_ranges(
    block: Block, regions: Sequence[BoundingBox], quoted: str
) -> list[tuple[int, int]]:
    lines = [
        (span.start, span.end)
        for span in block.spans
        if any(span.box.intersection_area(region) >= _COVERED * span.box.area for region in regions)
    ]
    if lines and quoted.strip():
        # The quotation was joined from lines, so any white space may stand between its words.
        pattern = r"\s+".join(re.escape(word) for word in quoted.split())
        for match in re.finditer(pattern, block.text):
            if any(start < match.end() and match.start() < end for start, end in lines):
                return [match.span()]
    return _joined(lines, block.text)


def _joined(ranges: list[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Merge ranges that touch or have only white space between them, except across lines."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and not text[merged[-1][1] : start].strip(" "):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _rows(
    block: Block, ranges: list[tuple[int, int]]
) -> tuple[tuple[tuple[Segment, ...], ...], ...]:
    if block.kind != "table":
        return ((_segments(block.text, 0, ranges),),)
    rows = []
    offset = 0
    for line in block.text.split("\n"):
        cells = []
        at = offset
        for cell in line.split(CELL_SEPARATOR):
            cells.append(_segments(cell, at, ranges))
            at += len(cell) + len(CELL_SEPARATOR)
        rows.append(tuple(cells))
        offset += len(line) + 1
    return tuple(rows)


def _segments(text: str, offset: int, ranges: list[tuple[int, int]]) -> tuple[Segment, ...]:
    """Cut ``text``, which starts at ``offset`` of its block, at the edges of ``ranges``."""
    segments: list[Segment] = []
    at = 0
    for start, end in ranges:
        low = min(max(start - offset, at), len(text))
        high = min(max(end - offset, low), len(text))
        if low > at:
            segments.append(Segment(text[at:low], marked=False))
        if high > low:
            segments.append(Segment(text[low:high], marked=True))
        at = high
    if at < len(text):
        segments.append(Segment(text[at:], marked=False))
    return tuple(segments)
