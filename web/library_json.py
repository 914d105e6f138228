"""The JSON of documents on their shelf: jobs, folders, collections, saved questions, health."""

from collections.abc import Sequence
from typing import Any, cast

from retriever import health
from retriever.domain import (
    CollectionDetail,
    DuplicateGroup,
    FolderView,
    HandedIn,
    JobList,
    SavedQuestion,
    Storage,
)
from web import library_shapes as shapes
from web import links, serialize

# The variable that chooses the model of a role.
SETTINGS = {
    "text": "SIGHTLINE_ENCODER_TEXT",
    "clip": "SIGHTLINE_ENCODER_CLIP",
    "reranker": "SIGHTLINE_RERANK_MODEL",
    "detector": "SIGHTLINE_FIND_DETECTOR",
    "generator": "SIGHTLINE_ANSWER_GENERATOR",
    "ocr": "SIGHTLINE_PARSER_OCR_ENGINE",
}


def handed_in_json(handed: HandedIn) -> shapes.HandedIn:
    return {
        "collection": handed.job.collection,
        "job": serialize.job_json(handed.job),
        "left_out": list(handed.left_out),
    }


def jobs_json(listing: JobList) -> shapes.JobsFound:
    return {
        "total": int(listing.total),
        "jobs": [serialize.job_json(each) for each in listing.jobs],
    }


def collection_json(collection: CollectionDetail) -> shapes.CollectionDetail:
    return {
        **serialize.collection_json(collection.status),
        "text_encoder": collection.text_encoder,
        "clip_encoder": collection.clip_encoder,
        "size": int(collection.size),
        "languages": dict(collection.languages),
        "failed": int(collection.failed),
        "active": bool(collection.active),
    }


def folder_json(folder: FolderView) -> shapes.FolderFound:
    return {
        "path": folder.path,
        "folders": [
            {"name": each.name, "path": each.path, "documents": int(each.documents)}
            for each in folder.folders
        ],
        "total": int(folder.total),
        "documents": [serialize.summary_json(each) for each in folder.documents],
    }


def duplicates_json(group: DuplicateGroup) -> shapes.Duplicates:
    return {
        "identical": bool(group.identical),
        "paths": list(group.paths),
        "documents": [serialize.summary_json(each) for each in group.documents],
    }


def saved_json(question: SavedQuestion) -> shapes.SavedQuestion:
    filters = {name: list(values) for name, values in question.filters.fields().items()}
    return {
        "id": int(question.id),
        "name": question.name,
        "page": cast(Any, question.page),
        "question": question.question,
        "kind": question.kind,
        "collections": list(question.collections),
        "filters": filters,
        "saved": serialize.time_json(question.saved_at),
        "url": links.with_fields(
            "/search" if question.page == "search" else "/",
            q=question.question,
            kind=question.kind,
            collection=question.collections,
            **filters,
        ),
    }


def model_json(model: health.Model) -> shapes.Model:
    return {
        "role": model.role,
        "name": model.name,
        "state": cast(Any, model.state),
        "note": model.note,
        "setting": SETTINGS[model.role],
    }


def health_json(findings: Sequence[health.Finding], storage: Storage) -> shapes.Health:
    return {
        "healthy": all(each.ok for each in findings),
        "findings": [
            {
                "subject": each.subject,
                "ok": bool(each.ok),
                "detail": each.detail,
                "advice": each.advice,
            }
            for each in findings
        ],
        "storage": storage_json(storage),
    }


def storage_json(storage: Storage) -> shapes.Storage:
    return {
        "catalogue": int(storage.catalogue),
        "index": int(storage.index),
        "uploads": int(storage.uploads),
        "cache": int(storage.cache),
        "free": int(storage.free),
    }
