"""WCAG 2.2 AA as far as axe-core can tell, on every page there is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from indexer.domain import BoundingBox
from indexer.library import Library
from retriever.domain import NEW_CONVERSATION, Query
from tests.browser.conftest import OpenPage, make_server
from tests.browser.test_ask import room
from tests.web.fake_engine import FakeEngine
from web.app import create_app
from web.people import People

pytestmark = pytest.mark.browser

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # of WCAG 2.2; axe-core leaves it out unless it is asked for
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
PASSWORD = "correct horse battery"
QUESTION = "How often should the filter be cleaned?"
GRAVE = {"serious", "critical"}
# Every pair of a colour scheme, a language and a width.
LOOKS = [
    ("light", "en-GB", 1280),
    ("light", "ru-RU", 390),
    ("dark", "en-GB", 390),
    ("dark", "ru-RU", 1280),
]
# Not pages: files, pictures, data, and addresses that lead on.
NO_PAGES = frozenset({"static", "healthz"})
NO_PAGES_OF = frozenset({"api", "media", "walking"})
# Pages that show more than one thing, by what stands after their path.
STATES = {
    "pages.ask": ("", "?q=How+often+should+the+filter+be+cleaned", "?q=zebra"),
    "pages.search": (
        "",
        "?q=filter&type=pdf&place=Paris",
        "?q=armchair&kind=crop",
        "?q=armchair&kind=objects",
        "?q=zebra",
    ),
    "pages.similar": ("", "?crop=2&like=4&unlike=6&text=chair&text_weight=2"),
    "pages.document": ("", "?page=1&box=0.1,0.1,0.6,0.3&walk=search%3Fq%3Dfilter&hit=2&of=3"),
}


def violations(page: Page) -> list[str]:
    """What axe-core finds that keeps people out, with the elements that it is about."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['html'][:160]}"
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def pages_of(app: Flask, engine: FakeEngine) -> Iterator[str]:
    """An address for every page of the application, from its route map."""
    documents = [engine.manual, engine.notes, engine.hostile, engine.photos["hall"]]
    arguments = {
        "document_id": documents,
        "conversation_id": list(engine.talks),
        "int:job_id": ["1", "2"],
    }
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGES:
            continue
        if blueprint in NO_PAGES_OF or blueprint.endswith("_api") or rule.rule.startswith("/api/"):
            continue
        for path in filled(rule.rule, arguments):
            yield from (path + state for state in STATES.get(rule.endpoint, ("",)))


def filled(rule: str, arguments: dict[str, list[str]]) -> list[str]:
    for name, values in arguments.items():
        if f"<{name}>" in rule:
            return [rule.replace(f"<{name}>", value) for value in values]
    assert "<" not in rule, f"{rule}: what may stand there?"
    return [rule]


@pytest.fixture
def people(library: Library) -> People:
    found = People(library.catalog.people)
    found.add("Anna", PASSWORD, "admin", frozenset())
    return found


@pytest.fixture
def told(engine: FakeEngine) -> FakeEngine:
    """An engine with conversations, jobs and a figure, so that pages show all they can."""
    box = BoundingBox(x0=0.1, y0=0.05, x1=0.6, y1=0.25)
    engine.add_crop(engine.manual, "figure", box, "", page=2)
    for question in (QUESTION, "zebra stripes"):
        engine.ask(Query(text=question), conversation=NEW_CONVERSATION)
    engine.shelf.add_job(state="running", done=3, waiting=9, current="house.md")
    engine.shelf.add_job(state="done", done=2, failed=1, errors=tuple(engine.failed))
    return engine


@pytest.mark.parametrize(("scheme", "locale", "width"), LOOKS)
def test_every_page_is_usable_by_everybody(
    browser: Browser, told: FakeEngine, people: People, scheme: str, locale: str, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 850},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=locale,
        reduced_motion="reduce",  # colours on their way to another are none of the page's
        bypass_csp=True,  # axe-core is put into the page
    )
    page = context.new_page()
    found: dict[str, list[str]] = {}
    addresses = list(pages_of(create_app(told, people=people), told))
    with make_server(told, people) as address:
        page.goto(f"{address}/sign-in")
        found["/sign-in"] = violations(page)
        page.locator("[name=name]").fill("Anna")
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/")
        for path in addresses:
            response = page.goto(address + path)
            assert response is not None
            assert response.ok, path
            page.evaluate(
                "for (const each of document.querySelectorAll('details')) each.open = true"
            )
            found[path] = violations(page)
        context.close()
    assert len(addresses) >= 25
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_scripts_put_on_the_page_is_usable_too(
    open_page: OpenPage, tmp_path: Path, scheme: str
) -> None:
    still: dict[str, Any] = {"color_scheme": scheme, "bypass_csp": True, "reduced_motion": "reduce"}
    page = open_page("/search", **still)
    page.get_by_label("Add a photo").set_input_files(room(tmp_path))
    expect(page.locator("#results .hit")).to_have_count(8)
    assert violations(page) == []
    page.get_by_role("button", name="Search a part").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page = open_page("/", has_touch=True, width=390, **still)
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_label("A further question")).to_be_visible()
    page.locator(".chip").first.focus()
    assert violations(page) == []


def test_everything_that_can_be_done_is_reached_by_the_keyboard(
    open_page: OpenPage, engine: FakeEngine
) -> None:
    page = open_page("/?q=How+often+should+the+filter+be+cleaned")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "(e => (e.getAttribute('aria-label') ?? e.innerText ?? e.name ?? '').trim())"
            "(document.activeElement)"
        )
        ring = page.evaluate(
            "(e => { let s = getComputedStyle(e); if (e.matches('input, textarea')) "
            "s = getComputedStyle(e.closest('.query-line, .icon-button') ?? e);"
            " return s.outlineStyle !== 'none' || s.boxShadow !== 'none'; })"
            "(document.activeElement)"
        )
        assert ring or name == "" or page.evaluate("document.activeElement === document.body"), name
        reached.add(name)
    assert {"Ask", "Add a photo", "Copy with sources", "Copy link", "Filters"} <= reached
    assert any(name.startswith("Source 1") for name in reached)


def test_motion_is_left_out_for_those_who_asked_for_it(open_page: OpenPage) -> None:
    page = open_page("/search?q=armchair", reduced_motion="reduce")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter(e => "
        "parseFloat(getComputedStyle(e).transitionDuration) > 0).length"
    )
    assert moving == 0
