"""The HTTP API, version 1: parse, call the engine once, serialise."""

from dataclasses import replace

from flask import Blueprint, Response, jsonify, request

from indexer.errors import InvalidInput
from retriever.domain import Query
from web import forms, serialize, shapes, sse, transcript
from web.describe import FORMS, describes
from web.engine import Engine
from web.paging import MOST_HITS, hits_stretch, paged, ranked, stretch
from web.queries import similar_query
from web.settings import WebSettings


def build_api(engine: Engine, settings: WebSettings) -> Blueprint:
    api = Blueprint("api", __name__, url_prefix="/api/v1")

    @api.get("/search")
    @describes(
        "Passages and pictures for words",
        query=shapes.SearchQuery,
        returns=shapes.SearchStretch,
        queued=True,
    )
    def search() -> Response:
        offset, wanted = hits_stretch()
        query = Query(
            text=forms.words("q"),
            kind=forms.kind(),
            collections=forms.collections(),
            filters=forms.filters(),
            limit=min(MOST_HITS, offset + wanted),
            by_document=forms.by_document(),
        )
        found = serialize.search_json(engine.search(query))
        return jsonify(ranked(found, offset, wanted))

    @api.get("/find")
    @describes(
        "Boxes around a thing in pictures",
        query=shapes.FindQuery,
        returns=shapes.Find,
        queued=True,
    )
    def find() -> Response:
        """Looks at every picture anew, so it takes a while: 20 s for 170 pictures on 2 cores."""
        query = Query(
            text=forms.words("q"),
            collections=forms.collections(),
            filters=forms.filters(),
            limit=forms.limit(),
        )
        return jsonify(serialize.find_json(engine.find(query)))

    @api.get("/similar")
    @describes(
        "Pictures like indexed ones",
        query=shapes.SimilarQuery,
        returns=shapes.SearchStretch,
        queued=True,
    )
    def similar_to_indexed() -> Response:
        """Begins with `crop`, `document` or `like`; words and weights steer it."""
        offset, wanted = hits_stretch()
        query, _ = similar_query(engine, settings, kind=forms.kind())
        query = replace(query, limit=min(MOST_HITS, offset + wanted))
        found = serialize.search_json(engine.similar(query))
        return jsonify(ranked(found, offset, wanted))

    @api.post("/similar")
    @describes("Pictures like a photo", form=shapes.SimilarForm, returns=shapes.Search, queued=True)
    def similar() -> Response:
        """Begins with a photo, `crop`, `document` or `like`; words and weights steer it."""
        query, _ = similar_query(engine, settings, kind=forms.kind())
        return jsonify(serialize.search_json(engine.similar(query)))

    @api.get("/ask")
    @describes(
        "An answer that is not kept", query=shapes.AskQuery, returns=shapes.Answer, queued=True
    )
    def answer() -> Response:
        query = Query(
            text=forms.words("question", "q"),
            collections=forms.collections(),
            filters=forms.filters(),
        )
        return jsonify(serialize.answer_json(engine.ask(query)))

    @api.post("/ask")
    @describes(
        "An answer with its sources, or a refusal",
        json=shapes.AskJson,
        form=shapes.AskForm,
        returns=shapes.Answer,
        events=sse.EVENTS,
        queued=True,
    )
    def ask() -> Response:
        """With `Accept: text/event-stream` it comes piece by piece, as server-sent events: drafts
        of a model, each finished statement with its citations, then the whole answer.
        """
        if request.mimetype in FORMS:
            conversation = forms.conversation()
            query = Query(
                text=forms.words("question", "q"),
                image=forms.photo(settings),
                box=forms.box(),
                collections=forms.collections(),
                filters=forms.filters(),
            )
        else:
            body = forms.json_object()
            conversation = forms.checked_conversation(forms.json_text(body, "conversation"))
            query = Query(
                text=forms.json_text(body, "question"),
                collections=forms.json_collections(body),
                filters=forms.json_filters(body),
            )
        if sse.wanted():
            return sse.respond(engine.stream(query, conversation=conversation))
        return jsonify(serialize.answer_json(engine.ask(query, conversation=conversation)))

    @api.get("/conversations")
    @describes(
        "Kept conversations, the latest first", query=shapes.Stretch, returns=shapes.Conversations
    )
    def conversations() -> Response:
        offset, limit = stretch()
        listing = serialize.conversations_json(engine.conversations(offset, limit))
        return jsonify(paged(listing, offset, limit))

    @api.delete("/conversations")
    @describes("Delete all conversations for good", returns=shapes.Deleted)
    def delete_conversations() -> Response:
        return jsonify({"deleted": engine.delete_conversations()})

    @api.get("/conversations/<conversation_id>")
    @describes("A conversation with all its answers", returns=shapes.Transcript)
    def conversation(conversation_id: str) -> Response:
        return jsonify(serialize.transcript_json(engine.conversation(conversation_id)))

    @api.delete("/conversations/<conversation_id>")
    @describes("Delete a conversation for good", returns=shapes.Deleted)
    def delete_conversation(conversation_id: str) -> Response:
        engine.delete_conversation(conversation_id)
        return jsonify({"deleted": 1})

    @api.get("/conversations/<conversation_id>/export")
    @describes(
        "A conversation as a file",
        query=shapes.ExportQuery,
        files=tuple(transcript.FORMATS.values()),
    )
    def export_conversation(conversation_id: str) -> Response:
        kind = forms.words("format") or "md"
        if kind not in transcript.FORMATS:
            raise InvalidInput("format", cause=f"{kind[:40]!r} is unknown", remedy="use md or json")
        told = engine.conversation(conversation_id)
        return Response(
            transcript.text(told, kind),
            mimetype=transcript.FORMATS[kind],
            headers={"Content-Disposition": f'attachment; filename="conversation.{kind}"'},
        )

    @api.get("/status")
    @describes("What is indexed, what could not be, models in use", returns=shapes.Status)
    def status() -> Response:
        return jsonify(serialize.status_json(engine.status()))

    @api.get("/documents")
    @describes("Documents by path", query=shapes.DocumentsQuery, returns=shapes.Documents)
    def documents() -> Response:
        offset, limit = stretch()
        collection = forms.words("collection") or None
        listing = engine.documents(collection, offset, limit, forms.filters())
        return jsonify(paged(serialize.documents_json(listing), offset, limit))

    @api.get("/documents/<document_id>")
    @describes("What is known of a document", returns=shapes.DocumentSummary)
    def document(document_id: str) -> Response:
        return jsonify(serialize.summary_json(engine.document(document_id)))

    @api.get("/documents/<document_id>/pages/<int:number>")
    @describes("A page: its text with places, its pictures", returns=shapes.Page)
    def page(document_id: str, number: int) -> Response:
        summary = engine.document(document_id)
        crops = engine.page_crops(document_id, number) if summary.ref.visual else ()
        return jsonify(serialize.page_json(summary, engine.page(document_id, number), crops))

    return api
