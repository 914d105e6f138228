"""Excel workbooks: sheets as a person sees them, whatever else is in the file."""

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image

from indexer.domain import Page, ParsedDocument
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.parsers import _sheet, xlsx
from indexer.parsers._number_formats import displayed
from indexer.parsers._sheet import sheet_blocks
from indexer.settings import ParserSettings
from tests.contracts.made.msg import compound

SETTINGS = ParserSettings()
SHEET = "xl/worksheets/sheet1.xml"


def saved(folder: Path, fill: Callable[[Any], None]) -> Path:
    book = Workbook()
    fill(book.active)
    path = folder / "book.xlsx"
    book.save(path)
    return path


def changed(path: Path, parts: dict[str, bytes | Callable[[bytes], bytes] | None]) -> Path:
    """The package with parts added, changed by a function, or (None) left out."""
    with zipfile.ZipFile(path) as file:
        held: dict[str, bytes | None] = {name: file.read(name) for name in file.namelist()}
    for name, part in parts.items():
        held[name] = part(held[name] or b"") if callable(part) else part
    with zipfile.ZipFile(path, "w") as file:
        for name, data in held.items():
            if data is not None:
                file.writestr(name, data)
    return path


def parsed(path: Path) -> ParsedDocument:
    return xlsx.parse(path, SETTINGS)


def lines(page: Page) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in page.blocks]


def grid(text: str, chars: int = 20_000) -> list[tuple[str, str]]:
    """The blocks of a sheet drawn with commas; an empty cell is empty."""
    rows = {
        number: {column: cell for column, cell in enumerate(line.split(",")) if cell}
        for number, line in enumerate(text.split("\n"))
    }
    return [(block.kind, block.text) for block in sheet_blocks(rows, (), chars)]


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (123456789012, "General", "123456789012"),
        (0.00001234, "General", "0.00001234"),
        (1e20, "General", "1E+20"),
        (1234.5, "#,##0.00", "1,234.50"),
        (-5, "#,##0;(#,##0)", "(5)"),
        (0, '0;-0;"none"', "none"),
        (-0.2, "0", "0"),
        (0.256, "0.0%", "25.6%"),
        (1234567, '#,##0,"K"', "1,235K"),
        (99.5, "#,##0.00\\ [$₽-419]", "99.50 ₽"),
        (-99.5, '"$"#,##0.00_);[Red]\\("$"#,##0.00\\)', "($99.50)"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (42, "00000", "00042"),
        (12345.678, "0.00E+00", "1.23E+04"),
        (1.25, "# ?/?", "1 1/4"),
        (0.5, "?/8", "4/8"),
        (3, '[>100]"big";[<10]"small";0', "small"),
        (45292, "dd.mm.yyyy", "01.01.2024"),
        (45292.75, "m/d/yy h:mm AM/PM", "1/1/24 6:00 PM"),
        (45292.75, "[$-419]d mmmm yyyy", "1 января 2024"),
        (45292.75, "[$-419]mmmm yyyy", "январь 2024"),
        (45292, "yyyy\\-m\\-d\\ h:mm:ss", "2024-01-01 00:00:00"),
        (45292.999999, "yyyy-mm-dd hh:mm", "2024-01-02 00:00"),
        (1.5, "[h]:mm", "36:00"),
        (3661.25 / 86400, "mm:ss.00", "01:01.25"),
        (-1, "yyyy-mm-dd", "-1"),
        (1e300, "0.00", "1E+300"),
        (float("inf"), "0", "INF"),
        (7, "", "7"),
    ],
)
def test_numbers_are_shown_as_their_format_says(value: float, code: str, shown: str) -> None:
    assert displayed(value, code or "General") == shown


def test_dates_may_count_from_1904() -> None:
    assert displayed(0, "yyyy-mm-dd", since_1904=True) == "1904-01-01"


