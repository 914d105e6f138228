"""The real engine over the samples in a real browser: ask and be shown, upload and be shown."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from retriever.pipeline import Engine
from tests.browser.conftest import make_server
from tests.whole.conftest import SAMPLES

pytestmark = [pytest.mark.models, pytest.mark.browser]


@pytest.fixture(scope="module")
def address(engine: Engine) -> Iterator[str]:
    with make_server(engine) as url:
        yield url


def test_question_is_answered_and_its_citation_opens_the_outlined_lines(
    browser: Browser, address: str
) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(address)
    page.get_by_label("Your question").fill(
        "Above what temperature does hide glue lose its strength?"
    )
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer-text")).to_contain_text("65 °C", timeout=60_000)
    page.locator(".answer .chip").first.click()
    page.wait_for_load_state("networkidle")
    expect(page).to_have_url(re.compile("page=4"))
    outline = page.locator("rect.region").first
    expect(outline).to_be_visible()
    frame, region = page.locator("img[data-page]").bounding_box(), outline.bounding_box()
    assert frame is not None
    assert region is not None
    # One line of text, near the top third of the page.
    assert region["height"] < frame["height"] / 10
    assert 0.2 < (region["y"] - frame["y"]) / frame["height"] < 0.4
    page.close()


def test_uploaded_photo_of_a_chair_is_shown_chairs(browser: Browser, address: str) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(f"{address}/similar")
    page.locator("input[type=file]").first.set_input_files(
        SAMPLES / "photos" / "cross_back_chair.jpg"
    )
    page.get_by_role("button", name="Find similar").click()
    cards = page.locator("ol.hits > li")
    expect(cards.first).to_be_visible(timeout=60_000)
    titles = " ".join(cards.nth(number).inner_text() for number in range(3))
    assert Path("cross_back_chair").stem in titles
    page.close()
