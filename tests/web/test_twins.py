"""Each page names the address where its data is had as JSON, and it is there."""

import html
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.web.fake_engine import FakeEngine
from tests.web.guarded import PAGES, Guarded
from web.twins import TWINS

# Pages without data of their own.
_FORMS = {"people.sign_in"}


def twin_of(page: str) -> str | None:
    found = re.search(r'<link rel="alternate" type="application/json" href="([^"]+)"', page)
    return html.unescape(found[1]) if found else None


@pytest.mark.models
def test_every_page_has_a_twin_in_json(site: Guarded) -> None:
    client, headers = site.app.test_client(), site.bearer("Anna")
    asked = client.post(
        "/api/v1/ask", json={"question": "gate?", "conversation": "new"}, headers=headers
    )
    values = {
        "document_id": site.document("gate.txt"),
        "conversation_id": asked.get_json()["conversation"],
        "number": 1,
        "crop_id": 1,
        "person_id": 1,
        "filename": "app.css",
    }
    adapter = site.app.url_map.bind("localhost")
    without, seen = set(), set()
    for rule in site.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        page = address(adapter, rule, values)
        with client.get(page, headers={**headers, **PAGES}, buffered=True) as response:
            if response.mimetype != "text/html" or response.status_code != 200:
                continue
        seen.add(rule.endpoint)
        twin = twin_of(response.text)
        if twin is None:
            without.add(rule.endpoint)
            continue
        answer = client.get(twin, headers=headers)
        assert (answer.status_code, answer.mimetype) == (200, "application/json"), twin
    assert without == _FORMS & seen
    assert set(TWINS) <= seen


def address(adapter: object, rule: Rule, values: dict[str, object]) -> str:
    known = {name: values.get(name, 1) for name in rule.arguments}
    return str(adapter.build(rule.endpoint, known))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("page", "twin"),
    [
        ("/", "/api/v1/collections"),
        ("/?q=filter&utm=x", "/api/v1/ask?q=filter"),
        ("/search?q=filter&kind=crop", "/api/v1/search?kind=crop&q=filter"),
        ("/search?q=armchair&kind=objects", "/api/v1/find?q=armchair"),
        ("/search?q=a&type=pdf&type=text", "/api/v1/search?q=a&type=pdf&type=text"),
        ("/similar?crop=2", "/api/v1/similar?crop=2"),
    ],
)
def test_twin_is_asked_for_what_the_page_was(client: FlaskClient, page: str, twin: str) -> None:
    response = client.get(page)
    assert response.status_code == 200
    assert twin_of(response.text) == twin
    assert client.get(twin).status_code == 200


def test_page_of_a_document_leads_to_the_page_in_json(
    client: FlaskClient, engine: FakeEngine
) -> None:
    twin = twin_of(client.get(f"/documents/{engine.manual}?page=2").text)
    assert twin == f"/api/v1/documents/{engine.manual}/pages/2"
    assert client.get(twin).get_json()["page"] == 2


def test_what_was_posted_has_no_twin(client: FlaskClient) -> None:
    assert twin_of(client.post("/search", data={"q": "filter"}).text) is None
