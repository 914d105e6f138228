"""An Outlook message for the contract suite, and what other tests need to make one."""

import struct
from pathlib import Path

Tree = dict[str, "bytes | Tree"]

SECTOR, MINI_SECTOR, CUTOFF = 512, 64, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
TOP, INNER, PART = 32, 24, 8  # bytes before the fixed properties


def make(path: Path) -> None:
    body = "Заметка: seven lanterns\r\n\r\n" + "more text here " * 30
    boats = item(PART, {0x3707: "boats.txt", 0x3701: b"Two masts."}, {0x3705: 1})
    path.write_bytes(compound(message(TOP, subject="Harbour", body=body, attachments=(boats,))))


def message(
    start: int,
    *,
    subject: str = "",
    body: str = "",
    html: bytes = b"",
    sender: tuple[str, str] = ("", ""),
    to: tuple[tuple[str, str], ...] = (),
    attachments: tuple[Tree, ...] = (),
    sent: int = 0,
) -> Tree:
    """The storage of a message; ``sent`` in tenths of a microsecond since 1601."""
    tree = item(
        start,
        {0x0037: subject, 0x1000: body, 0x0C1A: sender[0], 0x5D01: sender[1], 0x1013: html},
        {0x0039: sent, 0x3FDE: 65001},
    )
    for number, (name, address) in enumerate(to):
        person = item(PART, {0x3001: name, 0x39FE: address}, {0x0C15: 1})
        tree[f"__recip_version1.0_#{number:08X}"] = person
    for number, attachment in enumerate(attachments):
        tree[f"__attach_version1.0_#{number:08X}"] = attachment
    return tree


def item(start: int, values: dict[int, str | bytes], numbers: dict[int, int]) -> Tree:
    """A storage with properties: text, bytes, and numbers of fixed length."""
    tree: Tree = {}
    records = bytes(start)
    for name, value in values.items():
        kind = 0x001F if isinstance(value, str) else 0x0102
        data = value.encode("utf-16-le") if isinstance(value, str) else value
        if data:
            tree[f"__substg1.0_{name:04X}{kind:04X}"] = data
            records += struct.pack("<HHIII", kind, name, 6, len(data), 0)
    for name, number in numbers.items():
        records += struct.pack("<HHIQ", 0x0040 if number >> 32 else 0x0003, name, 6, number)
    tree["__properties_version1.0"] = records
    return tree


def compound(tree: Tree) -> bytes:
    """A compound file (CFB version 3) with the streams and storages of ``tree``.

    Source of the format: [MS-CFB].
    """
    entries: list[tuple[str, int, int, int, bytes]] = []  # name, type, right, child, data

    def add(name: str, kind: int, content: "bytes | Tree") -> int:
        index = len(entries)
        entries.append((name, kind, FREE, FREE, content if isinstance(content, bytes) else b""))
        if not isinstance(content, bytes):
            following = FREE
            for key in sorted(content, reverse=True):
                child = content[key]
                at = add(key, 2 if isinstance(child, bytes) else 1, child)
                entries[at] = (*entries[at][:2], following, *entries[at][3:])
                following = at
            entries[index] = (name, kind, FREE, following, b"")
        return index

    add("Root Entry", 5, tree)
    sectors: list[bytes] = []
    fat: list[int] = []

    def store(data: bytes) -> int:
        first = len(sectors)
        pieces = [data[at : at + SECTOR] for at in range(0, len(data), SECTOR)]
        sectors.extend(piece.ljust(SECTOR, b"\0") for piece in pieces)
        fat.extend(range(first + 1, first + len(pieces)))
        fat.append(END)
        return first

    mini = b""
    mini_fat: list[int] = []
    starts: list[int] = []
    for _, kind, _, _, data in entries:
        if kind != 2 or not data:
            starts.append(END)
        elif len(data) >= CUTOFF:
            starts.append(store(data))
        else:
            count = -(-len(data) // MINI_SECTOR)
            starts.append(len(mini_fat))
            mini_fat += [*range(len(mini_fat) + 1, len(mini_fat) + count), END]
            mini += data.ljust(count * MINI_SECTOR, b"\0")
    starts[0] = store(mini) if mini else END
    mini_fat_start = store(struct.pack(f"<{len(mini_fat)}I", *mini_fat)) if mini_fat else END
    directory = b""
    for (name, kind, right, child, data), start in zip(entries, starts, strict=True):
        size = len(mini) if kind == 5 else len(data)
        encoded = name.encode("utf-16-le")
        directory += encoded.ljust(64, b"\0") + struct.pack(
            "<HBBIII16sIQQIQ",
            len(encoded) + 2,
            kind,
            1,
            FREE,
            right,
            child,
            b"",
            0,
            0,
            0,
            start,
            size,
        )
    directory_start = store(directory)
    count = next(n for n in range(1, 100) if n * 128 >= len(fat) + n)
    fat_start = len(sectors)
    fat += [FAT] * count
    packed = struct.pack(f"<{len(fat)}I", *fat).ljust(count * SECTOR, b"\xff")
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIIII",
        bytes.fromhex("d0cf11e0a1b11ae1"), b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, count, directory_start, 0, CUTOFF, mini_fat_start, -(-len(mini_fat) // 128), END, 0,
        fat_start,
    )  # fmt: skip
    header += struct.pack(f"<{count - 1}I", *range(fat_start + 1, fat_start + count))
    return header.ljust(SECTOR, b"\xff") + b"".join(sectors) + packed
