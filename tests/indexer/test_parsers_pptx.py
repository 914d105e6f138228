"""PowerPoint presentations: what stands on a slide, and what is kept beside it."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches, Pt

from indexer.domain import Page, ParsedDocument
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.parsers import pptx
from indexer.settings import ParserSettings
from tests.contracts.made.msg import compound

SETTINGS = ParserSettings()
TITLE_ONLY, TITLE_AND_BODY, BLANK = 5, 1, 6


def saved(folder: Path, build: Callable[..., None], *layouts: int) -> Path:
    """A show with a slide for each layout, passed to ``build``."""
    show = Presentation()
    slides = [show.slides.add_slide(show.slide_layouts[number]) for number in layouts]
    build(*slides)
    path = folder / "show.pptx"
    show.save(path)
    return path


def changed(path: Path, parts: dict[str, bytes | Callable[[bytes], bytes]]) -> Path:
    """The package with parts added, or changed by a function."""
    with zipfile.ZipFile(path) as file:
        held = {name: file.read(name) for name in file.namelist()}
    for name, part in parts.items():
        held[name] = part if isinstance(part, bytes) else part(held[name])
    with zipfile.ZipFile(path, "w") as file:
        for name, data in held.items():
            file.writestr(name, data)
    return path


def related(kind: str, target: str) -> Callable[[bytes], bytes]:
    """Adds a relationship to a .rels part."""
    link = f'<Relationship Id="rX{kind}" Type="http://x/{kind}" Target="{target}"/>'
    return lambda data: data.replace(b"</Relationships>", f"{link}</Relationships>".encode())


def in_tree(shape: str) -> Callable[[bytes], bytes]:
    """Adds a shape at the end of a slide."""
    return lambda data: data.replace(b"</p:spTree>", f"{shape}</p:spTree>".encode())


def parsed(path: Path) -> ParsedDocument:
    return pptx.parse(path, SETTINGS)


def lines(page: Page) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in page.blocks]


def picture_file(colour: str = "red", side: int = 120) -> BytesIO:
    stored = BytesIO()
    Image.new("RGB", (side, side), colour).save(stored, "PNG")
    stored.seek(0)
    return stored


def test_each_slide_is_a_page_with_its_title_as_heading(tmp_path: Path) -> None:
    def build(first: Any, second: Any) -> None:
        for slide, title in ((first, "Гавань"), (second, "Boats\vand ships")):
            slide.shapes.title.text = title

    document = parsed(saved(tmp_path, build, TITLE_ONLY, TITLE_ONLY))
    assert document.header.title == "Гавань"
    pages = list(document.pages)
    assert [lines(page) for page in pages] == [
        [("heading", "Гавань")],
        [("heading", "Boats and ships")],
    ]


def test_bullets_are_inherited_from_the_layout_and_numbers_are_counted(tmp_path: Path) -> None:
    def build(slide: Any) -> None:
        frame = slide.placeholders[1].text_frame
        frame.text = "top"
        for words, level in (("deep", 1), ("deeper", 1), ("last", 0)):
            paragraph = frame.add_paragraph()
            paragraph.text, paragraph.level = words, level
        box = slide.shapes.add_textbox(Inches(1), Inches(6), Inches(3), Inches(1))
        box.text_frame.text = "no bullet"

    path = saved(tmp_path, build, TITLE_AND_BODY)
    numbering = b'<a:pPr lvl="1"><a:buAutoNum type="romanUcParenR" startAt="4"/></a:pPr>'
    slide = "ppt/slides/slide1.xml"
    changed(path, {slide: lambda data: data.replace(b'<a:pPr lvl="1"/>', numbering)})
    assert lines(next(parsed(path).pages)) == [
        ("list", "• top"),
        ("list", "  IV) deep"),
        ("list", "  V) deeper"),
        ("list", "• last"),
        ("paragraph", "no bullet"),
    ]


def test_tables_repeat_merged_cells_and_cells_stay_in_one_line(tmp_path: Path) -> None:
    def build(slide: Any) -> None:
        shapes = slide.shapes
        table = shapes.add_table(3, 2, Inches(1), Inches(1), Inches(4), Inches(2)).table
        for row in range(3):
            for column in range(2):
                table.cell(row, column).text = f"{row}{column}\nmore"
        table.cell(0, 0).merge(table.cell(0, 1))
        table.cell(1, 0).merge(table.cell(2, 0))
        table.cell(0, 0).text, table.cell(1, 0).text = "wide", "tall"

    page = next(parsed(saved(tmp_path, build, BLANK)).pages)
    assert lines(page) == [("table", "wide | wide\ntall | 11 more\ntall | 21 more")]


def test_chart_data_become_a_table_under_their_title(tmp_path: Path) -> None:
    def build(slide: Any) -> None:
        data = CategoryChartData(number_format="0.0%")
        data.categories = ["весна", "лето"]
        data.add_series("Boats", (0.5, 0.256))
        data.add_series("Ships", (None, 1))
        chart = slide.shapes.add_chart(
            XL_CHART_TYPE.LINE, Inches(1), Inches(1), Inches(4), Inches(3), data
        ).chart
        chart.has_title = True
        chart.chart_title.text_frame.text = "Use of the harbour"
        chart.category_axis.axis_title.text_frame.text = "season"

    page = next(parsed(saved(tmp_path, build, BLANK)).pages)
    assert lines(page) == [
        ("caption", "Use of the harbour"),
        ("table", "season | Boats | Ships\nвесна | 50.0%\nлето | 25.6% | 100.0%"),
    ]


def test_groups_are_opened_and_boxes_read_by_their_place(tmp_path: Path) -> None:
    def build(slide: Any) -> None:
        shapes = slide.shapes
        for words, left, top, height in (("right", 5, 2, 3), ("low", 1, 4, 1), ("high", 1, 2, 1)):
            box = shapes.add_textbox(Inches(left), Inches(top), Inches(3), Inches(height))
            box.text_frame.text = words
        inner = shapes.add_group_shape().shapes.add_group_shape()
        box = inner.shapes.add_textbox(Inches(1), Inches(6), Inches(8), Inches(1))
        box.text_frame.text = "grouped"

    page = next(parsed(saved(tmp_path, build, BLANK)).pages)
    texts = [words for _, words in lines(page)]
    assert texts == ["high", "right", "low", "grouped"]


def test_notes_are_under_a_heading_of_their_own(tmp_path: Path) -> None:
    def build(slide: Any) -> None:
        slide.shapes.title.text = "T"
        slide.notes_slide.notes_text_frame.text = "Сказать\nи показать"

    page = next(parsed(saved(tmp_path, build, TITLE_ONLY)).pages)
    assert lines(page)[1:] == [
        ("heading", "Notes"),
        ("paragraph", "Сказать"),
        ("paragraph", "и показать"),
    ]


def test_pictures_carry_their_description_and_a_logo_counts_once(tmp_path: Path) -> None:
    def build(first: Any, second: Any) -> None:
        for slide in (first, second):
            logo = slide.shapes.add_picture(picture_file(), Inches(1), Inches(1), Inches(2))
            logo._element.nvPicPr.cNvPr.set("descr", "A red sail")
        shapes = second.shapes
        shapes.add_picture(picture_file("blue"), Inches(5), Inches(1), Pt(12))

    pages = list(parsed(saved(tmp_path, build, BLANK, BLANK)).pages)
    assert [figure.caption for page in pages for figure in page.figures] == ["A red sail"]
    assert lines(pages[0]) == [("caption", "A red sail")]
    assert lines(pages[1]) == [("heading", "Slide 2")]


def test_damaged_picture_leaves_the_slide_as_it_is(tmp_path: Path) -> None:
    def build(slide: Any) -> None:
        slide.shapes.title.text = "T"
        slide.shapes.add_picture(picture_file(), Inches(1), Inches(3), Inches(2))

    path = saved(tmp_path, build, TITLE_ONLY)
    changed(path, {"ppt/media/image1.png": lambda data: data[:60]})
    page = next(parsed(path).pages)
    assert lines(page) == [("heading", "T")]
    assert page.figures == ()


def test_comments_old_and_new_name_their_author(tmp_path: Path) -> None:
    def build(slide: Any) -> None:
        slide.shapes.title.text = "T"

    old = '<cmLst><cm authorId="0" dt="2024-05-07T09:30:00.1"><text>Почему?</text></cm></cmLst>'
    new = (
        '<cmLst xmlns:a="http://a"><cm authorId="{A}" created="2024-05-08T10:00:00"><replyLst>'
        '<reply authorId="{A}" created="2024-05-09T11:00:00"><txBody><a:p><a:r><a:t>So that.</a:t>'
        "</a:r></a:p></txBody></reply></replyLst><txBody><a:p><a:r><a:t>Why?</a:t></a:r></a:p>"
        "</txBody></cm></cmLst>"
    )
    slide, show = "ppt/slides/_rels/slide1.xml.rels", "ppt/_rels/presentation.xml.rels"
    path = changed(
        saved(tmp_path, build, TITLE_ONLY),
        {
            "ppt/comments/old.xml": old.encode(),
            "ppt/comments/new.xml": new.encode(),
            "ppt/old.xml": b'<cmAuthorLst><cmAuthor id="0" name="Anna"/></cmAuthorLst>',
            "ppt/new.xml": b'<authorLst><author id="{A}" name="Boris"/></authorLst>',
            show: lambda data: related("authors", "new.xml")(
                related("commentAuthors", "old.xml")(data)
            ),
            slide: lambda data: related("comments", "../comments/new.xml")(
                related("comments", "../comments/old.xml")(data).replace(b"rXcomments", b"rXold")
            ),
        },
    )
    assert [words for _, words in lines(next(parsed(path).pages))[1:]] == [
        "[author: Anna, time: 2024-05-07T09:30:00.1]: Почему?",
        "[author: Boris, time: 2024-05-08T10:00:00]: Why?",
        "[author: Boris, time: 2024-05-09T11:00:00]: So that.",
    ]


def test_diagrams_are_lists_by_level(tmp_path: Path) -> None:
    def point(name: str, words: str) -> str:
        return f'<pt modelId="{name}"><t><p><r><t>{words}</t></r></p></t></pt>'

    diagram = (
        f'<dataModel><ptLst><pt modelId="0" type="doc"/>{point("2", "inner")}{point("1", "outer")}'
        f'{point("3", "second")}</ptLst><cxnLst><cxn srcId="0" destId="1" srcOrd="0"/>'
        '<cxn srcId="0" destId="3" srcOrd="1"/><cxn srcId="1" destId="2" srcOrd="0"/>'
        '<cxn type="presOf" srcId="1" destId="9"/></cxnLst></dataModel>'
    )
    frame = (
        '<p:graphicFrame><a:graphic><a:graphicData><d:relIds xmlns:d="http://d" r:dm="rXdata"/>'
        "</a:graphicData></a:graphic></p:graphicFrame>"
    )
    path = changed(
        saved(tmp_path, lambda slide: None, BLANK),
        {
            "ppt/diagrams/data.xml": diagram.encode(),
            "ppt/slides/slide1.xml": in_tree(frame),
            "ppt/slides/_rels/slide1.xml.rels": related("data", "../diagrams/data.xml"),
        },
    )
    assert lines(next(parsed(path).pages)) == [
        ("list", "• outer"),
        ("list", "  • inner"),
        ("list", "• second"),
    ]


def test_content_in_two_forms_is_read_once(tmp_path: Path) -> None:
    def box(words: str) -> str:
        return f"<p:sp><p:txBody><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:txBody></p:sp>"

    both = (
        '<mc:AlternateContent xmlns:mc="http://mc"><mc:Choice Requires="new">{}</mc:Choice>'
        f"<mc:Fallback>{box('older')}</mc:Fallback></mc:AlternateContent>"
    )
    shapes = both.format(box("newer")) + both.format("<unknown/>")
    path = changed(
        saved(tmp_path, lambda slide: None, BLANK), {"ppt/slides/slide1.xml": in_tree(shapes)}
    )
    assert [words for _, words in lines(next(parsed(path).pages))] == ["newer", "older"]


def test_footers_are_read_once_and_slide_numbers_never(tmp_path: Path) -> None:
    def placeholder(kind: str, words: str) -> str:
        return (
            f'<p:sp><p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr><p:txBody><a:p>'
            f"<a:r><a:t>{words}</a:t></a:r></a:p></p:txBody></p:sp>"
        )

    shapes = in_tree(placeholder("ftr", "Company") + placeholder("sldNum", "7"))
    path = changed(
        saved(tmp_path, lambda *slides: None, BLANK, BLANK),
        {f"ppt/slides/slide{number}.xml": shapes for number in (1, 2)},
    )
    assert [lines(page) for page in parsed(path).pages] == [
        [("paragraph", "Company")],
        [("heading", "Slide 2")],
    ]


def test_lost_slide_keeps_its_page_and_is_named(tmp_path: Path) -> None:
    def build(first: Any, second: Any) -> None:
        second.shapes.title.text = "Second"

    path = saved(tmp_path, build, TITLE_ONLY, TITLE_ONLY)
    changed(path, {"ppt/slides/slide1.xml": b""})
    document = parsed(path)
    assert "slide 1 is damaged or missing" in document.header.warnings
    assert lines(list(document.pages)[1]) == [("heading", "Second")]


def test_strict_files_read_alike(tmp_path: Path) -> None:
    def build(slide: Any) -> None:
        slide.shapes.title.text = "Strict"

    path = saved(tmp_path, build, TITLE_ONLY)
    with zipfile.ZipFile(path) as file:
        names = [name for name in file.namelist() if re.search(r"\.(xml|rels)$", name)]
    for old, new in (
        (b"http://schemas.openxmlformats.org/presentationml/2006/main", b"presentationml/main"),
        (b"http://schemas.openxmlformats.org/drawingml/2006/main", b"drawingml/main"),
        (
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"officeDocument/relationships",
        ),
    ):
        uri = b"http://purl.oclc.org/ooxml/" + new
        swap = {name: (lambda data, a=old, b=uri: data.replace(a, b)) for name in names}
        changed(path, swap)
    assert lines(next(parsed(path).pages)) == [("heading", "Strict")]


def test_generic_titles_and_properties(tmp_path: Path) -> None:
    show = Presentation()
    show.slides.add_slide(show.slide_layouts[TITLE_ONLY]).shapes.title.text = "Real title"
    show.core_properties.title = "PowerPoint Presentation"
    show.core_properties.author = "Анна"
    path = tmp_path / "show.pptx"
    show.save(path)
    header = parsed(path).header
    assert header.title == "Real title"
    assert header.metadata["author"] == "Анна"


def test_encrypted_show_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "show.pptx"
    path.write_bytes(compound({"EncryptedPackage": bytes(100), "EncryptionInfo": bytes(100)}))
    with pytest.raises(UnreadableDocument, match="password"):
        parsed(path)


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    path = saved(tmp_path, lambda slide: None, BLANK)
    with pytest.raises(LimitExceeded, match="OUTPUT_BYTES"):
        pptx.parse(path, ParserSettings(output_bytes=1000))


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do not read me")

    def hostile(data: bytes) -> bytes:
        words = b"<p:sp><p:txBody><a:p><a:r><a:t>a &e; b</a:t></a:r></a:p></p:txBody></p:sp>"
        declared = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
        body = re.sub(rb"^<\?xml[^>]*\?>", b"", data)
        return declared + body.replace(b"</p:spTree>", words + b"</p:spTree>")

    path = changed(saved(tmp_path, lambda slide: None, BLANK), {"ppt/slides/slide1.xml": hostile})
    assert "do not read" not in str(list(parsed(path).pages))
