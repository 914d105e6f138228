"""Results as the JSON of ``web.shapes``, for the HTTP API, the terminal and the pages."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from indexer.domain import Block, BoundingBox, Page, Recognition
from indexer.pipeline import IndexReport
from indexer.store.people import Deed, Key, Person
from retriever.discovery import Server
from retriever.domain import (
    Answer,
    Citation,
    CollectionStatus,
    Conversation,
    ConversationList,
    CropView,
    DocumentList,
    DocumentRef,
    DocumentSummary,
    DuplicateGroup,
    FailedFile,
    FindResult,
    Hit,
    JobStatus,
    SearchResult,
    Sentence,
    Statement,
    Status,
    Transcript,
    Turn,
    UploadReport,
)
from web import links, shapes

Json = dict[str, Any]


def json_line(value: Mapping[str, Any]) -> str:
    """JSON without line breaks."""
    return json.dumps(value, ensure_ascii=False)


def box_json(box: BoundingBox) -> list[float]:
    return [round(min(1.0, max(0.0, float(value))), 5) for value in box.as_tuple()]


def number_json(value: float) -> float | None:
    """A plain JSON number; None for the infinities and NaN, which JSON lacks."""
    value = float(value)
    return value if math.isfinite(value) else None


def document_json(document: DocumentRef) -> shapes.Document:
    return {
        "id": document.id,
        "path": document.path,
        "title": document.title,
        "type": document.media_type,
        "collection": document.collection,
        "visual": document.visual,
    }


def hit_json(hit: Hit) -> shapes.Hit:
    return {
        "rank": int(hit.rank),
        "kind": hit.key.kind,
        "id": int(hit.key.id),
        "score": number_json(hit.score),
        "document": document_json(hit.document),
        "page": int(hit.page),
        "box": box_json(hit.box),
        "query_box": None if hit.query_box is None else box_json(hit.query_box),
        "text": hit.text,
        "caption": hit.caption,
        "thumbnail": links.item_image(hit.key, hit.document, hit.page),
        "url": links.page_view(hit.document.id, hit.page, hit.box, kind=hit.key.kind),
        "rankings": [
            {"name": found.name, "rank": int(found.rank), "score": number_json(found.score)}
            for found in hit.rankings
        ],
        "matched": list(hit.matched),
        "more": int(hit.more),
        "ocr": ocr_json(hit.recognition),
        "duplicates": list(hit.duplicates),
    }


def ocr_json(recognition: Recognition | None) -> shapes.Ocr | None:
    """How the text was read from pixels; None where the file itself holds it."""
    if recognition is None:
        return None
    return {
        "engine": recognition.engine,
        "confidence": round(float(recognition.confidence), 3),
        "angle": round(float(recognition.angle), 2),
    }


def search_json(result: SearchResult) -> shapes.Search:
    return {
        "query": result.query,
        "hits": [hit_json(hit) for hit in result.hits],
        "weak": bool(result.weak),
    }


def find_json(result: FindResult) -> shapes.Find:
    """``weak`` means that the thing was not found; ``nearest`` are then hits of whole pictures."""
    return {
        "query": result.query,
        "hits": [hit_json(hit) for hit in result.hits],
        "weak": not result.hits,
        "nearest": [hit_json(hit) for hit in result.nearest],
        "detector": result.detector,
        "candidates": int(result.candidates),
        "looked_at": int(result.looked_at),
        "note": result.note,
    }


def citation_json(citation: Citation) -> shapes.Citation:
    """``stale``: its document is not there any more, so that nothing can be shown but the quote."""
    stale = bool(citation.stale)
    return {
        "n": int(citation.n),
        "kind": citation.key.kind,
        "id": int(citation.key.id),
        "document": document_json(citation.document),
        "page": int(citation.page),
        "box": box_json(citation.box),
        "boxes": [box_json(box) for box in citation.boxes],
        "quote": citation.quote,
        "highlights": [[int(start), int(end)] for start, end in citation.highlights],
        "caption": citation.caption,
        "ocr": ocr_json(citation.recognition),
        "stale": stale,
        "thumbnail": None
        if stale
        else links.item_image(citation.key, citation.document, citation.page),
        "url": None
        if stale
        else links.page_view(
            citation.document.id,
            citation.page,
            citation.box,
            kind=citation.key.kind,
            lines=citation.boxes if citation.quote else (),
            quoted="" if citation.document.visual else citation.quote,
        ),
    }


def server_json(server: Server) -> Json:
    return {
        "program": server.program,
        "base_url": server.base_url,
        "models": list(server.models),
        "settings": [server_settings(server, model) for model in server.models],
    }


def server_settings(server: Server, model: str) -> Json:
    """The variables that make a server's model write the answers."""
    return {
        "SIGHTLINE_ANSWER_GENERATOR": f"openai:{model}",
        "SIGHTLINE_ANSWER_BASE_URL": server.base_url,
    }


