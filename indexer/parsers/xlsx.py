"""Excel workbooks: sheets as their reader sees them, with pictures, text boxes and comments."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers._drawingml import Drawing, box_of
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._ooxml import Element, OfficePackage, attribute, child, children, settle
from indexer.parsers._sheet import Allowance, comment_text, flat, left_out, sheet_blocks
from indexer.parsers._xlsx_cells import Book, place_of, rich_text
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm"})

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Every sheet, hidden ones too, from a new page on: its name, tables, drawings and comments.

    Numbers and dates are shown as their format says, formulas by their stored value. Raises
    UnreadableDocument for a damaged or encrypted file and one without content, LimitExceeded for
    one that unpacks to more than ``settings.output_bytes``.
    """
    warnings: list[str] = []
    with OfficePackage(path, settings) as package:
        names = package.related("", "officeDocument") or ["xl/workbook.xml"]
        root = package.xml(names[0])
        sheets = _sheets(package, names[0], root)
        if not sheets:
            raise UnreadableDocument(
                path, cause="no sheets in it", remedy="save it again in its program"
            )
        book = Book.of(package, names[0], root)
        blocks = list(_blocks(package, book, sheets, settings, warnings))
        metadata = package.properties()
        warnings += package.warnings
    return flow_document(
        path,
        blocks,
        settings,
        media_type=_MEDIA_TYPE,
        title=metadata.pop("title", "") or path.stem,
        metadata=metadata,
        warnings=tuple(warnings),
    )


def _sheets(package: OfficePackage, workbook: str, root: Element | None) -> list[tuple[str, str]]:
    """Name and part of each sheet; where the list of them is lost, the parts that look like one."""
    relations = package.relations(workbook)
    listed = () if root is None else root.iterfind("{*}sheets/{*}sheet")
    found = [
        (flat(item.get("name") or ""), relations.get(attribute(item, "id"))) for item in listed
    ]
    if any(relation is not None for _, relation in found):
        return [(name, relation.target if relation else "") for name, relation in found]
    parts = sorted(filter(_SHEET.fullmatch, package.names()), key=lambda part: (len(part), part))
    return [(PurePosixPath(part).stem, part) for part in parts]


def _blocks(
    package: OfficePackage,
    book: Book,
    sheets: Sequence[tuple[str, str]],
    settings: ParserSettings,
    warnings: list[str],
) -> Iterator[FlowBlock]:
    people = _people(package, book.part)
    allowance = Allowance()
    omitted: list[str] = []
    without_value = 0
    seen: set[str] = set()
    for name, part in sheets:
        if part not in package:
            warnings.append(f"sheet {name} is missing from the file")
            continue
        if allowance.spent:
            omitted.append(f"sheet {name}")
            continue
        grid = book.grid(package, part, allowance)
        without_value += grid.without_value
        if grid.damaged:
            warnings.append(f"sheet {name} is damaged; only part of it is read")
        if allowance.spent:
            end = f" of {grid.last_row:,}" if grid.last_row else ""
            omitted.append(f"sheet {name} after row {max(grid.rows, default=0) + 1:,}{end}")
        body = list(sheet_blocks(grid.rows, grid.merged, settings.text_page_chars))
        body += _drawn(package, part, settings, seen)
        body += _comments(package, part, people)
        if body:
            yield FlowBlock(kind="heading", text=name, level=1, new_page=True)
            yield from body
    if without_value:
        warnings.append(
            f"formulas without a stored value: {without_value:,}; save it again in its program"
        )
    warnings.extend(left_out(omitted))


def _drawn(
    package: OfficePackage, sheet: str, settings: ParserSettings, seen: set[str]
) -> Iterator[FlowBlock]:
    for part in package.related(sheet, "drawing"):
        root = package.xml(part)
        if root is not None:
            settle(root)
            drawing = Drawing(package, part, settings, chart_data=False, place=box_of, seen=seen)
            yield from drawing.blocks(root)


def _people(package: OfficePackage, workbook: str) -> dict[str, str]:
    """Names of those who comment, by their id."""
    return {
        person.get("id") or "": person.get("displayName") or ""
        for part in package.related(workbook, "person")
        for root in (package.xml(part),)
        if root is not None
        for person in children(root, "person")
    }


def _comments(package: OfficePackage, sheet: str, people: Mapping[str, str]) -> Iterator[FlowBlock]:
    found: list[tuple[tuple[int, int], str]] = []
    threaded: set[str] = set()
    for part in package.related(sheet, "threadedComment"):
        root = package.xml(part)
        for item in () if root is None else children(root, "threadedComment"):
            threaded.add(attribute(item, "ref"))
            author = people.get(attribute(item, "personId"), "")
            text = child(item, "text")
            found.append(_comment(item, author, "" if text is None else text.text or ""))
    for part in package.related(sheet, "comments"):
        root = package.xml(part)
        if root is None:
            continue
        authors = [item.text or "" for item in root.iterfind("{*}authors/{*}author")]
        for item in root.iterfind("{*}commentList/{*}comment"):
            # The older form only tells that the reader's program cannot show the thread.
            if attribute(item, "ref") not in threaded:
                number = attribute(item, "authorId")
                known = number.isdecimal() and int(number) < len(authors)
                author = authors[int(number)] if known else ""
                found.append(_comment(item, author, rich_text(child(item, "text"))))
    for _, text in sorted(found, key=lambda entry: entry[0]):
        yield FlowBlock(kind="paragraph", text=text)


def _comment(item: Element, author: str, text: str) -> tuple[tuple[int, int], str]:
    place = attribute(item, "ref")
    return place_of(place), comment_text(author, attribute(item, "dT"), text, place)
