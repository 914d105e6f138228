"""Text, Markdown and HTML: every encoding is read and the words stay as they were written."""

from pathlib import Path

import pytest

from indexer.domain import Block, Page
from indexer.errors import UnreadableDocument
from indexer.parsers import html, markdown, parser_for, text
from indexer.parsers._flow import FlowBlock, paginate
from indexer.settings import ParserSettings

SETTINGS = ParserSettings()
RUSSIAN = (
    "Гавань лежит между двумя холмами и открыта на север. Каждое утро лодки выходят в море "
    "до восхода солнца и возвращаются, когда открывается рынок."
)


def written(folder: Path, content: str | bytes, name: str = "note.txt") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def blocks(pages: list[Page]) -> list[Block]:
    return [block for page in pages for block in page.blocks]


def read_html(folder: Path, content: str | bytes) -> list[Block]:
    return blocks(list(html.parse(written(folder, content, "page.html"), SETTINGS).pages))


def read_markdown(folder: Path, content: str) -> list[tuple[str, str]]:
    found = blocks(list(markdown.parse(written(folder, content, "page.md"), SETTINGS).pages))
    return [(block.kind, block.text) for block in found]


@pytest.mark.parametrize(
    "encoding",
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 cp1251 koi8-r cp866 iso8859-5".split(),
)
def test_russian_is_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    pages = list(text.parse(written(tmp_path, RUSSIAN.encode(encoding)), SETTINGS).pages)
    assert [block.text for block in blocks(pages)] == [RUSSIAN]


def test_western_accents_are_read(tmp_path: Path) -> None:
    words = "Le café près de l'hôtel était fermé à cause de la fête. " * 5
    pages = list(text.parse(written(tmp_path, words.encode("cp1252")), SETTINGS).pages)
    assert blocks(pages)[0].text == words


def test_text_is_verbatim_between_blank_lines(tmp_path: Path) -> None:
    content = "  first line\n    indented\n\n \nsecond  with  spaces\r\nnext line\n"
    pages = list(text.parse(written(tmp_path, content), SETTINGS).pages)
    assert [block.text for block in blocks(pages)] == [
        "  first line\n    indented",
        "second  with  spaces\nnext line",
    ]


def test_a_form_feed_starts_a_page_and_the_stem_is_the_title(tmp_path: Path) -> None:
    parsed = text.parse(written(tmp_path, "one\n\ntwo\fthree"), SETTINGS)
    assert (parsed.header.title, parsed.header.page_count) == ("note", 2)
    assert [[b.text for b in page.blocks] for page in parsed.pages] == [["one", "two"], ["three"]]


def test_an_underlined_line_is_a_heading(tmp_path: Path) -> None:
    content = "Harbour\n=======\n\nSome words.\n\nBoats\n-----\nMore words."
    parsed = text.parse(written(tmp_path, content, "guide.rst"), SETTINGS)
    found = [(b.kind, b.level, b.text) for b in blocks(list(parsed.pages))]
    assert found == [
        ("heading", 1, "Harbour"),
        ("paragraph", 0, "Some words."),
        ("heading", 2, "Boats"),
        ("paragraph", 0, "More words."),
    ]
    assert parsed.header.title == "Harbour"


def test_lines_are_the_vertical_axis_of_a_page(tmp_path: Path) -> None:
    (page,) = text.parse(written(tmp_path, "a\nb\n\nc"), SETTINGS).pages
    assert (page.width, page.height) == (1, 4)
    boxes = [span.box.as_tuple() for block in page.blocks for span in block.spans]
    assert boxes == [(0, 0, 1, 0.25), (0, 0.25, 1, 0.5), (0, 0.75, 1, 1)]


def test_binary_data_is_no_text(tmp_path: Path) -> None:
    for content in (b"\0" * 500, bytes(range(256)) * 20, b"abc\0def" * 100):
        with pytest.raises(UnreadableDocument, match="binary"):
            text.parse(written(tmp_path, content), SETTINGS)


def test_blank_files_have_no_text(tmp_path: Path) -> None:
    for module, name in ((text, "a.txt"), (markdown, "a.md"), (html, "a.html")):
        with pytest.raises(UnreadableDocument, match="no text in it"):
            module.parse(written(tmp_path, " \n\n ", name), SETTINGS)


