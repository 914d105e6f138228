"""Answers with a row of pictures on a phone."""

import pytest

from indexer.domain import BoundingBox
from tests.browser.conftest import OpenPage
from tests.web.fake_engine import FakeEngine

pytestmark = pytest.mark.browser

QUESTION = "How often should the filter be cleaned?"


def test_answers_with_figures_never_scroll_sideways_on_a_phone(
    open_page: OpenPage, engine: FakeEngine
) -> None:
    for left in (0.0, 0.15, 0.3, 0.45, 0.6):
        box = BoundingBox(x0=left, y0=0.6, x1=left + 0.3, y1=0.7)
        engine.add_crop(engine.manual, "figure", box, "The filter and its frame", page=2)
    page = open_page("/", width=390)
    for field, button in (("Your question", "Ask"), ("A further question", "Ask further")):
        page.get_by_label(field).fill(QUESTION)
        page.get_by_role("button", name=button, exact=True).click()
        page.locator(".strip").last.wait_for()
        page.wait_for_load_state("networkidle")
        for strip in page.locator(".strip").all():
            assert strip.evaluate("list => list.scrollWidth > list.clientWidth")
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.wait_for_url("**/conversations/**")
    page.reload(wait_until="networkidle")
    assert page.locator(".turn .strip").count() == 2
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
