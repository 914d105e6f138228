"""An answer in a real browser while it comes to be."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from retriever.domain import Answer, AnswerEvent, Draft, Query, Statement
from tests.browser.conftest import WIDTHS, OpenPage
from tests.web.fake_engine import FakeEngine

pytestmark = pytest.mark.browser

QUESTION = "How often should the filter be cleaned?"
SECONDS = 20  # that a test waits for the browser, at most


@pytest.fixture
def pauses(engine: FakeEngine) -> tuple[threading.Event, threading.Event]:
    """Lets the engine go on after its first words, and tells that it was cancelled."""
    go_on, cancelled = threading.Event(), threading.Event()
    whole = engine.stream

    def paused(query: Query, **_: object) -> Iterator[AnswerEvent]:
        try:
            yield Draft(text="The filter wants")
            go_on.wait(SECONDS)
            yield Draft(text=" cleaning")
            yield from whole(query)
        finally:
            cancelled.set()

    engine.stream = paused  # type: ignore[method-assign]
    return go_on, cancelled


@WIDTHS
def test_first_words_are_on_the_page_before_the_answer_is_complete(
    open_page: OpenPage, pauses: tuple[threading.Event, threading.Event], width: int
) -> None:
    go_on, finished = pauses
    page = open_page("/", width=width)
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("[data-draft]")).to_have_text("The filter wants")
    assert not finished.is_set()
    go_on.set()
    expect(page.locator(".answer-text")).to_contain_text("every three months")
    expect(page.locator("[data-draft]")).to_have_count(0)
    expect(page.locator(".evidence .source")).not_to_have_count(0)
    assert QUESTION.split()[0] in page.url
    page.reload()
    expect(page.locator(".answer-text")).to_contain_text("every three months")


@WIDTHS
def test_stop_cancels_the_answer_and_keeps_what_was_shown(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    cancelled = threading.Event()
    shown = engine.ask(Query(text="filter"))

    def endless(query: Query, **_: object) -> Iterator[AnswerEvent]:
        try:
            yield Statement(sentence=shown.sentences[0], citations=shown.citations[:1])
            while not cancelled.wait(0.05):
                yield Draft(text=".")
        finally:
            cancelled.set()

    engine.stream = endless  # type: ignore[method-assign]
    page = open_page("/", width=width)
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer .chip")).to_have_count(1)
    page.get_by_role("button", name="Stop").click()
    assert cancelled.wait(SECONDS)
    expect(page.locator(".sentence")).to_have_count(1)
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_enabled()


def test_going_back_after_an_answer_shows_the_start_again(open_page: OpenPage) -> None:
    page = open_page("/")
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer-text")).to_contain_text("every three months")
    page.go_back()
    expect(page.locator(".ask-start")).to_have_count(1)


@WIDTHS
def test_failure_on_the_way_is_told_in_place(
    open_page: OpenPage, engine: FakeEngine, width: int
) -> None:
    def broken(query: Query, **_: object) -> Iterator[AnswerEvent]:
        yield Draft(text="The filter")
        raise RuntimeError

    engine.stream = broken  # type: ignore[method-assign]
    page = open_page("/", width=width)
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer-text")).to_contain_text("something went wrong")
    assert isinstance(engine.ask(Query(text="filter")), Answer)
