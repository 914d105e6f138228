"""OpenDocument texts and presentations, zipped or flat, read from their XML."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

from lxml import etree

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers._album import Album
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._notes import finished, once
from indexer.parsers._odf_story import Parts, Shared, Story
from indexer.parsers._odf_styles import DRAW, OFFICE, STYLE, Styles
from indexer.parsers._package import Package, password_protected, stream_xml
from indexer.settings import ParserSettings

_ODF = "application/vnd.oasis.opendocument"
_MEDIA_TYPES = {
    ".odt": f"{_ODF}.text",
    ".ott": f"{_ODF}.text-template",
    ".fodt": f"{_ODF}.text-flat-xml",
    ".odp": f"{_ODF}.presentation",
    ".otp": f"{_ODF}.presentation-template",
    ".fodp": f"{_ODF}.presentation-flat-xml",
}

SUFFIXES = frozenset(_MEDIA_TYPES)

_DC = "{http://purl.org/dc/elements/1.1/}"
_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_PROPERTIES = {
    _DC + "title": "title",
    _DC + "subject": "subject",
    _DC + "description": "description",
    _DC + "creator": "last_modified_by",
    _DC + "date": "modified",
    _META + "initial-creator": "author",
    _META + "creation-date": "created",
    _META + "keyword": "keywords",
}
_MAX_CHARS = 1000
_HEADERS = ("header-first", "header", "header-left")
_FOOTERS = ("footer-first", "footer", "footer-left")


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Text, tables and pictures in the order of the file; each slide starts a page.

    Notes and comments stand at the end of their section, headers first and footers last, each
    text once. Deleted text of tracked changes is left out, and nothing outside the file is
    fetched. Raises UnreadableDocument for a damaged or encrypted file and for one without
    content, LimitExceeded for one that unpacks to more than ``settings.output_bytes``.
    """
    if path.suffix.lower() in {".fodt", ".fodp"}:
        flat = _FlatFile(path)
        return _document(path, flat, flat.warnings, settings)
    with Package(path, settings) as package:
        if b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise password_protected(path)
        return _document(path, package, package.warnings, settings)


class _FlatFile:
    """All parts of a document in one XML file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.warnings: list[str] = []

    def children(self, _name: str, *parents: str) -> Iterator[etree._Element]:
        try:
            with self._path.open("rb") as file:
                whole = yield from stream_xml(file, *parents)
        except OSError as exc:
            raise UnreadableDocument(
                self._path,
                cause=f"cannot be opened ({exc.strerror})",
                remedy="check that it may be read",
            ) from exc
        if not whole:
            self.warnings = ["the file is damaged: some of its content is missing"]

    def read(self, _name: str) -> bytes:
        return b""

    def tree(self, _name: str) -> None:
        return None


def _document(
    path: Path, parts: Parts, warnings: list[str], settings: ParserSettings
) -> ParsedDocument:
    properties = _properties(parts)
    shared = Shared(parts=parts, album=Album(settings))
    blocks = list(finished(shared.notes.placed(_blocks(shared))))
    core_title = properties.pop("title", "")
    return flow_document(
        path,
        blocks,
        settings,
        media_type=_MEDIA_TYPES.get(path.suffix.lower(), _MEDIA_TYPES[".odt"]),
        title=shared.title or core_title,
        metadata=properties,
        warnings=(*dict.fromkeys(warnings), *shared.album.warnings),
    )


def _properties(parts: Parts) -> dict[str, str]:
    """Title, author, subject, keywords, dates (as YYYY-MM-DD) and the like, where they are set."""
    found: dict[str, str] = {}
    for element in parts.children("meta.xml", OFFICE + "meta"):
        key = _PROPERTIES.get(element.tag, "")
        text = " ".join((element.text or "").split())[:_MAX_CHARS]
        if key in {"created", "modified"}:
            text = text.partition("T")[0]
        if key and text:
            found[key] = f"{found[key]}, {text}" if key == "keywords" and key in found else text
    return found


def _blocks(shared: Shared) -> Iterator[FlowBlock]:
    for block in _stories(shared):
        if block.text or block.picture:
            yield replace(block, new_page=shared.new_page or block.new_page)
            shared.new_page = False


def _stories(shared: Shared) -> Iterator[FlowBlock]:
    """The body between the headers and the footers."""
    common = Styles()
    around = Styles(common)  # the automatic styles of headers and footers
    masters: list[etree._Element] = []
    kinds = (OFFICE + "styles", OFFICE + "automatic-styles", OFFICE + "master-styles")
    for element in shared.parts.children("styles.xml", *kinds):
        parent = element.getparent()
        if element.tag == STYLE + "master-page":
            masters.append(deepcopy(element))
        elif parent is not None and parent.tag == OFFICE + "styles":
            common.add(element)
        else:
            around.add(element)
    seen: set[object] = set()
    yield from _furniture(shared, around, masters, _HEADERS, seen)
    styles = Styles(common)
    story = Story(shared, styles)
    bodies = (OFFICE + "automatic-styles", OFFICE + "text", OFFICE + "presentation")
    for element in shared.parts.children("content.xml", *bodies):
        parent = element.getparent()
        if parent is not None and parent.tag == OFFICE + "automatic-styles":
            styles.add(element)
        elif element.tag == DRAW + "page":
            yield from _slide(shared, story, element)
        else:
            yield from story.blocks([element])
    yield from shared.notes.flush()
    yield from _furniture(shared, around, masters, _FOOTERS, seen)


def _slide(shared: Shared, story: Story, page: etree._Element) -> Iterator[FlowBlock]:
    """A page of its own for every slide, so that pages are numbered like slides."""
    blocks = [b for b in story.slide(page) if b.text.strip() or b.picture is not None]
    blocks += shared.notes.flush()
    if not blocks:
        blocks = [FlowBlock(kind="paragraph", text=page.get(DRAW + "name") or "—")]
    yield replace(blocks[0], new_page=True)
    yield from blocks[1:]


def _furniture(
    shared: Shared,
    styles: Styles,
    masters: list[etree._Element],
    names: tuple[str, ...],
    seen: set[object],
) -> Iterator[FlowBlock]:
    story = Story(shared, styles, is_note=True)
    for master in masters:
        for part in (found for name in names for found in master.iterchildren(STYLE + name)):
            if part.get(STYLE + "display") != "false":
                yield from once(story.blocks(part.iterchildren("*")), seen)
