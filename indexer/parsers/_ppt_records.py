"""The records of a PowerPoint 97 to 2003 file and the objects that its last edit refers to.

Source: [MS-PPT], sections 2.1 to 2.4, and [MS-ODRAW], section 2.2.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

DOCUMENT, SLIDE, NOTES = 1000, 1006, 1008
SLIDE_ATOM, NOTES_ATOM, SLIDE_PERSIST = 1007, 1009, 1011
SLIDE_LIST, DRAWING = 4080, 1036
TEXT_HEADER, TEXT_CHARS, TEXT_STYLE, TEXT_BYTES = 3999, 4000, 4001, 4008
OUTLINE_REFERENCE, TEXT_STYLE_9, STRING = 3998, 4012, 4026
PLACEHOLDER, COMMENT, COMMENT_ATOM = 3011, 12000, 12001
DRAWING_GROUP, BLIP_STORE, BLIP_ENTRY = 1035, 0xF001, 0xF007
GROUP, SHAPE, GROUP_FRAME, TEXT_BOX = 0xF003, 0xF004, 0xF009, 0xF00D
OPTIONS, MORE_OPTIONS, CHILD_ANCHOR, ANCHOR, CLIENT_DATA = 0xF00B, 0xF122, 0xF00F, 0xF010, 0xF011

_TAG_DATA = 5003  # holds records, though its header does not say so
_USER_EDIT, _PERSIST_DIRECTORY = 4085, 6002
_ENCRYPTED = 0xF3D1C4DF
_MAX_EDITS = 10_000
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its kind, instance, and where its content is in the stream."""

    kind: int
    instance: int
    start: int
    end: int
    holds_records: bool


@dataclass(slots=True)
class Stream:
    """A "PowerPoint Document" stream; ``offsets`` tell where each object begins, by its number."""

    data: bytes
    offsets: dict[int, int] = field(default_factory=dict)

    def records(self, start: int, end: int) -> Iterator[Record]:
        """The records between two places; one that claims more is cut."""
        end = min(end, len(self.data))
        while start + 8 <= end:
            head, kind, size = struct.unpack_from("<HHI", self.data, start)
            holds = head & 15 == 15 or kind == _TAG_DATA
            stop = min(end, start + 8 + size)
            yield Record(kind, head >> 4, start + 8, stop, holds)
            start = stop

    def inside(self, record: Record) -> Iterator[Record]:
        """The records directly inside another one."""
        return self.records(record.start, record.end)

    def first(self, record: Record | None, *kinds: int) -> Record | None:
        """The first record along a path of kinds, None where it breaks off."""
        for kind in kinds:
            inner = () if record is None else self.inside(record)
            record = next((item for item in inner if item.kind == kind), None)
        return record

    def within(self, record: Record, kind: int, depth: int = 0) -> Iterator[Record]:
        """The records of a kind at any depth inside another one."""
        for item in self.inside(record):
            if item.kind == kind:
                yield item
            elif item.holds_records and depth < _MAX_DEPTH:
                yield from self.within(item, kind, depth + 1)

    def content(self, record: Record | None) -> bytes:
        return b"" if record is None else self.data[record.start : record.end]

    def number(self, record: Record | None, at: int, size: int = 4) -> int:
        """An unsigned number inside a record, 0 where the record is too short."""
        return int.from_bytes(self.content(record)[at : at + size], "little")

    def string(self, record: Record | None) -> str:
        return self.content(record).decode("utf-16-le", errors="replace")

    def object(self, number: int) -> Record | None:
        """The object with this number in the directory of the last edit."""
        offset = self.offsets.get(number)
        if offset is None:
            return None
        return next(self.records(offset, len(self.data)), None)


def is_encrypted(current_user: bytes) -> bool:
    """Whether the "Current User" stream says that the document is encrypted."""
    return int.from_bytes(current_user[12:16], "little") == _ENCRYPTED


def stream_of(data: bytes, current_user: bytes) -> Stream:
    """The stream with the directory of its objects, empty if the chain of edits is broken."""
    stream = Stream(data)
    edit = int.from_bytes(current_user[16:20], "little")
    for _ in range(_MAX_EDITS):
        record = next(stream.records(edit, len(data)), None)
        if record is None or record.kind != _USER_EDIT:
            break
        directory = next(stream.records(stream.number(record, 12), len(data)), None)
        if directory is not None and directory.kind == _PERSIST_DIRECTORY:
            for number, offset in _entries(stream.content(directory)):
                stream.offsets.setdefault(number, offset)
        before = stream.number(record, 8)
        if not 0 < before < edit:
            break
        edit = before
    return stream


def _entries(directory: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at + 4 <= len(directory):
        head = int.from_bytes(directory[at : at + 4], "little")
        first, count = head & 0xFFFFF, head >> 20
        at += 4
        for number in range(first, first + count):
            yield number, int.from_bytes(directory[at : at + 4], "little")
            at += 4
