"""Adding, jobs, folders, collections, saved questions and health, as pages and as JSON."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.store.saved import SavedStore
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings
from tests.web.conftest import Browser
from tests.web.fake_engine import FakeEngine
from tests.web.guarded import Guarded, build, guarded, open_library
from web.settings import WebSettings

PLAIN = RetrieverSettings(rerank=RerankSettings(model="none"))


def upload(client: FlaskClient, *files: tuple[bytes, str], **fields: str) -> dict[str, object]:
    """What the API says to files sent, as (bytes, name)."""
    parts = [(io.BytesIO(body), name) for body, name in files]
    response = client.post("/api/v1/documents", data={"files": parts, **fields})
    assert response.status_code in {200, 202}, response.text
    found: dict[str, object] = response.get_json()
    return found


@pytest.fixture
def shelved(library: Library, archive: Path) -> Browser:
    """A browser of a real engine with an archive of five files."""
    index_paths(library, [archive], "main")
    engine = Engine(library, PLAIN)
    browser = Browser.of(engine, WebSettings())
    browser.engine = engine  # type: ignore[attr-defined]
    return browser


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Guarded]:
    """An application that people sign in to."""
    tokens = build(tmp_path / "home", tmp_path)
    with open_library(tmp_path / "home") as library:
        yield guarded(library, tokens)


# -- adding ----------------------------------------------------------------------------------------


def test_upload_without_javascript_leads_to_its_job(client: FlaskClient) -> None:
    files = [(io.BytesIO(b"The boiler hums."), "boiler.txt"), (io.BytesIO(b"MZ"), "tool.exe")]
    response = client.post("/upload", data={"collection": "home", "files": files})
    assert (response.status_code, response.headers["Location"]) == (303, "/jobs/1")
    html = client.get("/jobs/1").text
    assert "Files for “home”" in html
    assert "tool.exe" in html
    assert "save it as PDF" in html
    assert "boiler.txt" in client.get("/search?q=boiler").text


def test_upload_needs_files_and_a_name(client: FlaskClient) -> None:
    assert client.post("/upload", data={"collection": "home"}).status_code == 400
    file = (io.BytesIO(b"x"), "a.txt")
    assert client.post("/upload", data={"collection": " ", "files": [file]}).status_code == 400


def test_api_answers_with_the_job_at_once_and_waits_when_asked(client: FlaskClient) -> None:
    file = (io.BytesIO(b"The boiler hums."), "letters/2019/boiler.txt")
    response = client.post("/api/v1/documents", data={"collection": "inbox", "files": [file]})
    job = response.get_json()["job"]
    assert (response.status_code, response.headers["Location"]) == (202, "/api/v1/jobs/1")
    assert (job["collection"], job["total"], job["url"]) == ("inbox", 1, "/jobs/1")
    assert client.get("/api/v1/jobs/1").get_json() == job
    told = upload(client, (b"It hums.", "b.txt"), (b"MZ", "c.exe"), collection="inbox", wait="1")
    assert (told["collection"], told["indexed"]) == ("inbox", ["b.txt"])
    assert [each["path"] for each in told["failed"]] == ["c.exe"]  # type: ignore[attr-defined]


def test_parts_of_an_upload_join_one_job(client: FlaskClient) -> None:
    first = upload(client, (b"one", "a.txt"), collection="inbox", more="1")["job"]
    assert (first["open"], first["state"]) == (True, "queued")  # type: ignore[index]
    last = upload(client, (b"two", "b.txt"), collection="inbox", job="1")["job"]
    assert (last["id"], last["total"], last["open"]) == (1, 2, False)  # type: ignore[index]


def test_real_upload_keeps_folders_and_becomes_searchable(
    library: Library, shelved: Browser
) -> None:
    told = upload(
        shelved,
        (b"The stove pipe was swept in October.", "house/2021/stove.txt"),
        (b"junk", "house/.DS_Store"),
        (b"\x00\x01", "house/bad.png"),
        collection="inbox",
    )
    assert told["left_out"] == ["house/.DS_Store"]
    shelved.engine._jobs.finish(told["job"]["id"])  # type: ignore[attr-defined,index]
    job = shelved.get(f"/api/v1/jobs/{told['job']['id']}").get_json()  # type: ignore[index]
    assert (job["state"], job["done"], job["total"], job["failed"]) == ("done", 2, 2, 1)
    assert [each["path"] for each in job["errors"]] == ["house/bad.png"]
    folder = shelved.get("/api/v1/folders?below=house&collection=inbox").get_json()
    assert folder["folders"] == [{"name": "2021", "path": "house/2021", "documents": 1}]
    assert "stove" in shelved.get("/documents?below=house/2021").text
    hits = shelved.get("/api/v1/search?q=stove&folder=house/2021").get_json()["hits"]
    assert [hit["document"]["title"] for hit in hits] == ["stove"]
    shelved.engine.close()  # type: ignore[attr-defined]


def test_file_names_from_browsers_never_leave_their_folder(
    library: Library, shelved: Browser
) -> None:
    names = ("../../../etc/passwd.txt", "/abs/olute.txt", "a/../../b.txt", "..\\c.txt")
    for number, name in enumerate(names):
        upload(shelved, (f"text {number}".encode(), name), collection="inbox", wait="1")
    uploads = library.settings.upload_folder
    kept = {path.relative_to(uploads).parts[2:] for path in uploads.rglob("*.txt")}
    assert kept == {("etc", "passwd.txt"), ("abs", "olute.txt"), ("a", "b.txt"), ("c.txt",)}


# -- jobs ------------------------------------------------------------------------------------------


def test_job_at_work_shows_rate_time_left_and_a_way_to_cancel(
    client: FlaskClient, engine: FakeEngine
) -> None:
    engine.shelf.add_job(
        state="running", done=30, waiting=60, pages=90, seconds=15.0, current="/scans/a.pdf"
    )
    page = client.get("/jobs/1").text
    for words in ("is being indexed", "30 of 90 files", "2.0 files a second", "about 30 s left",
                  "Cancel this job?", "Refresh"):  # fmt: skip
        assert words in page
    russian = client.get("/jobs", headers={"Accept-Language": "ru"}).text
    assert "2,0 файла в секунду" in russian
    job = client.get("/api/v1/jobs/1").get_json()
    assert (job["files_per_second"], job["eta"]) == (2.0, 30)
    assert client.post("/jobs/1/cancel").status_code == 303
    assert client.get("/api/v1/jobs/1").get_json()["state"] == "cancelled"
    assert client.delete("/api/v1/jobs/1").status_code == 400


def test_rate_counts_only_what_was_done_since_the_job_was_taken_up(
    client: FlaskClient, engine: FakeEngine
) -> None:
    engine.shelf.add_job(state="running", done=110, done_before=100, waiting=10, seconds=5.0)
    job = client.get("/api/v1/jobs/1").get_json()
    assert (job["files_per_second"], job["eta"]) == (2.0, 5)


def test_failed_job_says_why_and_can_be_tried_again(
    client: FlaskClient, engine: FakeEngine
) -> None:
    engine.shelf.add_job(state="failed", waiting=3, cause="the disk is full", remedy="free some")
    page = client.get("/jobs/1").text
    assert "the disk is full" in page
    assert 'action="/jobs/1/retry"' in page
    assert client.post("/api/v1/jobs/1/retry").status_code == 202
    assert client.post("/api/v1/jobs/1/retry").status_code == 400
    assert client.get("/jobs/9").status_code == 404


def test_job_is_followed_by_events_until_it_has_ended(library: Library, shelved: Browser) -> None:
    told = upload(shelved, *((f"note {n}".encode(), f"{n}.txt") for n in range(3)))
    address = f"/api/v1/jobs/{told['job']['id']}"  # type: ignore[index]
    events = shelved.get(address, headers={"Accept": "text/event-stream"}).text
    states = re.findall(r'"state": "(\w+)"', events)
    assert events.startswith("event: job\ndata: {")
    assert states[-1] == "done"
    shelved.engine.close()  # type: ignore[attr-defined]


def test_run_of_a_terminal_is_among_the_jobs(shelved: Browser) -> None:
    listed = shelved.get("/api/v1/jobs").get_json()
    assert [(each["kind"], each["state"], each["done"]) for each in listed["jobs"]] == [
        ("index", "done", 5)
    ]
    assert "Run of a terminal in “main”" in shelved.get("/jobs").text


def test_what_could_not_be_read_is_tried_again_from_the_health_page(
    library: Library, archive: Path, shelved: Browser
) -> None:
    assert shelved.post("/jobs/retry").status_code == 400
    broken = archive / "broken.txt"
    broken.write_bytes(b"\x00" * 200)
    index_paths(library, [archive], "main")
    assert "broken.txt" in shelved.get("/status").text
    response = shelved.post("/jobs/retry")
    job_id = int(response.headers["Location"].rsplit("/", 1)[1])
    shelved.engine._jobs.finish(job_id)  # type: ignore[attr-defined]
    job = shelved.get(f"/api/v1/jobs/{job_id}").get_json()
    assert (job["kind"], job["failed"]) == ("retry", 1)
    assert shelved.post("/api/v1/jobs", json={"collection": "main"}).status_code == 202
    shelved.engine.close()  # type: ignore[attr-defined]


# -- folders and documents -------------------------------------------------------------------------


def test_folders_are_walked_by_crumbs(client: FlaskClient, engine: FakeEngine) -> None:
    top = client.get("/documents").text
    assert 'href="/documents?below=manuals"' in top
    inside = client.get("/documents?below=notes").text
    assert "House notes" in inside
    assert '<li><a href="/documents">All files</a></li>' in inside


def test_own_files_are_shown_from_the_folder_that_all_of_them_lie_in(
    shelved: Browser, archive: Path
) -> None:
    (archive / "older").mkdir()
    found = shelved.get("/api/v1/folders").get_json()
    assert found["path"] == str(archive)
    assert [Path(each["path"]).name for each in found["documents"]] == [
        "barn.png", "boiler.md", "garden.txt", "lake.jpg", "дача.txt",
    ]  # fmt: skip
    upload(shelved, (b"The stove.", "stove.txt"), collection="inbox", wait="1")
    top = shelved.get("/api/v1/folders").get_json()
    assert [each["path"] for each in top["folders"]] == [str(archive)]
    assert [each["title"] for each in top["documents"]] == ["stove"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("q=BOIL", ["boiler.md"]),
        ("q=Дача", ["дача.txt"]),
        ("type=photo", ["barn.png", "lake.jpg"]),
        ("type=photo&q=lake", ["lake.jpg"]),
        ("type=text&order=largest", ["дача.txt", "garden.txt"]),
    ],
)
def test_documents_are_filtered_and_sorted(shelved: Browser, asked: str, names: list[str]) -> None:
    found = shelved.get(f"/api/v1/folders?{asked}").get_json()
    shown = [Path(each["path"]).name for each in found["documents"]]
    assert [name for name in shown if name != "boiler.md" or "q=BOIL" in asked] == names
    assert shelved.get(f"/documents?{asked}").status_code == 200


def test_unknown_order_is_refused(client: FlaskClient) -> None:
    assert client.get("/documents?order=worst").status_code == 400
    assert client.get("/api/v1/folders?order=worst").status_code == 400


def test_removed_upload_is_deleted_and_an_own_file_stays(
    library: Library, shelved: Browser, archive: Path
) -> None:
    upload(shelved, (b"The stove.", "stove.txt"), collection="inbox", wait="1")
    (stove,) = shelved.get("/api/v1/documents?collection=inbox").get_json()["documents"]
    page = shelved.get("/documents").text
    assert "The uploaded copy is deleted." in page
    response = shelved.post(f"/documents/{stove['id']}/remove", data={"next": "/documents?x=1"})
    assert response.headers["Location"] == "/documents?x=1&removed=stove"
    assert not list(library.settings.upload_folder.rglob("*.txt"))
    boiler = next(
        each
        for each in shelved.get("/api/v1/documents").get_json()["documents"]
        if each["path"].endswith("boiler.md")
    )
    assert shelved.delete(f"/api/v1/documents/{boiler['id']}").get_json() == {"deleted": 1}
    assert (archive / "boiler.md").exists()
    assert shelved.get(f"/api/v1/documents/{boiler['id']}").status_code == 404
    hits = shelved.get("/api/v1/search?q=boiler").get_json()["hits"]
    assert boiler["id"] not in {hit["document"]["id"] for hit in hits}


def test_removing_leads_to_no_other_site(client: FlaskClient, engine: FakeEngine) -> None:
    response = client.post(
        f"/documents/{engine.notes}/remove", data={"next": "https://evil.example/"}
    )
    assert response.headers["Location"] == "/"


def test_removing_leads_back_to_the_folder_and_says_what_went(
    client: FlaskClient, engine: FakeEngine
) -> None:
    back = "/documents?below=notes&collection=home&removed=Earlier"
    response = client.post(f"/documents/{engine.notes}/remove", data={"next": back})
    assert response.headers["Location"] == (
        "/documents?below=notes&collection=home&removed=House+notes"
    )
    page = client.get(response.headers["Location"]).text
    assert '<p class="card good" role="status">Removed: House notes</p>' in page
    assert "Заметки о даче" in page
    viewer = client.get(f"/documents/{engine.russian}").text
    assert 'name="next" value="/documents?below=notes&amp;collection=home"' in viewer
    response = client.post(f"/documents/{engine.russian}/remove", data={"next": "/saved"})
    assert response.headers["Location"] == "/saved"
    told = client.get("/documents?removed=" + "%3Cscript%3E" + "x" * 400).text
    assert "Removed: &lt;script&gt;" + "x" * 192 + "<" in told


# -- collections -----------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["photos", "\u2028"])
def test_refused_name_of_a_collection_is_told_beside_its_field(
    client: FlaskClient, typed: str
) -> None:
    response = client.post("/collections/manuals/rename", data={"name": typed})
    assert response.status_code == 400
    page = response.text
    assert page.count('role="alert"') == 1
    field = re.search(r'<input name="name"[^>]*aria-invalid="true"[^>]*>', page)
    assert field
    assert f'value="{typed.strip()}"' in field[0]
    assert 'action="/collections/manuals/rename"' in page[: field.start()].rpartition("<form")[2]
    assert 'id="refused" role="alert"' in page[field.end() :][:120]
    assert client.post("/collections/gone/rename", data={"name": "x"}).status_code == 404


def test_models_have_names_that_people_understand(client: FlaskClient) -> None:
    page = client.get("/collections").text
    assert '<span title="packaged">built in, for English text</span>' in page
    assert "packaged, packaged" not in page
    russian = client.get("/collections", headers={"Accept-Language": "ru"}).text
    assert '<span title="packaged">встроенная, для английского текста</span>' in russian


def test_collections_tell_their_sizes_languages_and_encoders(shelved: Browser) -> None:
    (main,) = shelved.get("/api/v1/collections").get_json()["collections"]
    assert (main["documents"], main["failed"], main["active"]) == (5, 0, False)
    assert set(main["languages"]) == {"en", "ru"}
    assert main["size"] > 500
    page = shelved.get("/collections").text
    assert "English" in page
    assert "Forget “main” with 5 documents?" in page


def test_renamed_collection_keeps_its_documents_and_saved_questions(shelved: Browser) -> None:
    shelved.post("/saved", data={"q": "boiler", "collection": "main", "page": "search"})
    response = shelved.patch("/api/v1/collections/main", json={"name": "  house  papers "})
    assert response.get_json()["name"] == "house papers"
    hits = shelved.get("/api/v1/search?q=boiler&collection=house papers").get_json()["hits"]
    assert hits
    (saved,) = shelved.get("/api/v1/saved").get_json()["questions"]
    assert saved["collections"] == ["house papers"]
    for name, status in (("", 400), ("../x", 400), ("house papers", 400)):
        data = {"name": name}
        assert shelved.post("/collections/house papers/rename", data=data).status_code == status
    assert shelved.post("/collections/nowhere/rename", data={"name": "x"}).status_code == 404


def test_deleted_collection_leaves_own_files_where_they_are(
    shelved: Browser, archive: Path
) -> None:
    assert shelved.post("/collections/main/delete").status_code == 303
    assert shelved.get("/api/v1/collections").get_json()["collections"] == []
    assert len(list(archive.iterdir())) == 5


def test_collection_that_is_being_indexed_is_left_alone(library: Library, shelved: Browser) -> None:
    library.catalog.start_job(library.catalog.collection("main"), total=5)
    assert "being indexed" in shelved.get("/collections").text
    for response in (
        shelved.delete("/api/v1/collections/main"),
        shelved.patch("/api/v1/collections/main", json={"name": "other"}),
    ):
        assert response.status_code == 400
        assert "it is being indexed" in response.get_json()["detail"]


# -- duplicates, saved questions, models, health ---------------------------------------------------


def test_duplicates_are_shown_with_their_pictures(library: Library, archive: Path) -> None:
    (archive / "copy.txt").write_bytes((archive / "garden.txt").read_bytes())
    index_paths(library, [archive], "main")
    client = Browser.of(Engine(library, PLAIN), WebSettings())
    page = client.get("/duplicates").text
    assert "Identical files" in page
    assert "copy.txt" in page
    assert "1 group" in page
    (group,) = client.get("/api/v1/duplicates").get_json()["groups"]
    assert group["identical"]
    assert sorted(Path(path).name for path in group["paths"]) == ["copy.txt", "garden.txt"]


def test_question_is_saved_run_renamed_and_deleted(shelved: Browser) -> None:
    fields = {"q": "old barn", "page": "search", "kind": "crop", "collection": "main",
              "type": "photo"}  # fmt: skip
    response = shelved.post("/saved", data=fields)
    assert response.headers["Location"] == "/saved#saved-1"
    (saved,) = shelved.get("/api/v1/saved").get_json()["questions"]
    assert saved["url"] == "/search?q=old+barn&kind=crop&collection=main&type=photo"
    assert shelved.get(saved["url"]).status_code == 200
    shelved.post("/saved/1/rename", data={"name": "The barn"})
    page = shelved.get("/saved").text
    assert "The barn" in page
    assert "Type: Photos" in page
    shelved.post("/saved", data=fields | {"name": "again"})
    assert [each["name"] for each in shelved.get("/api/v1/saved").get_json()["questions"]] == [
        "again"
    ]
    assert shelved.delete("/api/v1/saved/1").get_json() == {"deleted": 1}
    assert shelved.post("/saved/1/delete").status_code == 404
    assert shelved.post("/saved", data={"q": " "}).status_code == 400
    assert "No question has been saved yet" in shelved.get("/saved").text


def test_saved_questions_are_ones_own(site: Guarded) -> None:
    client = site.app.test_client()
    question = {"question": "gate of the orchard"}
    made = client.post("/api/v1/saved", json=question, headers=site.bearer("Ed"))
    number = made.get_json()["id"]
    hers = client.get("/api/v1/saved", headers=site.bearer("Rita")).get_json()
    assert hers["questions"] == []
    address = f"/api/v1/saved/{number}"
    assert client.delete(address, headers=site.bearer("Rita")).status_code in {403, 404}
    assert len(client.get("/api/v1/saved", headers=site.bearer("Ed")).get_json()["questions"]) == 1
    ed = next(each for each in site.people.store.people() if each.name == "Ed")
    kept = SavedStore(site.library.catalog._database, ed.id)
    assert kept.questions()
    site.people.store.remove(ed.id)
    assert kept.questions() == []


def test_page_of_somebody_signed_in_sends_files_with_its_token(site: Guarded) -> None:
    ed = site.browser("Ed")
    parts = {"files": [(io.BytesIO(b"The barn."), "a/barn.txt")], "collection": "open"}
    assert ed.post("/api/v1/documents", data=parts).status_code == 403
    parts["files"] = [(io.BytesIO(b"The barn."), "a/barn.txt")]
    sent = ed.post("/api/v1/documents", data=parts, headers={"X-CSRFToken": ed.csrf()})
    assert sent.status_code == 202, sent.text
    site.engine.close()


def test_a_saved_question_comes_back_with_the_time_when_it_was_saved(site: Guarded) -> None:
    client, ed = site.app.test_client(), site.bearer("Ed")
    question = {"question": "gate of the orchard"}
    made = client.post("/api/v1/saved", json=question, headers=ed).get_json()
    kept = client.get("/api/v1/saved", headers=ed).get_json()["questions"]
    assert kept == [made]
    assert client.post("/api/v1/saved", json=question, headers=ed).get_json() == made


def test_nothing_of_a_hidden_collection_shows_on_the_shelf(site: Guarded) -> None:
    client = site.app.test_client()
    rita = site.bearer("Rita")
    jobs = site.library.catalog.jobs.jobs()[1]
    hidden = next(job.id for job in jobs if job.collection == "closed")
    assert client.get(f"/api/v1/jobs/{hidden}", headers=rita).status_code == 404
    for address in ("jobs", "collections", "folders", "folders?q=secret", "duplicates"):
        answer = client.get(f"/api/v1/{address}", headers=rita).text
        assert "closed" not in answer, address
        assert "secret" not in answer, address
    ed = site.bearer("Ed")
    secret = site.document("secret.txt")
    assert client.delete(f"/api/v1/documents/{secret}", headers=ed).status_code == 404
    assert client.delete(f"/api/v1/jobs/{hidden}", headers=ed).status_code == 404
    file = {"files": [(io.BytesIO(b"x"), "a.txt")], "collection": "closed"}
    assert client.post("/api/v1/documents", data=file, headers=ed).status_code == 400


def test_models_page_says_what_is_used_and_how_to_choose(client: FlaskClient) -> None:
    page = client.get("/models").text
    for words in ("in use", "not on this machine", "SIGHTLINE_ENCODER_TEXT", "no answer"):
        assert words in page
    models = client.get("/api/v1/models").get_json()["models"]
    assert {each["setting"] for each in models} >= {"SIGHTLINE_ANSWER_GENERATOR"}


def test_real_models_are_listed_with_their_notes(shelved: Browser) -> None:
    page = shelved.get("/models", headers={"Accept-Language": "ru"}).text
    assert "bge-small-en" in page
    assert "Текст на сканах" in page


def test_health_page_checks_everything_only_when_asked(client: FlaskClient) -> None:
    page = client.get("/status").text
    assert "What was found" not in page
    assert "2.9 MB" in page or "3 MB" in page
    page = client.get("/status?check=1").text
    for words in ("problem", "note", "in order", "free some space"):
        assert words in page
    health = client.get("/api/v1/health").get_json()
    assert (health["healthy"], len(health["findings"])) == (False, 3)


def test_doctor_of_the_page_is_the_doctor_of_the_terminal(
    shelved: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retriever.health.verify_reranker", lambda _: "fake")
    findings = shelved.get("/api/v1/health").get_json()["findings"]
    assert {"catalogue", "uploads", "index", "files", "disk"} <= {
        each["subject"] for each in findings
    }


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    "address",
    ["/documents", "/collections", "/upload", "/jobs", "/duplicates", "/saved", "/models",
     "/status", "/status?check=1"],
)  # fmt: skip
def test_every_page_of_the_library_names_its_json(
    client: FlaskClient, address: str, language: str
) -> None:
    page = client.get(address, headers={"Accept-Language": language}).text
    twin = re.search(r'type="application/json" href="([^"]+)"', page)
    assert twin
    assert client.get(twin[1].replace("&amp;", "&")).status_code == 200
    assert "style=" not in page
