"""The viewer in a real browser: sharp at any zoom, text to select, from hit to hit."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WIDTHS, Keep, OpenPage
from tests.browser.test_ask import room
from tests.browser.test_web import assert_outlined
from tests.web.fake_engine import FakeEngine

pytestmark = pytest.mark.browser


def shown_side(page: Page) -> int:
    """The longer side that the page's picture was fetched at."""
    source = page.locator("img[data-page]").get_attribute("src") or ""
    return int(parse_qs(urlsplit(source).query)["size"][0])


def picture_width(page: Page) -> float:
    box = page.locator("img[data-page]").bounding_box()
    assert box is not None
    return box["width"]


@WIDTHS
def test_zooming_in_brings_a_sharper_picture_and_keeps_the_outline(
    open_page: OpenPage, engine: FakeEngine, keep: Keep, width: int
) -> None:
    page = open_page("/search?q=filter&kind=chunk", width=width)
    page.locator("#results .hit h3 a").first.click()
    page.wait_for_load_state("networkidle")
    keep(page, "viewer")
    fit, side = picture_width(page), shown_side(page)
    for _ in range(4):
        page.get_by_role("button", name="Zoom in").click()
    expect(page.locator("[data-zoom-level]")).to_have_text("244%")
    assert picture_width(page) == pytest.approx(2.44 * fit, rel=0.01)
    page.wait_for_load_state("networkidle")
    image = page.locator("img[data-page]")
    expect(image).to_have_js_property("complete", True)
    box = engine.search(engine.queries[-1]).hits[0].box
    assert_outlined(image, page.locator("rect.region"), box)
    keep(page, "viewer-zoomed")
    sheet = page.evaluate(
        "(() => { const i = document.querySelector('img[data-page]');"
        " return Math.max(i.clientWidth, i.clientHeight) * devicePixelRatio })()"
    )
    page.wait_for_timeout(400)
    assert shown_side(page) >= min(4000, 0.97 * sheet)
    assert shown_side(page) >= side
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Fit").click()
    assert picture_width(page) == pytest.approx(fit, abs=1)


@WIDTHS
def test_zoom_by_keys_and_by_the_wheel(open_page: OpenPage, engine: FakeEngine, width: int) -> None:
    page = open_page(f"/documents/{engine.manual}?page=2", width=width)
    frame = page.get_by_role("region", name="Page. Plus and minus zoom")
    fit = picture_width(page)
    frame.press("+")
    frame.press("+")
    assert picture_width(page) == pytest.approx(1.5625 * fit, rel=0.01)
    frame.press("-")
    assert picture_width(page) == pytest.approx(1.25 * fit, rel=0.01)
    frame.press("0")
    assert picture_width(page) == pytest.approx(fit, abs=1)
    frame.hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    expect(page.locator("[data-zoom-level]")).not_to_have_text("100%")
    assert picture_width(page) > 1.3 * fit


@WIDTHS
def test_the_words_under_the_pointer_can_be_selected_and_copied(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page(f"/documents/{engine.manual}?page=2", width=width)
    line = page.locator("[data-text-layer] span", has_text="E17 means")
    image = page.locator("img[data-page]").bounding_box()
    assert image is not None
    span = next(
        span
        for block in engine.page(engine.manual, 2).blocks
        for span in block.spans
        if block.text[span.start :].startswith("E17")
    )
    for zoomed in (False, True):
        if zoomed:
            page.get_by_role("button", name="Zoom in").click()
            image = page.locator("img[data-page]").bounding_box()
            assert image is not None
        shown = line.bounding_box()
        assert shown is not None
        assert shown["x"] == pytest.approx(image["x"] + span.box.x0 * image["width"], abs=2)
        assert shown["width"] == pytest.approx(
            (span.box.x1 - span.box.x0) * image["width"], rel=0.03
        )
        assert shown["y"] == pytest.approx(image["y"] + span.box.y0 * image["height"], abs=6)
    line.click(click_count=3)
    assert "E17 means that the filter is blocked" in page.evaluate("getSelection().toString()")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('[data-text-layer]'))")
    selected = page.evaluate("getSelection().toString()")
    assert "Wash it in lukewarm water\nwithout soap" in selected


