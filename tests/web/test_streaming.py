"""Answers as server-sent events."""

import json
import threading
from collections.abc import Iterator

from flask.testing import FlaskClient

from retriever.domain import Answer, AnswerEvent, Draft, Query
from retriever.errors import GeneratorUnavailable
from tests.web.fake_engine import FakeEngine

EVENTS = {"Accept": "text/event-stream"}
QUESTION = {"question": "How often is the filter cleaned?"}


def events(body: str) -> list[tuple[str, dict[str, object]]]:
    found = []
    for part in body.split("\n\n")[:-1]:
        name, data = part.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_citations_come_with_the_sentence_that_they_support(client: FlaskClient) -> None:
    response = client.post("/api/v1/ask", json=QUESTION, headers=EVENTS)
    assert response.mimetype == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    found = events(response.text)
    names = [name for name, _ in found]
    assert names[0] == "draft"
    assert names[1] == "statement"
    assert names[-1] == "answer"
    statement, answer = found[1][1], found[-1][1]
    assert statement["sentence"] == answer["sentences"][0]  # type: ignore[index]
    assert statement["citations"] == answer["citations"][:1]  # type: ignore[index]


def test_last_event_is_what_comes_without_streaming(client: FlaskClient) -> None:
    streamed = events(client.post("/api/v1/ask", json=QUESTION, headers=EVENTS).text)[-1][1]
    assert streamed == client.post("/api/v1/ask", json=QUESTION).get_json()


def test_form_of_the_ask_page_gets_the_markup_of_its_answer(client: FlaskClient) -> None:
    response = client.post("/answer", data={"q": QUESTION["question"]}, headers=EVENTS)
    name, data = events(response.text)[-1]
    assert name == "answer"
    assert "every three months" in str(data["html"])
    assert "<html" not in str(data["html"])


def test_refusal_brings_the_nearest_hits_along(client: FlaskClient) -> None:
    response = client.post("/answer", data={"q": "zebra stripes"}, headers=EVENTS)
    assert [name for name, _ in events(response.text)] == ["answer"]


def test_empty_question_is_an_ordinary_error(client: FlaskClient) -> None:
    assert client.post("/answer", data={"q": " "}, headers=EVENTS).status_code == 400


def test_failure_before_the_first_event_is_an_ordinary_error(
    client: FlaskClient, engine: FakeEngine
) -> None:
    def unreachable(query: Query, **_: object) -> Iterator[AnswerEvent]:
        raise GeneratorUnavailable("model", cause=query.text, remedy="start it")
        yield

    engine.stream = unreachable  # type: ignore[method-assign]
    response = client.post("/api/v1/ask", json=QUESTION, headers=EVENTS)
    assert response.status_code == 503
    assert response.mimetype == "application/problem+json"


def test_failure_on_the_way_ends_in_an_error_event(client: FlaskClient, engine: FakeEngine) -> None:
    def breaking(query: Query, **_: object) -> Iterator[AnswerEvent]:
        yield Draft(text="The filter")
        raise GeneratorUnavailable("model", cause="it went away", remedy="start it")

    engine.stream = breaking  # type: ignore[method-assign]
    found = events(client.post("/api/v1/ask", json=QUESTION, headers=EVENTS).text)
    assert [name for name, _ in found] == ["draft", "error"]
    assert (found[1][1]["status"], found[1][1]["detail"]) == (
        503,
        "model: it went away; start it",
    )


def test_unknown_failure_tells_no_details(client: FlaskClient, engine: FakeEngine) -> None:
    def broken(query: Query, **_: object) -> Iterator[AnswerEvent]:
        yield Draft(text="The filter")
        raise RuntimeError("/home/anna/secret.txt")

    engine.stream = broken  # type: ignore[method-assign]
    text = client.post("/api/v1/ask", json=QUESTION, headers=EVENTS).text
    assert events(text)[-1][1]["status"] == 500
    assert "secret" not in text


def test_browser_that_goes_away_cancels_the_answer(client: FlaskClient, engine: FakeEngine) -> None:
    cancelled = threading.Event()

    def endless(query: Query, **_: object) -> Iterator[AnswerEvent]:
        try:
            while True:
                yield Draft(text=query.text)
        finally:
            cancelled.set()

    engine.stream = endless  # type: ignore[method-assign]
    response = client.post("/api/v1/ask", json=QUESTION, headers=EVENTS, buffered=False)
    assert next(iter(response.response)).startswith(b"event: draft")  # type: ignore[arg-type]
    response.close()
    assert cancelled.is_set()


def test_answer_without_accept_is_one_object(client: FlaskClient, engine: FakeEngine) -> None:
    asked = client.post("/api/v1/ask", json=QUESTION, headers={"Accept": "*/*"})
    assert asked.mimetype == "application/json"
    assert isinstance(engine.ask(Query(text="filter")), Answer)
