"""The only place that maps errors to HTTP: problem+json for programs, a page for people.

Problem details: RFC 9457.
"""

import json
import re
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    NotFound,
    RequestEntityTooLarge,
)
from werkzeug.wrappers import Response as BaseResponse

from indexer import errors as indexer_errors
from indexer.errors import SightlineError
from retriever.errors import GeneratorUnavailable
from web.language import said, texts

MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[SightlineError], int] = {
    indexer_errors.InvalidInput: 400,
    indexer_errors.NotFound: 404,
    indexer_errors.SpaceMismatch: 409,
    indexer_errors.LimitExceeded: 413,
    indexer_errors.UnsupportedFormat: 415,
    indexer_errors.UnreadableDocument: 422,
    indexer_errors.EncoderUnavailable: 503,
    GeneratorUnavailable: 503,
    indexer_errors.OutOfResources: 503,
    indexer_errors.ParserUnavailable: 503,
    indexer_errors.CatalogTooNew: 503,
    indexer_errors.CatalogUnavailable: 503,
}


def status_of(error: SightlineError) -> int:
    """The HTTP status of an error, by its nearest listed class; 500 when none is listed."""
    for cls in type(error).__mro__:
        if cls in STATUS:
            return STATUS[cls]
    return 500


def register_errors(app: Flask) -> None:
    @app.errorhandler(SightlineError)
    def known(error: SightlineError) -> BaseResponse:
        status = status_of(error)
        if status >= 500:
            app.logger.error("%s %s: %s", request.method, request.path, error)
        return _respond(status, kind=type(error).__name__, detail=str(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> BaseResponse:
        detail = error.description or ""
        if error.description == NotFound.description:
            detail = "there is no such page; check the address"
        if isinstance(error, RequestEntityTooLarge):
            limit = request.max_content_length
            size = f" of {limit // (1024 * 1024)} MiB" if limit else ""
            detail = f"request: it is larger than the limit{size}; send fewer or smaller files"
        response = _respond(error.code or 500, kind="", detail=detail)
        for name, value in error.get_headers():
            if name.casefold() not in {"content-type", "content-length"}:
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> BaseResponse:
        # Details stay in the log: they may hold paths, text of documents or questions.
        app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
        detail = "server: something went wrong; see its log, then try again"
        return _respond(InternalServerError.code, kind="", detail=detail)


def _respond(status: int, *, kind: str, detail: str) -> BaseResponse:
    if request.path.startswith("/api/"):
        text = json.dumps(problem(status, kind, said(detail)), ensure_ascii=False)
        return Response(text, status=status, content_type=MEDIA_TYPE)
    heading = texts().get(f"error_{status}") or texts()("error_other")
    page = render_template("error.html", status=status, heading=heading, detail=said(detail))
    return make_response(page, status)


def problem(status: int, kind: str, detail: str, path: str | None = None) -> dict[str, Any]:
    """Problem details of the current request, or of one for ``path``.

    ``kind``: the error's class, "" for none of ours.
    """
    return {
        "type": f"urn:sightline:problem:{_slug(kind)}" if kind else "about:blank",
        "title": _title(status, kind),
        "status": status,
        "detail": detail,
        "instance": request.path if path is None else path,
    }


def _title(status: int, kind: str) -> str:
    if kind:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
        return words.capitalize()
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _slug(kind: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).lower()
