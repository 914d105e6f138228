"""Pages for people: server-rendered, complete without JavaScript, drawn from the API's JSON."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from indexer.domain import BoundingBox
from indexer.errors import InvalidInput
from indexer.filters import KINDS
from retriever.domain import NEW_CONVERSATION, Answer, DocumentSummary, Query
from web import early, forms, hits_walk, language, links, results, serialize, shapes, sse, strip
from web.chips import filter_chips
from web.engine import Engine
from web.media import PAGE_SIDES
from web.results import Found
from web.sentence import sentence
from web.serialize import Json
from web.settings import WebSettings
from web.snippets import snippet
from web.textview import show_page, text_lines

NEAREST = 5  # hits beside a refusal
CONVERSATIONS_STEP = 30
# Any of these fields makes a query of the Photos page.
STARTS = ("crop", "document", "like", "text")
WEIGHTS = ("text_weight", "without_weight", "unlike_weight")
# Marks in a User-Agent. Most name others as well: the first that is there is meant.
BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "YaBrowser/": "Yandex", "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox", "FxiOS/": "Firefox", "Chrome/": "Chrome", "CriOS/": "Chrome",
    "Safari/": "Safari", "curl/": "curl",
}  # fmt: skip
SYSTEMS = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows",
    "Mac OS X": "macOS", "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip
FACTS = (
    "author", "from", "to", "date", "date_taken", "camera", "lens", "dimensions", "keywords",
    "description",
)  # fmt: skip


def build_pages(engine: Engine, settings: WebSettings) -> Blueprint:
    pages = Blueprint("pages", __name__)

    @pages.app_context_processor
    def helpers() -> dict[str, Any]:
        return {
            "t": language.texts(),
            "snippet": snippet,
            "region_style": _region_style,
            "page_image": links.page_image,
            "ranking_name": _ranking_name,
            "percent": lambda share: round(100 * share),
            "browser_name": browser_name,
            "search_url": lambda **fields: links.with_fields("/search", **fields),
            "similar_url": lambda **fields: links.with_fields("/similar", **fields),
            "similar_with_urls": _with_example,
            "similar_without_url": _without_example,
            "conversation_url": links.conversation,
            "conversations_url": lambda **fields: links.with_fields("/conversations", **fields),
            "chips_cleared": links.with_fields,
            "chips_of": lambda address, **fields: filter_chips(
                language.texts(), address, fields, forms.collections(), forms.filter_values()
            ),
        }

    def page(template: str, **values: Any) -> str:
        collections = [serialize.collection_json(item) for item in engine.collections()]
        filters = forms.filters()
        days = {
            name: day.isoformat()
            for name, day in (("after", filters.after), ("before", filters.before))
            if day
        }
        return render_template(
            template,
            collections=collections,
            chosen=forms.collections(),
            filters=forms.filter_values(),
            days=days,
            kinds=tuple(KINDS),
            **values,
        )

    @pages.route("/", methods=["GET", "POST"])
    def ask() -> str | BaseResponse:
        query = _asked(settings)
        if query is None:
            return page("ask.html", question="", answer=None)
        # What is asked by an address is not kept: reading a page changes nothing.
        conversation = forms.conversation() if request.method == "POST" else None
        answer = engine.ask(query, conversation=conversation)
        if answer.conversation:
            return redirect(_last_turn(engine, answer), HTTPStatus.SEE_OTHER)
        return page("ask.html", **_answered(engine, query, answer))

    @pages.post("/answer")
    def answer() -> Response:
        """The answer to what the Ask page sends, as events; the last one brings its markup."""
        query = _asked(settings)
        if query is None:
            raise InvalidInput("question", cause="it is empty", remedy="type some words")

        def shown(answer: Answer) -> Json:
            return {
                "html": page("answer.html", **_answered(engine, query, answer)),
                "url": _last_turn(engine, answer) if answer.conversation else None,
            }

        conversation = forms.conversation() or NEW_CONVERSATION
        return sse.respond(engine.stream(query, conversation=conversation), shown)

    @pages.get("/conversations")
    def conversations() -> str:
        offset = forms.integer("offset", 0)
        listing = engine.conversations(offset, CONVERSATIONS_STEP)
        return page(
            "conversations.html",
            listing=serialize.conversations_json(listing),
            offset=offset,
            step=CONVERSATIONS_STEP,
        )

    @pages.get("/conversations/<conversation_id>")
    def conversation(conversation_id: str) -> str:
        told = engine.conversation(conversation_id)
        last = told.turns[-1:]
        return page(
            "conversation.html",
            conversation=serialize.transcript_json(told),
            strips=[strip.pictures(engine, turn.answer) for turn in told.turns],
            asked_in=[name for turn in last for name in turn.collections],
            asked_with=last[0].filters.fields() if last else {},
        )

    # Of forms: that no other site asks for it is seen to in web/security.py.
    @pages.post("/conversations/<conversation_id>/delete")
    def delete_conversation(conversation_id: str) -> BaseResponse:
        engine.delete_conversation(conversation_id)
        return redirect("/conversations", HTTPStatus.SEE_OTHER)

    @pages.post("/conversations/delete")
    def delete_conversations() -> BaseResponse:
        engine.delete_conversations()
        return redirect("/conversations", HTTPStatus.SEE_OTHER)

    @pages.route("/search", methods=["GET", "POST"])
    def search() -> str | Response:
        def drawn(*, quick: bool = False) -> str:
            found = results.search(engine, settings, quick=quick)
            return page(
                "search.html",
                question=forms.words("q"),
                result=found.result,
                kind=found.kind,
                group="document" if forms.by_document() else "",
                with_photo=bool(found.query and found.query.image),
                more=found.more(results.SEARCH_STEP),
                early=quick,
                early_mark=early.MARK,
            )

        if early.wanted() and forms.words("q") and forms.words("kind") != results.OBJECTS:
            return early.respond(drawn(quick=True), drawn)
        return drawn()

    @pages.route("/similar", methods=["GET", "POST"])
    def similar() -> str:
        if request.method == "GET" and not any(map(forms.words, STARTS)):
            return page("similar.html", result=None, asked={}, text="", without="", said="")
        found = results.similar(engine, settings)
        query, source, asked = found.query, found.source, _asked_fields(found)
        assert query is not None
        return page(
            "similar.html",
            result=found.result,
            said=sentence(language.texts(), query),
            asked=asked,
            everything={"collection": forms.collections(), **forms.filter_values(), **asked},
            source=source.json() if source else None,
            likes=forms.crop_ids("like"),
            unlikes=forms.crop_ids("unlike"),
            text=query.text,
            without=query.without,
            more=found.more(results.SIMILAR_STEP) if request.method == "GET" else None,
        )

    @pages.get("/documents/<document_id>")
    def document(document_id: str) -> str:
        summary = engine.document(document_id)
        number = forms.integer("page", 1, low=1)
        shown = engine.page(document_id, number)
        region = forms.box()
        lines = forms.boxes("line")
        regions = lines or ((region,) if region else ())
        crops = engine.page_crops(document_id, number) if summary.ref.visual else ()
        return page(
            "document.html",
            document=serialize.summary_json(summary),
            facts=_facts(summary),
            place=_place(summary),
            ocr=serialize.ocr_json(shown.recognition),
            number=number,
            width=shown.width,
            height=shown.height,
            region=serialize.box_json(region) if region else None,
            lines=[serialize.box_json(line) for line in lines],
            blocks=show_page(shown, regions, quoted=forms.words("quote")),
            text_lines=text_lines(shown),
            page_sides=[side for side in PAGE_SIDES if side >= links.PAGE_IMAGE_SIDE],
            crops=[serialize.crop_json(crop) for crop in crops],
            file_name=_file_name(summary),
            steps=hits_walk.steps(),
        )

    return pages


def browser_name(agent: str) -> str:
    """The browser and the system that a User-Agent tells of; what is not known, as it is."""
    found = [
        next((name for mark, name in marks.items() if mark in agent), "")
        for marks in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or agent


def _asked_fields(found: Found) -> Json:
    """The fields of the address of a composed query, without filters."""
    weights = {name: forms.words(name) for name in WEIGHTS if forms.words(name)}
    return {
        **(found.source.fields if found.source else {}),
        "like": tuple(forms.crop_ids("like")),
        "unlike": tuple(forms.crop_ids("unlike")),
        "text": forms.words("text", "q"),
        "without": forms.words("without"),
        **{name: weight for name, weight in weights.items() if weight != "1"},
    }


def _with_example(asked: Json, crop_id: int) -> dict[str, str]:
    """The addresses of a composed query with one more picture to be like, and to be unlike."""
    return {
        name: links.with_fields(
            "/similar", **{**asked, name: tuple(dict.fromkeys((*asked[name], crop_id)))}
        )
        for name in ("like", "unlike")
    }


def _without_example(asked: Json, name: str, crop_id: int) -> str:
    left = tuple(each for each in asked[name] if each != crop_id)
    return links.with_fields("/similar", **{**asked, name: left})


def _region_style(hit: Json) -> str:
    """How a hit's picture is drawn: ``crop`` alone, or the ``page`` with its region outlined."""
    if hit["thumbnail"] is None:
        return "none"
    if hit["kind"] == "chunk":
        return "page"
    x0, y0, x1, y1 = hit["box"]
    whole = links.is_whole(BoundingBox.clamped(x0, y0, x1, y1))
    return "page" if hit["document"]["type"].startswith("image/") and not whole else "crop"


