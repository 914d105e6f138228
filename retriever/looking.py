"""How a query photo is looked at: as a whole, turned, and part by part. Pure functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from PIL.Image import Image, Transpose

from indexer.cropping import cut, tiles
from indexer.domain import BoundingBox
from indexer.settings import CropSettings
from retriever.settings import SearchSettings

_TURNS = (Transpose.ROTATE_90, Transpose.ROTATE_180, Transpose.ROTATE_270)
_SMALLEST_SIDE = 48  # pixels of a tile: smaller ones show nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """One way to look at a query photo.

    ``box`` is the part of the photo it shows, ``handicap`` comes off its scores.
    """

    image: Image
    box: BoundingBox
    handicap: float


def views(
    image: Image,
    place: BoundingBox,
    settings: SearchSettings,
    objects: Sequence[BoundingBox] | None,
) -> list[View]:
    """The whole picture, its turns by 90, 180 and 270 degrees, its ``objects`` and tiles.

    ``place`` is the part of the query photo that ``image`` is. Without ``objects`` (None, not
    merely empty) it is not looked at part by part: what was outlined by hand is meant as a whole.
    """
    found = [View(image=image, box=place, handicap=0.0)]
    if settings.query_turns:
        turned = (image.transpose(turn) for turn in _TURNS)
        handicap = settings.turn_handicap
        found.extend(View(image=each, box=place, handicap=handicap) for each in turned)
    if objects is not None:
        handicap = settings.query_part_handicap
        parts = (*objects, *_tiles(image, settings))
        found.extend(View(image=cut(image, part), box=part, handicap=handicap) for part in parts)
    return found


def _tiles(image: Image, settings: SearchSettings) -> Iterator[BoundingBox]:
    """Overlapping tiles: a thing in a room fills one of them, as its product photo is filled."""
    if settings.query_tiles < 2:
        return
    for box in tiles(replace(CropSettings(), tile_grid=settings.query_tiles)):
        left, top, right, bottom = box.pixels(image.width, image.height)
        if min(right - left, bottom - top) >= _SMALLEST_SIDE:
            yield box
