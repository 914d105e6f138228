"""The stories of a WordprocessingML document (body, headers, notes) as blocks of text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from indexer.parsers._album import Album
from indexer.parsers._docx_drawing import (
    Shape,
    chart_of,
    diagram_lines,
    shapes,
)
from indexer.parsers._docx_math import math_text
from indexer.parsers._docx_parts import Relation, element_tree, relations
from indexer.parsers._docx_styles import (
    Numbered,
    Numbering,
    Styles,
    W,
    font_of,
    is_on,
    is_true,
    number_of,
    outline_level,
    value_of,
)
from indexer.parsers._flow import FlowBlock
from indexer.parsers._grid import Cell, table_text
from indexer.parsers._lines import (
    CODE_STYLES,
    PAGE_BREAK,
    is_monospaced,
    looks_like_code,
    paragraph_blocks,
    prose_lines,
    without_hints,
)
from indexer.parsers._notes import Notes, Quotes, comment_label, flat_text, note_blocks
from indexer.parsers._numbers import BULLET, list_marker, number_text
from indexer.parsers._package import Package
from indexer.parsers._symbols import plain_symbols, symbol

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_TITLE_STYLES = frozenset({"title"})
_CAPTION_STYLES = frozenset({"caption", "название объекта"})
# Elements around runs or paragraphs that show their content as it is.
_TRANSPARENT = frozenset(
    W + name
    for name in "hyperlink smartTag sdt sdtContent ins moveTo customXml fldSimple dir bdo".split()
)
_REMOVED = frozenset({W + "del", W + "moveFrom"})
_RUN_TEXT = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_MAX_DEPTH = 30
# Word allows 63 columns.
_MAX_SPAN = 64


@dataclass(slots=True)
class Shared:
    """What the stories of one document have in common."""

    package: Package
    main_part: str
    styles: Styles
    numbering: Numbering
    album: Album
    notes: Notes = field(default_factory=Notes)
    title: str = ""
    new_page: bool = False  # whether the next block of the body starts a page
    has_begun: bool = False  # whether the body has shown anything
    warnings: list[str] = field(default_factory=list)
    note_counts: dict[str, int] = field(default_factory=dict)
    _relations: dict[str, list[Relation]] = field(default_factory=dict)
    _noted: dict[str, tuple[str, dict[str, etree._Element]]] = field(default_factory=dict)

    @classmethod
    def of(cls, package: Package, main_part: str, album: Album) -> "Shared":
        parts = relations(package, main_part)
        styles = Styles(element_tree(package, parts, "styles"))
        return cls(
            package=package,
            main_part=main_part,
            styles=styles,
            numbering=Numbering(element_tree(package, parts, "numbering"), styles),
            album=album,
            _relations={main_part: parts},
        )

    def relations_of(self, part: str) -> list[Relation]:
        if part not in self._relations:
            self._relations[part] = relations(self.package, part)
        return self._relations[part]

    def noted(self, kind: str, identity: str) -> tuple[str, etree._Element | None]:
        """The part with the notes of ``kind`` ("footnotes", "endnotes", "comments"), and a note."""
        if kind not in self._noted:
            related = self.relations_of(self.main_part)
            part = next((each.target for each in related if each.kind == kind), "")
            root = self.package.tree(part) if part else None
            children = () if root is None else root.iterchildren("*")
            self._noted[kind] = (part, {child.get(W + "id", ""): child for child in children})
        part, notes = self._noted[kind]
        return part, notes.get(identity)


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
    """Reads the paragraphs and tables of one part of the document."""

    def __init__(self, shared: Shared, part: str, *, is_note: bool = False) -> None:
        self._shared = shared
        self._is_note = is_note
        self._relations = {relation.id: relation for relation in shared.relations_of(part)}
        self._quotes = Quotes()
        self._fields: list[bool] = []  # of each open field: whether its result has begun
        self._carried: _Line | None = None
        self._frames = 0  # text boxes and cells around the current paragraph

    def blocks(self, elements: Iterable[etree._Element], depth: int = 0) -> Iterator[FlowBlock]:
        """The blocks of paragraphs, tables and what surrounds them, in order."""
        for element in elements:
            for block in self._element(element, depth):
                yield block
                if not self._is_note and (block.text or block.picture):
                    self._shared.has_begun = True

    def _element(self, element: etree._Element, depth: int) -> Iterator[FlowBlock]:
        tag = element.tag
        if depth > _MAX_DEPTH:
            return
        if tag == W + "p":
            yield from self._paragraph(element, depth)
        elif tag == W + "tbl":
            yield from self._table(element, depth)
        elif tag == W + "altChunk":
            self._shared.warnings.append("a file inserted into the text is not read")
        elif tag in {_M + "oMath", _M + "oMathPara"}:
            yield FlowBlock(kind="paragraph", text=math_text(element))
        elif tag == _MC + "AlternateContent":
            chosen = element.find(_MC + "Choice")
            branch = element.find(_MC + "Fallback") if chosen is None else chosen
            yield from self._inner(branch, depth)
        elif tag in _TRANSPARENT:
            yield from self._inner(element, depth)

    def _inner(self, element: etree._Element | None, depth: int) -> Iterator[FlowBlock]:
        for child in () if element is None else element.iterchildren("*"):
            yield from self._element(child, depth + 1)

    def _framed(self, element: etree._Element, depth: int) -> list[FlowBlock]:
        """The blocks of a text box or a cell, where no page ends."""
        self._frames += 1
        blocks = list(self._inner(element, depth))
        self._frames -= 1
        return blocks

    def _break_page(self) -> None:
        if not self._frames and not self._is_note:
            self._shared.new_page = self._shared.has_begun

    def _paragraph(self, paragraph: etree._Element, depth: int) -> Iterator[FlowBlock]:
        properties = paragraph.find(W + "pPr")
        style = value_of(properties, "pStyle")
        line = self._carried or _Line(style=style)
        line.style, self._carried = style, None
        self._fields.clear()
        self._inline(paragraph, line, depth)
        if _joins_next(properties):
            self._carried = line
            return
        if self._starts_page(properties, style):
            self._break_page()
        numbered = self._shared.numbering.number(properties, style)
        yield from self._texts(line, properties, numbered)
        yield from line.after
        self._shared.notes.add(line.notes)

    def _starts_page(self, properties: etree._Element | None, style: str | None) -> bool:
        own = is_on(properties, "pageBreakBefore")
        if own is not None:
            return own
        chain = self._shared.styles.chain(style)
        return next((s.page_break for s in chain if s.page_break is not None), False)

    def _texts(
        self, line: _Line, properties: etree._Element | None, numbered: Numbered | None
    ) -> Iterator[FlowBlock]:
        """The paragraph's blocks: one, or more where pages end inside it."""
        shared = self._shared
        raw = "".join(line.parts)
        outline = number_of(value_of(properties, "outlineLvl"))
        if outline is None:
            level = shared.styles.heading_level(line.style)
        else:
            level = outline_level(outline)
        if not shared.title and shared.styles.is_named(line.style, _TITLE_STYLES):
            shared.title = prose_lines(raw)
        yield from paragraph_blocks(
            raw,
            level=level,
            number=numbered.marker if numbered else "",
            prefix=list_marker(numbered.marker, numbered.level) if numbered else None,
            is_code=self._is_code(line, raw),
            is_caption=shared.styles.is_named(line.style, _CAPTION_STYLES),
        )

    def _is_code(self, line: _Line, text: str) -> bool:
        if self._shared.styles.is_named(line.style, CODE_STYLES):
            return True
        return 0 < line.chars == line.monospaced and looks_like_code(text)

    def _inline(self, node: etree._Element, line: _Line, depth: int) -> None:
        for child in node.iterchildren("*"):
            tag = child.tag
            if tag == W + "r":
                self._run(child, line, depth)
            elif tag in _TRANSPARENT and depth <= _MAX_DEPTH:
                self._inline(child, line, depth + 1)
            elif tag == W + "commentRangeStart":
                self._quotes.start(child.get(W + "id", ""))
            elif tag == W + "commentRangeEnd":
                self._quotes.end(child.get(W + "id", ""))
            elif tag in {_M + "oMath", _M + "oMathPara"}:
                self._say(line, f" {math_text(child)} ", "")
            elif tag == _MC + "AlternateContent":
                self._draw(child, line, depth)

    def _run(self, run: etree._Element, line: _Line, depth: int) -> None:
        properties = run.find(W + "rPr")
        styles = self._shared.styles
        run_style = value_of(properties, "rStyle")
        hidden = is_on(properties, "vanish")
        if hidden or (hidden is None and run_style and styles.is_hidden(run_style)):
            return
        font = font_of(properties) or (styles.font(run_style) if run_style else "")
        font = font or styles.font(line.style)
        for child in run.iterchildren("*"):
            name = child.tag.removeprefix(W)
            if name in _RUN_TEXT:
                self._say(line, _RUN_TEXT[name], font)
            elif name == "t":
                self._say(line, plain_symbols(child.text or "", font), font)
            elif name == "sym":
                code = child.get(W + "char", "")
                if re.fullmatch("[0-9A-Fa-f]{1,6}", code):
                    self._say(line, symbol(int(code, 16), child.get(W + "font", "Symbol")), "")
            elif name == "br":
                is_page = child.get(W + "type") == "page" and not self._frames
                self._say(line, PAGE_BREAK if is_page else "\n", font)
            elif name == "fldChar":
                self._field(child, line)
            elif name in {"footnoteReference", "endnoteReference"}:
                self._note(child, line, depth)
            elif name == "commentReference":
                self._comment(child.get(W + "id", ""), line, depth)
            elif name == "ruby":
                base = child.find(W + "rubyBase")
                for inner in () if base is None else base.iterchildren(W + "r"):
                    if depth <= _MAX_DEPTH:
                        self._run(inner, line, depth + 1)
            elif name in {"drawing", "pict", "object", _MC + "AlternateContent"}:
                self._draw(child, line, depth)

    def _say(self, line: _Line, text: str, font: str) -> None:
        """Add text, unless it belongs to a field's instruction."""
        if not all(self._fields):
            return
        text = without_hints(text)
        line.parts.append(text)
        self._quotes.say(text)
        if text.strip():
            line.chars += 1
            line.monospaced += is_monospaced(font)

    def _field(self, char: etree._Element, line: _Line) -> None:
        kind = char.get(W + "fldCharType")
        if kind == "begin":
            box = char.find(f"{W}ffData/{W}checkBox")
            if box is not None:
                checked = is_on(box, "checked")
                ticked = is_on(box, "default") if checked is None else checked
                self._say(line, "☒" if ticked else "☐", "")
            choices = char.findall(f"{W}ffData/{W}ddList/{W}listEntry")
            chosen = number_of(value_of(char, "ffData/ddList/result")) or 0
            if chosen < len(choices):
                self._say(line, choices[chosen].get(W + "val", ""), "")
            self._fields.append(False)
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _note(self, reference: etree._Element, line: _Line, depth: int) -> None:
        kind = reference.tag.removeprefix(W).removesuffix("Reference")
        counts = self._shared.note_counts
        label = ""
        if not is_true(reference.get(W + "customMarkFollows", "0")):
            counts[kind] = counts.get(kind, 0) + 1
            # The styles that Word numbers in unless it is told otherwise.
            style = "decimal" if kind == "footnote" else "lowerRoman"
            label = f"[{number_text(counts[kind], style)}]"
            self._say(line, label, "")
        part, note = self._shared.noted(f"{kind}s", reference.get(W + "id", ""))
        if note is not None:
            self._add_note(label, part, note, line, depth)

    def _comment(self, identity: str, line: _Line, depth: int) -> None:
        quoted = self._quotes.taken(identity)
        part, note = self._shared.noted("comments", identity)
        if note is not None:
            author = " ".join(note.get(W + "author", "").split())
            self._add_note(comment_label(author, quoted), part, note, line, depth)

    def _add_note(
        self, label: str, part: str, note: etree._Element, line: _Line, depth: int
    ) -> None:
        if not self._is_note:
            story = Story(self._shared, part, is_note=True)
            line.notes += note_blocks(label, story.blocks(note.iterchildren("*"), depth + 1))

    def _draw(self, element: etree._Element, line: _Line, depth: int) -> None:
        for shape in shapes(element):
            line.after += self._shape(shape, depth)

    def _shape(self, shape: Shape, depth: int) -> Iterator[FlowBlock]:
        part = self._relations.get(shape.relation)
        package = self._shared.package
        if shape.kind == "box" and shape.box is not None:
            yield from self._framed(shape.box, depth)
        elif shape.kind == "picture":
            readable = part is not None and not part.external
            data = package.read(part.target) if part is not None and readable else b""
            block = self._shared.album.block(data, shape.text)
            if block is not None:
                yield block
        elif shape.kind == "text":
            yield FlowBlock(kind="paragraph", text=shape.text)
        elif part is not None and not part.external:
            root = package.tree(part.target)
            if root is None:
                return
            if shape.kind == "diagram":
                for text in diagram_lines(root):
                    yield FlowBlock(kind="list", text=list_marker(BULLET, 0) + text)
            else:
                chart = chart_of(root)
                yield FlowBlock(kind="caption", text=chart.title or shape.text)
                yield FlowBlock(kind="table", text="\n".join(map(" | ".join, chart.rows)))

    def _table(self, table: etree._Element, depth: int) -> Iterator[FlowBlock]:
        """A table as one block, then its pictures; one with a single cell only draws a frame."""
        rows = [list(_within(row, W + "tc")) for row in _rows(table)]
        if len(rows) == 1 and len(rows[0]) == 1:
            yield from self._inner(rows[0][0], depth)
            return
        pictures: list[FlowBlock] = []
        grid: list[list[_Cell]] = []
        above: dict[int, _Cell] = {}  # of each column: the cell that a merged one continues
        for element in _rows(table):
            row: list[_Cell] = []
            column = _span(element, "trPr/gridBefore", 0)
            if column:
                row.append(_Cell(columns=column))
            for cell in _within(element, W + "tc"):
                columns = _span(cell, "tcPr/gridSpan", 1)
                merge = value_of(cell, "tcPr/vMerge")
                held = above.get(column)
                if merge in {"", "continue"} and held is not None:
                    held.rows += 1
                elif value_of(cell, "tcPr/hMerge") in {"", "continue"} and row:
                    row[-1].columns += columns
                else:
                    text, shown = flat_text(self._framed(cell, depth))
                    pictures += shown
                    held = _Cell(text=text, columns=columns)
                    row.append(held)
                    if merge is None:
                        above.pop(column, None)
                    else:
                        above[column] = held
                column += columns
            grid.append(row)
        yield FlowBlock(kind="table", text=table_text(_fixed(grid)))
        yield from pictures


