"""Searching in a real browser: results while typing, removable filters, parts of pictures."""

import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from indexer.domain import BoundingBox
from retriever.domain import Query, SearchResult
from tests.browser.conftest import WIDTHS, Keep, OpenPage
from tests.web.fake_engine import FakeEngine, draw_room, jpeg

pytestmark = pytest.mark.browser


def room(folder: Path) -> Path:
    path = folder / "room.jpg"
    path.write_bytes(jpeg(draw_room("#dfe5df", "#b3402e")))
    return path


def drag(page: Page, box: BoundingBox) -> None:
    """Draw ``box`` on the canvas that is shown."""
    area = page.locator("[data-canvas]:visible").bounding_box()
    assert area is not None
    at = [
        (area["x"] + x * area["width"], area["y"] + y * area["height"])
        for x, y in ((box.x0, box.y0), (box.x1, box.y1))
    ]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=5)
    page.mouse.up()


@WIDTHS
def test_results_come_while_typing_and_the_address_follows(
    open_page: OpenPage, engine: FakeEngine, keep: Keep, width: int
) -> None:
    page = open_page("/search", width=width)
    before = page.evaluate("history.length")
    field = page.get_by_label("Words to find")
    field.press_sequentially("armchair", delay=20)
    expect(page.locator("#results .hit")).to_have_count(4)
    expect(page.get_by_role("status").filter(has_text="4 results")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/search\?q=armchair$"))
    expect(field).to_be_focused()
    keep(page, "search-results")
    assert len(engine.queries) <= 4, "a search for each key"
    page.wait_for_timeout(1200)
    assert [query.quick for query in engine.queries][-2:] == [True, False], "settled"
    field.fill("filter")
    expect(page.locator("#results .hit").first).to_contain_text("Alder 300")
    assert page.evaluate("history.length") == before
    field.press("Enter")
    field.fill("cellar")
    expect(page.locator("#results .hit").first).to_contain_text("House notes")
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("Words to find")).to_have_value("filter")
    expect(page.locator("#results .hit").first).to_contain_text("Alder 300")
    field.fill("")
    expect(page.locator("#results .hit")).to_have_count(0)


@WIDTHS
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_opened_search_shows_first_results_until_the_final_ones_come(
    open_page: OpenPage,
    engine: FakeEngine,
    keep: Keep,
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    scripts: bool,
) -> None:
    page = open_page("/search", width=width, java_script_enabled=scripts)
    search, go_on = engine.search, threading.Event()

    def closer(query: Query) -> SearchResult:
        if query.quick:
            return search(query)
        assert go_on.wait(20)
        found = search(query)
        return replace(found, hits=found.hits[::-1])

    monkeypatch.setattr(engine, "search", closer)
    page.goto(page.url + "?q=armchair", wait_until="commit")
    first = page.locator(".early .hit h3")
    expect(first).to_have_count(4)
    expect(page.get_by_text("looking closer")).to_be_visible()
    order = first.all_inner_texts()
    keep(page, "search-first")
    go_on.set()
    expect(page.locator("#results .hit h3")).to_have_text(order[::-1])
    expect(page.get_by_text("looking closer")).to_be_hidden()
    expect(page.locator(".hit:visible")).to_have_count(4)


def test_an_older_search_never_overwrites_a_newer_one(open_page: OpenPage) -> None:
    page = open_page("/search")
    slow = []

    def hold(route: object) -> None:
        slow.append(route)

    page.route("**/search?q=armchair", hold)
    page.get_by_label("Words to find").fill("armchair")
    page.wait_for_timeout(500)
    page.get_by_label("Words to find").fill("cellar")
    expect(page.locator("#results .hit").first).to_contain_text("House notes")
    assert len(slow) == 1
    page.unroute("**/search?q=armchair")
    expect(page).to_have_url(re.compile("q=cellar"))


