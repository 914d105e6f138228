"""Lines of a PDF page, in points of the page as it is displayed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pymupdf

from indexer.domain import BoundingBox
from indexer.parsers._pdf_rtl import (
    Box,
    has_rtl,
    pieces_of,
    reads_leftwards,
    with_brackets_in_order,
    words_of,
)

# Ligatures are taken apart, so that "fi" is found as two letters; text outside the page is not
# displayed and does not count.
TEXT_FLAGS: int = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP

_BOLD, _MONO = 16, 8
_BOLD_NAME = re.compile(r"bold|black|heavy|semibold|demi", re.I)
_CONTROLS = dict.fromkeys(range(32), " ") | {0xA0: " ", 0x200B: None, 0xFEFF: None}


@dataclass(slots=True)
class Rect:
    """A place on the page, points from its top left corner."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    def holds(self, other: "Rect") -> bool:
        """Whether the middle of ``other`` is inside."""
        return (
            self.x0 <= (other.x0 + other.x1) / 2 <= self.x1
            and self.y0 <= (other.y0 + other.y1) / 2 <= self.y1
        )

    def overlap(self, other: "Rect") -> float:
        """Shared area in square points."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(0.0, width) * max(0.0, height)


@dataclass(slots=True)
class Line(Rect):
    """A run of words on one baseline; wide gaps, as between columns, end it."""

    text: str
    size: float
    bold: bool = False
    mono: bool = False


@dataclass(slots=True)
class Row(Rect):
    """A table's row: its place and its cells from left to right."""

    cells: list[str]


@dataclass(slots=True)
class Table(Rect):
    """A table in the place of the lines it is made of."""

    rows: list[Row]


@dataclass(slots=True)
class Label(Rect):
    """The lettering inside a drawing, kept together."""

    lines: list[Line]


Item = Line | Table | Label


