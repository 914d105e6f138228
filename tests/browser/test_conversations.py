"""Conversations in a real browser: gone on with, read again, deleted."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WIDTHS, OpenPage
from tests.web.fake_engine import FakeEngine

pytestmark = pytest.mark.browser

FILTER = "How often should the filter be cleaned?"


@WIDTHS
def test_a_conversation_goes_on_from_the_first_answer(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page("/", width=width)
    page.get_by_label("Your question").fill(FILTER)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_label("A further question").fill("How do I open it?")
    page.get_by_role("button", name="Ask further").click()
    expect(page).to_have_url(re.compile(r"/conversations/talk-1\?turn=2#turn-2$"))
    expect(page.locator("#turn-2")).to_contain_text("Looked for: How do I open the filter?")
    expect(page.locator("#turn-2")).to_be_in_viewport()
    page.get_by_label("A further question").fill("What does E17 mean?")
    page.keyboard.press("Enter")
    expect(page.locator("#turn-3")).to_be_in_viewport()
    assert [turn.question for turn in engine.talks["talk-1"]] == [
        FILTER,
        "How do I open it?",
        "What does E17 mean?",
    ]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@WIDTHS
def test_chips_light_up_the_source_of_their_own_answer_only(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page("/", width=width)
    page.get_by_label("Your question").fill(FILTER)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_label("A further question").fill("How do I open it?")
    page.get_by_role("button", name="Ask further").click()
    page.wait_for_url("**/conversations/**")
    page.wait_for_load_state("load")
    page.locator("#turn-2 .chip").first.hover()
    expect(page.locator(".source.lit")).to_have_count(1)
    expect(page.locator("#turn-2-source-1")).to_have_class(re.compile("lit"))


@WIDTHS
def test_a_conversation_is_deleted_after_a_second_thought(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    page = open_page("/", width=width)
    page.get_by_label("Your question").fill(FILTER)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("link", name="Kept in your conversations").click()
    page.locator("summary", has_text="Delete").click()
    assert engine.talks
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No conversation has been kept yet.")).to_be_visible()
    assert engine.talks == {}


def test_a_further_question_needs_no_script(open_page: OpenPage, engine: FakeEngine) -> None:
    first = open_page("/")
    first.get_by_label("Your question").fill(FILTER)
    first.get_by_role("button", name="Ask", exact=True).click()
    expect(first.get_by_label("A further question")).to_be_visible()
    page = open_page("/conversations/talk-1", java_script_enabled=False)
    page.get_by_label("A further question").fill("How do I open it?")
    page.get_by_role("button", name="Ask further").click()
    expect(page.locator("#turn-2")).to_contain_text("Looked for: How do I open the filter?")
