"""The pages in a real browser: what is outlined where, photos in, both themes, a phone."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from indexer.domain import BoundingBox
from tests.browser.conftest import WIDTHS, OpenPage
from tests.web.fake_engine import FakeEngine, draw_room, jpeg

pytestmark = pytest.mark.browser

QUESTION = "/?q=" + quote("How often should the filter be cleaned?")


def assert_outlined(image: Locator, region: Locator, box: BoundingBox) -> None:
    """The region's rectangle on screen is ``box`` in fractions of the image, within 2 pixels."""
    frame, outline = image.bounding_box(), region.bounding_box()
    assert frame is not None
    assert outline is not None
    assert frame["width"] > 50
    for shown, expected in (
        (outline["x"], frame["x"] + box.x0 * frame["width"]),
        (outline["y"], frame["y"] + box.y0 * frame["height"]),
        (outline["x"] + outline["width"], frame["x"] + box.x1 * frame["width"]),
        (outline["y"] + outline["height"], frame["y"] + box.y1 * frame["height"]),
    ):
        assert abs(shown - expected) <= 2


def in_window(page: Page, target: Locator) -> bool:
    box = target.bounding_box()
    size = page.viewport_size
    assert box is not None
    assert size is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def photo_file(folder: Path, chair: str = "#b3402e") -> Path:
    path = folder / "query.jpg"
    path.write_bytes(jpeg(draw_room("#dfe5df", chair)))
    return path


@WIDTHS
def test_citation_opens_the_page_with_its_region_outlined(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page("/", width=width)
    page.get_by_label("Your question").fill("How often should the filter be cleaned?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer-text")).to_contain_text("every three months")
    page.locator(".answer .chip").first.click()
    expect(page).to_have_url(re.compile(f"/documents/{engine.manual}"))
    page.wait_for_load_state("networkidle")
    citation = engine.ask(engine.queries[-1]).citations[0]
    assert_outlined(page.locator("img[data-page]"), page.locator("rect.region"), citation.box)
    assert in_window(page, page.locator("rect.region"))


@WIDTHS
def test_pointing_at_a_citation_lights_its_evidence(open_page: OpenPage, width: int) -> None:
    page = open_page(QUESTION, width=width)
    card = page.locator("#source-2")
    page.locator('[data-cite="2"]').hover()
    expect(card).to_have_class("card source lit")
    page.locator("h1").dispatch_event("mouseover")
    expect(card).to_have_class("card source")
    page.locator('[data-cite="2"]').focus()
    expect(card).to_have_class("card source lit")


@WIDTHS
def test_preview_is_zoomed_onto_the_cited_lines(open_page: OpenPage, width: int) -> None:
    page = open_page(QUESTION, width=width)
    preview = page.locator("[data-zoom]").first
    expect(preview.locator(".sheet")).to_have_attribute("style", re.compile("scale"))
    frame, region = preview.bounding_box(), preview.locator("rect.region").bounding_box()
    assert frame is not None
    assert region is not None
    assert frame["x"] <= region["x"]
    assert region["x"] + region["width"] <= frame["x"] + frame["width"]
    assert frame["y"] <= region["y"]
    assert region["y"] + region["height"] <= frame["y"] + frame["height"]


@WIDTHS
def test_unanswerable_question_is_refused(open_page: OpenPage, width: int) -> None:
    page = open_page("/?q=zebra+stripes", width=width)
    expect(page.get_by_role("heading", name="No answer in your documents")).to_be_visible()
    expect(page.locator("a.chip")).to_have_count(0)


@WIDTHS
def test_search_outlines_the_region_on_every_picture(open_page: OpenPage, width: int) -> None:
    page = open_page("/search?q=armchair", width=width)
    cards = page.locator(".hit-crop")
    expect(cards).to_have_count(4)
    box = BoundingBox(x0=0.55, y0=0.35, x1=0.85, y1=0.9)
    for index in range(4):
        cards.nth(index).scroll_into_view_if_needed()
        page.wait_for_load_state("networkidle")
        image = cards.nth(index).locator("img")
        expect(image).to_have_js_property("complete", True)
        assert_outlined(image, cards.nth(index).locator("rect.region"), box)
    page.get_by_role("link", name="Passages").click()
    expect(page.locator("#results").get_by_text("Nothing was found")).to_be_visible()


