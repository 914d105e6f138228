"""Adding, watching, cancelling, arranging and saving in a real browser, over a real engine."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from indexer import pipeline
from indexer.library import Library
from indexer.pipeline import index_paths
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings
from tests.browser.conftest import WIDTHS, Keep, OpenPage, make_server

pytestmark = pytest.mark.browser

PAGES = (
    "/documents", "/collections", "/upload", "/jobs", "/jobs/1", "/duplicates", "/saved",
    "/models", "/status", "/status?check=1",
)  # fmt: skip


@pytest.fixture
def shelf(library: Library, archive: Path) -> Iterator[Engine]:
    (archive / "copy of garden.txt").write_bytes((archive / "garden.txt").read_bytes())
    (archive / "broken.pdf").write_bytes(b"%PDF-1.7\nnot really")
    index_paths(library, [archive], "main")
    engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
    yield engine
    engine.close()


@pytest.fixture
def address(shelf: Engine) -> Iterator[str]:
    with make_server(shelf) as url:
        yield url


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Indexing waits after its second file until this is set."""
    go_on = threading.Event()
    report = pipeline._Run._report

    def wait(self: pipeline._Run, **changes: int | str) -> None:
        report(self, **changes)
        if changes.get("done") == 2:
            self.tell()
            go_on.wait(20)

    monkeypatch.setattr(pipeline._Run, "_report", wait)
    monkeypatch.setattr(pipeline, "_TELL_SECONDS", 0.0)
    return go_on


def folder_of(place: Path, count: int) -> Path:
    """A folder with texts in a folder of its own, and a file of the system."""
    inner = place / "House" / "2021"
    inner.mkdir(parents=True)
    for number in range(count):
        (inner / f"stove {number}.txt").write_text(f"Stove number {number} was swept in October.")
    (place / "House" / ".DS_Store").write_bytes(b"junk")
    return place / "House"


def choose_folder(page: Page, folder: Path) -> None:
    page.locator("input[webkitdirectory]").set_input_files(folder)


@WIDTHS
def test_folder_is_uploaded_and_its_job_watched_until_it_is_done(
    open_page: OpenPage, keep: Keep, tmp_path: Path, width: int
) -> None:
    page = open_page("/upload", width=width)
    choose_folder(page, folder_of(tmp_path, 60))
    expect(page.locator("[data-chosen]")).to_contain_text("61 files")
    page.get_by_label("New collection").fill("house")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("1 hidden or system file was left out")).to_be_visible()
    card = page.locator("[data-job]")
    expect(card).to_have_attribute("data-state", "done", timeout=60_000)
    expect(card).to_contain_text("60 of 60 files")
    keep(page, "library-uploaded")
    card.get_by_role("link", name="Documents").click()
    page.locator(".folders a", has_text="House").click()
    page.locator(".folders a", has_text="2021").click()
    expect(page.locator(".document-row")).to_have_count(30)
    expect(page.locator(".crumbs [aria-current]")).to_have_text("2021")


@WIDTHS
def test_job_at_work_shows_how_far_it_is_and_is_cancelled(
    open_page: OpenPage, keep: Keep, tmp_path: Path, held: threading.Event, width: int
) -> None:
    page = open_page("/upload", width=width)
    choose_folder(page, folder_of(tmp_path, 5))
    page.get_by_label("New collection").fill("house")
    page.get_by_role("button", name="Add", exact=True).click()
    card = page.locator("[data-job]")
    expect(card).to_contain_text("2 of 5 files", timeout=20_000)
    expect(card.locator("progress")).to_have_js_property("value", 2)
    keep(page, "library-at-work")
    card.locator("summary", has_text="Cancel indexing").click()
    card.get_by_role("button", name="Cancel indexing").click()
    held.set()
    expect(page.locator("[data-job]")).to_have_attribute("data-state", "cancelled", timeout=20_000)
    page.goto(page.url.split("/jobs")[0] + "/documents?collection=house&below=House/2021")
    expect(page.locator(".document-row")).to_have_count(2)


@WIDTHS
def test_sending_is_cancelled_before_it_is_done(
    open_page: OpenPage, shelf: Engine, tmp_path: Path, width: int
) -> None:
    page = open_page("/upload", width=width)
    unanswered: list[Route] = []
    page.route("**/api/v1/documents", lambda route: unanswered.append(route))
    choose_folder(page, folder_of(tmp_path, 3))
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Sending")).to_be_visible()
    page.locator("[data-cancel]").click()
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    expect(page.get_by_role("heading", name="Sending")).to_be_hidden()
    assert shelf.shelf.jobs(0, 10).total == 1
    page.unroute_all(behavior="ignoreErrors")


