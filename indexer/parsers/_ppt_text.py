"""Texts of PowerPoint 97 to 2003: paragraphs with their level and their bullet or number.

Source: [MS-PPT], sections 2.9.20, 2.9.44, 2.9.67 and 2.11.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from indexer.parsers._drawingml import list_item, numbered
from indexer.parsers._flow import FlowBlock
from indexer.parsers._ppt_records import (
    TEXT_BYTES,
    TEXT_CHARS,
    TEXT_HEADER,
    TEXT_STYLE,
    Record,
    Stream,
)
from indexer.parsers._sheet import flat

TITLES = frozenset({0, 6})
NOTES_TEXT = 2
_BULLETED = frozenset({1, 7, 8})  # bodies, whose master has bullets
_SCHEMES = (
    "alphaLcPeriod alphaUcPeriod arabicParenR arabicPeriod romanLcParenBoth romanLcParenR "
    "romanLcPeriod romanUcPeriod alphaLcParenBoth alphaLcParenR alphaUcParenBoth alphaUcParenR "
    "arabicParenBoth arabicPlain romanUcParenBoth romanUcParenR"
).split()

# The fields of a paragraph's and a letter's properties: the mask bits that announce one, its bytes.
_PARAGRAPH = (
    (0x0F, 2), (0x80, 2), (0x10, 2), (0x40, 2), (0x20, 4), (0x800, 2), (0x1000, 2), (0x2000, 2),
    (0x4000, 2), (0x100, 2), (0x400, 2), (0x8000, 2), (0x100000, -1), (0x10000, 2), (0xE0000, 2),
    (0x200000, 2),
)  # fmt: skip
_LETTER = (
    (0x3FFF, 2), (0x10000, 2), (0x200000, 2), (0x400000, 2), (0x800000, 2), (0x20000, 2),
    (0x40000, 4), (0x80000, 2),
)  # fmt: skip
_PARAGRAPH_9 = ((0x800000, 2), (0x2000000, 2), (0x1000000, 4))
_LETTER_9 = ((0x100000, 4),)
_SPECIAL_9 = ((0x1, 2), (0x2, 2), (0x4, 2), (0x40, 2), (0x20, 4))
_T = TypeVar("_T")

_BULLET_FLAGS, _FONT_STYLE, _HAS_NUMBER, _SCHEME = 0x0F, 0x3FFF, 0x2000000, 0x1000000


@dataclass(slots=True)
class Text:
    """A text as it is stored: ``kind`` says where it stands, ``style`` holds its properties."""

    kind: int
    text: str = ""
    style: bytes = b""


@dataclass(slots=True)
class _Fields:
    """Reads numbers one after the other; beyond the end they are 0."""

    data: bytes
    at: int = 0

    @property
    def left(self) -> bool:
        return self.at < len(self.data)

    def next(self, size: int) -> int:
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "little")

    def masked(self, layout: Iterable[tuple[int, int]]) -> tuple[int, dict[int, int]]:
        """A mask and the fields it announces, by the mask of each; size -1 is a list of stops."""
        mask = self.next(4)
        values: dict[int, int] = {}
        for bits, size in layout:
            if mask & bits:
                values[bits] = self.next(2) if size < 0 else self.next(size)
                self.at += 4 * values[bits] if size < 0 else 0
        return mask, values


def texts_of(stream: Stream, records: Iterable[Record]) -> Iterator[Text]:
    """The texts among the records of a text box or of the list of slides."""
    current: Text | None = None
    for record in records:
        if record.kind == TEXT_HEADER:
            if current is not None:
                yield current
            current = Text(stream.number(record, 0))
        elif current is None:
            continue
        elif record.kind == TEXT_CHARS:
            current.text = stream.string(record)
        elif record.kind == TEXT_BYTES:
            current.text = stream.content(record).decode("latin-1")
        elif record.kind == TEXT_STYLE:
            current.style = stream.content(record)
    if current is not None:
        yield current


def one_line(text: Text) -> str:
    return flat(text.text)


def blocks_of(text: Text, numbering: bytes) -> Iterator[FlowBlock]:
    """The paragraphs of a text; ``numbering`` is its StyleTextProp9Atom, empty if it has none."""
    paragraphs, letters = _runs(text)
    schemes = _schemes(numbering)
    counters: dict[tuple[int, int], int] = {}
    at = 0
    for line in text.text.split("\r"):
        level, bulleted = _at(paragraphs, at, (0, None))
        index = _at(letters, at, (0,))[0]
        at += len(line) + 1
        shown = "\n".join(filter(None, map(flat, line.split("\v"))))
        if not shown or shown == "*":
            continue  # "*" stands for the number of the slide
        for key in [key for key in counters if key[0] > level]:
            del counters[key]
        if not (text.kind in _BULLETED if bulleted is None else bulleted):
            counters.pop((level, index), None)
            yield FlowBlock(kind="paragraph", text=shown)
            continue
        scheme, first = schemes[index] if index < len(schemes) else ("", 1)
        sign = "•"
        if scheme:
            counters[level, index] = counters.get((level, index), first - 1) + 1
            sign = numbered(counters[level, index], scheme)
        yield list_item(shown, level, sign)


_Run = tuple[int, tuple[int, bool | None]]


def _runs(text: Text) -> tuple[list[_Run], list[tuple[int, tuple[int]]]]:
    """Where runs end: of paragraphs with level and bullet, of letters with their number style."""
    fields = _Fields(text.style)
    length = len(text.text) + 1
    paragraphs: list[_Run] = []
    end = 0
    while fields.left and end < length:
        end += max(1, fields.next(4))
        level = min(4, fields.next(2))
        mask, values = fields.masked(_PARAGRAPH)
        bulleted = bool(values[_BULLET_FLAGS] & 1) if mask & 1 else None
        paragraphs.append((end, (level, bulleted)))
    letters: list[tuple[int, tuple[int]]] = []
    end = 0
    while fields.left and end < length:
        end += max(1, fields.next(4))
        _, values = fields.masked(_LETTER)
        letters.append((end, (values.get(_FONT_STYLE, 0) >> 10 & 15,)))
    return paragraphs, letters


def _at(runs: Sequence[tuple[int, _T]], place: int, default: _T) -> _T:
    return next((value for end, value in runs if place < end), default)


def _schemes(numbering: bytes) -> list[tuple[str, int]]:
    """Scheme ("" for none) and first number of each number style."""
    fields = _Fields(numbering)
    schemes: list[tuple[str, int]] = []
    while fields.left and len(schemes) < 16:
        _, values = fields.masked(_PARAGRAPH_9)
        packed = values.get(_SCHEME, 3 | 1 << 16)
        known = packed & 0xFFFF
        name = _SCHEMES[known] if known < len(_SCHEMES) else "arabicPeriod"
        schemes.append((name if values.get(_HAS_NUMBER) else "", max(1, packed >> 16)))
        fields.masked(_LETTER_9)
        fields.masked(_SPECIAL_9)
    return schemes
