"""Files that arrive over HTTP, for the upload page and the API alike."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import request

from indexer.errors import InvalidInput
from retriever.domain import HandedIn, UploadReport
from web import forms
from web.engine import Engine
from web.settings import WebSettings


def receive(engine: Engine, settings: WebSettings) -> HandedIn:
    """Have the request's ``files`` indexed in its ``collection``; by which job.

    They join the ``job`` of the request, where it names one. InvalidInput when there are no files.
    """
    with _received(settings) as (collection, files):
        return engine.shelf.hand_in(
            collection,
            files,
            job_id=forms.integer("job", 0, high=2**63 - 1) or None,
            more=forms.flag("more"),
        )


def receive_and_wait(engine: Engine, settings: WebSettings) -> tuple[str, UploadReport]:
    """Index the request's ``files`` in its ``collection``; both the name and the outcome."""
    with _received(settings) as (collection, files):
        return collection, engine.upload(collection, files)


@contextmanager
def _received(settings: WebSettings) -> Iterator[tuple[str, list[tuple[str, Path]]]]:
    """The collection, and the files by their names, kept as long as the context lasts."""
    request.max_content_length = settings.max_upload_bytes
    collection = forms.collection_name()
    with tempfile.TemporaryDirectory(prefix="sightline-") as folder:
        yield collection, _keep(Path(folder))


def _keep(folder: Path) -> list[tuple[str, Path]]:
    """Write uploaded files below ``folder`` under names of our own, with their suffixes."""
    kept: list[tuple[str, Path]] = []
    for file in request.files.getlist("files"):
        name = forms.upload_name(file)
        if not name:
            continue
        suffix = Path(name).suffix
        safe = suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 16
        path = folder / f"{len(kept):05d}{suffix if safe else ''}"
        file.save(path)
        kept.append((name, path))
    if not kept:
        raise InvalidInput("files", cause="none were chosen", remedy="choose at least one file")
    return kept
