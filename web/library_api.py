"""The HTTP API about documents on their shelf: adding, removing, jobs, folders, saved questions."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import get_args

from flask import Blueprint, Response, g, jsonify, make_response

from indexer.errors import InvalidInput
from indexer.store.folders import Order
from retriever.domain import JobStatus, SavedQuestion
from web import forms, library_json, serialize, sse
from web import library_shapes as shapes
from web.describe import describes
from web.engine import Engine
from web.paging import paged, stretch, stretch_of
from web.settings import WebSettings
from web.shapes import Deleted, Job, Stretch, Upload, UploadForm
from web.uploads import receive, receive_and_wait

# How long one answer follows a job; whoever wants more asks again.
_FOLLOW_SECONDS = 30.0
_PAGES = ("ask", "search")
_KINDS = ("", "chunk", "crop", "photo", "figure", "objects")


def build_library_api(engine: Engine, settings: WebSettings) -> Blueprint:
    api = Blueprint("library_api", __name__, url_prefix="/api/v1")

    @api.post("/documents")
    @describes(
        "Add files",
        form=UploadForm,
        returns=shapes.HandedIn,
        status=HTTPStatus.ACCEPTED,
        others={HTTPStatus.OK: Upload},
        max_bytes=settings.max_upload_bytes,
    )
    def add_documents() -> Response:
        """They are kept at once, and indexed by the job in the answer, which its Location leads
        to. With `wait=1` the answer comes when that is done, and tells what became of each file.
        """
        if forms.flag("wait"):
            collection, report = receive_and_wait(engine, settings)
            g.subject = collection
            return jsonify({"collection": collection, **serialize.upload_json(report)})
        handed = receive(engine, settings)
        g.subject = handed.job.collection
        response = make_response(jsonify(library_json.handed_in_json(handed)), HTTPStatus.ACCEPTED)
        response.headers["Location"] = f"/api/v1/jobs/{handed.job.id}"
        return response

    @api.delete("/documents/<document_id>")
    @describes("Forget a document", query=shapes.InCollection, returns=Deleted)
    def remove_document(document_id: str) -> Response:
        """Of an upload, the kept copy goes too; a file of your own stays where it is, and comes
        back when its folder is indexed again.
        """
        collection = forms.words("collection") or None
        return jsonify({"deleted": engine.shelf.remove_document(document_id, collection)})

    # -- jobs ------------------------------------------------------------------------------------

    @api.get("/jobs")
    @describes("Runs of indexing, the latest first", query=Stretch, returns=shapes.Jobs)
    def jobs() -> Response:
        offset, limit = stretch()
        listing = library_json.jobs_json(engine.shelf.jobs(offset, limit))
        return jsonify(paged(listing, offset, limit))

    @api.get("/jobs/<int:job_id>")
    @describes("How far a job is", returns=Job, events={"job": Job})
    def job(job_id: int) -> Response:
        """With `Accept: text/event-stream` it comes again whenever it has changed, until the job
        has ended or half a minute has passed.
        """
        if sse.wanted():
            return sse.send(_told(engine.shelf.follow(job_id, _FOLLOW_SECONDS)))
        return jsonify(serialize.job_json(engine.shelf.job(job_id)))

    @api.delete("/jobs/<int:job_id>")
    @describes("Cancel a job", returns=Job)
    def cancel_job(job_id: int) -> Response:
        """What is indexed stays; uploads that are not go."""
        return jsonify(serialize.job_json(engine.shelf.cancel_job(job_id)))

    @api.post("/jobs/<int:job_id>/retry")
    @describes("Try again what a job could not read", returns=Job, status=HTTPStatus.ACCEPTED)
    def retry_job(job_id: int) -> tuple[Response, int]:
        found = engine.shelf.retry_job(job_id)
        return jsonify(serialize.job_json(found)), HTTPStatus.ACCEPTED

    @api.post("/jobs")
    @describes(
        "Try again all that could not be read",
        json=shapes.RetryJson,
        returns=shapes.Retried,
        status=HTTPStatus.ACCEPTED,
    )
    def retry_failed() -> tuple[Response, int]:
        collection = forms.json_text(forms.json_object(), "collection") or None
        found = engine.shelf.retry_failed(collection)
        return jsonify({"jobs": [serialize.job_json(each) for each in found]}), HTTPStatus.ACCEPTED

    # -- collections and folders -----------------------------------------------------------------

    @api.get("/collections")
    @describes(
        "Collections with their counts, encoders, languages and sizes",
        query=Stretch,
        returns=shapes.CollectionDetails,
    )
    def collections() -> Response:
        found = [library_json.collection_json(each) for each in engine.shelf.collections()]
        return jsonify(stretch_of("collections", found))

    @api.patch("/collections/<name>")
    @describes("Rename a collection", json=shapes.NameJson, returns=shapes.CollectionDetail)
    def rename_collection(name: str) -> Response:
        new = " ".join(forms.json_text(forms.json_object(), "name").split())
        engine.shelf.rename_collection(name, new)
        found = next(each for each in engine.shelf.collections() if each.status.name == new)
        return jsonify(library_json.collection_json(found))

    @api.delete("/collections/<name>")
    @describes("Forget a collection with all its documents", returns=Deleted)
    def delete_collection(name: str) -> Response:
        """Kept uploads go; files of your own stay where they are."""
        return jsonify({"deleted": engine.shelf.delete_collection(name)})

    @api.get("/folders")
    @describes("Folders and the documents in them", query=shapes.FolderQuery,
               returns=shapes.FolderContent)  # fmt: skip
    def folders() -> Response:
        offset, limit = stretch()
        found = engine.shelf.browse(
            forms.words("below"),
            forms.words("collection") or None,
            words=forms.words("q"),
            filters=forms.filters(),
            order=order(),
            offset=offset,
            limit=limit,
        )
        return jsonify(paged(library_json.folder_json(found), offset, limit))

    @api.get("/duplicates")
    @describes(
        "Identical files, and photos that are nearly the same",
        query=shapes.OfCollection,
        returns=shapes.DuplicateGroups,
    )
    def duplicates() -> Response:
        offset, limit = stretch()
        groups = engine.duplicates(forms.words("collection") or None)
        shown = [library_json.duplicates_json(each) for each in groups[offset : offset + limit]]
        return jsonify(paged({"total": len(groups), "groups": shown}, offset, limit))

    # -- saved questions -------------------------------------------------------------------------

    @api.get("/saved")
    @describes("Your saved questions, by name", query=Stretch, returns=shapes.SavedQuestions)
    def saved() -> Response:
        found = engine.shelf.saved_questions()
        return jsonify(stretch_of("questions", [library_json.saved_json(each) for each in found]))

    @api.post("/saved")
    @describes("Save a question", json=shapes.SaveJson, returns=shapes.SavedQuestion,
               status=HTTPStatus.CREATED)  # fmt: skip
    def save() -> tuple[Response, int]:
        body = forms.json_object()
        question = SavedQuestion(
            name=forms.json_text(body, "name"),
            page=choice(forms.json_text(body, "page") or "ask", "page", _PAGES),
            question=forms.json_text(body, "question"),
            kind=choice(forms.json_text(body, "kind"), "kind", _KINDS),
            collections=forms.json_collections(body),
            filters=forms.json_filters(body),
        )
        kept = engine.shelf.save_question(question)
        return jsonify(library_json.saved_json(kept)), HTTPStatus.CREATED

    @api.patch("/saved/<int:question_id>")
    @describes("Rename a saved question", json=shapes.NameJson, returns=shapes.SavedQuestion)
    def rename_saved(question_id: int) -> Response:
        name = forms.json_text(forms.json_object(), "name")
        return jsonify(library_json.saved_json(engine.shelf.rename_question(question_id, name)))

    @api.delete("/saved/<int:question_id>")
    @describes("Delete a saved question for good", returns=Deleted)
    def delete_saved(question_id: int) -> Response:
        engine.shelf.delete_question(question_id)
        return jsonify({"deleted": 1})

    # -- models and health -----------------------------------------------------------------------

    @api.get("/models")
    @describes("Models that are in use or can be", query=Stretch, returns=shapes.Models)
    def models() -> Response:
        found = engine.shelf.models()
        return jsonify(stretch_of("models", [library_json.model_json(each) for each in found]))

    @api.get("/health")
    @describes("What can go wrong, looked at", returns=shapes.Health)
    def health() -> Response:
        """Loads every model and checks the whole catalogue, which takes a while."""
        found = library_json.health_json(engine.shelf.examine(), engine.shelf.storage())
        return jsonify(found)

    return api


def order() -> Order:
    raw = forms.words("order") or "name"
    for known in get_args(Order):
        if raw == known:
            return known  # type: ignore[no-any-return]
    raise InvalidInput(
        "order", cause=f"{raw[:40]!r} is unknown", remedy=f"use {', '.join(get_args(Order))}"
    )


def choice(value: str, name: str, known: tuple[str, ...]) -> str:
    """``value``; InvalidInput unless it is one of those that are known."""
    if value not in known:
        raise InvalidInput(
            name, cause=f"{value[:40]!r} is unknown", remedy=f"use {', '.join(filter(None, known))}"
        )
    return value


def _told(jobs: Iterator[JobStatus]) -> Iterator[tuple[str, Job]]:
    for each in jobs:
        yield "job", serialize.job_json(each)
