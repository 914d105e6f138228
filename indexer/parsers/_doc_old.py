"""The text of Word 6 and Word 95 files, whose characters take one byte in some code page.

Source: the "Microsoft Word 6.0 Binary File Format" of the Windows SDK.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from indexer.parsers._decode import decode
from indexer.parsers._flow import FlowBlock
from indexer.parsers._lines import PAGE_BREAK, paragraph_blocks
from indexer.parsers._story import Line, Story

_COMPLEX = 0x0004
_PIECES_AT = 0x160
# A field's instruction, with its result if that has begun; then marks that have no partner.
_FIELD = re.compile(rb"\x13[^\x13-\x15]*(?:\x14([^\x13-\x15]*))?\x15")
_BROKEN_FIELD = re.compile(rb"\x13[^\x13-\x15]*\x14?|[\x14\x15]")
_UNPRINTED = bytes([*range(7), 8, *range(15, 30), 31])
_MAX_NESTED = 8


def old_blocks(main: bytes, path: Path) -> Iterator[FlowBlock]:
    """Paragraphs and tables of the main stream's body, without headings and lists.

    Raises UnreadableDocument where the text is no text, ValueError where it is not in the file.
    """
    data = _text(main)
    for _ in range(_MAX_NESTED):
        data = _FIELD.sub(lambda found: found[1] or b"", data)
    data = _BROKEN_FIELD.sub(b"", data).translate(None, _UNPRINTED)
    text = decode(data.replace(b"\x0e", b"\x0b").replace(b"\x1e", b"-"), path)
    story = Story("body")
    before = ""
    # Carriage returns have become line feeds; line breaks are vertical tabs.
    for part in re.split("([\n\x07])", text.replace("\f", PAGE_BREAK)):
        if part == "\x07" and before == "\x07" and story.in_row:
            story.end_row(1, [])
        elif part == "\x07":
            story.add(list(_taken(story)), 1)
            story.end_cell(1)
        elif part == "\n":
            story.add(list(_taken(story)), 1 if story.in_row else 0)
        else:
            story.line.parts.append(part.replace("\v", "\n"))
        before = part or before
    story.add(list(_taken(story)))
    yield from story.taken(is_end=True)


def _taken(story: Story) -> Iterator[FlowBlock]:
    line, story.line = story.line, Line()
    yield from paragraph_blocks("".join(line.parts))


def _text(main: bytes) -> bytes:
    """The bytes of the body; the pieces of a file that was saved in haste are put in order."""
    start, end = struct.unpack_from("<II", main, 0x18)
    (length,) = struct.unpack_from("<I", main, 0x34)
    if not int.from_bytes(main[10:12], "little") & _COMPLEX:
        return main[start : min(end, start + length)].replace(b"\0", b"")
    offset, size = struct.unpack_from("<II", main, _PIECES_AT)
    data = main[offset : offset + size]
    at = 0
    while at + 3 <= len(data) and data[at] == 1:
        at += 3 + int.from_bytes(data[at + 1 : at + 3], "little")
    plex = data[at + 5 :]
    count = max(0, (len(plex) - 4) // 12)
    if not count:
        raise ValueError("no piece table")
    places = struct.unpack_from(f"<{count + 1}I", plex, 0)
    found = bytearray()
    for index in range(count):
        (where,) = struct.unpack_from("<I", plex, 4 * (count + 1) + 8 * index + 2)
        found += main[where : where + max(0, places[index + 1] - places[index])]
        if len(found) >= min(length, len(main)):
            break
    return bytes(found[:length]).replace(b"\0", b"")
