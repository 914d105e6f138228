"""PDF, through PyMuPDF: text in reading order with its places, tables, figures.

Running headers and footers are kept. Pages without text of their own are read by OCR.
"""

from collections.abc import Generator, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, cast

from indexer.domain import BoundingBox, Header, Member, Page, ParsedDocument, Raster
from indexer.parsers import Opener
from indexer.parsers._filenames import file_name
from indexer.parsers._members import unique
from indexer.settings import ParserSettings

if TYPE_CHECKING:
    from indexer.parsers._pdf_files import Reader

SUFFIXES = frozenset({".pdf"})


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """The header at once, the pages one by one; the file is closed with the iterator.

    Raises UnreadableDocument for a damaged or encrypted file, or one without a readable page;
    a single damaged page is empty and carries a warning.
    """
    stream = _stream(path, settings)
    header = cast(Header, next(stream))
    return ParsedDocument(header=header, pages=cast(Generator[Page, None, None], stream))


def render(
    path: Path,
    page_number: int,
    max_side: int,
    box: BoundingBox | None,
    settings: ParserSettings,  # noqa: ARG001 -- part of the protocol
) -> Raster:
    """Page ``page_number`` as displayed, or ``box`` of it, at most ``max_side`` pixels long.

    Raises UnreadableDocument, also for a page that is not there.
    """
    # PyMuPDF takes long to import; who only asks for the suffixes need not wait for it.
    from indexer.parsers._pdf_document import opened

    with opened(path) as document:
        return document.render(page_number, max_side, box)


def members(
    path: Path,
    settings: ParserSettings,  # noqa: ARG001 -- part of the protocol
) -> Iterator[tuple[Member, Opener]]:
    """Embedded files; see :class:`indexer.parsers.Container`."""
    from indexer.parsers._pdf_document import opened

    taken: set[str] = set()
    with opened(path) as document:
        for name, size, reader in document.files():
            cleaned = unique(file_name(name, ".bin") or "attachment.bin", taken)
            yield Member(name=cleaned, size=size), partial(_embedded, path, reader)


def _embedded(path: Path, reader: "Reader") -> BytesIO:
    from indexer.parsers._pdf_document import opened

    with opened(path) as document:
        return BytesIO(document.read_file(reader))


def _stream(path: Path, settings: ParserSettings) -> Generator[Header | Page, None, None]:
    from indexer.parsers._pdf_document import opened

    with opened(path) as document:
        yield document.header(settings)
        yield from document.pages(settings)