@WIDTHS
def test_dropped_file_is_sent(open_page: OpenPage, width: int) -> None:
    page = open_page("/upload", width=width)
    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["The gate is green."], "gate.txt", {type: "text/plain"}));
            const zone = document.querySelector(".files-zone");
            for (const name of ["dragover", "drop"]) {
                const options = { bubbles: true, cancelable: true, dataTransfer: transfer };
                zone.dispatchEvent(new DragEvent(name, options));
            }
        }"""
    )
    expect(page.locator("[data-chosen]")).to_contain_text("1 file,")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("[data-job]")).to_have_attribute("data-state", "done", timeout=20_000)
    page.goto(page.url.replace("/upload", "/documents?q=gate"))
    expect(page.locator(".document-row")).to_have_count(1)


@WIDTHS
def test_what_could_not_be_read_is_tried_again(open_page: OpenPage, width: int) -> None:
    page = open_page("/status", width=width)
    expect(page.get_by_role("row", name="broken.pdf")).to_contain_text("damaged PDF")
    page.get_by_role("button", name="Try again").click()
    card = page.locator("[data-job]")
    expect(card).to_contain_text("Another try in “main”")
    expect(card).to_have_attribute("data-state", "done", timeout=20_000)
    expect(card).to_contain_text("1 could not be read")


@WIDTHS
def test_question_is_saved_from_search_run_again_renamed_and_deleted(
    open_page: OpenPage, keep: Keep, width: int
) -> None:
    page = open_page("/search?q=apple+trees&kind=chunk&type=text", width=width)
    page.get_by_role("button", name="Save this question").click()
    expect(page).to_have_url(re.compile("/saved#saved-1"))
    expect(page.locator("#saved-1")).to_contain_text("Type: Text")
    keep(page, "library-saved")
    page.locator("summary", has_text="Rename").click()
    page.get_by_role("textbox", name="Name").fill("The orchard")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="The orchard").click()
    expect(page).to_have_url(re.compile(r"/search\?q=apple\+trees&kind=chunk&type=text"))
    expect(page.locator("#results .hit").first).to_contain_text("1987")
    page.go_back()
    page.get_by_role("button", name="Delete: The orchard").click()
    expect(page.get_by_text("No question has been saved yet")).to_be_visible()


@WIDTHS
def test_question_is_saved_from_an_answer(open_page: OpenPage, width: int) -> None:
    page = open_page("/", width=width)
    page.get_by_label("Your question").fill("When was the boiler serviced?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer-text")).to_contain_text("12 March 2021")
    page.get_by_role("button", name="Save this question").click()
    page.get_by_role("link", name="When was the boiler serviced?").click()
    expect(page.locator(".answer-text")).to_contain_text("12 March 2021")


@WIDTHS
def test_document_is_removed_by_keyboard_and_its_file_stays(
    open_page: OpenPage, archive: Path, width: int
) -> None:
    page = open_page("/documents", width=width)
    row = page.locator(".document-row", has_text="boiler.md")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("The file itself stays")
    page.keyboard.press("Tab")
    expect(row.get_by_role("button", name="Remove")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".document-row", has_text="boiler.md")).to_have_count(0)
    expect(page.locator(".document-row").first).to_be_visible()
    assert (archive / "boiler.md").exists()


@WIDTHS
def test_document_is_removed_where_it_is_read(
    open_page: OpenPage, shelf: Engine, width: int
) -> None:
    boiler = next(
        each.ref.id for each in shelf.documents(None, 0, 50).documents if each.ref.title == "Boiler"
    )
    page = open_page(f"/documents/{boiler}", width=width)
    expect(page.get_by_role("link", name="Download the original")).to_be_visible()
    page.locator(".viewer-actions summary").click()
    page.get_by_role("button", name="Remove").click()
    expect(page).to_have_url(re.compile(r"/documents\?below=.*&collection=main"))
    expect(page.get_by_role("status")).to_have_text("Removed: Boiler")
    expect(page.locator(".document-row", has_text="Boiler")).to_have_count(0)


@WIDTHS
def test_collection_is_renamed_and_deleted_after_a_second_word(
    open_page: OpenPage, width: int
) -> None:
    page = open_page("/collections", width=width)
    page.locator("summary", has_text="Rename").click()
    page.get_by_label("New name").fill("papers")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="papers")).to_be_visible()
    page.locator("summary", has_text="Delete").click()
    expect(page.get_by_text("Forget “papers”")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing is indexed yet")).to_be_visible()


@WIDTHS
@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "ru-RU")])
def test_pages_of_the_library_fit_their_window(
    open_page: OpenPage, keep: Keep, width: int, scheme: str, locale: str
) -> None:
    page = open_page("/saved", width=width, color_scheme=scheme, locale=locale)
    base = page.url.removesuffix("/saved")
    for path in PAGES:
        page.goto(base + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        name = re.sub(r"\W+", "-", path.strip("/"))
        keep(page, f"library-{name}-{scheme}-{locale[:2]}")


def test_upload_and_its_job_work_without_javascript(open_page: OpenPage, tmp_path: Path) -> None:
    note = tmp_path / "bicycle.txt"
    note.write_text("The bicycle lock opens with 4711.", encoding="utf-8")
    page = open_page("/upload", java_script_enabled=False)
    page.locator("input[type=file]").first.set_input_files(note)
    page.get_by_label("New collection").fill("garage")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page).to_have_url(re.compile(r"/jobs/\d+$"))
    for _ in range(40):
        if page.locator("[data-job]").get_attribute("data-state") == "done":
            break
        page.wait_for_timeout(250)
        page.get_by_role("link", name="Refresh").click()
    expect(page.locator("[data-job]")).to_contain_text("1 of 1 files")
