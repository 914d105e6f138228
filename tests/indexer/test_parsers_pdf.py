"""PDF pages become text, tables and figures that are where the page shows them."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from indexer.domain import Block, BoundingBox, Page, Raster
from indexer.errors import UnreadableDocument
from indexer.parsers import pdf
from indexer.settings import ParserSettings

SETTINGS = ParserSettings()
LOREM = (
    "The harbour lies between two hills and opens to the north. Every morning the boats leave "
    "before the sun is up and return when the market opens. "
) * 4


def saved(folder: Path, build: Callable[[pymupdf.Document], None], name: str = "file.pdf") -> Path:
    path = folder / name
    with pymupdf.open() as document:
        build(document)
        document.save(path)
    return path


def pages_of(path: Path) -> list[Page]:
    return list(pdf.parse(path, SETTINGS).pages)


def picture(raster: Raster) -> Image.Image:
    return Image.open(BytesIO(raster.jpeg)).convert("RGB")


def png(colour: str = "red", size: tuple[int, int] = (80, 60)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def find(page: Page, words: str) -> Block:
    return next(block for block in page.blocks if words in block.text)


def box_of(block: Block, words: str) -> BoundingBox:
    start = block.text.index(words)
    boxes = [s.box for s in block.spans if s.start < start + len(words) and start < s.end]
    return BoundingBox.enclosing(boxes)


def dark(image: Image.Image) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the dark pixels."""
    return image.convert("L").point(lambda value: 255 if value < 128 else 0).getbbox()


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        page.insert_text((72, 60), "A title that runs across both of the columns", fontsize=20)
        page.insert_textbox((72, 90, 285, 700), "Left begins. " + LOREM + "Left ends.")
        page.insert_textbox((310, 90, 523, 700), "Right begins. " + LOREM + "Right ends.")

    page = pages_of(saved(tmp_path, build))[0]
    text = " ".join(block.text for block in page.blocks)
    marks = ["A title", "Left begins", "Left ends", "Right begins", "Right ends"]
    assert [text.index(mark) for mark in marks] == sorted(text.index(mark) for mark in marks)
    assert page.blocks[0].kind == "heading"


