"""HTML as its reader sees it: text blocks without scripts, styles and navigation."""

import re
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from indexer.domain import BlockKind, ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers._decode import decode
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".html", ".htm", ".xhtml"})

_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]+)", re.I)
_UNSEEN = (
    "script style noscript template head nav iframe object canvas svg math select button "
    "input textarea audio video"
).split()
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption "
    "figure footer form header hgroup hr html legend li main ol p section summary table tbody "
    "td tfoot th thead tr ul caption".split()
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
# Deeper markup is taken as flat text: real pages stay far below, and Python's stack is finite.
_MAX_DEPTH = 150


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Headings, paragraphs, list items, tables and code of a page, in the order of its source.

    Raises UnreadableDocument for binary data and for a page without text.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise UnreadableDocument(
            path, cause=f"cannot be opened ({exc.strerror})", remedy="check that it may be read"
        ) from exc
    declared = _CHARSET.search(data[:4096])
    text = decode(data, path, declared=declared[1].decode("ascii") if declared else "")
    # An XML declaration in decoded text contradicts it and makes lxml refuse the page.
    text = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text)
    soup = BeautifulSoup(text, "lxml")
    title = soup.title.get_text() if soup.title else ""
    metadata = {}
    for name in ("author", "description"):
        tag = soup.find("meta", attrs={"name": name})
        content = tag.get("content") if isinstance(tag, Tag) else None
        if isinstance(content, str) and content.strip():
            metadata[name] = " ".join(content.split())[:1000]
    return flow_document(
        path, blocks_of(soup), settings, media_type="text/html", title=title, metadata=metadata
    )


def blocks_of(soup: BeautifulSoup) -> Iterator[FlowBlock]:
    """The visible blocks of a parsed page; ``soup`` loses its invisible elements."""
    for tag in soup(_UNSEEN):
        tag.decompose()
    for tag in soup.find_all(_is_hidden):
        if not tag.decomposed:
            tag.decompose()
    walker = _Walker()
    yield from walker.walk(soup.body or soup, 0)
    yield from walker.flush()


def _is_hidden(tag: Tag) -> bool:
    return (
        tag.has_attr("hidden")
        or tag.get("role") == "navigation"
        or _HIDDEN_STYLE.search(str(tag.get("style") or "")) is not None
    )


class _Walker:
    """Gathers inline text until an element of block level ends it."""

    def __init__(self) -> None:
        self._inline: list[str] = []
        self._kind: BlockKind = "paragraph"
        self._level = 0
        self._marker = ""

    def flush(self) -> Iterator[FlowBlock]:
        lines = ("".join(self._inline)).split("\n")
        text = "\n".join(line for line in (" ".join(raw.split()) for raw in lines) if line)
        self._inline = []
        if text:
            yield FlowBlock(kind=self._kind, text=self._marker + text, level=self._level)
            self._marker = " " * len(self._marker)

    def walk(self, node: Tag, depth: int) -> Iterator[FlowBlock]:
        if depth > _MAX_DEPTH:
            self._inline.append(node.get_text(" "))
            return
        for child in node.children:
            if isinstance(child, Tag):
                yield from self._element(child, depth)
            elif _is_text(child):
                self._inline.append(str(child).replace("\n", " "))

    def _element(self, tag: Tag, depth: int) -> Iterator[FlowBlock]:
        name = tag.name
        if name == "br":
            self._inline.append("\n")
        elif name == "img":
            # What a reader without the picture is told about it.
            self._inline.append(f" {str(tag.get('alt') or '')[:300]} ")
        elif name in {"pre", "listing", "xmp"}:
            yield from self.flush()
            yield FlowBlock(kind="code", text=tag.get_text().strip("\n").expandtabs(4))
        elif len(name) == 2 and name[0] == "h" and name[1] in "123456":
            yield from self._within(tag, depth, "heading", "", int(name[1]))
        elif name == "li":
            yield from self._within(tag, depth, "list", _marker(tag))
        elif name in {"figcaption", "caption"}:
            yield from self._within(tag, depth, "caption", "")
        elif name == "table" and _is_data_table(tag):
            yield from self.flush()
            caption = tag.find("caption")
            if isinstance(caption, Tag):
                yield FlowBlock(kind="caption", text=_flat(caption))
            yield FlowBlock(kind="table", text="\n".join(_rows(tag)))
        elif name in _BLOCKS:
            yield from self.flush()
            yield from self.walk(tag, depth + 1)
            yield from self.flush()
        else:
            yield from self.walk(tag, depth + 1)

    def _within(
        self, tag: Tag, depth: int, kind: BlockKind, marker: str, level: int = 0
    ) -> Iterator[FlowBlock]:
        yield from self.flush()
        outer = (self._kind, self._marker, self._level)
        self._kind, self._marker, self._level = kind, marker, level
        if kind == "heading":
            # A heading is one line whatever is inside it.
            self._inline.append(_flat(tag))
        else:
            yield from self.walk(tag, depth + 1)
        yield from self.flush()
        self._kind, self._marker, self._level = outer


def _is_text(node: PageElement) -> bool:
    # Comments, doctypes and processing instructions are PreformattedString.
    return isinstance(node, NavigableString) and not isinstance(node, PreformattedString)


def _marker(item: Tag) -> str:
    parents = [parent for parent in item.parents if parent.name in {"ul", "ol"}]
    indent = "  " * max(0, len(parents) - 1)
    if not parents or parents[0].name == "ul":
        return f"{indent}• "
    start = str(parents[0].get("start") or "1")
    first = int(start) if start.isdecimal() and len(start) < 7 else 1
    return f"{indent}{first + len(item.find_previous_siblings('li'))}. "


def _is_data_table(table: Tag) -> bool:
    """Tables that only place things hold other tables, headings, or a single column."""
    if table.find(["table", "h1", "h2", "h3", "h4", "ul", "ol", "pre"]):
        return bool(table.find("th")) and not table.find(["table", "h1", "h2"])
    return any(len(row.find_all(["td", "th"])) > 1 for row in table.find_all("tr"))


def _rows(table: Tag) -> Iterator[str]:
    for row in table.find_all("tr"):
        cells = [_flat(cell) for cell in row.find_all(["td", "th"], recursive=False)]
        if any(cells):
            yield " | ".join(cells)


def _flat(tag: Tag) -> str:
    return (
        " ".join(tag.get_text(" ").split())
        if tag.find(["p", "br", "div", "li"])
        else " ".join(tag.get_text().split())
    )
