"""Word's binary files: what Word prints of them is what is indexed."""

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from indexer.domain import Block, Page
from indexer.errors import UnreadableDocument
from indexer.parsers import docx
from indexer.parsers.doc import parse
from indexer.settings import ParserSettings
from tests.contracts.made import rtf as made_rtf
from tests.contracts.made.doc import Paragraph, Word, compound, plain, sprm, streams, write
from tests.contracts.made.docx import make as make_docx

SETTINGS = ParserSettings()
IN_TABLE, ROW_END, SPECIAL = sprm(0x2416, 1), sprm(0x2417, 1), sprm(0x0855, 1)
NOTE_CALLS, NOTE_TEXTS, COMMENT_CALLS, COMMENT_TEXTS, HEADERS = 2, 3, 4, 5, 11
SECTIONS, FONTS, AUTHORS, LISTS, OVERRIDES = 6, 15, 36, 73, 74


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "letter.doc"


def pages_of(path: Path, word: Word) -> list[Page]:
    write(path, word)
    return list(parse(path, SETTINGS).pages)


def blocks_of(path: Path, word: Word) -> list[Block]:
    return [block for page in pages_of(path, word) for block in page.blocks]


def texts(path: Path, *body: Paragraph) -> list[str]:
    return [block.text for block in blocks_of(path, Word(body=body))]


def cell(text: str) -> Paragraph:
    return plain(text, properties=IN_TABLE, mark="\x07")


def row_end(edges: list[int], flags: list[int]) -> Paragraph:
    """The mark that ends a row, with the row's definition."""
    definition = bytes([len(flags)]) + struct.pack(f"<{len(edges)}h", *edges)
    definition += b"".join(flag.to_bytes(2, "little") + bytes(18) for flag in flags)
    size = (len(definition) + 1).to_bytes(2, "little")
    row = sprm(0xD608, size + definition)
    return Paragraph(runs=[], properties=IN_TABLE + ROW_END + row, mark="\x07")


def list_level(kind: int, text: str) -> bytes:
    """A level of a list; the characters 0 to 8 of ``text`` stand for numbers of levels."""
    head = struct.pack("<iBB9sBII4B", 1, kind, 0, bytes(9), 0, 0, 0, 0, 0, 0, 0)
    return head + len(text).to_bytes(2, "little") + text.encode("utf-16-le")


def lists(levels: list[bytes]) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """Tables for one list with one override."""
    entry = struct.pack("<ii18sBB", 77, 0, bytes(18), 0, 0)
    definition = b"\1\0" + entry
    override = struct.pack("<i", 1) + struct.pack("<iII4B", 77, 0, 0, 0, 0, 0, 0) + b"\xff" * 4
    levels = levels + [list_level(255, "")] * (9 - len(levels))
    return {LISTS: definition, OVERRIDES: override}, {LISTS: b"".join(levels)}


def item(text: str, level: int = 0) -> Paragraph:
    return plain(text, properties=sprm(0x260A, level) + sprm(0x460B, 1))


def test_headings_come_from_built_in_styles_and_outline_levels(path: Path) -> None:
    styles = [
        (0, "Normal", b""),
        (62, "Название", b""),
        (2, "Заголовок", b""),
        (4094, "Own", sprm(0x2640, 2)),
    ]
    body = [
        plain("Отчёт", style=1),
        plain("Lamps", style=2),
        plain("Oil", style=3),
        plain("Rope", properties=sprm(0x2640, 0)),
        plain("text", style=2, properties=sprm(0x2640, 9)),
    ]
    blocks = blocks_of(path, Word(body=body, styles=styles))
    assert [(block.kind, block.level, block.text) for block in blocks] == [
        ("heading", 1, "Отчёт"),
        ("heading", 2, "Lamps"),
        ("heading", 3, "Oil"),
        ("heading", 1, "Rope"),
        ("paragraph", 0, "text"),
    ]
    assert parse(path, SETTINGS).header.title == "Отчёт"


def test_text_of_one_byte_a_character_is_windows_latin(path: Path) -> None:
    word = Word(body=[plain("“café” – 5 €"), plain("next\x0bline a\x1eb\x1fc\td")], in_latin=True)
    assert [block.text for block in blocks_of(path, word)] == ["“café” – 5 €", "next\nline a-bc d"]


def test_characters_beyond_16_bits_do_not_shift_what_follows(path: Path) -> None:
    hidden = sprm(0x083C, 1)
    body = Paragraph(runs=[("😀 seen ", b""), ("unseen", hidden), ("end", b"")])
    assert texts(path, body) == ["😀 seen end"]


def test_lists_count_with_their_levels(path: Path) -> None:
    levels = [list_level(0, "\0."), list_level(58, "\0.\1)"), list_level(23, "\uf0b7")]
    tables, behind = lists(levels)
    body = [item("one"), item("inner", 1), item("second", 1), item("dot", 2), item("two")]
    body += [item("anew", 1)]
    word = Word(body=body, tables=tables, behind=behind)
    assert [block.text for block in blocks_of(path, word)] == [
        "1. one",
        "  1.а) inner",
        "  1.б) second",
        "    • dot",
        "2. two",
        "  2.а) anew",
    ]


