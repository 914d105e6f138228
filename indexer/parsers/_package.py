"""Office files that are ZIP packages: parts are read within limits, XML without entities."""

import re
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Self

from lxml import etree

from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.settings import MEBIBYTE, ParserSettings

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# XML parts that are held as a whole tree, which takes about ten times as much memory.
_MAX_TREE_BYTES = 64 * MEBIBYTE
_MAX_PART_BYTES = 256 * MEBIBYTE
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,  # also names that are not in their encoding
    RuntimeError,  # also methods of compression that are not known
)
_STRICT = re.compile(r"\{http://purl\.oclc\.org/ooxml/(\w+)/(\w+)\}([\w.-]+)")


class Package:
    """The parts of the package at ``path``; use it as a context manager.

    What is found damaged on the way is left out and named in ``warnings``. Raises
    UnreadableDocument for a file that is no package or has a password, LimitExceeded when its
    parts claim more than ``settings.output_bytes`` unpacked.
    """

    def __init__(self, path: Path, settings: ParserSettings) -> None:
        self.warnings: list[str] = []
        try:
            self._file = zipfile.ZipFile(path)
        except (FileNotFoundError, PermissionError) as exc:
            raise UnreadableDocument(
                path, cause=f"cannot be opened ({exc.strerror})", remedy="check that it may be read"
            ) from exc
        except _DAMAGE as exc:
            raise not_a_package(path) from exc
        entries = self._file.infolist()
        if sum(entry.file_size for entry in entries) > settings.output_bytes:
            self._file.close()
            raise LimitExceeded(
                path,
                cause=f"unpacks to more than {settings.output_bytes / MEBIBYTE:.1f} MiB",
                remedy="split it or raise SIGHTLINE_PARSER_OUTPUT_BYTES",
            )
        if any(entry.flag_bits & 1 for entry in entries):
            self._file.close()
            raise password_protected(path)
        # The names of OOXML parts do not tell upper from lower case; some writers use "\".
        self._entries = {entry.filename.replace("\\", "/").lower(): entry for entry in entries}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def read(self, name: str) -> bytes:
        """The bytes of a part, as far as they can be unpacked; none if it is not there."""
        return self._read(name, _MAX_PART_BYTES)

    def tree(self, name: str) -> etree._Element | None:
        """The root of an XML part, None if there is none. Use it for parts that stay small."""
        data = self._read(name, _MAX_TREE_BYTES)
        if not data:
            return None
        root = parse_xml(data)
        if root is None:
            self._warn(name)
        return root

    def children(self, name: str, *parents: str) -> Iterator[etree._Element]:
        """The children of each element named in ``parents``, in order; see ``stream_xml``."""
        entry = self._entries.get(name.lower())
        if entry is None:
            return
        with suppress(*_DAMAGE), self._file.open(entry) as file:
            source = _Tolerant(file)
            whole = yield from stream_xml(source, *parents)
            if source.damaged or not whole:
                self._warn(name)
            return
        self._warn(name)

    def _read(self, name: str, limit: int) -> bytes:
        entry = self._entries.get(name.lower())
        if entry is None:
            return b""
        if entry.file_size > limit:
            self.warnings.append(f"{name} is left out: larger than {limit // MEBIBYTE} MiB")
            return b""
        with suppress(*_DAMAGE), self._file.open(entry) as file:
            source = _Tolerant(file)
            data = b"".join(iter(lambda: source.read(MEBIBYTE), b""))
            if source.damaged:
                self._warn(name)
            return data
        self._warn(name)
        return b""

    def _warn(self, name: str) -> None:
        warning = f"{name} is damaged: some of its content is missing"
        if warning not in self.warnings:
            self.warnings.append(warning)


class _Tolerant:
    """A part that ends where it cannot be unpacked any further."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.damaged = False

    def read(self, size: int = -1) -> bytes:
        if self.damaged:
            return b""
        try:
            return self._file.read(size)
        except _DAMAGE:
            self.damaged = True
            return b""


def not_a_package(path: Path) -> UnreadableDocument:
    """The error for the file at ``path``, which could not be opened as a ZIP."""
    import olefile

    if olefile.isOleFile(path):
        with suppress(OSError), olefile.OleFileIO(path) as ole:
            if ole.exists("EncryptedPackage"):
                return password_protected(path)
        return UnreadableDocument(
            path, cause="a file of an older Office", remedy="give it the suffix of its format"
        )
    return UnreadableDocument(
        path, cause="damaged or not an office file", remedy="save it again in its program"
    )


def password_protected(path: Path) -> UnreadableDocument:
    return UnreadableDocument(
        path, cause="password-protected", remedy="save it without the password"
    )


_PARSING: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "recover": True,
    "remove_comments": True,
    "remove_pis": True,
}


def parse_xml(data: bytes) -> etree._Element | None:
    """The root of ``data`` with transitional names, None if nothing of it is XML."""
    try:
        root: etree._Element | None = etree.fromstring(data, etree.XMLParser(**_PARSING))
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is not None:
        _rename(root)
    return root


def stream_xml(
    source: IO[bytes] | _Tolerant, *parents: str
) -> Generator[etree._Element, None, bool]:
    """The children of each element named in ``parents``, in order, freed when the next is asked.

    ISO Strict names (of elements and of ``parents``) are the transitional ones. The generator's
    value tells whether the XML had no fault.
    """
    current: etree._Element | None = None
    context = etree.iterparse(source, events=("start", "end"), **_PARSING)
    try:
        for event, element in context:
            parent = element.getparent()
            if event == "start":
                if current is None and parent is not None and _name(parent.tag) in parents:
                    current = element
            elif current is not None and element is current and parent is not None:
                _rename(element)
                yield element
                current = None
                element.clear()
                while element.getprevious() is not None:
                    del parent[0]
    except (etree.XMLSyntaxError, ValueError):
        return False
    return len(context.error_log) == 0


def _rename(root: etree._Element) -> None:
    """Give ``root`` and all below it the names of ISO 29500 Transitional."""
    if not any("purl.oclc.org" in uri for uri in root.nsmap.values()):
        return
    for element in root.iter("*"):
        if element.tag != _name(element.tag):
            element.tag = _name(element.tag)
        for key, value in element.attrib.items():
            if key != _name(key):
                del element.attrib[key]
                element.attrib[_name(key)] = value


@lru_cache(maxsize=4096)
def _name(name: str) -> str:
    strict = _STRICT.fullmatch(name)
    if not strict:
        return name
    area, rest, local = strict.groups()
    return f"{{http://schemas.openxmlformats.org/{area}/2006/{rest}}}{local}"
