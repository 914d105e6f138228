"""Text is read from pixels, wherever it stands and whichever way the page lies."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import cast

import pymupdf
import pytest
from PIL import Image, ImageDraw, ImageFilter

from indexer.domain import Block, BoundingBox, Page
from indexer.errors import InvalidSettings, OcrUnavailable, UnknownAdapter
from indexer.parsers import image, pdf
from indexer.parsers.ocr import OcrEngine, Sighting, Word, load_engine, reader, tesseract
from indexer.parsers.ocr._layout import blocks_of
from indexer.parsers.ocr._lines import Letter, Line, words_of
from indexer.parsers.ocr._networks import Networks
from indexer.parsers.ocr._scripts import in_one_script
from indexer.parsers.ocr._second import read_again
from indexer.parsers.ocr.reader import PageReader, ReadPage
from indexer.parsers.sandbox import ParserProcess
from indexer.settings import ParserSettings

needs_tesseract = pytest.mark.skipif(
    tesseract.program() is None, reason="the program tesseract is not installed"
)
ENGINES = [pytest.param("tesseract", marks=needs_tesseract), "rapidocr"]
TESSERACT = ParserSettings(ocr_engine="tesseract")
DPI = 150
RAPIDOCR = ParserSettings(ocr_engine="rapidocr", ocr_dpi=DPI)
WIDTH, HEIGHT = 420.0, 300.0  # points
ENGLISH = (
    "The harbour lies between two hills",
    "and opens to the north. Every morning",
    "the boats leave before the sun is up",
    "and return when the market opens.",
)
RUSSIAN = (
    "Гавань лежит между двумя холмами",
    "и открыта на север. Каждое утро лодки",
    "уходят до восхода солнца и приходят,",
    "когда открывается рынок на площади.",
)


@dataclass(frozen=True)
class Drawn:
    """A page of which is known where its words were drawn, in fractions of it."""

    picture: Image.Image
    words: tuple[tuple[str, BoundingBox], ...]

    @property
    def text(self) -> str:
        return " ".join(word for word, _ in self.words)


def drawn(
    lines: Sequence[str], *, size: float = 14.0, left: float = 50.0, top: float = 90.0
) -> Drawn:
    font = pymupdf.Font("helv")
    words: list[tuple[str, BoundingBox]] = []
    with pymupdf.open() as document:
        page = document.new_page(width=WIDTH, height=HEIGHT)
        writer = pymupdf.TextWriter(page.rect)
        for number, line in enumerate(lines):
            x, y = left, top + 1.5 * size * number
            for word in line.split():
                writer.append((x, y), word, font=font, fontsize=size)
                end = x + font.text_length(word, fontsize=size)
                box = BoundingBox.clamped(
                    x / WIDTH, (y - 0.75 * size) / HEIGHT, end / WIDTH, (y + 0.22 * size) / HEIGHT
                )
                words.append((word, box))
                x = end + font.text_length(" ", fontsize=size)
        writer.write_text(page)
        pixels = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY)
    picture = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    return Drawn(picture, tuple(words))


def scanned(drawn: Drawn) -> Drawn:
    """As from a scanner: grey paper, a little soft, with grain."""
    grain = Image.effect_noise(drawn.picture.size, 30).point(lambda value: value * 0.5 + 150)
    soft = drawn.picture.filter(ImageFilter.GaussianBlur(0.6))
    return replace(drawn, picture=Image.blend(soft, grain, 0.2))


def turned(drawn: Drawn, quarters: int) -> Drawn:
    """Clockwise."""
    picture = drawn.picture
    words = drawn.words
    for _ in range(quarters):
        picture = picture.transpose(Image.Transpose.ROTATE_270)
        words = tuple(
            (word, BoundingBox(x0=1 - box.y1, y0=box.x0, x1=1 - box.y0, y1=box.x1))
            for word, box in words
        )
    return Drawn(picture, words)


def words_in(blocks: Sequence[Block]) -> list[tuple[str, BoundingBox]]:
    return [
        (block.text[span.start : span.end], span.box) for block in blocks for span in block.spans
    ]


def text_of(blocks: Sequence[Block]) -> str:
    return " ".join(" ".join(block.text.split()) for block in blocks)


def assert_places(blocks: Sequence[Block], drawn: Drawn, *, slack: float = 0.02) -> None:
    """Each word, in order, is where it was drawn; ``slack`` in fractions of the page."""
    found = words_in(blocks)
    assert [word for word, _ in found] == [word for word, _ in drawn.words]
    for (word, box), (_, truth) in zip(found, drawn.words, strict=True):
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        assert truth.x0 < x < truth.x1, word
        assert truth.y0 < y < truth.y1, word
        assert all(
            abs(one - other) < slack
            for one, other in zip(box.as_tuple(), truth.as_tuple(), strict=True)
        ), word


@pytest.mark.parametrize("engine", ENGINES)
def test_words_of_a_scan_are_read_where_they_stand(engine: str) -> None:
    page = scanned(drawn(ENGLISH))
    read = PageReader(ParserSettings(ocr_engine=engine)).page(page.picture)
    assert_places(read.blocks, page)
    assert read.recognition is not None
    assert read.recognition.engine.startswith(engine)
    assert read.recognition.confidence > 0.9
    assert read.recognition.angle == 0
    assert read.warnings == ()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_page_gives_the_same_words_in_their_places(engine: str, quarters: int) -> None:
    page = turned(drawn(ENGLISH[:2]), quarters)
    read = PageReader(ParserSettings(ocr_engine=engine)).page(page.picture)
    assert_places(read.blocks, page, slack=0.03)
    assert read.recognition is not None
    assert read.recognition.angle % 360 == (360 - 90 * quarters) % 360


@pytest.mark.parametrize("engine", ENGINES)
def test_a_page_askew_gives_the_same_words_in_their_places(engine: str) -> None:
    level = drawn(ENGLISH)
    askew = level.picture.rotate(3, resample=Image.Resampling.BICUBIC, fillcolor=255)
    read = PageReader(ParserSettings(ocr_engine=engine)).page(askew)
    assert text_of(read.blocks) == level.text
    assert read.recognition is not None
    assert read.recognition.angle == pytest.approx(3, abs=0.3)
    ink = askew.point(lambda value: 255 if value < 128 else 0)
    for _, box in words_in(read.blocks):
        part = ink.crop(box.pixels(*ink.size))
        # The ink of a word touches all four sides of its box, or nearly.
        left, top, right, bottom = part.getbbox() or (0, 0, 0, 0)
        assert left <= 6
        assert top <= 8
        assert right >= part.width - 6
        assert bottom >= part.height - 8


@needs_tesseract
def test_russian_is_read_and_english_beside_it() -> None:
    lines = (*RUSSIAN, "The harbour opens to the north.")
    read = PageReader(TESSERACT).page(scanned(drawn(lines)).picture)
    assert text_of(read.blocks) == " ".join(lines)
    assert read.recognition is not None
    assert read.recognition.engine == "tesseract eng+rus"


def test_without_tesseract_a_russian_scan_says_once_what_is_missing() -> None:
    pages = PageReader(RAPIDOCR)
    first, second = (pages.page(drawn(RUSSIAN[:3]).picture) for _ in range(2))
    assert first.blocks == ()
    assert first.recognition is None
    (warning,) = first.warnings
    assert "apt install tesseract-ocr tesseract-ocr-rus" in warning
    assert "brew install tesseract tesseract-lang" in warning
    assert second.warnings == ()


def test_no_warning_about_russian_where_only_english_is_wanted() -> None:
    settings = ParserSettings(ocr_engine="rapidocr", ocr_languages="eng")
    read = PageReader(settings).page(drawn(RUSSIAN[:1]).picture)
    assert read.warnings == ("no text was found in pictures of pages that have no other",)


def test_auto_does_without_tesseract_where_it_or_a_language_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tesseract, "program", lambda: None)
    assert load_engine(ParserSettings()).name == "rapidocr"
    with pytest.raises(OcrUnavailable, match="tesseract: not installed; apt install"):
        load_engine(TESSERACT)
    monkeypatch.setattr(tesseract, "program", lambda: "/bin/tesseract")
    monkeypatch.setattr(tesseract, "installed_languages", lambda _: frozenset({"eng", "osd"}))
    assert load_engine(ParserSettings()).name == "rapidocr"
    assert load_engine(ParserSettings(ocr_languages="eng")).name == "tesseract eng"
    assert load_engine(TESSERACT).name == "tesseract eng"
    assert not load_engine(TESSERACT).reads_cyrillic


def test_an_unknown_engine_is_named_beside_those_there_are() -> None:
    settings = ParserSettings(ocr_engine="crystal-ball")
    with pytest.raises(UnknownAdapter, match="choose one of: auto, off, rapidocr, tesseract"):
        load_engine(settings)
    read = PageReader(settings).page(drawn(ENGLISH).picture)
    assert read.blocks == ()
    assert "crystal-ball" in read.warnings[0]


def test_languages_are_names_joined_by_plus_signs() -> None:
    with pytest.raises(InvalidSettings, match="eng or eng\\+rus"):
        ParserSettings(ocr_languages="eng; rm")


class _Engine:
    """Sees the same words in every picture."""

    name = "canned"
    reads_cyrillic = True

    def __init__(self, *words: Word, late: bool = False) -> None:
        self._words = words
        self._late = late

    def read(self, picture: Image.Image, seconds: float) -> Sighting:
        return Sighting(words=self._words, lines=1, late=self._late)


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch) -> Callable[[OcrEngine], PageReader]:
    def reader_with(engine: OcrEngine, **settings: float) -> PageReader:
        monkeypatch.setattr(reader, "engine_for", lambda _: engine)
        return PageReader(ParserSettings(ocr_engine="rapidocr", **settings))

    return reader_with


def word(text: str, x: float, y: float, *, confidence: float = 0.95, high: float = 10.0) -> Word:
    """Drawn on a page of 600 x 800, 6 wide per character."""
    box = BoundingBox(x0=x / 600, y0=y / 800, x1=(x + 6 * len(text)) / 600, y1=(y + high) / 800)
    return Word(text=text, box=box, confidence=confidence)


def line(text: str, x: float, y: float, *, high: float = 10.0) -> list[Word]:
    words = []
    for part in text.split():
        words.append(word(part, x, y, high=high))
        x += 6 * len(part) + 4
    return words


def laid_out(*lines: list[Word]) -> list[Block]:
    return blocks_of([word for words in lines for word in words], (600, 800))


def test_words_that_were_rather_guessed_are_left_out(
    canned: Callable[..., PageReader],
) -> None:
    engine = _Engine(
        word("harbour", 60, 80),
        word("hxrbqvr", 120, 80, confidence=0.1),
        word("~", 180, 80, confidence=0.6),
    )
    read = canned(engine).page(drawn(ENGLISH).picture)
    assert text_of(read.blocks) == "harbour"
    assert canned(engine, ocr_min_confidence=0.97).page(drawn(ENGLISH).picture).blocks == ()


def test_a_word_hardly_legible_is_kept_among_legible_ones(
    canned: Callable[..., PageReader],
) -> None:
    faint = replace(word("mooring", 120, 80), confidence=0.2)
    engine = _Engine(word("harbour", 60, 80), faint, word("lantern", 180, 80))
    assert text_of(canned(engine).page(drawn(ENGLISH).picture).blocks) == "harbour mooring lantern"
    stains = _Engine(*(replace(faint, confidence=share) for share in (0.2, 0.3, 0.4)))
    assert canned(stains).page(drawn(ENGLISH).picture).blocks == ()


def test_time_that_ran_out_is_told(canned: Callable[..., PageReader]) -> None:
    late = canned(_Engine(late=True)).page(drawn(ENGLISH).picture)
    assert "SIGHTLINE_PARSER_PAGE_SECONDS" in late.warnings[0]
    over = canned(_Engine(word("harbour", 60, 80)), document_seconds=1.0)
    assert "SIGHTLINE_PARSER_DOCUMENT_SECONDS" in over.page(drawn(ENGLISH).picture).warnings[0]


@needs_tesseract
def test_tesseract_is_ended_when_its_time_is_over() -> None:
    sighting = load_engine(TESSERACT).read(drawn(ENGLISH * 3).picture, 0.01)
    assert sighting.late
    assert sighting.words == ()


def test_columns_are_read_one_after_the_other_below_their_title() -> None:
    rows = range(120, 320, 16)
    blocks = laid_out(
        line("A title over both of the columns that is wide enough for them", 60, 60),
        *[line("left side words of this column", 60, y) for y in rows],
        *[line("right hand words of that column", 340, y) for y in rows],
    )
    left, right = ("left side words of this column", "right hand words of that column")
    title = "A title over both of the columns that is wide enough for them"
    assert text_of(blocks) == " ".join([title, *[left] * len(rows), *[right] * len(rows)])


def test_a_word_cut_by_a_hyphen_is_whole_and_has_a_place_on_both_lines() -> None:
    (block,) = laid_out(
        line("every morning before sunrise the har-", 60, 100),
        line("bour opens again to boats", 60, 116),
    )
    assert "the harbour opens" in block.text
    places = [span.box for span in block.spans if "har" in block.text[span.start : span.end]]
    following = [span.box for span in block.spans if block.text[span.start : span.end] == "bour"]
    assert len(places) == len(following) == 1
    assert following[0].y0 > places[0].y1


def test_spans_cover_the_text_and_each_is_one_word() -> None:
    for block in laid_out(
        line("first line of words", 60, 100), line("second line of words", 60, 116)
    ):
        assert [block.text[span.start : span.end] for span in block.spans] == block.text.split()


def test_large_type_is_a_heading() -> None:
    blocks = laid_out(
        line("Harbour rules", 60, 60, high=18),
        *[line("Every boat shall be moored at night and lit.", 60, y) for y in (100, 116, 132)],
    )
    assert [(block.kind, block.level) for block in blocks] == [("heading", 1), ("paragraph", 0)]


def test_ruled_cells_are_a_table_with_a_place_for_each_word() -> None:
    xs, ys = (50 / 600, 200 / 600, 350 / 600), (90 / 800, 120 / 800, 150 / 800, 180 / 800)
    rulings = [(xs[0], y, xs[-1], y + 0.001) for y in ys] + [
        (x, ys[0], x + 0.001, ys[-1]) for x in xs
    ]
    rows = (("Boat", "Length"), ("Old Mary", "12 m"), ("Petrel", "9 m"))
    words = [
        item
        for number, row in enumerate(rows)
        for x, cell in zip((60, 210), row, strict=True)
        for item in line(cell, x, 100 + 30 * number)
    ]
    (table,) = blocks_of(words, (600, 800), rulings)
    assert table.kind == "table"
    assert table.text == "Boat | Length\nOld Mary | 12 m\nPetrel | 9 m"
    spans = {table.text[span.start : span.end]: span.box for span in table.spans}
    assert list(spans) == ["Boat |", "Length", "Old", "Mary |", "12", "m", "Petrel |", "9"]
    assert spans["Petrel |"].iou(words[6].box) > 0.99


def test_letters_that_look_alike_take_the_script_of_their_word_and_of_its_neighbours() -> None:
    latin_c, latin_o = "c", "o"
    assert in_one_script([f"м{latin_o}рскай", latin_c, "рынка"]) == ["морскай", "с", "рынка"]
    assert in_one_script(["the", "РАУ", "of", "sailors"]) == ["the", "PAY", "of", "sailors"]
    assert in_one_script(["PAY", "значит", "плата", "the", "word"])[0] == "PAY"


class _Networks:
    """Finds one line on a page of 600 x 800, from 60 to 300 at y 100, and reads ``text`` there."""

    def __init__(self, text: str) -> None:
        self._words = line(text, 60, 100)

    def pixels(self, picture: Image.Image) -> Image.Image:
        return picture

    def lines(self, pixels: Image.Image, max_side: int) -> list[Line]:
        return [Line(((60.0, 95.0), (300.0, 95.0), (300.0, 115.0), (60.0, 115.0)), 0.9)]

    def words(self, pixels: Image.Image, line: Line) -> list[Word]:
        return self._words


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([], "lantern and mooring", "lantern and mooring"),  # overlooked
        ([word("lanTem", 60, 100, confidence=0.4)], "lantern", "lantern"),  # doubtful
        (line("rue du quai", 60, 100), "rue", "rue du quai"),  # less than before
        (
            line("Lantern and the mooring at the old quay", 60, 100),
            "x",
            "Lantern and the mooring at the old quay",
        ),
        ([word("еп", 60, 100), word("rue", 90, 100)], "en rue", "en rue"),  # Cyrillic in French
        (line("Гавань rue", 60, 100), "rue rue rue rue", "Гавань rue"),  # of a Russian text
    ],
)
def test_the_networks_read_again_what_was_overlooked_or_is_doubtful(
    first: list[Word], second: str, expected: str
) -> None:
    elsewhere = line("A long line of English words that leaves no doubt", 60, 300)
    russian = line("Длинная строка русского текста без всяких сомнений", 60, 300)
    context = russian if expected == "Гавань rue" else elsewhere
    seen = Sighting(words=(*context, *first))
    networks = cast(Networks, _Networks(second))
    result, again = read_again(networks, Image.new("L", (600, 800)), seen, time.monotonic() + 9)
    words = [item.text for item in result.words if item not in context]
    assert " ".join(words) == expected
    assert again == (expected == second)


def test_words_of_a_line_are_parted_by_its_spaces() -> None:
    corners = ((100.0, 50.0), (300.0, 50.0), (300.0, 70.0), (100.0, 70.0))
    letters = [
        Letter(char, at, 0.9) for char, at in zip("ab cd", (0.1, 0.3, 0.5, 0.7, 0.9), strict=True)
    ]
    first, second = words_of(
        Line(corners, 0.9), letters, (400, 200), lambda left, right: (left, 0.25, right, 0.75)
    )
    assert (first.text, second.text) == ("ab", "cd")
    assert first.box.as_tuple() == pytest.approx((100 / 400, 55 / 200, 180 / 400, 65 / 200))
    assert second.box.as_tuple() == pytest.approx((220 / 400, 55 / 200, 300 / 400, 65 / 200))


def saved(path: Path, build: Callable[[pymupdf.Document], None]) -> Path:
    with pymupdf.open() as document:
        build(document)
        document.save(path)
    return path


def png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def add_scan(document: pymupdf.Document, drawn: Drawn, *, rotation: int = 0) -> pymupdf.Page:
    width, height = (WIDTH, HEIGHT) if not rotation % 180 else (HEIGHT, WIDTH)
    page = document.new_page(width=width, height=height)
    page.insert_image(page.rect, stream=png(drawn.picture))
    page.set_rotation(rotation)
    return page


def pages_of(path: Path, settings: ParserSettings = RAPIDOCR) -> list[Page]:
    return list(pdf.parse(path, settings).pages)


def test_only_pages_without_usable_text_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = drawn(ENGLISH)
    seen = []

    def page(self: PageReader, picture: Image.Image) -> ReadPage:
        seen.append(picture.size)
        return original(self, picture)

    original = PageReader.page
    monkeypatch.setattr(PageReader, "page", page)

    def build(document: pymupdf.Document) -> None:
        document.new_page().insert_textbox((72, 72, 523, 300), "Boats and harbours. " * 20)
        add_scan(document, scan)
        # A scan whose text somebody has recognised before, and laid behind the picture.
        hidden = add_scan(document, scan)
        hidden.insert_textbox((50, 60, 400, 280), "Boats and harbours. " * 20, render_mode=3)
        # The stamp of a download service over a scan.
        add_scan(document, scan).insert_text((50, 290), "Downloaded 2 May from example.org")
        document.new_page()

    typed, read, layered, stamped, empty = pages_of(saved(tmp_path / "mixed.pdf", build))
    assert len(seen) == 2
    assert seen[0] == pytest.approx((WIDTH * DPI / 72, HEIGHT * DPI / 72), abs=1)
    assert typed.recognition is layered.recognition is empty.recognition is None
    assert "Boats and harbours." in text_of(layered.blocks)
    assert_places(read.blocks, scan)
    assert read.recognition is not None
    assert "The harbour lies between two hills" in text_of(stamped.blocks)
    assert "Downloaded 2 May from example.org" in text_of(stamped.blocks)


def test_the_stamp_stays_where_the_picture_below_has_no_text(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        page = add_scan(document, Drawn(Image.new("L", (400, 300), 150), ()))
        page.insert_text((50, 290), "Downloaded 2 May from example.org")

    (page,) = pages_of(saved(tmp_path / "stamp.pdf", build))
    assert text_of(page.blocks) == "Downloaded 2 May from example.org"
    assert page.recognition is None


def test_text_that_maps_to_no_letters_is_read_from_its_picture(tmp_path: Path) -> None:
    scan = drawn(ENGLISH)

    def build(document: pymupdf.Document) -> None:
        page = add_scan(document, scan)
        writer = pymupdf.TextWriter(page.rect)
        font = pymupdf.Font("cjk")
        for number in range(6):
            writer.append((50, 90 + 20 * number), "\ue001\ue002\ue003\ue004" * 5, font=font)
        writer.write_text(page, render_mode=3)

    (page,) = pages_of(saved(tmp_path / "unmapped.pdf", build))
    assert_places(page.blocks, scan)
    assert page.recognition is not None


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_places_are_those_of_the_page_as_displayed(tmp_path: Path, rotation: int) -> None:
    # Stored lying, with the rotation that sets it upright for the reader.
    scan = drawn(ENGLISH[:2])
    stored = turned(scan, (360 - rotation) // 90)

    path = saved(
        tmp_path / "turned.pdf", lambda document: add_scan(document, stored, rotation=rotation)
    )
    (page,) = pages_of(path)
    assert (page.width, page.height) == pytest.approx((WIDTH, HEIGHT))
    assert_places(page.blocks, scan)


def test_a_short_scan_keeps_its_picture_and_a_full_one_does_not(tmp_path: Path) -> None:
    def build(document: pymupdf.Document) -> None:
        add_scan(document, drawn(ENGLISH[:1]))
        add_scan(
            document,
            drawn(
                [f"{one} {two}" for one, two in zip(ENGLISH, ENGLISH[1:] * 2, strict=False)] * 2,
                size=9,
                left=25,
                top=30,
            ),
        )

    short, full = pages_of(saved(tmp_path / "scans.pdf", build))
    assert [figure.box.area > 0.9 for figure in short.figures] == [True]
    assert full.figures == ()
    assert len(text_of(full.blocks)) > 300


def test_a_page_of_outlined_letters_is_read(tmp_path: Path) -> None:
    scan = drawn(ENGLISH)

    def build(document: pymupdf.Document) -> None:
        with pymupdf.open() as typed:
            page = typed.new_page(width=WIDTH, height=HEIGHT)
            for number, text in enumerate(ENGLISH):
                page.insert_text((50, 90 + 21 * number), text, fontsize=14)
            outlines = pymupdf.open("svg", page.get_svg_image(text_as_path=True).encode())
        document.insert_pdf(pymupdf.open("pdf", outlines.convert_to_pdf()))

    (page,) = pages_of(saved(tmp_path / "outlines.pdf", build))
    assert text_of(page.blocks) == scan.text


def test_ocr_can_be_turned_off(tmp_path: Path) -> None:
    path = saved(tmp_path / "scan.pdf", lambda document: add_scan(document, drawn(ENGLISH)))
    off = ParserSettings(ocr_engine="off")
    (page,) = pages_of(path, off)
    assert (page.blocks, page.recognition, page.warnings) == ((), None, ())
    drawn(ENGLISH).picture.save(tmp_path / "scan.png")
    (picture,) = image.parse(tmp_path / "scan.png", off).pages
    assert picture.recognition is None


def scenery(size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Coloured blobs of all sizes: nothing to read."""
    chance = random.Random(3)
    picture = Image.new("RGB", size, (120, 150, 170))
    draw = ImageDraw.Draw(picture)
    for _ in range(120):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        reach = chance.randrange(8, 90)
        colour = tuple(chance.randrange(40, 220) for _ in range(3))
        draw.ellipse((x - reach, y - reach // 2, x + reach, y + reach // 2), fill=colour)
    return picture.filter(ImageFilter.GaussianBlur(1.5))


def with_sign(picture: Image.Image, text: str) -> tuple[Image.Image, BoundingBox]:
    """``picture`` with a dark sign, and where its letters are."""
    letters = drawn([text], size=30, left=20, top=60).picture
    ink = letters.point(lambda value: 255 - value).getbbox()
    assert ink is not None
    left, top, right, bottom = ink
    plate = Image.new("RGB", (right - left + 40, bottom - top + 30), (20, 60, 130))
    mask = letters.crop(ink).point(lambda value: 255 - value)
    plate.paste((250, 250, 250), (20, 15), mask)
    whole = picture.copy()
    whole.paste(plate, (150, 200))
    box = (170, 215, 170 + right - left, 215 + bottom - top)
    width, height = picture.size
    return whole, BoundingBox.clamped(
        box[0] / width, box[1] / height, box[2] / width, box[3] / height
    )


def test_a_photo_without_text_gains_none() -> None:
    assert PageReader(ParserSettings()).photo(scenery()) == ReadPage()
    assert PageReader(ParserSettings()).photo(Image.new("RGB", (40, 300))) == ReadPage()


def test_a_sign_in_a_photo_is_read_where_it_stands() -> None:
    photo, box = with_sign(scenery(), "Harbour office")
    read = PageReader(RAPIDOCR).photo(photo)
    assert text_of(read.blocks) == "Harbour office"
    assert BoundingBox.enclosing(place for _, place in words_in(read.blocks)).iou(box) > 0.8


@needs_tesseract
def test_a_russian_sign_in_a_photo_is_read() -> None:
    photo, box = with_sign(scenery(), "Гавань открыта")
    read = PageReader(ParserSettings()).photo(photo)
    assert text_of(read.blocks) == "Гавань открыта"
    assert BoundingBox.enclosing(place for _, place in words_in(read.blocks)).iou(box) > 0.6


def test_a_picture_that_is_a_page_is_read_after_what_the_file_says(tmp_path: Path) -> None:
    scan = drawn(ENGLISH)
    scan.picture.save(tmp_path / "scan.png")
    (page,) = image.parse(tmp_path / "scan.png", RAPIDOCR).pages
    assert_places(page.blocks, scan)
    assert page.raster is not None
    assert page.recognition is not None


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_of_a_page_that_lies_on_its_side_is_read_in_order(quarters: int) -> None:
    page = turned(drawn(ENGLISH[:2]), quarters)
    assert_places(PageReader(RAPIDOCR).photo(page.picture).blocks, page, slack=0.03)


@pytest.fixture(scope="module")
def process() -> Iterator[ParserProcess]:
    with ParserProcess(ParserSettings()) as running:
        yield running


def test_the_child_process_reads_the_same_within_its_limits(
    tmp_path: Path, process: ParserProcess
) -> None:
    lines = ENGLISH[:2] if tesseract.program() is None else (*ENGLISH[:2], *RUSSIAN[:2])
    path = saved(tmp_path / "scan.pdf", lambda document: add_scan(document, drawn(lines)))
    (page,) = process.parse(path).pages
    assert text_of(page.blocks) == " ".join(lines)
    assert [page] == pages_of(path, ParserSettings())
