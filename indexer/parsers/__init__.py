"""File parsers: one file per format, found by suffix and checked against the first bytes.

A file of this package is a parser when it defines ``SUFFIXES`` and ``parse``. One whose
pages can be shown as pictures also defines ``render``, one whose files hold other files
``members``. Parsers read untrusted files: outside tests they run in the child process of
:mod:`indexer.parsers.sandbox`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType
from typing import IO, Protocol, cast, runtime_checkable

from indexer.domain import BoundingBox, Member, ParsedDocument, Raster
from indexer.errors import LimitExceeded, UnreadableDocument, UnsupportedFormat
from indexer.parsers._signatures import format_of
from indexer.settings import MEBIBYTE, ParserSettings


class Parser(Protocol):
    """What a parser file offers."""

    SUFFIXES: frozenset[str]
    """Lower-case suffixes with their dot, such as {".jpg", ".jpeg"}."""

    def parse(self, path: Path, settings: ParserSettings) -> ParsedDocument:
        """The header at once, the pages when they are asked for.

        Raises UnreadableDocument or LimitExceeded, also while the pages are read.
        """
        ...


@runtime_checkable
class Renderer(Protocol):
    """A parser file whose pages can be shown as pictures."""

    def render(
        self,
        path: Path,
        page_number: int,
        max_side: int,
        box: BoundingBox | None,
        settings: ParserSettings,
    ) -> Raster:
        """Page ``page_number`` (from 1), or ``box`` of it, longer side ``max_side`` pixels at most.

        Raises UnreadableDocument, also for a page that the file does not have.
        """
        ...


Opener = Callable[[], AbstractContextManager[IO[bytes]]]
"""Opens a member's bytes for one reading."""


@runtime_checkable
class Container(Protocol):
    """A parser file whose files hold other files, which become documents of their own."""

    def members(self, path: Path, settings: ParserSettings) -> Iterator[tuple[Member, Opener]]:
        """Every member in the container's order, folders and links left out; names are unique.

        A member that cannot be read has a cause, and its opener is not called. Sizes are those
        the container claims; ``sha256`` is left empty. Nothing for a file without members.
        Raises UnreadableDocument for a damaged container, after the members before the damage.
        """
        ...


@cache
def parsers() -> Mapping[str, Parser]:
    """Every parser of this package, by the name of its file."""
    found: dict[str, Parser] = {}
    for info in iter_modules(__path__):
        if info.name.startswith("_") or info.name in {"child", "sandbox"}:
            continue
        module = import_module(f"{__name__}.{info.name}")
        if hasattr(module, "SUFFIXES"):
            found[info.name] = cast(Parser, module)
    return MappingProxyType(found)


def parser_for(path: Path) -> Parser:
    """The parser of the file at ``path``: by its first bytes if they tell, else by its suffix.

    A file named ``photo.pdf`` that holds a JPEG goes to the JPEG's parser, and a file without
    a known suffix is still read when its bytes are a known format or plain text.
    Raises UnsupportedFormat when neither helps, UnreadableDocument when it cannot be opened.
    """
    suffix = path.suffix.lower()
    by_suffix = next((p for p in parsers().values() if suffix in p.SUFFIXES), None)
    seen = format_of(_first_bytes(path))
    if suffix not in seen.relatives and (seen.certain or by_suffix is None):
        by_bytes = next((p for p in parsers().values() if seen.suffix in p.SUFFIXES), None)
        if by_bytes is not None and seen.suffix:
            return by_bytes
    if by_suffix is None:
        raise UnsupportedFormat(
            path,
            cause=f"no parser reads {suffix or 'files of this kind'}",
            remedy="save it as PDF, HTML, text or a picture",
        )
    return by_suffix


def open_document(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Parse the file at ``path`` within ``max_bytes`` and ``max_pages``.

    Of a longer file only the first ``max_pages`` are read; ``Header.page_count`` still counts
    them all and a warning says so. Raises what ``parser_for`` and ``parse`` raise, and
    LimitExceeded for a file that is too large.
    """
    check_size(path, settings)
    document = parser_for(path).parse(path, settings)
    header = document.header
    if header.page_count <= settings.max_pages:
        return document
    warning = f"only the first {settings.max_pages} of {header.page_count} pages are read"
    return ParsedDocument(
        header=replace(header, warnings=(*header.warnings, warning)),
        pages=islice(document.pages, settings.max_pages),
    )


def render_page(
    path: Path,
    page_number: int,
    max_side: int,
    box: BoundingBox | None,
    settings: ParserSettings,
) -> Raster:
    """A page, or ``box`` of it, as a picture whose longer side has at most ``max_side`` pixels.

    Raises UnsupportedFormat for a format without pictures of pages, else as ``parse``.
    """
    check_size(path, settings)
    parser = parser_for(path)
    if isinstance(parser, Renderer):
        return parser.render(path, page_number, max_side, box, settings)
    picture = None if box is None else _embedded(parser, path, page_number, box, settings)
    if picture is None:
        raise UnsupportedFormat(
            path, cause="its pages have no picture", remedy="show the text of the page instead"
        )
    return picture


def _embedded(
    parser: Parser, path: Path, page_number: int, box: BoundingBox, settings: ParserSettings
) -> Raster | None:
    """The picture that stands at ``box`` of a page without a layout."""
    for page in parser.parse(path, settings).pages:
        if page.number == page_number:
            return next(
                (figure.raster for figure in page.figures if figure.box.iou(box) > 0.9), None
            )
    return None


def check_size(path: Path, settings: ParserSettings) -> None:
    """LimitExceeded for a file above ``max_bytes``, UnreadableDocument for one that is not there,
    is empty or is no regular file. Nothing is read.
    """
    try:
        size = path.stat().st_size
        regular = path.is_file()
    except OSError as exc:
        raise _unopened(path, exc) from exc
    if not regular:
        raise UnreadableDocument(path, cause="it is not a file", remedy="name a file")
    if size > settings.max_bytes:
        raise LimitExceeded(
            path,
            cause=f"{size / MEBIBYTE:.1f} MiB, above the limit of "
            f"{settings.max_bytes / MEBIBYTE:.1f} MiB",
            remedy="split it or raise SIGHTLINE_PARSER_MAX_BYTES",
        )
    if size == 0:
        raise UnreadableDocument(path, cause="the file is empty", remedy="copy it again")


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4096)
    except OSError as exc:
        raise _unopened(path, exc) from exc


def _unopened(path: Path, error: OSError) -> UnreadableDocument:
    return UnreadableDocument(
        path,
        cause=f"cannot be opened ({error.strerror or type(error).__name__})",
        remedy="check that it exists and may be read",
    )
