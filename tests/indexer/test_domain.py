import pytest

from indexer.domain import BoundingBox, Span


def test_box_outside_the_page_is_refused() -> None:
    with pytest.raises(ValueError, match="not inside the page"):
        BoundingBox(x0=0.2, y0=0.2, x1=1.2, y1=0.4)
    with pytest.raises(ValueError, match="not inside the page"):
        BoundingBox(x0=0.5, y0=0.2, x1=0.5, y1=0.4)


def test_clamped_box_is_never_empty() -> None:
    box = BoundingBox.clamped(1.0, -3.0, 1.0, 5.0)
    assert box.x0 < box.x1 <= 1
    assert (box.y0, box.y1) == (0.0, 1.0)


def test_pixels_of_a_tiny_box_hold_at_least_one_pixel() -> None:
    left, top, right, bottom = BoundingBox.clamped(1.0, 1.0, 1.0, 1.0).pixels(10, 7)
    assert (right - left, bottom - top) == (1, 1)
    assert right <= 10
    assert bottom <= 7


def test_iou_of_half_overlapping_boxes_is_a_third() -> None:
    left = BoundingBox(x0=0.0, y0=0.0, x1=0.5, y1=1.0)
    right = BoundingBox(x0=0.25, y0=0.0, x1=0.75, y1=1.0)
    assert left.iou(right) == pytest.approx(1 / 3)


def test_box_inside_a_region_is_placed_on_the_page() -> None:
    region = BoundingBox(x0=0.5, y0=0.5, x1=1.0, y1=1.0)
    half = BoundingBox(x0=0.0, y0=0.0, x1=0.5, y1=1.0)
    assert half.inside(region).as_tuple() == pytest.approx((0.5, 0.5, 0.75, 1.0))


def test_empty_span_is_refused() -> None:
    with pytest.raises(ValueError, match="empty or negative"):
        Span(start=3, end=3, box=BoundingBox.whole())
