"""OLE compound files: the container of the office programs before 2007, and of encrypted files."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from indexer.errors import UnreadableDocument
from indexer.parsers._package import OLE_MAGIC, password_protected

_STREAM = "\x05SummaryInformation"
_MAX_PROPERTIES = 65_536  # bytes; a picture of the first page may follow
_CODE_PAGE = 1
_PROPERTIES = {2: "title", 3: "subject", 4: "author", 5: "keywords", 12: "created", 13: "modified"}
_STRING, _WIDE_STRING, _FILE_TIME = 0x1E, 0x1F, 0x40
_EPOCH = datetime(1601, 1, 1)
# Code pages that Python knows by another name.
_CODE_PAGES = {1200: "utf-16-le", 10000: "mac-roman", 10007: "mac-cyrillic", 65001: "utf-8"}


def is_compound(path: Path) -> bool:
    """Whether the file at ``path`` can be opened and begins as a compound file does."""
    try:
        with path.open("rb") as file:
            return file.read(len(OLE_MAGIC)) == OLE_MAGIC
    except OSError:
        return False


@contextmanager
def compound_file(path: Path) -> Iterator[Any]:
    """The ``olefile.OleFileIO`` of the file at ``path``.

    Raises UnreadableDocument for a damaged one, also from inside the ``with`` block, and for one
    that holds an encrypted document.
    """
    import olefile

    try:
        with olefile.OleFileIO(path) as file:
            if file.exists("EncryptedPackage") or file.exists("EncryptedSummary"):
                raise password_protected(path)
            yield file
    except (OSError, ValueError, IndexError, EOFError) as exc:
        raise UnreadableDocument(
            path, cause="damaged file", remedy="save it again in its program"
        ) from exc


def properties_of(file: Any) -> dict[str, str]:
    """Title, author and such of an open compound file; empty ones are left out.

    Only what is asked for is read: olefile's own reader follows the counts of a damaged file for
    minutes. Source: [MS-OLEPS], section 2.
    """
    if not file.exists(_STREAM):
        return {}
    data = file.openstream(_STREAM).read(_MAX_PROPERTIES)
    start = _u32(data, 44)
    places = {
        _u32(data, at): start + _u32(data, at + 4)
        for at in range(start + 8, start + 8 + 8 * min(_u32(data, start + 4), 100), 8)
    }
    code_page = _u32(data, places.get(_CODE_PAGE, len(data)) + 4) & 0xFFFF
    codec = _CODE_PAGES.get(code_page, f"cp{code_page or 1252}")
    found = {
        key: _property(data, places[number], codec)
        for number, key in _PROPERTIES.items()
        if number in places
    }
    return {key: text for key, text in found.items() if text}


def _property(data: bytes, at: int, codec: str) -> str:
    kind, size = _u32(data, at), _u32(data, at + 4)
    if kind == _FILE_TIME:
        try:
            moment = _EPOCH + timedelta(microseconds=(size + (_u32(data, at + 8) << 32)) // 10)
        except OverflowError:
            return ""
        return moment.strftime("%Y-%m-%d") if moment.year > 1980 else ""
    if kind == _WIDE_STRING:
        size, codec = 2 * size, "utf-16-le"
    elif kind != _STRING:
        return ""
    try:
        text = data[at + 8 : at + 8 + size].decode(codec, errors="replace")
    except LookupError:
        text = data[at + 8 : at + 8 + size].decode("cp1252", errors="replace")
    kept = "".join(char if char.isprintable() else " " for char in text.split("\0")[0])
    return " ".join(kept.split())[:1000]


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
