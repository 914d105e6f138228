"""Whatever goes wrong under /api/v1 is a problem (RFC 9457), and says what to do."""

import http.client
import json
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from tests.web.fake_engine import FakeEngine
from web.app import create_app
from web.server import Server
from web.settings import WebSettings

JSON = "application/json"


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = json.loads(response.data)
    assert set(body) == {"type", "title", "status", "detail", "instance"}
    assert body["status"] == status
    assert body["detail"]
    assert "\n" not in body["detail"]
    return body


@pytest.mark.parametrize(
    ("status", "method", "path", "parts"),
    [
        (400, "GET", "/api/v1/search", {}),
        (400, "GET", "/api/v1/search?q=a&kind=video", {}),
        (400, "GET", "/api/v1/search?q=a&group=page", {}),
        (400, "GET", "/api/v1/search?q=a&orientation=round", {}),
        (400, "GET", "/api/v1/search?q=a&after=2021-02-30", {}),
        (400, "GET", "/api/v1/search?q=a&type=!", {}),
        (400, "GET", "/api/v1/search?q=a&near=1,2", {}),
        (400, "GET", "/api/v1/search?q=a&min_size=big", {}),
        (400, "GET", "/api/v1/search?q=a&unknown=1", {}),
        (400, "GET", "/api/v1/documents?limit=0", {}),
        (400, "GET", "/api/v1/documents?offset=-1", {}),
        (400, "GET", "/api/v1/similar?crop=many", {}),
        (400, "GET", "/api/v1/conversations/talk-1/export?format=pdf", {}),
        (400, "POST", "/api/v1/ask", {"data": b"{", "content_type": JSON}),
        (400, "POST", "/api/v1/ask", {"data": b"[" * 100_000, "content_type": JSON}),
        (400, "POST", "/api/v1/ask", {"data": b"\xff\xfe", "content_type": JSON}),
        (400, "POST", "/api/v1/ask", {"json": {"question": ["a"]}}),
        (400, "POST", "/api/v1/ask", {"json": {"question": "a", "collection": 3}}),
        (400, "POST", "/api/v1/ask", {"json": {"question": "a", "conversation": "../x"}}),
        (404, "GET", "/api/v1/nowhere", {}),
        (404, "GET", "/api/v1/conversations/none", {}),
        (404, "GET", "/api/v1/documents/none/pages/1", {}),
        (404, "GET", "/api/v1/documents/none/pages/one", {}),
        (404, "DELETE", "/api/v1/conversations/none", {}),
        (405, "PUT", "/api/v1/search", {}),
        (405, "DELETE", "/api/v1/status", {}),
        (413, "GET", f"/api/v1/search?q={'a' * 2001}", {}),
        (413, "POST", "/api/v1/ask", {"data": b" " * 1_100_000, "content_type": JSON}),
        (415, "POST", "/api/v1/ask", {"data": b"a", "content_type": "text/plain"}),
        (415, "POST", "/api/v1/similar", {"json": {"crop": 1}}),
        (415, "POST", "/api/v1/ask", {"data": b"a"}),
        (421, "GET", "/api/v1/status", {"headers": {"Host": "evil.example"}}),
        (403, "POST", "/api/v1/ask", {"headers": {"Origin": "https://evil.example"}}),
    ],
)
def test_what_goes_wrong_is_a_problem(
    client: FlaskClient, status: int, method: str, path: str, parts: dict[str, Any]
) -> None:
    found = problem(client.open(path, method=method, **parts), status)
    assert found["instance"] == path.partition("?")[0]


def test_password_is_asked_for_in_a_problem(engine: FakeEngine) -> None:
    client = create_app(engine, WebSettings(password="open sesame")).test_client()
    response = client.get("/api/v1/status")
    problem(response, 401)
    assert "WWW-Authenticate" in response.headers


def test_half_a_character_in_json_is_replaced(client: FlaskClient, engine: FakeEngine) -> None:
    data = b'{"question": "filter \\ud83d"}'
    response = client.post("/api/v1/ask", data=data, content_type=JSON)
    assert response.status_code == 200
    assert engine.queries[-1].text == "filter ?"


def test_what_the_server_refuses_by_itself_is_a_problem_too(engine: FakeEngine) -> None:
    server = Server(engine, WebSettings(port=0, max_upload_bytes=1000, max_image_bytes=1000))
    runner = threading.Thread(target=server.run)
    runner.start()
    try:
        for path, media in (
            ("/api/v1/documents", "application/problem+json"),
            ("/upload", "text/plain; charset=utf-8"),
        ):
            connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
            connection.putrequest("POST", path)
            connection.putheader("Content-Length", str(10**9))
            connection.endheaders()
            response = connection.getresponse()
            assert (response.status, response.headers["Content-Type"]) == (413, media)
            body = response.read()
            connection.close()
            if media.endswith("json"):
                assert json.loads(body)["instance"] == path
    finally:
        server.stop()
        runner.join(30)