def test_merged_cells_stand_in_each_place_they_cover(path: Path) -> None:
    start, down = 3 << 5, 1 << 5
    body = [
        cell("Lamp"), cell("Price"), row_end([0, 2000, 3000], [0, 0]),
        cell("north"), cell("two"), cell("5"), row_end([0, 1000, 2000, 3000], [start, 0, 0]),
        cell(""), plain("three", properties=IN_TABLE), cell("lines"), cell("6"),
        row_end([0, 1000, 2000, 3000], [down, 0, 0]),
        plain("after"),
    ]  # fmt: skip
    table, after = blocks_of(path, Word(body=body))
    assert table.text == "Lamp | Lamp | Price\nnorth | two | 5\nnorth | three lines | 6"
    assert (table.kind, after.text) == ("table", "after")


def test_an_inner_table_lies_flat_in_its_cell(path: Path) -> None:
    deep = IN_TABLE + sprm(0x6649, 2)
    body = [
        plain("in 1", properties=deep + sprm(0x244B, 1)),
        plain("in 2", properties=deep + sprm(0x244B, 1)),
        plain("", properties=deep + sprm(0x244C, 1)),
        cell("end"), cell("side"), row_end([0, 1000, 2000], [0, 0]),
    ]  # fmt: skip
    assert texts(path, *body) == ["in 1 in 2 end | side"]


def test_fields_show_their_results_and_deleted_text_is_left_out(path: Path) -> None:
    body = Paragraph(
        runs=[
            ("See \x13 HYPERLINK \x13 IF x \x14inner\x15 \x14the quay\x15", b""),
            (" gone", sprm(0x0800, 1)),
            (" now", b""),
        ]
    )
    assert texts(path, body, plain("\x13 broken"), plain("after it")) == [
        "See the quay now",
        "after it",
    ]


def test_notes_and_comments_wait_for_the_end_of_their_section(path: Path) -> None:
    body = [
        Paragraph(runs=[("Light", b""), ("\2", SPECIAL), (" of old", b""), ("\5", SPECIAL)]),
        plain("More."),
        plain("Next", style=1),
    ]
    author = (4).to_bytes(2, "little") + "Анна".encode("utf-16-le")
    comment = bytes(20) + (0).to_bytes(2, "little") + bytes(4) + struct.pack("<i", -1)
    word = Word(
        body=body,
        notes=[plain("\2 Сноска."), plain("")],
        comments=[plain("\5Which?"), plain("")],
        styles=[(0, "Normal", b""), (1, "heading 1", b"")],
        tables={
            NOTE_CALLS: struct.pack("<iih", 5, 30, 1),
            NOTE_TEXTS: struct.pack("<3i", 0, 10, 11),
            COMMENT_CALLS: struct.pack("<ii", 13, 30) + comment,
            COMMENT_TEXTS: struct.pack("<3i", 0, 8, 9),
            AUTHORS: author,
        },
    )
    assert [block.text for block in blocks_of(path, word)] == [
        "Light[1] of old",
        "More.",
        "[1] Сноска.",
        "Comment by Анна: Which?",
        "Next",
    ]


def test_headers_come_first_and_footers_last(path: Path) -> None:
    headers = [plain("Harbour Ltd"), plain("Confidential")]
    # Six stories of lines above notes, then even and odd headers, even and odd footers, ...
    places = struct.pack("<14i", *[0] * 8, 12, 12, 25, 25, 25, 26)
    word = Word(body=[plain("text")], headers=headers, tables={HEADERS: places})
    assert [b.text for b in blocks_of(path, word)] == ["Harbour Ltd", "text", "Confidential"]


def test_page_breaks_and_sections_start_pages(path: Path) -> None:
    body = [
        plain("one\x0ctwo"),
        plain("three", mark="\x0c"),
        plain("four"),
        plain("five", properties=sprm(0x2407, 1)),
    ]
    sections = struct.pack("<3i", 0, 14, 25) + (b"\0\0" + b"\xff" * 4 + bytes(6)) * 2
    pages = pages_of(path, Word(body=body, tables={SECTIONS: sections}))
    assert [[block.text for block in page.blocks] for page in pages] == [
        ["one"],
        ["two", "three"],
        ["four"],
        ["five"],
    ]


