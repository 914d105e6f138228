"""Setting up, signing in and looking after people, as they do it, at both widths."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from indexer.library import Library
from retriever.pipeline import Engine
from retriever.settings import RetrieverSettings
from tests.browser.conftest import Keep, make_server
from tests.web.guarded import PASSWORD, Guarded
from web.people import People

pytestmark = pytest.mark.browser

WIDTHS = {"desktop": 1280, "phone": 390}


def opened(browser: Browser, address: str, width: int, locale: str = "en-GB") -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 850}, locale=locale)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


@pytest.fixture(params=WIDTHS.values(), ids=WIDTHS.keys())
def page(request: pytest.FixtureRequest, browser: Browser, site: Guarded) -> Iterator[Page]:
    with make_server(site.engine, site.people) as address:
        yield from opened(browser, address, request.param)


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_reader_signs_in_asks_and_signs_out(page: Page, keep: Keep) -> None:
    page.goto(page.url.partition("/sign-in")[0] + "/search?q=gate")
    keep(page, "sign-in")
    sign_in(page, "Rita", "wrong password")
    page.get_by_role("alert").wait_for()
    assert "wrong" in page.get_by_role("alert").inner_text()
    sign_in(page, "Rita")
    page.get_by_text("orchard").first.wait_for()
    assert page.url.endswith("/search?q=gate")
    footer = page.get_by_role("contentinfo")
    assert footer.get_by_role("link", name="Add files").count() == 0
    assert footer.get_by_role("link", name="People").count() == 0
    page.goto(page.url.partition("/search")[0] + "/")
    page.locator("[name=q]").fill("What colour was the gate of the orchard painted?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("painted green").first.wait_for()
    page.get_by_role("contentinfo").get_by_role("link", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.go_back()
    page.reload()
    page.get_by_role("heading", name="Sign in").wait_for()


def test_an_admin_adds_a_person_and_makes_a_token(page: Page, keep: Keep) -> None:
    sign_in(page, "Anna")
    page.get_by_role("contentinfo").get_by_role("link", name="People").click()
    new = page.get_by_role("region", name="Add a person")
    new.get_by_label("Name").fill("Nils")
    new.get_by_label("Password").fill("another long one")
    new.get_by_label("Role").select_option("editor")
    new.get_by_label("open", exact=True).check()
    new.get_by_role("button", name="Add a person").click()
    person = page.locator("details.person", has_text="Nils")
    assert "sees open" in person.inner_text()
    person.locator("summary").first.click()
    keep(page, "people")
    person.get_by_label("Suspended").check()
    person.get_by_role("button", name="Save").click()
    assert "suspended" in page.locator("details.person", has_text="Nils").inner_text()
    page.get_by_role("contentinfo").get_by_role("link", name="Account").click()
    page.get_by_label("What it is for").fill("reports")
    page.get_by_role("button", name="Make a token").click()
    token = page.locator("code.secret").inner_text()
    assert token.startswith("slt_")
    keep(page, "account")
    page.get_by_role("button", name="End reports").click()
    page.get_by_role("heading", name="Account").wait_for()
    assert page.get_by_text("reports").count() == 0
    page.goto(page.url.partition("/account")[0] + "/audit")
    assert page.get_by_role("cell", name="add person").is_visible()
    keep(page, "audit")


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_whoever_sets_up_adds_themselves_first(
    browser: Browser, library: Library, width: int, keep: Keep
) -> None:
    people = People(library.catalog.people)
    with make_server(Engine(library, RetrieverSettings()), people) as address:
        for page in opened(browser, f"{address}/people", width, locale="ru-RU"):
            page.get_by_text("Пока никто не входит под своим именем").wait_for()
            keep(page, "set-up")
            page.get_by_label("Имя").fill("Анна")
            page.get_by_label("Пароль").fill(PASSWORD)
            page.get_by_role("button", name="Добавить себя").click()
            page.locator("details.person", has_text="Анна").wait_for()
            page.get_by_role("button", name="English").click()
            page.get_by_role("heading", name="People").wait_for()
    assert people.store.any()
