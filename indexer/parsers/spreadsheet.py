"""Workbooks of Excel before 2007, binary ones, and those of OpenDocument."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import delimited, html, xlsx
from indexer.parsers._biff import BookLook, SheetLook, book_look
from indexer.parsers._compound import compound_file, is_compound, properties_of
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._number_formats import displayed, general
from indexer.parsers._ods import parse_ods
from indexer.parsers._ooxml import OfficePackage
from indexer.parsers._package import password_protected
from indexer.parsers._sheet import (
    Allowance,
    Cells,
    comment_text,
    flat,
    left_out,
    reference,
    sheet_blocks,
)
from indexer.parsers._signatures import format_of
from indexer.parsers._spreadsheetml import is_spreadsheetml, parse_spreadsheetml
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".xls", ".xlt", ".xlsb", ".ods", ".ots"})

_XLS, _XLSB = "application/vnd.ms-excel", "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
_EPOCH = datetime(1899, 12, 30)


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Every sheet from a new page on: its name, its tables and, in .xls and .ods, its comments.

    What the file holds decides, not its name: programs export web pages and text under the name
    of a workbook. Raises UnreadableDocument for a damaged or encrypted file and one without
    content, LimitExceeded for one that unpacks to more than ``settings.output_bytes``.
    """
    if is_compound(path):
        return _xls(path, settings)
    if zipfile.is_zipfile(path):
        with OfficePackage(path, settings) as package:
            is_ods, is_xlsx = "content.xml" in package, "xl/workbook.xml" in package
            metadata = {} if is_ods else package.properties()
        if is_ods:
            return parse_ods(path, settings)
        if is_xlsx:
            return xlsx.parse(path, settings)
        return _values(path, settings, _XLSB, BookLook(), metadata)
    with path.open("rb") as file:
        head = file.read(4096)
    if is_spreadsheetml(head):
        return parse_spreadsheetml(path, settings)
    if format_of(head).suffix == ".html":
        return html.parse(path, settings)
    return delimited.parse(path, settings)


def _xls(path: Path, settings: ParserSettings) -> ParsedDocument:
    with compound_file(path) as file:
        name = next((name for name in ("Workbook", "Book") if file.exists(name)), "")
        if not name:
            raise UnreadableDocument(
                path, cause="no workbook in it", remedy="give it the suffix of its format"
            )
        with file.openstream(name) as stream:
            look = book_look(stream.read())
        metadata = properties_of(file)
    if look.encrypted:
        raise password_protected(path)
    return _values(path, settings, _XLS, look, metadata)


def _values(
    path: Path,
    settings: ParserSettings,
    media_type: str,
    look: BookLook,
    metadata: dict[str, str],
) -> ParsedDocument:
    """The sheets with the values that calamine reads and the ``look`` that it does not."""
    warnings: list[str] = []
    with _calamine(path) as book:
        blocks = list(_blocks(book, look, settings, warnings))
    return flow_document(
        path,
        blocks,
        settings,
        media_type=media_type,
        title=metadata.pop("title", "") or path.stem,
        metadata=metadata,
        warnings=tuple(warnings),
    )


@contextmanager
def _calamine(path: Path) -> Iterator[Any]:
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            yield book
    except python_calamine.PasswordError as exc:
        raise password_protected(path) from exc
    except (python_calamine.CalamineError, OSError, ValueError) as exc:
        raise _damaged(path) from exc
    except BaseException as exc:
        # A panic of the Rust library is no Exception, but no reason to give up either.
        if type(exc).__name__ != "PanicException":
            raise
        raise _damaged(path) from exc


def _damaged(path: Path) -> UnreadableDocument:
    return UnreadableDocument(path, cause="damaged workbook", remedy="save it again in its program")


def _blocks(
    book: Any, look: BookLook, settings: ParserSettings, warnings: list[str]
) -> Iterator[FlowBlock]:
    allowance = Allowance()
    omitted: list[str] = []
    names = book.sheet_names
    looks = look.sheets if len(look.sheets) == len(names) else [SheetLook() for _ in names]
    for index, (name, sheet_look) in enumerate(zip(names, looks, strict=True)):
        if allowance.spent:
            omitted.append(f"sheet {flat(name)}")
            continue
        sheet = book.get_sheet_by_index(index)
        rows: dict[int, Cells] = {}
        # The rows come from the first one on, but without the empty columns before the data.
        left = sheet.start[1] if sheet.start else 0
        for number, values in enumerate(sheet.iter_rows()):
            rows[number] = {
                column: text
                for column, value in enumerate(values, start=left)
                if (text := _text(value, sheet_look.formats.get((number, column), "")))
            }
            if not allowance.take(rows[number]):
                omitted.append(
                    f"sheet {flat(name)} after row {number + 1:,} of {sheet.total_height:,}"
                )
                break
        merged = [(*top_left, *end) for top_left, end in sheet.merged_cell_ranges or ()]
        body = list(sheet_blocks(rows, merged, settings.text_page_chars))
        body += [FlowBlock(kind="paragraph", text=text) for text in sheet_look.boxes if text]
        body += _comments(sheet_look)
        if body:
            yield FlowBlock(kind="heading", text=flat(name), level=1, new_page=True)
            yield from body
    warnings.extend(left_out(omitted))


def _text(value: object, code: str) -> str:
    """What a cell shows; ``code`` is its number format, "" where that is not known."""
    if isinstance(value, str):
        return flat(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return displayed(value, code) if code else general(value)
    if code:
        days = _days(value)
        return flat(str(value)) if days is None else displayed(days, code)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return flat(str(value))


def _days(value: object) -> float | None:
    """A date or time as the days that it is stored as."""
    if isinstance(value, datetime):
        return (value - _EPOCH) / timedelta(days=1)
    if isinstance(value, date):
        return float((value - _EPOCH.date()).days)
    if isinstance(value, time):
        return (datetime.combine(_EPOCH, value) - _EPOCH) / timedelta(days=1)
    return value / timedelta(days=1) if isinstance(value, timedelta) else None


def _comments(look: SheetLook) -> Iterator[FlowBlock]:
    for row, column, author, text in sorted(look.comments):
        yield FlowBlock(
            kind="paragraph", text=comment_text(author, "", text, reference(row, column))
        )