def sentence_json(sentence: Sentence) -> shapes.Sentence:
    return {
        "text": sentence.text,
        "citations": [int(n) for n in sentence.citations],
        "supported": bool(sentence.supported),
    }


def statement_json(statement: Statement) -> shapes.Statement:
    return {
        "sentence": sentence_json(statement.sentence),
        "citations": [citation_json(citation) for citation in statement.citations],
    }


def answer_json(answer: Answer) -> shapes.Answer:
    """``groundedness``: the share of words in supported sentences; null for a refusal."""
    groundedness = answer.groundedness
    return {
        "question": answer.question,
        "refused": bool(answer.refused),
        "text": answer.text,
        "sentences": [sentence_json(sentence) for sentence in answer.sentences],
        "citations": [citation_json(citation) for citation in answer.citations],
        "generator": answer.generator,
        "groundedness": None if groundedness is None else round(float(groundedness), 3),
        "note": answer.note,
        "searched": answer.searched,
        "conversation": answer.conversation or None,
    }


def time_json(seconds: float) -> str:
    """POSIX time in ISO 8601, UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def conversation_json(conversation: Conversation) -> shapes.Conversation:
    return {
        "id": conversation.id,
        "question": conversation.question,
        "turns": int(conversation.turns),
        "started": time_json(conversation.started_at),
        "updated": time_json(conversation.updated_at),
        "url": links.conversation(conversation.id),
    }


def conversations_json(listing: ConversationList) -> shapes.ConversationsFound:
    return {
        "total": int(listing.total),
        "conversations": [conversation_json(each) for each in listing.conversations],
    }


def turn_json(turn: Turn) -> shapes.Turn:
    return {
        "n": int(turn.id),
        "asked": time_json(turn.asked_at),
        "question": turn.question,
        "collections": list(turn.collections),
        "filters": {name: list(values) for name, values in turn.filters.fields().items()},
        "answer": answer_json(turn.answer),
    }


def transcript_json(transcript: Transcript) -> shapes.Transcript:
    """A conversation with all its turns."""
    conversation = conversation_json(transcript.conversation)
    return {
        "id": conversation["id"],
        "question": conversation["question"],
        "turns": [turn_json(turn) for turn in transcript.turns],
        "started": conversation["started"],
        "updated": conversation["updated"],
        "url": conversation["url"],
    }


def collection_json(collection: CollectionStatus) -> shapes.Collection:
    return {
        "name": collection.name,
        "documents": int(collection.documents),
        "chunks": int(collection.chunks),
        "crops": int(collection.crops),
    }


def status_json(status: Status) -> shapes.Status:
    return {
        "documents": int(status.documents),
        "chunks": int(status.chunks),
        "crops": int(status.crops),
        "failed": [failed_json(file) for file in status.failed],
        "models": dict(status.models),
        "collections": [collection_json(collection) for collection in status.collections],
        "jobs": [job_json(job) for job in status.jobs],
    }


def failed_json(file: FailedFile) -> shapes.FailedFile:
    return {"path": file.path, "cause": file.cause, "remedy": file.remedy}


def job_json(job: JobStatus) -> shapes.Job:
    """``waiting`` files are not searchable yet; ``eta`` in seconds, None while unknown."""
    rate = max(0, job.done - job.done_before) / job.seconds if job.seconds else 0.0
    known = rate and job.state == "running" and not job.stalled
    return {
        "id": int(job.id),
        "url": f"/jobs/{job.id}",
        "kind": cast(Any, job.kind),
        "state": cast(Any, job.state),
        "open": bool(job.open),
        "started": time_json(job.started_at),
        "finished": None if job.finished_at is None else time_json(job.finished_at),
        "cause": job.cause,
        "remedy": job.remedy,
        "errors": [failed_json(each) for each in job.errors],
        "collection": job.collection,
        "total": int(job.done + job.waiting),
        "done": int(job.done),
        "waiting": int(job.waiting),
        "failed": int(job.failed),
        "pages": int(job.pages),
        "chunks": int(job.chunks),
        "crops": int(job.crops),
        "current": job.current,
        "seconds": round(job.seconds, 1),
        "files_per_second": round(rate, 2),
        "eta": round(job.waiting / rate) if known else None,
        "stalled": bool(job.stalled),
    }


def duplicates_json(group: DuplicateGroup) -> Json:
    return {"identical": bool(group.identical), "paths": list(group.paths)}


def report_json(report: IndexReport) -> Json:
    return {
        "indexed": list(report.indexed),
        "unchanged": int(report.unchanged),
        "removed": list(report.removed),
        "missing": list(report.missing),
        "failed": [
            {"path": state.path, "cause": state.cause, "remedy": state.remedy}
            for state in (*report.failed, *report.failed_before)
        ],
        "interrupted": bool(report.interrupted),
    }


def summary_json(summary: DocumentSummary) -> shapes.DocumentSummary:
    return {
        **document_json(summary.ref),
        "pages": int(summary.pages),
        "size": int(summary.size),
        "warnings": list(summary.warnings),
        "copies": list(summary.copies),
        "metadata": dict(summary.metadata),
        "url": links.page_view(summary.ref.id, 1),
    }


def documents_json(listing: DocumentList) -> shapes.DocumentsFound:
    return {
        "total": int(listing.total),
        "documents": [summary_json(summary) for summary in listing.documents],
    }


def _block_json(block: Block) -> shapes.Block:
    return {
        "kind": block.kind,
        "level": int(block.level),
        "text": block.text,
        "lines": [
            {"start": int(span.start), "end": int(span.end), "box": box_json(span.box)}
            for span in block.spans
        ],
    }


def crop_json(crop: CropView) -> shapes.Crop:
    return {
        "id": int(crop.id),
        "kind": crop.kind,
        "box": box_json(crop.box),
        "caption": crop.caption,
        "thumbnail": links.thumbnail(crop.id),
    }


def page_json(summary: DocumentSummary, page: Page, crops: Sequence[CropView]) -> shapes.Page:
    document = summary.ref
    return {
        "document": document_json(document),
        "page": int(page.number),
        "pages": int(summary.pages),
        "width": number_json(page.width),
        "height": number_json(page.height),
        "image": links.page_image(document.id, page.number) if document.visual else None,
        "ocr": ocr_json(page.recognition),
        "blocks": [_block_json(block) for block in page.blocks],
        "crops": [crop_json(crop) for crop in crops],
    }


def upload_json(report: UploadReport) -> shapes.Outcome:
    return {
        "indexed": list(report.indexed),
        "failed": [failed_json(file) for file in report.failed],
    }


def person_json(person: Person) -> Json:
    return {
        "id": int(person.id),
        "name": person.name,
        "role": person.role,
        "collections": None if person.collections is None else sorted(person.collections),
        "suspended": person.suspended,
        "added": time_json(person.added_at),
    }


def key_json(key: Key, current: Key | None = None) -> Json:
    """A session or a token; ``current`` is the one that the request came with."""
    return {
        "id": int(key.id),
        "kind": key.kind,
        "label": key.label,
        "scope": key.scope,
        "added": time_json(key.added_at),
        "used": time_json(key.used_at),
        "expires": None if key.expires_at is None else time_json(key.expires_at),
        "current": current is not None and current.id == key.id,
    }


def deed_json(deed: Deed) -> Json:
    return {
        "at": time_json(deed.at),
        "who": deed.who,
        "action": deed.action,
        "subject": deed.subject,
        "address": deed.address,
    }
