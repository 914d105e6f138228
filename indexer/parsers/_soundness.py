"""What the types of the frames do not promise: checks of what a child says, in the parent."""

from io import BytesIO
from math import isfinite

from indexer.domain import Header, Member, Page, Raster

_MAX_COUNT = 1 << 31  # of pages; a database does not take every number
_MAX_SIZE = 1 << 62


def is_sound_header(header: Header) -> bool:
    return 0 <= header.page_count < _MAX_COUNT


def is_sound_member(member: Member) -> bool:
    return 0 <= member.size < _MAX_SIZE


def is_sound_page(page: Page, last: int, max_side: int) -> bool:
    """Pages ascend from ``last``, spans stay inside their text, pictures are what they say."""
    rasters = [page.raster, *(figure.raster for figure in page.figures)]
    return (
        last < page.number < _MAX_COUNT
        and isfinite(page.width)
        and isfinite(page.height)
        and all(span.end <= len(block.text) for block in page.blocks for span in block.spans)
        and all(is_sound_raster(raster, max_side) for raster in rasters if raster is not None)
    )


def is_sound_raster(raster: Raster, max_side: int) -> bool:
    """A whole JPEG of the size that it claims, and not much larger than was asked for.

    Decoded here at an eighth of its size, as the parent will decode it without care.
    """
    from PIL import Image

    size = (raster.width, raster.height)
    if not 0 < min(size) <= max(size) <= 2 * max_side:
        return False
    try:
        with Image.open(BytesIO(raster.jpeg), formats=("JPEG",)) as image:
            if image.size != size:
                return False
            image.draft("L", (1, 1))
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True
