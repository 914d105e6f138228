"""Files that arrive over HTTP, for the upload page and the API alike."""

import tempfile
from pathlib import Path

from flask import request

from indexer.errors import InvalidInput
from retriever.domain import UploadReport
from web import forms
from web.engine import Engine
from web.settings import WebSettings


def receive(engine: Engine, settings: WebSettings) -> tuple[str, UploadReport]:
    """Index the request's ``files`` into its ``collection``; both the name and the outcome.

    Raises InvalidInput when there are no files.
    """
    request.max_content_length = settings.max_upload_bytes
    collection = forms.collection_name()
    with tempfile.TemporaryDirectory(prefix="sightline-") as folder:
        return collection, engine.upload(collection, _keep(Path(folder)))


def _keep(folder: Path) -> list[tuple[str, Path]]:
    """Write uploaded files below ``folder`` under names of our own, with their suffixes."""
    kept: list[tuple[str, Path]] = []
    for file in request.files.getlist("files"):
        name = forms.file_name(file)
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
