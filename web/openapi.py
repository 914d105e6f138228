"""The OpenAPI 3.1 document of the HTTP API, made from its routes and their descriptions.

https://spec.openapis.org/oas/v3.1.1.html
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, get_args, get_type_hints, is_typeddict

import msgspec
from flask import Flask
from werkzeug.routing import Rule

from web import shapes
from web.describe import FORMS, JSON, Operation, View, operation_of
from web.errors import MEDIA_TYPE

PREFIX = "/api/v1"
EVENTS_TYPE = "text/event-stream"

_REF = "#/components/schemas/{name}"
_CONVERTERS = {"int": {"type": "integer", "minimum": 0}}
_PLACE = re.compile(r"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_ABOUT = """Search, similar pictures and cited answers over your own documents and photos.

A parameter that a route does not know is refused with 400. Lists come stretch by stretch, by
`offset` and `limit`, with the address of the `next` one. Boxes are fractions of the page or photo,
origin top left. Every error is a problem (RFC 9457)."""


def routes(app: Flask) -> Iterator[tuple[Rule, str, View]]:
    """Each route and method of the API with its view, by address."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.rule.startswith(f"{PREFIX}/"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method.lower(), app.view_functions[rule.endpoint]


def document(app: Flask) -> dict[str, Any]:
    """The whole document. Routes that describe nothing are left out; a test forbids them."""
    described = [
        (rule, method, view, operation)
        for rule, method, view in routes(app)
        if (operation := operation_of(view)) is not None
    ]
    schemas = _Schemas([operation for *_, operation in described])
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, view, operation in described:
        address = _PLACE.sub(r"{\g<name>}", rule.rule)
        paths.setdefault(address, {})[method] = _operation(rule, method, view, operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sightline",
            "version": version("sightline"),
            "description": _ABOUT,
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": {
                "Problem": {
                    "description": "Not carried out; the detail says why and what to do.",
                    "content": {MEDIA_TYPE: {"schema": schemas.of(shapes.Problem)}},
                }
            },
        },
    }


class _Schemas:
    """JSON Schemas of the shapes in use, fields in the order in which they are written."""

    def __init__(self, operations: list[Operation]) -> None:
        wanted: list[Any] = [shapes.Problem]
        for operation in operations:
            parts = [operation.returns, operation.query, operation.form, operation.json]
            parts += [*operation.others.values(), *operation.events.values()]
            wanted += [part for part in parts if part is not None]
        self._kinds = list(dict.fromkeys(wanted))
        self._refs, found = msgspec.json.schema_components(self._kinds, ref_template=_REF)
        # What an address or a form takes is spread over its fields.
        spread = {part for each in operations for part in (each.query, each.form) if part}
        closed = {each.json for each in operations if each.json}
        self._fields = {kind: found[kind.__name__]["properties"] for kind in spread}
        self.components = {
            kind.__name__: _component(found[kind.__name__], kind, closed=kind in closed)
            for kind in sorted(_with_inner(self._kinds), key=lambda kind: kind.__name__)
            if kind not in spread
        }

    def of(self, kind: Any) -> dict[str, Any]:
        """A reference to the schema of a shape."""
        return self._refs[self._kinds.index(kind)]

    def fields(self, kind: Any) -> dict[str, dict[str, Any]]:
        """The schema of each field of what a query or a form takes."""
        return {name: self._fields[kind][name] for name in _names(kind)}


def _names(kind: Any) -> list[str]:
    """The keys of a TypedDict as they are written, those that narrow a search at the end."""
    narrowing = get_type_hints(shapes.Narrowing)
    return sorted(get_type_hints(kind), key=narrowing.__contains__)


def _component(schema: dict[str, Any], kind: Any, *, closed: bool) -> dict[str, Any]:
    """``closed``: it is something that requests hold, where unknown keys are refused."""
    properties = {name: schema["properties"][name] for name in _names(kind)}
    return schema | {"properties": properties} | ({"additionalProperties": False} if closed else {})


