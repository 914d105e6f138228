"""What went wrong in other programs of this kind does not go wrong here: one test for each."""

import io
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import docx
import pytest
from PIL import Image

from indexer.pipeline import index_paths
from tests.web.guarded import PAGES, SECRET, Guarded
from web.people import digest

SCRIPT = "<script>alert('owned')</script>"
HANDLER = '<img src=x onerror="alert(1)">'


def tags(html: str) -> str:
    """All tags of a page, without their texts and quoted values."""
    return " ".join(re.sub(r'"[^"]*"', '""', tag) for tag in re.findall(r"<[^>]*>", html))


def test_rebinding_a_name_to_this_port_reaches_nothing(site: Guarded) -> None:
    client = site.app.test_client()
    for host in ("rebound.example", "rebound.example:8077", "127.0.0.1.rebound.example"):
        for address in ("/", "/api/v1/search?q=gate", "/healthz", "/static/app.css"):
            headers = {"Host": host, **site.bearer("Anna")}
            with client.get(address, headers=headers) as response:
                assert response.status_code == 421
                assert b"orchard" not in response.data


def test_no_other_site_may_read_an_answer(site: Guarded) -> None:
    client = site.app.test_client()
    headers = {"Origin": "https://evil.example", **site.bearer("Anna")}
    asked = {"Access-Control-Request-Method": "POST", **headers}
    for response in (
        client.get("/api/v1/search?q=gate", headers=headers),
        client.options("/api/v1/ask", headers=asked),
    ):
        assert not [name for name in response.headers if name[0].startswith("Access-Control")]
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_office_documents_bring_no_markup_into_pages(site: Guarded, tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    letter = docx.Document()
    letter.core_properties.title = SCRIPT
    letter.core_properties.author = HANDLER
    letter.add_heading(f"Orchard {HANDLER}", 1)
    letter.add_paragraph(f"The harvest of the orchard {SCRIPT} was good.")
    letter.add_table(rows=1, cols=1).cell(0, 0).text = HANDLER
    letter.save(str(folder / "letter.docx"))
    index_paths(site.library, [folder], "open")
    rita = site.browser("Rita")
    document = site.document("letter.docx")
    for address in (
        f"/documents/{document}", "/search?q=harvest", "/?q=Was+the+harvest+good%3F", "/documents",
    ):  # fmt: skip
        html = rita.get(address, headers=PAGES).text
        assert SCRIPT not in html
        assert "onerror" not in tags(html)
        assert "harvest" in html or address == "/documents"
    assert "alert" in rita.get(f"/documents/{document}").text


def test_drawings_with_scripts_are_handed_out_as_files_only(site: Guarded, tmp_path: Path) -> None:
    folder = tmp_path / "drawings"
    folder.mkdir()
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">{SCRIPT}</svg>'
    (folder / "drawing.html").write_text(f"<h1>Drawing of the mill</h1>{svg}{HANDLER}")
    index_paths(site.library, [folder], "open")
    rita = site.browser("Rita")
    document = site.document("drawing.html")
    with rita.get(f"/documents/{document}/original") as response:
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.mimetype == "application/octet-stream"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    html = rita.get(f"/documents/{document}").text
    assert "Drawing of the mill" in html
    assert SCRIPT not in html
    assert not re.search(r"\son(load|error)=", tags(html))


def test_diagrams_and_formulas_of_markdown_stay_text(site: Guarded, tmp_path: Path) -> None:
    folder = tmp_path / "markdown"
    folder.mkdir()
    (folder / "diagram.md").write_text(
        '# Diagram of the pump\n\n```mermaid\ngraph TD; A["<img src=x onerror=alert(1)>"]-->B\n'
        '%%{init: {"securityLevel": "loose"}}%%\n```\n\n'
        "$$\\href{javascript:alert(1)}{pump}$$ and $\\htmlData{x=1}{y}$\n\n"
        f"[link](javascript:alert(1)) ![{HANDLER}](data:text/html,{SCRIPT})\n"
    )
    index_paths(site.library, [folder], "open")
    rita = site.browser("Rita")
    html = rita.get(f"/documents/{site.document('diagram.md')}").text
    assert "Diagram of the pump" in html
    assert "mermaid" not in tags(html)
    assert "onerror" not in tags(html)
    assert not re.search(r'(?:href|src)="(?:javascript|data):', html)


def test_streamed_captions_arrive_as_text(site: Guarded, tmp_path: Path) -> None:
    folder = tmp_path / "alt"
    folder.mkdir()
    (folder / "note.md").write_text(
        f"# Windmill {HANDLER}\n\nThe windmill of Alder has four sails. ![{HANDLER}](sail.png)\n"
    )
    Image.new("RGB", (64, 64), (0, 200, 0)).save(folder / "sail.png")
    index_paths(site.library, [folder], "open")
    rita = site.browser("Rita")
    events = rita.send("/answer", q="How many sails does the windmill of Alder have?").text
    assert "four sails" in events
    for line in events.splitlines():
        if line.startswith("data: "):
            told = json.loads(line.removeprefix("data: "))
            assert "onerror" not in tags(told.get("html", ""))
    policy = rita.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_ids_of_collections_and_files_are_checked(site: Guarded) -> None:
    rita = site.browser("Rita")
    secret = site.document("secret.txt")
    for address in (
        f"/api/v1/documents/{secret}", f"/api/v1/documents/{secret}/pages/1",
        f"/documents/{secret}/original", "/api/v1/search?q=quillon&collection=closed",
        "/api/v1/documents?collection=closed", "/api/v1/documents/..%2f..%2fcatalog.sqlite",
        "/documents/%2e%2e/original", "/thumbnails/999999.jpg",
    ):  # fmt: skip
        with rita.get(address) as response:
            assert response.status_code == 404, address
            assert b"quillon of" not in response.data
    both = rita.get("/api/v1/search?q=quillon&collection=open&collection=closed")
    assert both.status_code == 404


@pytest.mark.parametrize(
    "value",
    [
        "' OR 1=1 --", "open') OR ('1'='1", '{"$ne": null}', "*", "%", "../closed", "[a-z]*",
        "text/*' UNION SELECT password FROM person --",
    ],
)  # fmt: skip
def test_filters_are_values_and_never_conditions(site: Guarded, value: str) -> None:
    client, headers = site.app.test_client(), site.bearer("Rita")
    for name in ("folder", "type", "place", "camera", "language", "after", "collection"):
        response = client.get(
            "/api/v1/search", query_string={"q": "quillon gate", name: value}, headers=headers
        )
        assert response.status_code in {200, 400, 404}, (name, response.text)
        assert SECRET not in response.text
        assert "scrypt" not in response.text
        if response.status_code == 200:
            hits = response.json["hits"]
            assert {hit["document"]["collection"] for hit in hits} <= {"open"}


def test_names_of_uploads_lead_nowhere(site: Guarded) -> None:
    client = site.app.test_client()
    home = site.library.settings.home
    before = {path for path in home.parent.rglob("*") if home not in path.parents}
    for name in (
        "../../escaped.txt",
        "/etc/escaped.txt",
        "..\\..\\escaped.txt",
        ".ssh/escaped.txt",
    ):
        data = {"collection": "open", "files": (io.BytesIO(b"A note that wanders."), name)}
        response = client.post("/api/v1/documents?wait=1", data=data, headers=site.bearer("Ed"))
        assert response.status_code in {200, 400}, response.text
    after = {path for path in home.parent.rglob("*") if home not in path.parents}
    assert after == before
    uploads = site.library.settings.upload_folder.resolve()
    for document in site.engine.documents("open", 0, 100).documents:
        path = Path(document.ref.path)
        if path.name == "escaped.txt":
            assert uploads in path.resolve().parents


def test_a_link_that_is_shared_opens_nothing_by_itself(site: Guarded) -> None:
    client = site.app.test_client()
    body = {"question": "What colour was the gate painted?", "conversation": "new"}
    kept = client.post("/api/v1/ask", json=body, headers=site.bearer("Rita")).json["conversation"]
    address = f"/conversations/{kept}"
    assert client.get(address).status_code == 401
    assert client.get(address, headers=site.bearer("Ed")).status_code == 404
    stranger = site.app.test_client()
    for secret in (kept, digest(kept), f"slt_{kept}"):
        headers = {"Authorization": f"Bearer {secret}"}
        assert stranger.get("/api/v1/me", headers=headers).status_code == 401
        stranger.set_cookie("sightline-key", secret)
        assert stranger.get("/api/v1/me").status_code == 401


def test_a_form_of_very_many_parts_is_refused(site: Guarded) -> None:
    client = site.app.test_client()
    parts = {f"field{number}": "x" for number in range(3000)}
    response = client.post(
        "/api/v1/similar", data=parts, headers=site.bearer("Rita"),
        content_type="multipart/form-data",
    )  # fmt: skip
    assert response.status_code == 413
    long = {"q": "x" * 5_000_000}
    response = client.post("/api/v1/ask", data=long, headers=site.bearer("Rita"))
    assert response.status_code == 413


class _Listener(BaseHTTPRequestHandler):
    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(200)
        self.end_headers()


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and what it was asked for."""
    seen: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Listener", (_Listener,), {"seen": seen}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


def test_no_field_and_no_document_makes_the_server_fetch_an_address(
    site: Guarded,
    tmp_path: Path,
    listener: tuple[str, list[str]],
) -> None:
    url, seen = listener
    client, headers = site.app.test_client(), site.bearer("Ed")
    for name in ("q", "image", "crop", "like", "text", "collection", "folder", "box"):
        client.post("/api/v1/similar", data={name: f"{url}/{name}"}, headers=headers)
        client.get("/api/v1/search", query_string={name: f"{url}/{name}"}, headers=headers)
    picture = (io.BytesIO(f"{url}/photo.png".encode()), f"{url}/photo.png")
    client.post("/api/v1/similar", data={"image": picture}, headers=headers)
    folder = tmp_path / "linked"
    folder.mkdir()
    (folder / "page.html").write_text(
        f'<base href="{url}/"><img src="{url}/i.png"><link rel=stylesheet href="{url}/s.css">'
        f'<iframe src="{url}/f"></iframe><p>A page with pictures from elsewhere.</p>'
    )
    (folder / "note.md").write_text(f"![picture]({url}/m.png) A note with a picture.")
    (folder / "feed.xml").write_text(
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{url}/e">]><x>An entity: &e;</x>'
    )
    index_paths(site.library, [folder], "open")
    client.get("/?q=page+with+pictures", headers={**headers, **PAGES})
    assert seen == []
