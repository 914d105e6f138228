import numpy as np
from PIL import Image

from indexer.domain import BoundingBox
from retriever.looking import View, views
from retriever.settings import SearchSettings

SETTINGS = SearchSettings()


def corner_photo() -> Image.Image:
    """White, 640 x 480, its top left sixteenth blue."""
    image = Image.new("RGB", (640, 480), "white")
    image.paste("blue", (0, 0, 160, 120))
    return image


def looked(objects: list[BoundingBox] | None, settings: SearchSettings = SETTINGS) -> list[View]:
    return views(corner_photo(), BoundingBox.whole(), settings, objects)


def test_whole_photo_comes_first_and_costs_nothing() -> None:
    first = looked([])[0]
    assert first.image.size == (640, 480)
    assert (first.box, first.handicap) == (BoundingBox.whole(), 0.0)


def test_photo_is_seen_turned_each_way() -> None:
    turned = looked(None)[1:]
    assert [view.image.size for view in turned] == [(480, 640), (640, 480), (480, 640)]
    corners = [
        tuple(
            bool(np.asarray(view.image)[row, column].tolist() == [0, 0, 255])
            for row in (0, -1)
            for column in (0, -1)
        )
        for view in turned
    ]
    assert corners == [
        (False, False, True, False),
        (False, False, False, True),
        (False, True, False, False),
    ]


def test_each_part_is_cut_where_its_box_says() -> None:
    thing = BoundingBox(x0=0, y0=0, x1=0.25, y1=0.25)
    parts = looked([thing])[4:]
    assert (parts[0].box, parts[0].image.size) == (thing, (160, 120))
    assert np.asarray(parts[0].image).reshape(-1, 3).mean(axis=0).tolist() == [0, 0, 255]
    assert len(parts) == 1 + SETTINGS.query_tiles**2
    corners = {(round(view.box.x1, 3), round(view.box.y1, 3)) for view in parts[1:]}
    assert (1.0, 1.0) in corners


def test_outlined_region_is_not_looked_at_part_by_part() -> None:
    assert len(looked(None)) == 4


def test_tiles_that_show_nothing_are_left_out() -> None:
    icon = Image.new("RGB", (64, 64))
    assert len(views(icon, BoundingBox.whole(), SETTINGS, [])) == 4


def test_turns_and_tiles_may_be_switched_off() -> None:
    assert len(looked([], SearchSettings(query_turns=False, query_tiles=1))) == 1
