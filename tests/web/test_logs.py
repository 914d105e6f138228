"""The log of requests: what it tells, and what it never does."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from tests.web.fake_engine import FakeEngine
from web import logs
from web.app import create_app
from web.settings import WebSettings


class Written:
    """What has been written to standard error so far."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured = captured
        self._text = ""

    @property
    def text(self) -> str:
        self._text += self._captured.readouterr().err
        return self._text

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Written]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Written(capsys)
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("sightline.requests").setLevel(logging.NOTSET)


class Reader(Client):
    """Reads each answer to its end, as a server sends it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, buffered=True, **kwargs)


def client(engine: FakeEngine) -> Client:
    return Reader(logs.RequestLog(create_app(engine, WebSettings())))


def test_each_request_is_one_line_of_json(engine: FakeEngine, written: Written) -> None:
    logs.configure("json")
    browser = client(engine)
    response = browser.get("/api/v1/search?q=blocked+filter")
    browser.get(f"/documents/{engine.manual}/pages/2.jpg")
    browser.get("/static/app.css")
    browser.get("/nowhere")
    found = written.lines
    assert [(each["method"], each["path"], each["status"]) for each in found] == [
        ("GET", "/api/v1/search", 200),
        ("GET", f"/documents/{engine.manual}/pages/2.jpg", 200),
        ("GET", "/static/app.css", 200),
        ("GET", "/nowhere", 404),
    ]
    assert found[0]["bytes"] == len(response.data)
    assert found[0]["ms"] > 0
    assert found[0]["id"] == response.headers["X-Request-ID"]
    assert set(found[0]) == {"time", "level", "id", "method", "path", "status", "ms", "bytes"}


def test_neither_questions_nor_addresses_that_open_something_are_told(
    engine: FakeEngine, written: Written
) -> None:
    logs.configure("json")
    browser = client(engine)
    browser.post("/api/v1/ask", json={"question": "secret question", "conversation": "new"})
    browser.get("/api/v1/conversations/talk-1")
    browser.get("/?q=secret+question", headers={"Authorization": "Basic c2VjcmV0OnNlY3JldA=="})
    assert "secret" not in written.text
    assert "talk-1" not in written.text
    assert written.lines[1]["path"] == "/api/v1/conversations/…"


def test_stream_is_told_of_when_it_has_ended(engine: FakeEngine, written: Written) -> None:
    logs.configure("json")
    headers = {"Accept": "text/event-stream"}
    response = client(engine).post("/api/v1/ask", json={"question": "filter?"}, headers=headers)
    assert written.lines[0]["bytes"] == len(response.data) > 0


def test_id_of_a_proxy_is_kept_and_anything_else_replaced(engine: FakeEngine) -> None:
    browser = client(engine)
    kept = browser.get("/healthz", headers={"X-Request-ID": "abc-1"})
    assert kept.headers["X-Request-ID"] == "abc-1"
    replaced = browser.get("/healthz", headers={"X-Request-ID": "a b"})
    assert replaced.headers["X-Request-ID"] not in {"a b", ""}


def test_text_is_one_line_that_a_terminal_does_not_obey(
    engine: FakeEngine, written: Written
) -> None:
    logs.configure("text")
    client(engine).get("/%1b[2J%0anowhere")
    (line,) = written.text.splitlines()
    assert " GET /" in line
    assert "\x1b" not in line


def test_errors_are_lines_of_json_too(engine: FakeEngine, written: Written) -> None:
    logs.configure("json")
    logging.getLogger("web").error("GET %s failed", "/x", exc_info=ValueError("why"))
    (line,) = written.lines
    assert line["message"] == "GET /x failed"
    assert "ValueError: why" in line["trace"]
