"""XML: articles (JATS), patents (USPTO), books (FictionBook, DocBook, TEI), feeds, any other."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import _xml_articles, _xml_feeds, _xml_patents
from indexer.parsers._decode import decode
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._pictures import embedded_picture
from indexer.parsers._xml import read_xml, text_of
from indexer.parsers._xml_walk import Handler, Walker, flat, name_of
from indexer.parsers.html import blocks_of, markup_of, page_of
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".xml", ".nxml", ".fb2", ".rss", ".atom"})

# Bulk files of patents are many documents one after the other.
_DECLARATION = re.compile(rb"^<\?xml\s", re.M)
_ENCODING = re.compile(rb"\A\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
_PATENTS = frozenset(
    "us-patent-application us-patent-grant patent-application-publication patdoc".split()
)
# Documents for reading, whose elements without a known name are no fields of a record.
_PROSE = frozenset(
    "article book chapter part section sect1 preface appendix refentry set tei tei.2 teicorpus "
    "topic concept task reference dita fictionbook dtbook doc document".split()
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    blocks: Iterator[FlowBlock]
    title: str = ""
    metadata: dict[str, str] | None = None


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """The text of an XML file as its vocabulary means it, else its elements' text in order.

    Nothing that the file refers to is fetched. Raises UnreadableDocument for a file that is not
    XML and for one without text.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise UnreadableDocument(
            path, cause=f"cannot be opened ({exc.strerror})", remedy="check that it may be read"
        ) from exc
    readings = [
        _reading(root, part, path, settings)
        for part in _documents(data)
        if (root := _root(part, path)) is not None
    ]
    if not readings:
        raise UnreadableDocument(path, cause="no XML in it", remedy="export it again")
    found = {key: value[:1000] for key, value in (readings[0].metadata or {}).items() if value}
    return flow_document(
        path,
        _paged(readings),
        settings,
        media_type="application/xml",
        title=readings[0].title,
        metadata=found if len(readings) == 1 else {},
    )


def _documents(data: bytes) -> list[bytes]:
    starts = [match.start() for match in _DECLARATION.finditer(data)]
    if len(starts) < 2:
        return [data]
    return [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]


def _root(data: bytes, path: Path) -> Any:
    declared = _ENCODING.match(data)
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            data.decode(name)
    except (UnicodeDecodeError, LookupError):
        # It is not in the encoding that it claims.
        text = decode(data, path)
        data = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text).encode()
    return read_xml(data)


def _paged(readings: list[_Reading]) -> Iterator[FlowBlock]:
    for number, reading in enumerate(readings):
        for index, block in enumerate(reading.blocks):
            yield replace(block, new_page=True) if number and index == 0 else block


def _reading(root: Any, data: bytes, path: Path, settings: ParserSettings) -> _Reading:
    name = name_of(root)
    if name == "html":
        return _Reading(blocks=blocks_of(page_of(markup_of(data, path))))
    if name in _PATENTS:
        return _Reading(
            blocks=_xml_patents.blocks(root),
            title=_xml_patents.title_of(root),
            metadata=_xml_patents.metadata_of(root),
        )
    article = root if name == "article" else next(root.iter("{*}article"), root)
    if any(name_of(child) == "front" for child in article):
        return _Reading(
            blocks=_xml_articles.blocks(root),
            title=_xml_articles.title_of(root),
            metadata=_xml_articles.metadata_of(root),
        )
    if _xml_feeds.is_feed(root):
        return _Reading(blocks=_xml_feeds.blocks(root))
    if name == "fictionbook":
        return _fiction(root, settings)
    handlers: dict[str, Handler] = {"teiheader": _tei_title}
    return _Reading(blocks=Walker(handlers, fields=name not in _PROSE).blocks(root, 1))


def _tei_title(header: Any, level: int) -> Iterator[FlowBlock]:
    title = next(header.iter("{*}title"), None)
    yield FlowBlock(kind="heading", text="" if title is None else flat(title), level=level)


def _fiction(root: Any, settings: ParserSettings) -> _Reading:
    """A FictionBook: its chapters start pages, its pictures are in the file itself."""
    info = next(root.iter("{*}title-info"), None)
    facts = {} if info is None else {name_of(child): flat(child) for child in reversed(info)}
    authors = [] if info is None else [each for each in info if name_of(each) == "author"]
    pictures = {each.get("id"): each for each in root.iter("{*}binary")}

    def image(element: Any, _: int) -> Iterator[FlowBlock]:
        target = next((v for key, v in element.items() if key.endswith("href")), "").lstrip("#")
        binary = pictures.pop(target, None)
        try:
            data = b"" if binary is None else base64.b64decode(text_of(binary))
        except ValueError:
            data = b""
        picture = embedded_picture(data, settings)
        alt = str(element.get("alt") or element.get("title") or "")
        yield FlowBlock(kind="caption", text=alt, picture=picture)

    def description(_: Any, level: int) -> Iterator[FlowBlock]:
        yield FlowBlock(kind="heading", text=facts.get("book-title", ""), level=level)
        yield FlowBlock(kind="paragraph", text=facts.get("annotation", ""))

    def section(element: Any, level: int) -> Iterator[FlowBlock]:
        is_chapter = name_of(element.getparent()) == "body"
        for index, block in enumerate(walker.blocks(element, level + 1)):
            yield replace(block, new_page=True) if is_chapter and index == 0 else block

    walker = Walker(
        {"image": image, "description": description, "section": section}, skipped={"binary"}
    )
    return _Reading(
        blocks=walker.blocks(root, 1),
        title=facts.get("book-title", ""),
        metadata={
            "author": "; ".join(map(_person, authors)),
            "language": facts.get("lang", ""),
            "published": facts.get("date", ""),
            "subject": facts.get("genre", ""),
        },
    )


def _person(author: Any) -> str:
    parts = {name_of(child): flat(child) for child in author}
    names = [parts.get(f"{which}-name", "") for which in ("first", "middle", "last")]
    return " ".join(filter(None, names)) or parts.get("nickname", "")
