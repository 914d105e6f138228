"""Word's binary files for the contract suite: ``write`` makes one of paragraphs with properties.

``compound`` makes the OLE container around it, and around other streams.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SUFFIX = ".doc"

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_TEXT_AT = 1024
_PAIRS_AT = 154


def compound(path: Path, streams: Mapping[str, bytes]) -> None:
    """A compound file whose streams all lie in whole sectors, padded to 4096 bytes at least."""
    padded = {name: data + bytes(max(0, 4096 - len(data))) for name, data in streams.items()}
    sectors: list[bytes] = []
    chains: list[int] = []

    def add(data: bytes) -> int:
        start = len(chains)
        count = -(-len(data) // _SECTOR)
        sectors.extend(
            data[at * _SECTOR : (at + 1) * _SECTOR].ljust(_SECTOR, b"\0") for at in range(count)
        )
        chains.extend([*range(start + 1, start + count), _END])
        return start

    entries = [_entry("Root Entry", 5, child=1, start=_END, size=0)]
    for index, (name, data) in enumerate(padded.items(), start=1):
        following = index + 1 if index < len(padded) else _FREE
        entries.append(_entry(name, 2, right=following, start=add(data), size=len(data)))
    directory = add(b"".join(entries))
    tables = 1
    while tables * 128 < len(chains) + tables:
        tables += 1
    first_table = len(chains)
    chains += [_FAT] * tables
    chains += [_FREE] * (tables * 128 - len(chains))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory, 0, 4096,
                          _END, 0, _END, 0)  # fmt: skip
    places = [first_table + at for at in range(tables)] + [_FREE] * (109 - tables)
    header += struct.pack("<109I", *places)
    table = struct.pack(f"<{len(chains)}I", *chains)
    path.write_bytes(header + b"".join(sectors) + table)


def _entry(name: str, kind: int, *, start: int, size: int, child: int = _FREE,
           right: int = _FREE) -> bytes:  # fmt: skip
    encoded = (name + "\0").encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1)
    return head + struct.pack("<III36xIQ", _FREE, right, child, start, size)


def sprm(code: int, value: bytes | int) -> bytes:
    """A property modifier; a number takes the size that its code asks for."""
    if isinstance(value, int):
        size = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}[code >> 13]
        value = value.to_bytes(size, "little")
    return code.to_bytes(2, "little") + value


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """Runs of text with their properties, and the paragraph's; ``mark`` ends it."""

    runs: Sequence[tuple[str, bytes]]
    style: int = 0
    properties: bytes = b""
    mark: str = "\r"


def plain(text: str, style: int = 0, properties: bytes = b"", mark: str = "\r") -> Paragraph:
    return Paragraph(runs=[(text, b"")], style=style, properties=properties, mark=mark)


@dataclass(frozen=True, kw_only=True)
class Word:
    """A document: its stories, its styles as (built-in number, name, properties), other tables.

    ``tables`` are structures of the table stream by their place in FibRgFcLcb97, ``behind``
    what follows one of them.
    """

    body: Sequence[Paragraph]
    notes: Sequence[Paragraph] = ()
    headers: Sequence[Paragraph] = ()
    comments: Sequence[Paragraph] = ()
    styles: Sequence[tuple[int, str, bytes]] = ((0, "Normal", b""),)
    tables: Mapping[int, bytes] = field(default_factory=dict)
    behind: Mapping[int, bytes] = field(default_factory=dict)
    data: bytes = b""
    flags: int = 0
    in_latin: bool = False  # one byte for a character


def write(path: Path, word: Word) -> None:
    compound(path, streams(word))


