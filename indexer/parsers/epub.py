"""EPUB books: their chapters in reading order, each from a page of its own.

Source of the format: EPUB 3.3 and Open Packaging Format 2.0.1.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from indexer.domain import ParsedDocument, Raster
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._pictures import embedded_picture
from indexer.parsers._xml import local_name, read_xml, text_of
from indexer.parsers.html import blocks_of, markup_of, page_of, text_in
from indexer.settings import MEBIBYTE, ParserSettings

SUFFIXES = frozenset({".epub"})

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError)
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
# These only hide fonts.
_FONT_ALGORITHMS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_TEXT_TYPES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
_METADATA = {
    "creator": "author",
    "publisher": "publisher",
    "date": "published",
    "language": "language",
    "subject": "subject",
    "description": "description",
}
_MAX_METADATA = 1000


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Headings, paragraphs, lists, tables and pictures of a book, chapter by chapter.

    Raises UnreadableDocument for a damaged or encrypted book, LimitExceeded for one that unpacks
    to more than ``settings.output_bytes``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            book = _Book(path, archive, settings)
            blocks = list(book.blocks())
    except _DAMAGE as exc:
        raise UnreadableDocument(
            path, cause="damaged book", remedy="download or export it again"
        ) from exc
    return flow_document(
        path,
        blocks,
        settings,
        media_type="application/epub+zip",
        title=book.title,
        metadata=book.metadata,
        warnings=tuple(book.warnings),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Item:
    """A file of the book's manifest."""

    name: str
    media_type: str
    properties: str


