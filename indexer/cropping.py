"""Which regions of a page are searched by their looks: pure functions."""

from collections.abc import Sequence

from PIL.Image import Image

from indexer.domain import BoundingBox, Crop, Figure
from indexer.settings import CropSettings

# Regions that overlap more than this show the same thing.
_SAME_REGION_IOU = 0.8


def photo_crops(
    width: int,
    height: int,
    objects: Sequence[BoundingBox],
    settings: CropSettings,
    *,
    caption: str = "",
) -> list[Crop]:
    """The whole photo (edges included), its objects, then overlapping tiles.

    ``width`` and ``height`` are those of the raster in pixels: a tile that would have fewer than
    ``settings.min_tile_side`` pixels on a side is left out, as is a region much like an earlier
    one.
    """
    crops = [Crop(ordinal=0, page_number=1, kind="photo", box=BoundingBox.whole(), caption=caption)]
    for box in objects[: settings.max_objects]:
        if _large_enough(box, width, height, settings) and not _repeats(box, crops):
            crops.append(Crop(ordinal=len(crops), page_number=1, kind="object", box=box))
    for box in tiles(settings):
        if _large_enough(box, width, height, settings) and not _repeats(box, crops):
            crops.append(Crop(ordinal=len(crops), page_number=1, kind="tile", box=box))
    return crops


def figure_crops(figures: Sequence[Figure], page_number: int, first_ordinal: int) -> list[Crop]:
    """One crop per figure or table of a page that has pixels, with its caption."""
    shown = [figure for figure in figures if figure.raster is not None]
    return [
        Crop(
            ordinal=first_ordinal + number,
            page_number=page_number,
            kind=figure.kind,
            box=figure.box,
            caption=figure.caption,
        )
        for number, figure in enumerate(shown)
    ]


def tiles(settings: CropSettings) -> list[BoundingBox]:
    """``tile_grid`` x ``tile_grid`` overlapping boxes that together cover the photo."""
    count = settings.tile_grid
    if count == 1:
        return []
    side = 1 / (count - (count - 1) * settings.tile_overlap)
    starts = [number * side * (1 - settings.tile_overlap) for number in range(count)]
    return [
        BoundingBox.clamped(left, top, left + side, top + side) for top in starts for left in starts
    ]


def cut(image: Image, box: BoundingBox) -> Image:
    """The pixels of ``box``, at least one in each direction."""
    return image.crop(box.pixels(image.width, image.height))


def _large_enough(box: BoundingBox, width: int, height: int, settings: CropSettings) -> bool:
    left, top, right, bottom = box.pixels(width, height)
    return min(right - left, bottom - top) >= settings.min_tile_side


def _repeats(box: BoundingBox, crops: Sequence[Crop]) -> bool:
    return any(box.iou(crop.box) > _SAME_REGION_IOU for crop in crops)
