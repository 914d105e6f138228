"""Shared fixtures: a library on fake encoders, a folder of small real files."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from indexer.library import Library
from indexer.settings import IndexerSettings, ParserSettings
from tests.fakes import ColourEncoder, HashEncoder
from tests.web.guarded import Guarded, build, guarded, open_library

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
    "--disable-component-update",
    "--disable-quic",
]

# No test may reach a model hub.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"


@pytest.fixture
def settings(tmp_path: Path) -> IndexerSettings:
    return IndexerSettings(home=tmp_path / "home", parser=ParserSettings(processes=1))


@pytest.fixture
def text_encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def clip_encoder() -> ColourEncoder:
    return ColourEncoder()


@pytest.fixture
def library(
    settings: IndexerSettings, text_encoder: HashEncoder, clip_encoder: ColourEncoder
) -> Iterator[Library]:
    with Library(
        settings, load_text=lambda _: text_encoder, load_clip=lambda _: clip_encoder
    ) as opened:
        yield opened


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two notes, a Russian note and two photos."""
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "boiler.md").write_text(
        "# Boiler\n\nThe boiler was serviced on 12 March 2021 by Ada Brown.\n\n"
        "## Pressure\n\nKeep the pressure at 1.4 bar when cold.\n"
    )
    (folder / "garden.txt").write_text(
        "The apple trees were planted in 1987.\n\nPrune them in late February.\n"
    )
    (folder / "дача.txt").write_text(
        "Колодец выкопали в 1974 году. Глубина колодца семь метров.\n", encoding="utf-8"
    )
    Image.new("RGB", (400, 300), (200, 20, 20)).save(folder / "barn.png")
    Image.new("RGB", (400, 300), (20, 20, 200)).save(folder / "lake.jpg")
    return folder


def chromium(packaged: str) -> str:
    """The browser to drive: $CHROMIUM, one on the PATH, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    found = named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), packaged
    )
    if not Path(found).exists():
        pytest.fail(
            f"no Chromium at {found}: install chromium, set CHROMIUM to one, "
            'run "playwright install chromium", or deselect with -m "not browser"',
            pytrace=False,
        )
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = chromium(playwright.chromium.executable_path)
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def guarded_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A home with people and two collections, to be copied; and the people's tokens."""
    folder = tmp_path_factory.mktemp("guarded")
    return folder / "home", build(folder / "home", folder)


@pytest.fixture
def site(guarded_home: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Guarded]:
    """An application that people sign in to."""
    home, tokens = guarded_home
    shutil.copytree(home, tmp_path / "home")
    with open_library(tmp_path / "home") as library:
        yield guarded(library, tokens)
