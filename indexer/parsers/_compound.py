"""OLE compound files: the container of the office programs before 2007, and of encrypted files."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from indexer.errors import UnreadableDocument

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_PROPERTIES = {
    "title": "title",
    "author": "author",
    "subject": "subject",
    "keywords": "keywords",
    "create_time": "created",
    "last_saved_time": "modified",
}
# Documents from before Unicode name their code page by these numbers.
_CODE_PAGES = {1200: "utf-16-le", 10000: "mac-roman", 10007: "mac-cyrillic", 65001: "utf-8"}


def is_compound(path: Path) -> bool:
    """Whether the file at ``path`` can be opened and begins as a compound file does."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def password_protected(path: Path) -> UnreadableDocument:
    """The error for a file that only its password opens."""
    return UnreadableDocument(
        path, cause="password-protected", remedy="save a copy without a password"
    )


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
    """Title, author and such of an open compound file; empty ones are left out."""
    try:
        metadata = file.get_metadata()
    except Exception:  # whatever is wrong there, the document itself may be whole
        return {}
    code_page = metadata.codepage or 1252
    codec = _CODE_PAGES.get(code_page % 65536, f"cp{code_page % 65536}")
    found: dict[str, str] = {}
    for name, key in _PROPERTIES.items():
        text = _text(getattr(metadata, name, None), codec)
        if text:
            found[key] = text
    return found


def _text(value: object, codec: str) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d") if value.year > 1970 else ""
    text = value if isinstance(value, str) else ""
    if isinstance(value, bytes):
        try:
            text = value.decode(codec, errors="replace")
        except LookupError:
            text = value.decode("cp1252", errors="replace")
    kept = "".join(char if char.isprintable() else " " for char in text.split("\0")[0])
    return " ".join(kept.split())[:1000]