@WIDTHS
def test_filters_are_chips_that_can_be_removed(
    open_page: OpenPage, engine: FakeEngine, keep: Keep, width: int
) -> None:
    page = open_page("/search?q=filter&type=pdf&place=Paris", width=width)
    chips = page.locator(".filter-chip[data-filter]")
    expect(chips).to_have_count(2)
    keep(page, "search-chips")
    page.get_by_role("link", name="Remove filter Type: PDF").click()
    expect(chips).to_have_count(1)
    assert engine.queries[-1].filters.types == ()
    assert engine.queries[-1].filters.places == ("Paris",)
    expect(page).to_have_url(re.compile(r"q=filter&place=Paris$"))
    page.locator(".filters > summary").click()
    page.get_by_label("Type").select_option("photo")
    expect(chips).to_have_count(2)
    expect(page).to_have_url(re.compile("type=photo"))


def test_chips_are_links_without_javascript(open_page: OpenPage, engine: FakeEngine) -> None:
    page = open_page("/search?q=filter&type=pdf", java_script_enabled=False)
    page.get_by_role("link", name="Remove filter Type: PDF").click()
    expect(page).to_have_url(re.compile(r"/search\?q=filter$"))
    page.get_by_label("Words to find").fill("cellar")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#results .hit").first).to_contain_text("House notes")


@WIDTHS
def test_the_part_of_the_photo_that_a_hit_met_is_outlined_on_it(
    open_page: OpenPage, tmp_path: Path, width: int
) -> None:
    page = open_page("/search", width=width)
    page.get_by_label("Add a photo").set_input_files(room(tmp_path))
    cards = page.locator("#results [data-query-box]")
    expect(cards).to_have_count(8)
    met = page.locator("[data-canvas] .met rect.region")
    expect(met).to_have_count(0)
    cards.nth(1).hover()
    expect(met).to_have_count(1)
    cards.first.locator("h3 a").focus()
    box = cards.first.get_attribute("data-query-box") or ""
    expect(met).to_have_attribute("x", box.split(",")[0].removesuffix(".0"))
    page.get_by_label("Words to find").focus()
    expect(met).to_have_count(0)


@WIDTHS
def test_a_part_of_any_picture_is_searched_by(
    open_page: OpenPage, engine: FakeEngine, keep: Keep, width: int
) -> None:
    page = open_page("/search?q=filter&kind=chunk", width=width)
    page.get_by_role("button", name="Search a part").first.click()
    dialog = page.get_by_role("dialog", name="Search by a part of this picture")
    expect(dialog).to_be_visible()
    expect(dialog.locator("img")).to_have_js_property("complete", True)
    page.wait_for_load_state("networkidle")
    meant = BoundingBox(x0=0.1, y0=0.1, x1=0.5, y1=0.3)
    drag(page, meant)
    keep(page, "box-dialog")
    page.get_by_role("button", name="Search this part").click()
    expect(page.locator("#results .hit").first).to_be_visible()
    sent = engine.queries[-1].box
    assert sent is not None
    for got, wanted in zip(sent.as_tuple(), meant.as_tuple(), strict=True):
        assert abs(got - wanted) < 0.02
    expect(page).to_have_url(re.compile(f"document={engine.manual}&page=2&box="))


@WIDTHS
def test_the_dialog_is_left_with_escape_and_gives_the_focus_back(
    open_page: OpenPage, width: int
) -> None:
    page = open_page("/search?q=armchair&kind=crop", width=width)
    opener = page.get_by_role("button", name="Search a part").first
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()


