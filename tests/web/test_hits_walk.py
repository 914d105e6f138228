"""Stepping from hit to hit in the viewer, by addresses alone."""

import html
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.web.fake_engine import FakeEngine, draw_room, jpeg


def links(page: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'<h3><a href="([^"]+)"', page)]


def step(page: str, name: str) -> str | None:
    found = re.search(rf'data-step="{name}"[^>]* href="([^"]+)"', page)
    return html.unescape(found[1]) if found else None


def path_of(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.path, parse_qs(parts.query)["hit"][0]


@pytest.mark.parametrize(
    "address", ["/search?q=filter+armchair&collection=photos&collection=manuals", "/similar?crop=2"]
)
def test_each_step_leads_to_the_next_hit_of_the_same_search(
    client: FlaskClient, address: str
) -> None:
    hits = links(client.get(address).text)
    assert len(hits) >= 3
    page = client.get(hits[0]).text
    assert f"Result 1 of {len(hits)}" in page
    assert step(page, "previous") is None
    for expected in hits[1:]:
        page = client.get(step(page, "next") or "", follow_redirects=True).text
        assert f"Result {path_of(expected)[1]} of {len(hits)}" in page
    assert step(page, "next") is None
    back = client.get(step(page, "previous") or "")
    assert path_of(back.headers["Location"]) == path_of(hits[-2])


def test_the_way_back_is_the_list_as_it_was(client: FlaskClient) -> None:
    (hit, *_) = links(client.get("/search?q=armchair&kind=crop&type=photo").text)
    page = client.get(hit).text
    assert 'href="/search?q=armchair&amp;kind=crop&amp;type=photo"' in page


def test_a_region_stays_the_last_part_of_the_address(client: FlaskClient) -> None:
    for hit in links(client.get("/search?q=filter").text):
        assert hit.endswith("#region")


def test_a_step_beyond_the_list_leads_back_to_it(client: FlaskClient) -> None:
    response = client.get("/search/hits/200?q=armchair")
    assert response.status_code == 303
    assert response.headers["Location"] == "/search?q=armchair"
    assert client.get("/search/hits/201?q=armchair").status_code == 400


def test_hits_of_a_photo_that_was_sent_are_left_to_the_browser(client: FlaskClient) -> None:
    photo = (io.BytesIO(jpeg(draw_room("#ffffff", "#b3402e"))), "a.jpg")
    (hit, *_) = links(client.post("/similar", data={"image": photo}).text)
    assert parse_qs(urlsplit(hit).query)["walk"] == ["-"]
    page = client.get(hit).text
    assert re.search(r'data-walk="-" data-hit="1" hidden', page)
    assert step(page, "next") is None


@pytest.mark.parametrize(
    "walk", ["https://evil.example/?q=x", "//evil.example?q=x", "documents?q=x", "search/../x?q=1"]
)
def test_an_address_that_was_made_up_leads_nowhere(
    client: FlaskClient, engine: FakeEngine, walk: str
) -> None:
    fields = {"walk": walk, "hit": "1", "of": "3"}
    page = client.get(f"/documents/{engine.manual}", query_string=fields).text
    assert "data-walk" not in page
    fields["walk"] = 'search?q="><script>&hit=9#x'
    page = client.get(f"/documents/{engine.manual}", query_string=fields).text
    assert (step(page, "next") or "").startswith("/search/hits/2?q=%22%3E%3Cscript%3E&")


def test_who_is_still_typing_is_answered_quickly(client: FlaskClient, engine: FakeEngine) -> None:
    client.get("/search?q=arm", headers={"X-Typing": "1"})
    assert engine.queries[-1].quick
    client.get("/search?q=arm")
    assert not engine.queries[-1].quick
