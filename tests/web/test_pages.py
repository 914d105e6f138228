"""Pages without JavaScript: what a person reads and where the links lead."""

import io
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from indexer.domain import BoundingBox, Recognition
from retriever.domain import JobStatus, Query
from tests.web.fake_engine import FakeEngine, draw_room, jpeg, text_page
from web.app import create_app
from web.settings import WebSettings
from web.snippets import snippet
from web.texts import LANGUAGES, TEXTS, Texts
from web.textview import show_page


def marked(html: str) -> list[str]:
    return re.findall(r"<mark>(.*?)</mark>", html, re.S)


def test_shared_address_shows_the_answer_with_links_to_outlined_regions(
    client: FlaskClient, engine: FakeEngine
) -> None:
    html = client.get("/?q=How+often+should+the+filter+be+cleaned%3F").text
    assert "The filter must be cleaned every three months." in html
    chip = re.search(r'class="chip" href="([^"]+)"', html)
    assert chip
    assert chip[1].startswith(f"/documents/{engine.manual}?page=2&amp;box=")
    assert chip[1].endswith("#region")


def test_refusal_is_plain_and_cites_nothing(client: FlaskClient) -> None:
    html = client.get("/?q=zebra+stripes").text
    assert "No answer in your documents" in html
    assert 'class="chip" href' not in html