def _facts(summary: DocumentSummary) -> list[tuple[str, str]]:
    """What the file says of itself, as (name, value), in the order of ``FACTS``."""
    texts, metadata = language.texts(), summary.metadata
    width, height = metadata.get("width"), metadata.get("height")
    known = {
        **metadata,
        "date": texts.date(metadata.get("date", "")),
        "date_taken": texts.date(metadata.get("date_taken", "")),
        "dimensions": f"{width} × {height}" if width and height else "",
    }
    return [(texts(f"fact_{name}"), known[name]) for name in FACTS if known.get(name)]


def _place(summary: DocumentSummary) -> str:
    """Where a photo was taken, in the language of the page; "" if that is not known."""
    place = summary.metadata.get("place", "")
    return summary.metadata.get("place_ru", place) if language.texts().language == "ru" else place


def _file_name(summary: DocumentSummary) -> str:
    return summary.ref.path.replace("\\", "/").rsplit("/", 1)[-1]


def _ranking_name(name: str) -> str:
    """What a ranking is called; the second photo of a query has "image-image-2"."""
    kind, _, number = name.rpartition("-")
    if not number.isdecimal():
        kind, number = name, ""
    called = language.texts().get(f"ranking_{kind}") or kind
    return f"{called} {number}".rstrip()


