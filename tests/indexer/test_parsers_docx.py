"""Word documents: what a reader sees on paper is what is indexed."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from indexer.domain import Block, Figure, ParsedDocument
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.parsers.docx import parse
from indexer.settings import ParserSettings
from tests.contracts.made.docx import NAMESPACES, paragraph, part, styled, write

SETTINGS = ParserSettings()
STYLES = part(
    "w:styles",
    """
    <w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
    <w:style w:type="paragraph" w:styleId="a"><w:name w:val="Title"/></w:style>
    <w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/>
      <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
    <w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/><w:basedOn w:val="1"/>
      <w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
    <w:style w:type="paragraph" w:styleId="own"><w:name w:val="Chapter"/><w:basedOn w:val="2"/>
      <w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr></w:style>
    <w:style w:type="paragraph" w:styleId="code"><w:name w:val="Source Code"/></w:style>
    <w:style w:type="paragraph" w:styleId="cap"><w:name w:val="caption"/></w:style>
    <w:style w:type="character" w:styleId="ghost"><w:name w:val="Ghost"/>
      <w:rPr><w:vanish/></w:rPr></w:style>
    """,
)
NUMBERING = part(
    "w:numbering",
    """
    <w:abstractNum w:abstractNumId="0">
      <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="1"/>
        <w:lvlText w:val="%1."/></w:lvl>
      <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/>
      </w:lvl></w:abstractNum>
    <w:abstractNum w:abstractNumId="1">
      <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1)"/>
      </w:lvl>
      <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="russianLower"/>
        <w:lvlText w:val="%2)"/></w:lvl>
      <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0B7;"/>
      </w:lvl></w:abstractNum>
    <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
    <w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
    <w:num w:numId="3"><w:abstractNumId w:val="1"/>
      <w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>
    """,
)
PARTS: dict[str, str | bytes] = {"styles.xml": STYLES, "numbering.xml": NUMBERING}
RELATIONS = {"s": ("styles", "styles.xml"), "n": ("numbering", "numbering.xml")}


def picture(color: str, size: tuple[int, int] = (120, 80)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, color).save(buffer, "PNG")
    return buffer.getvalue()


def drawing(relation: str, alt: str = "", attribute: str = "embed") -> str:
    return (
        f'<w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="{alt}"/><a:graphic>'
        f'<a:graphicData><pic:pic><pic:blipFill><a:blip r:{attribute}="{relation}"/>'
        "</pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"
    )


def w(name: str, **attributes: object) -> str:
    """An empty element, such as ``<w:br w:type="page"/>``."""
    return f"<w:{name}{''.join(f' w:{k}={chr(34)}{v}{chr(34)}' for k, v in attributes.items())}/>"


def run(content: str) -> str:
    return f"<w:r>{content}</w:r>"


def words(text: str) -> str:
    return run(f'<w:t xml:space="preserve">{text}</w:t>')


def item(text: str, number: int, level: int = 0) -> str:
    numbers = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return paragraph(text, numbers)


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


class Maker:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts: dict[str, str | bytes] = dict(PARTS)
        self.relations = dict(RELATIONS)

    def parse(self, body: str, settings: ParserSettings = SETTINGS) -> ParsedDocument:
        write(self.path, body, parts=self.parts, relations=self.relations)
        return parse(self.path, settings)

    def blocks(self, body: str) -> list[Block]:
        return [block for page in self.parse(body).pages for block in page.blocks]

    def texts(self, body: str) -> list[str]:
        return [block.text for block in self.blocks(body)]

    def figures(self, body: str) -> list[Figure]:
        return [figure for page in self.parse(body).pages for figure in page.figures]


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path / "letter.docx")


def test_headings_keep_their_level_and_their_printed_number(maker: Maker) -> None:
    body = styled("Гавань", "1") + styled("Lamps", "2") + styled("Ropes", "2") + styled("Quay", "1")
    body += styled("Tide", "2") + styled("Unnumbered", "own")
    blocks = maker.blocks(body)
    assert [(block.level, block.text) for block in blocks] == [
        (1, "1. Гавань"),
        (2, "1.1 Lamps"),
        (2, "1.2 Ropes"),
        (1, "2. Quay"),
        (2, "2.1 Tide"),
        (2, "Unnumbered"),
    ]


def test_an_outline_level_makes_a_heading_and_body_text_unmakes_it(maker: Maker) -> None:
    outlined = paragraph("Annex", '<w:outlineLvl w:val="2"/>')
    plain = paragraph(
        "Not a heading",
        '<w:pStyle w:val="own"/><w:outlineLvl w:val="9"/>',
    )
    assert [(b.kind, b.level) for b in maker.blocks(outlined + plain)] == [
        ("heading", 3),
        ("paragraph", 0),
    ]


def test_lists_count_nest_continue_and_restart_as_printed(maker: Maker) -> None:
    body = item("one", 2) + item("inner", 2, 1) + item("second", 2, 1) + item("dot", 2, 2)
    body += paragraph("between") + item("two", 2) + item("anew", 2, 1) + item("seven", 3)
    assert maker.texts(body) == [
        "1) one",
        "  а) inner",
        "  б) second",
        "    • dot",
        "between",
        "2) two",
        "  а) anew",
        "7) seven",
    ]


def test_an_item_below_a_missing_one_counts_it_as_the_first(maker: Maker) -> None:
    body = styled("A", "1") + paragraph(
        "Deep", '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr>'
    )
    assert maker.texts(body) == ["1. A", "  1.1 Deep"]
    assert maker.texts(styled("Deep", "2") + styled("B", "1")) == ["1.1 Deep", "2. B"]


def test_merged_cells_stand_in_each_place_they_cover_and_inner_tables_are_flat(
    maker: Maker,
) -> None:
    inner = f"<w:tbl><w:tr>{cell('in 1')}{cell('in 2')}</w:tr></w:tbl>"
    body = (
        f"<w:tbl><w:tr>{cell('Lamp', w('gridSpan', val=2))}{cell('Price')}</w:tr>"
        f"<w:tr>{cell('north', w('vMerge', val='restart'))}{cell('two')}{cell('5')}</w:tr>"
        f"<w:tr>{cell('', '<w:vMerge/>')}<w:tc>{inner}<w:p/></w:tc>{cell('6')}</w:tr>"
        f"<w:tr><w:trPr><w:del/></w:trPr>{cell('gone')}</w:tr></w:tbl>"
    )
    (block,) = maker.blocks(body)
    assert block.kind == "table"
    assert block.text.split("\n") == [
        "Lamp | Lamp | Price",
        "north | two | 5",
        "north | in 1 in 2 | 6",
    ]


def test_a_table_of_one_cell_is_a_frame_around_its_paragraphs(maker: Maker) -> None:
    body = f"<w:tbl><w:tr><w:tc>{styled('Inside', 'own')}{paragraph('text')}</w:tc></w:tr></w:tbl>"
    assert [block.kind for block in maker.blocks(body)] == ["heading", "paragraph"]


def test_inserted_text_is_shown_and_deleted_or_hidden_text_is_not(maker: Maker) -> None:
    body = (
        f"<w:p>{words('The ')}<w:ins>{words('new ')}</w:ins>"
        "<w:del><w:r><w:delText>old </w:delText></w:r></w:del>"
        f"<w:moveFrom>{words('moved ')}</w:moveFrom>"
        f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>"
        f'<w:r><w:rPr><w:rStyle w:val="ghost"/></w:rPr><w:t>secret</w:t></w:r>'
        f"<w:moveTo>{words('lamp')}</w:moveTo></w:p>"
    )
    assert maker.texts(body) == ["The new lamp"]


def test_a_paragraph_whose_mark_was_deleted_runs_on_and_so_does_a_drop_cap(maker: Maker) -> None:
    deleted = "<w:rPr><w:del/></w:rPr>"
    capital = '<w:framePr w:dropCap="drop" w:lines="3"/>'
    body = paragraph("Half ", deleted) + paragraph("whole") + paragraph("O", capital)
    assert maker.texts(body + paragraph("nce upon")) == ["Half whole", "Once upon"]


def test_fields_show_their_results_only(maker: Maker) -> None:
    def mark(kind: str, inner: str = "") -> str:
        return run(f'<w:fldChar w:fldCharType="{kind}">{inner}</w:fldChar>')

    body = (
        f"<w:p>{mark('begin')}{run('<w:instrText>IF </w:instrText>')}{words('hidden')}"
        f"{mark('separate')}{words('Page 4')}{mark('end')}"
        f"<w:fldSimple>{words(' of 9')}</w:fldSimple></w:p>"
        f"<w:p>{mark('begin', '<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>')}"
        f"{mark('end')}{words(' agreed')}</w:p>"
        f"<w:p>{mark('begin')}{words('broken field')}</w:p>{paragraph('after it')}"
    )
    assert maker.texts(body) == ["Page 4 of 9", "☒ agreed", "after it"]


def test_notes_follow_at_the_end_of_their_section_with_their_printed_number(maker: Maker) -> None:
    maker.parts["footnotes.xml"] = part(
        "w:footnotes",
        f'<w:footnote w:id="5">{paragraph("Сноска о маяке.")}</w:footnote>'
        f'<w:footnote w:id="6">{paragraph("Second note.")}</w:footnote>',
    )
    maker.parts["endnotes.xml"] = part(
        "w:endnotes", f'<w:endnote w:id="5">{paragraph("An endnote.")}</w:endnote>'
    )
    maker.relations |= {"f": ("footnotes", "footnotes.xml"), "e": ("endnotes", "endnotes.xml")}
    body = (
        f"<w:p>{words('Light')}{run(w('footnoteReference', id=5))}{words(' shines')}"
        f"{run(w('endnoteReference', id=5))}</w:p>{paragraph('More.')}{styled('Next', 'own')}"
        f"<w:p>{words('End')}{run(w('footnoteReference', id=6))}</w:p>"
    )
    assert maker.texts(body) == [
        "Light[1] shines[i]",
        "More.",
        "[1] Сноска о маяке.",
        "[i] An endnote.",
        "Next",
        "End[2]",
        "[2] Second note.",
    ]


def test_a_comment_names_its_author_and_what_it_is_about(maker: Maker) -> None:
    maker.parts["comments.xml"] = part(
        "w:comments",
        f'<w:comment w:id="0" w:author="Анна">{paragraph("Which year?")}</w:comment>',
    )
    maker.relations["c"] = ("comments", "comments.xml")
    body = (
        f'<w:p>{words("Built ")}<w:commentRangeStart w:id="0"/>{words("long ago")}'
        f'<w:commentRangeEnd w:id="0"/>{run(w("commentReference", id=0))}</w:p>'
    )
    assert maker.texts(body) == ["Built long ago", "Comment by Анна on “long ago”: Which year?"]


def test_headers_and_footers_come_once_for_each_text(maker: Maker) -> None:
    for name, text in (("h1", "Harbour Ltd"), ("h2", "Harbour Ltd"), ("f1", "Confidential")):
        maker.parts[f"{name}.xml"] = part("w:hdr", paragraph(text))
        maker.relations[name] = ("header", f"{name}.xml")
    maker.parts["f2.xml"] = part("w:ftr", paragraph("12"))
    maker.relations["f2"] = ("footer", "f2.xml")
    first = (
        '<w:sectPr><w:headerReference w:type="default" r:id="h1"/>'
        '<w:footerReference w:type="default" r:id="f1"/>'
        '<w:headerReference w:type="first" r:id="f2"/></w:sectPr>'
    )
    last = (
        '<w:sectPr><w:headerReference w:type="default" r:id="h2"/>'
        '<w:footerReference w:type="default" r:id="f2"/></w:sectPr>'
    )
    document = maker.parse(paragraph("One.", first) + paragraph("Two.") + last)
    assert [[block.text for block in page.blocks] for page in document.pages] == [
        ["Harbour Ltd", "One.", "Confidential"],
        ["Two."],
    ]


def test_a_text_box_is_read_once_though_it_is_written_twice(maker: Maker) -> None:
    box = f"<w:txbxContent>{paragraph('Boxed words')}</w:txbxContent>"
    body = (
        f"<w:p>{words('Anchor')}<w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp>'
        f"</w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{box}</v:textbox>"
        "</v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        f"<w:p><w:r><w:pict><v:shape><v:textbox>"
        f"<w:txbxContent>{paragraph('Old box')}</w:txbxContent>"
        "</v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    assert maker.texts(body) == ["Anchor", "Boxed words", "Old box"]


def test_pictures_of_both_kinds_come_in_order_with_caption_and_alternative_text(
    maker: Maker,
) -> None:
    maker.parts |= {"media/red.png": picture("red"), "media/blue.png": picture("blue", (90, 60))}
    maker.relations |= {"red": ("image", "media/red.png"), "blue": ("image", "media/blue.png")}
    body = (
        f"<w:p>{run(drawing('red', 'A red flag'))}</w:p>{styled('Figure 1. Flag', 'cap')}"
        f'<w:p><w:r><w:pict><v:shape alt="Blue square"><v:imagedata r:id="blue"/></v:shape>'
        "</w:pict></w:r></w:p>"
    )
    figures = maker.figures(body)
    assert [figure.caption for figure in figures] == ["Figure 1. Flag\nA red flag", "Blue square"]
    sizes = [(f.raster.width, f.raster.height) for f in figures if f.raster]
    assert sizes == [(120, 80), (90, 60)]


def test_an_external_picture_is_not_fetched_but_its_description_is_kept(maker: Maker) -> None:
    maker.relations["web"] = ("image", "http://127.0.0.1:9/lamp.png")
    body = f"<w:p>{run(drawing('web', 'A lamp at night', 'link'))}</w:p>"
    document = maker.parse(body)
    (page,) = document.pages
    assert [block.text for block in page.blocks] == ["A lamp at night"]
    assert page.figures == ()


def test_formulas_read_as_latex_in_one_line(maker: Maker) -> None:
    def text(value: str) -> str:
        return f"<m:r><m:t>{value}</m:t></m:r>"

    fraction = f"<m:f><m:num>{text('a+b')}</m:num><m:den>{text('2')}</m:den></m:f>"
    total = (
        f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{text("i=1")}</m:sub>'
        f"<m:sup>{text('n')}</m:sup><m:e><m:sSup><m:e>{text('x')}</m:e><m:sup>{text('2')}</m:sup>"
        "</m:sSup></m:e></m:nary>"
    )
    root = f"<m:rad><m:deg>{text('3')}</m:deg><m:e>{text('y')}</m:e></m:rad>"
    bracket = f"<m:d><m:e>{fraction}</m:e></m:d>"
    matrix = (
        f"<m:m><m:mr><m:e>{text('1')}</m:e><m:e>{text('0')}</m:e></m:mr>"
        f"<m:mr><m:e>{text('0')}</m:e><m:e>{text('1')}</m:e></m:mr></m:m>"
    )
    body = "".join(
        f"<w:p>{words('Here ')}<m:oMath>{formula}</m:oMath></w:p>"
        for formula in (text("S=") + fraction, total, root + text("="), bracket, matrix)
    )
    assert maker.texts(body) == [
        r"Here S=\frac{a+b}{2}",
        "Here ∑_{i=1}^n x^2",
        r"Here \sqrt[3]{y}=",
        r"Here (\frac{a+b}{2})",
        r"Here \begin{matrix} 1 & 0 \\ 0 & 1 \end{matrix}",
    ]


def test_a_chart_gives_its_title_and_its_numbers(maker: Maker) -> None:
    maker.parts["charts/chart1.xml"] = part(
        "c:chartSpace",
        "<c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Catch by year</a:t></a:r></a:p></c:rich>"
        "</c:tx></c:title><c:plotArea><c:barChart><c:ser>"
        "<c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>Herring</c:v></c:pt></c:strCache>"
        "</c:strRef></c:tx><c:cat><c:pt idx='0'><c:v>1990</c:v></c:pt><c:pt idx='1'>"
        "<c:v>1991</c:v></c:pt></c:cat><c:val><c:pt idx='0'><c:v>12</c:v></c:pt>"
        "<c:pt idx='1'><c:v>15</c:v></c:pt></c:val></c:ser></c:barChart></c:plotArea></c:chart>",
    )
    maker.relations["ch"] = ("chart", "charts/chart1.xml")
    body = (
        "<w:p><w:r><w:drawing><wp:inline><a:graphic><a:graphicData>"
        '<c:chart r:id="ch"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>'
    )
    assert maker.texts(body) == ["Catch by year", " | Herring\n1990 | 12\n1991 | 15"]


def test_listings_keep_their_spaces_and_join_to_one_block(maker: Maker) -> None:
    mono = '<w:rPr><w:rFonts w:ascii="Courier New"/></w:rPr>'
    body = (
        styled("def f():", "code")
        + styled("    return 1", "code")
        + f"<w:p><w:r>{mono}<w:t>x = f();</w:t></w:r></w:p>"
        + f"<w:p><w:r>{mono}<w:t>Typed on an old machine.</w:t></w:r></w:p>"
    )
    assert [(block.kind, block.text) for block in maker.blocks(body)] == [
        ("code", "def f():\n    return 1\nx = f();"),
        ("paragraph", "Typed on an old machine."),
    ]


def test_only_explicit_page_breaks_start_pages(maker: Maker) -> None:
    body = (
        f"<w:p>{words('before')}{run(w('br', type='page'))}{words('after')}"
        f"{run('<w:lastRenderedPageBreak/>')}{words(' it')}</w:p>"
        f"{paragraph('new', '<w:pageBreakBefore/>')}"
    )
    pages = maker.parse(body).pages
    assert [[block.text for block in page.blocks] for page in pages] == [
        ["before"],
        ["after it"],
        ["new"],
    ]


def test_symbol_fonts_and_break_hints_become_plain_characters(maker: Maker) -> None:
    body = (
        f"<w:p>{run(w('sym', font='Wingdings', char='F0FE'))}"
        f"{words(' yes ')}{run(w('sym', font='Symbol', char='F061'))}"
        f"{words(' co&#xAD;op')}{run('<w:noBreakHyphen/><w:t>ed</w:t>')}</w:p>"
    )
    assert maker.texts(body) == ["☑ yes α coop-ed"]


def test_properties_become_metadata_and_the_printed_title_wins(maker: Maker) -> None:
    maker.parts["/docProps/core.xml"] = (
        '<cp:coreProperties xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:cp="http://schemas.openxmlformats.org/'
        'package/2006/metadata/core-properties"><dc:title>Template</dc:title>'
        "<dc:creator>Анна Ли</dc:creator><cp:keywords>quay, rope</cp:keywords>"
        "<dcterms:created>2024-02-03T04:05:06Z</dcterms:created></cp:coreProperties>"
    )
    header = maker.parse(paragraph("text")).header
    assert header.title == "Template"
    assert header.metadata == {
        "author": "Анна Ли",
        "keywords": "quay, rope",
        "created": "2024-02-03",
    }
    assert maker.parse(styled("Отчёт", "a")).header.title == "Отчёт"


def test_iso_strict_files_read_like_the_others(maker: Maker) -> None:
    body = styled("Heading", "own") + item("one", 2)
    expected = maker.texts(body)
    strict = "http://purl.oclc.org/ooxml"
    with zipfile.ZipFile(maker.path) as package:
        files = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(maker.path, "w") as package:
        for name, data in files.items():
            text = data.decode()
            for prefix, area in (("w", "wordprocessingml/main"),):
                text = text.replace(NAMESPACES[prefix], f"{strict}/{area}")
            old = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
            package.writestr(name, text.replace(old, f"{strict}/officeDocument/relationships"))
    (page,) = parse(maker.path, SETTINGS).pages
    assert [block.text for block in page.blocks] == expected == ["Heading", "1) one"]


def test_a_damaged_body_gives_what_stands_before_the_damage_and_a_warning(maker: Maker) -> None:
    maker.parse(paragraph("kept"))
    with zipfile.ZipFile(maker.path) as package:
        files = {name: package.read(name) for name in package.namelist()}
    files["word/document.xml"] = files["word/document.xml"].replace(b"</w:body>", b"<w:p><w:")
    with zipfile.ZipFile(maker.path, "w") as package:
        for name, data in files.items():
            package.writestr(name, data)
    document = parse(maker.path, SETTINGS)
    assert [block.text for page in document.pages for block in page.blocks] == ["kept"]
    assert document.header.warnings == (
        "word/document.xml is damaged: some of its content is missing",
    )


def test_entities_are_not_resolved(maker: Maker, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("classified", encoding="utf-8")
    maker.parse(paragraph("kept"))
    with zipfile.ZipFile(maker.path) as package:
        files = {name: package.read(name) for name in package.namelist()}
    document = files["word/document.xml"].decode()
    entities = f'<!DOCTYPE x [<!ENTITY a "{"ha" * 500}"><!ENTITY s SYSTEM "{secret.as_uri()}">]>'
    document = document.replace("?>", f"?>{entities}", 1).replace("kept", "kept &a; &s;")
    files["word/document.xml"] = document.encode()
    with zipfile.ZipFile(maker.path, "w") as package:
        for name, data in files.items():
            package.writestr(name, data)
    text = "".join(b.text for page in parse(maker.path, SETTINGS).pages for b in page.blocks)
    assert "kept" in text
    assert "classified" not in text
    assert "haha" not in text


def test_a_file_that_unpacks_beyond_the_limit_is_refused(maker: Maker) -> None:
    maker.parts["media/zeros.png"] = bytes(2_000_000)
    with pytest.raises(LimitExceeded, match="OUTPUT_BYTES"):
        maker.parse(paragraph("text"), ParserSettings(output_bytes=1_000_000))


def test_tables_nested_without_end_are_cut_off_not_followed(maker: Maker) -> None:
    depth = 60
    body = f"<w:tbl><w:tr>{cell('side')}<w:tc>" * depth + "</w:tc></w:tr></w:tbl>" * depth
    assert "side" in " ".join(maker.texts(body))


def test_a_package_without_a_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableDocument, match="no Word document"):
        parse(path, SETTINGS)
