from PIL import Image

from indexer.cropping import cut, figure_crops, photo_crops, tiles
from indexer.domain import BoundingBox, Figure, Raster
from indexer.settings import CropSettings

SETTINGS = CropSettings()


def test_first_crop_is_the_whole_photo_with_its_edges() -> None:
    crop = photo_crops(1024, 768, [], SETTINGS)[0]
    assert (crop.kind, crop.box) == ("photo", BoundingBox.whole())


def test_tiles_overlap_and_cover_every_point() -> None:
    boxes = tiles(CropSettings(tile_grid=3, tile_overlap=0.3))
    assert len(boxes) == 9
    for x in range(101):
        for y in range(101):
            assert any(box.x0 <= x / 100 <= box.x1 and box.y0 <= y / 100 <= box.y1 for box in boxes)
    assert boxes[0].x1 > boxes[1].x0


def test_small_photo_has_no_tiles() -> None:
    assert [crop.kind for crop in photo_crops(224, 224, [], SETTINGS)] == ["photo"]


def test_object_much_like_the_photo_is_left_out() -> None:
    nearly_all = BoundingBox(x0=0.02, y0=0.02, x1=0.99, y1=0.99)
    corner = BoundingBox(x0=0.5, y0=0.5, x1=0.9, y1=0.95)
    kinds = [
        (crop.kind, crop.box)
        for crop in photo_crops(1000, 1000, [nearly_all, corner], SETTINGS)
        if crop.kind == "object"
    ]
    assert kinds == [("object", corner)]


def test_ordinals_count_up_without_gaps() -> None:
    crops = photo_crops(1000, 800, [BoundingBox(x0=0.1, y0=0.1, x1=0.4, y1=0.9)], SETTINGS)
    assert [crop.ordinal for crop in crops] == list(range(len(crops)))


def test_cut_takes_exactly_the_pixels_of_the_box() -> None:
    image = Image.new("RGB", (100, 50), "white")
    image.paste("red", (50, 25, 100, 50))
    part = cut(image, BoundingBox(x0=0.5, y0=0.5, x1=1, y1=1))
    assert part.size == (50, 25)
    assert part.getextrema() == ((255, 255), (0, 0), (0, 0))


def test_figure_without_pixels_makes_no_crop() -> None:
    shown = Figure(
        kind="figure",
        box=BoundingBox(x0=0.1, y0=0.1, x1=0.5, y1=0.5),
        caption="Figure 1. A joint",
        raster=Raster(width=1, height=1, jpeg=b""),
    )
    hidden = Figure(kind="table", box=BoundingBox.whole())
    (crop,) = figure_crops([hidden, shown], 4, 7)
    assert (crop.ordinal, crop.page_number, crop.kind, crop.caption) == (
        7,
        4,
        "figure",
        "Figure 1. A joint",
    )
