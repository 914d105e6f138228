"""What a route of the HTTP API says of itself, and is held to.

A described route takes what its description names and nothing else: a misspelt filter would
otherwise search everything. :mod:`web.openapi` makes the document of all descriptions.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, wraps
from typing import Any, get_origin, get_type_hints

import msgspec
from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from indexer.errors import InvalidInput, LimitExceeded
from web import forms

JSON = "application/json"
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
# What forms of pages carry beside their fields.
_TOKENS = {"csrf_token": False}

View = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One route and method. The types are TypedDicts of ``web.shapes``.

    ``returns`` is the JSON of a successful answer, ``others`` that of other successful ones, by
    status; ``files`` are media types that come instead of
    it; ``events`` are those that come with ``Accept: text/event-stream``, by name.
    """

    summary: str
    returns: Any = None
    status: int = 200
    others: Mapping[int, Any] = field(default_factory=dict)
    query: Any = None
    form: Any = None
    json: Any = None
    files: tuple[str, ...] = ()
    events: Mapping[str, Any] = field(default_factory=dict)
    queued: bool = False


def describes(
    summary: str, *, max_bytes: int | None = None, **parts: Any
) -> Callable[[View], View]:
    """Describe a view of the API by the parts of an :class:`Operation`.

    Requests are refused with 400 for a parameter that is not described, with 415 for a body of
    another type; ``max_bytes`` bounds it.
    """
    operation = Operation(summary=summary, **parts)

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if max_bytes is not None:
                request.max_content_length = max_bytes
            _check_media_type(operation)
            _check_names(operation)
            return view(*args, **kwargs)

        checked.operation = operation  # type: ignore[attr-defined]
        return checked

    return decorate


def operation_of(view: object) -> Operation | None:
    """The description of a view, None if it has none."""
    found: Operation | None = getattr(view, "operation", None)
    return found


def media_types(operation: Operation) -> tuple[str, ...]:
    """Types of the body that a request may have."""
    return ((JSON,) if operation.json else ()) + (FORMS if operation.form else ())


def _check_media_type(operation: Operation) -> None:
    if request.method in {"GET", "HEAD"} or not (request.mimetype or request.content_length):
        return
    accepted = media_types(operation)
    if request.mimetype not in accepted:
        raise UnsupportedMediaType(
            f"request: a body of type {request.mimetype[:40] or 'none'!r} cannot be read here; "
            f"send {' or '.join(accepted) or 'none'}"
        )


def _check_names(operation: Operation) -> None:
    if operation.json and request.mimetype == JSON:
        body = forms.json_body()
        if isinstance(body, dict):
            _check_known(body, fields(operation.json))
            _check_shape(body, operation.json)
        _check_values(request.args, fields(operation.query))
        return
    in_address = fields(operation.query)
    if operation.form:
        in_address = in_address | fields(operation.form)  # they may stand there too
        _check_known(request.files, in_address.keys())
        _check_values(request.form, in_address | _TOKENS)
    _check_values(request.args, in_address)


def _check_shape(body: dict[str, Any], shape: Any) -> None:
    try:
        msgspec.convert(body, shape)
    except msgspec.ValidationError as exc:
        said, _, place = str(exc).replace("`", "").partition(" - at $.")
        name = place or "request"
        if "length <=" in said:
            raise LimitExceeded(name, cause=said.lower(), remedy="shorten it") from exc
        raise InvalidInput(name, cause=said.lower(), remedy="see /api for what it takes") from exc


def _check_values(given: MultiDict[str, str], known: Mapping[str, bool]) -> None:
    _check_known(given, known.keys())
    for name, values in given.lists():
        if len(values) > 1 and not known[name]:
            raise InvalidInput(name, cause="it is given twice", remedy="give it once")


@cache
def fields(shape: Any) -> dict[str, bool]:
    """The keys of a TypedDict, and whether each may be given several times; none of None."""
    hints = {} if shape is None else get_type_hints(shape)
    return {name: get_origin(hint) is list for name, hint in hints.items()}


def _check_known(given: Iterable[str | None], known: Iterable[str]) -> None:
    for each in given:
        name = each or ""  # parts of a form may lack one
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            remedy = f"did you mean {near[0]}?" if near else "see /api for those that are known"
            raise InvalidInput(name[:40] or "parameter", cause="no such parameter", remedy=remedy)
