"""One suite for every file of ``indexer/parsers/``: each gets a real file of its format.

The file is made by the module of the same name in ``tests/contracts/made``: ``make(path)`` writes
one whose text holds all of WORDS and fills more than one page of 120 characters; ``SUFFIX`` says
which suffix it has, ``HAS_TEXT = False`` that it is a picture.
"""

from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

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
from tests.contracts import made

SETTINGS = ParserSettings(text_page_chars=120)
WORDS = ("Harbour", "Заметка", "seven", "lanterns")


MADE = {
    info.name: import_module(f"{made.__name__}.{info.name}") for info in iter_modules(made.__path__)
}
PICTURES = {name for name, module in MADE.items() if not getattr(module, "HAS_TEXT", True)}


@pytest.fixture(params=sorted(parsers()))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def parser(name: str) -> Parser:
    return parsers()[name]


@pytest.fixture
def sample(name: str, parser: Parser, tmp_path: Path) -> Path:
    path = tmp_path / f"sample{getattr(MADE[name], 'SUFFIX', sorted(parser.SUFFIXES)[0])}"
    MADE[name].make(path)
    return path


@pytest.fixture
def document(parser: Parser, sample: Path) -> ParsedDocument:
    return parser.parse(sample, SETTINGS)


def text_of(pages: list[Page]) -> str:
    return "\n".join(block.text for page in pages for block in page.blocks)


def test_every_parser_has_a_sample_here() -> None:
    assert set(parsers()) == set(MADE)


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