def _with_inner(kinds: Iterable[Any]) -> set[Any]:
    """The TypedDicts among ``kinds``, and all that their fields are made of."""
    found: set[Any] = set()
    for kind in kinds:
        inner = get_type_hints(kind).values() if is_typeddict(kind) else get_args(kind)
        found |= ({kind} if is_typeddict(kind) else set()) | _with_inner(inner)
    return found


def _operation(
    rule: Rule, method: str, view: View, operation: Operation, schemas: _Schemas
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": f"{method}_{rule.endpoint.replace('.', '_')}",
        "tags": [rule.rule.removeprefix(f"{PREFIX}/").split("/")[0]],
        "summary": operation.summary,
    }
    if told := inspect.getdoc(view):
        found["description"] = told
    parameters = [*_places(rule), *_query(operation, schemas)]
    if parameters:
        found["parameters"] = parameters
    if body := _body(operation, schemas):
        found["requestBody"] = body
    found["responses"] = _responses(operation, schemas)
    return found


def _places(rule: Rule) -> Iterator[dict[str, Any]]:
    for place in _PLACE.finditer(rule.rule):
        yield {
            "name": place["name"],
            "in": "path",
            "required": True,
            "schema": _CONVERTERS.get(place["converter"] or "", {"type": "string"}),
        }


def _query(operation: Operation, schemas: _Schemas) -> Iterator[dict[str, Any]]:
    if operation.query is None:
        return
    required: frozenset[str] = operation.query.__required_keys__
    for name, schema in schemas.fields(operation.query).items():
        yield {
            "name": name,
            "in": "query",
            **({"required": True} if name in required else {}),
            "description": schema.get("description", ""),
            "schema": {key: value for key, value in schema.items() if key != "description"},
        }


def _body(operation: Operation, schemas: _Schemas) -> dict[str, Any] | None:
    content: dict[str, Any] = {}
    if operation.json:
        content[JSON] = {"schema": schemas.of(operation.json)}
    if operation.form:
        fields = schemas.fields(operation.form)
        schema: dict[str, Any] = {"type": "object", "properties": fields}
        if required := sorted(operation.form.__required_keys__):
            schema["required"] = required
        content[FORMS[0]] = {"schema": schema}
        plain = {name: field for name, field in fields.items() if not _is_file(field)}
        if not set(fields) - set(plain) & operation.form.__required_keys__:
            content[FORMS[1]] = {"schema": schema | {"properties": plain}}
    return {"required": True, "content": content} if content else None


def _is_file(schema: dict[str, Any]) -> bool:
    return "contentMediaType" in schema or "contentMediaType" in schema.get("items", {})


def _responses(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    content: dict[str, Any] = {each: {} for each in operation.files}
    if operation.returns is not None:
        content[JSON] = {"schema": schemas.of(operation.returns)}
    if operation.events:
        told = [f"`{name}`: {kind.__name__}" for name, kind in operation.events.items()]
        content[EVENTS_TYPE] = {
            "schema": {
                "type": "string",
                "description": f"Server-sent events, each with one JSON object: {', '.join(told)}.",
            },
            "x-events": {name: schemas.of(kind) for name, kind in operation.events.items()},
        }
    done: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if content:
        done["content"] = content
    problem = {"$ref": "#/components/responses/Problem"}
    found = {str(int(operation.status)): done}
    for status, kind in operation.others.items():
        found[str(int(status))] = {
            "description": HTTPStatus(status).phrase,
            "content": {JSON: {"schema": schemas.of(kind)}},
        }
    found["default"] = problem
    if operation.queued:
        found["503"] = {
            **_problem_response(schemas),
            "description": "Too much to do; or a model that cannot be had.",
            "headers": {
                "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
            },
        }
    return found


def _problem_response(schemas: _Schemas) -> dict[str, Any]:
    return {"content": {MEDIA_TYPE: {"schema": schemas.of(shapes.Problem)}}}