def test_an_inline_picture_takes_its_description_and_caption(path: Path) -> None:
    buffer = BytesIO()
    Image.new("RGB", (100, 60), "red").save(buffer, "PNG")
    blip = struct.pack("<HHI", 0x6E0 << 4, 0xF01E, 17 + len(buffer.getvalue()))
    blip += bytes(17) + buffer.getvalue()
    words = "A red flag\0".encode("utf-16-le")
    options = struct.pack("<HHI", 1 << 4 | 3, 0xF00B, 6 + len(words))
    options += struct.pack("<HI", 0x8381, len(words)) + words
    shape = struct.pack("<HHI", 15, 0xF004, len(options)) + options
    size = 68 + len(shape) + len(blip)
    data = struct.pack("<IHH", size, 68, 0x64) + bytes(60) + shape + blip
    body = [
        Paragraph(runs=[("\1", SPECIAL + sprm(0x6A03, 0))]),
        plain("Figure 1. Flag", style=1),
    ]
    styles = [(0, "Normal", b""), (34, "caption", b"")]
    (page,) = pages_of(path, Word(body=body, styles=styles, data=data))
    (figure,) = page.figures
    assert figure.caption == "Figure 1. Flag\nA red flag"
    assert figure.raster is not None
    assert (figure.raster.width, figure.raster.height) == (100, 60)


def test_lines_in_a_monospaced_font_are_a_listing(path: Path) -> None:
    name = "Courier New\0".encode("utf-16-le")
    fonts = b"\1\0\0\0" + bytes([39 + len(name)]) + bytes(39) + name
    font = sprm(0x4A4F, 0)
    body = [
        Paragraph(runs=[("def f():", font)]),
        Paragraph(runs=[("    return 1", font)]),
        Paragraph(runs=[("Typed on an old machine.", font)]),
    ]
    blocks = blocks_of(path, Word(body=body, tables={FONTS: fonts}))
    assert [(block.kind, block.text) for block in blocks] == [
        ("code", "def f():\n    return 1"),
        ("paragraph", "Typed on an old machine."),
    ]


def test_an_encrypted_document_is_refused_as_such(path: Path) -> None:
    write(path, Word(body=[plain("text")], flags=0x0100))
    with pytest.raises(UnreadableDocument, match="password-protected"):
        parse(path, SETTINGS)


def test_an_encrypted_newer_document_is_refused_as_such(tmp_path: Path) -> None:
    path = tmp_path / "secret.docx"
    compound(path, {"EncryptedPackage": b"x", "EncryptionInfo": b"x"})
    with pytest.raises(UnreadableDocument, match="password-protected"):
        docx.parse(path, SETTINGS)


def test_other_formats_with_this_suffix_are_read_as_what_they_are(path: Path) -> None:
    make_docx(path)
    assert zipfile.is_zipfile(path)
    assert parse(path, SETTINGS).header.title == "Harbour"
    made_rtf.make(path)
    assert parse(path, SETTINGS).header.title == "Harbour"
    path.write_text("<html><body><h1>Quay</h1></body></html>", encoding="utf-8")
    assert parse(path, SETTINGS).header.title == "Quay"
    path.write_text(
        "MIME-Version: 1.0\nContent-Type: text/html\n\n<html><body><h1>Pier</h1></body></html>\n",
        encoding="utf-8",
    )
    assert parse(path, SETTINGS).header.title == "Pier"
    path.write_text("Just a note", encoding="utf-8")
    assert "Just a note" in [b.text for page in parse(path, SETTINGS).pages for b in page.blocks]


def test_a_text_of_word_95_is_read_in_its_code_page(path: Path) -> None:
    text = (
        "Журнал гавани, который вели смотрители маяка\r"
        "Лампа\x07Цена\x07\x07Север\x07пять\x07\x07\x13 HYPERLINK x \x14Конец\x15 записи\r"
    ).encode("cp1251")
    main = bytearray(1024) + text
    struct.pack_into("<HH", main, 0, 0xA5DC, 104)
    struct.pack_into("<II", main, 0x18, 1024, 1024 + len(text))
    struct.pack_into("<I", main, 0x34, len(text))
    compound(path, {"WordDocument": bytes(main)})
    blocks = [block for page in parse(path, SETTINGS).pages for block in page.blocks]
    assert [(block.kind, block.text) for block in blocks] == [
        ("paragraph", "Журнал гавани, который вели смотрители маяка"),
        ("table", "Лампа | Цена\nСевер | пять"),
        ("paragraph", "Конец записи"),
    ]


def test_damaged_properties_leave_the_text(path: Path) -> None:
    parts = streams(Word(body=[plain("Harbour"), plain("lights")]))
    main = bytearray(parts["WordDocument"])
    main[1536:] = b"\xff" * (len(main) - 1536)  # the pages with properties
    compound(path, {**parts, "WordDocument": bytes(main)})
    blocks = [block for page in parse(path, SETTINGS).pages for block in page.blocks]
    assert [block.text for block in blocks] == ["Harbour", "lights"]


def test_a_document_without_its_piece_table_is_refused(path: Path) -> None:
    parts = streams(Word(body=[plain("Harbour")]))
    compound(path, {"WordDocument": parts["WordDocument"]})
    with pytest.raises(UnreadableDocument, match="damaged"):
        parse(path, SETTINGS)
