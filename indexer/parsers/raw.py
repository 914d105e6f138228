"""RAW photos of cameras: the preview that the camera stored, or the sensor's values developed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from indexer.domain import BoundingBox, Header, Page, ParsedDocument, Raster
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.parsers._exif import exif_facts, tag_facts
from indexer.parsers._photo_facts import PhotoFacts
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
from indexer.parsers._sidecars import RAW_SUFFIXES
from indexer.parsers._xmp import xmp_facts
from indexer.settings import ParserSettings

if TYPE_CHECKING:
    import rawpy

SUFFIXES = RAW_SUFFIXES

_MAKERS = {
    ".dng": "adobe", ".cr2": "canon", ".cr3": "canon", ".nef": "nikon", ".nrw": "nikon",
    ".arw": "sony", ".raf": "fuji", ".orf": "olympus", ".rw2": "panasonic", ".pef": "pentax",
    ".srw": "samsung",
}  # fmt: skip
# LibRaw's turns as orientations of EXIF.
_ORIENTATIONS = {3: 3, 5: 8, 6: 6}
_ON_THE_SIDE = frozenset({5, 6})
_XMP_TAG = 700
# Canon's newer files are ISO base media: these boxes hold a TIFF directory each.
_CR3_BOXES = (b"CMT1", b"CMT2", b"CMT4")
_CR3_HEAD = 256 * 1024
_REMEDY = "copy it again from the camera, or save it as DNG or JPEG"


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """One page: the camera's own preview where it is large enough, else the sensor's picture.

    ``Page.width`` and ``height`` are those of the upright photo at full size. Metadata and blocks
    are those of any photo. Raises LimitExceeded above ``settings.max_pixels`` and
    UnreadableDocument for a damaged file or a camera that LibRaw does not know.
    """
    with _opened(path, settings) as raw:
        # Before developing, which changes them.
        width, height = raw.sizes.width, raw.sizes.height
        if raw.sizes.flip in _ON_THE_SIDE:
            width, height = height, width
        picture, told = _developed(path, raw, settings, settings.raster_side)
    small = shrunk(picture, settings.raster_side)
    suffix = path.suffix.lower()
    metadata = photo_metadata(
        path,
        [*own_facts(path), *told],
        small,
        width=width,
        height=height,
        format_name=suffix.removeprefix(".").upper() if suffix in SUFFIXES else "RAW",
    )
    page = Page(
        number=1,
        width=float(width),
        height=float(height),
        blocks=caption_blocks(metadata),
        raster=to_raster(small),
    )
    maker = _MAKERS.get(suffix)
    header = Header(
        title=path.stem,
        media_type=f"image/x-{maker}-{suffix.removeprefix('.')}" if maker else "image/x-raw",
        page_count=1,
        metadata=metadata,
    )
    return ParsedDocument(header=header, pages=iter((page,)))


def render(
    path: Path, page_number: int, max_side: int, box: BoundingBox | None, settings: ParserSettings
) -> Raster:
    """The photo or ``box`` of it, longer side at most ``max_side`` pixels.

    Raises UnreadableDocument for a damaged file and for any page but the first.
    """
    if page_number != 1:
        raise UnreadableDocument(
            path, cause=f"it has no page {page_number}", remedy="index the file again"
        )
    with _opened(path, settings) as raw:
        picture, _ = _developed(path, raw, settings, max_side if box is None else 0)
    if box is not None:
        picture = cut(picture, box)
    return to_raster(shrunk(picture, max_side))


@contextmanager
def _opened(path: Path, settings: ParserSettings) -> "Iterator[rawpy.RawPy]":
    """The opened file, its pixels not yet unpacked; LibRaw's errors become ours."""
    import rawpy

    try:
        with path.open("rb") as file, rawpy.imread(file) as raw:
            check_pixels(path, raw.sizes.raw_width, raw.sizes.raw_height, settings)
            yield raw
    except (rawpy.LibRawError, rawpy.NotSupportedError, *DAMAGE) as exc:
        raise UnreadableDocument(
            path, cause=f"cannot be developed ({_reason(exc)})"[:200], remedy=_REMEDY
        ) from exc


