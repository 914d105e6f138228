"""The API's document, and the page that shows it to people."""

import json
import shlex
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from web import openapi
from web.describe import FORMS, JSON, describes

# A reference to a component ends in its name.
_Schema = dict[str, Any]
Words = list[tuple[str, str]]  # pieces of text, each with the shape it names or ""

_KNOWN = "openapi"  # in the application's extensions


def build_reference() -> Blueprint:
    reference = Blueprint("reference", __name__)

    @reference.get("/api/v1/openapi.json")
    @describes("This document", files=(JSON,))
    def openapi_document() -> Response:
        return jsonify(_document())

    @reference.get("/api")
    def api() -> str:
        document = _document()
        schemas = document["components"]["schemas"]
        return render_template(
            "reference.html",
            groups=_groups(document, request.host_url.rstrip("/")),
            shapes={name: _shape(schema) for name, schema in schemas.items()},
        )

    return reference


def _document() -> dict[str, Any]:
    """Made when it is first asked for: all routes are known by then."""
    known: dict[str, Any] = current_app.extensions
    if _KNOWN not in known:
        known[_KNOWN] = openapi.document(current_app)
    found: dict[str, Any] = known[_KNOWN]
    return found


def _groups(document: dict[str, Any], host: str) -> dict[str, list[dict[str, Any]]]:
    """Operations as the page shows them, by the first part of their address."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {})
            shown = {
                "id": operation["operationId"],
                "method": method.upper(),
                "path": path,
                "summary": operation["summary"],
                "description": operation.get("description", ""),
                "fields": list(_fields(operation, body, document)),
                "answers": _answers(operation),
                "curl": curl(method, host + path, operation, body, document),
            }
            groups.setdefault(operation["tags"][0], []).append(shown)
    return groups


def _fields(
    operation: dict[str, Any], body: dict[str, Any], document: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Everything that a request may carry, with the place it stands in."""
    for each in operation.get("parameters", ()):
        yield {
            "name": each["name"],
            "place": each["in"],
            "kind": words(each["schema"]),
            "required": each.get("required", False),
            "about": each.get("description", ""),
        }
    for media, place in ((JSON, "json"), (FORMS[0], "form")):
        schema = _resolved(body.get(media, {}).get("schema", {}), document)
        for name, field in schema.get("properties", {}).items():
            yield {
                "name": name,
                "place": place,
                "kind": words(field),
                "required": name in schema.get("required", ()),
                "about": field.get("description", ""),
            }


def _answers(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Status, media type and shape of what comes back, and the events where there are any."""
    found = []
    for status, answer in operation["responses"].items():
        for media, content in answer.get("content", {}).items():
            found.append(
                {
                    "status": status,
                    "media": media,
                    "kind": words(content.get("schema", {})),
                    "events": {
                        name: words(schema) for name, schema in content.get("x-events", {}).items()
                    },
                }
            )
    return found


def _shape(schema: _Schema) -> dict[str, Any]:
    return {
        "about": schema.get("description", ""),
        "fields": [
            {"name": name, "kind": words(field), "about": field.get("description", "")}
            for name, field in schema.get("properties", {}).items()
        ],
    }


def words(schema: _Schema) -> Words:
    """A type in the words of JSON: ``[Hit]``, ``integer 1…200``, ``string | null``."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return [(name, name)]
    if "anyOf" in schema:
        return _joined([words(each) for each in schema["anyOf"]])
    if "enum" in schema:
        return _joined([[(json.dumps(value, ensure_ascii=False), "")] for value in schema["enum"]])
    if "contentMediaType" in schema:
        return [("file", "")]
    if schema.get("type") == "array":
        return [("[", ""), *words(schema.get("items", {})), ("]", "")]
    if isinstance(values := schema.get("additionalProperties"), dict):
        return [("{string: ", ""), *words(values), ("}", "")]
    return [(f"{schema.get('type', 'any')}{_range(schema)}", "")]


def _joined(parts: list[Words]) -> Words:
    found: Words = []
    for part in parts:
        found += [(" | ", ""), *part] if found else part
    return found


def _range(schema: _Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" {low}…{high}" if high < 2**31 else f" ≥ {low}"
    if low is not None:
        return f" ≥ {low}"
    if high is not None:
        return f" ≤ {high}"
    return f" ≤ {schema['maxLength']}" if "maxLength" in schema else ""


def curl(
    method: str,
    address: str,
    operation: dict[str, Any],
    body: dict[str, Any],
    document: dict[str, Any],
) -> str:
    """A command that does it, with the values that the document gives as examples."""
    for each in operation.get("parameters", ()):
        if each["in"] == "path":
            example = "1" if each["schema"]["type"] == "integer" else each["name"].upper()
            address = address.replace(f"{{{each['name']}}}", example)
    asked = {
        each["name"]: _example(each["schema"])
        for each in operation.get("parameters", ())
        if each["in"] == "query" and "examples" in each["schema"]
    }
    parts = ["curl", *(["-G"] if asked else []), *_verb(method, body), shlex.quote(address)]
    parts += [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in asked.items()]
    if JSON in body:
        schema = _resolved(body[JSON]["schema"], document)
        sent = json.dumps(_examples(schema), ensure_ascii=False)
        parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(sent)}"]
    elif FORMS[0] in body:
        schema = body[FORMS[0]]["schema"]
        parts += [f"-F {shlex.quote(f'{name}=@photo.jpg')}" for name in _files(schema)]
        given = _examples(schema).items()
        parts += [f"-F {shlex.quote(f'{name}={value}')}" for name, value in given]
    return " ".join(parts)


def _verb(method: str, body: dict[str, Any]) -> list[str]:
    return [] if method == "get" or (method == "post" and body) else [f"-X {method.upper()}"]


def _examples(schema: _Schema) -> dict[str, Any]:
    fields = schema.get("properties", {}).items()
    return {name: _example(field) for name, field in fields if "examples" in field}


def _example(schema: _Schema) -> Any:
    value = schema["examples"][0]
    return value[0] if isinstance(value, list) else value


def _files(schema: _Schema) -> list[str]:
    return [
        name
        for name, field in schema["properties"].items()
        if words(field) in ([("file", "")], [("[", ""), ("file", ""), ("]", "")])
    ]


def _resolved(schema: _Schema, document: dict[str, Any]) -> _Schema:
    if "$ref" not in schema:
        return schema
    found: _Schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return found
