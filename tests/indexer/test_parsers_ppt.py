"""PowerPoint 97 to 2003: slides, tables, numbering, notes and pictures of the record stream."""

import struct
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from indexer.domain import Page
from indexer.errors import UnreadableDocument
from indexer.parsers import ppt
from indexer.settings import ParserSettings
from tests.contracts.made import pptx as made_pptx
from tests.contracts.made.msg import compound
from tests.contracts.made.ppt import (
    BODY,
    NOTES,
    OTHER,
    TITLE,
    group,
    holder,
    record,
    shape,
    show,
    text,
)

SETTINGS = ParserSettings()


def read(folder: Path, data: bytes) -> list[Page]:
    path = folder / "show.ppt"
    path.write_bytes(data)
    return list(ppt.parse(path, SETTINGS).pages)


def lines(page: Page) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in page.blocks]


def paragraph_style(length: int, level: int, *, bullet: bool) -> bytes:
    return struct.pack("<IHIH", length, level, 1, bullet)


def test_title_leads_and_bodies_are_bulleted_by_level(tmp_path: Path) -> None:
    words = "Лодки\rParts\rPlain"
    style = (
        struct.pack("<IHI", 6, 0, 0)
        + struct.pack("<IHI", 6, 1, 0)
        + paragraph_style(6, 0, bullet=False)
    )
    body = shape(text(BODY, words, style), box=(0, 50, 900, 400))
    title = shape(text(TITLE, "Harbour\vsigns"), box=(0, 500, 900, 600))
    pages = read(tmp_path, show([[body, title]]))
    assert lines(pages[0]) == [
        ("heading", "Harbour signs"),
        ("list", "• Лодки"),
        ("list", "  • Parts"),
        ("paragraph", "Plain"),
    ]


def test_numbers_of_list_items_are_counted(tmp_path: Path) -> None:
    automatic = struct.pack("<IHHHII", 0x3000000, 1, 1, 3, 0, 0)  # alphaUcPeriod from 3
    style = paragraph_style(8, 0, bullet=True)
    box = shape(text(OTHER, "one\rtwo", style), numbering=automatic)
    assert lines(read(tmp_path, show([[box]]))[0]) == [("list", "C. one"), ("list", "D. two")]


def test_tables_repeat_merged_cells(tmp_path: Path) -> None:
    cells = [
        shape(text(OTHER, "both"), child=(0, 0, 200, 50)),
        shape(text(OTHER, "a"), child=(0, 50, 100, 100)),
        shape(text(OTHER, "b\rc"), child=(100, 50, 200, 100)),
        shape(child=(0, 0, 200, 0)),  # a line of the frame
    ]
    table = group(shape(box=(0, 0, 200, 100), options={0x39F: 1}), *cells)
    assert ("table", "both | both\na | b c") in lines(read(tmp_path, show([[table]]))[0])


def test_boxes_are_read_from_top_to_bottom(tmp_path: Path) -> None:
    boxes = [
        shape(text(OTHER, "right"), box=(500, 100, 900, 400)),
        shape(text(OTHER, "left below"), box=(0, 260, 400, 400)),
        shape(text(OTHER, "left above"), box=(0, 110, 400, 250)),
    ]
    page = read(tmp_path, show([[shape(text(TITLE, "T")), *boxes]]))[0]
    assert [words for _, words in lines(page)] == ["T", "right", "left above", "left below"]


def test_outline_keeps_texts_that_shapes_refer_to(tmp_path: Path) -> None:
    referring = [
        shape(record(3998, struct.pack("<I", 1))),
        shape(record(3998, struct.pack("<I", 0))),
    ]
    outline = [text(TITLE, "From the outline"), text(BODY, "kept there")]
    pages = read(tmp_path, show([referring], outline=[outline]))
    assert lines(pages[0]) == [("heading", "From the outline"), ("list", "• kept there")]


