"""Pictures and shapes of Word's binary file.

Source: [MS-ODRAW], section 2.2 (records), and [MS-DOC], sections 2.9.190 (inline pictures), 2.9.163
(drawings) and 2.9.95 (text boxes).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from indexer.parsers._doc_file import Table, WordFile
from indexer.parsers._ppt_records import (
    BLIP_ENTRY,
    BLIP_STORE,
    GROUP,
    OPTIONS,
    SHAPE,
    Record,
    Stream,
)

_DRAWING, _SHAPE_ID = 0xF002, 0xF00A
_PICTURE, _TEXT_ART, _DESCRIPTION = 0x0104, 0x00C0, 0x0381
_BLIPS = range(0xF01A, 0xF02B)
_DIB = 0xF01F
# Blips of these instances carry two digests before their picture.
_TWO_DIGESTS = frozenset({0x3D5, 0x217, 0x543, 0x46B, 0x6E1, 0x6E3, 0x7A9, 0x6E5})
_MAX_DEPTH = 40
_BMP_HEADER = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """A shape: the bytes of its picture, its alternative text, its decorative text, its number."""

    id: int = 0
    picture: bytes = b""
    alt: str = ""
    text: str = ""


def inline_shape(data: bytes, at: int) -> Shape:
    """The picture whose description begins at ``at`` of the Data stream, empty if there is none."""
    size = int.from_bytes(data[at : at + 4], "little")
    header = int.from_bytes(data[at + 4 : at + 6], "little")
    kind = int.from_bytes(data[at + 6 : at + 8], "little")
    start = at + header
    if kind == 0x66:
        start += 1 + int.from_bytes(data[start : start + 1], "little")
    stream = Stream(data)
    picture, options = b"", {}
    for record in stream.records(start, at + size):
        if record.kind == SHAPE:
            options = _options(stream, stream.first(record, OPTIONS))
        elif not picture:
            picture = _blip(stream, record, b"")
    return Shape(picture=picture, alt=_string(options, _DESCRIPTION))


class Drawings:
    """The shapes that are anchored in the text, by the character place of their anchor."""

    def __init__(self, file: WordFile) -> None:
        self._file = file
        self._shapes: dict[int, list[Shape]] = {}
        stream = Stream(file.structure(Table.DRAWINGS))
        records = stream.records(0, len(stream.data))
        whole = next(records, None)
        if whole is not None:
            store = stream.first(whole, BLIP_STORE)
            entries = [] if store is None else list(stream.inside(store))
            at = whole.end
            while at < len(stream.data):
                # A byte before each drawing says whether it belongs to the headers.
                drawing = next(stream.records(at + 1, len(stream.data)), None)
                if drawing is None or drawing.kind != _DRAWING:
                    break
                self._read(stream, drawing, entries)
                at = drawing.end
        places, anchors = file.plex(Table.SHAPES, 26)
        self._anchors = {
            place: int.from_bytes(anchor[:4], "little")
            for place, anchor in zip(places, anchors, strict=False)
        }
        places, boxes = file.plex(Table.BOX_TEXTS, 22)
        starts = [file.boxes.start + place for place in places]
        self._boxes = {
            int.from_bytes(box[14:18], "little"): range(starts[index], starts[index + 1])
            for index, box in enumerate(boxes)
        }

    def at(self, place: int) -> list[Shape]:
        """The shapes of the drawing whose anchor stands at ``place``."""
        identity = self._anchors.get(place, -1)
        return self._shapes.get(identity, [Shape(id=identity)])

    def box(self, shape: Shape) -> range:
        """The text in a shape, as places in the file."""
        return self._boxes.get(shape.id, range(0))

    def _read(self, stream: Stream, drawing: Record, entries: list[Record]) -> None:
        for record in stream.inside(drawing):
            if record.kind != GROUP:
                continue
            for child in stream.inside(record):
                shapes = list(self._within(stream, child, entries, 0))
                if shapes:
                    self._shapes[shapes[0].id] = shapes

    def _within(
        self, stream: Stream, record: Record, entries: list[Record], depth: int
    ) -> Iterator[Shape]:
        """The shapes of a group; its first one is the group itself, which its anchor names."""
        if record.kind == GROUP and depth < _MAX_DEPTH:
            for child in stream.inside(record):
                yield from self._within(stream, child, entries, depth + 1)
        elif record.kind == SHAPE:
            options = _options(stream, stream.first(record, OPTIONS))
            index = int.from_bytes(options.get(_PICTURE, b""), "little") - 1
            picture = b""
            if 0 <= index < len(entries):
                picture = _blip(stream, entries[index], self._file.main)
            yield Shape(
                id=stream.number(stream.first(record, _SHAPE_ID), 0),
                picture=picture,
                alt=_string(options, _DESCRIPTION),
                text=_string(options, _TEXT_ART),
            )


def _options(stream: Stream, record: Record | None) -> dict[int, bytes]:
    """The options of a shape: four bytes each, or as many as those say."""
    data = stream.content(record)
    found: dict[int, bytes] = {}
    if record is None:
        return found
    at = 6 * record.instance
    for index in range(min(record.instance, len(data) // 6)):
        entry = data[6 * index : 6 * index + 6]
        code = int.from_bytes(entry[:2], "little")
        value = entry[2:]
        if code & 0x8000:
            size = int.from_bytes(value, "little")
            value = data[at : at + size]
            at += size
        found[code & 0x3FFF] = value
    return found


def _string(options: dict[int, bytes], code: int) -> str:
    text = options.get(code, b"").decode("utf-16-le", errors="replace")
    return text.partition("\0")[0]


def _blip(stream: Stream, record: Record, main: bytes) -> bytes:
    """The picture of a blip, or of an entry of the store, which may lie in the main stream."""
    if record.kind == BLIP_ENTRY:
        name = stream.number(record, 33, 1)
        inner = next(stream.records(record.start + 36 + name, record.end), None)
        if inner is not None and inner.kind in _BLIPS:
            return _blip(stream, inner, main)
        other = Stream(main)
        offset = stream.number(record, 28)
        delayed = next(other.records(offset, len(main)), None)
        usable = delayed is not None and delayed.kind in _BLIPS
        return _blip(other, delayed, b"") if delayed is not None and usable else b""
    if record.kind not in _BLIPS:
        return b""
    content = stream.content(record)
    picture = content[33 if record.instance in _TWO_DIGESTS else 17 :]
    return _bitmap(picture) if record.kind == _DIB else picture


def _bitmap(dib: bytes) -> bytes:
    """A bitmap with the file header that it lacks."""
    header = int.from_bytes(dib[:4], "little")
    bits = int.from_bytes(dib[14:16], "little")
    colors = int.from_bytes(dib[32:36], "little") or (1 << bits if bits <= 8 else 0)
    start = _BMP_HEADER + header + 4 * min(colors, 256)
    size = (_BMP_HEADER + len(dib)).to_bytes(4, "little")
    return b"BM" + size + bytes(4) + start.to_bytes(4, "little") + dib
