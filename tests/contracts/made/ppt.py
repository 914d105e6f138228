"""A PowerPoint 97 presentation for the contract suite, and what other tests need to make one."""

import struct
from collections.abc import Sequence
from pathlib import Path

from tests.contracts.made.msg import Tree, compound

SUFFIX = ".ppt"
TITLE, BODY, NOTES, OTHER = 0, 1, 2, 4  # kinds of text


def make(path: Path) -> None:
    first = [shape(text(TITLE, "Harbour")), shape(text(BODY, "Заметка"))]
    second = [shape(text(BODY, "seven lanterns " * 20))]
    path.write_bytes(show([first, second]))


def record(kind: int, content: bytes, *, instance: int = 0, version: int = 0) -> bytes:
    return struct.pack("<HHI", version | instance << 4, kind, len(content)) + content


def holder(kind: int, *inner: bytes, instance: int = 0) -> bytes:
    """A record that holds others."""
    return record(kind, b"".join(inner), instance=instance, version=15)


def text(kind: int, words: str, style: bytes = b"") -> bytes:
    """A text with its header; ``style`` is its StyleTextPropAtom."""
    try:
        stored = record(4008, words.encode("latin-1"))
    except UnicodeEncodeError:
        stored = record(4000, words.encode("utf-16-le"))
    head = record(3999, struct.pack("<I", kind))
    return head + stored + (record(4001, style) if style else b"")


def shape(
    words: bytes = b"",
    *,
    box: tuple[int, int, int, int] | None = None,
    child: tuple[int, int, int, int] | None = None,
    placeholder: int = 0,
    numbering: bytes = b"",
    options: dict[int, int] | None = None,
) -> bytes:
    """A shape with a text; boxes are left, top, right and bottom."""
    parts = []
    if options:
        stored = b"".join(struct.pack("<HI", name, value) for name, value in options.items())
        parts.append(record(0xF00B, stored, instance=len(options), version=3))
    if box:
        left, top, right, bottom = box
        parts.append(record(0xF010, struct.pack("<4h", top, left, right, bottom)))
    if child:
        parts.append(record(0xF00F, struct.pack("<4i", *child)))
    data = record(3011, struct.pack("<iBBH", 0, placeholder, 0, 0)) if placeholder else b""
    if numbering:
        tag = record(4026, "___PPT9".encode("utf-16-le")) + record(5003, record(4012, numbering))
        data += holder(5000, holder(5002, tag))
    if data:
        parts.append(holder(0xF011, data))
    if words:
        parts.append(holder(0xF00D, words))
    return holder(0xF004, *parts)


def group(first: bytes, *members: bytes) -> bytes:
    """A group of shapes; ``first`` stands for the group itself."""
    return holder(0xF003, first, *members)


def show(
    slides: Sequence[Sequence[bytes]],
    *,
    outline: Sequence[Sequence[bytes]] = (),
    notes: Sequence[bytes] = (),
    extra: bytes = b"",
    streams: Tree | None = None,
    token: int = 0xE391C05F,
) -> bytes:
    """A presentation of ``slides``, each a list of shapes; ``outline`` holds texts of each.

    ``notes`` are texts by slide, ``extra`` goes into the document, ``streams`` beside it.
    """
    objects: dict[int, bytes] = {}
    listed, noted = b"", b""
    for number, shapes in enumerate(slides):
        has_notes = number < len(notes)
        persist = 2 + 2 * number
        listed += record(1011, struct.pack("<IIiII", persist, 0, 0, 256 + number, 0))
        listed += b"".join(outline[number]) if number < len(outline) else b""
        atom = struct.pack("<i8sIIHH", 0, b"", 0, 512 + number if has_notes else 0, 0, 0)
        objects[persist] = holder(1006, record(1007, atom, version=2), _drawing(shapes))
        if has_notes:
            noted += record(1011, struct.pack("<IIiII", persist + 1, 0, 0, 512 + number, 0))
            objects[persist + 1] = holder(1008, _drawing([shape(notes[number])]))
    lists = holder(4080, listed, instance=0) + holder(4080, noted, instance=2)
    objects[1] = holder(1000, extra, lists)
    stream, directory = b"", b""
    for number, content in sorted(objects.items()):
        directory += struct.pack("<II", number | 1 << 20, len(stream))
        stream += content
    place = len(stream)
    stream += record(6002, directory)
    edit = len(stream)
    stream += record(4085, struct.pack("<IIIIIII", 0, 0, 0, place, 1, len(objects), 0))
    user = record(4086, struct.pack("<III", 20, token, edit))
    return compound({"PowerPoint Document": stream, "Current User": user, **(streams or {})})


def _drawing(shapes: Sequence[bytes]) -> bytes:
    return holder(1036, holder(0xF002, group(shape(), *shapes)))
