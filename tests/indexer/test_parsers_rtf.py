"""RTF files: what their program shows is what is indexed."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from indexer.domain import Block, Page
from indexer.errors import UnreadableDocument
from indexer.parsers.rtf import parse
from indexer.settings import ParserSettings
from tests.contracts.made.rtf import escaped, write

SETTINGS = ParserSettings()


class Maker:
    def __init__(self, path: Path) -> None:
        self.path = path

    def pages(self, body: str) -> list[Page]:
        write(self.path, body)
        return list(parse(self.path, SETTINGS).pages)

    def blocks(self, body: str) -> list[Block]:
        return [block for page in self.pages(body) for block in page.blocks]

    def texts(self, body: str) -> list[str]:
        return [block.text for block in self.blocks(body)]


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path / "letter.rtf")


def picture() -> str:
    buffer = BytesIO()
    Image.new("RGB", (100, 60), "red").save(buffer, "PNG")
    return buffer.getvalue().hex()


def test_text_comes_in_the_code_page_of_its_font_or_as_unicode(maker: Maker) -> None:
    body = (
        r"\pard\f1\'cc\'e0\'ff\'ea\f0  caf\'e9 "
        + escaped("Ω 😀")
        + r" {\uc2\u1084\'ac\'ac}\uc0\u1072 b\uc1\par"
    )
    assert maker.texts(body) == ["Маяк café Ω 😀 маb"]


def test_a_russian_file_whose_fonts_claim_latin_is_read_as_russian(tmp_path: Path) -> None:
    path = tmp_path / "old.rtf"
    path.write_bytes(
        rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset0 Arial;}}\f0 \'cc\'e0\'ff\'ea\par}"
    )
    (page,) = parse(path, SETTINGS).pages
    assert page.blocks[0].text == "Маяк"


def test_signs_and_escapes_of_the_format_become_characters(maker: Maker) -> None:
    body = r"\pard a\~b\_c\-d \{x\} \\ \endash\emdash\bullet\lquote q\rquote\line next\tab end\par"
    assert maker.texts(body) == ["a b-cd {x} \\ –—•‘q’\nnext end"]
    assert maker.texts(r"\pard{\f3 a\'b3} \u-3913?\par") == ["α≥ •"]


def test_headings_come_from_styles_and_outline_levels(maker: Maker) -> None:
    body = (
        r"\pard\s3 The Log\par\pard\s1{\listtext 1.\tab}Quay\par\pard\s2 Lamps\par"
        r"\pard\outlinelevel2 Oil\par\pard\s1\outlinelevel9 no heading\par"
    )
    blocks = maker.blocks(body)
    assert [(block.kind, block.level, block.text) for block in blocks] == [
        ("heading", 1, "The Log"),
        ("heading", 1, "1. Quay"),
        ("heading", 2, "Lamps"),
        ("heading", 3, "Oil"),
        ("paragraph", 0, "no heading"),
    ]
    assert parse(maker.path, SETTINGS).header.title == "The Log"


def test_lists_show_the_markers_that_are_printed(maker: Maker) -> None:
    body = (
        r"\pard{\listtext\pard\plain 1.\tab}\ilvl0\ls1 one\par"
        r"\pard{\listtext\pard\plain\f3\'b7\tab}\ilvl1\ls1 inner\par"
        r"{\pard\fi-360 2)\tab typed\par}{\pard \bullet\tab dot\par}"
    )
    assert maker.texts(body) == ["1. one", "  • inner", "2) typed", "• dot"]


def test_hidden_and_deleted_text_and_instructions_are_left_out(maker: Maker) -> None:
    body = (
        r"\pard Kept{\v secret}{\deleted gone}{\revised  new}{\*\unknown x{y}z}"
        r"{\*\bkmkstart b}{\field{\*\fldinst HYPERLINK http://x.test}{\fldrslt  link}}\par"
    )
    assert maker.texts(body) == ["Kept new link"]


def test_merged_cells_stand_in_each_place_they_cover(maker: Maker) -> None:
    body = (
        r"\trowd\cellx2000\cellx3000\pard\intbl Lamp\cell Price\cell\row"
        r"\trowd\clvmgf\cellx1000\cellx2000\cellx3000"
        r"\pard\intbl north\cell two\cell 5\cell\row"
        r"\trowd\clvmrg\cellx1000\cellx2000\cellx3000"
        r"\pard\intbl\cell three\par lines\cell 6\cell\row"
        r"\pard after\par"
    )
    table, after = maker.blocks(body)
    assert table.text == "Lamp | Lamp | Price\nnorth | two | 5\nnorth | three lines | 6"
    assert (table.kind, after.text) == ("table", "after")


def test_an_inner_table_lies_flat_in_its_cell(maker: Maker) -> None:
    body = (
        r"\pard\intbl\itap2 in 1\nestcell in 2\nestcell"
        r"{\*\nesttableprops\trowd\cellx500\cellx900\nestrow}{\nonesttables\par}"
        r"\pard\intbl\itap1 end\cell side\cell{\trowd\cellx1000\cellx2000\row}\pard after\par"
    )
    assert maker.texts(body) == ["in 1 in 2 end | side", "after"]


def test_notes_are_numbered_where_they_are_called_and_stand_at_the_end(maker: Maker) -> None:
    body = (
        r"\pard Light{\super\chftn}{\footnote\pard{\super\chftn} "
        + escaped("Сноска.")
        + r"\par} and{\super\chftn}{\footnote\ftnalt\pard\chftn  An endnote.} more\par"
        r"\pard next\par\pard\s1 Heading\par"
    )
    assert maker.texts(body) == [
        "Light[1] and[i] more",
        "next",
        "[1] Сноска.",
        "[i] An endnote.",
        "Heading",
    ]


def test_a_comment_names_its_author_and_what_it_is_about(maker: Maker) -> None:
    body = (
        r"\pard Built {\*\atrfstart 1}long ago{\*\atrfend 1}{\*\atnid AL}{\*\atnauthor Anna Li}"
        r"\chatn{\*\annotation{\*\atnref 1}\pard\chatn  Which year?\par}.\par"
    )
    assert maker.texts(body) == ["Built long ago.", "Comment by Anna Li on “long ago”: Which year?"]


def test_headers_come_first_and_footers_last_once_each(maker: Maker) -> None:
    header, footer = r"{\header\pard Harbour Ltd\par}", r"{\footer\pard Confidential\par}"
    body = (
        rf"{header}{footer}\pard one\par\sect\sectd{header}{footer}\pard two\par"
        r"\sect\sectd\sbknone\pard three\page four\par\pard\pagebb five\par"
    )
    assert [[block.text for block in page.blocks] for page in maker.pages(body)] == [
        ["Harbour Ltd", "one"],
        ["two", "three"],
        ["four"],
        ["five", "Confidential"],
    ]


def test_a_picture_is_read_once_with_its_description_and_caption(maker: Maker) -> None:
    body = (
        r"\pard{\*\shppict{\pict{\*\picprop{\sp{\sn wzDescription}{\sv A red flag}}}"
        r"\pngblip\picw100{\*\blipuid 00ff}" + "\n" + picture() + r"}}"
        r"{\nonshppict{\pict\wmetafile8 0100}}\par\pard\s4 Figure 1. Flag\par"
    )
    (page,) = maker.pages(body)
    (figure,) = page.figures
    assert figure.caption == "Figure 1. Flag\nA red flag"
    assert figure.raster is not None
    assert (figure.raster.width, figure.raster.height) == (100, 60)


def test_the_words_of_a_text_box_follow_their_paragraph(maker: Maker) -> None:
    body = (
        r"\pard{\shp{\*\shpinst{\sp{\sn fLine}{\sv 0}}{\shptxt\pard Boxed\par}}"
        r"{\shprslt{\*\do{\dptxbxtext\pard Boxed\par}}}}Anchor\par"
    )
    assert maker.texts(body) == ["Anchor", "Boxed"]


def test_formulas_read_as_latex_in_one_line(maker: Maker) -> None:
    body = (
        r"\pard So {\mmath{\*\moMath{\mr\mscr0\msty2 x=}{\mf{\mfPr{\mtype bar}}{\mnum{\mr a}}"
        r"{\mden{\msSup{\me{\mr b}}{\msup{\mr 2}}}}}}{\mmathPict{\pict\wmetafile8 00}}}\par"
    )
    assert maker.texts(body) == [r"So x=\frac{a}{b^2}"]


def test_listings_keep_their_spaces(maker: Maker) -> None:
    body = r"\pard\f2 def f():\par     return 1\par\pard\f2 Typed on an old machine.\par"
    assert [(block.kind, block.text) for block in maker.blocks(body)] == [
        ("code", "def f():\n    return 1"),
        ("paragraph", "Typed on an old machine."),
    ]


def test_properties_become_metadata(maker: Maker) -> None:
    write(
        maker.path,
        r"{\info{\title " + escaped("Журнал") + r"}{\author Anna}{\creatim\yr2021\mo5\dy6\hr7}}"
        r"\pard text\par",
    )
    header = parse(maker.path, SETTINGS).header
    assert header.title == "Журнал"
    assert header.metadata == {"author": "Anna", "created": "2021-05-06"}


def test_a_file_that_ends_early_gives_what_it_has(maker: Maker) -> None:
    cut = r"\pard whole\par\trowd\cellx9\cellx20\pard\intbl half\cell a tab"
    write(maker.path, cut)
    maker.path.write_bytes(maker.path.read_bytes()[:-1])
    blocks = [block for page in parse(maker.path, SETTINGS).pages for block in page.blocks]
    assert [block.text for block in blocks] == ["whole", "half | a tab"]


def test_groups_nested_without_end_do_no_harm(maker: Maker) -> None:
    body = r"\pard before\par " + "{" * 100_000 + "deep" + "}" * 100_000 + r"\pard after\par"
    assert maker.texts(body)[0] == "before"


def test_another_file_with_this_suffix_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.rtf"
    path.write_text("just text", encoding="ascii")
    with pytest.raises(UnreadableDocument, match="not an RTF file"):
        parse(path, SETTINGS)