def test_cells_are_shown_as_the_program_shows_them(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.title = "Продажи"
        sheet.append(["Товар", "Цена", "Доля", "Дата", "Срок", "Есть"])
        sheet.append(["лодка\nбольшая", 1234.5, 0.256, date(2024, 1, 5), timedelta(hours=30), True])
        sheet.append(["весло", 3.0, 1, datetime(2024, 2, 1, 13, 30), time(8, 15), False])
        for row in (2, 3):
            for column, code in enumerate(("#,##0.00", "0.0%", "dd.mm.yyyy", "[h]:mm"), start=2):
                sheet.cell(row, column).number_format = code

    assert lines(next(parsed(saved(tmp_path, fill)).pages)) == [
        ("heading", "Продажи"),
        (
            "table",
            "Товар | Цена | Доля | Дата | Срок | Есть\n"
            "лодка большая | 1,234.50 | 25.6% | 05.01.2024 | 30:00 | TRUE\n"
            "весло | 3.00 | 100.0% | 01.02.2024 | 8:15 | FALSE",
        ),
    ]


def test_sheets_start_pages_and_hidden_ones_are_read(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["a", "b"])
        sheet.append(["seen", "too"])
        sheet.row_dimensions[2].hidden = True
        hidden = sheet.parent.create_sheet("Secret")
        hidden.sheet_state = "veryHidden"
        hidden.append(["x", "y"])
        sheet.parent.create_sheet("Empty")

    document = parsed(saved(tmp_path, fill))
    assert document.header.page_count == 2
    assert [lines(page) for page in document.pages] == [
        [("heading", "Sheet"), ("table", "a | b\nseen | too")],
        [("heading", "Secret"), ("table", "x | y")],
    ]


def test_merged_cells_are_repeated_and_titles_stand_above(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        for row in (
            ["Отчёт"], ["Year 2024"], [None, "Half", None], ["Name", "first", "second"],
            ["Ann", 1, 2], [None, 3, 4],
        ):  # fmt: skip
            sheet.append(row)
        for place in ("A1:F1", "B3:C3", "A5:A6"):
            sheet.merge_cells(place)

    assert lines(next(parsed(saved(tmp_path, fill)).pages)) == [
        ("heading", "Sheet"),
        ("heading", "Отчёт"),
        ("caption", "Year 2024"),
        ("table", " | Half | Half\nName | first | second\nAnn | 1 | 2\nAnn | 3 | 4"),
    ]


@pytest.mark.parametrize(
    ("drawn", "blocks"),
    [
        (
            "Name,Score,,City,People\nAnn,1,,Oslo,5\nBob,2,,Rome,6",
            [
                ("table", "Name | Score\nAnn | 1\nBob | 2"),
                ("table", "City | People\nOslo | 5\nRome | 6"),
            ],
        ),
        (
            "Item,2022,,2023\nfish,5,,6\nsalt,7,,8",
            [("table", "Item | 2022 | 2023\nfish | 5 | 6\nsalt | 7 | 8")],
        ),
        (
            "Item,Price\nNut,5\n\nBolt,6\n\nTotal,11",
            [("table", "Item | Price\nNut | 5\nBolt | 6\nTotal | 11")],
        ),
        (
            "Task,Owner\n\nWrite,Ann\nRead,Bob",
            [("table", "Task | Owner\nWrite | Ann\nRead | Bob")],
        ),
        (
            "First\nAnn,x\nBob,y\n\nSecond\nCid,z\nDan,w",
            [
                ("heading", "First"), ("table", "Ann | x\nBob | y"),
                ("heading", "Second"), ("table", "Cid | z\nDan | w"),
            ],
        ),
        (
            "A,B,,\nc,d,,\n,,E,F\n,,g,h",
            [("table", "A | B\nc | d"), ("table", "E | F\ng | h")],
        ),
        (
            "A,B\nc,1\n\nA remark that is much too long to be the name of anything that "
            "follows it at all.",
            [
                ("table", "A | B\nc | 1"),
                ("paragraph", "A remark that is much too long to be the name of anything that "
                 "follows it at all."),
            ],
        ),
        ("Country\nFrance\nSpain\nItaly", [("list", "Country\nFrance\nSpain\nItaly")]),
    ],
)  # fmt: skip
def test_tables_are_told_apart(drawn: str, blocks: list[tuple[str, str]]) -> None:
    assert grid(drawn) == blocks


def test_header_row_starts_every_piece_of_a_long_table() -> None:
    found = grid("Name,Size\n" + "\n".join(f"n{number},{number}" for number in range(100)))
    pieces = [text.split("\n") for _, text in found]
    assert [len(piece) for piece in pieces] == [40, 40, 23]
    assert {piece[0] for piece in pieces} == {"Name | Size"}
    assert [row for piece in pieces for row in piece[1:]] == [f"n{n} | {n}" for n in range(100)]


def test_first_row_of_numbers_is_no_header_to_repeat() -> None:
    found = grid("\n".join(f"{number},{number * 2}" for number in range(1, 60)))
    rows = [row for _, text in found for row in text.split("\n")]
    assert rows == [f"{number} | {number * 2}" for number in range(1, 60)]


def test_wide_tables_are_cut_into_groups_of_columns_with_the_first_one() -> None:
    head = ["id", *(f"a long name of column {number}" for number in range(60))]
    body = ["7", *(f"value {number}" for number in range(60))]
    found = [text.split("\n") for _, text in grid(f"{','.join(head)}\n{','.join(body)}")]
    assert len(found) > 3
    assert all(top.startswith("id | ") and row.startswith("7 | ") for top, row in found)
    assert [cell for top, _ in found for cell in top.split(" | ")[1:]] == head[1:]
    assert max(len(top) + len(row) for top, row in found) < 500


def test_stored_values_of_formulas_are_read_and_missing_ones_counted(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["sum", "=1+1", "=2+2"])

    path = saved(tmp_path, fill)
    changed(path, {SHEET: lambda data: data.replace(b"<f>1+1</f><v/>", b"<f>1+1</f><v>2</v>")
                   .replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")})  # fmt: skip
    document = parsed(path)
    assert document.header.warnings == (
        "formulas without a stored value: 1; save it again in its program",
    )
    assert lines(next(document.pages))[1] == ("table", "sum | 2")


def test_comments_name_their_cell_author_and_time(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["a", "b"])
        sheet["B1"].comment = Comment("Анна:\nПочему?", "Анна")
        sheet["A1"].comment = Comment("[Threaded comment] Your version of Excel ...", "tc={1}")

    thread = (
        '<ThreadedComments><threadedComment ref="A1" dT="2024-05-07T09:30:10.5" personId="{P}">'
        "<text>Is it so?</text></threadedComment></ThreadedComments>"
    )
    relation = '<Relationship Id="{}" Type="http://x/{}" Target="{}"/></Relationships>'

    def with_relation(*parts: str) -> Callable[[bytes], bytes]:
        added = relation.format(*parts).encode()
        return lambda data: data.replace(b"</Relationships>", added)

    path = changed(
        saved(tmp_path, fill),
        {
            "xl/threads.xml": thread.encode(),
            "xl/people.xml": b'<personList><person id="{P}" displayName="Boris"/></personList>',
            "xl/_rels/workbook.xml.rels": with_relation("rP", "person", "people.xml"),
            "xl/worksheets/_rels/sheet1.xml.rels": with_relation(
                "rT", "threadedComment", "/xl/threads.xml"
            ),
        },
    )
    assert lines(next(parsed(path).pages))[2:] == [
        ("paragraph", "[author: Boris, time: 2024-05-07T09:30:10.5]: Is it so? (on A1)"),
        ("paragraph", "[author: Анна]: Почему? (on B1)"),
    ]


def test_pictures_charts_and_text_boxes_follow_the_cells(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        stored = BytesIO()
        Image.new("RGB", (120, 90), "red").save(stored, "PNG")
        sheet.append(["x", "y"])
        sheet.append(["q", 1])
        sheet.add_image(SheetImage(stored), "D1")
        chart = BarChart()
        chart.title = "Уловы"
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
        sheet.add_chart(chart, "D9")

    box = (
        b"<xdr:twoCellAnchor><xdr:sp><xdr:txBody><a:p><a:r><a:t>Boxed</a:t></a:r></a:p>"
        b"</xdr:txBody></xdr:sp></xdr:twoCellAnchor>"
    )

    def with_box(data: bytes) -> bytes:
        data = data.replace(b"<wsDr ", b'<wsDr xmlns:xdr="http://x" ').replace(
            b'descr="Name of file"', b'descr="A red sail"'
        )
        data = re.sub(rb'(<(?:\w+:)?cNvPr id="1")', rb'\1 descr="A red sail"', data, count=1)
        space = b' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        box_there = box.replace(b"<xdr:twoCellAnchor>", b"<xdr:twoCellAnchor" + space + b">")
        return re.sub(rb"</((?:\w+:)?wsDr)>", lambda end: box_there + end[0], data)

    path = saved(tmp_path, fill)
    changed(path, {"xl/drawings/drawing1.xml": with_box})
    page = next(parsed(path).pages)
    assert ("caption", "Уловы") in lines(page)
    assert ("paragraph", "Boxed") in lines(page)
    assert len(page.figures) == 1
    raster = page.figures[0].raster
    assert raster is not None
    assert (raster.width, raster.height) == (120, 90)


def test_texts_with_runs_and_escapes_are_whole(tmp_path: Path) -> None:
    cells = (
        '<c r="A1" t="inlineStr"><is><r><t>Boat</t></r><r><t xml:space="preserve"> yard_x000D_s</t>'
        '</r><rPh><t>reading</t></rPh></is></c><c r="C1" t="e"><v>#DIV/0!</v></c>'
        '<c t="d"><v>2024-05-07T09:30:00</v></c>'
    )
    path = saved(tmp_path, lambda sheet: sheet.append(["replaced"]))
    row = f'<row r="1">{cells}</row>'.encode()
    changed(path, {SHEET: lambda data: re.sub(rb"<row.*</row>", row, data, flags=re.S)})
    assert lines(next(parsed(path).pages))[1:] == [
        ("table", "Boat yard s | #DIV/0! | 2024-05-07 09:30:00")
    ]


def test_strict_files_read_alike(tmp_path: Path) -> None:
    path = saved(tmp_path, lambda sheet: sheet.append(["name", 5]))
    with zipfile.ZipFile(path) as file:
        names = [name for name in file.namelist() if name.endswith((".xml", ".rels"))]
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strict = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    changed(path, dict.fromkeys(names, lambda data: data.replace(main, strict)))
    assert lines(next(parsed(path).pages)) == [("heading", "Sheet"), ("table", "name | 5")]


def test_damaged_sheet_keeps_what_is_sound_and_the_other_sheets(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        for number in range(200):
            sheet.append([f"row {number}", number])
        sheet.parent.create_sheet("Other").append(["whole", "sheet"])

    path = changed(saved(tmp_path, fill), {SHEET: lambda data: data[: len(data) // 2]})
    document = parsed(path)
    assert document.header.warnings == ("sheet Sheet is damaged; only part of it is read",)
    first, second = document.pages
    assert "row 50 | 50" in first.blocks[2].text
    assert lines(second) == [("heading", "Other"), ("table", "whole | sheet")]


def test_lost_list_of_sheets_does_not_lose_them(tmp_path: Path) -> None:
    path = saved(tmp_path, lambda sheet: sheet.append(["still", "here"]))
    changed(path, {"xl/workbook.xml": None, "xl/_rels/workbook.xml.rels": None})
    assert lines(next(parsed(path).pages)) == [("heading", "sheet1"), ("table", "still | here")]


def test_huge_sheets_are_cut_and_the_rest_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(sheet: Any) -> None:
        for number in range(50):
            sheet.append([f"row {number}", number])
        sheet.parent.create_sheet("Late").append(["a", "b"])

    monkeypatch.setattr(_sheet, "MAX_CELLS", 30)
    document = parsed(saved(tmp_path, fill))
    assert document.header.warnings == (
        "only the first 30 cells are read; left out: sheet Sheet after row 10 of 50, sheet Late",
    )
    assert "row 9 | 9" in next(document.pages).blocks[-1].text


def test_merged_cells_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sheet, "MAX_CELLS", 1000)
    rows = {0: {0: "a"}, 1_000_000: {16_000: "b"}}
    found = list(sheet_blocks(rows, [(0, 0, 1_000_000, 16_000)], 20_000))
    assert [block.text for block in found] == ["a", "b"]


def test_title_and_properties_are_those_of_the_file(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["x"])
        sheet.parent.properties.creator = "Анна"

    header = parsed(saved(tmp_path, fill)).header
    assert (header.title, header.metadata["author"]) == ("book", "Анна")


def test_encrypted_book_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(compound({"EncryptedPackage": bytes(100), "EncryptionInfo": bytes(100)}))
    with pytest.raises(UnreadableDocument, match="password"):
        parsed(path)


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    path = changed(saved(tmp_path, lambda sheet: sheet.append(["x"])), {"xl/a.xml": bytes(10**7)})
    assert path.stat().st_size < 10**8
    with pytest.raises(LimitExceeded, match="OUTPUT_BYTES"):
        xlsx.parse(path, ParserSettings(output_bytes=10**6))


def test_book_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="no text"):
        parsed(saved(tmp_path, lambda sheet: None))