def streams(word: Word) -> dict[str, bytes]:
    stories = (word.body, word.notes, word.headers, word.comments)
    paragraphs = [paragraph for story in stories for paragraph in story]
    width, codec = (1, "cp1252") if word.in_latin else (2, "utf-16-le")
    runs = [
        run for each in paragraphs for run in (*each.runs, (each.mark, b"")) if run[0]
    ]  # fmt: skip
    text = "".join(content for content, _ in runs).encode(codec)
    main = bytearray(_TEXT_AT) + text
    main += bytes(-len(main) % _SECTOR)
    characters = [(len(content.encode(codec)), properties) for content, properties in runs]
    blocks = [
        (len("".join(text for text, _ in each.runs) + each.mark) * width,
         each.style.to_bytes(2, "little") + each.properties)
        for each in paragraphs
    ]  # fmt: skip
    tables = {1: _styles(word.styles), **word.tables}
    tables[12] = _pages(main, characters, 1)
    tables[13] = _pages(main, blocks, 13)
    where = _TEXT_AT * 2 | 0x40000000 if width == 1 else _TEXT_AT
    piece = struct.pack("<iiHIH", 0, len(text) // width, 0, where, 0)
    tables[33] = b"\2" + len(piece).to_bytes(4, "little") + piece
    table = bytearray()
    for place, data in tables.items():
        struct.pack_into("<II", main, _PAIRS_AT + 8 * place, len(table), len(data))
        table += data + word.behind.get(place, b"")
    lengths = [sum(len("".join(t for t, _ in each.runs) + each.mark) for each in story)
               for story in stories]  # fmt: skip
    struct.pack_into("<HH", main, 0, 0xA5EC, 193)
    struct.pack_into("<H", main, 10, word.flags)
    struct.pack_into("<HH", main, 32, 14, 0)
    body, notes, headers, comments = lengths
    struct.pack_into("<6i", main, 76, body, notes, headers, 0, comments, 0)
    return {"WordDocument": bytes(main), "0Table": bytes(table), "Data": word.data}


def _pages(main: bytearray, runs: Sequence[tuple[int, bytes]], size: int) -> bytes:
    """Put formatted disk pages of ten runs at most behind ``main``; gives the table of them."""
    places, numbers = [_TEXT_AT], []
    for first in range(0, len(runs), 10):
        group = runs[first : first + 10]
        page = bytearray(_SECTOR)
        offsets = [places[-1]]
        end = _SECTOR - 2
        for index, (length, properties) in enumerate(group):
            offsets.append(offsets[-1] + length)
            if size == 13:
                padded = properties + bytes(len(properties) % 2)
                entry = bytes([0, len(padded) // 2]) + padded
            else:
                entry = bytes([len(properties)]) + properties
            end = (end - len(entry)) // 2 * 2
            page[end : end + len(entry)] = entry
            page[4 * (len(group) + 1) + size * index] = end // 2
        struct.pack_into(f"<{len(offsets)}I", page, 0, *offsets)
        page[-1] = len(group)
        numbers.append(len(main) // _SECTOR)
        main += page
        places.append(offsets[-1])
    return struct.pack(f"<{len(places) + len(numbers)}I", *places, *numbers)


def _styles(styles: Sequence[tuple[int, str, bytes]]) -> bytes:
    def entries() -> Iterator[bytes]:
        for number, name, properties in styles:
            paragraph = bytes(2) + properties
            paragraph = len(paragraph).to_bytes(2, "little") + paragraph
            head = struct.pack("<HHHHH", number, 0xFFF1, 2, 0, 0)
            named = len(name).to_bytes(2, "little") + (name + "\0").encode("utf-16-le")
            entry = head + named + paragraph + bytes(len(paragraph) % 2) + bytes(2)
            yield len(entry).to_bytes(2, "little") + entry + bytes(len(entry) % 2)

    return struct.pack("<HHH", 4, len(styles), 10) + b"".join(entries())


def make(path: Path) -> None:
    heading = (1, "heading 1", b"")
    body = [
        plain("Harbour", style=1),
        plain("Заметка о гавани: seven lanterns"),
        plain("more text here " * 30),
    ]
    write(path, Word(body=body, styles=((0, "Normal", b""), heading)))