@WIDTHS
def test_text_document_scrolls_to_the_marked_line(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page("/search?q=cellar", height=300, width=width)
    page.get_by_role("link", name="House notes").click()
    mark = page.locator("mark").first
    expect(mark).to_contain_text("The spare key hangs behind the cellar door.")
    page.wait_for_load_state("networkidle")  # the page is brought to the line by then
    assert in_window(page, mark)


@WIDTHS
def test_similar_by_upload_with_a_drawn_box(
    open_page: OpenPage, engine: FakeEngine, tmp_path: Path, width: int
) -> None:
    page = open_page("/similar", width=width)
    page.locator("input[type=file]").set_input_files(photo_file(tmp_path))
    canvas = page.locator("[data-canvas]")
    expect(canvas).to_be_visible()
    area = canvas.bounding_box()
    assert area is not None
    drawn = BoundingBox(x0=0.55, y0=0.35, x1=0.85, y1=0.9)
    page.mouse.move(area["x"] + drawn.x0 * area["width"], area["y"] + drawn.y0 * area["height"])
    page.mouse.down()
    page.mouse.move(
        area["x"] + drawn.x1 * area["width"], area["y"] + drawn.y1 * area["height"], steps=4
    )
    page.mouse.up()
    assert_outlined(canvas.locator("img"), canvas.locator("rect.region"), drawn)
    page.get_by_role("button", name="Find similar").click()
    expect(page.locator("#results .hit")).to_have_count(8)
    sent = engine.queries[-1].box
    assert sent is not None
    for got, meant in zip(sent.as_tuple(), drawn.as_tuple(), strict=True):
        assert abs(got - meant) < 0.01
    expect(page.locator("#results .hit").first).to_contain_text("Living room")
    # The photo stays, so that another part of it can be searched by at once.
    expect(canvas).to_be_visible()
    page.get_by_role("button", name="Use the whole photo").click()
    page.get_by_role("button", name="Find similar").click()
    expect(page.locator("#results")).to_have_attribute("aria-busy", "false")
    assert engine.queries[-1].box is None


@WIDTHS
def test_box_can_be_drawn_with_the_keyboard(
    open_page: OpenPage, engine: FakeEngine, tmp_path: Path, width: int
) -> None:
    page = open_page("/similar", width=width)
    page.locator("input[type=file]").set_input_files(photo_file(tmp_path))
    canvas = page.locator("[data-canvas]")
    canvas.press("Enter")
    canvas.press("ArrowLeft")
    canvas.press("Shift+ArrowDown")
    page.get_by_role("button", name="Find similar").click()
    expect(page.locator("#results .hit")).to_have_count(8)
    assert engine.queries[-1].box == BoundingBox(x0=0.23, y0=0.25, x1=0.73, y1=0.77)


@WIDTHS
def test_pasted_photo_joins_the_words_of_a_search(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page("/search", width=width)
    page.get_by_label("Words to find").fill("armchair")
    page.evaluate(
        """async () => {
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 60;
            const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
            const transfer = new DataTransfer();
            transfer.items.add(new File([blob], "pasted.png", { type: "image/png" }));
            window.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer }));
        }"""
    )
    expect(page.locator("[data-name]")).to_have_text("pasted.png")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#results .hit").first).to_be_visible()
    query = engine.queries[-1]
    assert query.text == "armchair"
    assert query.image is not None
    assert query.image.startswith(b"\x89PNG")
    page.get_by_role("button", name="Pictures").click()
    expect(page.locator("#results .hits.grid")).to_be_visible()
    assert engine.queries[-1].kind == "crop"


@WIDTHS
def test_similar_from_a_card_and_from_a_photo_page(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page("/search?q=armchair&kind=crop", width=width)
    page.get_by_role("link", name="Similar").first.click()
    expect(page.locator("#results .hit")).to_have_count(8)
    canvas = page.locator("[data-canvas]")
    assert_outlined(
        canvas.locator("img"),
        canvas.locator("rect.region"),
        BoundingBox(x0=0.55, y0=0.35, x1=0.85, y1=0.9),
    )
    page.goto(page.url.split("/similar")[0] + f"/documents/{engine.photos['study']}")
    page.locator(".crops a").nth(1).click()
    expect(page.locator("#results .hit").first).to_contain_text("Study")


@WIDTHS
def test_refused_photo_is_explained_in_place(
    open_page: OpenPage, tmp_path: Path, width: int
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a picture")
    page = open_page("/similar", width=width)
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.get_by_text("This picture has no preview here.")).to_be_visible()
    page.route("**/similar", lambda route: route.fulfill(
        status=200, content_type="text/html",
        body='<div id="results"><div class="card bad">cannot be read</div></div>',
    ))  # fmt: skip
    page.get_by_role("button", name="Find similar").click()
    expect(page.locator("#results")).to_contain_text("cannot be read")


@WIDTHS
def test_upload_then_ask_about_it(open_page: OpenPage, tmp_path: Path, width: int) -> None:
    note = tmp_path / "bicycle.txt"
    note.write_text("The bicycle lock opens with 4711.", encoding="utf-8")
    tool = tmp_path / "tool.exe"
    tool.write_bytes(b"MZ")
    page = open_page("/upload", width=width)
    page.locator("input[type=file]").first.set_input_files([note, tool])
    expect(page.locator("[data-chosen]")).to_contain_text("2 files")
    page.get_by_label("New collection").fill("garage")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Files for “garage”")).to_be_visible()
    expect(page.get_by_role("row", name="tool.exe")).to_contain_text("save it as PDF")
    page.get_by_role("link", name="Ask about them").click()
    page.wait_for_load_state("networkidle")
    page.get_by_label("Your question").fill("Which number opens the bicycle lock?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer-text")).to_contain_text("4711")


def test_theme_follows_the_system_until_one_is_chosen(open_page: OpenPage) -> None:
    page = open_page("/", color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    assert sum(int(part) for part in dark[4:-1].split(",")) < 150
    page.get_by_role("button", name="Switch between light and dark").click()
    light = page.evaluate(background)
    assert sum(int(part) for part in light[4:-1].split(",")) > 600
    page.goto(page.url + "search")
    assert page.evaluate(background) == light


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_phone_width_never_scrolls_sideways(
    open_page: OpenPage, engine: FakeEngine, locale: str
) -> None:
    # 320 pixels are also what is left of 1280 at four times the size.
    page = open_page("/", width=320, height=700, locale=locale)
    base = page.url.rstrip("/")
    for path in (
        "/", QUESTION, "/?q=zebra", "/search?q=filter+armchair+hostile",
        "/search?q=armchair&kind=crop",
        "/similar", "/similar?crop=2&like=4&unlike=6", "/documents",
        f"/documents/{engine.manual}?page=2&walk=search%3Fq%3Dfilter&hit=2&of=3",
        f"/documents/{engine.notes}", f"/documents/{engine.hostile}",
        f"/documents/{engine.photos['hall']}", "/upload", "/status",
    ):  # fmt: skip
        page.goto(base + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_pages_work_without_javascript(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/similar", java_script_enabled=False)
    page.locator("input[type=file]").set_input_files(photo_file(tmp_path))
    page.get_by_role("button", name="Find similar").click()
    expect(page.locator("#results .hit")).to_have_count(8)
    page.goto(page.url.replace("/similar", QUESTION))
    page.locator(".answer .chip").first.click()
    expect(page.locator("rect.region")).to_be_visible()


def test_keyboard_reaches_content_and_search(open_page: OpenPage) -> None:
    page = open_page("/documents")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page = open_page("/search?q=filter")
    page.keyboard.press("Control+k")
    expect(page.get_by_label("Words to find")).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/search?q=filter", "/similar?crop=2", QUESTION])
def test_page_weight_is_small(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    weight = page.evaluate(
        """performance.getEntries().reduce((sum, entry) =>
            sum + (entry.initiatorType === "img" ? 0 : (entry.transferSize ?? 0)), 0)"""
    )
    assert 0 < weight < 150_000
