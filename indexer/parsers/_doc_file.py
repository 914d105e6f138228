"""Word's binary file: where its text and tables are, and the properties of each character.

Source: [MS-DOC], sections 2.4 (text), 2.5 (file information block), 2.6 (property modifiers) and
2.9 (the structures named here).
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

_PAGE = 512  # bytes of a formatted disk page
_PAIRS_AT = 154  # of FibRgFcLcb97
_MAX_PIECES = 2_000_000
_MAX_PARSED = 4096  # pages whose properties are kept at a time


class Table(IntEnum):
    """Places in FibRgFcLcb97, which tell where a structure is in the table stream."""

    STYLES = 1
    NOTE_REFERENCES = 2
    NOTE_TEXTS = 3
    COMMENT_REFERENCES = 4
    COMMENT_TEXTS = 5
    SECTIONS = 6
    HEADERS = 11
    CHARACTER_PAGES = 12
    PARAGRAPH_PAGES = 13
    FONTS = 15
    PIECES = 33
    COMMENT_AUTHORS = 36
    COMMENT_MARKS = 37
    SHAPES = 40
    COMMENT_STARTS = 42
    COMMENT_ENDS = 43
    ENDNOTE_REFERENCES = 46
    ENDNOTE_TEXTS = 47
    DRAWINGS = 50
    BOX_TEXTS = 56
    LISTS = 73
    LIST_OVERRIDES = 74


class Sprm(IntEnum):
    """The property modifiers that are used here."""

    DELETED = 0x0800
    HIDDEN = 0x083C
    SPECIAL = 0x0855
    PICTURE = 0x6A03
    SYMBOL = 0x6A09
    FONT = 0x4A4F
    PAGE_BREAK_BEFORE = 0x2407
    LIST_LEVEL = 0x260A
    LIST = 0x460B
    IN_TABLE = 0x2416
    ROW_END = 0x2417
    OUTLINE = 0x2640
    INNER_CELL = 0x244B
    INNER_ROW_END = 0x244C
    TABLE_LEVEL = 0x6649
    HUGE = 0x6646
    ROW = 0xD608
    MERGED_DOWN = 0xD62B
    SECTION_BREAK = 0x3009


Properties = Mapping[int, bytes]
"""The operand of each property modifier by its code; the last one counts."""

_OPERAND_BYTES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_CHANGED_TABS = 0xC615


@lru_cache(maxsize=8192)
def modifiers(data: bytes) -> Properties:
    """The property modifiers of a list (grpprl), as far as it is whole.

    ``Sprm.MERGED_DOWN`` is given once for each cell; its operands are joined.
    """
    found: dict[int, bytes] = {}
    at = 0
    while at + 2 <= len(data):
        code = int.from_bytes(data[at : at + 2], "little")
        at += 2
        size = _OPERAND_BYTES.get(code >> 13)
        if size is None:
            wide = code == Sprm.ROW
            size = int.from_bytes(data[at : at + 2], "little") - 1 if wide else _byte(data, at)
            at += 2 if wide else 1
            if code == _CHANGED_TABS and size == 255:
                return found  # its size follows from its content, which nothing here needs
        operand = data[at : at + max(0, size)]
        if code == Sprm.MERGED_DOWN:
            operand = found.get(code, b"") + operand
        found[code] = operand
        at += max(0, size)
    return found


def number(properties: Properties, code: int, default: int = 0) -> int:
    """The operand of a modifier as an unsigned number."""
    operand = properties.get(code)
    return default if operand is None else int.from_bytes(operand, "little")


def is_on(properties: Properties, code: int) -> bool:
    """Whether a switch is set; 0x81, the opposite of the style's, counts as set."""
    return number(properties, code) in {1, 0x81}


def _byte(data: bytes, at: int) -> int:
    return data[at] if at < len(data) else 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters ``start`` to ``end`` lie at ``offset`` in the stream, ``width`` bytes each."""

    start: int
    end: int
    offset: int
    width: int
    extra: bytes  # property modifiers of the whole piece


@dataclass(frozen=True, slots=True)
class Segment:
    """Text with the same character properties; it begins at character ``start``."""

    start: int
    text: str
    properties: Properties


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph's style number and the properties that differ from the style."""

    style: int
    properties: Properties