@WIDTHS
def test_a_query_is_composed_of_pictures_and_words(
    open_page: OpenPage, engine: FakeEngine, keep: Keep, width: int
) -> None:
    page = open_page("/similar?crop=2", width=width)
    page.locator("#results .hit").nth(2).get_by_role("link", name="More like this").click()
    expect(page.locator(".said")).to_have_text("Pictures like these 2")
    page.locator("#results .hit").nth(5).get_by_role("link", name="Less like this").click()
    expect(page.locator(".said")).to_have_text("Pictures like these 2, and unlike 1 other")
    page.get_by_label("Words to add").fill("green")
    page.get_by_label("How much the words count").select_option("2")
    page.get_by_role("button", name="Find similar").click()
    expect(page.locator(".said")).to_have_text(
        "Pictures like these 2, above all with “green”, and unlike 1 other"
    )
    page.wait_for_load_state("networkidle")
    keep(page, "builder")
    assert [each.weight for each in engine.queries[-1].examples] == [1.0, -1.0]
    page.get_by_label("Take this picture out").first.click()
    expect(page.locator(".said")).to_have_text(
        "Pictures like this one, above all with “green”, and unlike 1 other"
    )


@WIDTHS
def test_examples_join_a_photo_that_was_sent(
    open_page: OpenPage, engine: FakeEngine, tmp_path: Path, width: int
) -> None:
    page = open_page("/similar", locale="ru-RU", width=width)
    page.locator("input[name=image]").set_input_files(room(tmp_path))
    page.get_by_role("button", name="Найти похожие").click()
    page.locator("#results .hit").nth(3).get_by_role("link", name="Больше таких").click()
    expect(page.locator(".said")).to_have_text("Картинки, похожие на эти 2")
    page.locator("#results .hit").nth(4).get_by_role("link", name="Меньше таких").click()
    expect(page.locator(".said")).to_have_text(
        "Картинки, похожие на эти 2, и непохожие на 1 другую"
    )
    query = engine.queries[-1]
    assert query.image is not None
    assert [each.weight for each in query.examples] == [1.0, -1.0]


@WIDTHS
def test_why_a_result_was_found_is_told(open_page: OpenPage, keep: Keep, width: int) -> None:
    page = open_page("/search?q=filter", width=width)
    page.locator("#results .hit").first.get_by_text("Why this result").click()
    expect(page.locator(".why[open]")).to_contain_text("2 ways of looking found it")
    expect(page.locator(".why[open]")).to_contain_text("shared words")
    keep(page, "why")


@WIDTHS
def test_filters_and_kinds_go_along_with_a_photo(
    open_page: OpenPage, engine: FakeEngine, tmp_path: Path, width: int
) -> None:
    page = open_page("/search", width=width)
    page.get_by_label("Add a photo").set_input_files(room(tmp_path))
    expect(page.locator("#results .hit")).to_have_count(8)
    page.locator(".filters > summary").click()
    page.get_by_label("Type").select_option("photo")
    chips = page.locator(".filter-chip[data-filter]")
    expect(chips).to_have_count(1)
    assert engine.queries[-1].filters.types == ("photo",)
    assert engine.queries[-1].image is not None
    page.get_by_role("link", name="Remove filter Type: Photos").click()
    expect(chips).to_have_count(0)
    assert engine.queries[-1].filters.types == ()
    assert engine.queries[-1].image is not None
    page.get_by_role("button", name="Figures").click()
    expect(page.locator("[data-kind=figure]")).to_have_attribute("aria-current", "true")
    assert "pdf" in engine.queries[-1].filters.types
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator("#results .hit")).to_have_count(0)


@WIDTHS
def test_two_clicks_draw_a_box_for_those_who_cannot_drag(
    open_page: OpenPage, engine: FakeEngine, tmp_path: Path, width: int
) -> None:
    page = open_page("/similar", width=width)
    page.locator("input[name=image]").set_input_files(room(tmp_path))
    canvas = page.locator("[data-canvas]")
    area = canvas.bounding_box()
    assert area is not None
    for x, y in ((0.8, 0.7), (0.2, 0.1)):
        page.mouse.click(area["x"] + x * area["width"], area["y"] + y * area["height"])
    page.get_by_role("button", name="Find similar").click()
    expect(page.locator("#results .hit")).to_have_count(8)
    sent = engine.queries[-1].box
    assert sent is not None
    assert sent.as_tuple() == pytest.approx((0.2, 0.1, 0.8, 0.7), abs=0.01)
