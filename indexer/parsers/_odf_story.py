"""The text of OpenDocument files (body, headers, notes, slides) as blocks."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from posixpath import normpath
from typing import Protocol

from lxml import etree

from indexer.parsers._album import Album
from indexer.parsers._flow import FlowBlock
from indexer.parsers._grid import Cell, table_text
from indexer.parsers._lines import (
    CODE_STYLES,
    is_monospaced,
    looks_like_code,
    paragraph_blocks,
    prose_lines,
    without_hints,
)
from indexer.parsers._mathml import MATHML, mathml_text
from indexer.parsers._notes import Notes, Quotes, comment_label, flat_text, note_blocks
from indexer.parsers._numbers import BULLET, Counter, list_marker
from indexer.parsers._odf_styles import (
    DRAW,
    OFFICE,
    TABLE,
    TEXT,
    Styles,
    number_of,
)
from indexer.parsers._symbols import plain_symbols

CHART = "{urn:oasis:names:tc:opendocument:xmlns:chart:1.0}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_DC = "{http://purl.org/dc/elements/1.1/}"

# LibreOffice gives those of slides a name of its own.
_ANNOTATIONS = {OFFICE + "annotation", "{http://openoffice.org/2009/office}annotation"}
_CAPTION_STYLES = frozenset({"caption"})
_TITLE_STYLES = frozenset({"title"})
_UNSEEN = frozenset(
    {
        TEXT + name
        for name in (
            "tracked-changes sequence-decls variable-decls user-field-decls dde-connection-decls "
            "script hidden-paragraph hidden-text alphabetical-index-mark toc-mark user-index-mark "
            "bibliography-source table-of-content-source illustration-index-source "
            "table-index-source object-index-source user-index-source alphabetical-index-source "
            "ruby-text"
        ).split()
    }
    | {OFFICE + "forms", OFFICE + "event-listeners", OFFICE + "binary-data", _SVG + "title"}
    | {_SVG + "desc", DRAW + "enhanced-geometry", DRAW + "glue-point", _DC + "creator"}
    | {_DC + "date", DRAW + "plugin", DRAW + "applet"}
)
_ROW_GROUPS = frozenset(
    {TABLE + name for name in ("table-header-rows", "table-rows", "table-row-group")}
)
_SPACE = re.compile(r"[ \t\r\n]+")
_MAX_DEPTH = 30
_MAX_REPEATED = 64
_MAX_SPACES = 200


class Parts(Protocol):
    """Where the parts of a document come from: a package, or one flat file."""

    def children(self, name: str, *parents: str) -> Iterator[etree._Element]: ...

    def read(self, name: str) -> bytes: ...

    def tree(self, name: str) -> etree._Element | None: ...


@dataclass(slots=True)
class Shared:
    """What the stories of one document have in common."""

    parts: Parts
    album: Album
    notes: Notes = field(default_factory=Notes)
    title: str = ""
    new_page: bool = False  # whether the next block of the body starts a page
    has_begun: bool = False  # whether the body has shown anything
    outline: Counter = field(default_factory=Counter)
    counters: dict[str, Counter] = field(default_factory=dict)  # of lists, by their xml:id
    latest: dict[str, Counter] = field(default_factory=dict)  # the same by the list's style


@dataclass(slots=True)
class _Item:
    """A list item while it is read; its first paragraph takes the marker."""

    style: str
    level: int
    counter: Counter
    start: int | None = None
    has_marker: bool = True
    indent: str = ""


@dataclass(slots=True)
class _Line:
    """A paragraph while it is read. ``after`` holds what its drawings show."""

    style: str | None
    parts: list[str] = field(default_factory=list)
    after: list[FlowBlock] = field(default_factory=list)
    notes: list[FlowBlock] = field(default_factory=list)
    chars: int = 0
    monospaced: int = 0


class Story:
    """Reads paragraphs, lists, tables and drawings with the styles of their part."""

    def __init__(self, shared: Shared, styles: Styles, *, is_note: bool = False) -> None:
        self._shared = shared
        self._styles = styles
        self._is_note = is_note
        self._comments: dict[str, etree._Element] = {}  # those whose ranges have not ended
        self._quotes = Quotes()
        self._frames = 0  # around the current paragraph

    def blocks(
        self, elements: Iterable[etree._Element], depth: int = 0, item: _Item | None = None
    ) -> Iterator[FlowBlock]:
        """The blocks of ``elements`` in order."""
        for element in elements:
            for block in self._element(element, depth, item):
                yield block
                if not self._is_note and (block.text or block.picture):
                    self._shared.has_begun = True

    def slide(self, page: etree._Element) -> Iterator[FlowBlock]:
        """A page of a presentation: its title as a heading, then the rest, then the notes."""
        frames = list(page.iterchildren("*"))
        titles = [f for f in frames if f.get(_PRESENTATION + "class") == "title"]
        notes = [f for f in frames if f.tag == _PRESENTATION + "notes"]
        for frame in titles:
            text, pictures = flat_text(self.blocks([frame], 1))
            yield FlowBlock(kind="heading", text=text, level=1)
            yield from pictures
        yield from self.blocks((f for f in frames if f not in titles and f not in notes), 1)
        for element in notes:
            frames = list(element.iterchildren(DRAW + "frame"))
            texts = (f for f in frames if f.get(_PRESENTATION + "class") == "notes")
            yield from self.blocks(texts, 1)

    def _element(
        self, element: etree._Element, depth: int, item: _Item | None
    ) -> Iterator[FlowBlock]:
        tag = element.tag
        if depth > _MAX_DEPTH or tag in _UNSEEN:
            return
        if tag in {TEXT + "p", TEXT + "h"}:
            yield from self._paragraph(element, depth, item)
        elif tag == TEXT + "list":
            yield from self._list(element, depth, item)
        elif tag == TABLE + "table":
            yield from self._table(element, depth)
        elif tag in _ANNOTATIONS:
            line = _Line(style=None)
            self._comment(element, "", line, depth)
            self._shared.notes.add(line.notes)
        elif tag.startswith(DRAW):
            line = _Line(style=None)
            self._draw(element, line, depth)
            yield FlowBlock(kind="paragraph", text=prose_lines("".join(line.parts)))
            yield from line.after
            self._shared.notes.add(line.notes)
        elif tag != TEXT + "section" or element.get(TEXT + "display") != "none":
            yield from self.blocks(element.iterchildren("*"), depth + 1, item)

    def _paragraph(
        self, element: etree._Element, depth: int, item: _Item | None
    ) -> Iterator[FlowBlock]:
        style = element.get(TEXT + "style-name")
        line = _Line(style=style)
        self._inline(element, line, self._styles.font("paragraph", style), depth)
        for name in list(self._comments):
            self._close_comment(name, line, depth)
        if self._styles.is_hidden("paragraph", style):
            return
        before, after = self._styles.breaks("paragraph", style)
        if before:
            self._break_page()
        block = next(self._text_blocks(element, line, item), None)
        if block is not None and block.kind != "caption":
            yield block
        yield from line.after
        if block is not None and block.kind == "caption":
            # A picture with a caption stands inside the caption's paragraph, above its words.
            yield block
        if after:
            self._break_page()
        self._shared.notes.add(line.notes)

    def _text_blocks(
        self, element: etree._Element, line: _Line, item: _Item | None
    ) -> Iterator[FlowBlock]:
        raw = "".join(line.parts)
        styles = self._styles
        level = styles.heading_level(line.style)
        if element.tag == TEXT + "h":
            level = min(max(1, number_of(element.get(TEXT + "outline-level"), level or 1)), 6)
        if not self._shared.title and styles.is_named(line.style, _TITLE_STYLES):
            self._shared.title = prose_lines(raw)
        prefix = self._marker(item) if item else None
        number = (prefix or "").strip()
        if prefix is None and raw.strip():
            number = self._outline_number(element, line.style)
        is_code = styles.is_named(line.style, CODE_STYLES) or (
            0 < line.chars == line.monospaced and looks_like_code(raw)
        )
        is_caption = styles.is_named(line.style, _CAPTION_STYLES)
        yield from paragraph_blocks(
            raw, level=level, number=number, prefix=prefix, is_code=is_code, is_caption=is_caption
        )

    def _marker(self, item: _Item) -> str:
        """What stands before a paragraph of ``item``: its marker, then as many spaces."""
        if not item.has_marker:
            return item.indent
        levels = self._styles.levels(item.style)
        if item.start is not None:
            item.counter.set(item.level, item.start)
        # A list without a style of its own is shown with bullets.
        text = item.counter.next(levels, item.level) if item.level in levels else BULLET
        marker = list_marker(text, item.level)
        item.has_marker, item.indent = False, " " * len(marker)
        return marker

    def _outline_number(self, element: etree._Element, style: str | None) -> str:
        """The printed number of a heading that the document's outline counts."""
        outline = self._styles.outline
        is_counted = element.tag == TEXT + "h" and self._styles.list_style(style) != ""
        if not outline or not is_counted or element.get(TEXT + "is-list-header") == "true":
            return ""
        level = number_of(element.get(TEXT + "outline-level"), 1) - 1
        start = element.get(TEXT + "start-value")
        if start is not None and element.get(TEXT + "restart-numbering") == "true":
            self._shared.outline.set(level, number_of(start, 1))
        return self._shared.outline.next(outline, level)

    def _list(
        self, element: etree._Element, depth: int, outer: _Item | None
    ) -> Iterator[FlowBlock]:
        style = element.get(TEXT + "style-name") or (outer.style if outer else "")
        if outer is None:
            counter, level = self._counter_of(element, style), 0
        else:
            counter, level = outer.counter, outer.level + 1
        for child in element.iterchildren(TEXT + "list-item", TEXT + "list-header"):
            start = child.get(TEXT + "start-value")
            item = _Item(
                style=child.get(TEXT + "style-override") or style,
                level=level,
                counter=counter,
                start=None if start is None else number_of(start, 1),
                has_marker=child.tag == TEXT + "list-item",
            )
            yield from self.blocks(child.iterchildren("*"), depth + 1, item)

    def _counter_of(self, element: etree._Element, style: str) -> Counter:
        """A list counts on where another ended if it says so."""
        shared = self._shared
        counter = shared.counters.get(element.get(TEXT + "continue-list", ""))
        if counter is None and element.get(TEXT + "continue-numbering") == "true":
            counter = shared.latest.get(style)
        counter = counter or Counter()
        identity = element.get("{http://www.w3.org/XML/1998/namespace}id")
        if identity:
            shared.counters[identity] = counter
        shared.latest[style] = counter
        return counter

    def _inline(self, node: etree._Element, line: _Line, font: str, depth: int) -> None:
        self._say(line, node.text, font)
        for child in node.iterchildren("*"):
            if depth <= _MAX_DEPTH:
                self._inline_child(child, line, font, depth)
            self._say(line, child.tail, font)

    def _inline_child(self, child: etree._Element, line: _Line, font: str, depth: int) -> None:
        tag = child.tag
        if tag in _UNSEEN:
            return
        if tag == TEXT + "s":
            count = min(number_of(child.get(TEXT + "c"), 1), _MAX_SPACES)
            line.parts.append(" " * count)
        elif tag == TEXT + "tab":
            line.parts.append("\t")
        elif tag == TEXT + "line-break":
            line.parts.append("\n")
        elif tag == TEXT + "span":
            style = child.get(TEXT + "style-name")
            if not self._styles.is_hidden("text", style):
                self._inline(child, line, self._styles.font("text", style) or font, depth + 1)
        elif tag == TEXT + "note":
            self._note(child, line, depth)
        elif tag in _ANNOTATIONS:
            name = child.get(OFFICE + "name")
            if name:
                self._comments[name] = child
                self._quotes.start(name)
            else:
                self._comment(child, "", line, depth)
        elif tag == OFFICE + "annotation-end":
            self._close_comment(child.get(OFFICE + "name", ""), line, depth)
        elif tag.startswith(DRAW) and tag != DRAW + "a":
            self._draw(child, line, depth + 1)
        else:
            self._inline(child, line, font, depth + 1)

    def _say(self, line: _Line, text: str | None, font: str) -> None:
        if not text:
            return
        plain = without_hints(plain_symbols(_SPACE.sub(" ", text), font))
        line.parts.append(plain)
        self._quotes.say(plain)
        if plain.strip():
            line.chars += 1
            line.monospaced += is_monospaced(font)

    def _note(self, note: etree._Element, line: _Line, depth: int) -> None:
        citation = note.find(TEXT + "note-citation")
        number = "".join(map(str, citation.itertext())).strip() if citation is not None else ""
        label = f"[{number}]" if number else ""
        self._say(line, label, "")
        body = note.find(TEXT + "note-body")
        if body is not None:
            self._add_note(label, body, line, depth)

    def _close_comment(self, name: str, line: _Line, depth: int) -> None:
        found = self._comments.pop(name, None)
        if found is not None:
            self._comment(found, self._quotes.taken(name), line, depth)

    def _comment(self, element: etree._Element, quoted: str, line: _Line, depth: int) -> None:
        author = " ".join((element.findtext(_DC + "creator") or "").split())
        self._add_note(comment_label(author, quoted), element, line, depth)

    def _add_note(self, label: str, body: etree._Element, line: _Line, depth: int) -> None:
        if not self._is_note:
            story = Story(self._shared, self._styles, is_note=True)
            line.notes += note_blocks(label, story.blocks(body.iterchildren("*"), depth + 1))

    def _draw(self, element: etree._Element, line: _Line, depth: int) -> None:
        if depth > _MAX_DEPTH or element.tag in _UNSEEN:
            return
        if element.tag == DRAW + "frame":
            self._frame(element, line, depth)
        elif element.tag in {DRAW + "g", DRAW + "a"}:
            for child in element.iterchildren("*"):
                self._draw(child, line, depth + 1)
        else:
            line.after += self._framed(element.iterchildren("*"), depth)

    def _framed(self, elements: Iterable[etree._Element], depth: int) -> list[FlowBlock]:
        """The blocks of a frame or a cell, where no page ends."""
        self._frames += 1
        blocks = list(self.blocks(elements, depth + 1))
        self._frames -= 1
        return blocks

    def _frame(self, frame: etree._Element, line: _Line, depth: int) -> None:
        """The first of a frame's contents that can be shown; the others stand in for it."""
        for child in frame.iterchildren("*"):
            if child.tag in {DRAW + "text-box", TABLE + "table"}:
                inner = [child] if child.tag == TABLE + "table" else child.iterchildren("*")
                line.after += self._framed(inner, depth)
                return
            if child.tag == DRAW + "object" and self._object(child, line, depth):
                return
            if child.tag == DRAW + "image":
                block = self._shared.album.block(self._picture(child), _alt(frame))
                if block is not None and block.picture is not None:
                    line.after.append(block)
                    return
        alone = self._shared.album.block(b"", _alt(frame))
        line.after += [alone] if alone else []

    def _object(self, element: etree._Element, line: _Line, depth: int) -> bool:
        """A formula, said in its line, or a chart's title and numbers. False for other objects."""
        target = element.get(_XLINK + "href", "")
        root = None
        if target and "://" not in target:
            root = self._shared.parts.tree(f"{normpath(target)}/content.xml")
        root = element if root is None else root
        formula = next(root.iter(MATHML + "math"), None)
        if formula is not None:
            self._say(line, f" {mathml_text(formula)} ", "")
            return True
        chart = next(root.iter(CHART + "chart"), None)
        table = None if chart is None else chart.find(TABLE + "table")
        if chart is None or table is None:
            return False
        title = chart.find(CHART + "title")
        if title is not None:
            text, _ = flat_text(self._framed(title.iterchildren("*"), depth))
            line.after.append(FlowBlock(kind="caption", text=text))
        line.after += self._framed([table], depth)
        return True

    def _picture(self, image: etree._Element) -> bytes:
        target = image.get(_XLINK + "href", "")
        if target and "://" not in target:
            return self._shared.parts.read(normpath(target))
        encoded = image.findtext(OFFICE + "binary-data") or ""
        try:
            return base64.b64decode(encoded)
        except (binascii.Error, ValueError):
            return b""

    def _table(self, table: etree._Element, depth: int) -> Iterator[FlowBlock]:
        """A table as one block, then its pictures; one with a single cell only draws a frame."""
        if self._styles.breaks("table", table.get(TABLE + "style-name"))[0]:
            self._break_page()
        rows = [list(row.iterchildren(TABLE + "table-cell")) for row in _rows(table)]
        if len(rows) == 1 and len(rows[0]) == 1:
            yield from self.blocks(rows[0][0].iterchildren("*"), depth + 1)
            return
        pictures: list[FlowBlock] = []
        grid: list[list[Cell]] = []
        for row in _rows(table):
            line: list[Cell] = []
            for element in row.iterchildren(TABLE + "table-cell"):
                text, shown = flat_text(self._framed(element.iterchildren("*"), depth))
                pictures += shown
                columns = number_of(element.get(TABLE + "number-columns-spanned"), 1)
                height = number_of(element.get(TABLE + "number-rows-spanned"), 1)
                cell = Cell(text=text, columns=min(columns, _MAX_REPEATED), rows=height)
                times = number_of(element.get(TABLE + "number-columns-repeated"), 1)
                line += [cell] * min(times, _MAX_REPEATED)
            times = number_of(row.get(TABLE + "number-rows-repeated"), 1)
            grid += [line] * min(times, _MAX_REPEATED)
        yield FlowBlock(kind="table", text=table_text(grid))
        yield from pictures

    def _break_page(self) -> None:
        if not self._frames and not self._is_note:
            self._shared.new_page = self._shared.has_begun


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table.iterchildren("*"):
        if child.tag == TABLE + "table-row":
            yield child
        elif child.tag in _ROW_GROUPS:
            yield from _rows(child)


def _alt(frame: etree._Element) -> str:
    """What a reader without the picture is told about it."""
    return frame.findtext(_SVG + "desc") or frame.findtext(_SVG + "title") or ""
