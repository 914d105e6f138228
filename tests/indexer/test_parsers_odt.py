"""OpenDocument texts and slides: what a reader sees is what is indexed."""

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from indexer.domain import Block, ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers.odt import parse
from indexer.settings import ParserSettings
from tests.contracts.made.odt import part, write

SETTINGS = ParserSettings()
LISTS = """
<text:list-style style:name="L1">
  <text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>
  <text:list-level-style-number text:level="2" style:num-format="1" style:num-suffix=")"
    text:display-levels="2"/>
  <text:list-level-style-bullet text:level="3" text:bullet-char="-"/>
</text:list-style>
"""


def read(path: Path, body: str, **options: Any) -> ParsedDocument:
    write(path, body, **options)
    return parse(path, SETTINGS)


def blocks_of(document: ParsedDocument) -> list[Block]:
    return [block for page in document.pages for block in page.blocks]


def texts(path: Path, body: str, **options: Any) -> list[str]:
    return [block.text for block in blocks_of(read(path, body, **options))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "letter.odt"


def picture(color: str) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (100, 60), color).save(buffer, "PNG")
    return buffer.getvalue()


def list_of(*items: str, attributes: str = "") -> str:
    inner = "".join(f"<text:list-item>{item}</text:list-item>" for item in items)
    return f'<text:list text:style-name="L1" {attributes}>{inner}</text:list>'


def p(text: str, style: str = "Standard") -> str:
    return f'<text:p text:style-name="{style}">{text}</text:p>'


def test_headings_carry_the_numbers_of_the_outline(path: Path) -> None:
    outline = (
        "<office:styles><text:outline-style>"
        '<text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>'
        "</text:outline-style></office:styles>"
    )
    body = (
        f'{p("Записки", "Title")}<text:h text:outline-level="1">Гавань</text:h>'
        '<text:h text:outline-level="2">Lamps</text:h><text:h text:outline-level="1">Quay</text:h>'
        '<text:h text:outline-level="1" text:is-list-header="true">Index</text:h>'
    )
    document = read(path, body, styles=outline)
    assert document.header.title == "Записки"
    assert [(block.kind, block.level, block.text) for block in blocks_of(document)] == [
        ("heading", 1, "Записки"),
        ("heading", 1, "I. Гавань"),
        ("heading", 2, "I.1 Lamps"),
        ("heading", 1, "II. Quay"),
        ("heading", 1, "Index"),
    ]


def test_lists_count_nest_and_continue_only_where_they_say_so(path: Path) -> None:
    inner = list_of(p("deep"), p("deeper") + list_of(p("dot")))
    body = (
        list_of(p("one") + p("more of one"), p("two") + inner, attributes='xml:id="a"')
        + list_of(p("new"))
        + list_of(p("three"), attributes='text:continue-list="a"')
    )
    assert texts(path, body, automatic=LISTS) == [
        "1. one",
        "   more of one",
        "2. two",
        "  2.1) deep",
        "  2.2) deeper",
        "    • dot",
        "1. new",
        "3. three",
    ]


def test_spans_spaces_links_and_fields_read_as_one_line(path: Path) -> None:
    body = (
        "<text:p>Red<text:s text:c='3'/><text:span>and</text:span><text:tab/>"
        "<text:a xlink:href='http://x.test/'>blue</text:a> p. "
        "<text:page-number>7</text:page-number>"
        "<text:line-break/>second\n line</text:p>"
    )
    assert texts(path, body) == ["Red and blue p. 7\nsecond line"]


def test_deleted_and_hidden_text_is_left_out(path: Path) -> None:
    automatic = (
        '<style:style style:name="T1" style:family="text">'
        '<style:text-properties text:display="none"/></style:style>'
    )
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>old</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        "<text:p>kept<text:change text:change-id='c1'/>"
        "<text:span text:style-name='T1'>secret</text:span></text:p>"
        "<text:section text:display='none'><text:p>unseen</text:p></text:section>"
    )
    assert texts(path, body, automatic=automatic) == ["kept"]


