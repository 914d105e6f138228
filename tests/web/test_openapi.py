"""The OpenAPI document says what the routes do, all of it."""

import html
import io
import json
import re
import shlex
from itertools import pairwise
from typing import Any, ClassVar

import jsonschema_rs
import pytest
from flask import Request
from flask.testing import FlaskClient
from werkzeug.datastructures import ImmutableMultiDict

from tests.web.fake_engine import FakeEngine, draw_room, jpeg
from tests.web.guarded import Guarded
from tests.web.test_contract import closed
from web import openapi
from web.app import create_app
from web.describe import FORMS, JSON, fields, operation_of
from web.reference import curl
from web.settings import WebSettings

PHOTO = jpeg(draw_room("#ffffff", "#b3402e"))


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    return closed(openapi.document(client.application))


def test_every_route_of_the_api_is_described(client: FlaskClient) -> None:
    undescribed = [
        f"{method} {rule.rule}"
        for rule, method, view in openapi.routes(client.application)
        if operation_of(view) is None
    ]
    assert undescribed == []


def test_everything_that_requests_and_answers_hold_is_explained(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            unexplained = [
                each["name"]
                for each in operation.get("parameters", ())
                if each["in"] == "query" and not each["description"]
            ]
            assert unexplained == [], (method, path)


def test_document_is_served_and_is_valid_openapi(client: FlaskClient) -> None:
    body = client.get("/api/v1/openapi.json").get_json()
    assert body["openapi"].startswith("3.1")
    names = re.findall(r"#/components/(\w+)/(\w+)", json.dumps(body))
    for part, name in set(names):
        assert name in body["components"][part]
    for schema in body["components"]["schemas"].values():
        jsonschema_rs.validator_for(rooted(schema, body))
    identifiers = [
        operation["operationId"] for each in body["paths"].values() for operation in each.values()
    ]
    assert len(identifiers) == len(set(identifiers))


def rooted(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The schema with the components that it refers to."""
    return {**schema, "components": document["components"]}


EXAMPLES: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/api/v1/search", {"query_string": {"q": "filter blocked"}}),
    ("GET", "/api/v1/search", {"query_string": {"q": "armchair", "kind": "crop"}}),
    ("GET", "/api/v1/find", {"query_string": {"q": "armchair"}}),
    ("GET", "/api/v1/find", {"query_string": {"q": "zebra"}}),
    ("GET", "/api/v1/similar", {"query_string": {"crop": 2}}),
    ("GET", "/api/v1/similar?document={photo}", {}),
    ("POST", "/api/v1/similar", {"data": {"image": "photo"}}),
    ("POST", "/api/v1/similar?document={photo}", {}),
    ("POST", "/api/v1/similar", {"data": {"crop": 2}}),
    ("GET", "/api/v1/ask", {"query_string": {"question": "How often is the filter cleaned?"}}),
    ("GET", "/api/v1/ask", {"query_string": {"q": "filter"}}),
    ("POST", "/api/v1/ask", {"data": {"q": "filter"}}),
    ("POST", "/api/v1/ask", {"json": {"question": "When is the filter cleaned?"}}),
    ("POST", "/api/v1/ask", {"data": {"question": "filter?", "image": "photo"}}),
    ("POST", "/api/v1/ask", {"json": {"question": "zebra stripes"}}),
    ("POST", "/api/v1/ask", {"json": {"question": "filter?", "conversation": "new"}}),
    ("GET", "/api/v1/conversations", {}),
    ("GET", "/api/v1/conversations/talk-1", {}),
    ("DELETE", "/api/v1/conversations/talk-1", {}),
    ("DELETE", "/api/v1/conversations", {}),
    ("GET", "/api/v1/status", {}),
    ("GET", "/api/v1/collections", {}),
    ("POST", "/api/v1/documents", {"data": {"files": "text"}}),
    ("POST", "/api/v1/documents", {"data": {"files": "text", "wait": "1"}}),
    ("GET", "/api/v1/jobs", {}),
    ("GET", "/api/v1/jobs/1", {}),
    ("POST", "/api/v1/jobs", {"json": {}}),
    ("POST", "/api/v1/jobs/3/retry", {}),
    ("DELETE", "/api/v1/jobs/4", {}),
    ("GET", "/api/v1/folders", {"query_string": {"below": "notes"}}),
    ("GET", "/api/v1/duplicates", {}),
    ("POST", "/api/v1/saved", {"json": {"question": "filter?", "type": "pdf"}}),
    ("GET", "/api/v1/saved", {}),
    ("PATCH", "/api/v1/saved/1", {"json": {"name": "The filter"}}),
    ("DELETE", "/api/v1/saved/1", {}),
    ("GET", "/api/v1/models", {}),
    ("GET", "/api/v1/health", {}),
    ("GET", "/api/v1/documents", {}),
    ("GET", "/api/v1/documents/{manual}", {}),
    ("GET", "/api/v1/documents/{manual}/pages/2", {}),
    ("GET", "/api/v1/documents/{photo}/pages/1", {}),
    ("PATCH", "/api/v1/collections/manuals", {"json": {"name": "papers"}}),
    ("DELETE", "/api/v1/documents/{photo}", {}),
    ("DELETE", "/api/v1/collections/photos", {}),
]


def test_answers_hold_what_is_described_and_nothing_else(
    client: FlaskClient, engine: FakeEngine, document: dict[str, Any]
) -> None:
    for state in ("done", "done", "failed", "running"):
        engine.shelf.add_job(state=state)
    for method, address, parts in EXAMPLES:
        path = address.format(manual=engine.manual, photo=engine.photos["hall"])
        response = client.open(path, method=method, **with_files(parts))
        described = operation(document, method, path)["responses"]
        assert str(response.status_code) in described, (method, path, response.text)
        content = described[str(response.status_code)]["content"]
        schema = content["application/json"]["schema"]
        jsonschema_rs.validate(rooted(schema, document), response.get_json())


def with_files(parts: dict[str, Any]) -> dict[str, Any]:
    """A request's parts, with a file for each that is only named."""
    files = {"photo": (PHOTO, "a.jpg"), "text": (b"The roof is green.", "roof.txt")}
    data = {
        name: (io.BytesIO(files[value][0]), files[value][1]) if value in files else value
        for name, value in parts.get("data", {}).items()
    }
    return {**parts, **({"data": data} if data else {})}


def operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    path = path.partition("?")[0]
    for pattern, methods in document["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path) and method.lower() in methods:
            found: dict[str, Any] = methods[method.lower()]
            return found
    raise AssertionError(f"{method} {path} is not in the document")


def success(operation: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The status of an answer that is no error, and what it may hold by media type."""
    status = min(each for each in operation["responses"] if each.isdecimal())
    return int(status), operation["responses"][status].get("content", {})


def test_every_described_answer_is_tried(document: dict[str, Any]) -> None:
    tried = {id(operation(document, method, path)) for method, path, _ in EXAMPLES}
    untried = [
        (method, path)
        for path, methods in document["paths"].items()
        for method, each in methods.items()
        if "schema" in success(each)[1].get("application/json", {}) and id(each) not in tried
    ]
    assert untried == []


class Noting(ImmutableMultiDict[str, str]):
    """Parameters that remember which of them were looked at."""

    looked_at: ClassVar[set[str]] = set()

    def __contains__(self, key: object) -> bool:
        self.looked_at.add(str(key))
        return super().__contains__(key)

    def getlist(self, key: str, type: Any = None) -> list[Any]:
        self.looked_at.add(key)
        return super().getlist(key, type) if type else super().getlist(key)


class NotingRequest(Request):
    parameter_storage_class = Noting


# Fields that are files: they are read from another place.
FILES = {"image", "files"}


def test_described_parameters_are_those_that_are_read(engine: FakeEngine) -> None:
    app = create_app(engine, WebSettings())
    app.request_class = NotingRequest
    client = app.test_client()
    described: dict[str, set[str]] = {}
    read: dict[str, set[str]] = {}
    for method, address, parts in EXAMPLES:
        path = address.format(manual=engine.manual, photo=engine.photos["hall"])
        endpoint, _ = app.url_map.bind("localhost").match(path.partition("?")[0], method=method)
        operation = operation_of(app.view_functions[endpoint])
        assert operation is not None
        described[endpoint] = set(fields(operation.query)) | set(fields(operation.form))
        Noting.looked_at.clear()
        client.open(path, method=method, **with_files(parts))
        read.setdefault(endpoint, set()).update(Noting.looked_at)
    for endpoint, names in described.items():
        assert names - FILES == read[endpoint] - FILES, endpoint


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("/api/v1/search?q=a&colection=home", "did you mean collection?"),
        ("/api/v1/documents?sort=2", "see /api"),
        ("/api/v1/status?q=a", "see /api"),
    ],
)
def test_unknown_parameter_is_refused(client: FlaskClient, address: str, hint: str) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert hint in response.get_json(force=True)["detail"]


def test_unknown_key_and_field_of_a_body_are_refused(client: FlaskClient) -> None:
    body = {"question": "filter?", "colection": "manuals"}
    refused = client.post("/api/v1/ask", json=body)
    assert refused.status_code == 400
    assert "did you mean collection?" in refused.get_json(force=True)["detail"]
    assert client.post("/api/v1/ask", data={"question": "a", "x": "b"}).status_code == 400
    narrowed = client.post("/api/v1/ask?collection=manuals", json={"question": "filter?"})
    assert narrowed.status_code == 400


def test_parameter_that_takes_one_value_is_refused_twice(client: FlaskClient) -> None:
    assert client.get("/api/v1/search?q=a&k=1&k=2").status_code == 400
    assert client.get("/api/v1/search?q=a&collection=x&collection=y").status_code == 200


def test_lists_lead_to_their_next_stretch(client: FlaskClient) -> None:
    found, address = [], "/api/v1/documents?limit=3&type=pdf"
    while address:
        body = client.get(address).get_json()
        found += body["documents"]
        assert (body["total"], body["limit"]) == (8, 3)
        address = body["next"]
        assert address is None or "type=pdf" in address
    assert len({each["id"] for each in found}) == 8


def test_hits_lead_to_further_ones(client: FlaskClient) -> None:
    whole = client.get("/api/v1/search?q=the+filter+paint+unit&k=50").get_json()
    found, address = [], "/api/v1/search?q=the+filter+paint+unit&k=2"
    while address:
        body = client.get(address).get_json()
        found += body["hits"]
        address = body["next"]
    assert len(whole["hits"]) > 2
    assert found == whole["hits"]
    assert client.get("/api/v1/similar?crop=2&k=3&offset=2").get_json()["hits"][0]["rank"] == 3


@pytest.mark.parametrize("language", ["en", "ru"])
def test_reference_page_shows_every_route_and_shape(client: FlaskClient, language: str) -> None:
    page = client.get("/api", headers={"Accept-Language": language}).text
    document = client.get("/api/v1/openapi.json").get_json()
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            assert f'id="{each["operationId"]}"' in page
            assert path in page
            assert f">{method.upper()}<" in page
    for name in document["components"]["schemas"]:
        assert f'id="shape-{name}"' in page
    assert len(page) < 300_000


def test_commands_of_the_reference_do_what_they_show(client: FlaskClient) -> None:
    page = html.unescape(client.get("/api").text)
    commands = re.findall(r"<code>(curl .*?)</code>", page)
    run = [
        command
        for command in commands
        if "-G" in command or ("Content-Type" in command and "-X" not in command)
    ]
    assert len(run) >= 5
    for command in run:
        response = client.open(**arguments(command))
        unknown = response.status_code == 404 and "=17" in command
        assert unknown or response.status_code < 300, (command, response.text)


def test_every_command_of_the_reference_holds_what_its_operation_takes(site: Guarded) -> None:
    document = closed(openapi.document(site.app))
    checked = 0
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            content = each.get("requestBody", {}).get("content", {})
            command = curl(method, f"http://localhost{path}", each, content, document)
            given = {value.partition("=")[0] for value in shlex.split(command)}
            needed = {one["name"] for one in each.get("parameters", ()) if one["in"] == "query"
                      and one.get("required")}  # fmt: skip
            if JSON in content:
                body = arguments(command)["json"]
                jsonschema_rs.validate(rooted(content[JSON]["schema"], document), body)
                checked += 1
            elif content:
                needed |= set(content[FORMS[0]]["schema"].get("required", ()))
            assert needed <= given, command
            if method == "post" and path in {"/api/v1/people", "/api/v1/tokens"}:
                client, who = site.app.test_client(), site.bearer("Anna")
                made = client.post(path, json=body, headers=who)
                assert made.status_code == 201, (command, made.text)
    assert checked >= 7


def arguments(command: str) -> dict[str, Any]:
    """What the test client needs to do what a curl command does."""
    words = shlex.split(command)[1:]
    found: dict[str, Any] = {"path": next(each for each in words if each.startswith("http"))}
    found["path"] = found["path"].removeprefix("http://localhost")
    given = [
        value.split("=", 1) for option, value in pairwise(words) if option == "--data-urlencode"
    ]
    if "-G" in words:
        return {**found, "query_string": given}
    return {**found, "method": "POST", "json": json.loads(words[words.index("-d") + 1])}
