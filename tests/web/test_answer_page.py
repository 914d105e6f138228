"""What stands around an answer: its address, its pictures, and what narrows it."""

import html
import io
import re

from flask.testing import FlaskClient

from indexer.domain import BoundingBox
from tests.web.fake_engine import FakeEngine, draw_room, jpeg
from tests.web.guarded import Guarded
from web.chips import filter_chips
from web.texts import Texts

QUESTION = "How often should the filter be cleaned?"


def share(page: str) -> str:
    found = re.search(r'href="([^"]+)" data-copy-link', page)
    assert found
    return html.unescape(found[1])


def test_the_address_of_an_answer_gives_it_again(client: FlaskClient) -> None:
    page = client.get(
        "/", query_string={"q": QUESTION, "collection": "manuals", "type": "pdf"}
    ).text
    again = client.get(share(page)).text
    assert "every three months" in again
    assert share(again) == share(page)
    assert "type=pdf" in share(page)
    assert "collection=manuals" in share(page)


def test_the_figures_of_a_quoted_page_stand_beside_the_quotes(
    client: FlaskClient, engine: FakeEngine
) -> None:
    box = BoundingBox(x0=0.1, y0=0.6, x1=0.5, y1=0.9)
    figure = engine.add_crop(engine.manual, "figure", box, "The filter and its frame", page=2)
    engine.add_crop(engine.manual, "tile", box, "", page=2)
    page = client.get("/", query_string={"q": QUESTION}).text
    strip = re.findall(r'<ul class="strip".*?</ul>', page, re.S)
    assert len(strip) == 1
    assert strip[0].count("<li>") == 1
    assert f"/thumbnails/{figure}.jpg" in strip[0]
    assert "The filter and its frame" in strip[0]


def test_each_filter_is_removed_on_its_own() -> None:
    chips = filter_chips(
        Texts("en"),
        "/search",
        {"q": "lamp"},
        ("home",),
        {"type": ("pdf", ".docx"), "after": ("2020",)},
    )
    assert [chip["label"] for chip in chips] == [
        "Collection: home",
        "Type: PDF",
        "Type: .docx",
        "From: 2020",
    ]
    assert chips[1]["url"] == "/search?q=lamp&collection=home&type=.docx&after=2020"
    assert chips[0]["url"] == "/search?q=lamp&type=pdf&type=.docx&after=2020"


def test_chips_stand_above_the_results(client: FlaskClient) -> None:
    page = client.get("/search?q=filter&type=pdf&kind=chunk").text
    assert 'href="/search?q=filter&amp;kind=chunk" data-filter="type" data-value="pdf"' in page


def test_the_viewer_lays_the_lines_of_a_page_over_it(
    client: FlaskClient, engine: FakeEngine
) -> None:
    page = client.get(f"/documents/{engine.manual}?page=2").text
    lines = re.findall(r'<span data-at="([\d.,]+)">([^<]+)</span>', page)
    assert "Maintenance" in [text for _, text in lines]
    span = engine.page(engine.manual, 2).blocks[0].spans[0]
    assert [float(part) for part in lines[0][0].split(",")] == list(span.box.as_tuple())


def test_dates_are_written_as_people_write_them() -> None:
    assert Texts("en").date("2021-06-02T14:05:33") == "2 June 2021, 14:05"
    assert Texts("ru").date("2021-06-02") == "2 июня 2021 г."
    assert Texts("ru").date("весна 1999") == "весна 1999"


def test_pictures_alone_are_not_called_a_quoted_answer(site: Guarded) -> None:
    browser = site.browser("Rita")
    photo = (io.BytesIO(jpeg(draw_room("#ffffff", "#b3402e"))), "a.jpg")
    asked = browser.send("/", image=photo, q="")
    page = browser.get(asked.location).text if asked.status_code == 303 else asked.text
    assert "open-photo" in page
    assert "Closest in the archive" in page
    assert "Quoted word for word" not in page
    gate = browser.get("/", query_string={"q": "What colour was the gate of the orchard?"}).text
    assert "Quoted word for word" in gate
    assert "Closest in the archive" not in gate
