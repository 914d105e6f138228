"""Filters in the HTTP API, on the pages and on the command line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from lxml import html

from indexer.errors import InvalidInput
from indexer.filters import FIELDS, NO_FILTERS, Filters, Near
from tests.web.fake_engine import FakeEngine, draw_room, jpeg
from web import cli

ADDRESS = (
    "folder=/docs&folder=2019&type=pdf&type=.docx&after=2019&before=2021-03-05&place=Paris&"
    "near=48.86,2.35,10&camera=Canon+5D&language=RU&min_size=2MB&min_size=800x600&max_size=9MB&"
    "orientation=landscape"
)
WANTED = Filters(
    folders=("/docs", "2019"), types=("pdf", ".docx"), after=date(2019, 1, 1),
    before=date(2021, 3, 5), places=("Paris",), near=Near(latitude=48.86, longitude=2.35, km=10),
    cameras=("Canon 5D",), languages=("ru",), min_bytes=2_000_000, min_width=800, min_height=600,
    max_bytes=9_000_000, orientation="landscape",
)  # fmt: skip


def as_lists() -> dict[str, list[str]]:
    return parse_qs(ADDRESS)


def test_search_similar_and_documents_take_every_filter(
    client: FlaskClient, engine: FakeEngine, tmp_path: Path
) -> None:
    assert client.get(f"/api/v1/search?q=filter&{ADDRESS}").status_code == 200
    (tmp_path / "a.jpg").write_bytes(jpeg(draw_room("#ffffff", "#b3402e")))
    with (tmp_path / "a.jpg").open("rb") as photo:
        sent = {"image": (photo, "a.jpg"), **as_lists()}
        assert client.post("/api/v1/similar", data=sent).status_code == 200
    assert client.get(f"/api/v1/documents?{ADDRESS}").status_code == 200
    assert [query.filters for query in engine.queries] == [WANTED, WANTED]
    assert engine.filters == [WANTED]


def test_ask_takes_filters_from_json_and_from_a_form(
    client: FlaskClient, engine: FakeEngine
) -> None:
    client.post("/api/v1/ask", json={"question": "filter", **as_lists()})
    client.post("/api/v1/ask", json={"question": "filter", "type": "pdf"})
    client.post("/api/v1/ask", data={"question": "filter", "type": "pdf"})
    client.post("/api/v1/ask", json={"question": "filter"})
    only_pdf = Filters(types=("pdf",))
    assert [query.filters for query in engine.queries] == [WANTED, only_pdf, only_pdf, NO_FILTERS]


@pytest.mark.parametrize(
    "bad", ["after=soon", "type=documents", "near=1,2", "min_size=big", "folder=/", "language=zzzz"]
)
def test_a_bad_value_is_answered_with_400_and_one_line(client: FlaskClient, bad: str) -> None:
    name = bad.partition("=")[0]
    for address in (f"/api/v1/search?q=x&{bad}", f"/api/v1/documents?{bad}"):
        response = client.get(address)
        assert response.status_code == 400
        assert response.get_json()["detail"].startswith(f"{name}: ")
    sent = {"question": "x", name: bad.partition("=")[2]}
    assert client.post("/api/v1/ask", json=sent).status_code == 400
    assert client.post("/api/v1/ask", json={"question": "x", name: [1]}).status_code == 400
    page = client.get(f"/search?q=x&{bad}", headers={"Accept": "text/html"})
    assert page.status_code == 400
    assert f"{name}: " in page.text


def tree(page: str) -> Any:
    return html.fromstring(page)


def form_values(page: str) -> dict[str, list[str]]:
    """What the search form would send again."""
    (form,) = tree(page).xpath("//form[@data-query]")
    found: dict[str, list[str]] = {}
    for field in form.xpath(".//input[@name] | .//select[@name]"):
        if field.tag == "select":
            chosen = field.xpath("./option[@selected]") or field.xpath("./option[1]")
            value = chosen[0].get("value")
        else:
            value = field.get("value", "")
        if value and field.get("type") != "file":
            found.setdefault(field.get("name"), []).append(value)
    return found


@pytest.mark.parametrize("path", ["/search", "/", "/similar"])
def test_the_form_keeps_every_filter(client: FlaskClient, engine: FakeEngine, path: str) -> None:
    start = f"crop={next(iter(engine.crops))}" if path == "/similar" else "q=filter"
    page = client.get(f"{path}?{start}&{ADDRESS}").text
    again = {name: values for name, values in form_values(page).items() if name in FIELDS}
    assert Filters.parse(again) == WANTED
    assert engine.queries[-1].filters == WANTED


def test_links_of_a_result_keep_the_filters(client: FlaskClient) -> None:
    page = tree(client.get(f"/search?q=filter&k=1&{ADDRESS}").text)
    links = page.xpath("//nav[@class='tabs']/a/@href") + page.xpath("//p[@class='more']/a/@href")
    assert len(links) >= 4
    for link in links:
        fields = parse_qs(urlsplit(link).query)
        assert Filters.parse({k: v for k, v in fields.items() if k in FIELDS}) == WANTED


def test_an_empty_result_says_that_filters_are_on_and_offers_to_drop_them(
    client: FlaskClient,
) -> None:
    page = tree(client.get("/search?q=zeppelin&type=pdf&kind=chunk").text)
    (notice,) = page.xpath("//div[contains(@class, 'notice')]")
    assert "Nothing was found with these filters." in notice.text_content()
    assert notice.xpath(".//a/@href") == ["/search?q=zeppelin&kind=chunk"]
    plain = client.get("/search?q=zeppelin&kind=chunk").text
    assert "Nothing was found." in plain
    assert "with these filters" not in plain


def test_filters_of_others_are_shown_and_never_obeyed(client: FlaskClient) -> None:
    hostile = '"><script>alert(1)</script>'
    page = client.get("/search", query_string={"q": "filter", "place": [hostile] * 2}).text
    assert hostile not in page
    assert form_values(page)["place"][0] == hostile


Invoke = Callable[..., Result]


@pytest.fixture
def invoke(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    @contextmanager
    def opened(_: object) -> Iterator[FakeEngine]:
        yield engine

    monkeypatch.setattr(cli, "_engine", opened)

    return lambda *arguments: CliRunner().invoke(cli.cli, arguments, standalone_mode=False)


def options() -> list[str]:
    return [
        part
        for name, values in as_lists().items()
        for value in values
        for part in (f"--{name.replace('_', '-')}", value)
    ]


def test_every_command_that_searches_takes_every_filter(
    invoke: Invoke, engine: FakeEngine, tmp_path: Path
) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(jpeg(draw_room("#ffffff", "#b3402e")))
    for command in (["search", "filter"], ["ask", "filter"], ["similar", str(photo)]):
        result = invoke(*command, *options())
        assert result.exception is None
    assert [query.filters for query in engine.queries] == [WANTED] * 3


def test_a_folder_that_is_there_is_meant_from_here(
    invoke: Invoke, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "box.zip").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    folders = ["letters", "./gone", "box.zip!/in", "elsewhere", "/else/where"]
    invoke("search", "filter", *(part for each in folders for part in ("--folder", each)))
    assert engine.queries[-1].filters.folders == (
        f"{tmp_path}/letters", f"{tmp_path}/gone", f"{tmp_path}/box.zip!/in", "elsewhere",
        "/else/where",
    )  # fmt: skip


def test_the_command_line_refuses_a_bad_value_and_says_when_filters_leave_nothing(
    invoke: Invoke,
) -> None:
    refused = invoke("search", "filter", "--after", "soon")
    assert isinstance(refused.exception, InvalidInput)
    assert str(refused.exception).startswith("after: 'soon' is not a date")
    nothing = invoke("search", "zeppelin", "--type", "pdf")
    assert nothing.return_value == 3
