"""HTML as its reader sees it: text blocks without scripts, styles and navigation."""

import base64
import html as entities
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from lxml import etree

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
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_ADDRESS = re.compile(r"data:image/[\w.+-]{1,30};base64,[\w+/=%-]{100,}", re.I)
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.S | re.I)
_UNSEEN = frozenset(
    "script style noscript template head nav iframe object canvas select button input textarea "
    "audio video annotation annotation-xml".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main ol p pre section "
    "summary table tbody td tfoot th thead tr ul caption".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset({"ul", "ol"})
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
    page = page_of(markup)
    metadata = {}
    for name in ("author", "description"):
        content = " ".join(page.xpath("string(//meta[@name=$name]/@content)", name=name).split())
        if content:
            metadata[name] = content[:1000]
    return flow_document(
        path,
        blocks_of(page, pictures),
        settings,
        media_type="text/html",
        title=page.xpath("string(//title)"),
        metadata=metadata,
    )


def markup_of(data: bytes, path: Path, *, declared: str = "") -> str:
    """A page's source, decoded by ``declared`` or by what it says itself.

    Raises UnreadableDocument for binary data, in the name of ``path``.
    """
    named = _CHARSET.search(data[:4096])
    return decode(data, path, declared=declared or (named[1].decode("ascii") if named else ""))


def page_of(markup: str) -> Any:
    """The root element of a page, parsed as browsers do; one that nests too deep loses its tags."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
    root = _parsed(markup, parser)
    if root is None or any("depth" in entry.message for entry in parser.error_log):
        text = entities.escape(entities.unescape(_TAG.sub(" ", markup)))
        root = _parsed(f"<html><body><p>{text}</p></body></html>", parser)
    return root


def _parsed(markup: str, parser: Any) -> Any:
    return etree.fromstring(_DECLARATION.sub("", markup).encode("utf-8", "replace"), parser)


def text_in(markup: str) -> str:
    """All text of a piece of HTML on one line."""
    return _flat(page_of(markup))


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


def blocks_of(page: Any, pictures: Pictures | None = None) -> Iterator[FlowBlock]:
    """The visible blocks of a parsed page.

    Where ``pictures`` gives none, an ``img`` is its alternative text.
    """
    walker = _Walker(pictures)
    body = page.find("body")
    yield from walker.walk(page if body is None else body, 0)
    yield from walker.flush()


class _Walker:
    """Gathers inline text until an element of block level ends it."""

    def __init__(self, pictures: Pictures | None) -> None:
        self._pictures = pictures
        self._captions: set[Any] = set()  # figcaptions that stand under their picture
        self._numbers: dict[Any, int] = {}  # of each ordered list: its last number
        self._inline: list[str] = []
        self._kind: BlockKind = "paragraph"
        self._level = 0
        self._marker = ""

    def flush(self) -> Iterator[FlowBlock]:
        if not self._inline:
            return
        lines = "".join(self._inline).translate(_BREAK_HINTS).split("\n")
        text = "\n".join(line for line in (" ".join(raw.split()) for raw in lines) if line)
        self._inline = []
        if text:
            yield FlowBlock(kind=self._kind, text=self._marker + text, level=self._level)
            self._marker = " " * len(self._marker)

    def walk(self, element: Any, depth: int) -> Iterator[FlowBlock]:
        if depth > _MAX_DEPTH:
            self._inline.append(f" {_flat(element)} ")
            return
        self._add(element.text)
        for child in element:
            if not _is_unseen(child):
                yield from self._element(child, depth)
            self._add(child.tail)

    def _add(self, text: str | None) -> None:
        if text:
            self._inline.append(text.replace("\n", " "))

    def _element(self, tag: Any, depth: int) -> Iterator[FlowBlock]:
        name = tag.tag
        if name == "br":
            self._inline.append("\n")
        elif name in {"img", "svg"}:
            shown = self._picture(tag)
            if shown is not None:
                yield from self.flush()
                yield shown
            elif name == "img":
                # What a reader without the picture is told about it.
                self._inline.append(f" {_alt(tag)} ")
        elif name in {"pre", "listing", "xmp"}:
            yield from self.flush()
            yield FlowBlock(kind="code", text=_listing(tag))
        elif name in _HEADINGS:
            yield from self._within(tag, depth, "heading", "", _HEADINGS[name])
        elif name == "li":
            yield from self._within(tag, depth, "list", _indent(tag) + _marker(tag, self._numbers))
        elif name in {"figcaption", "caption"}:
            if tag not in self._captions:
                yield from self._within(tag, depth, "caption", "")
        elif name == "table" and _is_data_table(tag):
            yield from self.flush()
            caption = tag.find("caption")
            if caption is not None:
                yield FlowBlock(kind="caption", text=_flat(caption))
            yield FlowBlock(kind="table", text=table_text(map(_cells, _own(tag, {"tr"}))))
            yield from self._pictures_of(tag)
        elif name in _BLOCKS:
            yield from self.flush()
            yield from self.walk(tag, depth + 1)
            yield from self.flush()
        else:
            yield from self.walk(tag, depth + 1)

    def _within(
        self, tag: Any, depth: int, kind: BlockKind, marker: str, level: int = 0
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

    def _pictures_of(self, tag: Any) -> Iterator[FlowBlock]:
        if self._pictures is not None:
            for image in tag.iter("img", "svg"):
                shown = self._picture(image)
                if shown is not None:
                    yield shown

    def _picture(self, image: Any) -> FlowBlock | None:
        """The picture with the caption of its figure, else its alternative text."""
        raster = self._pictures(_address(image)) if self._pictures else None
        if raster is None:
            return None
        figure = next(image.iterancestors("figure"), None)
        caption = None if figure is None else next(figure.iter("figcaption"), None)
        if caption is not None and caption not in self._captions:
            self._captions.add(caption)
            return FlowBlock(kind="caption", text=_flat(caption), picture=raster)
        return FlowBlock(kind="caption", text=_alt(image), picture=raster)


def _is_unseen(tag: Any) -> bool:
    # Processing instructions have no name.
    if not isinstance(tag.tag, str) or tag.tag in _UNSEEN:
        return True
    if not tag.attrib:
        return False
    return (
        tag.get("hidden") is not None
        or tag.get("role") == "navigation"
        or _HIDDEN_STYLE.search(tag.get("style", "")) is not None
        # The formula once more, for screen readers.
        or "katex-mathml" in tag.get("class", "").split()
    )


def _address(image: Any) -> str:
    """Of an ``img``, or of the picture in a drawing, which books wrap their cover in."""
    if image.tag == "img":
        return str(image.get("src", ""))
    drawn = next(image.iter("image"), None)
    return "" if drawn is None else str(drawn.get("xlink:href") or drawn.get("href") or "")


def _alt(image: Any) -> str:
    return " ".join(image.get("alt", "").split())[:_MAX_ALT_CHARS]


def _listing(tag: Any) -> str:
    parts: list[str] = []
    walk = etree.iterwalk(tag, events=("start", "end"))
    for event, node in walk:
        if event == "end":
            parts.append((node.tail or "") if node is not tag else "")
        elif node.tag == "br":
            parts.append("\n")
        elif node is not tag and _is_unseen(node):
            walk.skip_subtree()
        else:
            parts.append(node.text or "")
    return "".join(parts).strip("\n").expandtabs(4)


def _indent(item: Any) -> str:
    return "  " * (sum(1 for _ in item.iterancestors(*_LISTS)) - 1)


def _marker(item: Any, numbers: dict[Any, int]) -> str:
    """What stands before a list item; ``numbers`` keeps the last number of each list."""
    parent = next(item.iterancestors(*_LISTS), None)
    if parent is None or parent.tag == "ul":
        return "• "
    first = item.get("value") or ("" if parent in numbers else parent.get("start") or "1")
    number = int(first) if first.isascii() and first.isdigit() and len(first) < 7 else 0
    numbers[parent] = number or numbers.get(parent, 0) + 1
    return f"{numbers[parent]}. "


def _is_data_table(table: Any) -> bool:
    """Tables that only place things hold other tables, headings, long texts, or one column."""
    rows = [_own(row, {"td", "th"}) for row in _own(table, {"tr"})]
    if max(map(len, rows), default=0) < 2 or _holds(table, "h1", "h2"):
        return False
    cells = [cell for row in rows for cell in row]
    if any(cell.tag == "th" for cell in cells):
        return True
    return not _holds(table, "table", "h3", "h4", "ul", "ol", "pre") and not any(
        sum(map(len, cell.itertext())) > _MAX_CELL_CHARS for cell in cells
    )


def _holds(element: Any, *names: str) -> bool:
    return next(element.iterdescendants(*names), None) is not None


def _own(element: Any, names: Collection[str]) -> list[Any]:
    """Rows of a table, or cells of a row, without those of tables inside."""
    found = []
    walk = etree.iterwalk(element, events=("start",))
    for _, node in walk:
        if node is element:
            continue
        if node.tag in names:
            found.append(node)
            walk.skip_subtree()
        elif node.tag == "table" or _is_unseen(node):
            walk.skip_subtree()
    return found


def _cells(row: Any) -> list[Cell]:
    return [
        Cell(
            text=_flat(cell),
            columns=span_of(cell.get("colspan")),
            rows=span_of(cell.get("rowspan")),
        )
        for cell in _own(row, {"td", "th"})
    ]


def _flat(tag: Any) -> str:
    """All text inside ``tag`` on one line, blocks set apart by a space."""
    if len(tag) == 0:
        return " ".join((tag.text or "").translate(_BREAK_HINTS).split())
    parts: list[str] = []
    numbers: dict[Any, int] = {}
    walk = etree.iterwalk(tag, events=("start", "end"))
    for event, node in walk:
        name = node.tag
        apart = name == "br" or name in _BLOCKS
        if event == "end":
            parts.append(" " if apart else "")
            parts.append((node.tail or "") if node is not tag else "")
        elif node is not tag and (name == "svg" or _is_unseen(node)):
            walk.skip_subtree()
        else:
            parts.append(" " if apart else "")
            if name == "img":
                parts.append(f" {_alt(node)} ")
            elif name == "li":
                parts.append(_marker(node, numbers))
            parts.append(node.text or "")
    return " ".join("".join(parts).translate(_BREAK_HINTS).split())
