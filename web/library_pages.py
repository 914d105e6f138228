"""Pages about documents on their shelf: adding, jobs, collections, folders, health, models."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from indexer.errors import InvalidInput
from indexer.filters import KINDS
from indexer.store.folders import Order
from retriever.domain import SavedQuestion, called
from web import forms, language, library_json, links, serialize
from web.engine import Engine
from web.library_api import choice, order
from web.library_shapes import Model
from web.settings import WebSettings
from web.uploads import receive

DOCUMENTS_STEP = 30
JOBS_STEP = 20
GROUPS_STEP = 20
_LONGEST_TITLE = 200  # characters of one that is told in an address
# What ``Library`` takes for the name of a collection, as browsers check it (their v flag).
NAME_PATTERN = r"\p{White_Space}*[\p{L}\p{N}_][\p{L}\p{N}_\p{White_Space}.\(\)\-]{0,99}"
# Roles of models, in the order in which a question meets them.
ROLES = ("text", "clip", "ocr", "reranker", "generator", "detector")


def build_library_pages(engine: Engine, settings: WebSettings) -> Blueprint:
    pages = Blueprint("library", __name__)

    @pages.app_context_processor
    def helpers() -> dict[str, Any]:
        return {
            "called": called,
            "folder_url": lambda **fields: links.with_fields("/documents", **fields),
            "time_left": time_left,
            "decimal": decimal,
            "language_name": language_name,
            "model_name": model_name,
            "name_pattern": NAME_PATTERN,
            "indexing": indexing,
        }

    def indexing(collection: str = "") -> bool:
        """Whether files are being indexed, or wait for it; in one collection or in any."""
        latest = engine.shelf.jobs(0, JOBS_STEP).jobs
        return any(each.active and collection in {"", each.collection} for each in latest)

    def page(template: str, **values: Any) -> str:
        collections = [serialize.collection_json(item) for item in engine.collections()]
        return render_template(
            template, collections=collections, chosen=forms.collections(), **values
        )

    # -- adding ----------------------------------------------------------------------------------

    @pages.route("/upload", methods=["GET", "POST"])
    def upload() -> str | BaseResponse:
        if request.method == "GET":
            return page("upload.html", settings=settings)
        handed = receive(engine, settings)
        g.subject = handed.job.collection
        return redirect(f"/jobs/{handed.job.id}", HTTPStatus.SEE_OTHER)

    @pages.get("/jobs")
    def jobs() -> str:
        offset = forms.integer("offset", 0)
        listing = library_json.jobs_json(engine.shelf.jobs(offset, JOBS_STEP))
        return page("jobs.html", listing=listing, offset=offset, step=JOBS_STEP, at=_at("/jobs"))

    @pages.get("/jobs/<int:job_id>")
    def job(job_id: int) -> str:
        found = engine.shelf.job(job_id)
        return page("job.html", job=serialize.job_json(found), can_retry=found.can_retry)

    @pages.post("/jobs/<int:job_id>/cancel")
    def cancel_job(job_id: int) -> BaseResponse:
        engine.shelf.cancel_job(job_id)
        return redirect(f"/jobs/{job_id}", HTTPStatus.SEE_OTHER)

    @pages.post("/jobs/<int:job_id>/retry")
    def retry_job(job_id: int) -> BaseResponse:
        engine.shelf.retry_job(job_id)
        return redirect(f"/jobs/{job_id}", HTTPStatus.SEE_OTHER)

    @pages.post("/jobs/retry")
    def retry_failed() -> BaseResponse:
        found = engine.shelf.retry_failed(forms.words("collection") or None)
        address = f"/jobs/{found[0].id}" if len(found) == 1 else "/jobs"
        return redirect(address, HTTPStatus.SEE_OTHER)

    # -- collections and folders -----------------------------------------------------------------

    @pages.get("/collections")
    def collections() -> str:
        return _collections()

    def _collections(**refused: str) -> str:
        """With what was ``typed`` for the name of a collection, and the ``problem`` with it."""
        found = [library_json.collection_json(each) for each in engine.shelf.collections()]
        return page("collections.html", details=found, refused=refused)

    @pages.post("/collections/<name>/rename")
    def rename_collection(name: str) -> BaseResponse | tuple[str, int]:
        typed = forms.words("name")
        try:
            engine.shelf.rename_collection(name, typed)
        except InvalidInput as exc:
            refused = _collections(name=name, typed=typed, problem=str(exc))
            return refused, HTTPStatus.BAD_REQUEST
        return redirect("/collections", HTTPStatus.SEE_OTHER)

    @pages.post("/collections/<name>/delete")
    def delete_collection(name: str) -> BaseResponse:
        engine.shelf.delete_collection(name)
        return redirect("/collections", HTTPStatus.SEE_OTHER)

    @pages.get("/documents")
    def documents() -> str:
        collection = forms.words("collection") or None
        offset = forms.integer("offset", 0)
        words, kind = forms.words("q"), forms.words("type")
        found = library_json.folder_json(
            engine.shelf.browse(
                forms.words("below"),
                collection,
                words=words,
                filters=forms.filters(),
                order=order(),
                offset=offset,
                limit=DOCUMENTS_STEP,
            )
        )
        return page(
            "documents.html",
            content=found,
            crumbs=_crumbs(found["path"]),
            narrowed=_shown(""),
            collection=collection,
            words=words,
            kind=kind,
            kinds=tuple(KINDS),
            order=order(),
            orders=get_args(Order),
            offset=offset,
            step=DOCUMENTS_STEP,
            removed=forms.words("removed")[:_LONGEST_TITLE],
            at=_at("/documents", **_shown(found["path"])),
        )

    @pages.post("/documents/<document_id>/remove")
    def remove_document(document_id: str) -> BaseResponse:
        title = engine.document(document_id).ref.title
        engine.shelf.remove_document(document_id, forms.words("collection") or None)
        back = _told_removed(links.local_address(forms.words("next")), title)
        return redirect(back, HTTPStatus.SEE_OTHER)

    @pages.get("/duplicates")
    def duplicates() -> str:
        collection = forms.words("collection") or None
        offset = forms.integer("offset", 0)
        groups = engine.duplicates(collection)
        shown = groups[offset : offset + GROUPS_STEP]
        return page(
            "duplicates.html",
            groups=[library_json.duplicates_json(each) for each in shown],
            total=len(groups),
            wasted=sum(_spare_bytes(each) for each in groups if each.identical),
            collection=collection,
            offset=offset,
            step=GROUPS_STEP,
            at=_at("/duplicates", collection=collection),
        )

    # -- saved questions -------------------------------------------------------------------------

    @pages.get("/saved")
    def saved() -> str:
        found = [library_json.saved_json(each) for each in engine.shelf.saved_questions()]
        return page("saved.html", questions=found)

    @pages.post("/saved")
    def save() -> BaseResponse:
        question = SavedQuestion(
            name=forms.words("name"),
            page=choice(forms.words("page") or "ask", "page", ("ask", "search")),
            question=forms.words("q"),
            kind=forms.words("kind")[:20],
            collections=forms.collections(),
            filters=forms.filters(),
        )
        kept = engine.shelf.save_question(question)
        return redirect(f"/saved#saved-{kept.id}", HTTPStatus.SEE_OTHER)

    @pages.post("/saved/<int:question_id>/rename")
    def rename_saved(question_id: int) -> BaseResponse:
        engine.shelf.rename_question(question_id, forms.words("name"))
        return redirect(f"/saved#saved-{question_id}", HTTPStatus.SEE_OTHER)

    @pages.post("/saved/<int:question_id>/delete")
    def delete_saved(question_id: int) -> BaseResponse:
        engine.shelf.delete_question(question_id)
        return redirect("/saved", HTTPStatus.SEE_OTHER)

    # -- models and health -----------------------------------------------------------------------

    @pages.get("/models")
    def models() -> str:
        found = [library_json.model_json(each) for each in engine.shelf.models()]
        return page(
            "models.html",
            roles=[(role, _of_role(found, role)) for role in ROLES],
            settings=library_json.SETTINGS,
        )

    @pages.get("/status")
    def status() -> str:
        findings = engine.shelf.examine() if forms.flag("check") else ()
        return page(
            "status.html",
            status=serialize.status_json(engine.status()),
            storage=library_json.storage_json(engine.shelf.storage()),
            findings=[each.as_json() for each in findings],
        )

    return pages


def time_left(seconds: int) -> str:
    """How long something will take, as people say it."""
    texts = language.texts()
    if seconds < 90:
        return texts("seconds_left", n=max(1, seconds))
    if seconds < 90 * 60:
        return texts("minutes_left", n=round(seconds / 60))
    return texts("hours_left", n=round(seconds / 3600))


def decimal(value: float) -> str:
    """With one decimal, as it is written here."""
    return f"{value:.1f}" if language.texts().language == "en" else f"{value:.1f}".replace(".", ",")


def _at(address: str, **fields: Any) -> Callable[[int], str]:
    """The address of the stretch of a list that begins at an offset."""
    return lambda offset: links.with_fields(address, **fields, offset=offset or None)


def _shown(folder: str) -> dict[str, Any]:
    """What narrows the list of documents, as fields of an address."""
    return {
        "below": folder,
        "collection": forms.words("collection"),
        "q": forms.words("q"),
        "type": forms.words("type"),
        "order": None if order() == "name" else order(),
    }


def language_name(code: str) -> str:
    texts = language.texts()
    return texts.get(f"filter_language_{code}") or code or texts("language_unknown")


def model_name(role: str, names: str) -> str:
    """What people call the models of a role, of which there may be several, as ``a, b``."""
    texts = language.texts()
    return ", ".join(texts.get(f"model_{role}_{name}") or name for name in names.split(", "))


def _told_removed(address: str, title: str) -> str:
    """The address, where it is a list of documents, with what has been removed from it."""
    parts = urlsplit(address)
    if parts.path != "/documents":
        return address
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != "removed"]
    return f"{parts.path}?{urlencode([*kept, ('removed', title[:_LONGEST_TITLE])])}"


def _of_role(models: list[Model], role: str) -> list[Model]:
    """Those that are in use first."""
    found = [each for each in models if each["role"] == role]
    return sorted(found, key=lambda each: each["state"] != "in use")


def _crumbs(folder: str) -> list[tuple[str, str]]:
    """Name and path of every folder above and of this one, the outermost first."""
    parts = [part for part in folder.split("/") if part]
    start = "/" if folder.startswith("/") else ""
    return [(part, start + "/".join(parts[: n + 1])) for n, part in enumerate(parts)]


def _spare_bytes(group: Any) -> int:
    return sum(each.size * len(each.copies) for each in group.documents)
