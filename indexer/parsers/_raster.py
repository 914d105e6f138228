"""Pictures to upright RGB JPEG, whatever mode they come in."""

from io import BytesIO

from PIL import Image

from indexer.domain import BoundingBox, Raster

_WIDE_MODES = frozenset({"I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
_WHITE = (255, 255, 255)


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