def test_notes_and_comments_wait_for_the_end_of_their_section(path: Path) -> None:
    body = (
        "<text:p>Light<text:note text:note-class='footnote'>"
        "<text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>Сноска.</text:p></text:note-body></text:note> of "
        "<office:annotation office:name='c'><dc:creator>Анна</dc:creator><dc:date>2020</dc:date>"
        "<text:p>Which?</text:p></office:annotation>the tower<office:annotation-end "
        "office:name='c'/>.</text:p><text:p>More.</text:p>"
        "<text:h text:outline-level='1'>Next</text:h>"
    )
    assert texts(path, body) == [
        "Light[1] of the tower.",
        "More.",
        "[1] Сноска.",
        "Comment by Анна on “the tower”: Which?",
        "Next",
    ]


def test_merged_cells_stand_in_each_place_they_cover(path: Path) -> None:
    def cell(text: str, attributes: str = "") -> str:
        return f"<table:table-cell {attributes}>{p(text)}</table:table-cell>"

    covered = "<table:covered-table-cell/>"
    inner = f"<table:table><table:table-row>{cell('a')}{cell('b')}</table:table-row></table:table>"
    body = (
        "<table:table><table:table-header-rows><table:table-row>"
        + cell("Lamp", "table:number-columns-spanned='2'")
        + covered
        + cell("Price")
        + "</table:table-row></table:table-header-rows><table:table-row>"
        + cell("north", "table:number-rows-spanned='2'")
        + cell("two")
        + cell("5")
        + "</table:table-row><table:table-row>"
        + covered
        + f"<table:table-cell>{inner}</table:table-cell>"
        + cell("6")
        + "</table:table-row></table:table>"
    )
    (block,) = blocks_of(read(path, body))
    assert block.kind == "table"
    assert block.text == "Lamp | Lamp | Price\nnorth | two | 5\nnorth | a b | 6"


def test_a_captioned_picture_takes_its_caption_and_its_description(path: Path) -> None:
    styles = (
        "<office:styles><style:style style:name='Caption' style:family='paragraph'/>"
        "<style:style style:name='Figure' style:family='paragraph' "
        "style:parent-style-name='Caption'/></office:styles>"
    )
    frame = (
        "<draw:frame><draw:image xlink:href='Pictures/red.png'/><svg:desc>A red flag</svg:desc>"
        "</draw:frame>"
    )
    body = p(
        f"<draw:frame><draw:text-box>{p(frame + 'Figure 1: Flag', 'Figure')}"
        "</draw:text-box></draw:frame>"
    )
    document = read(path, body, styles=styles, parts={"Pictures/red.png": picture("red")})
    (page,) = document.pages
    (figure,) = page.figures
    assert figure.caption == "Figure 1: Flag\nA red flag"
    assert figure.raster is not None
    assert (figure.raster.width, figure.raster.height) == (100, 60)


def test_formulas_stand_in_their_line_and_charts_give_their_numbers(path: Path) -> None:
    formula = (
        "<math:math><math:semantics><math:mrow><math:mi>x</math:mi><math:mo>=</math:mo>"
        "<math:mfrac><math:mi>a</math:mi><math:msup><math:mi>b</math:mi><math:mn>2</math:mn>"
        "</math:msup></math:mfrac></math:mrow><math:annotation>x = a over b^2</math:annotation>"
        "</math:semantics></math:math>"
    )
    chart = part(
        "office:document-content",
        "<office:body><office:chart><chart:chart><chart:title><text:p>Catch</text:p></chart:title>"
        "<table:table><table:table-row><table:table-cell/><table:table-cell><text:p>Cod</text:p>"
        "</table:table-cell></table:table-row><table:table-row><table:table-cell>"
        "<text:p>1990</text:p></table:table-cell><table:table-cell><text:p>12</text:p>"
        "</table:table-cell></table:table-row></table:table></chart:chart></office:chart>"
        "</office:body>",
    )
    body = (
        f"<text:p>So <draw:frame><draw:object>{formula}</draw:object></draw:frame> holds.</text:p>"
        "<text:p><draw:frame><draw:object xlink:href='./Object 1'/></draw:frame></text:p>"
    )
    assert texts(path, body, parts={"Object 1/content.xml": chart}) == [
        r"So x=\frac{a}{b^2} holds.",
        "Catch",
        " | Cod\n1990 | 12",
    ]


