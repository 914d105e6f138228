"""Books: chapters in reading order, pictures, titles from the contents, copy protection."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from indexer.domain import ParsedDocument
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.parsers import epub
from indexer.settings import ParserSettings
from tests.contracts.made.epub import write

SETTINGS = ParserSettings()
NCX = (
    '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>',
    '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>{0}</text>'
    '</navLabel><content src="{1}"/></navPoint></navMap></ncx>',
)


def png() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (120, 90), "red").save(buffer, "PNG")
    return buffer.getvalue()


def parsed(path: Path) -> ParsedDocument:
    return epub.parse(path, SETTINGS)


def texts(path: Path) -> list[list[tuple[str, str]]]:
    return [[(b.kind, b.text) for b in page.blocks] for page in parsed(path).pages]


def test_chapters_start_pages_in_reading_order(tmp_path: Path) -> None:
    path = tmp_path / "book.epub"
    chapters = {
        "z.xhtml": "<h1>Гавань</h1><ul><li>red</li></ul>",
        "a b.xhtml": "<p>Second</p><table><tr><td>a</td><td>b</td></tr></table>",
        "nav.xhtml": "<nav><ol><li>Contents</li></ol></nav>",
    }
    write(
        path,
        chapters,
        title="Книга",
        metadata="<dc:creator>Анна</dc:creator><dc:language>ru</dc:language>"
        "<dc:description>&lt;p&gt;Of boats&lt;/p&gt;</dc:description><dc:date>2020</dc:date>",
    )
    assert texts(path) == [
        [("heading", "Гавань"), ("list", "• red")],
        [("paragraph", "Second"), ("table", "a | b")],
    ]
    header = parsed(path).header
    assert (header.title, header.media_type) == ("Книга", "application/epub+zip")
    assert header.metadata == {
        "author": "Анна",
        "language": "ru",
        "description": "Of boats",
        "published": "2020",
    }


def test_a_chapter_without_a_heading_has_its_title_from_the_contents(tmp_path: Path) -> None:
    path = tmp_path / "book.epub"
    for body, expected in (
        ("<p>Chapter I.</p><p>Words</p>", [("heading", "Chapter I."), ("paragraph", "Words")]),
        ("<p>Words</p>", [("heading", "Chapter I"), ("paragraph", "Words")]),
        ("<h2>Other</h2>", [("heading", "Other")]),
    ):
        ncx = NCX[1].format("Chapter I", "one.xhtml#start")
        write(path, {"one.xhtml": body}, title="x", items=NCX[0], others={"OEBPS/toc.ncx": ncx})
        assert texts(path) == [expected]


def test_pictures_are_figures_once(tmp_path: Path) -> None:
    path = tmp_path / "book.epub"
    cover = (
        '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="Images/a.png"/></svg>'
    )
    image = "<p><img src='images/b%20c.png' alt='quay'/><img src='images/b%20c.png'/></p>"
    write(
        path,
        {"cover.xhtml": cover, "one.xhtml": image + "<p>Words</p>"},
        title="x",
        others={"OEBPS/images/a.png": png(), "OEBPS/images/b c.png": png()},
    )
    pages = list(parsed(path).pages)
    assert [[figure.caption for figure in page.figures] for page in pages] == [[""], ["quay"]]


def test_a_protected_book_is_named_so_but_hidden_fonts_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "book.epub"
    sealed = (
        '<encryption xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>'
        '<enc:EncryptionMethod Algorithm="{0}"/><enc:CipherData><enc:CipherReference URI="{1}"/>'
        "</enc:CipherData></enc:EncryptedData></encryption>"
    )
    for algorithm, name, is_sealed in (
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/one.xhtml", True),
        ("http://www.idpf.org/2008/embedding", "OEBPS/font.otf", False),
    ):
        others = {"META-INF/encryption.xml": sealed.format(algorithm, name)}
        write(path, {"one.xhtml": "<p>Words</p>"}, title="x", others=others)
        if is_sealed:
            with pytest.raises(UnreadableDocument, match="encrypted"):
                parsed(path)
        else:
            assert texts(path) == [[("paragraph", "Words")]]


def test_a_missing_chapter_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "book.epub"
    items = '<item id="lost" href="lost.xhtml" media-type="application/xhtml+xml"/>'
    write(path, {"one.xhtml": "<p>Words</p>", "bad.xhtml": "\0" * 50}, title="x", items=items)
    assert parsed(path).header.warnings == ("1 of 2 chapters could not be read",)
    assert texts(path) == [[("paragraph", "Words")]]


def test_a_book_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.epub"
    write(path, {"one.xhtml": "<p>" + "x" * 3_000_000}, title="x")
    with pytest.raises(LimitExceeded, match="unpacks to 3 MiB"):
        epub.parse(path, ParserSettings(output_bytes=2_000_000))


def test_an_archive_without_a_book_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "book.epub"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "words")
    with pytest.raises(UnreadableDocument, match="no book"):
        parsed(path)
