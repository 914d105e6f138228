"""Files embedded in a PDF: those of the document and those pinned to a page."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pymupdf

Reader = Callable[[Any], bytes]
"""Reads one embedded file from the open document."""

_MAX_FILES = 10_000


def files_of(document: Any) -> Iterator[tuple[str, int, Reader]]:
    """Name ("" if it has none), size in bytes as claimed, and reader of each embedded file."""
    for index in range(min(document.embfile_count(), _MAX_FILES)):
        info = document.embfile_info(index)
        name = info.get("ufilename") or info.get("filename") or info.get("name") or ""
        yield _mended(name), max(0, info.get("size", 0)), partial(_embedded, index)
    for number, page in enumerate(document):
        for position, annotation in enumerate(annotations(page)):
            if annotation.type[0] == pymupdf.PDF_ANNOT_FILE_ATTACHMENT:
                info = annotation.file_info
                size = max(0, info.get("size", 0))
                yield _mended(info.get("filename") or ""), size, partial(_pinned, number, position)


def annotations(page: Any) -> Iterator[Any]:
    """The page's annotations without form fields and links, also those without a number."""
    annotation = page.first_annot
    for _ in range(_MAX_FILES):
        if annotation is None:
            break
        yield annotation
        annotation = annotation.next


def _embedded(index: int, document: Any) -> bytes:
    data: bytes = document.embfile_get(index)
    return data


def _pinned(number: int, position: int, document: Any) -> bytes:
    page = document[number]  # kept, for its annotations are only valid beside it
    data: bytes = list(annotations(page))[position].get_file()
    return data


def _mended(name: str) -> str:
    """PyMuPDF gives the UTF-8 bytes of a name as characters of their own."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name
