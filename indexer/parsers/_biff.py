"""What the reader of .xls values leaves out: number formats, comments and text boxes.

Source: [MS-XLS], sections 2.4 and 2.5.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from indexer.parsers._number_formats import BUILT_IN
from indexer.parsers._sheet import MAX_CELLS, flat

_BOF, _EOF, _CONTINUE = 0x809, 0x0A, 0x3C
_FILE_PASS, _FORMAT, _XF, _BOUND_SHEET = 0x2F, 0x41E, 0xE0, 0x85
_NUMBER, _RK, _MUL_RK, _FORMULA = 0x203, 0x27E, 0xBD, 0x06
_NOTE, _OBJECT, _TEXT = 0x1C, 0x5D, 0x1B6
_COMMENT_OBJECT = 0x19

_Record = tuple[int, bytes]


@dataclass(slots=True)
class SheetLook:
    """Of one sheet: number formats by row and column (not "General"), comments, text boxes."""

    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    comments: list[tuple[int, int, str, str]] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class BookLook:
    """Of a workbook stream: its sheets in order; ``encrypted`` if it needs a password."""

    sheets: list[SheetLook] = field(default_factory=list)
    encrypted: bool = False


def book_look(stream: bytes) -> BookLook:
    """Read as much as is sound of a "Workbook" or "Book" stream."""
    book = BookLook()
    codes = dict(BUILT_IN)
    styles: list[int] = []
    offsets: list[int] = []
    wide = stream[4:6] == b"\x00\x06"  # BIFF8; texts of earlier versions have one byte a letter
    for kind, data in _records(stream, 0):
        if kind == _FILE_PASS:
            book.encrypted = True
            return book
        if kind == _EOF:
            break
        if kind == _FORMAT and len(data) > 4:
            codes[_u16(data, 0)] = _format_code(data, wide=wide)
        elif kind == _XF and len(data) >= 4:
            styles.append(_u16(data, 2))
        elif kind == _BOUND_SHEET and len(data) >= 4:
            offsets.append(int.from_bytes(data[:4], "little"))
    names = [codes.get(number, "General") for number in styles]
    book.sheets = [_sheet(stream, offset, names, wide=wide) for offset in offsets]
    return book


def _records(stream: bytes, start: int) -> Iterator[_Record]:
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, start)
        yield kind, stream[start + 4 : start + 4 + size]
        start += 4 + size


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _format_code(data: bytes, *, wide: bool) -> str:
    if not wide:
        return data[3 : 3 + data[2]].decode("cp1252", errors="replace")
    return _text(data[4:], _u16(data, 2))


def _text(data: bytes, length: int) -> str:
    """``length`` letters after the byte that tells whether each has one byte or two."""
    if data[:1] and data[0] & 1:
        return data[1 : 1 + 2 * length].decode("utf-16-le", errors="replace")
    return data[1 : 1 + length].decode("latin-1")


def _sheet(stream: bytes, offset: int, names: list[str], *, wide: bool) -> SheetLook:
    look = SheetLook()
    depth = 0
    shape = (0, 0)  # kind and number of the object that a text belongs to
    texts: dict[int, str] = {}
    notes: list[tuple[int, int, int, str]] = []
    awaited = 0
    for kind, data in _records(stream, offset):
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                break
        elif depth > 1:
            continue  # an embedded chart
        elif kind in {_NUMBER, _RK, _FORMULA, _MUL_RK}:
            _remember(look.formats, kind, data, names)
        elif kind == _OBJECT and len(data) >= 8:
            shape = (_u16(data, 4), _u16(data, 6))
        elif kind == _TEXT and len(data) >= 12:
            awaited = _u16(data, 10)
        elif kind == _CONTINUE and awaited:
            text = _text(data, awaited)
            texts[shape[1]] = texts.get(shape[1], "") + text
            awaited -= min(awaited, len(text))
            if not awaited and shape[0] != _COMMENT_OBJECT:
                look.boxes.append(flat(texts.pop(shape[1])))
        elif kind == _NOTE and wide and len(data) >= 11:
            author = _text(data[10:], _u16(data, 8))
            notes.append((_u16(data, 0), _u16(data, 2), _u16(data, 6), flat(author)))
    look.comments = [
        (row, column, author, flat(texts[number]))
        for row, column, number, author in notes
        if flat(texts.get(number, ""))
    ]
    return look


def _remember(
    formats: dict[tuple[int, int], str], kind: int, data: bytes, names: list[str]
) -> None:
    """Note the formats of the one or more numbers of a record."""
    row, column = _u16(data, 0), _u16(data, 2)
    places = range(4, len(data) - 2, 6) if kind == _MUL_RK else range(4, 5)
    for number, at in enumerate(places):
        style = _u16(data, at)
        name = names[style] if style < len(names) else "General"
        if name != "General" and len(formats) < MAX_CELLS:
            formats[row, column + number] = name
