"""One suite for every file of ``indexer/parsers/``: each gets a real file of its format."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pymupdf
import pytest
from PIL import Image, ImageDraw

from indexer.domain import Page, ParsedDocument
from indexer.errors import (
    LimitExceeded,
    SightlineError,
    UnreadableDocument,
    UnsupportedFormat,
)
from indexer.parsers import (
    Parser,
    Renderer,
    check_size,
    open_document,
    parser_for,
    parsers,
    render_page,
)
from indexer.parsers.sandbox import ParserProcess
from indexer.settings import ParserSettings

SETTINGS = ParserSettings(text_page_chars=120)
WORDS = ("Harbour", "Заметка", "seven", "lanterns")


def make_text(path: Path) -> None:
    path.write_text("Harbour log\n\nЗаметка: " + "seven lanterns " * 30, encoding="utf-8")


def make_markdown(path: Path) -> None:
    path.write_text(
        "# Harbour\n\n**Заметка** about\n\n- seven\n- lanterns\n\n" + "more text here " * 30 + "\n",
        encoding="utf-8",
    )


def make_html(path: Path) -> None:
    path.write_text(
        "<html><head><meta charset='utf-8'><title>Harbour</title></head><body><h1>Harbour</h1>"
        f"<p>Заметка: <b>seven</b> lanterns</p><p>{'more text here ' * 30}</p></body></html>",
        encoding="utf-8",
    )


def make_pdf(path: Path) -> None:
    with pymupdf.open() as document:
        for text in ("Harbour seven lanterns", "Заметка о гавани, страница вторая"):
            page = document.new_page()
            page.insert_htmlbox((72, 72, 500, 300), f"<p>{text}</p>")
        document.save(path)


def make_image(path: Path) -> None:
    image = Image.new("RGB", (320, 200), "white")
    ImageDraw.Draw(image).rectangle((20, 20, 100, 100), fill="red")
    image.save(path, format="PNG")


MAKERS: dict[str, Callable[[Path], None]] = {
    "text": make_text,
    "markdown": make_markdown,
    "html": make_html,
    "pdf": make_pdf,
    "image": make_image,
}
PICTURES = {"image"}  # formats without text


@pytest.fixture(params=sorted(parsers()))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def parser(name: str) -> Parser:
    return parsers()[name]


@pytest.fixture
def sample(name: str, parser: Parser, tmp_path: Path) -> Path:
    suffix = ".png" if name == "image" else sorted(parser.SUFFIXES)[0]
    path = tmp_path / f"sample{suffix}"
    MAKERS[name](path)
    return path


@pytest.fixture
def document(parser: Parser, sample: Path) -> ParsedDocument:
    return parser.parse(sample, SETTINGS)


def text_of(pages: list[Page]) -> str:
    return "\n".join(block.text for page in pages for block in page.blocks)


def test_every_parser_has_a_sample_here() -> None:
    assert set(parsers()) == set(MAKERS)


def test_suffixes_are_lower_case_and_claimed_once() -> None:
    claimed = [suffix for parser in parsers().values() for suffix in parser.SUFFIXES]
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in claimed)
    assert len(claimed) == len(set(claimed))


def test_the_file_is_given_to_this_parser(parser: Parser, sample: Path) -> None:
    assert parser_for(sample) is parser
    loud = sample.with_suffix(sample.suffix.upper())
    sample.rename(loud)
    assert parser_for(loud) is parser


def test_header_names_the_document(document: ParsedDocument) -> None:
    header = document.header
    assert header.title.strip() == header.title != ""
    assert "/" in header.media_type
    assert all(
        isinstance(key, str) and isinstance(value, str) for key, value in header.metadata.items()
    )


def test_pages_are_numbered_from_one_and_counted(document: ParsedDocument) -> None:
    numbers = [page.number for page in document.pages]
    assert numbers == list(range(1, document.header.page_count + 1))


def test_text_is_what_was_put_in(name: str, document: ParsedDocument) -> None:
    pages = list(document.pages)
    if name in PICTURES:
        assert text_of(pages) == ""
        assert all(page.raster is not None for page in pages)
    else:
        assert all(word in text_of(pages) for word in WORDS)


def test_spans_are_ordered_inside_their_text_and_cover_it(document: ParsedDocument) -> None:
    for page in document.pages:
        for block in page.blocks:
            ends = [0]
            for span in block.spans:
                assert ends[-1] <= span.start < span.end <= len(block.text)
                ends.append(span.end)
            covered = "".join(block.text[span.start : span.end] for span in block.spans)
            assert "".join(covered.split()) == "".join(block.text.split())
            assert (block.level > 0) == (block.kind == "heading")


def test_pages_are_read_when_asked_for(document: ParsedDocument) -> None:
    assert isinstance(document.pages, Iterator)
    assert not isinstance(document.pages, list)
    assert next(document.pages).number == 1


def test_random_bytes_are_refused_in_one_line(parser: Parser, tmp_path: Path) -> None:
    path = tmp_path / f"damaged{sorted(parser.SUFFIXES)[0]}"
    path.write_bytes(bytes(range(256)) * 8)
    with pytest.raises(UnreadableDocument) as caught:
        list(parser.parse(path, SETTINGS).pages)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.remedy


def test_an_empty_file_is_refused(sample: Path) -> None:
    sample.write_bytes(b"")
    with pytest.raises(UnreadableDocument, match="empty"):
        open_document(sample, SETTINGS)


def test_a_cut_file_never_raises_a_foreign_error(parser: Parser, sample: Path) -> None:
    whole = sample.read_bytes()
    for share in (0.1, 0.5, 0.9):
        sample.write_bytes(whole[: int(len(whole) * share)])
        with suppress(SightlineError):
            assert list(parser.parse(sample, SETTINGS).pages)


def test_a_larger_file_than_allowed_is_refused_unread(sample: Path) -> None:
    with pytest.raises(LimitExceeded, match="MAX_BYTES"):
        check_size(sample, ParserSettings(max_bytes=3))


def test_only_the_first_pages_are_read_and_a_warning_says_so(name: str, sample: Path) -> None:
    document = open_document(sample, ParserSettings(text_page_chars=120, max_pages=1))
    assert len(list(document.pages)) == 1
    assert bool(document.header.warnings) == (document.header.page_count > 1)
    assert name in PICTURES or document.header.page_count > 1


def test_pictures_of_pages_fit_and_are_refused_beyond_the_end(parser: Parser, sample: Path) -> None:
    if not isinstance(parser, Renderer):
        with pytest.raises(UnsupportedFormat, match="no picture"):
            render_page(sample, 1, 100, None, SETTINGS)
        return
    raster = parser.render(sample, 1, 100, None, SETTINGS)
    assert max(raster.width, raster.height) in range(98, 101)
    assert raster.jpeg.startswith(b"\xff\xd8")
    with pytest.raises(UnreadableDocument, match="no page 99"):
        parser.render(sample, 99, 100, None, SETTINGS)


@pytest.fixture(scope="module")
def process() -> Iterator[ParserProcess]:
    with ParserProcess(SETTINGS) as running:
        yield running


def test_the_child_process_gives_the_same_document(
    parser: Parser, sample: Path, process: ParserProcess
) -> None:
    here = parser.parse(sample, SETTINGS)
    there = process.parse(sample)
    assert there.header == here.header
    assert list(there.pages) == list(here.pages)
