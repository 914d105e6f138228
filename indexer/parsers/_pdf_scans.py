"""PDF pages whose text is only in their picture: which they are, and what OCR finds there."""

import unicodedata
from collections.abc import Sequence
from typing import Any

import pymupdf
from PIL import Image

from indexer.parsers._pdf_blocks import Draft
from indexer.parsers._pdf_lines import Line, Rect, Sheet
from indexer.parsers.ocr.reader import PageReader, ReadPage

_USABLE_CHARS = 10  # a page with fewer has no text worth the name
_GARBAGE = 0.3  # share of characters that stand for none
_STAMP_CHARS = 250  # a page number, a line of a download service
_WHOLE_PAGE = 0.7  # share of the page that one picture covers
_MORE = 2.0  # times the text of the file, for OCR to replace it
_DRAWN_BYTES = 4000  # of a page's program: enough to draw letters as outlines
_MAX_PIXELS = 25_000_000


def is_garbage(texts: Sequence[str]) -> bool:
    """Whether many characters are unmapped: replacement, private, control or unassigned ones."""
    characters = [char for text in texts for char in text if not char.isspace()]
    unmapped = sum(
        char == "\ufffd" or unicodedata.category(char) in {"Co", "Cn", "Cc", "Cs"}
        for char in characters
    )
    return unmapped >= _GARBAGE * len(characters)


def shows_something(page: Any) -> bool:
    """Whether there are pictures, or drawings enough to be letters."""
    return bool(page.get_images()) or len(page.read_contents()) > _DRAWN_BYTES


def read_scan(
    page: Any, lines: Sequence[Line], sheet: Sheet, reader: PageReader, dpi: int
) -> ReadPage:
    """What OCR finds where ``lines``, the text of the file, are none, garbage or a mere stamp."""
    texts = [line.text for line in lines]
    length = sum(map(len, texts))
    silent = length < _USABLE_CHARS and shows_something(page)
    spoilt = length > 0 and is_garbage(texts)
    stamped = 0 < length < _STAMP_CHARS and _is_picture(page, sheet)
    if reader.is_off or not (silent or spoilt or stamped):
        return ReadPage()
    read = reader.page(_drawn(page, sheet, dpi))
    found = sum(len(block.text) for block in read.blocks)
    if stamped and not (silent or spoilt) and found < _MORE * length:
        return ReadPage()
    return read


def drafts_of_scan(read: ReadPage, sheet: Sheet) -> list[Draft]:
    """The blocks of ``read`` with their places in points."""
    drafts = []
    for block in read.blocks:
        boxes = [span.box for span in block.spans]
        drafts.append(
            Draft(
                min(box.x0 for box in boxes) * sheet.width,
                min(box.y0 for box in boxes) * sheet.height,
                max(box.x1 for box in boxes) * sheet.width,
                max(box.y1 for box in boxes) * sheet.height,
                block,
            )
        )
    return drafts


def _is_picture(page: Any, sheet: Sheet) -> bool:
    whole = Rect(0.0, 0.0, sheet.width, sheet.height)
    return any(
        whole.overlap(Rect(*sheet.place(info["bbox"]))) > _WHOLE_PAGE * whole.area
        for info in page.get_image_info()
    )


def _drawn(page: Any, sheet: Sheet, dpi: int) -> Image.Image:
    zoom = min(dpi / 72, (_MAX_PIXELS / (sheet.width * sheet.height)) ** 0.5)
    pixels = page.get_pixmap(
        matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csGRAY, alpha=False
    )
    return Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
