"""Pictures embedded in office files, books and web pages."""

import warnings
from io import BytesIO

from PIL import Image

from indexer.domain import Raster
from indexer.parsers._raster import shrunk, to_raster, to_rgb
from indexer.settings import ParserSettings

# Vector formats (EMF, WMF, SVG) are left out: their decoders are not safe, or not there.
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")
# Smaller ones are bullets, rules and tracking pixels.
_MIN_SIDE = 48


def embedded_picture(data: bytes, settings: ParserSettings) -> Raster | None:
    """``data`` as a raster of at most ``settings.figure_side`` pixels a side.

    None for a format that is not read, a damaged picture, one with more pixels than
    ``settings.max_pixels``, and one too small to show anything.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=_FORMATS) as image:
                if not min(image.size) >= _MIN_SIDE:
                    return None
                if image.width * image.height > settings.max_pixels:
                    return None
                return to_raster(shrunk(to_rgb(image), settings.figure_side))
    except (OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError, EOFError):
        return None
    except Image.DecompressionBombError:
        return None
