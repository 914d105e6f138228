"""The HTTP API: shapes, parameters, problems."""

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer.domain import BoundingBox
from tests.web.fake_engine import FakeEngine, draw_room, jpeg
from web.app import create_app
from web.settings import WebSettings

HIT_KEYS = {
    "rank", "kind", "score", "document", "page", "box", "text", "caption", "thumbnail", "rankings",
    "matched", "more",
}  # fmt: skip


def photo_part(data: bytes | None = None) -> tuple[io.BytesIO, str]:
    return io.BytesIO(jpeg(draw_room("#ffffff", "#b3402e")) if data is None else data), "a.jpg"


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = json.loads(response.data)
    assert set(body) == {"type", "title", "status", "detail", "instance"}
    assert body["status"] == status
    return body


def test_search_has_the_documented_shape(client: FlaskClient, engine: FakeEngine) -> None:
    body = client.get("/api/v1/search?q=filter+blocked&k=3").get_json()
    assert set(body) == {"query", "hits", "weak", "next"}
    assert body["query"] == "filter blocked"
    assert body["weak"] is False
    hit = body["hits"][0]
    assert set(hit) >= HIT_KEYS
    assert [hit["rank"] for hit in body["hits"]] == [1, 2]
    assert set(hit["document"]) >= {"id", "path", "title", "type"}
    assert hit["document"]["id"] == engine.manual
    assert hit["text"].startswith("E17")
    assert hit["page"] == 2
    assert all(round(value, 5) == value and 0 <= value <= 1 for value in hit["box"])
    assert [(each["name"], each["rank"]) for each in hit["rankings"]] == [("bm25", 1), ("text", 2)]


def test_thumbnail_is_the_crop_or_the_page_or_null(client: FlaskClient, engine: FakeEngine) -> None:
    crop = client.get("/api/v1/search?q=armchair&kind=crop").get_json()["hits"][0]
    assert crop["thumbnail"] == f"/thumbnails/{crop['id']}.jpg"
    passage = client.get("/api/v1/search?q=filter").get_json()["hits"][0]
    assert passage["thumbnail"] == f"/documents/{engine.manual}/pages/2.jpg?size=480"
    note = client.get("/api/v1/search?q=cellar").get_json()["hits"][0]
    assert note["thumbnail"] is None
    for hit in (crop, passage):
        assert client.get(hit["thumbnail"]).mimetype == "image/jpeg"


def test_search_passes_its_parameters_on(client: FlaskClient, engine: FakeEngine) -> None:
    client.get("/api/v1/search?q=x&k=7&kind=chunk&collection=home&collection=photos")
    query = engine.queries[-1]
    assert (query.text, query.limit, query.kind) == ("x", 7, "chunk")
    assert query.collections == ("home", "photos")


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("/api/v1/search", "question"),
        ("/api/v1/search?q=%20", "question"),
        ("/api/v1/search?q=a&k=many", "k"),
        ("/api/v1/search?q=a&k=0", "k"),
        ("/api/v1/search?q=a&k=201", "k"),
        ("/api/v1/search?q=a&kind=video", "kind"),
    ],
)
def test_bad_parameter_is_a_400_that_names_it(
    client: FlaskClient, address: str, named: str
) -> None:
    body = problem(client.get(address), 400)
    assert body["detail"].startswith(f"{named}:")
    assert body["type"] == "urn:sightline:problem:invalid-input"
    assert body["instance"] == "/api/v1/search"


def test_similar_passes_photo_box_and_words_on(client: FlaskClient, engine: FakeEngine) -> None:
    data = {"image": photo_part(), "box": "0.5,0.3,0.9,0.9", "text": "green", "k": "2"}
    body = client.post("/api/v1/similar", data=data).get_json()
    assert len(body["hits"]) == 2
    query = engine.queries[-1]
    assert query.box == BoundingBox(x0=0.5, y0=0.3, x1=0.9, y1=0.9)
    assert query.text == "green"
    assert query.image is not None
    assert query.image[:2] == b"\xff\xd8"


def test_similar_to_a_crop_finds_that_crop_first(client: FlaskClient, engine: FakeEngine) -> None:
    crop = next(crop for crop in engine.crops.values() if crop.kind == "object")
    body = client.post("/api/v1/similar", data={"crop": str(crop.id)}).get_json()
    assert body["hits"][0]["id"] == crop.id
    assert engine.queries[-1].box == crop.box


def test_similar_without_photo_is_refused(client: FlaskClient) -> None:
    assert problem(client.post("/api/v1/similar", data={"text": "chair"}), 400)


@pytest.mark.parametrize("box", ["1,2", "0,0,nan,1", "0.5,0.5,0.1,0.9", "0,0,2,2", "a,b,c,d"])
def test_box_outside_the_photo_is_refused(client: FlaskClient, box: str) -> None:
    response = client.post("/api/v1/similar", data={"image": photo_part(), "box": box})
    assert problem(response, 400)["detail"].startswith("box:")


