"""Conversations over HTTP and in the browser: asked, read again, taken along, deleted."""

import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from markdown_it import MarkdownIt

from indexer.domain import BoundingBox
from retriever.domain import (
    Answer,
    Citation,
    Conversation,
    DocumentRef,
    ItemKey,
    Query,
    Sentence,
    Transcript,
    Turn,
)
from tests.web.fake_engine import HOSTILE, FakeEngine
from web import transcript
from web.app import create_app
from web.settings import WebSettings

FILTER = "How often should the filter be cleaned?"


def asked(client: FlaskClient, **body: object) -> dict[str, Any]:
    response = client.post("/api/v1/ask", json=body)
    assert response.status_code == 200
    found: dict[str, Any] = response.get_json()
    return found


@pytest.fixture
def talk(client: FlaskClient) -> str:
    name: str = asked(client, question=FILTER, conversation="new")["conversation"]
    return name


def test_a_question_without_a_conversation_is_not_kept(client: FlaskClient) -> None:
    assert asked(client, question=FILTER)["conversation"] is None
    body = client.get("/api/v1/conversations").get_json()
    assert (body["total"], body["next"], body["conversations"]) == (0, None, [])


def test_a_conversation_goes_on_over_http(client: FlaskClient, talk: str) -> None:
    body = asked(client, question="How do I open it?", conversation=talk)
    assert body["conversation"] == talk
    assert body["searched"] == "How do I open the filter?"
    kept = client.get(f"/api/v1/conversations/{talk}").get_json()
    assert [turn["question"] for turn in kept["turns"]] == [FILTER, "How do I open it?"]
    assert kept["turns"][1]["answer"] == body
    assert (kept["id"], kept["question"]) == (talk, FILTER)
    listed = client.get("/api/v1/conversations").get_json()
    assert listed["total"] == 1
    assert listed["conversations"][0]["turns"] == 2
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:]+\+00:00", listed["conversations"][0]["updated"])


def test_a_form_of_a_program_may_name_a_conversation_too(client: FlaskClient, talk: str) -> None:
    form = {"question": "How do I open it?", "conversation": talk}
    assert client.post("/api/v1/ask", data=form).get_json()["conversation"] == talk


@pytest.mark.parametrize("name", ["../etc/passwd", "a b", "x" * 65, "é"])
def test_what_is_no_id_is_refused(client: FlaskClient, name: str) -> None:
    response = client.post("/api/v1/ask", json={"question": "x", "conversation": name})
    assert response.status_code == 400
    assert response.get_json()["detail"].startswith("conversation: ")


def test_an_unknown_conversation_is_not_found(client: FlaskClient) -> None:
    asks = client.post("/api/v1/ask", json={"question": "x", "conversation": "nowhere"})
    assert asks.status_code == 404
    for address in (
        "/api/v1/conversations/nowhere",
        "/api/v1/conversations/nowhere/export",
        "/conversations/nowhere",
    ):
        assert client.get(address).status_code == 404
    assert client.delete("/api/v1/conversations/nowhere").status_code == 404
    assert client.post("/conversations/nowhere/delete").status_code == 404


def test_conversations_are_deleted_one_by_one_or_all(client: FlaskClient, talk: str) -> None:
    other = asked(client, question="filter", conversation="new")["conversation"]
    assert client.delete(f"/api/v1/conversations/{other}").get_json() == {"deleted": 1}
    left = client.get("/api/v1/conversations").get_json()["conversations"]
    assert [each["id"] for each in left] == [talk]
    assert client.delete("/api/v1/conversations").get_json() == {"deleted": 1}
    assert client.get("/api/v1/conversations").get_json()["total"] == 0


def test_the_pages_list_and_delete_conversations(client: FlaskClient, talk: str) -> None:
    html = client.get("/conversations").text
    assert f'href="/conversations/{talk}"' in html
    assert FILTER in html
    response = client.post(f"/conversations/{talk}/delete")
    assert (response.status_code, response.headers["Location"]) == (303, "/conversations")
    assert "No conversation has been kept yet" in client.get("/conversations").text
    asked(client, question=FILTER, conversation="new")
    client.post("/conversations/delete")
    assert "No conversation has been kept yet" in client.get("/conversations").text


