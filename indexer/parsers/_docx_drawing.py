"""What drawings of WordprocessingML hold: pictures, text boxes, charts and diagrams.

DrawingML and its older twin VML often describe the same shape side by side in
``mc:AlternateContent``; only one of the two is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from indexer.parsers._docx_styles import W

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_V = "{urn:schemas-microsoft-com:vml}"
_O = "{urn:schemas-microsoft-com:office:office}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"

_MAX_DEPTH = 60
_MAX_POINTS = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """A part of a drawing.

    ``text`` is a picture's alternative text, or the words of a shape that has nothing else.
    ``relation`` leads to the part with the picture, chart or diagram, ``box`` holds paragraphs.
    """

    kind: Literal["picture", "box", "chart", "diagram", "text"]
    text: str = ""
    relation: str = ""
    box: etree._Element | None = None


def shapes(element: etree._Element, alt: str = "", depth: int = 0) -> Iterator[Shape]:
    """The shapes inside ``element`` in the order of the file."""
    if depth > _MAX_DEPTH:
        return
    tag = element.tag
    if tag == _MC + "AlternateContent":
        yield from _alternatives(element, alt, depth)
    elif tag == W + "txbxContent":
        yield Shape(kind="box", box=element)
    elif tag == A + "blip":
        yield Shape(kind="picture", relation=element.get(R + "embed", ""), text=alt)
    elif tag == _V + "imagedata":
        relation = element.get(R + "id") or element.get(_O + "relid") or ""
        yield Shape(kind="picture", relation=relation, text=alt or element.get(_O + "title", ""))
    elif tag == _V + "textpath":
        yield Shape(kind="text", text=element.get("string", ""))
    elif tag == C + "chart":
        yield Shape(kind="chart", relation=element.get(R + "id", ""), text=alt)
    elif tag == _DGM + "relIds":
        yield Shape(kind="diagram", relation=element.get(R + "dm", ""), text=alt)
    elif tag == A + "p":
        yield Shape(kind="text", text=paragraph_text(element))
    else:
        inner = _alt(element) or alt
        for child in element.iterchildren("*"):
            yield from shapes(child, inner, depth + 1)


def _alternatives(element: etree._Element, alt: str, depth: int) -> Iterator[Shape]:
    """The first of the alternatives that has anything in it."""
    for branch in element.iterchildren(_MC + "Choice", _MC + "Fallback"):
        children = branch.iterchildren("*")
        found = [shape for child in children for shape in shapes(child, alt, depth + 1)]
        if found:
            yield from found
            return


def _alt(element: etree._Element) -> str:
    if element.tag in {_WP + "inline", _WP + "anchor"}:
        properties = element.find(_WP + "docPr")
    elif element.tag == _PIC + "pic":
        properties = element.find(f"{_PIC}nvPicPr/{_PIC}cNvPr")
    else:
        return element.get("alt", "") if element.tag.startswith(_V) else ""
    if properties is None:
        return ""
    return properties.get("descr") or properties.get("title") or ""


def paragraph_text(paragraph: etree._Element) -> str:
    """The text of a DrawingML paragraph in one line."""
    parts = (
        " " if part.tag == A + "br" else part.text or ""
        for part in paragraph.iter(A + "t", A + "br")
    )
    return " ".join("".join(parts).split())


def diagram_lines(root: etree._Element) -> list[str]:
    """The texts of a SmartArt diagram's data part, one for each of its points."""
    found = []
    for point in root.iter(_DGM + "pt"):
        text = " ".join(filter(None, map(paragraph_text, point.iter(A + "p"))))
        if text:
            found.append(text)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A chart's title and its numbers: a head of series names, then a row per category."""

    title: str
    rows: list[list[str]]


def chart_of(root: etree._Element) -> Chart:
    """The values that a chart part keeps of its sheet."""
    title = root.find(f"{C}chart/{C}title")
    names: list[str] = []
    categories: dict[int, str] = {}
    columns: list[dict[int, str]] = []
    left = _MAX_POINTS
    for series in root.iter(C + "ser"):
        names.append(" ".join(_points(series.find(C + "tx"), left).values()))
        categories = {**_points(_first(series, "cat", "xVal"), left), **categories}
        columns.append(_points(_first(series, "val", "yVal"), left))
        left -= len(columns[-1])
    indexes = sorted({*categories, *(index for column in columns for index in column)})
    rows = [["", *names]] if any(names) else []
    for index in indexes:
        rows.append([categories.get(index, ""), *(column.get(index, "") for column in columns)])
    words = [] if title is None else [paragraph_text(part) for part in title.iter(A + "p")]
    return Chart(title=" ".join(filter(None, words)), rows=rows)


def _first(series: etree._Element, *names: str) -> etree._Element | None:
    return next((found for name in names if (found := series.find(C + name)) is not None), None)


def _points(parent: etree._Element | None, limit: int) -> dict[int, str]:
    found: dict[int, str] = {}
    for value in () if parent is None else parent.iter(C + "v"):
        if len(found) >= limit:
            break
        point = value.getparent()
        index = point.get("idx", "") if point is not None else ""
        text = " ".join((value.text or "").split())
        found[int(index) if index.isdecimal() and len(index) < 7 else len(found)] = text
    return found