def test_lines_of_a_paragraph_are_joined_by_a_space(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        document.new_page().insert_textbox((72, 72, 300, 300), LOREM.strip())

    block = pages_of(saved(tmp_path, build))[0].blocks[0]
    assert block.text == LOREM.strip()
    assert len(block.spans) > 5


def test_a_hyphen_at_the_lines_end_goes_only_between_small_letters(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        lines = ["The navi-", "gation of the COVID-", "19 years and North-", "South trade goes on"]
        for index, line in enumerate(lines):
            page.insert_text((72, 72 + 14 * index), line)

    block = pages_of(saved(tmp_path, build))[0].blocks[0]
    assert block.text == "The navigation of the COVID- 19 years and North- South trade goes on"
    assert [block.text[span.start : span.end] for span in block.spans][:2] == [
        "The navi",
        "gation of the COVID-",
    ]


def test_headings_rank_by_size_weight_and_number(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        page.insert_text((72, 72), "Harbour report", fontsize=22)
        page.insert_textbox((72, 90, 523, 200), LOREM)
        page.insert_text((72, 220), "Boats and nets", fontsize=15)
        page.insert_textbox((72, 230, 523, 340), LOREM)
        page.insert_text((72, 360), "2.3.1 Nets", fontname="hebo")
        page.insert_textbox((72, 370, 523, 480), LOREM)
        page.insert_text((72, 500), "Mending", fontname="hebo")
        page.insert_textbox((72, 510, 523, 620), LOREM)

    parsed = pdf.parse(saved(tmp_path, build), SETTINGS)
    page = next(parsed.pages)
    headings = [(b.text, b.level) for b in page.blocks if b.kind == "heading"]
    assert headings == [
        ("Harbour report", 1),
        ("Boats and nets", 2),
        ("2.3.1 Nets", 3),
        ("Mending", 3),
    ]
    assert parsed.header.title == "Harbour report"


def test_the_outline_gives_levels_that_the_type_does_not(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        page.insert_text((72, 72), "Of boats")
        page.insert_textbox((72, 100, 523, 300), LOREM)
        document.set_toc([[1, "Everything", 1], [2, "Of Boats", 1]])

    block = pages_of(saved(tmp_path, build))[0].blocks[0]
    assert (block.kind, block.level, block.text) == ("heading", 2, "Of boats")


def test_list_items_are_blocks_of_their_own(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        for index, item in enumerate(["1. red lanterns", "2. green lanterns", "3. a bell"]):
            page.insert_text((72, 72 + 14 * index), item)

    blocks = pages_of(saved(tmp_path, build))[0].blocks
    assert [(b.kind, b.text) for b in blocks] == [
        ("list", "1. red lanterns"),
        ("list", "2. green lanterns"),
        ("list", "3. a bell"),
    ]


ROWS = [["Boat", "Length", "Built"], ["Heron", "12.5", "1987"], ["Grey seal", "9.1", "2004"]]


def test_a_ruled_table_stays_a_table_and_its_words_appear_once(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        page.insert_text((72, 80), "Table 1. Boats of the harbour")
        for row, cells in enumerate(ROWS):
            for column, cell in enumerate(cells):
                place = pymupdf.Rect(72, 90, 192, 114) + (column * 120, row * 24) * 2
                page.draw_rect(place)
                page.insert_text((place.x0 + 4, place.y1 - 8), cell)
        page.insert_textbox((72, 200, 523, 400), LOREM)

    page = pages_of(saved(tmp_path, build))[0]
    table = next(block for block in page.blocks if block.kind == "table")
    assert table.text.split("\n") == [" | ".join(row) for row in ROWS]
    assert len(table.spans) == 3
    assert "\n".join(block.text for block in page.blocks).count("Heron") == 1
    (figure,) = page.figures
    assert (figure.kind, figure.caption) == ("table", "Table 1. Boats of the harbour")
    assert figure.raster is not None
    assert max(figure.raster.width, figure.raster.height) <= SETTINGS.figure_side
    assert figure.box.x0 == pytest.approx(72 / page.width, abs=0.01)
    assert figure.box.y1 == pytest.approx(162 / page.height, abs=0.01)


def test_a_line_break_inside_a_cell_becomes_a_space(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        for row in range(2):
            for column in range(2):
                place = pymupdf.Rect(72, 90, 192, 130) + (column * 120, row * 40) * 2
                page.draw_rect(place)
                page.insert_text((place.x0 + 4, place.y0 + 14), f"upper {row}{column}")
                page.insert_text((place.x0 + 4, place.y0 + 28), f"lower {row}{column}")

    table = pages_of(saved(tmp_path, build))[0].blocks[0]
    assert table.text.split("\n")[1] == "upper 10 lower 10 | upper 11 lower 11"


def test_aligned_columns_without_rulings_are_a_table(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        page.insert_textbox((72, 72, 523, 180), LOREM)
        rows = [*ROWS, ["Tern", "7.0", "1999"], ["Gannet", "15.2", "2011"]]
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                page.insert_text((72 + 150 * column, 220 + 15 * row), cell)

    page = pages_of(saved(tmp_path, build))[0]
    table = next(block for block in page.blocks if block.kind == "table")
    assert table.text.split("\n")[2] == "Grey seal | 9.1 | 2004"


def test_a_picture_is_a_figure_with_its_caption(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        page.insert_image((100, 100, 300, 250), stream=png(), keep_proportion=False)
        page.insert_text((100, 290), "Figure 3. The harbour in the morning")
        page.insert_image((400, 100, 420, 120), stream=png("blue"))
        page.insert_textbox((72, 400, 523, 600), LOREM)

    page = pages_of(saved(tmp_path, build))[0]
    (figure,) = page.figures
    assert figure.kind == "figure"
    assert figure.caption == "Figure 3. The harbour in the morning"
    assert find(page, "Figure 3").kind == "caption"
    assert figure.box.as_tuple() == pytest.approx(
        (100 / 595, 100 / 842, 300 / 595, 250 / 842), abs=0.01
    )
    assert figure.raster is not None
    red, green, _ = picture(figure.raster).getpixel((50, 50))  # type: ignore[misc]
    assert red > 200 > 100 > green


def test_a_russian_caption_is_found_above_too(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        page.insert_htmlbox((100, 70, 400, 95), "<p>Рис. 3. Гавань утром</p>")
        page.insert_image((100, 100, 300, 250), stream=png(), keep_proportion=False)
        page.insert_textbox((72, 400, 523, 600), LOREM)

    (figure,) = pages_of(saved(tmp_path, build))[0].figures
    assert figure.caption == "Рис. 3. Гавань утром"


def test_a_background_is_no_figure_but_a_scanned_page_is(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        for words in (LOREM, ""):
            page = document.new_page()
            page.insert_image(page.rect, stream=png("lightyellow"), keep_proportion=False)
            page.insert_textbox((72, 72, 523, 300), words)

    parsed = pdf.parse(saved(tmp_path, build), SETTINGS)
    written, scanned = parsed.pages
    assert written.figures == ()
    assert scanned.figures[0].box.area > 0.98
    assert parsed.header.warnings == written.warnings == ()
    assert scanned.warnings == ("no text was found in pictures of pages that have no other",)


def test_without_ocr_the_header_counts_the_pages_that_need_it(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        document.new_page().insert_textbox((72, 72, 523, 300), LOREM)
        page = document.new_page()
        page.insert_image(page.rect, stream=png(), keep_proportion=False)

    parsed = pdf.parse(saved(tmp_path, build), ParserSettings(ocr_engine="off"))
    assert parsed.header.warnings == (
        "1 of 2 pages have no text layer; set SIGHTLINE_PARSER_OCR_ENGINE=auto",
    )
    assert [page.warnings for page in parsed.pages] == [(), ()]


def test_a_drawn_chart_is_a_figure_with_its_lettering(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        for index, height in enumerate((40, 90, 60, 120)):
            left = 120 + 45 * index
            page.draw_rect((left, 250 - height, left + 40, 250), fill=(0.2, 0.3, 0.8))
        page.draw_line((110, 250), (310, 250))
        page.insert_text((110, 280), "Figure 1: Catch by year")
        page.insert_textbox((72, 400, 523, 600), LOREM)

    page = pages_of(saved(tmp_path, build))[0]
    (figure,) = page.figures
    assert (figure.kind, figure.caption) == ("figure", "Figure 1: Catch by year")


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("cropped", [False, True])
def test_boxes_enclose_the_ink_of_the_page_as_displayed(
    tmp_path: Path, rotation: int, cropped: bool
) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        page.insert_text((150, 200), "Lantern", fontsize=30)
        page.insert_image((150, 300, 250, 350), stream=png("black"), keep_proportion=False)
        if cropped:
            page.set_cropbox((100, 120, 500, 700))
        page.set_rotation(rotation)

    path = saved(tmp_path, build)
    (page,) = pages_of(path)
    whole = picture(pdf.render(path, 1, 1000, None, SETTINGS))
    assert whole.width / whole.height == pytest.approx(page.width / page.height, abs=0.01)
    word, drawn = page.blocks[0].spans[0].box, page.figures[0].box
    for box in (word, drawn):
        left, top, right, bottom = box.pixels(*whole.size)
        whole.paste("white", (left - 2, top - 2, right + 2, bottom + 2))
    assert dark(whole) is None, "ink outside the boxes"
    raster = pdf.render(path, 1, 300, drawn, SETTINGS)
    ink = dark(picture(raster))
    assert ink is not None
    assert (ink[2] - ink[0]) * (ink[3] - ink[1]) > 0.9 * raster.width * raster.height


def test_a_page_is_drawn_as_large_as_it_is_wanted(tmp_path: Path) -> None:
    path = saved(tmp_path, lambda document: document.new_page(width=595, height=842))
    assert picture(pdf.render(path, 1, 4000, None, SETTINGS)).height in range(3995, 4001)


def test_a_lines_box_agrees_with_a_search_for_its_words(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        document.new_page().insert_textbox((72, 72, 300, 300), LOREM)

    path = saved(tmp_path, build)
    page = pages_of(path)[0]
    block = find(page, "market")
    with pymupdf.open(path) as document:
        for place in document[0].search_for("market"):
            middle = (
                (place.x0 + place.x1) / 2 / page.width,
                (place.y0 + place.y1) / 2 / page.height,
            )
            assert any(
                span.box.x0 < middle[0] < span.box.x1
                and span.box.y0 < middle[1] < span.box.y1
                and "market" in block.text[span.start : span.end]
                for span in block.spans
            )


def test_an_encrypted_file_is_named_so_and_an_empty_password_is_tried(tmp_path: Path) -> None:
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "Only for friends")
        for name, password in (("closed.pdf", "sesame"), ("open.pdf", "")):
            document.save(
                tmp_path / name,
                encryption=pymupdf.PDF_ENCRYPT_AES_256,
                owner_pw="owner",
                user_pw=password,
            )
    assert pages_of(tmp_path / "open.pdf")[0].blocks[0].text == "Only for friends"
    with pytest.raises(UnreadableDocument) as caught:
        pdf.parse(tmp_path / "closed.pdf", SETTINGS)
    assert caught.value.cause == "encrypted"
    assert "password" in caught.value.remedy


def test_blank_pages_alone_are_nothing_to_index(tmp_path: Path) -> None:
    path = saved(tmp_path, lambda document: (document.new_page(), document.new_page())[0] and None)
    with pytest.raises(UnreadableDocument, match="no text and no picture"):
        pages_of(path)


def test_a_useless_title_in_the_file_gives_way(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        document.new_page().insert_text((72, 72), "plain words of no size")
        document.set_metadata({"title": "Microsoft Word - draft7.docx", "author": "A. Person"})

    header = pdf.parse(saved(tmp_path, build, "harbour.pdf"), SETTINGS).header
    assert header.title == "harbour"
    assert header.metadata["author"] == "A. Person"


def test_messages_of_the_library_stay_off_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(
        b"%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\ntrailer <</Root 1 0 R>>"
    )
    with pytest.raises(UnreadableDocument):
        pages_of(path)
    assert capfd.readouterr() == ("", "")


def test_a_table_beside_text_does_not_mix_with_it(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        page.insert_textbox(
            (72, 72, 270, 500), "Left begins. " + LOREM + "Left ends.", lineheight=1.6
        )
        rows = [*ROWS, ["Tern", "7.0", "1999"], ["Gannet", "15.2", "2011"], ["Ibis", "8.8", "2015"]]
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                page.insert_text((320 + 70 * column, 84 + 13 * row), cell)

    page = pages_of(saved(tmp_path, build))[0]
    prose = find(page, "Left begins")
    assert "Left ends." in prose.text
    assert "Heron" not in prose.text
    table = next(block for block in page.blocks if block.kind == "table")
    assert table.text.split("\n")[1] == "Heron | 12.5 | 1987"


def test_a_column_of_labels_stays_with_its_numbers(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        labels = ["Cash and short term deposits", "Receivables from customers", "Nets and ropes"]
        for row, label in enumerate([*labels, "Total current assets of the harbour"]):
            page.insert_text((72, 100 + 16 * row), label)
            page.insert_text((400, 100 + 16 * row), f"{row},100")
            page.insert_text((480, 100 + 16 * row), f"{row},200")

    table = pages_of(saved(tmp_path, build))[0].blocks[0]
    assert table.kind == "table"
    assert table.text.split("\n")[1] == "Receivables from customers | 1,100 | 1,200"


def test_merged_cells_of_a_ruled_table_stand_in_every_place(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        for y, x0, x1 in (
            (90, 72, 372), (114, 172, 372), (138, 72, 372), (162, 72, 372), (186, 72, 372)
        ):  # fmt: skip
            page.draw_line((x0, y), (x1, y))
        for x, y0 in ((72, 90), (172, 90), (272, 114), (372, 90)):
            page.draw_line((x, y0), (x, 186))
        for text, x, y in (
            ("Boat", 76, 106), ("Catch", 230, 106), ("cod", 176, 130), ("eel", 276, 130),
            ("Heron", 76, 154), ("7", 176, 154), ("9", 276, 154),
            ("Tern", 76, 178), ("3", 176, 178), ("5", 276, 178),
        ):  # fmt: skip
            page.insert_text((x, y), text)

    table = pages_of(saved(tmp_path, build))[0].blocks[0]
    assert table.text.split("\n") == [
        "Boat | Catch | Catch",
        "Boat | cod | eel",
        "Heron | 7 | 9",
        "Tern | 3 | 5",
    ]


def test_rulings_in_pieces_that_do_not_quite_meet_are_one(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        for row in range(4):
            for column in range(2):
                y = 90.4 + 24 * row + 0.4 * (1 - column)
                page.draw_line((72 + 120 * column, y), (192 + 120 * column, y))
        for column in range(3):
            page.draw_line((72 + 120 * column, 90), (72 + 120 * column, 162.5))
        for row, cells in enumerate(ROWS):
            for column, cell in enumerate(cells[:2]):
                page.insert_text((76 + 120 * column, 106 + 24 * row), cell)

    table = pages_of(saved(tmp_path, build))[0].blocks[0]
    assert table.text.split("\n") == [" | ".join(row[:2]) for row in ROWS]


def test_arabic_reads_from_the_right_in_lines_tables_and_columns(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = document.new_page()
        page.insert_htmlbox(
            (72, 60, 520, 90), "<p dir=rtl>ميناء قديم، (2024) Heron River 10/05 قارب</p>"
        )
        for row, cells in enumerate((("قارب", "متر"), ("نورس", "12.5"))):
            for column, cell in enumerate(cells):
                place = pymupdf.Rect(300, 100, 420, 124) + (-120 * column, row * 24) * 2
                inner = pymupdf.Rect(place.x0 + 4, place.y0 + 2, place.x1 - 4, place.y1 - 2)
                page.draw_rect(place)
                page.insert_htmlbox(inner, f"<p dir=rtl>{cell}</p>")

    page = pages_of(saved(tmp_path, build))[0]
    assert page.blocks[0].text == "ميناء قديم، (2024) Heron River 10/05 قارب"
    table = next(block for block in page.blocks if block.kind == "table")
    assert table.text.split("\n") == ["قارب | متر", "نورس | 12.5"]
    box = table.spans[0].box
    assert (box.x0, box.x1) == pytest.approx((180 / page.width, 420 / page.width), abs=0.01)