@dataclass(slots=True)
class _Pages:
    """Formatted disk pages: from which offset on which page tells the properties."""

    offsets: list[int]
    numbers: list[int]
    of_paragraphs: bool
    parsed: dict[int, tuple[list[int], list[bytes]]] = field(default_factory=dict)


class WordFile:
    """The streams of a file from Word 97 on. ``stories`` are the lengths of its texts in order.

    Places that point outside the file read as empty. Raises ValueError when the text has no
    piece table.
    """

    def __init__(self, main: bytes, table: bytes, data: bytes) -> None:
        self.main, self.table, self.data = main, table, data
        counts = struct.unpack_from("<8i", main, 76)
        # Each character takes a byte at least; more are made to exhaust memory.
        lengths = (min(max(0, count), len(main)) for count in counts)
        body, notes, headers, _, comments, endnotes, boxes, _ = lengths
        self.body = range(body)
        self.notes = _after(self.body, notes)
        self.headers = _after(self.notes, headers)
        self.comments = _after(self.headers, comments)
        self.endnotes = _after(self.comments, endnotes)
        self.boxes = _after(self.endnotes, boxes)
        self._pieces = list(self._read_pieces())
        self._starts = [piece.start for piece in self._pieces]
        if not self._pieces:
            raise ValueError("no piece table")
        self._characters = self._pages(Table.CHARACTER_PAGES)
        self._paragraphs = self._pages(Table.PARAGRAPH_PAGES)

    def structure(self, which: int) -> bytes:
        """A structure of the table stream, empty if the file has none."""
        at = _PAIRS_AT + 8 * which
        if at + 8 > len(self.main):
            return b""
        offset, size = struct.unpack_from("<II", self.main, at)
        return self.table[offset : offset + size]

    def behind(self, which: int) -> bytes:
        """What follows a structure in the table stream."""
        offset, size = struct.unpack_from("<II", self.main, _PAIRS_AT + 8 * which)
        return self.table[offset + size :]

    def plex(self, which: int, size: int) -> tuple[list[int], list[bytes]]:
        """Character places, one more than the ``size`` bytes each that belong to them."""
        data = self.structure(which)
        count = max(0, (len(data) - 4) // (4 + size))
        if not count:
            return [], []
        places = list(struct.unpack_from(f"<{count + 1}i", data, 0))
        start = 4 * (count + 1)
        return places, [data[start + size * at : start + size * (at + 1)] for at in range(count)]

    def segments(self, start: int, end: int) -> Iterator[Segment]:
        """The text from ``start`` to ``end``, divided where the properties of characters change."""
        index = max(0, bisect_right(self._starts, start) - 1)
        while index < len(self._pieces) and self._pieces[index].start < end:
            piece = self._pieces[index]
            first, last = max(start, piece.start), min(end, piece.end)
            if first < last:
                yield from self._divided(piece, first, last)
            index += 1

    def text(self, start: int, end: int) -> str:
        return "".join(segment.text for segment in self.segments(start, end))

    def paragraph(self, mark: int) -> Paragraph:
        """The properties of the paragraph that ends with the mark at this character place."""
        index = bisect_right(self._starts, mark) - 1
        if index < 0:
            return Paragraph(0, {})
        piece = self._pieces[index]
        offset = piece.offset + (mark - piece.start) * piece.width
        _, data = self._found(self._paragraphs, offset)
        properties = modifiers(data[2:] + piece.extra)
        if Sprm.HUGE in properties:
            at = number(properties, Sprm.HUGE)
            size = int.from_bytes(self.data[at : at + 2], "little")
            properties = modifiers(self.data[at + 2 : at + 2 + size])
        return Paragraph(int.from_bytes(data[:2], "little"), properties)

    def section_breaks(self) -> dict[int, bool]:
        """Where sections end, by the place of the next one, and whether that starts a page."""
        places, entries = self.plex(Table.SECTIONS, 12)
        found = {}
        for place, entry in zip(places, entries, strict=False):
            at = int.from_bytes(entry[2:6], "little", signed=True)
            size = int.from_bytes(self.main[at : at + 2], "little") if at >= 0 else 0
            properties = modifiers(self.main[at + 2 : at + 2 + size])
            found[place] = number(properties, Sprm.SECTION_BREAK, 2) != 0
        return found

    def _read_pieces(self) -> Iterator[Piece]:
        data = self.structure(Table.PIECES)
        extras: list[bytes] = []
        at = 0
        while at + 3 <= len(data) and data[at] == 1:
            size = int.from_bytes(data[at + 1 : at + 3], "little")
            extras.append(data[at + 3 : at + 3 + size])
            at += 3 + size
        if at + 5 > len(data) or data[at] != 2:
            return
        plex = data[at + 5 :]
        count = min((len(plex) - 4) // 12, _MAX_PIECES)
        places = struct.unpack_from(f"<{count + 1}i", plex, 0) if count > 0 else ()
        for index in range(count):
            _, where, change = struct.unpack_from("<HIH", plex, 4 * (count + 1) + 8 * index)
            width = 1 if where & 0x40000000 else 2
            offset = where & 0x3FFFFFFF
            extra = change >> 1 if change & 1 else -1
            yield Piece(
                places[index],
                places[index + 1],
                offset // 2 if width == 1 else offset,
                width,
                extras[extra] if 0 <= extra < len(extras) else b"",
            )

    def _divided(self, piece: Piece, first: int, last: int) -> Iterator[Segment]:
        offset = piece.offset + (first - piece.start) * piece.width
        end = min(piece.offset + (last - piece.start) * piece.width, len(self.main))
        place = first
        while offset < end:
            stop, data = self._found(self._characters, offset)
            # Pages that contradict each other must not stand still.
            stop = min(end, max(offset + piece.width, stop))
            text = _decoded(self.main[offset:stop], piece.width)
            yield Segment(place, text, modifiers(data + piece.extra))
            place += len(text)
            offset += len(text) * piece.width or piece.width

    def _pages(self, which: int) -> _Pages:
        offsets, entries = self.plex(which, 4)
        numbers = [int.from_bytes(entry, "little") & 0x3FFFFF for entry in entries]
        return _Pages(offsets, numbers, of_paragraphs=which == Table.PARAGRAPH_PAGES)

    def _found(self, pages: _Pages, offset: int) -> tuple[int, bytes]:
        """The properties at an offset of the main stream, and the offset at which they end."""
        index = bisect_right(pages.offsets, offset) - 1
        if not 0 <= index < len(pages.numbers):
            following = pages.offsets[0] if index < 0 and pages.offsets else len(self.main)
            return max(following, offset + 1), b""
        page = pages.numbers[index]
        if page not in pages.parsed:
            if len(pages.parsed) >= _MAX_PARSED:
                pages.parsed.clear()
            data = self.main[_PAGE * page : _PAGE * (page + 1)]
            pages.parsed[page] = _parsed(data, pages.of_paragraphs)
        offsets, found = pages.parsed[page]
        at = bisect_right(offsets, offset) - 1
        if not 0 <= at < len(found):
            return pages.offsets[index + 1], b""
        return offsets[at + 1], found[at]


def _after(story: range, length: int) -> range:
    return range(story.stop, story.stop + length)


def _parsed(page: bytes, of_paragraphs: bool) -> tuple[list[int], list[bytes]]:
    """Offsets, one more than there are runs, and each run's properties (with a style number)."""
    count = _byte(page, _PAGE - 1)
    size = 13 if of_paragraphs else 1
    start = 4 * (count + 1)
    if start + size * count >= len(page):
        return [], []
    found: list[bytes] = []
    for index in range(count):
        at = 2 * page[start + size * index]
        length = _byte(page, at) if at else 0
        if not of_paragraphs:
            found.append(page[at + 1 : at + 1 + length])
        elif length:
            found.append(page[at + 1 : at + 2 * length])
        else:
            found.append(page[at + 2 : at + 2 + 2 * _byte(page, at + 1)] if at else b"")
    return list(struct.unpack_from(f"<{count + 1}I", page, 0)), found


def _decoded(data: bytes, width: int) -> str:
    """One character for each unit, halves of longer ones included."""
    if width == 1:
        return data.decode("cp1252", errors="replace")
    units = data[: len(data) // 2 * 2]
    text = units.decode("utf-16-le", errors="replace")
    if len(text) == len(units) // 2 and "\ufffd" not in text:
        return text
    return "".join(map(chr, struct.unpack(f"<{len(units) // 2}H", units)))
