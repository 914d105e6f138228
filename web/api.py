"""The HTTP API, version 1: parse, call the engine once, serialise."""

from flask import Blueprint, Response, jsonify, request

from indexer.errors import InvalidInput
from retriever.domain import Query
from web import forms, serialize, sse, transcript
from web.engine import Engine
from web.queries import similar_query
from web.settings import WebSettings
from web.uploads import receive

_MAX_JSON_BYTES = 1024 * 1024


def build_api(engine: Engine, settings: WebSettings) -> Blueprint:
    api = Blueprint("api", __name__, url_prefix="/api/v1")

    @api.get("/search")
    def search() -> Response:
        query = Query(
            text=forms.words("q"),
            kind=forms.kind(),
            collections=forms.collections(),
            filters=forms.filters(),
            limit=forms.limit(),
            by_document=forms.by_document(),
        )
        return jsonify(serialize.search_json(engine.search(query)))

    @api.get("/find")
    def find() -> Response:
        query = Query(
            text=forms.words("q"),
            collections=forms.collections(),
            filters=forms.filters(),
            limit=forms.limit(),
        )
        return jsonify(serialize.find_json(engine.find(query)))

    @api.post("/similar")
    def similar() -> Response:
        query, _ = similar_query(engine, settings, kind=forms.kind())
        return jsonify(serialize.search_json(engine.similar(query)))

    @api.post("/ask")
    def ask() -> Response:
        if request.mimetype in {"multipart/form-data", "application/x-www-form-urlencoded"}:
            conversation = forms.conversation()
            query = Query(
                text=forms.words("question", "q"),
                image=forms.photo(settings),
                box=forms.box(),
                collections=forms.collections(),
                filters=forms.filters(),
            )
        else:
            request.max_content_length = _MAX_JSON_BYTES
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
    def conversations() -> Response:
        listing = engine.conversations(
            forms.integer("offset", 0), forms.integer("limit", 50, low=1, high=500)
        )
        return jsonify(serialize.conversations_json(listing))

    @api.delete("/conversations")
    def delete_conversations() -> Response:
        return jsonify({"deleted": engine.delete_conversations()})

    @api.get("/conversations/<conversation_id>")
    def conversation(conversation_id: str) -> Response:
        return jsonify(serialize.transcript_json(engine.conversation(conversation_id)))

    @api.delete("/conversations/<conversation_id>")
    def delete_conversation(conversation_id: str) -> Response:
        engine.delete_conversation(conversation_id)
        return jsonify({"deleted": 1})

    @api.get("/conversations/<conversation_id>/export")
    def export_conversation(conversation_id: str) -> Response:
        """The conversation as a file: ``format=md`` (Markdown) or ``json``."""
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
    def status() -> Response:
        return jsonify(serialize.status_json(engine.status()))

    @api.post("/documents")
    def add_documents() -> Response:
        collection, report = receive(engine, settings)
        return jsonify({"collection": collection, **serialize.upload_json(report)})

    @api.get("/documents")
    def documents() -> Response:
        listing = engine.documents(
            forms.words("collection") or None,
            forms.integer("offset", 0),
            forms.integer("limit", 50, low=1, high=500),
            forms.filters(),
        )
        return jsonify(serialize.documents_json(listing))

    @api.get("/documents/<document_id>/pages/<int:number>")
    def page(document_id: str, number: int) -> Response:
        summary = engine.document(document_id)
        crops = engine.page_crops(document_id, number) if summary.ref.visual else ()
        return jsonify(serialize.page_json(summary, engine.page(document_id, number), crops))

    return api