@dataclass(slots=True)
class Sheet:
    """A page's size in points as displayed and the matrix from unrotated to displayed places.

    A ``mirrored`` page is handled as if seen in a mirror: what reads from the right then reads
    from the left as any other page does, and only the results are turned back.
    """

    width: float
    height: float
    matrix: Any = None
    mirrored: bool = False

    @classmethod
    def of(cls, page: Any) -> "Sheet":
        matrix = page.rotation_matrix if page.rotation else None
        return cls(max(1.0, page.rect.width), max(1.0, page.rect.height), matrix)

    def place(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """``box`` as displayed: PyMuPDF reports places as if the page were not rotated."""
        if self.matrix is not None:
            turned = pymupdf.Rect(box) * self.matrix
            box = turned.x0, turned.y0, turned.x1, turned.y1
        if not self.mirrored:
            return box
        return self.width - box[2], box[1], self.width - box[0], box[3]

    def shown(self, rect: Rect) -> Rect:
        """Where ``rect``, one of ``place``, is on the page that is not mirrored."""
        if not self.mirrored:
            return rect
        return Rect(self.width - rect.x1, rect.y0, self.width - rect.x0, rect.y1)

    def level(self, direction: tuple[float, float]) -> bool:
        """Whether text that runs in ``direction`` is displayed from left to right."""
        dx, dy = direction
        if self.matrix is not None:
            dx, dy = (
                dx * self.matrix.a + dy * self.matrix.c,
                dx * self.matrix.b + dy * self.matrix.d,
            )
        return bool(dx > 0.9 and abs(dy) < 0.3)

    def box(self, rect: Rect) -> BoundingBox:
        """``rect`` in fractions of the page, clipped to it."""
        rect = self.shown(rect)
        return BoundingBox.clamped(
            rect.x0 / self.width,
            rect.y0 / self.height,
            rect.x1 / self.width,
            rect.y1 / self.height,
        )


def lines_of(textpage: Any, sheet: Sheet) -> tuple[list[Line], list[Line]]:
    """The level lines of a page and those that run in another direction, as the file has them.

    ``sheet`` becomes mirrored where most of the text reads from the right.
    """
    level: list[Line] = []
    slanted: list[Line] = []
    raw_lines = list(_raw_lines(textpage.extractDICT()))
    if any(has_rtl(span["text"]) for raw in raw_lines for span in raw["spans"]):
        raw_lines = list(_rtl_lines(textpage))
        sheet.mirrored = reads_leftwards([raw["text"] for raw in raw_lines])
    for raw in raw_lines:
        line = _line(raw, sheet)
        if line is not None:
            (level if sheet.level(raw["dir"]) else slanted).append(line)
    level = _joined(level, mirrored=sheet.mirrored)
    if sheet.mirrored:
        for line in level:
            line.text = with_brackets_in_order(line.text)
    return level, slanted


def rtl_words_of(textpage: Any) -> list[tuple[Box, str]]:
    """Words with their places on the page, those that read from the right put in order."""
    words: list[tuple[Box, str]] = []
    for raw in _raw_lines(textpage.extractRAWDICT()):
        for place, text in words_of(raw):
            if words and _continues(words[-1], (place, text)):
                before, first = words.pop()
                place = (place[0], min(place[1], before[1]), before[2], max(place[3], before[3]))
                text += first
            words.append((place, text))
    return words


def _continues(right: tuple[Box, str], left: tuple[Box, str]) -> bool:
    """Whether two words, such as the parts of a date, are one that reads rightwards."""
    (rx0, ry0, _, ry1), (_, ly0, lx1, ly1) = right[0], left[0]
    return (
        abs(rx0 - lx1) < 0.15 * (ly1 - ly0)
        and min(ry1, ly1) - max(ry0, ly0) > 0.5 * (ly1 - ly0)
        and not has_rtl(right[1] + left[1])
    )


def _raw_lines(extracted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in extracted["blocks"]:
        yield from block.get("lines", ())


def _rtl_lines(textpage: Any) -> Iterator[dict[str, Any]]:
    """Lines as of ``extractDICT``, with their whole text in the order of reading.

    The place of a line is that of its letters: the spaces around it part it from its neighbours.
    """
    for raw in _raw_lines(textpage.extractRAWDICT()):
        for span in raw["spans"]:
            span["text"] = "".join([char["c"] for char in span["chars"]])
        for text, x0, x1 in pieces_of(raw):
            yield raw | {"text": text, "bbox": (x0, raw["bbox"][1], x1, raw["bbox"][3])}


def _line(raw: dict[str, Any], sheet: Sheet) -> Line | None:
    spans = raw["spans"]
    text = raw.get("text") or "".join([span["text"] for span in spans])
    text = text.translate(_CONTROLS)
    stripped = text.strip()
    if not stripped:
        return None
    if not stripped.isascii():
        # Broken fonts map glyphs to half a surrogate pair, which no encoding can hold.
        stripped = stripped.encode("utf-8", "replace").decode()
    x0, y0, x1, y1 = sheet.place(_trimmed(raw))
    if x1 <= 0 or y1 <= 0 or x0 >= sheet.width or y0 >= sheet.height:
        return None
    largest = spans[0] if len(spans) == 1 else max(spans, key=lambda span: len(span["text"]))
    bold = mono = True
    for span in spans:
        if not span["text"].isspace():
            bold = bold and bool(span["flags"] & _BOLD or _BOLD_NAME.search(span["font"]))
            mono = mono and bool(span["flags"] & _MONO)
    if not mono:
        stripped = " ".join(stripped.split())
    return Line(x0, y0, x1, y1, stripped, largest["size"], bold, mono)


def _trimmed(raw: dict[str, Any]) -> tuple[float, float, float, float]:
    """The line's place. Some fonts claim twice the height of their letters; here it is cut."""
    x0, y0, x1, y1 = raw["bbox"]
    span = max(raw["spans"], key=lambda span: span["size"])
    size = span["size"]
    if y1 - y0 <= 1.45 * size or raw["dir"] != (1.0, 0.0):
        return x0, y0, x1, y1
    baseline = span["origin"][1]
    return x0, max(y0, baseline - 1.0 * size), x1, min(y1, baseline + 0.35 * size)


def _joined(lines: list[Line], *, mirrored: bool) -> list[Line]:
    """Neighbours on one baseline with no more than a wide space between them, joined."""
    result: list[Line] = []
    for line in lines:
        last = result[-1] if result else None
        if (
            last is not None
            and -0.2 * last.size < line.x0 - last.x1 < 0.9 * last.size
            and same_row(last, line)
        ):
            gap = " " if line.x0 - last.x1 > 0.12 * last.size else ""
            if len(line.text) > len(last.text):
                last.size = line.size
            if mirrored and not has_rtl(last.text + line.text):
                last.text = line.text + gap + last.text  # it reads rightwards
            else:
                last.text += gap + line.text
            last.bold, last.mono = last.bold and line.bold, last.mono and line.mono
            last.x1 = max(last.x1, line.x1)
            last.y0, last.y1 = min(last.y0, line.y0), max(last.y1, line.y1)
        else:
            result.append(line)
    return result


def same_row(one: Rect, other: Rect) -> bool:
    """Whether two places share at least half of the lower one's height."""
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared >= 0.5 * min(one.height, other.height)


def rows_of(lines: Iterable[Item]) -> list[list[Item]]:
    """``lines`` from top to bottom in rows, each from left to right."""
    rows: list[list[Item]] = []
    for line in sorted(lines, key=lambda item: (item.y0 + item.y1, item.x0)):
        if rows and same_row(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        row.sort(key=lambda item: item.x0)
    return rows


def around(items: Iterable[Rect]) -> tuple[float, float, float, float]:
    """The smallest place around all ``items``, of which there is at least one."""
    members = list(items)
    return (
        min(item.x0 for item in members),
        min(item.y0 for item in members),
        max(item.x1 for item in members),
        max(item.y1 for item in members),
    )
