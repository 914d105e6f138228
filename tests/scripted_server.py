"""An OpenAI-compatible server that says what a test tells it to, and misbehaves on request."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Exchange"], None]


@dataclass
class Script:
    """What the server does, and what it was asked."""

    reply: Reply
    models: list[str] = field(default_factory=lambda: ["scripted"])
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)


@dataclass
class Exchange:
    """One request and the ways to answer it."""

    handler: BaseHTTPRequestHandler
    script: Script
    asked: dict[str, Any]

    def head(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", kind)
        self.handler.send_header("Connection", "close")
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def raw(self, text: str) -> None:
        try:
            self.handler.wfile.write(text.encode())
            self.handler.wfile.flush()
        except OSError:
            self.script.cancelled.set()
            raise

    def piece(self, text: str | None, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
                 "choices": [choice]}  # fmt: skip
        self.raw(f"data: {json.dumps(chunk)}\n\n")

    def end(self) -> None:
        self.piece(None, "stop")
        self.raw("data: [DONE]\n\n")

    def wait(self, seconds: float) -> None:
        """Do nothing for so long, or until the test is over."""
        self.script.closing.wait(seconds)

    def json(self, value: object, status: int = 200) -> None:
        self.head(status, "application/json")
        self.raw(json.dumps(value))


def saying(text: str, *, size: int = 7) -> Reply:
    """Says ``text`` in pieces of ``size`` characters."""

    def reply(exchange: Exchange) -> None:
        exchange.head()
        for start in range(0, len(text), size):
            exchange.piece(text[start : start + size])
        exchange.end()

    return reply


@contextmanager
def serving(reply: Reply, **script: Any) -> Iterator[tuple[str, Script]]:
    """A server on a free port of 127.0.0.1: its base URL and its script."""
    told = Script(reply, **script)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def _note(self) -> None:
            told.paths.append(self.path)
            told.keys.append(self.headers.get("Authorization", ""))

        def do_GET(self) -> None:
            self._note()
            Exchange(self, told, {}).json(
                {
                    "object": "list",
                    "data": [{"id": name, "object": "model"} for name in told.models],
                }
            )

        def do_POST(self) -> None:
            self._note()
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.requests.append(asked)
            try:
                told.reply(Exchange(self, told, asked))
            except OSError:
                told.cancelled.set()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", told
    finally:
        told.closing.set()
        server.shutdown()
        server.server_close()
        time.sleep(0)
