"""Photos and scans: one page per picture, upright, flattened and scaled down."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from indexer.domain import BoundingBox, Header, Page, ParsedDocument, Raster
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.parsers._raster import cut, shrunk, to_raster, to_rgb
from indexer.settings import ParserSettings

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp"}
)

# Only these decoders are tried: every other one of Pillow's is code that a hostile file may reach.
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")
_DAMAGE = (OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError, EOFError)
_DESCRIPTION_KEYS = ("Description", "Comment", "description", "comment")
_REMEDY = "copy or export it again"


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """One page per frame of a TIFF, one page for any other picture (the first of an animation).

    ``Page.width`` and ``height`` are the upright picture's own pixels; ``Page.raster`` is scaled
    to ``settings.raster_side``. The place where a photo was taken is never kept.
    Raises LimitExceeded above ``settings.max_pixels`` and UnreadableDocument for a damaged file.
    """
    with _opened(path, settings) as image:
        frames = _frames(image)
        # The first frame is decoded at once, so that damage shows before the header is believed.
        first = _page(image, 1, settings)
        metadata = _metadata(image, first)
        header = Header(
            title=path.stem,
            media_type=Image.MIME.get(image.format or "", "image/*"),
            page_count=frames,
            metadata=metadata,
        )
    return ParsedDocument(header=header, pages=_pages(path, first, frames, settings))


def render(
    path: Path, page_number: int, max_side: int, box: BoundingBox | None, settings: ParserSettings
) -> Raster:
    """Frame ``page_number`` or ``box`` of it, longer side at most ``max_side`` pixels.

    Raises UnreadableDocument for a damaged file and for a frame it does not have.
    """
    with _opened(path, settings) as image:
        if not 1 <= page_number <= _frames(image):
            raise UnreadableDocument(
                path, cause=f"it has no page {page_number}", remedy="index the file again"
            )
        picture = _upright(image, page_number, settings, max_side if box is None else 0)
    if box is not None:
        picture = cut(picture, box)
    return to_raster(shrunk(picture, max_side))


def _pages(path: Path, first: Page, frames: int, settings: ParserSettings) -> Iterator[Page]:
    yield first
    for number in range(2, frames + 1):
        # Opened anew for each frame, so that nothing stays open while the caller is busy.
        with _opened(path, settings) as image:
            page = _page(image, number, settings)
        yield page


@contextmanager
def _opened(path: Path, settings: ParserSettings) -> Iterator[Image.Image]:
    """The opened picture; Pillow's many ways to fail become our errors, inside the block too."""
    try:
        with warnings.catch_warnings():
            # Pillow's own bomb limit is replaced by ours, and damaged EXIF is not worth a word.
            warnings.simplefilter("ignore")
            with _without_bomb_limit(lambda: Image.open(path, formats=_FORMATS)) as image:
                _check_pixels(path, image, settings)
                yield image
    except _DAMAGE as exc:
        reason = " ".join(str(exc).split())
        cause = "damaged picture" if not reason or str(path) in reason else f"damaged ({reason})"
        raise UnreadableDocument(path, cause=cause[:200], remedy=_REMEDY) from exc


def _without_bomb_limit(action: Callable[[], Image.Image]) -> Image.Image:
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None
    try:
        return action()
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _check_pixels(path: Path, image: Image.Image, settings: ParserSettings) -> None:
    width, height = image.size
    if width * height > settings.max_pixels:
        raise LimitExceeded(
            path,
            cause=f"{width} x {height} pixels, above the limit of {settings.max_pixels}",
            remedy="scale it down or raise SIGHTLINE_PARSER_MAX_PIXELS",
        )


def _frames(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def _page(image: Image.Image, number: int, settings: ParserSettings) -> Page:
    _seek(image, number, settings)
    # Before decoding: drafting changes the size that the picture says it has.
    width, height = image.size
    upright = _upright(image, number, settings, settings.raster_side)
    # Some decoders turn the picture themselves and say so beforehand, others do not.
    if (width > height) != (upright.width > upright.height) and width != height:
        width, height = height, width
    raster = to_raster(shrunk(upright, settings.raster_side))
    return Page(number=number, width=float(width), height=float(height), raster=raster)


def _seek(image: Image.Image, number: int, settings: ParserSettings) -> None:
    if number > 1 or image.format == "TIFF":
        image.seek(number - 1)
        _check_pixels(Path(getattr(image, "filename", "")), image, settings)


def _upright(
    image: Image.Image, number: int, settings: ParserSettings, wanted_side: int
) -> Image.Image:
    """RGB and turned as the camera was held; decoded near ``wanted_side`` where JPEG allows."""
    _seek(image, number, settings)
    if wanted_side and image.format == "JPEG" and max(image.size) > 2 * wanted_side:
        # The decoder stops at the first power of two that still has twice the pixels wanted.
        image.draft(None, (2 * wanted_side, 2 * wanted_side))
    try:
        image.load()
    except OSError:
        if image.format != "PNG":
            raise
        # All pixels may be there and only what follows them be cut off; if not, this raises too.
        image.load()
    orientation = _orientation(image)
    picture = to_rgb(image)
    method = _TURNS.get(orientation)
    return picture if method is None else picture.transpose(method)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _exif(image: Image.Image) -> dict[int, Any]:
    try:
        return dict(image.getexif())
    except _DAMAGE:
        return {}


def _orientation(image: Image.Image) -> int:
    # After decoding: a TIFF is then turned already, and its orientation gone.
    value = _exif(image).get(ExifTags.Base.Orientation)
    return value if isinstance(value, int) else 1


def _metadata(image: Image.Image, page: Page) -> dict[str, str]:
    metadata = {
        "width": str(int(page.width)),
        "height": str(int(page.height)),
        "format": image.format or "",
    }
    exif = _exif(image)
    try:
        details = dict(image.getexif().get_ifd(ExifTags.IFD.Exif))
    except _DAMAGE:
        details = {}
    taken = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    make, model = (_plain(exif.get(tag)) for tag in (ExifTags.Base.Make, ExifTags.Base.Model))
    camera = model if model.lower().startswith(make.lower()) else f"{make} {model}"
    described = [exif.get(ExifTags.Base.ImageDescription)]
    described += [image.info.get(key) for key in _DESCRIPTION_KEYS]
    found = {
        "date_taken": _plain(taken),
        "camera": camera.strip(),
        "description": next((text for text in map(_plain, described) if text), ""),
    }
    return metadata | {key: value for key, value in found.items() if value}


def _plain(value: object) -> str:
    """One line of printable text, "" for anything that is not text."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="ignore")
    if not isinstance(value, str):
        return ""
    kept = "".join(char for char in value.split("\0")[0] if char.isprintable() or char.isspace())
    return " ".join(kept.split())[:1000]
