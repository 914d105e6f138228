"""Where the data of a page is had as JSON: the alternate that each page names."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from web import library_shapes, links, shapes
from web.describe import fields

OBJECTS = "objects"  # the kind of result that is a place in a picture


def json_twin() -> str | None:
    """The address of the API that gives what the page of this request shows; None without one.

    What was posted, such as a photo, has no address.
    """
    twin = TWINS.get(request.endpoint or "")
    return twin() if twin is not None and request.method in {"GET", "HEAD"} else None


def _same(path: str, shape: Any = None) -> Callable[[], str]:
    """The twin at ``path``, asked for what the page was asked for as far as ``shape`` knows it."""
    return lambda: _address(path, shape)


def _address(path: str, shape: Any) -> str:
    places = {name: links.part(str(value)) for name, value in (request.view_args or {}).items()}
    given = {name: request.args.getlist(name) for name in fields(shape) if name in request.args}
    return links.with_fields(path.format(**places), **dict(sorted(given.items())))


def _ask() -> str:
    if request.args.get("q", "").strip():
        return _address("/api/v1/ask", shapes.AskQuery)
    return "/api/v1/collections"


def _search() -> str:
    if not request.args.get("q", "").strip():
        return "/api/v1/collections"
    if request.args.get("kind") == OBJECTS:
        return _address("/api/v1/find", shapes.FindQuery)
    return _address("/api/v1/search", shapes.SearchQuery)


def _similar() -> str:
    if not request.args.get("crop", "").strip():
        return "/api/v1/collections"
    return _address("/api/v1/similar", shapes.SimilarQuery)


def _document() -> str:
    number = request.args.get("page", "").strip() or "1"
    document = links.part(str((request.view_args or {}).get("document_id", "")))
    return f"/api/v1/documents/{document}/pages/{links.part(number)}"


# By the page's endpoint.
TWINS: Mapping[str, Callable[[], str]] = {
    "pages.ask": _ask,
    "pages.search": _search,
    "pages.similar": _similar,
    "library.documents": _same("/api/v1/folders", library_shapes.FolderQuery),
    "pages.document": _document,
    "pages.conversations": _same("/api/v1/conversations", shapes.Stretch),
    "pages.conversation": _same("/api/v1/conversations/{conversation_id}"),
    "library.upload": _same("/api/v1/collections"),
    "library.collections": _same("/api/v1/collections"),
    "library.jobs": _same("/api/v1/jobs", shapes.Stretch),
    "library.job": _same("/api/v1/jobs/{job_id}"),
    "library.duplicates": _same("/api/v1/duplicates", library_shapes.OfCollection),
    "library.saved": _same("/api/v1/saved"),
    "library.models": _same("/api/v1/models"),
    "library.status": lambda: f"/api/v1/{'health' if request.args.get('check') else 'status'}",
    "people.account": _same("/api/v1/me"),
    "people.everybody": _same("/api/v1/people"),
    "people.audit": _same("/api/v1/audit", shapes.Stretch),
    "reference.api": _same("/api/v1/openapi.json"),
}