def test_notes_and_comments_follow_their_slide(tmp_path: Path) -> None:
    words = [
        record(4026, part.encode("utf-16-le"), instance=number)
        for number, part in enumerate(("Анна", "Check this"))
    ]
    when = record(12001, struct.pack("<i8H", 1, 2024, 5, 0, 7, 9, 30, 0, 0))
    comment = holder(5000, holder(5002, record(5003, holder(12000, *words, when))))
    pages = read(
        tmp_path,
        show(
            [[shape(text(TITLE, "A")), comment], [shape(text(TITLE, "B"))]],
            notes=[text(NOTES, "Say")],
        ),
    )
    assert lines(pages[0]) == [
        ("heading", "A"),
        ("heading", "Notes"),
        ("paragraph", "Say"),
        ("paragraph", "[author: Анна, time: 2024-05-07T09:30]: Check this"),
    ]
    assert lines(pages[1]) == [("heading", "B")]


def test_what_every_slide_repeats_is_read_once(tmp_path: Path) -> None:
    footer = shape(text(OTHER, "Company"), placeholder=9)
    number = shape(text(OTHER, "*"), placeholder=8)
    pages = read(tmp_path, show([[shape(text(TITLE, name)), footer, number] for name in "AB"]))
    assert [lines(page) for page in pages] == [
        [("heading", "A"), ("paragraph", "Company")],
        [("heading", "B")],
    ]


def test_pictures_are_shown_once_and_pages_keep_the_numbers_of_slides(tmp_path: Path) -> None:
    stored = BytesIO()
    Image.new("RGB", (120, 90), "red").save(stored, "PNG")
    blip = record(0xF01E, bytes(17) + stored.getvalue(), instance=0x6E0)
    entry = record(0xF007, bytes([6, 6]) + bytes(34), instance=6, version=2)
    extra = holder(1035, holder(0xF000, holder(0xF001, entry, instance=1)))
    picture = shape(box=(0, 0, 900, 700), options={0x104: 1})
    pages = read(
        tmp_path, show([[picture], [], [picture]], extra=extra, streams={"Pictures": blip})
    )
    assert [len(page.figures) for page in pages] == [1, 0, 0]
    raster = pages[0].figures[0].raster
    assert raster is not None
    assert (raster.width, raster.height) == (120, 90)
    assert [lines(page) for page in pages] == [[("heading", f"Slide {n}")] for n in (1, 2, 3)]


def test_slides_are_found_without_the_directory(tmp_path: Path) -> None:
    slide = holder(1006, holder(1036, holder(0xF002, group(shape(), shape(text(TITLE, "Lost"))))))
    data = compound({"PowerPoint Document": slide, "Current User": bytes(20)})
    assert lines(read(tmp_path, data)[0]) == [("heading", "Lost")]


def test_encrypted_show_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="password"):
        read(tmp_path, show([[shape(text(TITLE, "A"))]], token=0xF3D1C4DF))


def test_other_compound_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="no slides"):
        read(tmp_path, compound({"Other": b"content"}))


def test_newer_show_under_the_older_name_is_read(tmp_path: Path) -> None:
    path = tmp_path / "show.ppt"
    made_pptx.make(path.with_suffix(".pptx"))
    path.with_suffix(".pptx").rename(path)
    assert ppt.parse(path, SETTINGS).header.title == "Harbour"


def test_properties_are_told_in_their_code_page(tmp_path: Path) -> None:
    values = {1: struct.pack("<IhH", 2, 1251, 0)}
    for number, words in ((2, "Отчёт порта"), (4, "Анна")):
        stored = words.encode("cp1251") + b"\0"
        values[number] = struct.pack("<II", 0x1E, len(stored)) + stored
    at, index, content = 8 + 8 * len(values), b"", b""
    for number, value in values.items():
        index += struct.pack("<II", number, at + len(content))
        content += value
    section = struct.pack("<II", at + len(content), len(values)) + index + content
    summary = bytes(28) + bytes(16) + struct.pack("<I", 48) + section
    path = tmp_path / "show.ppt"
    path.write_bytes(show([[shape(text(TITLE, "A"))]], streams={"\x05SummaryInformation": summary}))
    header = ppt.parse(path, SETTINGS).header
    assert header.title == "Отчёт порта"
    assert header.metadata == {"author": "Анна"}
