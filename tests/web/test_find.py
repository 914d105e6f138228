"""Finding a thing by its name: in the HTTP API, on the command line, as outlined pictures."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from PIL import Image

from tests.web.fake_engine import FakeEngine, draw_room, jpeg
from web import cli, show

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    @contextmanager
    def opened(_: object) -> Iterator[FakeEngine]:
        yield engine

    monkeypatch.setattr(cli, "_engine", opened)
    return lambda *arguments: CliRunner().invoke(cli.cli, arguments, standalone_mode=False)


def test_places_have_the_shape_of_hits(client: FlaskClient, engine: FakeEngine) -> None:
    body = client.get("/api/v1/find?q=armchair").get_json()
    assert len(body["hits"]) == len(engine.photos)
    hit = body["hits"][0]
    assert hit["kind"] == "crop"
    assert 0 < hit["box"][0] < hit["box"][2] < 1
    assert client.get(hit["thumbnail"]).mimetype == "image/jpeg"
    assert (body["weak"], body["nearest"], body["note"]) == (False, [], "")
    assert body["looked_at"] == body["candidates"]
    assert body["detector"] == "fake"


def test_an_absent_thing_is_weak_and_has_nearest_photos(client: FlaskClient) -> None:
    body = client.get("/api/v1/find?q=zebra").get_json()
    assert (body["hits"], body["weak"]) == ([], True)
    assert len(body["nearest"]) == 3


def test_parameters_are_passed_on(client: FlaskClient, engine: FakeEngine) -> None:
    client.get("/api/v1/find?q=armchair&k=7&collection=photos&type=photo")
    (query,) = engine.queries
    assert (query.text, query.limit, query.collections) == ("armchair", 7, ("photos",))
    assert query.filters


def test_nothing_to_find_is_a_400(client: FlaskClient) -> None:
    assert client.get("/api/v1/find").status_code == 400


def test_the_command_lists_places_and_writes_the_pictures(
    invoke: Invoke, engine: FakeEngine, tmp_path: Path
) -> None:
    folder = tmp_path / "made" / "found"
    result = invoke("find", "armchair", "--save", str(folder))
    assert result.return_value == 0
    saved = sorted(folder.iterdir())
    assert len(saved) == len(engine.photos)
    hit = engine.find(engine.queries[0]).hits[0]
    picture = np.asarray(Image.open(saved[0]).convert("RGB"), np.int32)
    height, width = picture.shape[:2]
    left, top, right, _ = hit.box.pixels(width, height)
    edge = picture[top + 1, (left + right) // 2]
    assert np.abs(edge - (255, 64, 32)).max() < 60


def test_the_json_of_the_command_is_that_of_the_api(
    invoke: Invoke, client: FlaskClient, engine: FakeEngine
) -> None:
    result = invoke("find", "armchair", "--json")
    assert json.loads(result.stdout) == client.get("/api/v1/find?q=armchair").get_json()


def test_the_command_says_that_nothing_was_found_and_what_came_near(
    invoke: Invoke, engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    with show.out.capture() as printed:
        result = invoke("find", "white", "zebra")
    assert result.return_value == show.NOTHING_FOUND
    assert printed.get().startswith("no white zebra found; nearest: photos/")


def test_a_folder_that_cannot_be_made_is_one_clear_line(
    invoke: Invoke, engine: FakeEngine, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    result = invoke("find", "armchair", "--save", str(tmp_path / "file" / "found"))
    assert str(result.exception).startswith(str(tmp_path / "file" / "found"))


def test_the_page_shows_each_place_outlined_on_its_photo(
    client: FlaskClient, engine: FakeEngine
) -> None:
    page = client.get("/search?q=armchair&kind=objects").text
    # Two more are drawn by the photo that a search may start from, and in the dialog.
    assert page.count('class="region"') == len(engine.photos) + 2
    assert "Objects" in page


def test_the_page_says_that_a_thing_is_nowhere_and_shows_the_nearest(client: FlaskClient) -> None:
    page = client.get("/search?q=zebra&kind=objects").text
    assert "No such thing was found in any picture." in page
    assert page.count('<li class="hit') == 3


def test_a_photo_has_no_objects_to_look_for(client: FlaskClient) -> None:
    photo = (io.BytesIO(jpeg(draw_room("#ffffff", "#b3402e"))), "a.jpg")
    response = client.post("/search", data={"image": photo, "q": "lamp", "kind": "objects"})
    assert response.status_code == 400


def test_no_objects_are_looked_for_without_words(client: FlaskClient) -> None:
    assert client.get("/search?kind=objects").status_code == 200