@pytest.mark.parametrize("address", ["/conversations/delete", "/conversations/{}/delete"])
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_site_cannot_delete_conversations(
    client: FlaskClient, talk: str, address: str, headers: dict[str, str]
) -> None:
    assert client.post(address.format(talk), headers=headers).status_code == 403
    assert client.delete(f"/api/v1/conversations/{talk}", headers=headers).status_code == 403
    assert client.get(address.format(talk)).status_code in {404, 405}
    assert client.get("/api/v1/conversations").get_json()["total"] == 1


def test_a_further_question_on_the_page_leads_back_to_the_conversation(
    client: FlaskClient, talk: str
) -> None:
    response = client.post("/", data={"q": "How do I open it?", "conversation": talk})
    assert response.status_code == 303
    assert response.headers["Location"] == f"/conversations/{talk}?turn=2#turn-2"
    html = client.get(f"/conversations/{talk}").text
    assert "Looked for: How do I open the filter?" in html
    ids = re.findall(r'id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert html.count('class="chip"') >= 2


def test_an_address_with_a_question_keeps_nothing(client: FlaskClient, talk: str) -> None:
    assert client.get(f"/?q=filter&conversation={talk}").status_code == 200
    assert len(client.get(f"/api/v1/conversations/{talk}").get_json()["turns"]) == 1


def test_the_streamed_answer_of_the_ask_page_brings_the_field_to_go_on(
    client: FlaskClient, engine: FakeEngine
) -> None:
    text = client.post("/answer", data={"q": FILTER}).text
    (name,) = engine.talks
    assert f'\\"conversation\\" value=\\"{name}\\"' in text
    assert f'"url": "/conversations/{name}?turn=1#turn-1"' in text
    client.post("/answer", data={"q": "How do I open it?", "conversation": name})
    assert [turn.question for turn in engine.talks[name]] == [FILTER, "How do I open it?"]


def test_without_history_nothing_is_kept_and_nothing_offers_to_go_on(
    client: FlaskClient, engine: FakeEngine
) -> None:
    engine.history = False
    assert asked(client, question=FILTER, conversation="new")["conversation"] is None
    text = client.post("/answer", data={"q": FILTER}).text
    assert "follow-up" not in text
    assert client.post("/", data={"q": FILTER, "conversation": "new"}).status_code == 200
    assert engine.talks == {}


def test_a_further_question_is_asked_of_the_same_collections_and_filters(
    client: FlaskClient,
) -> None:
    name = asked(
        client, question=FILTER, conversation="new", collection="manuals", after="2019-07"
    )["conversation"]
    html = client.get(f"/conversations/{name}").text
    assert '<input type="hidden" name="collection" value="manuals">' in html
    assert '<input type="hidden" name="after" value="2019-07-01">' in html
    assert "Asked in manuals" in html
    turn = client.get(f"/api/v1/conversations/{name}").get_json()["turns"][0]
    assert (turn["collections"], turn["filters"]) == (["manuals"], {"after": ["2019-07-01"]})


def test_a_citation_without_its_document_is_shown_as_it_was_and_leads_nowhere(
    client: FlaskClient, engine: FakeEngine, talk: str
) -> None:
    engine.forget(engine.manual)
    html = client.get(f"/conversations/{talk}").text
    assert "This document has changed or gone since" in html
    assert "The filter must be cleaned every three months." in html
    assert f"/documents/{engine.manual}" not in html
    citation = client.get(f"/api/v1/conversations/{talk}").get_json()["turns"][0]["answer"][
        "citations"
    ][0]
    assert (citation["stale"], citation["url"], citation["thumbnail"]) == (True, None, None)


def test_a_conversation_is_taken_along_as_markdown_and_json(client: FlaskClient, talk: str) -> None:
    client.post("/api/v1/ask", json={"question": "How do I open it?", "conversation": talk})
    response = client.get(f"/api/v1/conversations/{talk}/export?format=md")
    assert response.content_type == "text/markdown; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="conversation.md"'
    text = response.text
    assert text.startswith(f"# {FILTER}\n\n## 1. {FILTER}\n")
    assert r"The filter must be cleaned every three months. \[1\]" in text
    assert re.search(r"^1\. \*\*.+\*\*, page 2, .+: “The filter must be cleaned", text, re.M)
    assert "*Looked for: How do I open the filter?*" in text
    whole = client.get(f"/api/v1/conversations/{talk}/export?format=json")
    assert whole.get_json() == client.get(f"/api/v1/conversations/{talk}").get_json()
    refused = client.get(f"/api/v1/conversations/{talk}/export?format=docx")
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "words",
    [
        HOSTILE,
        "![p](https://evil.example/p.png) [l](https://evil.example) <https://evil.example>",
        "https://evil.example www.evil.example ada@evil.example",
        "# heading\n\n- list\n1. one\n> quote\n```\ncode\n```\n| a | b |\n|---|---|\n*b* ~~s~~",
        "1) one\n\n+ two\n\n= three\n\n[a]: https://evil.example\n\n&lt;img&gt; &amp;",
    ],
)
def test_words_of_documents_make_no_markup_in_an_export(words: str) -> None:
    place = BoundingBox.whole()
    document = DocumentRef(
        id="d", path=words, title=words, media_type="text/plain", collection=words
    )
    citation = Citation(
        n=1, key=ItemKey("chunk", 1), document=document, page=1, box=place, boxes=(place,),
        quote=words,
    )  # fmt: skip
    answer = Answer(
        question=words, refused=False, text=words, generator="q", citations=(citation,),
        sentences=(Sentence(text=words, citations=(1,), supported=True),),
    )  # fmt: skip
    refusal = replace(answer, refused=True, sentences=(), citations=())
    told = Transcript(
        conversation=Conversation(id="c", question=words, turns=2, started_at=0.0, updated_at=0.0),
        turns=(
            Turn(id=1, question=words, answer=answer, collections=(words,)),
            Turn(id=2, question=words, answer=refusal),
        ),
    )
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    text = transcript.markdown(told)
    tokens = reader.parse(text)
    kinds = {each.type for token in tokens for each in (token, *(token.children or ()))}
    assert kinds <= {
        "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text",
        "text_special", "em_open", "em_close", "strong_open", "strong_close", "softbreak",
        "blockquote_open", "blockquote_close", "ordered_list_open", "ordered_list_close",
        "list_item_open", "list_item_close",
    }  # fmt: skip
    assert sum(token.type == "ordered_list_open" for token in tokens) == 1
    assert sum(token.type == "heading_open" for token in tokens) == 3
    assert not re.search(r"https?://|(?<!\\)@|www\.", text)


def test_words_of_documents_make_no_markup_on_the_page(
    client: FlaskClient, engine: FakeEngine
) -> None:
    engine.ask(Query(text=HOSTILE), conversation="new")
    for address in ("/conversations", "/conversations/talk-1"):
        html = client.get(address).text
        assert '<script>document.title="owned"' not in html
        assert "<img src=x" not in html


def test_the_pages_speak_russian(client: FlaskClient, talk: str) -> None:
    russian = {"Accept-Language": "ru"}
    assert "1 вопрос" in client.get("/conversations", headers=russian).text
    html = client.get(f"/conversations/{talk}", headers=russian).text
    assert "Удалить эту беседу навсегда?" in html


def test_a_long_list_is_paged() -> None:
    engine = FakeEngine()
    for number in range(31):
        engine.ask(Query(text=f"filter {number}"), conversation="new")
    client = create_app(engine, WebSettings()).test_client()
    assert 'href="/conversations?offset=30"' in client.get("/conversations").text
    last = client.get("/conversations?offset=30").text
    assert "filter 0" in last
    assert "filter 30" not in last
    engine.close()
