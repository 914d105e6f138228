"""What slides and sheets draw: shapes with text, tables, charts, diagrams and pictures.

Source: ECMA-376 Part 1, chapters 20 and 21.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from indexer.parsers._flow import FlowBlock
from indexer.parsers._number_formats import displayed
from indexer.parsers._ooxml import (
    Element,
    OfficePackage,
    Relation,
    attribute,
    child,
    children,
    local,
)
from indexer.parsers._sheet import comment_text, flat, table_blocks
from indexer.parsers._slide_order import Box, reading_order
from indexer.settings import ParserSettings

_EMU_PER_POINT = 12_700
_SHAPES = frozenset(
    "sp cxnSp pic graphicFrame grpSp twoCellAnchor oneCellAnchor absoluteAnchor".split()
)
_GROUPS = frozenset({"grpSp", "twoCellAnchor", "oneCellAnchor", "absoluteAnchor"})
_MAX_DEPTH = 50  # groups inside groups
_MAX_POINTS = 2000  # of one series of a chart
# What programs say of a picture that nobody has described.
_NO_DESCRIPTION = re.compile(
    r"\S+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)|(?:picture|image|рисунок)? ?\d*", re.I
)
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"))


@dataclass(slots=True)
class Drawing:
    """The shapes of one part, read into blocks from top to bottom.

    ``place`` gives the box of a shape, None for one that stays behind the shape before it.
    ``styles`` gives the list styles that a shape inherits, nearest first; ``chart_data`` asks for
    the numbers of charts beside their names. ``seen`` holds the pictures that were shown before:
    a logo counts once.
    """

    package: OfficePackage
    part: str
    settings: ParserSettings
    chart_data: bool
    place: Callable[[Element], Box | None]
    styles: Callable[[Element], Sequence[Element]] = lambda _: ()
    seen: set[str] = field(default_factory=set)
    relations: Mapping[str, Relation] = field(init=False)

    def __post_init__(self) -> None:
        self.relations = self.package.relations(self.part)

    def blocks(self, shapes: Element, depth: int = 0) -> Iterator[FlowBlock]:
        """The blocks of a tree of shapes whose alternatives are settled."""
        known = [shape for shape in shapes if local(shape) in _SHAPES]
        for number in reading_order([self.place(shape) for shape in known]):
            shape, name = known[number], local(known[number])
            if name in {"sp", "cxnSp"}:
                yield from self.shape(shape)
            elif name == "pic":
                yield from self._picture(shape)
            elif name == "graphicFrame":
                yield from self._frame(shape)
            elif name in _GROUPS and depth < _MAX_DEPTH:
                yield from self.blocks(shape, depth + 1)

    def shape(self, shape: Element) -> Iterator[FlowBlock]:
        """The paragraphs inside a shape, and the picture that fills it."""
        if next(shape.iter("{*}blip"), None) is not None:
            yield from self._picture(shape)
        body = child(shape, "txBody")
        if body is not None:
            yield from text_blocks(body, self.styles(shape))

    def _picture(self, shape: Element) -> Iterator[FlowBlock]:
        properties = next(shape.iter("{*}cNvPr"), None)
        text = described(attribute(properties, "descr") or attribute(properties, "title"))
        if self._is_tiny(shape):
            return
        blip = next(shape.iter("{*}blip"), None)
        relation = self.relations.get(attribute(blip, "embed"))
        if relation is None:
            yield FlowBlock(kind="caption", text=text)
        elif relation.target not in self.seen:
            self.seen.add(relation.target)
            picture = self.package.picture(relation.target)
            yield FlowBlock(kind="caption", text=text, picture=picture)

    def _is_tiny(self, shape: Element) -> bool:
        size = child(shape, "spPr", "xfrm", "ext")
        if size is None:
            return False
        sides = [_number(attribute(size, name)) / _EMU_PER_POINT for name in ("cx", "cy")]
        return 0 < min(sides) < self.settings.min_figure_side

    def _frame(self, frame: Element) -> Iterator[FlowBlock]:
        table = next(frame.iter("{*}tbl"), None)
        if table is not None:
            yield from table_blocks(table_rows(table), self.settings.text_page_chars)
            return
        for item in frame.iter("{*}chart", "{*}relIds", "{*}pic"):
            name = local(item)
            if name == "pic":
                yield from self._picture(item)
                continue
            relation = self.relations.get(attribute(item, "id" if name == "chart" else "dm"))
            root = None if relation is None else self.package.xml(relation.target)
            if root is None:
                continue
            if name == "chart":
                yield from chart_blocks(
                    root, self.settings.text_page_chars, with_data=self.chart_data
                )
            else:
                yield from diagram_blocks(root)


def box_of(shape: Element | None) -> Box | None:
    """Where a shape says that it stands; None if it leaves that to others."""
    if shape is None:
        return None
    holder = child(shape, "xfrm")
    for name in ("spPr", "grpSpPr"):
        holder = child(shape, name, "xfrm") if holder is None else holder
    offset, size = child(holder, "off"), child(holder, "ext")
    if offset is None or size is None:
        return None
    x, y = _number(attribute(offset, "x")), _number(attribute(offset, "y"))
    return x, y, x + _number(attribute(size, "cx")), y + _number(attribute(size, "cy"))


def described(text: str) -> str:
    """The description of a picture in one line, "" where it says nothing."""
    text = flat(text)
    return "" if _NO_DESCRIPTION.fullmatch(text) else text


def line_text(paragraph: Element) -> str:
    """The text of a paragraph; line breaks are kept, the number of the slide is left out."""
    parts: list[str] = []
    for item in paragraph.iter("{*}t", "{*}br"):
        if local(item) == "br":
            parts.append("\n")
        elif attribute(item.getparent(), "type") != "slidenum":
            parts.append((item.text or "").replace("\v", "\n"))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def text_blocks(body: Element, styles: Sequence[Element] = ()) -> Iterator[FlowBlock]:
    """The paragraphs of a text body as paragraphs and, where they are marked, list items."""
    own = child(body, "lstStyle")
    inherited = [style for style in (own, *styles) if style is not None]
    counters: dict[int, int] = {}
    for paragraph in children(body, "p"):
        text = line_text(paragraph)
        if not text:
            continue
        properties = child(paragraph, "pPr")
        level = min(8, int(_number(attribute(properties, "lvl"))))
        mark = _mark(properties, inherited, level)
        for deeper in [known for known in counters if known > level]:
            del counters[deeper]
        if mark is None:
            counters.pop(level, None)
            yield FlowBlock(kind="paragraph", text=text)
            continue
        sign = "•"
        if local(mark) == "buAutoNum":
            first = int(_number(attribute(mark, "startAt"))) or 1
            counters[level] = counters.get(level, first - 1) + 1
            sign = numbered(counters[level], attribute(mark, "type"))
        yield list_item(text, level, sign)


def list_item(text: str, level: int, sign: str) -> FlowBlock:
    """A paragraph behind its bullet or number; further lines stand below the first."""
    indent = "  " * level
    hanging = text.replace("\n", f"\n{indent}{' ' * (len(sign) + 1)}")
    return FlowBlock(kind="list", text=f"{indent}{sign} {hanging}")


def comment_blocks(author: str, when: str, text: str) -> Iterator[FlowBlock]:
    """A remark on a slide as one line, nothing for one without text."""
    if text:
        yield FlowBlock(kind="paragraph", text=comment_text(author, when, text))


def _mark(properties: Element | None, styles: Sequence[Element], level: int) -> Element | None:
    """The bullet or number of a paragraph: its own, else the first one inherited."""
    chain = [properties, *(child(style, f"lvl{level + 1}pPr") for style in styles)]
    for item in chain:
        for option in () if item is None else item:
            name = local(option)
            if name == "buNone":
                return None
            if name in {"buChar", "buAutoNum", "buBlip"}:
                return option
    return None


def numbered(number: int, scheme: str) -> str:
    """The ``number`` of a list item in a scheme such as "alphaLcParenR"."""
    if scheme.startswith("alpha"):
        count, letter = divmod(number - 1, 26)
        shown = chr(ord("a") + letter) * min(count + 1, 10)
    elif scheme.startswith("roman") and number < 400:
        shown, rest = "", number
        for value, letters in (*_ROMAN, (1, "i")):
            shown += letters * (rest // value)
            rest %= value
    else:
        shown = str(number)
    if "Uc" in scheme:
        shown = shown.upper()
    if scheme.endswith("ParenBoth"):
        return f"({shown})"
    return f"{shown})" if scheme.endswith("ParenR") else f"{shown}."


def table_rows(table: Element) -> list[list[str]]:
    """The cells of a table; a merged cell's text stands in each place that it covers."""
    rows: list[list[str]] = []
    for line in children(table, "tr"):
        row: list[str] = []
        for column, cell in enumerate(children(line, "tc")):
            if _is_on(cell, "vMerge") and rows and column < len(rows[-1]):
                row.append(rows[-1][column])
            elif _is_on(cell, "hMerge") and row:
                row.append(row[-1])
            else:
                body = child(cell, "txBody")
                lines = () if body is None else (line_text(p) for p in children(body, "p"))
                row.append(flat(" ".join(lines)))
        rows.append(row)
    return rows


