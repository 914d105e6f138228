"""One open PDF: its header, its pages one by one, and their pictures."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymupdf

from indexer.domain import Block, BoundingBox, Header, Page, Raster
from indexer.errors import UnreadableDocument
from indexer.parsers._pdf_blocks import Style, drafts_of, plain, style_of
from indexer.parsers._pdf_drawings import drawings_of
from indexer.parsers._pdf_figures import FIGURE_ZOOM, chart_places, draw, figures_of, picture_places
from indexer.parsers._pdf_files import Reader, files_of
from indexer.parsers._pdf_lines import (
    TEXT_FLAGS,
    Item,
    Label,
    Line,
    Rect,
    Sheet,
    Table,
    around,
    lines_of,
    rtl_words_of,
)
from indexer.parsers._pdf_notes import checked_words, notes, with_fields
from indexer.parsers._pdf_order import runs
from indexer.parsers._pdf_rtl import has_rtl
from indexer.parsers._pdf_scans import drafts_of_scan, is_garbage, read_scan, shows_something
from indexer.parsers._pdf_tables import Word, ruled_tables, with_aligned_tables
from indexer.parsers.ocr.reader import PageReader, ReadPage
from indexer.settings import ParserSettings

# MuPDF would write on the terminal about every flaw of a file.
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

# What PyMuPDF raises for files that are not as they should be.
PDF_ERRORS = (
    RuntimeError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    AssertionError,
    pymupdf.mupdf.FzErrorBase,
)
_OUT_OF_MEMORY = re.compile(r"malloc|calloc|realloc|out of memory", re.I)

_ALL_PAGES = 50  # up to so many, every page is looked at before the header is written
_SAMPLE_PAGES = 12  # of a longer document, to learn its type sizes
_USABLE_CHARS = 10  # a page with fewer has no text worth the name
_SCANNED_CHARS = 300  # of a scanned page with fewer, the picture is worth showing
_PAGE_ZOOM = 12.0  # pixels to a point: whoever zooms in on a page reads its small print
_POOR_TITLE = re.compile(
    r"untitled.*|microsoft (?:word|powerpoint|excel).*|(?:document|slide|презентация|документ) ?\d*"
    r"|.*\.(?:docx?|pdf|indd|tex|dvi|ps|qxd|qxp|xlsx?|pptx?|pages|rtf|odt|cdr|fm|pmd|p65)"
    r"|\W*|[0-9a-f\-_ ]+",
    re.I,
)
_METADATA = {
    "author": "author",
    "subject": "subject",
    "keywords": "keywords",
    "creator": "creator",
    "creationDate": "created",
}

_Lines = tuple[list[Line], list[Line]]


@contextmanager
def opened(path: Path) -> Iterator["PdfDocument"]:
    """The PDF at ``path``; closed at the end of the block.

    Raises UnreadableDocument when it is damaged, has no pages, or needs a password.
    """
    try:
        document = pymupdf.open(path, filetype="pdf")
    except PDF_ERRORS as exc:
        raise damaged(path, exc) from exc
    try:
        if document.needs_pass and not document.authenticate(""):
            raise UnreadableDocument(
                path, cause="encrypted", remedy="save a copy without a password"
            )
        try:
            count = document.page_count
        except PDF_ERRORS as exc:
            raise damaged(path, exc) from exc
        if count < 1:
            raise UnreadableDocument(
                path, cause="damaged PDF, it has no pages", remedy="export it again"
            )
        yield PdfDocument(path, document, count)
    finally:
        document.close()


def damaged(path: Path, error: Exception) -> UnreadableDocument:
    """The error for ``error``; MemoryError is raised instead where memory ran out."""
    reason = " ".join(str(error).split())
    if _OUT_OF_MEMORY.search(reason):
        raise MemoryError(reason) from error
    return UnreadableDocument(path, cause="damaged PDF", remedy="export or print it to PDF again")


class PdfDocument:
    """An open PDF. Pages are numbered from 1; places are those of the page as displayed."""

    def __init__(self, path: Path, document: Any, page_count: int) -> None:
        self._path = path
        self._document = document
        self._page_count = page_count
        # Of the pages looked at for the header.
        self._known: dict[int, tuple[_Lines, Sheet]] = {}
        self._style = Style()
        self._has_form = bool(document.is_form_pdf)

    def header(self, settings: ParserSettings) -> Header:
        """Looks at up to ``_ALL_PAGES`` pages for their text and type sizes."""
        count = self._page_count
        numbers = range(1, count + 1)
        if count > _ALL_PAGES:
            step = (count - 1) / (_SAMPLE_PAGES - 1)
            numbers_seen = sorted({1 + round(index * step) for index in range(_SAMPLE_PAGES)})
        else:
            numbers_seen = list(numbers)
        silent = 0
        for number in numbers_seen:
            try:
                page = self._document[number - 1]
                self._known[number] = self._read(page)
                silent += not _is_usable(self._known[number][0]) and shows_something(page)
            except PDF_ERRORS:
                continue  # pages() reports it
        style = style_of((line for lines, _ in self._known.values() for line in lines[0]), {})
        self._style = Style(
            body=style.body, heading_sizes=style.heading_sizes, outline=self._outline()
        )
        warnings = []
        if silent and count <= _ALL_PAGES and PageReader(settings).is_off:
            which = f"{silent} of {count} pages have" if count > 1 else "the page has"
            warnings.append(f"{which} no text layer; set SIGHTLINE_PARSER_OCR_ENGINE=auto")
        metadata = self._metadata()
        return Header(
            title=self._title(metadata.pop("title", "")),
            media_type="application/pdf",
            page_count=count,
            metadata=metadata,
            warnings=tuple(warnings),
        )

    def pages(self, settings: ParserSettings) -> Iterator[Page]:
        """The pages in order. One that cannot be read is empty and says so in its warnings.

        Raises UnreadableDocument at the end when none could be read or none shows anything;
        no page has been given out then.
        """
        held: list[Page] = []  # pages with nothing in them, until one has something
        some_read = found = False
        reader = PageReader(settings)
        for number in range(1, self._page_count + 1):
            try:
                page = self._page(number, settings, reader)
                some_read = True
            except PDF_ERRORS as exc:
                damaged(self._path, exc)  # raises where memory ran out
                warning = f"page {number} is damaged and was skipped"
                page = Page(number=number, width=1.0, height=1.0, warnings=(warning,))
            held.append(page)
            found = found or bool(page.blocks or page.figures)
            if found:
                yield from held
                held = []
        if not found:
            nothing = "no text and no picture in it"
            raise UnreadableDocument(
                self._path,
                cause=nothing if some_read else "damaged PDF, none of its pages can be read",
                remedy="export or print it to PDF again",
            )

    def render(self, number: int, max_side: int, box: BoundingBox | None) -> Raster:
        """Page ``number`` or ``box`` of it, longer side ``max_side`` pixels or a little less.

        Raises UnreadableDocument for a page that is not there or cannot be drawn.
        """
        if not 1 <= number <= self._page_count:
            raise UnreadableDocument(
                self._path, cause=f"it has no page {number}", remedy="index the file again"
            )
        try:
            page = self._document[number - 1]
            sheet = Sheet.of(page)
            part = box or BoundingBox.whole()
            place = Rect(
                part.x0 * sheet.width,
                part.y0 * sheet.height,
                part.x1 * sheet.width,
                part.y1 * sheet.height,
            )
            zoom = FIGURE_ZOOM if box else _PAGE_ZOOM
            raster = draw(page.get_displaylist(), place, max_side, max_zoom=zoom)
        except PDF_ERRORS as exc:
            raise damaged(self._path, exc) from exc
        if raster is None:
            raise UnreadableDocument(
                self._path, cause=f"page {number} shows nothing", remedy="export it again"
            )
        return raster

    def files(self) -> Iterator[tuple[str, int, Reader]]:
        """Name, claimed size in bytes and reader of each embedded file."""
        try:
            yield from files_of(self._document)
        except Exception as exc:  # PyMuPDF raises plain Exception too for these
            raise damaged(self._path, exc) from exc

    def read_file(self, reader: Reader) -> bytes:
        """The bytes of one of ``files``."""
        try:
            return reader(self._document)
        except Exception as exc:  # PyMuPDF raises plain Exception too for these
            raise damaged(self._path, exc) from exc

    def _read(self, page: Any) -> tuple[_Lines, Sheet]:
        sheet = Sheet.of(page)
        textpage = page.get_textpage(flags=TEXT_FLAGS)
        level, slanted = lines_of(textpage, sheet)
        if self._has_form:
            try:
                level = with_fields(page, sheet, level)
            except Exception as exc:  # PyMuPDF raises plain Exception too for these
                damaged(self._path, exc)  # the text of the page is worth more than its form
        return (level, slanted), sheet

    def _page(self, number: int, settings: ParserSettings, reader: PageReader) -> Page:
        page = self._document[number - 1]
        known = self._known.pop(number, None)
        lines, sheet = known if known is not None else self._read(page)
        scan = self._scan(page, lines, sheet, reader, settings)
        if scan.blocks:
            lines, sheet = ([], []), Sheet.of(page)
        level, slanted = lines
        drawings = drawings_of(page, sheet)
        tables: list[Table] = []
        if level and drawings.strokes.down and len(drawings.strokes.across) > 1:
            tables = ruled_tables(drawings.strokes, lambda: self._words(page, sheet))
        free = [line for line in level if not any(table.holds(line) for table in tables)]
        has_text = _is_usable(lines) or sum(map(_length, scan.blocks)) >= _SCANNED_CHARS
        pictures = picture_places(page, sheet, settings, has_text=has_text)
        charts = chart_places(drawings, free, [*tables, *pictures], sheet, settings)
        if drawings.shapes and not (pictures or charts or level or slanted or has_text):
            # Letters drawn as outlines, a plan, a poster: the page is one picture.
            charts = [Rect(0.0, 0.0, sheet.width, sheet.height)]
        items: list[Item] = [*tables]
        for chart in charts:
            inside = [line for line in free if chart.holds(line)]
            if inside:
                items.append(Label(*around(inside), inside))
                free = [line for line in free if not chart.holds(line)]
        items += free
        flows = [
            with_aligned_tables(run, self._style.body) for run in runs(items, self._style.body)
        ]
        flows += [[line] for line in slanted]
        tables = [item for run in flows for item in run if isinstance(item, Table)]
        drafts = [*drafts_of(flows, sheet, self._style, number), *drafts_of_scan(scan, sheet)]
        drawn: list[Any] = []  # the display list, made when the first figure needs it

        def picture(place: Rect) -> Raster | None:
            if not drawn:
                drawn.append(page.get_displaylist())
            return draw(drawn[0], sheet.shown(place), settings.figure_side)

        figures = figures_of([*pictures, *charts], tables, drafts, sheet, picture)
        blocks = [draft.block for draft in drafts if draft.block.text]
        warnings = scan.warnings
        try:
            blocks += list(notes(page, sheet, [block.text for block in blocks]))
        except Exception as exc:  # PyMuPDF raises plain Exception too for these
            damaged(self._path, exc)
            warnings += (f"the comments on page {number} are damaged and were skipped",)
        return Page(
            number=number,
            width=sheet.width,
            height=sheet.height,
            blocks=tuple(blocks),
            figures=tuple(figures),
            warnings=warnings,
            recognition=scan.recognition,
        )

    def _scan(
        self,
        page: Any,
        lines: _Lines,
        sheet: Sheet,
        reader: PageReader,
        settings: ParserSettings,
    ) -> ReadPage:
        try:
            return read_scan(page, [*lines[0], *lines[1]], sheet, reader, settings.ocr_dpi)
        except Exception as exc:  # PyMuPDF, OpenCV and onnxruntime raise plain Exception too
            damaged(self._path, exc)
            cause = f"the text in its picture was not read ({type(exc).__name__})"
            return ReadPage(warnings=(f"page {page.number + 1}: {cause}",))

    def _words(self, page: Any, sheet: Sheet) -> list[Word]:
        textpage = page.get_textpage(flags=TEXT_FLAGS)
        entries = [(entry[:4], entry[4]) for entry in textpage.extractWORDS()]
        if any(has_rtl(text) for _, text in entries):
            entries = rtl_words_of(textpage)
        words = [
            Word(*sheet.place(place), text if text.isascii() else _clean(text))
            for place, text in entries
        ]
        return checked_words(page, sheet, words) if self._has_form else words

    def _outline(self) -> dict[int, dict[str, int]]:
        outline: dict[int, dict[str, int]] = {}
        try:
            entries = self._document.get_toc(simple=True)
        except PDF_ERRORS:
            return outline
        for level, title, number, *_ in entries[:20_000]:
            key = plain(str(title))
            if key and isinstance(number, int) and number > 0:
                outline.setdefault(number, {}).setdefault(key, max(1, int(level)))
        return outline

    def _metadata(self) -> dict[str, str]:
        raw = self._document.metadata or {}
        cleaned = {name: _clean(raw.get(name)) for name in ("title", *_METADATA)}
        named = {_METADATA.get(name, name): value for name, value in cleaned.items() if value}
        created = re.match(r"D:(\d{4})(\d\d)?(\d\d)?", named.get("created", ""))
        if created:
            named["created"] = "-".join(part for part in created.groups() if part)
        return named

    def _title(self, given: str) -> str:
        if len(given) > 3 and not _POOR_TITLE.fullmatch(given) and "\ufffd" not in given:
            return given[:300]
        lines = self._known[1][0][0] if 1 in self._known else []
        large = max((line.size for line in lines), default=0.0)
        if large >= 1.25 * self._style.body:
            parts = [line.text for line in lines if line.size > large - 0.5]
            title = " ".join(parts)[:300]
            if sum(char.isalpha() for char in title) > 3:
                return title
        return self._path.stem


def _is_usable(lines: _Lines) -> bool:
    """Whether a page's text is text: enough of it, and mapped to letters."""
    texts = [line.text for line in (*lines[0], *lines[1])]
    return sum(map(len, texts)) >= _USABLE_CHARS and not is_garbage(texts)


def _length(block: Block) -> int:
    return len(block.text)


def _clean(value: object) -> str:
    """One line of text that any encoding of Unicode can hold."""
    if not isinstance(value, str):
        return ""
    kept = "".join(char if char.isprintable() else " " for char in value)
    return " ".join(kept.encode("utf-8", "replace").decode().split())[:1000]
