"""A served engine and a Chromium to look at it with."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.web.fake_engine import FakeEngine
from web.engine import Engine
from web.people import People
from web.server import Server
from web.settings import WebSettings

WIDTHS = pytest.mark.parametrize("width", [1280, 390])
OpenPage = Callable[..., Page]
Keep = Callable[[Page, str], None]
ARTEFACTS = Path(__file__).parents[2] / "test-artifacts"


@contextmanager
def make_server(engine: Engine, people: People | None = None) -> Iterator[str]:
    """Serve any engine on a free port; gives the address without a closing slash."""
    server = Server(engine, WebSettings(port=0), people=people)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server.url.rstrip("/")
    finally:
        server.stop()
        thread.join()


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    fake = FakeEngine()
    yield fake
    fake.close()


@pytest.fixture
def address(engine: FakeEngine) -> Iterator[str]:
    with make_server(engine) as url:
        yield url


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Open an address of the server; fails the test for any script error or blocked resource."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_at(path: str, *, width: int = 1280, height: int = 850, **options: object) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            **{"locale": "en-GB", **options},  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda message: troubles.append(message.text) if message.type == "error" else None,
        )
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def keep() -> Keep:
    """Keep a screenshot of a page, its width in its name, for people to look at."""

    def kept(page: Page, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=ARTEFACTS / f"{name}-{width}.png", full_page=False)

    return kept
