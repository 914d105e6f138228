"""What ``sightline models list`` and ``sightline doctor`` have to say."""

import shutil
import sqlite3
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from indexer.encoders import Role, available
from indexer.errors import SightlineError
from indexer.library import Library
from retriever.pipeline import verify_reranker
from retriever.rerankers import available as available_rerankers
from retriever.settings import RetrieverSettings

# Below this, SQLite cannot even be sure of room for its journal.
_MIN_FREE_BYTES = 1 << 30
# Earlier ones have a bug that can damage a WAL database under two writing processes.
_SOUND_SQLITE = (3, 51, 3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A model: ``state`` is "in use", "installed" or "not installed"."""

    role: str
    name: str
    state: str
    note: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    subject: str
    ok: bool
    detail: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


_NOTES = {
    ("text", "packaged"): "English, on every machine",
    ("clip", "packaged"): "English words, 1000 kinds of things, on every machine",
    ("text", "sentence_transformers"): "any local sentence-transformers model",
    ("clip", "open_clip"): "any local open_clip model; ViT-B-32-SigLIP2-256/webli recommended",
    ("reranker", "onnx"): "English, on every machine",
    ("reranker", "sentence_transformers"): "any local sentence-transformers CrossEncoder",
}


def models(library: Library, settings: RetrieverSettings) -> list[Model]:
    """Every model family, what of it is on this machine, and what is in use."""
    used = library.encoder_names()
    roles: tuple[Role, ...] = ("text", "clip")
    found = []
    for role in roles:
        in_use = used[role].split(", ")
        for kind in available(role):
            name = _installed(kind)
            full = kind if kind == "packaged" else f"{kind}:{name}" if name else kind
            chosen = [each for each in in_use if each.partition(":")[0] == kind]
            state = "in use" if chosen else "installed" if name else "not installed"
            found.append(
                Model(
                    role=role,
                    name=", ".join(chosen) or full,
                    state=state,
                    note=_NOTES.get((role, kind), ""),
                )
            )
    for kind in available_rerankers():
        chosen_reranker = settings.rerank.model.partition(":")[0] == kind
        found.append(
            Model(
                role="reranker",
                name=settings.rerank.model if chosen_reranker else kind,
                state="in use"
                if chosen_reranker
                else "installed"
                if kind == "onnx"
                else "when named",
                note=_NOTES.get(("reranker", kind), ""),
            )
        )
    found.append(
        Model(
            role="generator",
            name=settings.answer.generator,
            state="in use",
            note="quotes the best sentences",
        )
    )
    return found


def _installed(kind: str) -> str | None:
    """The model of an encoder file that is on this machine, None if there is none."""
    if kind == "packaged":
        return kind
    name: str | None = import_module(f"indexer.encoders.{kind}").installed()
    return name


def examine(library: Library, settings: RetrieverSettings) -> list[Finding]:
    """Check everything that can go wrong on a machine; never changes what is indexed."""
    findings: list[Finding] = []
    problems = library.catalog.check()
    findings.append(
        Finding(
            subject="catalogue",
            ok=not problems,
            detail="; ".join(problems) or f"sound, {library.catalog.counts().documents} documents",
        )
    )
    findings.append(_index(library))
    findings.append(_files(library))
    for role in ("text", "clip"):
        findings.append(_encoder(library, role))
    try:
        name = verify_reranker(settings.rerank)
        findings.append(Finding(subject="reranker", ok=True, detail=name))
    except SightlineError as exc:
        findings.append(Finding(subject="reranker", ok=False, detail=str(exc)))
    findings.append(
        Finding(
            subject="sqlite",
            ok=True,
            detail=sqlite3.sqlite_version
            + (
                ""
                if sqlite3.sqlite_version_info >= _SOUND_SQLITE
                else "; a newer one is safer when two programs write at once"
            ),
        )
    )
    free = shutil.disk_usage(library.settings.home).free
    findings.append(
        Finding(
            subject="disk",
            ok=free >= _MIN_FREE_BYTES,
            detail=f"{free / (1 << 30):.1f} GiB free at {library.settings.home}",
        )
    )
    return findings


def _index(library: Library) -> Finding:
    set_aside = library.indexes.verify(library.catalog.collections())
    return Finding(
        subject="index",
        ok=True,
        detail="; ".join(set_aside) or "agrees with the catalogue",
    )


def _files(library: Library) -> Finding:
    missing = [
        path
        for collection in library.catalog.collections()
        for path, state in library.catalog.files(collection).items()
        if state.indexed and not Path(state.container or path).is_file()
    ]
    failed = len(library.catalog.failures())
    detail = f"{failed} could not be read (sightline status lists them)" if failed else "all there"
    if missing:
        detail = f"{len(missing)} are gone, such as {missing[0]}; run sightline index on the folder"
    return Finding(subject="files", ok=not missing, detail=detail)


def _encoder(library: Library, role: str) -> Finding:
    """Load the encoder and embed something: only that proves that it works."""
    try:
        collections = library.catalog.collections()
        name = library.encoder_names()[role]
        for collection in collections:
            if role == "text":
                library.text_encoder(collection).encode_queries(["sightline"])
            else:
                library.clip_encoder(collection).encode_texts(["sightline"])
        return Finding(subject=f"{role} encoder", ok=True, detail=name)
    except SightlineError as exc:
        return Finding(subject=f"{role} encoder", ok=False, detail=str(exc))
