"""HTML as its reader sees it: text blocks without scripts, styles and navigation."""

import base64
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

from bs4 import BeautifulSoup, UnusualUsageWarning
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from indexer.domain import BlockKind, ParsedDocument, Raster
from indexer.errors import UnreadableDocument
from indexer.parsers._decode import decode
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._grid import Cell, span_of, table_text
from indexer.parsers._pictures import embedded_picture
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".html", ".htm", ".xhtml"})

Pictures = Callable[[str], Raster | None]
"""The picture behind the address in an ``img``, None where there is none to show."""

_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]+)", re.I)
_ADDRESS = re.compile(r"data:image/[\w.+-]{1,30};base64,[\w+/=%-]{100,}", re.I)
_UNSEEN = (
    "script style noscript template head nav iframe object canvas svg select button "
    "input textarea audio video annotation annotation-xml"
).split()
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main ol p pre section "
    "summary table tbody td tfoot th thead tr ul caption".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
# Soft hyphens and zero-width spaces only say where a word may break.
_BREAK_HINTS = dict.fromkeys((0xAD, 0x200B, 0x2060, 0xFEFF))
# Deeper markup is taken as flat text: real pages stay far below, and Python's stack is finite.
_MAX_DEPTH = 150
_MAX_ALT_CHARS = 300
# A table without header cells whose cells are longer than this only places things.
_MAX_CELL_CHARS = 1500


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Headings, paragraphs, list items, tables, code and embedded pictures of a page.

    They come in the order of its source. Raises UnreadableDocument for binary data and for a
    page without text.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise UnreadableDocument(
            path, cause=f"cannot be opened ({exc.strerror})", remedy="check that it may be read"
        ) from exc
    markup, pictures = pictures_in_place(markup_of(data, path), settings)
    soup = soup_of(markup)
    title = soup.title.get_text() if soup.title else ""
    metadata = {}
    for name in ("author", "description"):
        tag = soup.find("meta", attrs={"name": name})
        content = tag.get("content") if isinstance(tag, Tag) else None
        if isinstance(content, str) and content.strip():
            metadata[name] = " ".join(content.split())[:1000]
    return flow_document(
        path,
        blocks_of(soup, pictures),
        settings,
        media_type="text/html",
        title=title,
        metadata=metadata,
    )


def markup_of(data: bytes, path: Path, *, declared: str = "") -> str:
    """A page's source, decoded by ``declared`` or by what it says itself.

    Raises UnreadableDocument for binary data, in the name of ``path``.
    """
    named = _CHARSET.search(data[:4096])
    return decode(data, path, declared=declared or (named[1].decode("ascii") if named else ""))


def soup_of(markup: str) -> BeautifulSoup:
    """A page, parsed."""
    with warnings.catch_warnings():
        # That it looks like an address, a file's name or XML.
        warnings.simplefilter("ignore", UnusualUsageWarning)
        # An XML declaration in decoded text contradicts it and makes lxml refuse the page.
        return BeautifulSoup(re.sub(r"\A\s*<\?xml[^>]*\?>", "", markup), "lxml")


def pictures_in_place(markup: str, settings: ParserSettings) -> tuple[str, Pictures]:
    """``markup`` with short names for the ``data:`` addresses in it, and what they show.

    Parsers of markup are slow with the megabytes of such addresses, or drop them.
    """
    addresses: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        name = f"data:image/png;number,{len(addresses)}"
        addresses[name] = match[0]
        return name

    def read(name: str) -> Raster | None:
        address = addresses.get(name.strip())
        if address is None:
            return None
        try:
            data = base64.b64decode(unquote_to_bytes(address.partition(",")[2]))
        except ValueError:
            return None
        return embedded_picture(data, settings)

    return _ADDRESS.sub(named, markup), read


def blocks_of(soup: BeautifulSoup, pictures: Pictures | None = None) -> Iterator[FlowBlock]:
    """The visible blocks of a parsed page; ``soup`` loses its invisible elements.

    Where ``pictures`` gives none, an ``img`` is its alternative text.
    """
    for tag in soup("svg"):
        drawn = tag.find("image")
        if isinstance(drawn, Tag):  # books wrap their cover like this
            address = drawn.get("xlink:href") or drawn.get("href") or ""
            tag.replace_with(soup.new_tag("img", attrs={"src": str(address)}))
    for tag in soup(_UNSEEN):
        tag.decompose()
    for tag in soup.find_all(_is_hidden):
        if not tag.decomposed:
            tag.decompose()
    walker = _Walker(pictures)
    yield from walker.walk(soup.body or soup, 0)
    yield from walker.flush()


def _is_hidden(tag: Tag) -> bool:
    return (
        tag.has_attr("hidden")
        or tag.get("role") == "navigation"
        or _HIDDEN_STYLE.search(str(tag.get("style") or "")) is not None
        # The formula once more, for screen readers.
        or "katex-mathml" in (tag.get("class") or ())
    )


