"""Pictures to upright RGB JPEG, whatever mode they come in."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageFile

from indexer.domain import BoundingBox, Raster
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.settings import ParserSettings

# Pillow's ways to say that a file is damaged.
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    EOFError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
)
_REMEDY = "copy or export it again"

_WIDE_MODES = frozenset({"I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
_WHITE = (255, 255, 255)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@contextmanager
def opened(
    path: Path, formats: tuple[str, ...], settings: ParserSettings, *, data: bytes | None = None
) -> Iterator[ImageFile.ImageFile]:
    """The picture at ``path``, or the one in ``data`` that comes from it, not yet decoded.

    Only the decoders of ``formats`` are tried. Raises LimitExceeded above
    ``settings.max_pixels``; Pillow's many ways to fail become UnreadableDocument, inside the
    block too.
    """
    limit = Image.MAX_IMAGE_PIXELS
    try:
        with warnings.catch_warnings():
            # Pillow's own bomb limit is replaced by ours, and damaged EXIF is not worth a word.
            warnings.simplefilter("ignore")
            Image.MAX_IMAGE_PIXELS = None
            with Image.open(path if data is None else BytesIO(data), formats=formats) as image:
                check_pixels(path, *image.size, settings)
                yield image
    except DAMAGE as exc:
        reason = " ".join(str(exc).split())
        unspoken = not reason or str(path) in reason or "BytesIO" in reason
        cause = "damaged picture" if unspoken else f"damaged ({reason})"
        raise UnreadableDocument(path, cause=cause[:200], remedy=_REMEDY) from exc
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def check_pixels(path: Path, width: int, height: int, settings: ParserSettings) -> None:
    """LimitExceeded for a picture with more than ``settings.max_pixels``."""
    if width * height > settings.max_pixels:
        raise LimitExceeded(
            path,
            cause=f"{width} x {height} pixels, above the limit of {settings.max_pixels}",
            remedy="scale it down or raise SIGHTLINE_PARSER_MAX_PIXELS",
        )


def turned(image: Image.Image, orientation: object) -> Image.Image:
    """Upright by the orientation of EXIF, 1 to 8; as it is for any other value."""
    method = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if method is None else image.transpose(method)


def to_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB: transparency on white, 16-bit and float greys scaled to their own range."""
    if image.mode in _WIDE_MODES:
        return _scaled(image).convert("RGB")
    if image.mode in {"RGB", "L", "1"} and "transparency" not in image.info:
        return image.convert("RGB")
    # Premultiplied ("RGBa", "La") and grey alpha convert to RGBA in one step only from some modes.
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        upright = image.convert("RGBA") if image.mode != "La" else image.convert("LA")
        return _on_white(upright.convert("RGBA"))
    return image.convert("RGB")


def _scaled(image: Image.Image) -> Image.Image:
    """Greys of 16 bits by their bit depth, of 32 bits and floats by their extremes."""
    wide = image.convert("F")
    low, high = wide.getextrema()
    assert isinstance(low, float)
    assert isinstance(high, float)
    if image.mode.startswith("I;16") or (image.mode == "I" and low >= 0 and 255 < high <= 65535):
        low, high = 0.0, 65535.0
    elif low >= 0 and high <= 1 and image.mode == "F":
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    if not high > low:
        return Image.new("L", image.size, 0)
    factor = 255 / (high - low)
    offset = -low * factor
    return wide.point(lambda value: value * factor + offset).convert("L")


def _on_white(image: Image.Image) -> Image.Image:
    page = Image.new("RGB", image.size, _WHITE)
    page.paste(image, mask=image.getchannel("A"))
    return page


def shrunk(image: Image.Image, max_side: int) -> Image.Image:
    """Scaled down so that the longer side has at most ``max_side`` pixels; never enlarged."""
    longer = max(image.size)
    if longer <= max_side:
        return image
    size = tuple(max(1, round(side * max_side / longer)) for side in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.LANCZOS, reducing_gap=3.0)


def cut(image: Image.Image, box: BoundingBox) -> Image.Image:
    """The part of ``image`` inside ``box``, at least one pixel."""
    return image.crop(box.pixels(*image.size))


def to_raster(image: Image.Image, *, quality: int = 95) -> Raster:
    """``image`` (RGB) as a JPEG without chroma subsampling and without metadata."""
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=0)
    return Raster(width=image.width, height=image.height, jpeg=buffer.getvalue())
