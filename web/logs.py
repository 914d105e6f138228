"""One line for each request: of the question, the documents and the secrets in it, nothing.

Parts of an address that may be somebody's words or open something are left out, and so is all
that follows its question mark.
"""

import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import ClosingIterator

HEADER = "X-Request-ID"

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PLACE = re.compile(r"<(?:(?:\w+:)?)(\w+)>")
# What may be told: numbers and hashes, and the names of our own files.
_TOLD = frozenset({"document_id", "number", "crop_id", "filename"})
_LONGEST_PATH = 200
_requests = logging.getLogger("sightline.requests")


class RequestLog:
    """A WSGI application that gives each answer an id and tells of it when it has been sent."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        began = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        told = {
            "id": request_id,
            "method": environ.get("REQUEST_METHOD", ""),
            "path": "",
            "status": 0,
            "ms": 0.0,
            "bytes": 0,
        }

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            told["status"] = int(status.split(" ", 1)[0])
            told["bytes"] = next((int(v) for k, v in headers if k.lower() == "content-length"), 0)
            return start_response(status, [*headers, (HEADER, request_id)], exc_info)

        def done() -> None:
            told["path"] = self._path(environ)
            told["ms"] = round(1000 * (time.perf_counter() - began), 1)
            _requests.info("", extra={"told": told})

        body = self._app(environ, start)
        if not _requests.isEnabledFor(logging.INFO):
            return body
        file = environ.get("wsgi.file_wrapper")
        if isinstance(file, type) and isinstance(body, file):
            done()  # the server sends it by itself, without a thread
            return body
        close = getattr(body, "close", lambda: None)
        parts = body if told["bytes"] else _counted(body, told)
        return ClosingIterator(parts, [close, done])

    def _path(self, environ: dict[str, Any]) -> str:
        """The address by its route; what leads nowhere as it is, shortened."""
        try:
            rule, places = self._app.url_map.bind_to_environ(environ).match(return_rule=True)
        except HTTPException:
            return str(environ.get("PATH_INFO", ""))[:_LONGEST_PATH]
        return _PLACE.sub(
            lambda place: str(places[place[1]]) if place[1] in _TOLD else "…", rule.rule
        )


def _counted(body: Iterable[bytes], told: dict[str, Any]) -> Iterator[bytes]:
    for part in body:
        told["bytes"] += len(part)
        yield part


def configure(kind: str) -> None:
    """Write the log to standard error, one of ``settings.LOGS``: lines of text or of JSON."""
    if kind == "off":
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if kind == "json" else _Text())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    _requests.setLevel(logging.INFO)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"time": _time(record), "level": record.levelname.lower()}
        if told := getattr(record, "told", None):
            line |= told
        else:
            line |= {"from": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        if told := getattr(record, "told", None):
            path = "".join(
                each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in told["path"]
            )
            return (
                f"{_time(record)} {told['method']} {path} {told['status']} "
                f"{told['ms']} ms {told['bytes']} bytes {told['id']}"
            )
        message = f"{_time(record)} {record.levelname.lower()} {record.getMessage()}"
        return f"{message}\n{self.formatException(record.exc_info)}" if record.exc_info else message


def _time(record: logging.LogRecord) -> str:
    seconds = time.gmtime(record.created)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', seconds)}.{int(record.msecs):03}Z"