def test_pages_break_between_blocks_and_huge_blocks_at_line_ends() -> None:
    short = [FlowBlock(kind="paragraph", text="x" * 40) for _ in range(4)]
    assert [len(page) for page in paginate(short, 100)] == [2, 2]
    lines = [f"line number {index}" for index in range(30)]
    pages = paginate([FlowBlock(kind="code", text="\n".join(lines))], 100)
    assert len(pages) > 3
    assert "\n".join(block.text for page in pages for block in page).split("\n") == lines
    words = "word " * 99 + "word"
    pages = paginate([FlowBlock(kind="paragraph", text=words)], 99)
    assert " ".join(block.text for page in pages for block in page) == words


def test_markdown_loses_its_marks_and_keeps_its_shape(tmp_path: Path) -> None:
    content = (
        "# The *harbour*\n\nSee [the **map**](x.png)\nand `code`.\n\n- red\n- green\n  - dark\n\n"
        "3. three\n4. four\n\n| Boat | Length |\n|---|---|\n| Heron | 12 |\n\n"
        "```python\nif a:\n    b()\n```\n\n> quoted\n"
    )
    assert read_markdown(tmp_path, content) == [
        ("heading", "The harbour"),
        ("paragraph", "See the map and code."),
        ("list", "• red"),
        ("list", "• green"),
        ("list", "  • dark"),
        ("list", "3. three"),
        ("list", "4. four"),
        ("table", "Boat | Length\nHeron | 12"),
        ("code", "if a:\n    b()"),
        ("paragraph", "quoted"),
    ]


def test_front_matter_gives_the_title_and_is_not_text(tmp_path: Path) -> None:
    path = written(tmp_path, '---\ntitle: "Log book"\n---\n\nWords.\n', "page.md")
    parsed = markdown.parse(path, SETTINGS)
    assert parsed.header.title == "Log book"
    assert [block.text for block in blocks(list(parsed.pages))] == ["Words."]


def test_html_is_read_without_scripts_styles_and_navigation(tmp_path: Path) -> None:
    found = read_html(
        tmp_path,
        "<title>T</title><style>p{}</style><nav>Home</nav><h2>Boats &amp; nets</h2>"
        "<p>One <b>bold</b>\n word<script>alert(1)</script>.</p><p hidden>secret</p>"
        "<div style='display: none'>secret</div><!-- secret -->"
        "<ul><li>red</li><li>green<ol><li>dark</li></ol></li></ul><pre>a\n  b</pre>",
    )
    assert [(block.kind, block.text) for block in found] == [
        ("heading", "Boats & nets"),
        ("paragraph", "One bold word."),
        ("list", "• red"),
        ("list", "• green"),
        ("list", "  1. dark"),
        ("code", "a\n  b"),
    ]
    assert found[0].level == 2


def test_an_html_table_keeps_its_header_and_one_line_a_row(tmp_path: Path) -> None:
    (table,) = read_html(
        tmp_path,
        "<table><tr><th>Boat</th><th>Length</th></tr><tr><td>Grey<br>seal</td><td>9</td></tr></table>",
    )
    assert (table.kind, table.text) == ("table", "Boat | Length\nGrey seal | 9")


def test_a_table_that_only_places_things_is_no_table(tmp_path: Path) -> None:
    found = read_html(tmp_path, "<table><tr><td><p>One</p><p>Two</p></td></tr></table>")
    assert [(block.kind, block.text) for block in found] == [
        ("paragraph", "One"),
        ("paragraph", "Two"),
    ]


def test_the_declared_encoding_of_a_page_is_believed(tmp_path: Path) -> None:
    content = f"<meta charset='koi8-r'><title>Гавань</title><p>{RUSSIAN}</p>".encode("koi8-r")
    assert read_html(tmp_path, content)[0].text == RUSSIAN


def test_deeply_nested_markup_is_read(tmp_path: Path) -> None:
    found = read_html(tmp_path, "<div>" * 3000 + "deep" + "</div>" * 3000)
    assert "deep" in " ".join(block.text for block in found)


def test_the_first_bytes_overrule_a_wrong_suffix(tmp_path: Path) -> None:
    assert parser_for(
        written(tmp_path, b"\xff\xd8\xff\xe0" + b"0" * 50, "a.pdf")
    ).__name__.endswith("image")  # type: ignore[attr-defined]
    assert parser_for(written(tmp_path, b"%PDF-1.7\n", "a.txt")).__name__.endswith("pdf")  # type: ignore[attr-defined]
    assert parser_for(written(tmp_path, "Plain words.", "README")).__name__.endswith("text")  # type: ignore[attr-defined]
    assert parser_for(written(tmp_path, "<!DOCTYPE html><p>x", "page")).__name__.endswith("html")  # type: ignore[attr-defined]