def test_refusal_shows_the_nearest_hits(
    client: FlaskClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = engine.ask(Query(text="zebra"))
    monkeypatch.setattr(engine, "ask", lambda query, **_: refusal)
    html = client.get("/?q=filter").text
    assert "What came nearest" in html
    assert "Alder 300" in html


def test_empty_engine_invites_to_add_files() -> None:
    engine = FakeEngine(empty=True)
    client = create_app(engine, WebSettings()).test_client()
    assert "Nothing is indexed yet" in client.get("/").text
    for address in ("/search", "/similar", "/documents", "/upload", "/status"):
        assert client.get(address).status_code == 200
    engine.close()


def test_search_marks_the_words_and_keeps_them_in_its_tabs(client: FlaskClient) -> None:
    html = client.get("/search?q=filters+blocked&collection=manuals").text
    assert {"filter", "blocked"} <= set(marked(html))
    assert 'href="/search?q=filters+blocked&amp;kind=chunk&amp;collection=manuals"' in html


def test_pictures_link_to_similar_ones_and_show_their_place(client: FlaskClient) -> None:
    html = client.get("/search?q=armchair&kind=crop").text
    assert html.count('href="/similar?crop=') == 4
    assert '<rect class="region" x="0.55" y="0.35" width="0.3" height="0.55"/>' in html


def test_search_by_photo_works_without_javascript(client: FlaskClient, engine: FakeEngine) -> None:
    photo = (io.BytesIO(jpeg(draw_room("#ffffff", "#b3402e"))), "a.jpg")
    for address, button in (("/search", "q"), ("/similar", "text"), ("/", "q")):
        photo[0].seek(0)
        copy = (io.BytesIO(photo[0].read()), "a.jpg")
        response = client.post(address, data={"image": copy, button: "", "box": "0.5,0.3,0.9,0.9"})
        assert response.status_code == 200
        assert engine.queries[-1].box == BoundingBox(x0=0.5, y0=0.3, x1=0.9, y1=0.9)


def test_similar_starts_from_an_indexed_crop(client: FlaskClient, engine: FakeEngine) -> None:
    html = client.get("/similar?crop=2").text
    assert 'name="box" value="0.55,0.35,0.85,0.9"' in html
    client.get("/similar?crop=2&box=0,0,0.5,0.5")
    assert engine.queries[-1].box == BoundingBox(x0=0.0, y0=0.0, x1=0.5, y1=0.5)


def test_document_view_outlines_the_box(client: FlaskClient, engine: FakeEngine) -> None:
    html = client.get(f"/documents/{engine.manual}?page=2&box=0.1,0.2,0.5,0.3").text
    assert 'id="region" x="0.1" y="0.2" width="0.4" height="0.1"' in html
    assert 'rel="prev"' in html
    assert 'rel="next"' in html
    assert client.get(f"/documents/{engine.manual}?page=4").status_code == 404
    assert client.get(f"/documents/{engine.manual}?page=x").status_code == 400
    assert client.get(f"/documents/{engine.manual}?box=2,2,3,3").status_code == 400


def test_text_document_marks_the_lines_inside_the_box(
    client: FlaskClient, engine: FakeEngine
) -> None:
    # 10 lines; the third is "The water main is under the stairs."
    html = client.get(f"/documents/{engine.notes}?page=1&box=0,0.2,1,0.3").text
    assert marked(html) == ["The water main is under the stairs."]
    assert html.count('id="region"') == 1
    html = client.get(f"/documents/{engine.notes}?page=1&box=0,0.2,1,0.3&quote=water+main").text
    assert marked(html) == ["water main"]


def test_errors_are_pages_for_people(client: FlaskClient) -> None:
    response = client.get("/documents/none")
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "search again" in response.text


def test_russian_browsers_get_russian_pages(client: FlaskClient) -> None:
    response = client.get("/status", headers={"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"})
    assert response.headers["Content-Language"] == "ru"
    assert "8 документов" in response.text
    assert "Accept-Language" in response.headers["Vary"]


def test_every_language_has_every_text_with_the_same_fields() -> None:
    assert set(TEXTS) == set(LANGUAGES)
    assert set(TEXTS["en"]) == set(TEXTS["ru"])
    for key, english in TEXTS["en"].items():
        fields = [set(re.findall(r"{(\w+)}", text)) for text in (english, TEXTS["ru"][key])]
        assert fields[0] == fields[1], key


def test_russian_plurals_follow_the_number() -> None:
    texts = Texts("ru")
    counted = [texts("pages_count", n=n) for n in (1, 2, 5, 11, 21, 112)]
    assert [text.split()[-1] for text in counted] == [
        "страница", "страницы", "страниц", "страниц", "страница", "страниц",
    ]  # fmt: skip


def test_touching_lines_outside_the_box_stay_unmarked() -> None:
    page = text_page(1, [("paragraph", "one\ntwo\nthree\nfour")])
    shown = show_page(page, [BoundingBox(x0=0.0, y0=0.25, x1=1.0, y1=0.5)])
    assert [(part.text, part.marked) for part in shown[0].segments] == [
        ("one\n", False),
        ("two", True),
        ("\nthree\nfour", False),
    ]


def test_table_rows_are_marked_cell_by_cell() -> None:
    page = text_page(1, [("table", "a | b\nc | d")])
    shown = show_page(page, [BoundingBox(x0=0.0, y0=0.5, x1=1.0, y1=1.0)])
    cells = [[(cell[0].text, cell[0].marked) for cell in row] for row in shown[0].rows]
    assert cells == [[("a", False), ("b", False)], [("c", True), ("d", True)]]


def test_snippet_shows_the_words_of_a_long_passage() -> None:
    text = "filler " * 200 + "the serial number AB-17 stands here " + "filler " * 200
    parts = snippet(text, "serial numbers AB-17")
    assert [part.text for part in parts if part.marked] == ["serial", "number", "AB", "17"]
    assert len("".join(part.text for part in parts)) < 320


def test_snippet_marks_russian_inflections_but_not_small_words() -> None:
    parts = snippet(
        "Яблоню обрезают в марте, урожай снимают осенью.", "когда обрезать яблони в саду"
    )
    assert [part.text for part in parts if part.marked] == ["Яблоню", "обрезают"]


def test_document_view_tells_how_a_scan_was_read_and_what_the_file_says_of_itself(
    client: FlaskClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = engine.documents(None, 0, 1).documents[0]
    page = engine.page(summary.ref.id, 1)
    read = Recognition(engine="tesseract eng", confidence=0.874)
    told = {"camera": "Zorki 4", "place": "Paris, France", "place_ru": "Париж, Франция"}
    monkeypatch.setattr(engine, "page", lambda *_: replace(page, recognition=read))
    monkeypatch.setattr(
        engine, "document", lambda _: replace(summary, metadata=told, copies=("/copy.pdf",))
    )
    english = client.get(f"/documents/{summary.ref.id}").get_data(as_text=True)
    for words in ("read by OCR, confidence 87%", "tesseract eng", "Camera: Zorki 4", "/<wbr>copy"):
        assert words in english
    russian = client.get(
        f"/documents/{summary.ref.id}", headers={"Accept-Language": "ru"}
    ).get_data(as_text=True)
    assert re.search(r"Место:</span> Париж, Франция", russian)
    assert "распознано, уверенность 87 %" in russian


def test_status_shows_what_is_not_yet_searchable(
    client: FlaskClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = JobStatus(
        collection="papers", done=30, waiting=60, failed=0, pages=90, chunks=200, crops=5,
        current="/scans/a.pdf", seconds=15.0, stalled=False,
    )  # fmt: skip
    status = replace(engine.status(), jobs=(job,))
    monkeypatch.setattr(engine, "status", lambda: status)
    page = client.get("/status").get_data(as_text=True)
    assert "Indexing papers" in page
    assert "60 files not yet searchable" in page
