"""Text blocks of XML documents by the usual names of their elements.

The names are those of JATS, DocBook, DITA, TEI, FictionBook and the patents of the USPTO. In
other XML an element that holds text and elements is a paragraph, and one that holds only text
is a field with its name.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from lxml import etree

from indexer.domain import BlockKind
from indexer.parsers._flow import FlowBlock
from indexer.parsers._grid import Cell, span_of, table_text
from indexer.parsers._xml import local_name
from indexer.parsers.html import blocks_of, page_of, text_in

_HEADINGS = frozenset("title head heading h subtitle bridgehead title-of-invention".split())
_PARAGRAPHS = frozenset(
    "p para simpara formalpara paragraph ptext line l v verse-line disp-formula attrib text-author "
    "shortdesc".split()
)
# Several paragraphs that are one for the reader.
_JOINED = frozenset("claim clm def-item varlistentry stanza lg verse-group".split())
_FIGURES = frozenset(
    "fig figure supplementary-material fig-group mediaobject chem-struct-wrap".split()
)
_TABLES = frozenset("table informaltable table-cals".split())
_TABLE_FRAMES = frozenset("table-wrap table-cwu tables table-us table-wrap-group".split())
_LISTINGS = frozenset("programlisting screen literallayout synopsis preformat codeblock".split())
_LISTS = frozenset(
    "list itemizedlist orderedlist variablelist simplelist def-list ul ol dl procedure".split()
)
_ITEMS = frozenset("list-item listitem li member step".split())
_INLINE = frozenset(
    "b i u s a bold italic sup sub sc superscript subscript emphasis strong em xref ext-link link "
    "ulink underline highlight monospace styled-content named-content inline-formula math mi mn mo "
    "pdat stext hil figref fgref claim-ref clref cross-reference emph hi ref q quote term strike "
    "code literal filename command option uri email inline-graphic roman span font style".split()
)
_SKIPPED = frozenset(
    "graphic media object-id tex-math annotation annotation-xml script style colspec mathematica "
    "mathematica-file emi image img processing-meta indexterm permissions".split()
)
_SECTIONS = frozenset(
    "sec section chapter part preface appendix app div div1 div2 div3 div4 sect1 sect2 sect3 sect4 "
    "sect5 article topic concept task reference boxed-text sub-article response ack glossary notes "
    "ref-list fn-group abstract sidebar book".split()
)
_BREAKING = (
    _FIGURES | _TABLES | _TABLE_FRAMES | _LISTINGS | _LISTS | _SECTIONS
    | frozenset("p para simpara disp-quote blockquote".split())
)  # fmt: skip
# What stands on a line of its own, so that its text does not touch that of its neighbours.
_SPACED = (
    _BREAKING | _HEADINGS | _PARAGRAPHS | _JOINED | _ITEMS
    | frozenset("label caption claim-text clmstep row entry tr td th def term note fn".split())
)  # fmt: skip
_HINTS = dict.fromkeys((0xAD, 0x200B, 0x2061, 0x2062, 0x2063, 0xFEFF))
# HTML that is kept as text.
_MARKUP = re.compile(r"<(?:p|div|table|span|br|li|h[1-6]|a|b|i|strong|em)\b[^<>]*>", re.I)
# Deeper markup is taken as flat text: Python's stack is finite.
_MAX_DEPTH = 100
_MAX_FIELD = 300
_MAX_ATTRIBUTES = 30

Handler = Callable[[Any, int], Iterator[FlowBlock]]
"""Blocks of an element; ``level`` is that of a heading in it."""


def flat(element: Any, skipped: Collection[str] = _SKIPPED) -> str:
    """All text inside ``element`` on one line, without elements of the names ``skipped``."""
    if len(element) == 0:
        return tidy(element.text or "")
    parts: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        name = name_of(node)
        if event == "start":
            if name in _SPACED:
                parts.append(" ")
            if node is not element and name in skipped:
                walk.skip_subtree()
            else:
                parts.append(node.text or "")
        else:
            if name in _SPACED:
                parts.append(" ")
            if node is not element:
                parts.append(node.tail or "")
    return tidy("".join(parts))


def name_of(element: Any) -> str:
    return local_name(element).lower()


def tidy(text: str) -> str:
    """``text`` on one line, without marks that only say where a line may break."""
    return " ".join(text.translate(_HINTS).split())


class Walker:
    """Gathers inline text until an element that stands by itself ends it.

    ``handlers`` overrule what is done with elements of a name, those of the names ``skipped``
    are left out. With ``fields``, elements that hold nothing but text are given with their names,
    and empty ones with their attributes.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler] | None = None,
        *,
        skipped: Collection[str] = (),
        fields: bool = False,
    ) -> None:
        self._handlers = handlers or {}
        self._skipped = _SKIPPED.union(skipped).difference(self._handlers)
        self._fields = fields
        self._inline: list[str] = []
        self._record: list[str] = []
        self._kind: BlockKind = "paragraph"
        self._marker = ""
        self._depth = 0

    def blocks(self, element: Any, level: int = 1) -> Iterator[FlowBlock]:
        """The blocks inside ``element``; a title directly in it is a heading of ``level``."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._inline.append(f" {flat(element, self._skipped)} ")
        else:
            inline = name_of(element) in _PARAGRAPHS or _is_mixed(element)
            yield from self._children(element, level, inline=inline)
        yield from self._flush()
        self._depth -= 1

    def _children(self, element: Any, level: int, *, inline: bool) -> Iterator[FlowBlock]:
        self._inline.append(element.text or "")
        for child in element:
            name = name_of(child)
            if name not in self._skipped:
                if name in self._handlers:
                    yield from self._flush()
                    yield from self._handlers[name](child, level)
                else:
                    yield from self._child(child, name, level, inline=inline)
            self._inline.append(child.tail or "")

    def _child(self, child: Any, name: str, level: int, *, inline: bool) -> Iterator[FlowBlock]:
        if (inline and name not in _BREAKING) or (name in _INLINE and not self._is_field(child)):
            self._depth += 1
            if self._depth > _MAX_DEPTH:
                self._inline.append(f" {flat(child, self._skipped)} ")
            else:
                self._inline.append(" " if name in _SPACED else "")
                yield from self._children(child, level, inline=True)
                self._inline.append(" " if name in _SPACED else "")
            self._depth -= 1
        elif self._is_field(child) and name not in _HEADINGS | _PARAGRAPHS | _ITEMS:
            if _MARKUP.search(child.text or ""):
                yield from self._flush()
                yield from blocks_of(page_of(child.text))
            else:
                self._add_field(child)
        else:
            yield from self._flush()
            yield from self._block(child, name, level)

    def _block(self, child: Any, name: str, level: int) -> Iterator[FlowBlock]:
        if name in _HEADINGS:
            own = child.get("level") or child.get("LVL") or ""
            depth = int(own) + 1 if own.isdecimal() and len(own) < 3 else level
            yield from heading(flat(child), depth + (name == "subtitle"))
        elif name in _FIGURES or name in _TABLE_FRAMES:
            yield from self._framed(child, level)
        elif name in _TABLES:
            yield from self._table(child, level)
        elif name in _LISTINGS:
            yield FlowBlock(kind="code", text="".join(child.itertext()).strip("\n").expandtabs(4))
        elif name in _ITEMS or (name == "item" and name_of(child.getparent()) == "list"):
            yield from self._item(child, level)
        elif name in _JOINED:
            yield FlowBlock(kind="paragraph", text=flat(child, self._skipped))
        else:
            yield from self.blocks(child, level + (name in _SECTIONS))

    def _is_field(self, element: Any) -> bool:
        return self._fields and len(element) == 0

    def _add_field(self, element: Any) -> None:
        text = tidy(element.text or "")
        if not text:
            pairs = [(key, _shown(value)) for key, value in element.items()[:_MAX_ATTRIBUTES]]
            text = "; ".join(f"{key}: {value}" for key, value in pairs if value and "{" not in key)
        if text:
            label = local_name(element).replace("_", " ").replace("-", " ")
            self._record.append(text if len(text) > _MAX_FIELD else f"{label}: {text}")

    def _item(self, item: Any, level: int) -> Iterator[FlowBlock]:
        lists = [name_of(each) for each in item.iterancestors() if name_of(each) in _LISTS]
        ordered = bool(lists) and (
            lists[0] in {"orderedlist", "ol", "procedure"}
            or item.getparent().get("list-type", "") in {"order", "ordered"}
        )
        outer = self._kind, self._marker
        self._kind = "list"
        marker = f"{1 + sum(1 for _ in item.itersiblings(item.tag, preceding=True))}."
        self._marker = "  " * max(0, len(lists) - 1) + (f"{marker} " if ordered else "• ")
        yield from self.blocks(item, level)
        self._kind, self._marker = outer

    def _framed(self, frame: Any, level: int) -> Iterator[FlowBlock]:
        """A figure or table: its label and caption, its content, its notes."""
        parts = [each for each in frame if name_of(each) in {"label", "caption", "title", "number"}]
        caption = tidy(" ".join(flat(each, _SKIPPED | _FIGURES) for each in parts))
        if any(char.isalpha() for char in caption):
            yield FlowBlock(kind="caption", text=caption)
        for part in parts:
            for inner in topmost(part, _FIGURES):
                yield from self._framed(inner, level)
        for child in frame:
            if not any(child is part for part in parts):
                yield from self._child(child, name_of(child), level, inline=False)
                self._inline.append(child.tail or "")
        yield from self._flush()

    def _table(self, table: Any, level: int) -> Iterator[FlowBlock]:
        for child in table:
            if name_of(child) in {"caption", "title"}:
                yield FlowBlock(kind="caption", text=flat(child))
        rows = topmost(table, frozenset({"tr", "row"}))
        if rows:
            yield FlowBlock(kind="table", text=table_text(map(_cells, rows)))
        else:
            yield from self._children(table, level, inline=False)

    def _flush(self) -> Iterator[FlowBlock]:
        text, self._inline = tidy("".join(self._inline)), []
        record, self._record = "\n".join(self._record), []
        if record:
            yield FlowBlock(kind="paragraph", text=record)
        if text:
            yield FlowBlock(kind=self._kind, text=self._marker + text)
            self._marker = " " * len(self._marker)


def heading(text: str, level: int) -> Iterator[FlowBlock]:
    if text:
        yield FlowBlock(kind="heading", text=text, level=max(1, min(6, level)))


def topmost(element: Any, names: Collection[str]) -> list[Any]:
    """Descendants with one of ``names`` that are not inside another such one."""
    found = []
    walk = etree.iterwalk(element, events=("start",))
    for _, node in walk:
        if node is not element and name_of(node) in names:
            found.append(node)
            walk.skip_subtree()
    return found


def _shown(value: str) -> str:
    """An attribute's value as text, also where it holds markup."""
    return tidy(text_in(value) if _MARKUP.search(value) else value)


def _is_mixed(element: Any) -> bool:
    return bool((element.text or "").strip()) or any(
        (child.tail or "").strip() for child in element
    )


def _cells(row: Any) -> list[Cell]:
    names = _column_names(row)
    cells = []
    for cell in row:
        if name_of(cell) in {"td", "th", "entry", "cell"}:
            first, last = names.get(cell.get("namest")), names.get(cell.get("nameend"))
            columns = span_of(cell.get("colspan") or cell.get("cols"))
            if first is not None and last is not None:
                columns = max(1, last - first + 1)
            more = cell.get("morerows")
            rows = span_of(more) + 1 if more and more != "0" else span_of(cell.get("rowspan"))
            cells.append(Cell(text=flat(cell), columns=columns, rows=rows))
    return cells


def _column_names(row: Any) -> dict[str, int]:
    """Columns of a CALS table by the names that spans use."""
    group = next((each for each in row.iterancestors() if name_of(each) == "tgroup"), None)
    specs = [] if group is None else [each for each in group if name_of(each) == "colspec"]
    return {spec.get("colname", ""): number for number, spec in enumerate(specs)}
