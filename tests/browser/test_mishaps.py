"""What goes wrong on the way to the server: nothing that was chosen or typed is lost."""

import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from indexer.errors import InvalidInput
from indexer.library import Library, _checked_name
from indexer.pipeline import index_paths
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings
from tests.browser.conftest import WIDTHS, OpenPage, make_server

pytestmark = pytest.mark.browser

NOTE: FilePayload = {
    "name": "gate.txt",
    "mimeType": "text/plain",
    "buffer": b"The gate is green.",
}


@pytest.fixture
def address(library: Library) -> Iterator[str]:
    engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
    with make_server(engine) as url:
        yield url
    engine.close()


def takes(name: str) -> bool:
    try:
        _checked_name(" ".join(name.split()))
    except InvalidInput:
        return False
    return True


def plain_page(browser: Browser, width: int) -> Page:
    """One whose console may tell of refusals."""
    return browser.new_page(viewport={"width": width, "height": 850}, locale="en-GB")


@WIDTHS
def test_refused_upload_keeps_the_chosen_files_and_says_why(
    browser: Browser, address: str, width: int
) -> None:
    page = plain_page(browser, width)
    page.goto(f"{address}/upload")
    answers = iter(('{"detail": "disk: it is full; free some space"}', "<h1>Bad gateway</h1>"))
    page.route("**/api/v1/documents", lambda route: route.fulfill(status=400, body=next(answers)))
    page.locator("input[multiple]").first.set_input_files(NOTE)
    for said in ("disk: it is full; free some space", "The server did not answer"):
        page.get_by_role("button", name="Add", exact=True).click()
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text(said)
        expect(page.locator("[data-chosen]")).to_contain_text("1 file,")
        expect(page.get_by_role("button", name="Add", exact=True)).to_be_enabled()
    page.unroute_all()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("[data-job]")).to_have_attribute("data-state", "done", timeout=20_000)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("[data-chosen]")).to_be_empty()


@WIDTHS
def test_search_without_a_server_shows_no_other_results_and_is_tried_again(
    browser: Browser, address: str, library: Library, archive: Path, width: int
) -> None:
    index_paths(library, [archive], "main")
    page = plain_page(browser, width)
    page.goto(f"{address}/search?q=boiler&kind=chunk")
    field = page.get_by_label("Words to find")
    results = page.locator("#results")
    expect(results.locator(".hit").first).to_contain_text("boiler", ignore_case=True)
    for again in ("button", "Enter"):
        page.context.set_offline(True)
        field.fill("apple trees")
        alert = results.get_by_role("alert")
        expect(alert).to_contain_text("The server did not answer")
        expect(results.locator(".hit")).to_have_count(0)
        expect(page.locator("#told")).to_be_empty()
        page.context.set_offline(False)
        if again == "button":
            alert.get_by_role("button", name="Try again").click()
        else:
            field.press("Enter")
        expect(alert).to_have_count(0)
        expect(results.locator(".hit").first).to_contain_text("1987")
        expect(field).to_be_focused()
        field.fill("boiler")
        expect(results.locator(".hit").first).to_contain_text("boiler", ignore_case=True)


def test_names_of_collections_are_checked_before_sending_as_the_server_does(
    open_page: OpenPage,
) -> None:
    page = open_page("/upload")
    letters = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in {"Cn", "Cs", "Co", "Cc"}
    ]
    names = [*letters, *(f"a{each}b" for each in letters), " дача  2 ", "(a)", "a.b-c (2)", "  "]
    names.append("a" * 100)
    matched = page.evaluate(
        """names => {
            const field = document.querySelector("[name=new_collection]");
            const rule = new RegExp(`^(?:${field.pattern})$`, "v");
            return names.map((name) => rule.test(name));
        }""",
        names,
    )
    differing = [name for name, ok in zip(names, matched, strict=True) if ok != takes(name)]
    assert differing == []
    sent: list[Route] = []
    page.route("**/api/v1/documents", lambda route: sent.append(route))
    page.locator("input[multiple]").first.set_input_files(NOTE)
    page.locator("[name=new_collection]").fill("a/b")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("[name=new_collection]")).to_be_focused()
    assert page.evaluate("document.querySelector('form:invalid') !== null")
    assert sent == []