@dataclass(slots=True)
class _Cell:
    text: str = ""
    columns: int = 1
    rows: int = 1


def _fixed(grid: Sequence[Sequence[_Cell]]) -> Iterator[list[Cell]]:
    for row in grid:
        yield [Cell(text=cell.text, columns=cell.columns, rows=cell.rows) for cell in row]


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """The rows of a table without those that were deleted under tracking."""
    for row in _within(table, W + "tr"):
        if row.find(f"{W}trPr/{W}del") is None:
            yield row


def _within(parent: etree._Element, tag: str, depth: int = 0) -> Iterator[etree._Element]:
    """The children named ``tag``, also those that content controls and the like surround."""
    for child in parent.iterchildren("*"):
        if child.tag == tag:
            yield child
        elif child.tag in _TRANSPARENT and depth < _MAX_DEPTH:
            yield from _within(child, tag, depth + 1)


def _span(element: etree._Element, path: str, default: int) -> int:
    value = number_of(value_of(element, path))
    return default if value is None else min(value, _MAX_SPAN)


def _joins_next(properties: etree._Element | None) -> bool:
    """Whether the next paragraph continues this one: after a drop cap or a deleted mark."""
    if properties is None:
        return False
    frame = properties.find(W + "framePr")
    if frame is not None and frame.get(W + "dropCap", "none") != "none":
        return True
    mark = properties.find(W + "rPr")
    return mark is not None and any(mark.find(tag) is not None for tag in _REMOVED)
