"""Queries by photo that are composed of several wishes, over HTTP and in the terminal."""

import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from indexer.domain import BoundingBox
from indexer.errors import InvalidInput
from retriever.domain import Query, SearchResult
from retriever.pipeline import Engine
from tests.web.fake_engine import FakeEngine, draw_room, jpeg
from web.cli import cli


def part(chair: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(jpeg(draw_room("#ffffff", chair))), "a.jpg"


def detail(client: FlaskClient, **data: Any) -> str:
    response = client.post("/api/v1/similar", data=data)
    assert response.status_code == 400
    return str(response.get_json()["detail"])


def test_everything_a_composed_query_may_hold_arrives(
    client: FlaskClient, engine: FakeEngine
) -> None:
    data = {
        "image": [part("#b3402e"), part("#2f6a4f")],
        "unlike": [part("#31538f"), "7"],
        "like": ["3", "4"],
        "text": "armchair",
        "without": "armrests",
        "text_weight": "0.5",
        "without_weight": "2",
        "unlike_weight": "1.5",
    }
    assert client.post("/api/v1/similar", data=data).status_code == 200
    query = engine.queries[-1]
    kinds = [(each.image is not None, each.crop, each.weight) for each in query.pictures]
    assert kinds == [
        (True, None, 1.0),
        (True, None, 1.0),
        (False, 3, 1.0),
        (False, 4, 1.0),
        (True, None, -1.5),
        (False, 7, -1.5),
    ]
    assert (query.text, query.without) == ("armchair", "armrests")
    assert (query.text_weight, query.without_weight) == (0.5, 2.0)


def test_hits_say_which_part_of_the_query_photo_they_are_like(client: FlaskClient) -> None:
    body = client.post("/api/v1/similar", data={"image": part("#b3402e")}).get_json()
    assert {"query_box"} <= body["hits"][0].keys()


@pytest.mark.parametrize(
    ("field", "value"),
    [("text_weight", "much"), ("unlike_weight", "-1"), ("without_weight", "nan"), ("like", "x")],
)
def test_bad_weight_or_id_is_refused_by_name(client: FlaskClient, field: str, value: str) -> None:
    said = detail(client, image=part("#b3402e"), unlike="7", **{field: value})
    assert "\n" not in said
    assert "out of range" in said or said.startswith(f"{field}:")


def test_query_that_only_avoids_is_refused(client: FlaskClient) -> None:
    assert detail(client, unlike=part("#b3402e")).startswith("photo: none was sent")


def test_page_keeps_the_words_to_avoid(client: FlaskClient, engine: FakeEngine) -> None:
    html = client.get("/similar?crop=2&without=armrests").text
    assert engine.queries[-1].without == "armrests"
    assert 'name="without" value="armrests"' in html


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Query]:
    queries: list[Query] = []

    def similar(_: Engine, query: Query) -> SearchResult:
        queries.append(query)
        return SearchResult(query="", hits=(), weak=True)

    monkeypatch.setattr(Engine, "similar", similar)
    return queries


def run(tmp_path: Path, *arguments: str) -> Any:
    return CliRunner().invoke(cli, ["--home", str(tmp_path / "home"), "similar", *arguments])


def test_terminal_takes_several_photos_and_what_to_avoid(
    tmp_path: Path, asked: list[Query]
) -> None:
    chair = tmp_path / "chair.jpg"
    chair.write_bytes(b"bytes of a photo")
    options = ["--box", "0,0,0.5,1", "--like", "crop:3", "--unlike", "document:ab"]
    words = ["--words", "green", "--without", "armrests", "--unlike-weight", "2"]
    run(tmp_path, str(chair), *options, *words)
    (query,) = asked
    first, second, third = query.examples
    assert first.image == b"bytes of a photo"
    assert first.box == BoundingBox(x0=0, y0=0, x1=0.5, y1=1)
    assert (second.crop, second.weight) == (3, 1.0)
    assert (third.document, third.weight) == ("ab", -2.0)
    assert (query.text, query.without, query.kind) == ("green", "armrests", "crop")


def test_terminal_refuses_a_missing_photo_and_a_weight_out_of_range(tmp_path: Path) -> None:
    assert run(tmp_path, str(tmp_path / "none.jpg")).exit_code == 2
    assert run(tmp_path, "crop:1", "--words-weight", "0").exit_code == 2


def test_terminal_refuses_a_query_of_nothing(tmp_path: Path) -> None:
    refused = run(tmp_path, "--without", "red").exception
    assert isinstance(refused, InvalidInput)
    assert "only says what not to find" in str(refused)