def test_page_breaks_come_from_styles_and_headers_once(path: Path) -> None:
    automatic = (
        '<style:style style:name="P1" style:family="paragraph">'
        '<style:paragraph-properties fo:break-before="page"/></style:style>'
        '<style:style style:name="P2" style:family="paragraph" style:master-page-name="Other"/>'
    )
    master = "<style:header><text:p>Harbour Ltd</text:p></style:header>"
    styles = (
        f'<office:master-styles><style:master-page style:name="Standard">{master}<style:footer>'
        "<text:p><text:page-number>1</text:page-number></text:p></style:footer></style:master-page>"
        f'<style:master-page style:name="Other">{master}</style:master-page></office:master-styles>'
    )
    body = p("one", "P2") + p("two", "P1") + p("three", "P2")
    document = read(path, body, automatic=automatic, styles=styles)
    assert [[block.text for block in page.blocks] for page in document.pages] == [
        ["Harbour Ltd", "one"],
        ["two"],
        ["three"],
    ]


def test_preformatted_lines_join_to_a_listing(path: Path) -> None:
    body = p("if x:", "Preformatted_20_Text") + p("<text:s text:c='4'/>y", "Preformatted_20_Text")
    (block,) = blocks_of(read(path, body))
    assert (block.kind, block.text) == ("code", "if x:\n    y")


def test_each_slide_is_a_page_also_an_empty_one(tmp_path: Path) -> None:
    def frame(kind: str, inner: str) -> str:
        box = f"<draw:text-box>{inner}</draw:text-box>"
        return f'<draw:frame presentation:class="{kind}">{box}</draw:frame>'

    body = (
        f"<draw:page draw:name='s1'>{frame('outline', list_of(p('Point')))}"
        f"{frame('title', p('Гавань'))}<draw:custom-shape>{p('Shape')}</draw:custom-shape>"
        "<office:annotation><dc:creator>Анна</dc:creator><text:p>Shorter?</text:p>"
        f"</office:annotation><presentation:notes>{frame('notes', p('Say hello'))}"
        f"{frame('page-number', p('3'))}</presentation:notes></draw:page>"
        "<draw:page draw:name='s2'/>"
        f"<draw:page draw:name='s3'>{frame('title', p('End'))}</draw:page>"
    )
    document = read(tmp_path / "talk.odp", body, kind="presentation")
    assert document.header.title == "Гавань"
    assert [[block.text for block in page.blocks] for page in document.pages] == [
        ["Гавань", "• Point", "Shape", "Say hello", "Comment by Анна: Shorter?"],
        ["s2"],
        ["End"],
    ]


def test_a_flat_file_reads_like_a_zipped_one(tmp_path: Path) -> None:
    encoded = base64.b64encode(picture("blue")).decode()
    path = tmp_path / "flat.fodt"
    path.write_text(
        part(
            "office:document",
            "<office:meta><dc:title>Плоский</dc:title></office:meta>"
            f"<office:automatic-styles>{LISTS}</office:automatic-styles><office:body><office:text>"
            f"{list_of(p('one'))}<text:p><draw:frame><draw:image><office:binary-data>{encoded}"
            "</office:binary-data></draw:image></draw:frame></text:p></office:text></office:body>",
        ),
        encoding="utf-8",
    )
    document = parse(path, SETTINGS)
    assert document.header.title == "Плоский"
    (page,) = document.pages
    assert [block.text for block in page.blocks] == ["1. one"]
    assert len(page.figures) == 1


def test_properties_become_metadata(path: Path) -> None:
    meta = (
        "<dc:title>Log</dc:title><meta:initial-creator>Анна</meta:initial-creator>"
        "<meta:keyword>quay</meta:keyword><meta:keyword>rope</meta:keyword>"
        "<meta:creation-date>2021-05-06T07:08:09</meta:creation-date>"
    )
    header = read(path, p("text"), meta=meta).header
    assert header.title == "Log"
    assert header.metadata == {"author": "Анна", "keywords": "quay, rope", "created": "2021-05-06"}


def test_an_encrypted_document_is_refused_as_such(path: Path) -> None:
    manifest = "<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
    with pytest.raises(UnreadableDocument, match="password-protected"):
        read(path, p("text"), parts={"META-INF/manifest.xml": manifest})


def test_a_cut_content_part_gives_what_stands_before_the_cut(path: Path) -> None:
    whole = part(
        "office:document-content",
        f"<office:body><office:text>{p('kept')}{p('lost')}</office:text></office:body>",
    )
    cut = whole[: whole.index("lost") - 20]
    document = read(path, "", parts={"content.xml": cut})
    assert [block.text for block in blocks_of(document)] == ["kept"]
    assert "content.xml is damaged" in document.header.warnings[0]
