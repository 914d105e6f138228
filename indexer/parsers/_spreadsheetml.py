"""Workbooks in the XML of Excel 2003, which banks and accounting programs still export.

Source: Microsoft, "XML Spreadsheet Reference", 2001.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from indexer.domain import ParsedDocument
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._number_formats import displayed
from indexer.parsers._ooxml import BROKEN, Element, attribute, child, children, elements_of, local
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

_MEDIA_TYPE = "application/vnd.ms-excel"
_WORKBOOK = re.compile(rb"<(?:\w+:)?Workbook\b[^>]*urn:schemas-microsoft-com:office:spreadsheet")
_EPOCH = datetime(1899, 12, 30)
# What the format calls by name; the rest are codes.
_NAMED = {
    "": "General",
    "General Number": "General",
    "General Date": "yyyy-mm-dd hh:mm",
    "Short Date": "yyyy-mm-dd",
    "Medium Date": "d-mmm-yy",
    "Long Date": "d mmmm yyyy",
    "Short Time": "h:mm",
    "Fixed": "0.00",
    "Standard": "#,##0.00",
    "Currency": "#,##0.00",
    "Euro Currency": "#,##0.00",
    "Percent": "0.00%",
    "Scientific": "0.00E+00",
}


@dataclass(slots=True)
class _Sheet:
    name: str
    rows: dict[int, Cells] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    last_row: int = -1


def is_spreadsheetml(head: bytes) -> bool:
    """Whether a file that starts with ``head`` is such a workbook."""
    return _WORKBOOK.search(head.replace(b"\0", b"")) is not None


def parse_spreadsheetml(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Every sheet from a new page on: its name, its tables and its comments.

    Of a damaged file the sheets and rows before the damage are read, and a warning says so.
    Raises UnreadableDocument for a file without content.
    """
    warnings: list[str] = []
    sheets: list[_Sheet] = []
    formats: dict[str, str] = {}
    allowance = Allowance()
    owner: Element | None = None
    try:
        with path.open("rb") as file:
            for element in elements_of(file, "Style", "Row"):
                if local(element) == "Style":
                    name = attribute(child(element, "NumberFormat"), "Format")
                    formats[attribute(element, "ID")] = _NAMED.get(name, name)
                    continue
                worksheet = next(element.iterancestors("{*}Worksheet"), None)
                if worksheet is not owner or not sheets:
                    owner = worksheet
                    sheets.append(_Sheet(flat(attribute(worksheet, "Name"))))
                if not allowance.take(_read_row(element, sheets[-1], formats)):
                    last = sheets[-1]
                    rest = f"what follows row {last.last_row + 1:,} of sheet {last.name}"
                    warnings += left_out([rest])
                    break
    except BROKEN:
        warnings.append("the file is damaged; only part of it is read")
    return flow_document(
        path,
        (block for sheet in sheets for block in _blocks(sheet, settings)),
        settings,
        media_type=_MEDIA_TYPE,
        title=path.stem,
        warnings=tuple(warnings),
    )


def _blocks(sheet: _Sheet, settings: ParserSettings) -> Iterator[FlowBlock]:
    body = list(sheet_blocks(sheet.rows, sheet.merged, settings.text_page_chars))
    body += [FlowBlock(kind="paragraph", text=text) for text in sheet.comments]
    if body:
        yield FlowBlock(kind="heading", text=sheet.name, level=1, new_page=True)
        yield from body


def _read_row(row: Element, sheet: _Sheet, formats: Mapping[str, str]) -> Cells:
    """Add a row to ``sheet``; rows and cells that are skipped are told by an index from 1."""
    number = _count(row, "Index", sheet.last_row + 2) - 1
    sheet.last_row = number
    cells: Cells = {}
    column = 0
    for cell in children(row, "Cell"):
        column = _count(cell, "Index", column + 1) - 1
        text = _text(child(cell, "Data"), formats.get(attribute(cell, "StyleID"), "General"))
        if text:
            cells[column] = text
        right, down = _count(cell, "MergeAcross", 0), _count(cell, "MergeDown", 0)
        if right or down:
            sheet.merged.append((number, column, number + down, column + right))
        for note in children(cell, "Comment"):
            words = "".join(note.itertext())
            author = attribute(note, "Author")
            sheet.comments.append(comment_text(author, "", words, reference(number, column)))
        column += 1 + right
    if cells:
        sheet.rows[number] = cells
    return cells


def _count(element: Element, name: str, otherwise: int) -> int:
    text = attribute(element, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else otherwise


def _text(data: Element | None, code: str) -> str:
    """What a cell shows."""
    if data is None:
        return ""
    words, kind = "".join(data.itertext()), attribute(data, "Type")
    try:
        if kind == "Number":
            return displayed(float(words), code)
        if kind == "DateTime":
            moment = datetime.fromisoformat(words)
            days = (moment.replace(tzinfo=None) - _EPOCH) / timedelta(days=1)
            return displayed(days, "yyyy-mm-dd" if code == "General" else code)
    except ValueError:
        return flat(words)
    if kind == "Boolean":
        return "TRUE" if words.strip() == "1" else "FALSE"
    return flat(words)
