"""HTML and Markdown: merged cells, pictures in the page itself, lists and headings anywhere."""

import base64
from io import BytesIO
from pathlib import Path

from PIL import Image

from indexer.domain import Block, Page
from indexer.parsers import html, markdown
from indexer.settings import ParserSettings

SETTINGS = ParserSettings()


def pages(folder: Path, content: str, name: str = "page.html") -> list[Page]:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    module = markdown if name.endswith("md") else html
    return list(module.parse(path, SETTINGS).pages)


def read(folder: Path, content: str) -> list[Block]:
    return [block for page in pages(folder, content) for block in page.blocks]


def texts(folder: Path, content: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in read(folder, content)]


def address(side: int = 80) -> str:
    buffer = BytesIO()
    Image.effect_noise((side, side), 60).convert("RGB").save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def test_merged_cells_stand_in_every_place_they_cover(tmp_path: Path) -> None:
    content = (
        "<table><tr><th rowspan=2>Boat</th><th colspan=2>Catch</th></tr>"
        "<tr><th>cod</th><th>eel</th></tr>"
        "<tr><td>Heron</td><td>7</td><td>9</td></tr>"
        "<tr><td>Tern</td><td colspan=2>none</td></tr></table>"
    )
    assert texts(tmp_path, content) == [
        (
            "table",
            "Boat | Catch | Catch\nBoat | cod | eel\nHeron | 7 | 9\nTern | none | none",
        )
    ]


def test_columns_that_only_place_things_are_left_out(tmp_path: Path) -> None:
    content = (
        "<table><tr><td colspan=3>Revenue</td><td></td><td colspan=2>12</td></tr>"
        "<tr><td colspan=3>Cost</td><td></td><td colspan=2>7</td></tr></table>"
    )
    assert texts(tmp_path, content) == [("table", "Revenue | 12\nCost | 7")]


def test_spans_cannot_exhaust_memory(tmp_path: Path) -> None:
    row = "<tr><td colspan=99999 rowspan=99999>" + "x" * 500 + "</td><td>y</td></tr>"
    text = "".join(block.text for block in read(tmp_path, f"<table>{row * 400}</table>"))
    assert len(text) < 5_000_000
    assert text.count("y") == 400


def test_a_table_inside_a_cell_stays_in_its_row(tmp_path: Path) -> None:
    content = (
        "<table><tr><th>Boat</th><th>Nets</th></tr><tr><td>Heron</td><td>"
        "<table><tr><td>old</td><td>3</td></tr></table><ol><li>mend</li><li>dry</li></ol></td>"
        "</tr></table>"
    )
    assert texts(tmp_path, content) == [("table", "Boat | Nets\nHeron | old 3 1. mend 2. dry")]


def test_pictures_in_the_page_are_figures_with_their_captions(tmp_path: Path) -> None:
    (page,) = pages(
        tmp_path,
        f"<h1>Log</h1><p>before <img src='{address()}' alt='a boat'> after</p>"
        f"<figure><img src='{address()}' alt='x'><figcaption>The <b>quay</b></figcaption></figure>"
        f"<table><tr><td>a</td><td><img src='{address()}' alt='net'></td></tr></table>"
        f"<img src='{address(20)}' alt='tiny'><img src='https://example.org/a.png' alt='far'>",
    )
    assert [figure.caption for figure in page.figures] == ["a boat", "The quay", "net"]
    assert all(figure.raster is not None for figure in page.figures)
    assert [block.text for block in page.blocks] == [
        "Log",
        "before",
        "a boat",
        "after",
        "The quay",
        "a | net",
        "net",
        "tiny far",
    ]


def test_pictures_in_markdown_are_figures(tmp_path: Path) -> None:
    (page,) = pages(
        tmp_path, f"# Log\n\nSee ![the *quay*]({address()}) here ![far](far.png)\n", "page.md"
    )
    assert [figure.caption for figure in page.figures] == ["the quay"]
    assert [" ".join(block.text.split()) for block in page.blocks] == [
        "Log",
        "See here far",
        "the quay",
    ]


def test_a_damaged_picture_leaves_its_alternative_text(tmp_path: Path) -> None:
    broken = "data:image/png;base64," + "A" * 400
    (page,) = pages(tmp_path, f"<p>Look: <img src='{broken}' alt='a boat'></p>")
    assert ([b.text for b in page.blocks], page.figures) == (["Look: a boat"], ())


def test_headings_are_found_wherever_they_stand(tmp_path: Path) -> None:
    content = (
        "<p>One<h2>In a <a href='#'>paragraph</a></h2>two</p><ul><li><h3>In a list</h3>item</li>"
        "</ul><table><tr><td><h2>In a cell</h2></td><td>x</td></tr></table>"
    )
    assert [block for block in texts(tmp_path, content) if block[0] == "heading"] == [
        ("heading", "In a paragraph"),
        ("heading", "In a list"),
        ("heading", "In a cell"),
    ]


def test_list_numbers_are_those_that_are_shown(tmp_path: Path) -> None:
    content = "<ol start=3><li>a<ul><li>deep</li></ul></li><li value=7>b</li><li>c</li></ol>"
    assert [text for _, text in texts(tmp_path, content)] == [
        "3. a",
        "  • deep",
        "7. b",
        "8. c",
    ]


def test_soft_hyphens_do_not_split_words(tmp_path: Path) -> None:
    assert texts(tmp_path, "<p>га&shy;вань and har\u200bbour</p>") == [
        ("paragraph", "гавань and harbour")
    ]


def test_line_breaks_in_a_listing_are_kept(tmp_path: Path) -> None:
    assert texts(tmp_path, "<pre>a<br>  b</pre>") == [("code", "a\n  b")]


def test_formulas_are_read_once(tmp_path: Path) -> None:
    formula = (
        "<math><semantics><mrow><mi>x</mi><mo>=</mo><mn>2</mn></mrow>"
        "<annotation encoding='application/x-tex'>x=2</annotation></semantics></math>"
    )
    assert texts(tmp_path, f"<p>Let {formula} hold.</p>") == [("paragraph", "Let x=2 hold.")]


def test_what_is_not_shown_is_not_text_in_cells_and_headings_either(tmp_path: Path) -> None:
    unseen = "<svg><title>icon</title></svg><script>x()</script><span hidden>y</span><!-- z -->"
    content = f"<h1>Boats{unseen} here</h1><table><tr><th>a{unseen}b</th><th>c</th></tr></table>"
    assert texts(tmp_path, content) == [("heading", "Boats here"), ("table", "ab | c")]


def test_a_page_that_nests_beyond_all_bounds_keeps_its_words(tmp_path: Path) -> None:
    content = "<p>first</p>" + "<div>" * 5000 + "deep &lt;b&gt; <script>x()</script>words"
    assert texts(tmp_path, content) == [("paragraph", "first deep <b> words")]
