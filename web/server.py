"""Runs the application under waitress until it is told to stop."""

import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from indexer.errors import InvalidSettings
from web import gate, logs
from web.app import create_app
from web.engine import Engine
from web.errors import MEDIA_TYPE, problem
from web.people import People
from web.settings import WebSettings

_DRAIN_SECONDS = 10.0  # for requests that are running when the server is told to stop
_POLL_SECONDS = 0.5
_SWITCH_SECONDS = 0.0005  # instead of Python's 0.005
_CONNECTIONS = 1000  # more than these wait to be accepted
_ENVELOPE = 1024 * 1024  # headers of upload parts


class Server:
    """A bound socket and the application behind it; ``run`` blocks until ``stop``."""

    def __init__(
        self,
        engine: Engine,
        settings: WebSettings,
        *,
        people: People | None = None,
        secret: bytes | None = None,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        """Bind at once. InvalidSettings when the address cannot be had, or stands open to others.

        ``people``, ``secret`` and ``ready`` as in :func:`web.app.create_app`.
        """
        app = create_app(engine, settings, people=people, secret=secret, ready=ready)
        self._socket = _listen(settings)
        # A browser loads many pictures at once; that they queue is no news.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._map: dict[int, Any] = {}
        self._stopping = threading.Event()
        self._server = create_server(
            logs.RequestLog(app),
            map=self._map,
            sockets=[self._socket],
            threads=gate.threads(settings),
            connection_limit=_CONNECTIONS,
            ident=None,
            max_request_body_size=max(settings.max_upload_bytes, settings.max_image_bytes)
            + _ENVELOPE,
            asyncore_use_poll=True,
            **_behind_proxy(settings),
        )
        self._server.channel_class = _Channel
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.url = f"http://{host}:{self._socket.getsockname()[1]}/"

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                wasyncore.loop(_POLL_SECONDS, use_poll=True, map=self._map, count=1)
            self._drain()
        finally:
            self._server.task_dispatcher.shutdown()
            wasyncore.close_all(self._map, ignore_all=True)

    def stop(self) -> None:
        """Make ``run`` return soon; may be called from any thread or signal handler."""
        self._stopping.set()

    def _drain(self) -> None:
        """Accept nobody new and let running requests finish, for a while."""
        self._server.del_channel()
        self._socket.close()
        deadline = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < deadline and any(
            channel.requests or channel.total_outbufs_len
            for channel in list(self._server.active_channels.values())
        ):
            wasyncore.loop(0.1, use_poll=True, map=self._map, count=1)


def _behind_proxy(settings: WebSettings) -> dict[str, Any]:
    """Waitress's arguments for a proxy in front; without one it drops such headers unread."""
    if not settings.proxy:
        return {}
    return {
        "trusted_proxy": settings.proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"},
    }


class _Refusal(ErrorTask):  # type: ignore[misc]
    """What cannot be read as a request, or is too large, told to programs like everything else."""

    def execute(self) -> None:
        error, path = self.request.error, getattr(self.request, "path", None) or ""
        if path.startswith("/api/"):
            self.status = f"{error.code} {error.reason}"
            told = json.dumps(problem(error.code, "", f"request: {error.body}", path)).encode()
            self.response_headers.append(("Content-Type", MEDIA_TYPE))
            self.set_close_on_finish()
            self.content_length = len(told)
            self.write(told)
        else:
            super().execute()


class _Channel(HTTPChannel):  # type: ignore[misc]
    error_task_class = _Refusal


def serve(
    engine: Engine,
    settings: WebSettings,
    on_ready: Callable[[str], None] | None = None,
    *,
    people: People | None = None,
    secret: bytes | None = None,
    ready: Callable[[], bool] = lambda: True,
) -> None:
    """Serve until SIGTERM or SIGINT. ``on_ready`` gets the address once connections are taken.

    Raises InvalidSettings when the address cannot be had, or stands open to others.
    """
    logs.configure(settings.log)
    # A search lets go of the interpreter hundreds of times, and while files are indexed it would
    # wait so long for it each time.
    sys.setswitchinterval(_SWITCH_SECONDS)
    server = Server(engine, settings, people=people, secret=secret, ready=ready)
    with _stopped_by_signals(server):
        if on_ready is not None:
            on_ready(server.url)
        server.run()


@contextmanager
def _stopped_by_signals(server: Server) -> Iterator[None]:
    """A second signal of the same kind has its usual effect, for whoever cannot wait."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, previous[signal.Signals(number)])
        server.stop()

    for number in previous:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _listen(settings: WebSettings) -> socket.socket:
    place = f"{settings.host}:{settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as exc:
        raise InvalidSettings(
            place, cause=f"no such address ({exc.strerror})", remedy="set SIGHTLINE_WEB_HOST"
        ) from exc
    try:
        if os.name == "posix":  # elsewhere the option lets two programs share the address
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Two programs may bind one address with SO_REUSEADDR; only one of them may listen.
        listener.listen(128)
    except OSError as exc:
        listener.close()
        raise InvalidSettings(
            place,
            cause=f"the address cannot be used ({exc.strerror})",
            remedy="stop the other program or set SIGHTLINE_WEB_PORT",
        ) from exc
    return listener