def _reason(error: Exception) -> str:
    first = error.args[0] if error.args else ""
    text = first.decode("ascii", "replace") if isinstance(first, bytes) else str(error)
    return " ".join(text.split()) or type(error).__name__


def _developed(
    path: Path, raw: "rawpy.RawPy", settings: ParserSettings, wanted_side: int
) -> tuple[Image.Image, list[PhotoFacts]]:
    """The upright picture in RGB, and what the preview told of it: LibRaw gives one without EXIF
    the camera and date that it knows. A JPEG is decoded near ``wanted_side`` (0: in full).

    A preview as large as the raster of the page is taken, or one of half the sensor's size:
    developing at that size would not show more.
    """
    import rawpy

    preview, told = _preview(path, raw, settings, wanted_side)
    enough = min(
        settings.raster_side,
        wanted_side or settings.raster_side,
        max(raw.sizes.width, raw.sizes.height) // 2,
    )
    if preview is not None and max(preview.size) >= enough:
        return preview, told
    try:
        pixels = raw.postprocess(half_size=True, use_camera_wb=True, output_bps=8)
    except (rawpy.LibRawError, rawpy.NotSupportedError):
        if preview is None:
            raise
        return preview, told
    return Image.fromarray(pixels), told


def _preview(
    path: Path, raw: "rawpy.RawPy", settings: ParserSettings, wanted_side: int
) -> tuple[Image.Image | None, list[PhotoFacts]]:
    import rawpy

    try:
        thumbnail = raw.extract_thumb()
    except (rawpy.LibRawError, rawpy.NotSupportedError):
        return None, []
    told: list[PhotoFacts] = []
    if isinstance(thumbnail.data, bytes):
        try:
            with opened(path, ("JPEG",), settings, data=thumbnail.data) as image:
                if wanted_side:
                    image.draft(None, (2 * wanted_side, 2 * wanted_side))
                picture = to_rgb(image)
                told = embedded(image)
        except (UnreadableDocument, LimitExceeded):
            return None, []
    else:
        picture = Image.fromarray(thumbnail.data).convert("RGB")
    sizes = raw.sizes
    upright_already = (
        sizes.flip in _ON_THE_SIDE
        and picture.width != picture.height
        and (picture.width > picture.height) != (sizes.width > sizes.height)
    )
    orientation = None if upright_already else _ORIENTATIONS.get(sizes.flip)
    return turned(picture, orientation), told


def own_facts(path: Path) -> list[PhotoFacts]:
    """EXIF and XMP of the file itself: most RAW formats are a TIFF, some with other first bytes."""
    with suppress(*DAMAGE), path.open("rb") as file:
        head = file.read(8)
        if head[4:] == b"ftyp":
            return _cr3_facts(file)
        if head[:2] in (b"II", b"MM"):
            exif = Image.Exif()
            exif.endian = "<" if head[:2] == b"II" else ">"
            start = int.from_bytes(head[4:], "little" if exif.endian == "<" else "big")
            exif.load_from_fp(file, start)
            xmp = exif.get(_XMP_TAG)
            sources = (exif_facts(exif), xmp_facts(xmp) if isinstance(xmp, bytes) else None)
            return [*filter(None, sources)]
    return []


def _cr3_facts(file: BinaryIO) -> list[PhotoFacts]:
    file.seek(0)
    data = file.read(_CR3_HEAD)
    main, details, gps = (_box(data, name) for name in _CR3_BOXES)
    return [tag_facts(main, details, gps)]


def _box(data: bytes, name: bytes) -> Image.Exif:
    exif = Image.Exif()
    start = data.find(name)
    if start >= 4:
        size = int.from_bytes(data[start - 4 : start], "big")
        with suppress(*DAMAGE):
            exif.load(data[start + 4 : start - 4 + size])
    return exif
