"""Headers, Host and Origin checks, the password, and escaping of document text."""

import base64
import io
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage

from tests.web.conftest import Browser
from tests.web.fake_engine import FakeEngine, draw_room, jpeg
from web import forms
from web.app import create_app
from web.settings import WebSettings


def page_addresses(engine: FakeEngine) -> list[str]:
    return [
        "/", "/?q=filter", "/search", "/search?q=filter+armchair", "/similar", "/similar?crop=1",
        "/documents", f"/documents/{engine.manual}", f"/documents/{engine.notes}", "/upload",
        "/status", "/nowhere", "/api/v1/status", "/healthz", "/thumbnails/1.jpg",
        f"/documents/{engine.manual}/pages/1.jpg", f"/documents/{engine.hostile}/original",
        "/static/app.css",
    ]  # fmt: skip


def test_every_response_carries_the_security_headers(
    client: FlaskClient, engine: FakeEngine
) -> None:
    for address in page_addresses(engine):
        with client.get(address) as response:
            assert response.headers["X-Content-Type-Options"] == "nosniff", address
            assert response.headers["Referrer-Policy"] == "same-origin"
            assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "Access-Control-Allow-Origin" not in response.headers
            policy = response.headers["Content-Security-Policy"]
            assert "unsafe" not in policy
            assert "default-src 'self'" in policy or "sandbox" in policy