class _Walker:
    """Gathers inline text until an element of block level ends it."""

    def __init__(self, pictures: Pictures | None) -> None:
        self._pictures = pictures
        self._captions: set[int] = set()  # figcaptions that stand under their picture
        self._numbers: dict[int, int] = {}  # of each ordered list: its last number
        self._inline: list[str] = []
        self._kind: BlockKind = "paragraph"
        self._level = 0
        self._marker = ""

    def flush(self) -> Iterator[FlowBlock]:
        lines = "".join(self._inline).translate(_BREAK_HINTS).split("\n")
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
            shown = self._picture(tag)
            if shown is None:
                # What a reader without the picture is told about it.
                self._inline.append(f" {_alt(tag)} ")
            else:
                yield from self.flush()
                yield shown
        elif name in {"pre", "listing", "xmp"}:
            yield from self.flush()
            yield FlowBlock(kind="code", text=_listing(tag))
        elif name in _HEADINGS:
            yield from self._within(tag, depth, "heading", "", _HEADINGS[name])
        elif name == "li":
            yield from self._within(tag, depth, "list", _indent(tag) + _marker(tag, self._numbers))
        elif name in {"figcaption", "caption"}:
            if id(tag) not in self._captions:
                yield from self._within(tag, depth, "caption", "")
        elif name == "table" and _is_data_table(tag):
            yield from self.flush()
            caption = tag.find("caption")
            if isinstance(caption, Tag):
                yield FlowBlock(kind="caption", text=_flat(caption))
            yield FlowBlock(kind="table", text=table_text(map(_cells, _own_rows(tag))))
            yield from self._pictures_of(tag)
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
        if kind == "heading":
            yield from self._pictures_of(tag)

    def _pictures_of(self, tag: Tag) -> Iterator[FlowBlock]:
        if self._pictures is not None:
            for image in tag.find_all("img"):
                shown = self._picture(image)
                if shown is not None:
                    yield shown

    def _picture(self, image: Tag) -> FlowBlock | None:
        """The picture with the caption of its figure, else its alternative text."""
        raster = self._pictures(str(image.get("src") or "")) if self._pictures else None
        if raster is None:
            return None
        figure = image.find_parent("figure")
        caption = figure.find("figcaption") if figure is not None else None
        if isinstance(caption, Tag) and id(caption) not in self._captions:
            self._captions.add(id(caption))
            return FlowBlock(kind="caption", text=_flat(caption), picture=raster)
        return FlowBlock(kind="caption", text=_alt(image), picture=raster)


def _is_text(node: PageElement) -> bool:
    # Comments, doctypes and processing instructions are PreformattedString.
    return isinstance(node, NavigableString) and not isinstance(node, PreformattedString)


def _alt(image: Tag) -> str:
    return " ".join(str(image.get("alt") or "").split())[:_MAX_ALT_CHARS]


def _listing(tag: Tag) -> str:
    for line_break in tag.find_all("br"):
        line_break.replace_with("\n")
    return tag.get_text().strip("\n").expandtabs(4)


def _indent(item: Tag) -> str:
    return "  " * (sum(parent.name in {"ul", "ol"} for parent in item.parents) - 1)


def _marker(item: Tag, numbers: dict[int, int]) -> str:
    """What stands before a list item; ``numbers`` keeps the last number of each list."""
    parent = item.find_parent(["ul", "ol"])
    if parent is None or parent.name == "ul":
        return "• "
    first = str(item.get("value") or ("" if id(parent) in numbers else parent.get("start") or "1"))
    number = int(first) if first.isascii() and first.isdigit() and len(first) < 7 else 0
    numbers[id(parent)] = number or numbers.get(id(parent), 0) + 1
    return f"{numbers[id(parent)]}. "


def _is_data_table(table: Tag) -> bool:
    """Tables that only place things hold other tables, headings, long texts, or one column."""
    cells = [row.find_all(["td", "th"], recursive=False) for row in _own_rows(table)]
    if max(map(len, cells), default=0) < 2 or table.find(["h1", "h2"]):
        return False
    if any(cell.name == "th" for row in cells for cell in row):
        return True
    return table.find(["table", "h3", "h4", "ul", "ol", "pre"]) is None and not any(
        len(cell.get_text()) > _MAX_CELL_CHARS for row in cells for cell in row
    )


def _own_rows(table: Tag) -> list[Tag]:
    """The table's rows without those of tables inside it."""
    return [row for row in table.find_all("tr") if row.find_parent("table") is table]


def _cells(row: Tag) -> list[Cell]:
    return [
        Cell(
            text=_flat(cell),
            columns=span_of(cell.get("colspan")),
            rows=span_of(cell.get("rowspan")),
        )
        for cell in row.find_all(["td", "th"], recursive=False)
    ]


def _flat(tag: Tag) -> str:
    """All text inside ``tag`` on one line, blocks set apart by a space."""
    parts: list[str] = []
    numbers: dict[int, int] = {}
    for node in tag.descendants:
        before = node.previous_sibling
        if isinstance(before, Tag) and before.name in _BLOCKS:
            parts.append(" ")
        if isinstance(node, Tag):
            if node.name == "img":
                parts.append(f" {_alt(node)} ")
            elif node.name == "li":
                parts.append(" " + _marker(node, numbers))
            elif node.name == "br" or node.name in _BLOCKS:
                parts.append(" ")
        elif _is_text(node):
            parts.append(str(node))
    return " ".join("".join(parts).translate(_BREAK_HINTS).split())
