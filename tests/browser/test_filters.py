"""Filters in the search form: compact, kept in the address, sent with a photo."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from indexer.filters import Filters
from tests.browser.conftest import WIDTHS, OpenPage
from tests.web.fake_engine import FakeEngine, draw_room, jpeg

pytestmark = pytest.mark.browser


@WIDTHS
def test_filters_go_into_the_address_and_come_back(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page("/search", width=width)
    page.fill("#q", "filter")
    page.click(".filters > summary")
    page.select_option("select[name=type]", "pdf")
    page.fill("input[name=after]", "2020-01-31")
    page.fill("input[name=place]", "Paris")
    page.press("input[name=place]", "Enter")
    page.wait_for_url("**/search?**place=Paris**")
    fields = parse_qs(urlsplit(page.url).query)
    assert fields == {"q": ["filter"], "type": ["pdf"], "after": ["2020-01-31"], "place": ["Paris"]}
    assert page.locator(".filters .badge").inner_text().startswith("3")
    page.click(".filters > summary")
    assert page.input_value("select[name=type]") == "pdf"
    assert page.input_value("input[name=after]") == "2020-01-31"
    page.click("text=Clear filters")
    page.wait_for_url("**/search?q=filter")
    assert engine.queries[-1].filters == Filters()


@WIDTHS
def test_filters_are_sent_with_a_photo(
    open_page: OpenPage, engine: FakeEngine, tmp_path: Path, width: int
) -> None:
    photo = tmp_path / "room.jpg"
    photo.write_bytes(jpeg(draw_room("#dfe5df", "#b3402e")))
    page = open_page("/similar", width=width)
    page.set_input_files("input[name=image]", photo)
    page.click(".filters > summary")
    page.fill("input[name=camera]", "Canon")
    page.click("button.primary")
    page.wait_for_selector("#results .hit")
    assert engine.queries[-1].filters == Filters(cameras=("Canon",))


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_open_filters_fit_the_width(open_page: OpenPage, width: int) -> None:
    page = open_page("/search?q=filter&near=48.8,2.3,10&max_size=2MB", width=width)
    page.click(".filters > summary")
    for control in page.locator(".filter-grid input:visible, .filter-grid select").all():
        box = control.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 40
    assert page.evaluate("document.documentElement.scrollWidth") <= width