def test_pages_hold_no_inline_script_style_or_handler(
    client: FlaskClient, engine: FakeEngine
) -> None:
    for address in page_addresses(engine)[:12]:
        html = client.get(address).text
        assert "<style" not in html
        for tag in re.findall(r"<[a-z][^>]*>", html):
            assert not re.search(r"\s(on\w+|style)=", tag.replace("&#34;", "")), (address, tag)
            if tag.startswith("<script"):
                assert 'src="/static/' in tag
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', html), address


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8077", "127.0.0.1:8077", "[::1]:8077", "LOCALHOST"]
)
def test_loopback_server_answers_to_its_own_names(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8077", "127.0.0.1.evil.example", "localhost.evil", "[::1"],
)
def test_loopback_server_refuses_other_names(client: FlaskClient, host: str) -> None:
    response = client.get("/api/v1/status", headers={"Host": host})
    assert response.status_code in {400, 421}
    assert b"documents" not in response.data


def test_a_name_can_be_allowed(engine: FakeEngine) -> None:
    client = create_app(engine, WebSettings(hosts="sight.example, other")).test_client()
    assert client.get("/healthz", headers={"Host": "sight.example"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_post_from_another_site_is_refused(
    client: FlaskClient, engine: FakeEngine, headers: dict[str, str]
) -> None:
    for address in ("/api/v1/ask", "/upload", "/search", "/"):
        response = client.post(address, json={"question": "filter"}, headers=headers)
        assert response.status_code == 403
    assert engine.queries == []


def test_post_from_our_own_page_or_a_program_is_taken(client: FlaskClient) -> None:
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    for headers in (own, {}):
        response = client.post("/api/v1/ask", json={"question": "filter"}, headers=headers)
        assert response.status_code == 200


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"me:{password}".encode()).decode()}


def test_password_is_asked_for_everywhere(engine: FakeEngine) -> None:
    client = create_app(engine, WebSettings(password="пароль")).test_client()
    assert client.get("/", headers=basic("wrong")).status_code == 401
    assert client.get("/healthz").status_code == 200
    for address in page_addresses(engine):
        if address == "/healthz":
            continue
        with client.get(address) as response:
            assert response.status_code == 401, address
            assert response.headers["WWW-Authenticate"].startswith("Basic ")
        with client.get(address, headers={"Authorization": "Bearer пароль"}) as response:
            assert response.status_code == 401
        with client.get(address, headers=basic("пароль")) as response:
            assert response.status_code != 401, address


def test_document_text_never_becomes_markup(client: FlaskClient, engine: FakeEngine) -> None:
    addresses = [
        "/?q=hostile+paragraph",
        "/search?q=hostile+paragraph",
        "/documents?q=script",
        f"/documents/{engine.hostile}?page=1&box=0,0,1,1&quote=Hostile",
        "/search?q=%3Cscript%3Ealert(9)%3C/script%3E%22onfocus=alert(1)",
        "/?q=%3Cscript%3Ealert(9)%3C/script%3E%22onfocus=alert(1)",
        "/documents/%3Cscript%3Ealert(9)",
    ]
    for address in addresses:
        html = client.get(address).text
        assert "script&gt;" in html, address
        assert not re.search(r"<script>|<img src=x|<b>bold", html), address
        assert 'href="javascript:' not in html
        assert "evil.example/</a>" not in html
        assert not re.search(r"<[^>]*\"onfocus=", html), address


def test_original_is_an_attachment_in_a_sandbox(client: FlaskClient, engine: FakeEngine) -> None:
    with client.get(f"/documents/{engine.hostile}/original") as response:
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.mimetype == "application/octet-stream"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert "\n" not in response.headers["Content-Disposition"]


def test_uploaded_names_cannot_leave_their_folder(
    client: FlaskClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    original = engine.upload

    def upload(collection, files):  # type: ignore[no-untyped-def]
        seen.extend((name, path.name, path.parent.exists()) for name, path in files)
        return original(collection, files)

    monkeypatch.setattr(engine, "upload", upload)
    names = ["../../etc/passwd.txt", "x.txt", "a\x00b\n.txt", ".txt/..", "x.t/xt"]
    response = client.post(
        "/upload",
        data={
            "new_collection": "new",
            "files": [(io.BytesIO(b"hello"), name) for name in names],
        },
    )
    assert response.status_code == 303
    assert [name for name, _, _ in seen][:2] == ["etc/passwd.txt", "x.txt"]
    for name, path, existed in seen:
        assert existed
        assert name.isprintable()
        assert not {"", ".", ".."} & set(name.split("/"))
        assert "\\" not in name
        assert re.fullmatch(r"\d{5}(\.\w+)?", path)


def test_file_names_lose_their_folders_and_control_characters() -> None:
    for given, kept in (
        ("C:\\windows\\x.txt", "x.txt"),
        ("../../x.txt", "x.txt"),
        ("a\x00b\r\n\u202e.txt", "ab.txt"),
        ("..", ""),
        ("", ""),
    ):
        assert forms.file_name(FileStorage(io.BytesIO(), given)) == kept


def test_upload_over_the_limit_is_refused_unread(engine: FakeEngine) -> None:
    settings = WebSettings(max_upload_bytes=10_000, max_image_bytes=100)
    client = Browser.of(engine, settings)
    file = (io.BytesIO(b"x" * 20_000), "a.txt")
    response = client.post("/upload", data={"new_collection": "n", "files": [file]})
    assert response.status_code == 413
    fits = (io.BytesIO(b"x" * 5_000), "a.txt")
    response = client.post("/upload", data={"new_collection": "n", "files": [fits]})
    assert response.status_code == 303


def test_images_are_private_and_revalidated(client: FlaskClient, engine: FakeEngine) -> None:
    for address in ("/thumbnails/1.jpg", f"/documents/{engine.manual}/pages/1.jpg?size=300"):
        first = client.get(address)
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304


def test_page_images_come_in_a_few_sizes_only(
    client: FlaskClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides: list[int] = []

    def page_image(document_id: str, number: int, max_side: int) -> bytes:
        sides.append(max_side)
        return jpeg(draw_room("#ffffff", "#000000", size=(40, 30)))

    monkeypatch.setattr(engine, "page_image", page_image)
    for size in (1, 241, 1400, 99_999):
        assert client.get(f"/documents/{engine.manual}/pages/1.jpg?size={size}").status_code == 200
    assert sides == [240, 480, 1400, 4000]


def test_a_form_without_the_token_of_its_page_is_refused(
    client: FlaskClient, engine: FakeEngine
) -> None:
    bare = client.application.test_client()
    for address in ("/", "/answer", "/search", "/similar", "/upload", "/conversations/delete"):
        for token in ("", "made-up"):
            response = bare.post(address, data={"q": "filter"}, headers={"X-CSRFToken": token})
            assert response.status_code == 403, address
            assert "expired" in response.text
    assert engine.queries == []


def test_the_token_of_one_browser_is_no_use_to_another(client: FlaskClient) -> None:
    page = client.application.test_client().get("/upload").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    other = client.application.test_client()
    other.get("/upload")
    assert other.post("/answer", data={"q": "filter", "csrf_token": token[1]}).status_code == 403
