"""The Photos page: a query composed of pictures and words, told as a sentence."""

import html
import re

import pytest
from flask.testing import FlaskClient

from indexer.domain import BoundingBox
from retriever.domain import Example, Query
from tests.web.fake_engine import FakeEngine
from web.sentence import sentence
from web.texts import Texts


def addresses(page: str, name: str) -> list[str]:
    found = re.findall(rf'href="([^"]+)" data-example="{name}"', page)
    return [html.unescape(each) for each in found]


COMPOSED = Query(
    text="green",
    image=b"photo",
    examples=(Example(crop=2), Example(crop=7, weight=-2.0)),
    without="armrests",
    text_weight=0.5,
)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "Pictures like these 2, with a little of “green”, without “armrests”, "
            "and not at all like 1 other",
        ),
        (
            "ru",
            "Картинки, похожие на эти 2, где немного «green», но нет «armrests», "
            "и совсем непохожие на 1 другую",
        ),
    ],
)
def test_a_composed_query_reads_as_a_sentence(language: str, said: str) -> None:
    assert sentence(Texts(language), COMPOSED) == said


def test_words_alone_make_a_sentence_too() -> None:
    assert sentence(Texts("en"), Query(text="red roof")) == "Pictures of “red roof”"


def test_more_like_this_and_less_like_that_are_addresses(
    client: FlaskClient, engine: FakeEngine
) -> None:
    page = client.get("/similar?crop=2&text=chair&type=photo").text
    more = addresses(page, "like")[0]
    page = client.get(more).text
    less = addresses(page, "unlike")[1]
    page = client.get(less).text
    query = engine.queries[-1]
    assert [each.weight for each in query.examples] == [1.0, -1.0]
    assert query.text == "chair"
    assert query.filters.types == ("photo",)
    assert "Pictures like these 2, with “chair”, and unlike 1 other" in page
    assert page.count('class="remove"') == 2


def test_a_picture_is_taken_out_again(client: FlaskClient, engine: FakeEngine) -> None:
    page = client.get("/similar?crop=2&like=4&like=6&unlike=8").text
    out = [html.unescape(each) for each in re.findall(r'class="remove" href="([^"]+)"', page)]
    client.get(out[0])
    assert [each.crop for each in engine.queries[-1].examples] == [6, 8]


def test_a_part_of_any_page_is_searched_by(client: FlaskClient, engine: FakeEngine) -> None:
    address = f"/similar?document={engine.manual}&page=2&box=0.1,0.1,0.4,0.2"
    page = client.get(address).text
    query = engine.queries[-1]
    assert query.box == BoundingBox(x0=0.1, y0=0.1, x1=0.4, y1=0.2)
    assert query.image is not None
    assert f'name="document" value="{engine.manual}"' in page
    assert 'name="page" value="2"' in page
    assert client.get(f"/similar?document={engine.manual}&page=9").status_code == 404
    assert client.get(f"/similar?document={engine.notes}").status_code == 404


def test_words_alone_find_pictures(client: FlaskClient, engine: FakeEngine) -> None:
    page = client.get("/similar?text=armchair&without=red").text
    assert "Pictures of “armchair”, without “red”" in page
    assert engine.queries[-1].kind == "crop"


def test_the_weight_of_each_part_comes_back(client: FlaskClient, engine: FakeEngine) -> None:
    page = client.get("/similar?crop=2&text=red&text_weight=2&without_weight=0.3").text
    assert engine.queries[-1].text_weight == 2.0
    assert '<option value="2" selected>above all' in page
    assert '<option value="0.3" selected>× 0.3' in page


def test_figures_and_photos_are_kinds_of_results(client: FlaskClient, engine: FakeEngine) -> None:
    client.get("/search?q=armchair&kind=photo")
    assert (engine.queries[-1].kind, engine.queries[-1].filters.types) == ("crop", ("photo",))
    client.get("/search?q=armchair&kind=figure")
    assert "photo" not in engine.queries[-1].filters.types
    client.get("/search?q=armchair&kind=figure&type=pdf")
    assert engine.queries[-1].filters.types == ("pdf",)
    assert client.get("/search?q=armchair&kind=nonsense").status_code == 400