class _Book:
    """An open book. Its chapters are read when they are asked for."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, settings: ParserSettings) -> None:
        self._path = path
        self._archive = archive
        self._settings = settings
        self._shown: set[str] = set()
        self.warnings: list[str] = []
        self._names = {info.filename: info.filename for info in archive.infolist()}
        # Some books are written where case does not matter.
        self._names |= {name.lower(): name for name in reversed(self._names)} | self._names
        unpacked = sum(info.file_size for info in archive.infolist())
        if unpacked > settings.output_bytes:
            raise LimitExceeded(
                path,
                cause=f"unpacks to {unpacked / MEBIBYTE:.0f} MiB, above the limit of "
                f"{settings.output_bytes / MEBIBYTE:.0f} MiB",
                remedy="make its pictures smaller or raise SIGHTLINE_PARSER_OUTPUT_BYTES",
            )
        package_name = self._package_name()
        package = self._xml(package_name)
        if package is None:
            raise UnreadableDocument(path, cause="no book in it", remedy="export it again")
        self._folder = posixpath.dirname(package_name)
        self._items = self._manifest(package)
        self._spine = [
            self._items[reference.get("idref", "")]
            for reference in package.iter("{*}itemref")
            if reference.get("idref") in self._items
        ]
        self._refuse_encrypted()
        values = self._stated(package)
        self.title = "".join(values.pop("title", []))
        self.metadata = {
            _METADATA[name]: "; ".join(each)[:_MAX_METADATA] for name, each in values.items()
        }

    def blocks(self) -> Iterator[FlowBlock]:
        labels = self._labels()
        missing = 0
        for item in self._spine:
            if item.media_type not in _TEXT_TYPES:
                continue
            data = self._read(item.name)
            if data is None:
                missing += 1
                continue
            try:
                page = page_of(markup_of(data, self._path))
            except UnreadableDocument:
                missing += 1
                continue
            chapter = list(blocks_of(page, partial(self._picture, item)))
            first = True
            for block in _headed(chapter, labels.get(item.name, "")):
                yield replace(block, new_page=True) if first else block
                first = False
        if missing:
            self.warnings.append(f"{missing} of {len(self._spine)} chapters could not be read")

    def _package_name(self) -> str:
        container = self._xml(_CONTAINER)
        named = (
            ""
            if container is None
            else next((each.get("full-path", "") for each in container.iter("{*}rootfile")), "")
        )
        packages = [name for name in self._archive.namelist() if name.lower().endswith(".opf")]
        return unquote(named) if unquote(named) in self._names else next(iter(packages), "")

    def _manifest(self, package: Any) -> dict[str, _Item]:
        return {
            item.get("id", ""): _Item(
                name=self._resolved(self._folder, item.get("href", "")),
                media_type=item.get("media-type", "").lower(),
                properties=item.get("properties", ""),
            )
            for item in package.iter("{*}item")
        }

    def _stated(self, package: Any) -> dict[str, list[str]]:
        """Title and metadata as the package states them."""
        found: dict[str, list[str]] = {}
        for element in package.iter("{http://purl.org/dc/elements/1.1/}*"):
            name, value = local_name(element), text_of(element)
            if name == "description":
                value = text_in(value)
            # Later dates are those of changes, later titles are parts of the first.
            once = name in {"date", "title"} and name in found
            if value and not once and (name in _METADATA or name == "title"):
                found.setdefault(name, []).append(value)
        return found

    def _labels(self) -> dict[str, str]:
        """Titles of chapters by file, from the table of contents."""
        labels: dict[str, str] = {}
        for item in self._items.values():
            if item.media_type == "application/x-dtbncx+xml":
                for point in self._elements(item, "navPoint"):
                    label = next(point.iter("{*}navLabel"), None)
                    content = next(point.iter("{*}content"), None)
                    if label is not None and content is not None:
                        self._add_label(labels, item, content.get("src", ""), text_of(label))
            elif "nav" in item.properties.split():
                for link in self._elements(item, "a"):
                    self._add_label(labels, item, link.get("href", ""), text_of(link))
        return labels

    def _elements(self, item: _Item, name: str) -> Iterator[Any]:
        root = self._xml(item.name)
        return iter(()) if root is None else root.iter("{*}" + name)

    def _add_label(self, labels: dict[str, str], item: _Item, address: str, label: str) -> None:
        target = self._resolved(posixpath.dirname(item.name), address)
        if label:
            labels.setdefault(target, label)

    def _picture(self, chapter: _Item, source: str) -> Raster | None:
        """Each picture once: those that come again are ornaments."""
        name = self._resolved(posixpath.dirname(chapter.name), source)
        if name in self._shown:
            return None
        self._shown.add(name)
        data = self._read(name)
        return None if data is None else embedded_picture(data, self._settings)

    def _refuse_encrypted(self) -> None:
        root = self._xml(_ENCRYPTION)
        hidden = set()
        for data in () if root is None else root.iter("{*}EncryptedData"):
            methods = {each.get("Algorithm", "") for each in data.iter("{*}EncryptionMethod")}
            if not methods.intersection(_FONT_ALGORITHMS):
                hidden |= {unquote(each.get("URI", "")) for each in data.iter("{*}CipherReference")}
        if any(item.name in hidden for item in self._spine):
            raise UnreadableDocument(
                self._path,
                cause="encrypted (protected against copying)",
                remedy="use an edition without copy protection",
            )

    def _resolved(self, folder: str, address: str) -> str:
        """The archive's name of what ``address`` points to from ``folder``."""
        plain = unquote(address.split("#")[0])
        name = posixpath.normpath(posixpath.join(folder, plain)) if plain else ""
        return self._names.get(name) or self._names.get(name.lower()) or name

    def _read(self, name: str) -> bytes | None:
        """A file's bytes, None for one that is missing or damaged."""
        if name not in self._names:
            return None
        try:
            return self._archive.read(self._names[name])
        except _DAMAGE:
            return None

    def _xml(self, name: str) -> Any:
        data = self._read(name)
        return None if data is None else read_xml(data)


def _headed(blocks: list[FlowBlock], label: str) -> list[FlowBlock]:
    """The chapter with its title from the table of contents, where it has no heading itself."""
    if not label or not blocks or any(block.kind == "heading" for block in blocks):
        return blocks
    for index, block in enumerate(blocks[:4]):
        if re.sub(r"\W", "", block.text).lower() == re.sub(r"\W", "", label).lower():
            blocks[index] = replace(block, kind="heading", level=1)
            return blocks
    return [FlowBlock(kind="heading", text=label, level=1), *blocks]