def test_undecodable_photo_is_unprocessable(client: FlaskClient) -> None:
    response = client.post("/api/v1/similar", data={"image": photo_part(b"not a picture")})
    assert problem(response, 422)["title"] == "Unreadable document"


def test_ask_has_the_documented_shape(client: FlaskClient, engine: FakeEngine) -> None:
    body = client.post(
        "/api/v1/ask",
        json={"question": "How often is the filter cleaned?", "collection": "manuals"},
    ).get_json()
    documented = {"question", "refused", "text", "sentences", "citations", "generator"}
    assert set(body) == documented | {"conversation", "groundedness", "note", "searched"}
    assert body["refused"] is False
    assert body["sentences"][0] == {
        "text": "The filter must be cleaned every three months.",
        "citations": [1],
        "supported": True,
    }
    citation = body["citations"][0]
    assert set(citation) >= {"n", "kind", "document", "page", "box", "quote", "boxes"}
    assert (citation["n"], citation["page"]) == (1, 2)
    assert citation["document"]["id"] == engine.manual
    assert engine.queries[-1].collections == ("manuals",)


def test_ask_refuses_what_is_not_there(client: FlaskClient) -> None:
    body = client.post("/api/v1/ask", json={"question": "zebra stripes"}).get_json()
    assert body["refused"] is True
    assert body["citations"] == []


def test_ask_takes_a_photo_as_multipart(client: FlaskClient, engine: FakeEngine) -> None:
    client.post("/api/v1/ask", data={"question": "filter", "image": photo_part()})
    assert engine.queries[-1].image is not None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"question": 3}', b'{"question": ""}'])
def test_ask_with_a_malformed_body_is_a_400(client: FlaskClient, body: bytes) -> None:
    problem(client.post("/api/v1/ask", data=body, content_type="application/json"), 400)


def test_status_has_the_documented_shape(client: FlaskClient) -> None:
    body = client.get("/api/v1/status").get_json()
    assert set(body) >= {"documents", "chunks", "crops", "failed", "models"}
    assert set(body["models"]) == {"clip", "text", "reranker", "generator"}
    assert set(body["failed"][0]) == {"path", "cause", "remedy"}


def test_document_page_gives_blocks_with_their_lines(
    client: FlaskClient, engine: FakeEngine
) -> None:
    body = client.get(f"/api/v1/documents/{engine.manual}/pages/2").get_json()
    assert body["pages"] == 3
    block = body["blocks"][1]
    line = block["lines"][0]
    assert block["text"][line["start"] : line["end"]].startswith("Rinse the outdoor grille")
    assert client.get("/api/v1/documents?collection=manuals").get_json()["total"] == 1


def test_missing_things_are_404(client: FlaskClient, engine: FakeEngine) -> None:
    problem(client.get("/api/v1/nothing"), 404)
    problem(client.get("/api/v1/documents/none/pages/1"), 404)
    problem(client.get(f"/api/v1/documents/{engine.manual}/pages/99"), 404)
    problem(client.get("/api/v1/documents?collection=none"), 404)
    problem(client.post("/api/v1/similar", data={"crop": "999"}), 404)


def test_wrong_method_is_a_problem_that_says_what_is_allowed(client: FlaskClient) -> None:
    response = client.delete("/api/v1/ask")
    problem(response, 405)
    assert "POST" in response.headers["Allow"]


def test_photo_over_the_limit_is_413(engine: FakeEngine) -> None:
    client = create_app(engine, WebSettings(max_image_bytes=1000)).test_client()
    response = client.post("/api/v1/similar", data={"image": photo_part(b"x" * 1001)})
    assert problem(response, 413)["title"] == "Limit exceeded"
    whole_request = client.post("/api/v1/similar", data={"image": photo_part(b"x" * 500_000)})
    assert "limit" in problem(whole_request, 413)["detail"]
    assert engine.queries == []


def test_long_question_is_413(client: FlaskClient) -> None:
    problem(client.post("/api/v1/ask", json={"question": "a" * 2001}), 413)


def test_unexpected_error_tells_nothing_of_its_cause(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(query: object) -> None:
        raise RuntimeError("secret path /home/someone")

    monkeypatch.setattr(engine, "search", broken)
    response = create_app(engine, WebSettings()).test_client().get("/api/v1/search?q=a")
    assert "secret" not in json.dumps(problem(response, 500))


def test_results_are_asked_for_one_to_a_document(client: FlaskClient, engine: FakeEngine) -> None:
    client.get("/api/v1/search?q=filter&group=document")
    assert engine.queries[-1].by_document
    client.get("/api/v1/search?q=filter")
    assert not engine.queries[-1].by_document
    body = problem(client.get("/api/v1/search?q=filter&group=page"), 400)
    assert "use document" in body["detail"]
