"""The running server: readiness, stopping, an occupied port."""

import os
import signal
import threading
import urllib.error
import urllib.request

import pytest

from indexer.errors import CatalogUnavailable, InvalidSettings
from tests.web.fake_engine import FakeEngine
from web.app import create_app
from web.server import Server, serve
from web.settings import WebSettings


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as response:
        body: bytes = response.read()
    return body.decode()


def test_serves_until_told_to_stop_and_finishes_running_requests(engine: FakeEngine) -> None:
    started, release = threading.Event(), threading.Event()
    original = engine.status

    def slow_status():  # type: ignore[no-untyped-def]
        started.set()
        release.wait(20)
        return original()

    engine.status = slow_status  # type: ignore[method-assign]
    server = Server(engine, WebSettings(port=0))
    runner = threading.Thread(target=server.run)
    runner.start()
    bodies: list[str] = []
    caller = threading.Thread(target=lambda: bodies.append(get(server.url + "api/v1/status")))
    try:
        assert get(server.url + "healthz") == "ok\n"
        caller.start()
        assert started.wait(20)
    finally:
        server.stop()
        release.set()
    caller.join(20)
    runner.join(20)
    assert not runner.is_alive()
    assert '"documents"' in bodies[0]


def test_health_tells_whether_it_is_ready(engine: FakeEngine) -> None:
    loaded = threading.Event()
    client = create_app(engine, WebSettings(), ready=loaded.is_set).test_client()
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (503, "starting\n")
    loaded.set()
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok\n")

    def locked(offset: int, limit: int) -> None:
        raise CatalogUnavailable("catalogue", cause="it is damaged", remedy="restore it")

    engine.conversations = locked  # type: ignore[assignment]
    broken = client.get("/healthz")
    assert (broken.status_code, broken.text) == (503, "the catalogue cannot be read\n")


def test_sigterm_stops_serve(engine: FakeEngine) -> None:
    addresses: list[str] = []

    def ready(url: str) -> None:
        addresses.append(url)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    serve(engine, WebSettings(port=0), ready)
    assert addresses[0].startswith("http://127.0.0.1:")
    assert signal.getsignal(signal.SIGTERM) == before


def test_occupied_port_is_refused_in_one_line(engine: FakeEngine) -> None:
    server = Server(engine, WebSettings(port=0))
    port = int(server.url.rstrip("/").rsplit(":", 1)[1])
    try:
        with pytest.raises(InvalidSettings, match="SIGHTLINE_WEB_PORT") as caught:
            Server(engine, WebSettings(port=port))
        assert "\n" not in str(caught.value)
    finally:
        server.stop()
        server.run()


def test_only_a_named_proxy_tells_where_a_request_comes_from(engine: FakeEngine) -> None:
    forwarded = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": "sight.example",
        "X-Forwarded-Proto": "https",
    }
    for proxy, status in (("", 200), ("127.0.0.1", 421)):
        server = Server(engine, WebSettings(port=0, proxy=proxy))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            request = urllib.request.Request(f"{server.url}healthz", headers=forwarded)
            try:
                with urllib.request.urlopen(request) as response:
                    found = response.status
            except urllib.error.HTTPError as refused:
                found = refused.code
                refused.close()
            assert found == status
        finally:
            server.stop()
            thread.join()
    with pytest.raises(InvalidSettings, match="no IP address"):
        WebSettings(proxy="nginx")
