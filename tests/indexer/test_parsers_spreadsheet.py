"""Older workbooks and those of OpenDocument: values with the look their program gives them."""

import struct
import zipfile
from pathlib import Path

import pytest
from odfdo import Cell, Document, Row, Table

from indexer.domain import Page, ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import spreadsheet
from indexer.settings import ParserSettings
from tests.contracts.made import xlsx as made_xlsx
from tests.contracts.made.msg import compound

SETTINGS = ParserSettings()
GENERAL, MONEY, PERCENT, DAY = 15, 16, 17, 18  # styles of the made workbooks

Value = tuple[int, int, float | str, int]
"""Row, column, value and style of a cell."""


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def wide(words: str, size: str = "<H") -> bytes:
    return struct.pack(size, len(words)) + b"\1" + words.encode("utf-16-le")


def xls(
    values: list[Value], *, merged: tuple[int, ...] = (), extra: bytes = b"", head: bytes = b""
) -> bytes:
    """A workbook of one sheet "Лист" as Excel 97 writes it; ``extra`` ends the sheet."""
    begin = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0x0DBB, 0x07CC, 0, 6))
    formats = record(0x41E, struct.pack("<H", 164) + wide("dd.mm.yyyy"))
    styles = b"".join(
        record(0xE0, struct.pack("<HH", 0, number) + bytes(16))
        for number in [0] * 16 + [4, 10, 164]
    )
    cells = b""
    for row, column, value, style in values:
        place = struct.pack("<HHH", row, column, style)
        if isinstance(value, str):
            cells += record(0x204, place + wide(value))
        else:
            cells += record(0x203, place + struct.pack("<d", value))
    joined = record(0xE5, struct.pack("<H4H", 1, *merged)) if merged else b""
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 16, 0x0DBB, 0x07CC, 0, 6))
    sheet += cells + joined + extra + record(0x0A)

    def opening(offset: int) -> bytes:
        bound = struct.pack("<IH", offset, 0) + wide("Лист", "<B")
        return begin + head + formats + styles + record(0x85, bound) + record(0x0A)

    stream = opening(len(opening(0))) + sheet
    return compound({"Workbook": stream.ljust(4096, b"\0")})


def parsed(folder: Path, data: bytes, name: str = "book.xls") -> ParsedDocument:
    path = folder / name
    path.write_bytes(data)
    return spreadsheet.parse(path, SETTINGS)


def lines(page: Page) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in page.blocks]


def test_xls_shows_numbers_and_dates_as_excel_does(tmp_path: Path) -> None:
    values: list[Value] = [
        (0, 1, "Товар", 15), (0, 2, "Цена", 15), (0, 3, "Доля", 15), (0, 4, "Дата", 15),
        (1, 1, "лодка", 15), (1, 2, 1234.5, MONEY), (1, 3, 0.25, PERCENT), (1, 4, 45292, DAY),
        (2, 1, "весло", 15), (2, 2, 3, GENERAL), (2, 3, 0.1, GENERAL), (2, 4, 45292.5, DAY),
    ]  # fmt: skip
    page = next(parsed(tmp_path, xls(values)).pages)
    assert lines(page) == [
        ("heading", "Лист"),
        (
            "table",
            "Товар | Цена | Доля | Дата\n"
            "лодка | 1,234.50 | 25.00% | 01.01.2024\n"
            "весло | 3 | 0.1 | 01.01.2024",
        ),
    ]


def test_xls_repeats_merged_cells(tmp_path: Path) -> None:
    values: list[Value] = [
        (0, 0, "who", 15), (0, 1, "what", 15), (1, 0, "Ann", 15), (1, 1, "x", 15), (2, 1, "y", 15),
    ]  # fmt: skip
    page = next(parsed(tmp_path, xls(values, merged=(1, 2, 0, 0))).pages)
    assert lines(page)[1:] == [("table", "who | what\nAnn | x\nAnn | y")]


def test_xls_keeps_comments_and_text_boxes(tmp_path: Path) -> None:
    def drawn(kind: int, number: int, *parts: str) -> bytes:
        shape = record(0x5D, struct.pack("<HHHH", 0x15, 18, kind, number) + bytes(14))
        length = sum(map(len, parts))
        head = record(0x1B6, struct.pack("<HHHHHHHI", 0, 0, 0, 0, 0, length, 16, 0))
        texts = b"".join(record(0x3C, b"\1" + part.encode("utf-16-le")) for part in parts)
        return shape + head + texts + record(0x3C, bytes(16))

    note = record(0x1C, struct.pack("<HHHH", 1, 27, 0, 7) + wide("Анна") + b"\0")
    extra = drawn(0x19, 7, "Про", "верить") + drawn(6, 8, "In a box") + note
    page = next(parsed(tmp_path, xls([(0, 0, "a", 15)], extra=extra)).pages)
    assert lines(page)[1:] == [
        ("paragraph", "a"),
        ("paragraph", "In a box"),
        ("paragraph", "[author: Анна]: Проверить (on AB2)"),
    ]


