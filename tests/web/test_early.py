"""First results are shown before the final ones are looked for, in one response."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.errors import EncoderUnavailable
from retriever.domain import Query, SearchResult
from tests.web.fake_engine import FakeEngine
from web import early

BROWSER = {"Sec-Fetch-Mode": "navigate"}


def hits(html: str) -> list[str]:
    return re.findall(r'<h3><a href="([^"]+)', html)


def opened(client: FlaskClient, address: str) -> TestResponse:
    return client.get(address, headers=BROWSER, buffered=False)


def test_first_results_are_sent_before_the_final_ones_are_looked_for(
    client: FlaskClient, engine: FakeEngine
) -> None:
    parts = opened(client, "/search?q=filters+blocked").iter_encoded()
    first = next(parts).decode()
    assert [query.quick for query in engine.queries] == [True]
    assert hits(first)
    assert "looking closer" in first
    rest = b"".join(parts).decode()
    assert [query.quick for query in engine.queries] == [True, False]
    assert hits(rest) == hits(first)
    assert "closer look failed" not in first + rest
    whole = client.get("/search?q=filters+blocked").text
    assert rest == whole.partition(str(early.MARK))[2]
    ids = re.findall(r'\bid="([^"]+)"', first + rest)
    assert len(ids) == len(set(ids))


def test_first_results_stay_and_are_called_so_when_the_closer_look_fails(
    client: FlaskClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = engine.search

    def failing(query: Query) -> SearchResult:
        if query.quick:
            return search(query)
        raise EncoderUnavailable("onnx", cause="its SHA-256 is not the recorded one", remedy="x")

    monkeypatch.setattr(engine, "search", failing)
    parts = opened(client, "/search?q=filters+blocked").iter_encoded()
    first, rest = next(parts).decode(), b"".join(parts).decode()
    assert hits(first)
    assert hits(rest) == hits(first)
    assert "closer look failed" in rest
    assert rest.rstrip().endswith("</html>")


@pytest.mark.parametrize("address", ["/search", "/search?q=armchair&kind=objects"])
def test_what_has_no_quick_look_comes_at_once(
    client: FlaskClient, engine: FakeEngine, address: str
) -> None:
    response = opened(client, address)
    assert not response.is_streamed or "looking closer" not in response.text
    assert all(not query.quick for query in engine.queries)


def test_error_before_the_first_results_is_an_ordinary_one(
    client: FlaskClient, engine: FakeEngine
) -> None:
    response = opened(client, "/search?q=a&k=nonsense")
    assert response.status_code == 400
    assert not engine.queries