def _asked(settings: WebSettings) -> Query | None:
    """What the Ask page's form asks; None if it is empty."""
    text = forms.words("q")
    image = forms.photo(settings)
    if not text and image is None:
        return None
    return Query(
        text=text,
        image=image,
        box=forms.box() if image else None,
        collections=forms.collections(),
        filters=forms.filters(),
    )


def _last_turn(engine: Engine, answer: Answer) -> str:
    """The address of an answer that has just been kept."""
    turns = engine.conversation(answer.conversation).turns
    return links.conversation(answer.conversation, len(turns))


def _answered(engine: Engine, query: Query, answer: Answer) -> Json:
    """What the templates of an answer need."""
    return {
        "question": query.text,
        "answer": serialize.answer_json(answer),
        "nearest": _nearest(engine, query, answer),
        "strip": strip.pictures(engine, answer),
        "share": _share(engine, query, answer),
    }


def _share(engine: Engine, query: Query, answer: Answer) -> str:
    """The address that gives this answer again, "" if none does."""
    if query.image is None:
        fields = query.filters.fields()
        words = answer.searched or answer.question
        return links.with_fields("/", q=words, collection=query.collections, **fields)
    return _last_turn(engine, answer) if answer.conversation else ""


def _nearest(engine: Engine, query: Query, answer: Answer) -> list[shapes.Hit]:
    """The hits that a refusal without sources shows instead."""
    if not answer.refused or answer.citations:
        return []
    found = engine.search(replace(query, kind=None, limit=NEAREST))
    return serialize.search_json(found)["hits"]