def _is_on(element: Element, name: str) -> bool:
    return element.get(name) in {"1", "true"}


def chart_blocks(root: Element, page_chars: int, *, with_data: bool) -> Iterator[FlowBlock]:
    """The title of a chart, the names of its axes, and its series as the columns of a table.

    Without ``with_data`` only the names of the series are told, in one caption.
    """
    title = _title(next(root.iter("{*}chart"), None))
    axes = [_title(axis) for axis in root.iter("{*}catAx", "{*}dateAx", "{*}valAx", "{*}axis")]
    named = next(root.iter("{*}catAx", "{*}dateAx"), None)
    columns = _series(root) or _new_series(root)
    names = [name for name, _ in columns if name]
    if not with_data:
        # The numbers are on a sheet already.
        label = "; ".join(part for part in (title, *axes, ", ".join(names)) if part)
        yield FlowBlock(kind="caption", text=label)
        return
    first = "" if named is None else _title(named)
    others = [axis for axis in axes if axis and axis != first]
    yield FlowBlock(kind="caption", text="; ".join(part for part in (title, *others) if part))
    places = sorted({place for _, points in columns for place in points})
    header = [first or (columns[0][0] if columns else ""), *(name for name, _ in columns[1:])]
    rows = [[points.get(place, "") for _, points in columns] for place in places]
    if rows:
        yield from table_blocks([header, *rows], page_chars)