@WIDTHS
def test_the_results_are_stepped_through(
    open_page: OpenPage, engine: FakeEngine, keep: Keep, width: int
) -> None:
    page = open_page("/search?q=armchair&kind=crop", width=width)
    page.get_by_role("link", name="Living room").click()
    expect(page.get_by_text("Result 1 of 4")).to_be_visible()
    expect(page.get_by_role("link", name="Previous result")).to_be_hidden()
    asked = len(engine.queries)
    page.get_by_role("link", name="Next result").click()
    expect(page.get_by_role("heading", name="Study")).to_be_visible()
    expect(page.get_by_text("Result 2 of 4")).to_be_visible()
    assert len(engine.queries) == asked, "the browser knew where the next hit is"
    page.wait_for_load_state("networkidle")
    keep(page, "viewer-photo")
    page.get_by_role("link", name="Back to the results").click()
    expect(page).to_have_url(re.compile(r"/search\?q=armchair&kind=crop$"))


@WIDTHS
def test_the_hits_of_a_photo_are_stepped_through_too(
    open_page: OpenPage, tmp_path: Path, width: int
) -> None:
    page = open_page("/similar", width=width)
    page.locator("input[name=image]").set_input_files(room(tmp_path))
    page.get_by_role("button", name="Find similar").click()
    page.locator("#results .hit h3 a").nth(1).click()
    expect(page.get_by_text("Result 2 of 8")).to_be_visible()
    page.get_by_role("link", name="Next result").click()
    expect(page.get_by_text("Result 3 of 8")).to_be_visible()


@WIDTHS
def test_a_part_of_the_page_is_searched_by_from_the_viewer(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page(f"/documents/{engine.photos['hall']}", width=width)
    page.get_by_role("button", name="Search a part").click()
    canvas = page.get_by_role("dialog").locator("[data-canvas]")
    canvas.press("Enter")
    page.get_by_role("button", name="Search this part").click()
    expect(page.locator("#results .hit").first).to_be_visible()
    sent = engine.queries[-1].box
    assert sent is not None
    assert sent.as_tuple() == (0.25, 0.25, 0.75, 0.75)


def test_steps_and_pages_need_no_script(open_page: OpenPage, engine: FakeEngine) -> None:
    page = open_page("/search?q=armchair&kind=crop", java_script_enabled=False)
    page.get_by_role("link", name="Living room").click()
    page.get_by_role("link", name="Next result").click()
    expect(page.get_by_text("Result 2 of 4")).to_be_visible()
    expect(page.locator("rect.region")).to_be_visible()


def test_two_fingers_zoom_where_they_are(open_page: OpenPage, engine: FakeEngine) -> None:
    page = open_page(f"/documents/{engine.manual}?page=2", width=390, has_touch=True)
    image = page.locator("img[data-page]")
    image.scroll_into_view_if_needed()
    fit, before = picture_width(page), image.bounding_box()
    assert before is not None
    fingers = page.context.new_cdp_session(page)
    x, y = before["x"] + before["width"] / 2, before["y"] + 150

    def touch(kind: str, apart: float | None = None) -> None:
        places = [] if apart is None else [{"x": x + side * apart, "y": y} for side in (-1, 1)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", 40)
    for apart in (50, 60, 70, 80):
        touch("touchMove", apart)
    touch("touchEnd")
    assert picture_width(page) == pytest.approx(2 * fit, rel=0.05)
    after = image.bounding_box()
    assert after is not None
    middle = (x - after["x"]) / after["width"]
    assert middle == pytest.approx(0.5, abs=0.05)
