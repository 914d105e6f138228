"""The cells of an Excel sheet: places, shared strings and the texts of values."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from indexer.parsers._number_formats import BUILT_IN, displayed
from indexer.parsers._ooxml import BROKEN, Element, OfficePackage, attribute, child, local
from indexer.parsers._sheet import Allowance, Cells, Range, flat

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")


@dataclass(slots=True)
class Grid:
    """What was read of a sheet. ``last_row`` is the number, from 1, that the sheet claims to have;
    ``without_value`` counts formulas that no program has worked out yet.
    """

    rows: dict[int, Cells] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    last_row: int = 0
    without_value: int = 0
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """What the sheets of a workbook share: strings, number formats, the day dates count from."""

    part: str
    strings: Sequence[str]
    formats: Sequence[str]
    since_1904: bool

    @classmethod
    def of(cls, package: OfficePackage, part: str, root: Element | None) -> Self:
        """The workbook in ``part``. A damaged part of strings or formats is read as far as it is
        sound.
        """
        return cls(
            part=part,
            strings=_strings(package, part),
            formats=_formats(package, part),
            since_1904=attribute(child(root, "workbookPr"), "date1904") in {"1", "true"},
        )

    def grid(self, package: OfficePackage, part: str, allowance: Allowance) -> Grid:
        """The cells of the sheet in ``part``, as many as ``allowance`` has left."""
        grid = Grid()
        number = -1
        try:
            for element in package.elements(part, "dimension", "row", "mergeCell"):
                name = local(element)
                if name == "row":
                    given = attribute(element, "r")
                    number = int(given) - 1 if given.isdecimal() else number + 1
                    cells = self._cells(element, grid)
                    if cells:
                        grid.rows[number] = cells
                    if not allowance.take(cells):
                        break
                elif name == "mergeCell":
                    grid.merged.append(_range(attribute(element, "ref")))
                else:
                    grid.last_row = _range(attribute(element, "ref"))[2] + 1
        except BROKEN:
            grid.damaged = True
        return grid

    def _cells(self, row: Element, grid: Grid) -> Cells:
        cells: Cells = {}
        column = -1
        for cell in row:
            reference = cell.get("r")
            column = _column(reference.rstrip("0123456789")) if reference else column + 1
            text = self._text(cell, grid)
            if text:
                cells[column] = text
        return cells

    def _text(self, cell: Element, grid: Grid) -> str:
        """The text that a cell shows."""
        kind = cell.get("t") or "n"
        if kind == "inlineStr":
            return flat(rich_text(child(cell, "is")))
        raw = ""
        for item in cell:
            if item.tag.endswith("}v"):
                raw = item.text or ""
        if not raw:
            grid.without_value += child(cell, "f") is not None
            return ""
        if kind == "n":
            style = cell.get("s") or "0"
            known = style.isdecimal() and int(style) < len(self.formats)
            return _number(raw, self.formats[int(style)] if known else "General", self.since_1904)
        if kind == "s":
            known = raw.isdecimal() and int(raw) < len(self.strings)
            return self.strings[int(raw)] if known else ""
        if kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        return flat(unescaped(raw).replace("T", " ") if kind == "d" else unescaped(raw))


def rich_text(item: Element | None) -> str:
    """The text of a string with formatted runs, without the readings above Asian letters."""
    if item is None:
        return ""
    parts = [
        text.text or ""
        for text in item.iter("{*}t")
        if text.getparent() is item or local(text.getparent()) != "rPh"
    ]
    return unescaped("".join(parts))


def unescaped(text: str) -> str:
    """Characters that XML cannot hold are written as "_x000D_"."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def place_of(reference: str) -> tuple[int, int]:
    """Row and column from 0 of a reference such as "B12"; the first cell for nonsense."""
    match = _REFERENCE.fullmatch(reference)
    return (int(match[2]) - 1, _column(match[1])) if match else (0, 0)


def _range(reference: str) -> Range:
    first, _, last = reference.partition(":")
    return (*place_of(first), *place_of(last or first))


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


@lru_cache(maxsize=50_000)
def _number(raw: str, code: str, since_1904: bool) -> str:
    try:
        return displayed(float(raw), code, since_1904=since_1904)
    except ValueError:
        return flat(raw)


def _strings(package: OfficePackage, workbook: str) -> list[str]:
    strings: list[str] = []
    names = package.related(workbook, "sharedStrings") or ["xl/sharedStrings.xml"]
    with suppress(*BROKEN):
        for item in package.elements(names[0], "si"):
            strings.append(flat(rich_text(item)))
    return strings


def _formats(package: OfficePackage, workbook: str) -> list[str]:
    """The number format of each cell style."""
    root = package.xml((package.related(workbook, "styles") or ["xl/styles.xml"])[0])
    if root is None:
        return []
    codes = dict(BUILT_IN)
    for item in root.iterfind("{*}numFmts/{*}numFmt"):
        number = item.get("numFmtId") or ""
        if number.isdecimal():
            codes[int(number)] = item.get("formatCode") or "General"
    numbers = (item.get("numFmtId") or "0" for item in root.iterfind("{*}cellXfs/{*}xf"))
    return [codes.get(int(n) if n.isdecimal() else 0, "General") for n in numbers]
