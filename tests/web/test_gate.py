"""Too many at once: who waits, who is told to come back, and what is never held up."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any

import pytest
from flask.testing import FlaskClient

from retriever.domain import AnswerEvent, Draft, Query, SearchResult
from tests.web.fake_engine import FakeEngine
from web.app import create_app
from web.gate import Gate, Room, threads
from web.server import Server
from web.settings import WebSettings

NARROW = WebSettings(port=0, threads=2, queue=2, streams=2)


class SlowEngine(FakeEngine):
    """Searches last until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.inside = threading.Semaphore(0)

    def search(self, query: Query) -> SearchResult:
        self.inside.release()
        assert self.go.wait(30)
        return super().search(query)


@pytest.fixture
def slow() -> Iterator[SlowEngine]:
    engine = SlowEngine()
    yield engine
    engine.go.set()
    engine.close()


@contextmanager
def served(engine: FakeEngine, settings: WebSettings = NARROW) -> Iterator[str]:
    server = Server(engine, settings)
    runner = threading.Thread(target=server.run)
    runner.start()
    try:
        yield server.url.rstrip("/")
    finally:
        server.stop()
        runner.join(30)


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def headers(url: str) -> Message:
    """Of an answer that refuses."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url, timeout=30)
    with caught.value as answer:
        return answer.headers


def in_background(
    action: Callable[[], Any], times: int
) -> tuple[list[threading.Thread], list[Any]]:
    results: list[Any] = []
    runners = [threading.Thread(target=lambda: results.append(action())) for _ in range(times)]
    for runner in runners:
        runner.start()
    return runners, results


def test_what_is_too_much_is_told_to_come_back_and_the_rest_is_answered(slow: SlowEngine) -> None:
    with served(slow) as address:
        search = f"{address}/api/v1/search?q=filter"
        runners, results = in_background(lambda: status(search), 6)
        while len(results) < 2:  # two are inside, two wait, two are told to come back
            time.sleep(0.01)
        refused = headers(search)
        assert int(refused["Retry-After"]) > 0
        assert refused["Content-Type"] == "application/problem+json"
        assert headers(f"{address}/search?q=filter")["Content-Type"].startswith("text/html")
        slow.go.set()
        for runner in runners:
            runner.join(30)
    assert results == [503] * 2 + [200] * 4


def test_light_requests_pass_while_searches_fill_the_server(slow: SlowEngine) -> None:
    crop = next(iter(slow.crops))
    with served(slow) as address:
        runners, _ = in_background(lambda: status(f"{address}/api/v1/search?q=filter"), 12)
        for _ in range(2):
            assert slow.inside.acquire(timeout=30)
        for path in (
            "/healthz", "/static/app.css", f"/thumbnails/{crop}.jpg", "/", "/search",
            "/api/v1/documents", "/documents",
        ):  # fmt: skip
            assert status(address + path) == 200, path
        slow.go.set()
        for runner in runners:
            runner.join(30)


def test_place_is_free_again_after_an_error_and_after_a_stream_given_up(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(query: Query) -> None:
        raise RuntimeError("broken")

    def endless(query: Query, **_: object) -> Iterator[AnswerEvent]:
        while True:
            yield Draft(text="and")

    monkeypatch.setattr(engine, "search", broken)
    monkeypatch.setattr(engine, "stream", endless)
    settings = WebSettings(threads=1, queue=1)
    client = create_app(engine, settings).test_client()
    for _ in range(4):
        assert client.get("/api/v1/search?q=filter").status_code == 500
        assert client.get("/api/v1/search?q=filter&k=x").status_code == 400
        response = asked(client)
        assert next(iter(response.response)).startswith(b"event: draft")
        response.close()


def asked(client: FlaskClient) -> Any:
    headers = {"Accept": "text/event-stream"}
    return client.post("/api/v1/ask", json={"question": "filter?"}, headers=headers, buffered=False)


def test_stream_keeps_its_place_until_it_ends(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(query: Query, **_: object) -> Iterator[AnswerEvent]:
        while True:
            yield Draft(text="and")

    monkeypatch.setattr(engine, "stream", endless)
    monkeypatch.setattr("web.gate.rooms", lambda _: {"search": Room(inside=1)})
    app = create_app(engine, WebSettings())
    response = asked(app.test_client())
    next(iter(response.response))
    assert app.test_client().get("/api/v1/search?q=filter").status_code == 503
    response.close()
    assert app.test_client().get("/api/v1/search?q=filter").status_code == 200


def test_gate_gives_up_waiting() -> None:
    gate = Gate(Room(inside=1, waiting=1, seconds=0.05))
    gate.enter()
    began = time.monotonic()
    with pytest.raises(Exception, match="too many"):
        gate.enter()
    assert time.monotonic() - began >= 0.05
    gate.leave()
    gate.enter()


def test_server_has_a_thread_for_all_that_may_wait_and_some_to_spare() -> None:
    assert threads(WebSettings()) >= 8 + 16 + 16 + 4 + 4