def test_xls_with_a_password_is_reported(tmp_path: Path) -> None:
    data = xls([(0, 0, "a", 15)], head=record(0x2F, bytes(54)))
    with pytest.raises(UnreadableDocument, match="password"):
        parsed(tmp_path, data)


def test_compound_file_without_a_book_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="no workbook"):
        parsed(tmp_path, compound({"Other": b"content"}))


def test_cut_stream_is_refused_in_one_line(tmp_path: Path) -> None:
    whole = xls([(row, 0, f"text {row}", 15) for row in range(2000)])
    with pytest.raises(UnreadableDocument) as caught:
        list(parsed(tmp_path, whole[: len(whole) // 3]).pages)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "table"),
    [
        (
            b"<html><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></html>",
            "a | b\n1 | 2",
        ),
        ("имя\tчисло\nлодка\t2\n".encode("utf-16"), "имя | число\nлодка | 2"),
    ],
)
def test_exports_under_the_name_of_a_book_are_read(
    tmp_path: Path, content: bytes, table: str
) -> None:
    assert lines(next(parsed(tmp_path, content).pages)) == [("table", table)]


def test_newer_book_under_the_older_name_is_read(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    made_xlsx.make(path)
    page = next(parsed(tmp_path, path.read_bytes()).pages)
    assert lines(page)[:1] == [("heading", "Harbour")]


def ods(folder: Path, *tables: Table) -> Path:
    document = Document("spreadsheet")
    document.body.clear()
    for table in tables:
        document.body.append(table)
    document.meta.title = "Отчёт"
    path = folder / "book.ods"
    document.save(str(path))
    return path


def with_content(path: Path, rows: str, before: str = "") -> Path:
    """The rows of the first sheet as written in XML."""
    with zipfile.ZipFile(path) as file:
        held = {name: file.read(name) for name in file.namelist()}
    spaces = " ".join(
        f'xmlns:{name}="urn:{name}"'
        for name in ("office", "table", "text", "dc", "draw", "svg", "xlink")
    )
    held["content.xml"] = (
        f'<x {spaces}>{before}<table:table table:name="Лист">{rows}</table:table></x>'.encode()
    )
    with zipfile.ZipFile(path, "w") as file:
        for name, data in held.items():
            file.writestr(name, data)
    return path


def row(*cells: str, repeated: int = 1) -> str:
    count = f'table:number-rows-repeated="{repeated}"'
    return f"<table:table-row {count}>{''.join(cells)}</table:table-row>"


def cell(words: str, attributes: str = "", inner: str = "") -> str:
    return f"<table:table-cell {attributes}>{inner}<text:p>{words}</text:p></table:table-cell>"


def test_ods_sheets_are_read_with_their_title(tmp_path: Path) -> None:
    sheets = []
    for name in ("Первый", "Second"):
        sheets.append(Table(name))
        line = Row()
        line.set_values(["a", 1.5])
        line.append_cell(Cell(True))
        sheets[-1].append_row(line)
    document = spreadsheet.parse(ods(tmp_path, *sheets), SETTINGS)
    assert document.header.title == "Отчёт"
    assert [lines(page) for page in document.pages] == [
        [("heading", name), ("table", "a | 1.5 | true")] for name in ("Первый", "Second")
    ]


def test_ods_shows_what_its_program_shows(tmp_path: Path) -> None:
    covered = "<table:covered-table-cell/>"
    rows = (
        row(cell("who", 'table:number-columns-spanned="2"'), covered, cell("price"))
        + row(
            cell("a<text:s/>b<text:line-break/>c"),
            cell("x"),
            cell("1 234,50 ₽", 'office:value="1234.5"'),
        )
        + row(
            cell("rest", 'table:number-columns-repeated="2"'),
            '<table:table-cell office:value="7"/>',
        )
        + row("<table:table-cell/>", repeated=1_048_573)
    )
    path = with_content(ods(tmp_path), rows)
    assert lines(next(spreadsheet.parse(path, SETTINGS).pages))[1:] == [
        ("table", "who | who | price\na b c | x | 1 234,50 ₽\nrest | rest | 7")
    ]


def test_ods_keeps_comments_and_text_boxes(tmp_path: Path) -> None:
    note = (
        "<office:annotation><dc:creator>Анна</dc:creator><dc:date>2024-05-07T09:30:00</dc:date>"
        "<text:p>Почему?</text:p></office:annotation>"
    )
    box = "<draw:frame><draw:text-box><text:p>In a box</text:p></draw:text-box></draw:frame>"
    rows = f"<table:shapes>{box}</table:shapes>{row(cell('a'), cell('b', inner=note))}"
    path = with_content(ods(tmp_path), rows)
    assert lines(next(spreadsheet.parse(path, SETTINGS).pages))[1:] == [
        ("table", "a | b"),
        ("paragraph", "In a box"),
        ("paragraph", "[author: Анна, time: 2024-05-07T09:30:00]: Почему? (on B1)"),
    ]


def test_damaged_ods_keeps_what_is_sound(tmp_path: Path) -> None:
    rows = "".join(row(cell(f"row {number}"), cell("x")) for number in range(9))
    path = with_content(ods(tmp_path), rows + "<table:table-row><broken")
    document = spreadsheet.parse(path, SETTINGS)
    assert document.header.warnings == ("the file is damaged; only part of it is read",)
    assert "row 8 | x" in next(document.pages).blocks[1].text


def test_ods_with_a_password_is_reported(tmp_path: Path) -> None:
    path = with_content(ods(tmp_path), "")
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate name"):
        file.writestr("META-INF/manifest.xml", "<m><e><encryption-data/></e></m>")
    with pytest.raises(UnreadableDocument, match="password"):
        spreadsheet.parse(path, SETTINGS)


def test_books_in_the_xml_of_2003_are_read(tmp_path: Path) -> None:
    content = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles>'
        '<Style ss:ID="d"><NumberFormat ss:Format="dd\\.mm\\.yyyy"/></Style>'
        '<Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style></Styles>'
        '<Worksheet ss:Name="Счёт"><Table><Row><Cell ss:MergeAcross="1"><Data ss:Type="String">'
        'кто</Data></Cell><Cell><Data ss:Type="String">когда</Data></Cell></Row>'
        '<Row ss:Index="2"><Cell><Data ss:Type="String">Анна</Data><Comment ss:Author="B"><Data>'
        'Why?</Data></Comment></Cell><Cell ss:StyleID="p"><Data ss:Type="Number">0.5</Data></Cell>'
        '<Cell ss:StyleID="d"><Data ss:Type="DateTime">2024-01-05T00:00:00.000</Data></Cell></Row>'
        "</Table></Worksheet></Workbook>"
    )
    for data in (content.encode(), content.encode("utf-16")):
        assert lines(next(parsed(tmp_path, data).pages)) == [
            ("heading", "Счёт"),
            ("table", "кто | кто | когда\nАнна | 50.00% | 05.01.2024"),
            ("paragraph", "[author: B]: Why? (on A2)"),
        ]
    document = parsed(tmp_path, content[: content.index("<Comment")].encode())
    assert document.header.warnings == ("the file is damaged; only part of it is read",)


def test_binary_books_are_read(tmp_path: Path) -> None:
    def part(kind: int, content: bytes = b"") -> bytes:
        number = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
        return number + bytes([len(content)]) + content

    def words(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    book = (
        part(131) + part(143) + part(156, struct.pack("<II", 0, 1) + words("rId1") + words("Лист"))
    )
    book += part(144) + part(132)
    cells = part(0, struct.pack("<I", 0) + bytes(13))
    cells += part(6, struct.pack("<II", 0, 0) + words("лодка"))
    cells += part(5, struct.pack("<IId", 1, 0, 2.0))
    sheet = part(129) + part(148, struct.pack("<4I", 0, 0, 0, 1)) + part(145) + cells
    sheet += part(146) + part(130)
    relation = (
        '<Relationships><Relationship Id="rId1" Type="http://x/{}" Target="{}"/></Relationships>'
    )
    path = tmp_path / "book.xlsb"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("_rels/.rels", relation.format("officeDocument", "xl/workbook.bin"))
        file.writestr(
            "xl/_rels/workbook.bin.rels", relation.format("worksheet", "worksheets/s.bin")
        )
        file.writestr("xl/workbook.bin", book)
        file.writestr("xl/worksheets/s.bin", sheet)
    assert lines(next(spreadsheet.parse(path, SETTINGS).pages)) == [
        ("heading", "Лист"),
        ("table", "лодка | 2"),
    ]
