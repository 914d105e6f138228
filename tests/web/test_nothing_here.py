"""What pages say where there is nothing to see, and that it is the reason."""

import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from indexer.library import Library
from indexer.pipeline import index_paths
from retriever.domain import NEW_CONVERSATION, Query
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings
from tests.web.conftest import Browser
from tests.web.fake_engine import FakeEngine
from tests.web.guarded import PAGES, PASSWORD, Guarded
from web.settings import WebSettings

EMPTY = "Nothing is indexed yet"
PLAIN = RetrieverSettings(rerank=RerankSettings(model="none"))
LISTS = ("/", "/collections", "/documents", "/search", "/search?q=gate")


def said(page: str) -> str:
    """The text of a page's main part."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture
def nothing() -> Iterator[FakeEngine]:
    """An archive with nothing in it."""
    fake = FakeEngine(empty=True)
    yield fake
    fake.close()


@pytest.fixture
def bare(nothing: FakeEngine) -> Browser:
    return Browser.of(nothing, WebSettings())


@pytest.mark.parametrize("address", LISTS)
def test_who_was_given_no_collection_is_told_to_ask_for_one(site: Guarded, address: str) -> None:
    site.people.add("Nora", PASSWORD, "reader", frozenset())
    site.people.add("Gus", PASSWORD, "editor", frozenset())
    for name in ("Nora", "Gus"):
        text = said(site.browser(name).get(address, headers=PAGES).text)
        assert "You have not been given a collection yet. Ask an admin." in text
        assert EMPTY not in text
    assert "Add files" not in said(site.browser("Nora").get(address, headers=PAGES).text)
    assert "not been given" not in site.browser("Rita").get(address, headers=PAGES).text


@pytest.mark.parametrize("address", LISTS)
def test_empty_archive_is_said_once_with_a_way_to_fill_it(bare: Browser, address: str) -> None:
    page = bare.get(address).text
    assert page.count(EMPTY) == 1
    assert "Nothing was found" not in page
    assert 'class="button primary" href="/upload"' in page


@pytest.mark.parametrize("address", LISTS)
def test_first_job_at_work_is_said_instead(
    bare: Browser, nothing: FakeEngine, address: str
) -> None:
    nothing.shelf.add_job(state="running", waiting=3)
    text = bare.get(address).text
    assert "Files are being indexed." in text
    assert 'href="/jobs">See how far it is' in text
    assert EMPTY not in text


def test_unknown_folder_leads_to_the_one_above(client: Browser) -> None:
    page = client.get("/documents?below=notes/lost&collection=home").text
    assert "There is no folder “notes/lost” here." in page
    assert 'href="/documents?below=notes&amp;collection=home">To the folder above' in page
    assert EMPTY not in page
    russian = client.get("/documents?below=lost", headers={"Accept-Language": "ru"}).text
    assert "Папки «lost» здесь нет." in russian
    assert 'href="/documents">В папку выше' in russian


def test_pages_beyond_the_end_lead_to_the_first_one(client: Browser, engine: FakeEngine) -> None:
    engine.ask(Query(text="How often should the filter be cleaned?"), conversation=NEW_CONVERSATION)
    engine.shelf.add_job()
    for path in ("/documents?below=notes", "/conversations", "/jobs"):
        page = client.get(path + ("&" if "?" in path else "?") + "offset=99999999").text
        assert f'href="{path}">To the first page' in page
        assert EMPTY not in page
        assert "No conversation has been kept" not in page
        assert "Nothing has been indexed yet" not in page


def test_real_archive_without_documents_says_so_in_search(library: Library) -> None:
    browser = Browser.of(Engine(library, PLAIN), WebSettings())
    assert browser.get("/search?q=gate").text.count(EMPTY) == 1


def test_file_that_is_no_picture_is_refused_as_a_photo(library: Library, archive: Path) -> None:
    index_paths(library, [archive], "main")
    browser = Browser.of(Engine(library, PLAIN), WebSettings())
    for language, words in (
        ("en", "the photo: it is no picture that can be read; choose another"),
        ("ru", "фото: это не изображение, которое можно прочитать; выберите другой файл"),
    ):
        for content in (b"only some words", bytes(range(256)), b"<html><p>A page.</p></html>"):
            response = browser.post(
                "/similar",
                data={"image": (io.BytesIO(content), "fake.jpg")},
                headers={"Accept-Language": language},
            )
            assert (response.status_code, words in response.text) == (415, True)
