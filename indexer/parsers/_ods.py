"""OpenDocument spreadsheets, with numbers and dates as their program last showed them.

Source: OASIS OpenDocument 1.3, part 3, chapters 9 and 14.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers._drawingml import described
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._ooxml import BROKEN, Element, OfficePackage, attribute, child, children, local
from indexer.parsers._package import password_protected
from indexer.parsers._sheet import (
    Allowance,
    Cells,
    Range,
    comment_text,
    flat,
    left_out,
    reference,
    sheet_blocks,
)
from indexer.settings import ParserSettings

_MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_CONTENT = "content.xml"
_PROPERTIES = {
    "title": "title",
    "initial-creator": "author",
    "subject": "subject",
    "keyword": "keywords",
    "description": "description",
    "creation-date": "created",
    "date": "modified",
}
_VALUES = ("value", "date-value", "time-value", "string-value", "boolean-value")


@dataclass(slots=True)
class _Sheet:
    """A sheet as far as it was read; ``next_row`` counts from 0."""

    name: str
    rows: dict[int, Cells] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    drawn: list[FlowBlock] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    next_row: int = 0


def parse_ods(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Every sheet from a new page on: its name, tables, pictures, charts' titles and comments.

    Raises UnreadableDocument for a damaged or encrypted file and one without content,
    LimitExceeded for one that unpacks to more than ``settings.output_bytes``.
    """
    warnings: list[str] = []
    with OfficePackage(path, settings) as package:
        manifest = package.xml("META-INF/manifest.xml")
        if manifest is not None and next(manifest.iter("{*}encryption-data"), None) is not None:
            raise password_protected(path)
        sheets: list[_Sheet] = []
        allowance = Allowance()
        try:
            for sheet in _sheets(package, allowance):
                sheets.append(sheet)
        except BROKEN as exc:
            if not sheets:
                raise UnreadableDocument(
                    path, cause="damaged workbook", remedy="save it again in its program"
                ) from exc
            warnings.append("the file is damaged; only part of it is read")
        metadata = _metadata(package)
        warnings += package.warnings
    if allowance.spent and sheets:
        last = sheets[-1]
        warnings += left_out([f"what follows row {last.next_row:,} of sheet {last.name}"])
    return flow_document(
        path,
        (block for sheet in sheets for block in _blocks(sheet, settings)),
        settings,
        media_type=_MEDIA_TYPE,
        title=metadata.pop("title", "") or path.stem,
        metadata=metadata,
        warnings=tuple(warnings),
    )


def _blocks(sheet: _Sheet, settings: ParserSettings) -> Iterator[FlowBlock]:
    body = list(sheet_blocks(sheet.rows, sheet.merged, settings.text_page_chars))
    body += sheet.drawn
    body += [FlowBlock(kind="paragraph", text=text) for text in sheet.comments]
    if body:
        yield FlowBlock(kind="heading", text=sheet.name, level=1, new_page=True)
        yield from body


def _sheets(package: OfficePackage, allowance: Allowance) -> Iterator[_Sheet]:
    """The sheets in order; the one that exhausts the ``allowance`` or is damaged is the last."""
    sheet: _Sheet | None = None
    owner: Element | None = None
    try:
        for element in package.elements(_CONTENT, "table-row", "shapes"):
            table = next(element.iterancestors("{*}table"), None)
            if table is None:
                continue
            if table is not owner or sheet is None:
                if sheet is not None:
                    yield sheet
                owner, sheet = table, _Sheet(flat(attribute(table, "name")))
            if local(element) == "shapes":
                sheet.drawn += _drawn(element, package)
            elif not _read_row(element, sheet, package, allowance):
                break
    finally:
        # Damage further on does not lose what was read.
        if sheet is not None:
            yield sheet


def _read_row(row: Element, sheet: _Sheet, package: OfficePackage, allowance: Allowance) -> bool:
    """Add a row to ``sheet``; False when nothing more may be read."""
    cells: Cells = {}
    column = 0
    for cell in row:
        name = local(cell)
        if name not in {"table-cell", "covered-table-cell"}:
            continue
        count = _count(cell, "number-columns-repeated")
        text = _text(cell) if name == "table-cell" else ""
        if text:
            cells |= dict.fromkeys(range(column, column + min(count, 1024)), text)
            down, right = (
                _count(cell, "number-rows-spanned"),
                _count(cell, "number-columns-spanned"),
            )
            if down > 1 or right > 1:
                place = (sheet.next_row, column)
                sheet.merged.append((*place, place[0] + down - 1, place[1] + right - 1))
        for note in children(cell, "annotation"):
            sheet.comments.append(_comment(note, reference(sheet.next_row, column)))
        sheet.drawn += _drawn(cell, package)
        column += count
    count = _count(row, "number-rows-repeated")
    for number in range(sheet.next_row, sheet.next_row + (count if cells else 0)):
        sheet.rows[number] = cells
        if not allowance.take(cells):
            return False
    sheet.next_row += count
    return bool(cells) or allowance.take(cells)


def _count(element: Element, name: str) -> int:
    text = attribute(element, name)
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _text(cell: Element) -> str:
    lines = (_line(paragraph) for paragraph in children(cell, "p"))
    shown = flat(" ".join(line for line in lines if line))
    # Programs other than office suites may leave out what the cell shows.
    return shown or flat(next((attribute(cell, n) for n in _VALUES if attribute(cell, n)), ""))


def _line(paragraph: Element) -> str:
    parts = [paragraph.text or ""]
    for item in paragraph:
        name = local(item)
        if name in {"s", "tab", "line-break"}:
            parts.append(" ")
        elif name not in {"annotation", "frame", "note"}:
            parts.append(_line(item))
        parts.append(item.tail or "")
    return "".join(parts)


def _comment(note: Element, place: str) -> str:
    author, when = child(note, "creator"), child(note, "date")
    text = " ".join(_line(paragraph) for paragraph in children(note, "p"))
    return comment_text(
        "" if author is None else author.text or "",
        "" if when is None else when.text or "",
        text,
        place,
    )


def _drawn(owner: Element, package: OfficePackage) -> Iterator[FlowBlock]:
    """Pictures, titles of charts and text boxes."""
    for frame in owner.iter("{*}frame", "{*}custom-shape"):
        named = child(frame, "desc") if child(frame, "desc") is not None else child(frame, "title")
        label = "" if named is None else described(named.text or "")
        chart = child(frame, "object")
        if chart is not None:
            name = attribute(chart, "href").removeprefix("./")
            root = package.xml(f"{name}/{_CONTENT}")
            title = None if root is None else next(root.iter("{*}title"), None)
            lines = () if title is None else (_line(item) for item in children(title, "p"))
            yield FlowBlock(kind="caption", text=flat(" ".join(lines)) or label)
            continue
        image = child(frame, "image")
        if image is not None:
            picture = package.picture(attribute(image, "href").removeprefix("./"))
            yield FlowBlock(kind="caption", text=label, picture=picture)
            continue
        box = child(frame, "text-box") if local(frame) == "frame" else frame
        for paragraph in () if box is None else children(box, "p"):
            yield FlowBlock(kind="paragraph", text=flat(_line(paragraph)))


def _metadata(package: OfficePackage) -> dict[str, str]:
    root = package.xml("meta.xml")
    found: dict[str, str] = {}
    for item in () if root is None else root.iter("{*}*"):
        key = _PROPERTIES.get(local(item))
        text = " ".join((item.text or "").split())[:1000]
        if key and text:
            found[key] = text[:10] if key in {"created", "modified"} else text
    return found
