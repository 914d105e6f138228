"""How much is done at once: what is too much waits for a while, or is told to come back.

Searching and answering, uploads and event streams each have a gate of their own, and the server
has a thread for everything that the gates let in and some to spare: what is light (files,
thumbnails, lists, health) never waits for what is not.
"""

import threading
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import ServiceUnavailable

from web import sse
from web.describe import operation_of
from web.settings import WebSettings

# Pages that search or ask when their address says what for.
_PAGES = frozenset(
    """
    pages.ask pages.answer pages.search pages.similar walking.search_hit walking.similar_hit
    """.split()
)
_UPLOADS = frozenset({"library.upload", "library_api.add_documents"})
_RETRY_SECONDS = 2
_SPARE_THREADS = 8  # for what is light


@dataclass(frozen=True, kw_only=True)
class Room:
    """How many may be inside a gate, how many may wait before it, and for how long."""

    inside: int
    waiting: int = 0
    seconds: float = 0.0


class Gate:
    """Lets in as many as there is room for. Thread-safe."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._slots = threading.Semaphore(room.inside)
        self._lock = threading.Lock()
        self._here = 0  # inside or waiting

    def enter(self) -> None:
        """Go in, perhaps after waiting; ServiceUnavailable where there is no room for that."""
        with self._lock:
            if self._here >= self._room.inside + self._room.waiting:
                raise _full()
            self._here += 1
        if not self._slots.acquire(timeout=self._room.seconds):
            with self._lock:
                self._here -= 1
            raise _full()

    def leave(self) -> None:
        self._slots.release()
        with self._lock:
            self._here -= 1


def _full() -> ServiceUnavailable:
    return ServiceUnavailable(
        "server: too many are asking at once; try again in a few seconds",
        retry_after=_RETRY_SECONDS,
    )


def rooms(settings: WebSettings) -> dict[str, Room]:
    """The room behind each gate."""
    return {
        "search": Room(inside=settings.threads, waiting=settings.queue, seconds=60.0),
        "upload": Room(inside=2, waiting=2, seconds=60.0),
        "stream": Room(inside=settings.streams),
    }


def threads(settings: WebSettings) -> int:
    """As many as can be busy or waiting at once, and some to spare."""
    return sum(room.inside + room.waiting for room in rooms(settings).values()) + _SPARE_THREADS


def install(app: Flask, settings: WebSettings) -> None:
    """Put the gates before the application's views; after the checks, which cost little."""
    gates = {name: Gate(room) for name, room in rooms(settings).items()}

    @app.before_request
    def enter() -> None:
        gate = gates.get(_lane())
        if gate is not None:
            gate.enter()
            g.gate = gate

    @app.after_request
    def stay(response: Response) -> Response:
        """A stream stays inside until it has ended, or was given up by its reader."""
        if response.is_streamed and "gate" in g:
            response.call_on_close(g.pop("gate").leave)
        return response

    @app.teardown_request
    def leave(_: BaseException | None) -> None:
        if "gate" in g:
            g.pop("gate").leave()


def _lane() -> str:
    """The gate that a request has to pass, "" for none."""
    endpoint = request.endpoint or ""
    operation = operation_of(current_app.view_functions.get(endpoint))
    if operation is not None and operation.queued:
        return "search"
    if operation is not None and operation.events and sse.wanted():
        return "stream"
    if endpoint in _UPLOADS:
        return "upload" if request.method == "POST" else ""
    asks = request.method == "POST" or request.query_string
    return "search" if endpoint in _PAGES and asks else ""
