"""Asking in a real browser: one field for words and photos, answers to take along."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from indexer.domain import BoundingBox
from tests.browser.conftest import WIDTHS, Keep, OpenPage
from tests.web.fake_engine import FakeEngine, draw_room, jpeg

pytestmark = pytest.mark.browser

QUESTION = "How often should the filter be cleaned?"
DROP = """([name, type]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array([1, 2, 3])], name, { type }));
    for (const kind of ["dragover", "drop"]) {
        window.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, cancelable: true }));
    }
}"""


def room(folder: Path) -> Path:
    path = folder / "room.jpg"
    path.write_bytes(jpeg(draw_room("#dfe5df", "#b3402e")))
    return path


@WIDTHS
def test_words_and_a_photo_go_into_one_field(
    open_page: OpenPage, engine: FakeEngine, keep: Keep, tmp_path: Path, width: int
) -> None:
    page = open_page("/", width=width)
    keep(page, "ask-start")
    page.get_by_label("Add a photo").set_input_files(room(tmp_path))
    expect(page.locator("[data-canvas]")).to_be_visible()
    page.get_by_label("Your question").fill(QUESTION)
    keep(page, "ask-with-photo")
    page.keyboard.press("Enter")
    expect(page.locator(".answer-text")).to_contain_text("every three months")
    asked = engine.queries[-1]
    assert asked.text == QUESTION
    assert asked.image is not None
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("[data-canvas]")).to_be_hidden()


@WIDTHS
def test_the_field_grows_and_shift_enter_starts_a_line(open_page: OpenPage, width: int) -> None:
    page = open_page("/", width=width)
    field = page.get_by_label("Your question")
    low = field.bounding_box()
    field.press_sequentially("one")
    for _ in range(3):
        field.press("Shift+Enter")
    high = field.bounding_box()
    assert low is not None
    assert high is not None
    assert high["height"] > low["height"] + 40
    assert page.url.endswith("/")


@WIDTHS
def test_an_empty_question_asks_for_words(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page("/", width=width)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_label("Your question")).to_be_focused()
    assert engine.queries == []


@WIDTHS
def test_a_file_dropped_anywhere_is_taken_or_refused_in_words(
    open_page: OpenPage, width: int
) -> None:
    page = open_page("/", width=width)
    page.evaluate(DROP, ["notes.pdf", "application/pdf"])
    expect(page.get_by_text("Only photos go into this field")).to_be_visible()
    page.evaluate(DROP, ["photo.png", "image/png"])
    expect(page.locator("[data-name]")).to_have_text("photo.png")
    expect(page.get_by_text("Only photos go into this field")).to_be_hidden()


@WIDTHS
def test_pasted_words_win_over_the_picture_of_them(open_page: OpenPage, width: int) -> None:
    page = open_page("/", width=width)
    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array([1])], "cells.png", { type: "image/png" }));
            transfer.setData("text/plain", "A1 B1");
            window.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer }));
        }"""
    )
    expect(page.locator("[data-preview]")).to_be_hidden()


def test_a_phone_offers_its_camera(open_page: OpenPage, engine: FakeEngine, tmp_path: Path) -> None:
    assert open_page("/").get_by_label("Take a photo").is_hidden()
    page = open_page("/", width=390, has_touch=True, is_mobile=True)
    camera = page.get_by_label("Take a photo")
    expect(camera).to_be_visible()
    expect(camera).to_have_attribute("capture", "environment")
    camera.set_input_files(room(tmp_path))
    expect(page.locator("[data-name]")).to_have_text("room.jpg")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#results .answer")).to_be_visible()
    assert engine.queries[-1].image is not None


@WIDTHS
def test_an_answer_is_copied_with_its_sources(
    open_page: OpenPage, engine: FakeEngine, keep: Keep, width: int
) -> None:
    box = BoundingBox(x0=0.1, y0=0.05, x1=0.6, y1=0.25)
    engine.add_crop(engine.manual, "figure", box, "The filter and its frame", page=2)
    page = open_page("/", width=width, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copy with sources").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert copied[0].startswith("The filter must be cleaned every three months. [1]")
    assert copied[2] == "Sources"
    assert re.fullmatch(
        r"\[1\] Alder 300 heat pump: owner's manual, page 2: http://127\.0\.0\.1:\d+/documents/\S+",
        copied[3],
    )
    page.get_by_role("link", name="Copy link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    page.wait_for_load_state("networkidle")
    keep(page, "answer")
    shared = page.evaluate("navigator.clipboard.readText()")
    page.goto(shared)
    expect(page.locator(".answer-text")).to_contain_text("every three months")


@WIDTHS
def test_figures_stand_beside_the_quotes(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    box = BoundingBox(x0=0.1, y0=0.05, x1=0.6, y1=0.25)
    engine.add_crop(engine.manual, "figure", box, "The filter and its frame", page=2)
    page = open_page("/?q=How+often+should+the+filter+be+cleaned", width=width)
    page.get_by_role("img", name="The filter and its frame").click()
    expect(page.locator("rect.region")).to_be_visible()
    expect(page).to_have_url(re.compile(engine.manual))


@WIDTHS
def test_a_part_of_a_cited_page_is_searched_by(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page("/", width=width)
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator("#source-1").get_by_role("button", name="Search a part").click()
    page.get_by_role("dialog").locator("[data-canvas]").press("Enter")
    page.get_by_role("button", name="Search this part").click()
    expect(page).to_have_url(re.compile(f"/similar\\?document={engine.manual}&page=2&box="))
    expect(page.locator("#results .hit").first).to_be_visible()
