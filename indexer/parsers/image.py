"""Photos, scans and animations: upright pages, flattened and scaled down."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from PIL import ExifTags, Image, ImageFile

from indexer.domain import BoundingBox, Header, Page, ParsedDocument, Raster
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.parsers._animation import distinct_frames
from indexer.parsers._photo_metadata import caption_blocks, embedded, photo_metadata
from indexer.parsers._raster import (
    DAMAGE,
    check_pixels,
    cut,
    opened,
    shrunk,
    to_raster,
    to_rgb,
    turned,
)
from indexer.parsers._sidecars import PICTURE_SUFFIXES
from indexer.parsers.ocr.reader import PageReader
from indexer.settings import ParserSettings

SUFFIXES = PICTURE_SUFFIXES

# Only these decoders are tried: every other one of Pillow's is code that a hostile file may reach.
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF")
_HEIF = "HEIF"
# A JPEG with further pictures behind it (depth, brightness, another eye) is one photo.
_JPEG = frozenset({"JPEG", "MPO"})

_READ_SIDE = 5000  # pixels, enough for the text of a scanned page

_SUBFILE_TYPE = 254
_NOT_A_PAGE = 0b101  # a smaller copy of another page, or a mask


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """One page per page of a TIFF, some clearly different frames of an animation, else one page.

    ``Page.width`` and ``height`` are the upright picture's own pixels; ``Page.raster`` is scaled
    to ``settings.raster_side``. What the file and its sidecars tell of the photo is in the
    header's metadata and, but for the coordinates, in the blocks of the first page; text in the
    picture follows. A damaged page after the first has a warning instead of a picture.
    Raises LimitExceeded above ``settings.max_pixels`` and UnreadableDocument for a damaged file.
    """
    with _opened(path, settings) as image:
        frames, warnings = _frames(path, image, settings)
        # The first page is decoded at once, so that damage shows before the header is believed.
        picture, width, height = _upright(path, image, frames[0], settings, settings.raster_side)
        small = shrunk(picture, settings.raster_side)
        metadata = photo_metadata(
            path,
            embedded(image),
            small,
            width=width,
            height=height,
            format_name="JPEG" if image.format in _JPEG else image.format or "",
        )
        media_type = "image/jpeg" if image.format in _JPEG else image.get_format_mimetype()
    first = Page(
        number=1,
        width=float(width),
        height=float(height),
        blocks=caption_blocks(metadata),
        raster=to_raster(small),
    )
    picture = shrunk(picture, _READ_SIDE)
    header = Header(
        title=path.stem,
        media_type=media_type or "image/*",
        page_count=len(frames),
        metadata=metadata,
        warnings=warnings,
    )
    return ParsedDocument(header=header, pages=_pages(path, first, picture, frames, settings))


def render(
    path: Path, page_number: int, max_side: int, box: BoundingBox | None, settings: ParserSettings
) -> Raster:
    """Page ``page_number`` or ``box`` of it, longer side at most ``max_side`` pixels.

    Raises UnreadableDocument for a damaged file and for a page it does not have.
    """
    with _opened(path, settings) as image:
        frames, _ = _frames(path, image, settings)
        if not 1 <= page_number <= len(frames):
            raise UnreadableDocument(
                path, cause=f"it has no page {page_number}", remedy="index the file again"
            )
        wanted = max_side if box is None else 0
        picture, _, _ = _upright(path, image, frames[page_number - 1], settings, wanted)
    if box is not None:
        picture = cut(picture, box)
    return to_raster(shrunk(picture, max_side))


def _pages(
    path: Path, first: Page, picture: Image.Image, frames: list[int], settings: ParserSettings
) -> Iterator[Page]:
    reader = PageReader(settings)
    yield _with_text(first, picture, reader)
    for number, frame in enumerate(frames[1:], start=2):
        # Opened anew for each page, so that nothing stays open while the caller is busy.
        try:
            with _opened(path, settings) as image:
                picture, width, height = _upright(
                    path, image, frame, settings, settings.raster_side
                )
        except (UnreadableDocument, LimitExceeded) as exc:
            yield Page(number=number, width=first.width, height=first.height, warnings=(exc.cause,))
            continue
        raster = to_raster(shrunk(picture, settings.raster_side))
        page = Page(number=number, width=float(width), height=float(height), raster=raster)
        yield _with_text(page, shrunk(picture, _READ_SIDE), reader)


def _with_text(page: Page, picture: Image.Image, reader: PageReader) -> Page:
    read = reader.photo(picture)
    return replace(
        page,
        blocks=(*page.blocks, *read.blocks),
        recognition=read.recognition,
        warnings=(*page.warnings, *read.warnings),
    )


@contextmanager
def _opened(path: Path, settings: ParserSettings) -> Iterator[ImageFile.ImageFile]:
    formats: tuple[str, ...] = _FORMATS
    with suppress(OSError), path.open("rb") as file:
        if file.read(8)[4:] == b"ftyp":
            formats = _formats_with_heif()
    with opened(path, formats, settings) as image:
        yield image


@cache
def _formats_with_heif() -> tuple[str, ...]:
    import pillow_heif

    # Other pictures than the photo itself are nothing that a reader sees.
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return (*_FORMATS, _HEIF)


def _frames(
    path: Path, image: Image.Image, settings: ParserSettings
) -> tuple[list[int], tuple[str, ...]]:
    """Which of Pillow's frames are the pages, and warnings."""
    if image.format == "TIFF":
        return _tiff_pages(image)
    if image.format not in _JPEG and getattr(image, "is_animated", False):
        return distinct_frames(path, image, settings)
    return [image.tell()], ()


def _tiff_pages(image: Image.Image) -> tuple[list[int], tuple[str, ...]]:
    pages: list[int] = []
    warnings: tuple[str, ...] = ()
    index = 0
    while True:
        try:
            image.seek(index)
            kind = image.tag_v2.get(_SUBFILE_TYPE, 0)  # type: ignore[attr-defined]
        except EOFError:
            break
        except DAMAGE:
            if index == 0:
                raise
            warnings = (f"what follows page {len(pages)} is damaged",)
            break
        if not (isinstance(kind, int) and kind & _NOT_A_PAGE):
            pages.append(index)
        index += 1
    return pages or [0], warnings


def _upright(
    path: Path, image: Image.Image, frame: int, settings: ParserSettings, wanted_side: int
) -> tuple[Image.Image, int, int]:
    """RGB and turned as the camera was held, with the width and height in the file.

    Decoded near ``wanted_side`` where JPEG allows it (0: in full).
    """
    if image.tell() != frame or image.format == "TIFF":
        image.seek(frame)
        check_pixels(path, *image.size, settings)
    # Before decoding: drafting changes the size that the picture says it has.
    width, height = image.size
    if wanted_side and image.format in _JPEG and max(image.size) > 2 * wanted_side:
        # The decoder stops at the first power of two that still has twice the pixels wanted.
        image.draft(None, (2 * wanted_side, 2 * wanted_side))
    try:
        image.load()
    except OSError:
        if image.format != "PNG":
            raise
        # All pixels may be there and only what follows them be cut off; if not, this raises too.
        image.load()
    picture = turned(to_rgb(image), _orientation(image))
    # Some decoders turn the picture themselves and say so beforehand, others do not.
    if (width > height) != (picture.width > picture.height) and width != height:
        width, height = height, width
    return picture, width, height


def _orientation(image: Image.Image) -> object:
    # After decoding: a TIFF is then turned already, and its orientation gone.
    with suppress(*DAMAGE):
        return image.getexif().get(ExifTags.Base.Orientation)
    return None