_Column = tuple[str, dict[int, str]]


def _title(owner: Element | None) -> str:
    title = child(owner, "title")
    if title is None:
        return ""
    return flat(" ".join(item.text or "" for item in title.iter("{*}t", "{*}v")))


def _series(root: Element) -> list[_Column]:
    """The categories of a chart and the values of each series, by their place."""
    columns: list[_Column] = []
    for series in root.iter("{*}ser"):
        if not columns:
            columns.append(("", _points(child(series, "cat")) or _points(child(series, "xVal"))))
        name = child(series, "tx")
        shown = "" if name is None else " ".join(item.text or "" for item in name.iter("{*}v"))
        values = _points(child(series, "val")) or _points(child(series, "yVal"))
        columns.append((flat(shown), values))
    return columns


def _points(source: Element | None) -> dict[int, str]:
    """The stored points of a reference to cells; of categories with levels, all levels."""
    if source is None:
        return {}
    code = next((item.text for item in source.iter("{*}formatCode")), None) or "General"
    numeric = next(source.iter("{*}numCache", "{*}numLit"), None) is not None
    found: dict[int, str] = {}
    for point in source.iter("{*}pt"):
        place = int(_number(attribute(point, "idx")))
        value = child(point, "v")
        text = flat("" if value is None else value.text or "")
        if numeric and text:
            text = displayed(_number(text), code)
        if len(found) < _MAX_POINTS or place in found:
            # Inner levels come first; a reader names the outer one first.
            found[place] = f"{text} {found[place]}" if place in found else text
    return found


def _new_series(root: Element) -> list[_Column]:
    """Likewise for the chart types of 2016, which have a format of their own."""
    names = [
        flat(" ".join(item.text or "" for item in name.iter("{*}v")))
        for series in root.iter("{*}series")
        for name in children(series, "tx")
    ]
    columns: list[_Column] = []
    for data in root.iter("{*}data"):
        for dimension in data.iter("{*}strDim", "{*}numDim"):
            points = {
                int(_number(attribute(point, "idx"))): flat(point.text or "")
                for level in list(children(dimension, "lvl"))[:1]
                for point in list(children(level, "pt"))[:_MAX_POINTS]
            }
            is_first = local(dimension) == "strDim" and not columns
            columns.append(("" if is_first or not names else names.pop(0), points))
    return columns


def diagram_blocks(root: Element) -> Iterator[FlowBlock]:
    """The texts of a diagram (SmartArt) as a list, levels by their place in the tree."""
    texts: dict[str, str] = {}
    for point in root.iter("{*}pt"):
        body = child(point, "t")
        lines = () if body is None else (line_text(p) for p in children(body, "p"))
        texts[attribute(point, "modelId")] = flat(" ".join(lines))
    below: dict[str, list[tuple[int, str]]] = {}
    inner: set[str] = set()
    for link in root.iter("{*}cxn"):
        if attribute(link, "type") in {"", "parOf"}:
            place = (int(_number(attribute(link, "srcOrd"))), attribute(link, "destId"))
            below.setdefault(attribute(link, "srcId"), []).append(place)
            inner.add(place[1])
    waiting = [(name, 0) for name in reversed(texts) if name not in inner]
    while waiting:
        name, level = waiting.pop()
        text = texts.pop(name, "")
        if text:
            yield list_item(text, min(level, 8), "•")
        deeper = level + 1 if text else level
        waiting += [(target, deeper) for _, target in sorted(below.pop(name, ()), reverse=True)]


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if abs(value) < 1e15 else 0.0
