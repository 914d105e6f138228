"""The models that there are, and what can go wrong on a machine: for terminal and pages alike."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from indexer.care import repair
from indexer.encoders import Role, available
from indexer.errors import SightlineError
from indexer.library import Library
from indexer.parsers import _jail, ocr
from indexer.settings import IndexerSettings, ParserSettings
from retriever.detectors import available as available_detectors
from retriever.generators import available as available_generators
from retriever.generators import load_generator
from retriever.rerankers import available as available_rerankers
from retriever.rerankers import verify_reranker
from retriever.settings import RetrieverSettings

# Below this, SQLite cannot even be sure of room for its journal.
_MIN_FREE_BYTES = 1 << 30
# Before these, a checkpoint that meets a reset of the write-ahead log may skip committed pages:
# https://sqlite.org/wal.html#walresetbug
_SOUND_SQLITE = (3, 51, 3)
_SOUND_SERIES = ((3, 44, 6), (3, 50, 7))


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
    """One line of the doctor's report; ``advice`` says what to do, also about what is no fault."""

    subject: str
    ok: bool
    detail: str
    advice: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


_NOTES = {
    ("text", "packaged"): "English, on every machine",
    ("clip", "packaged"): "English words, 1000 kinds of things, on every machine",
    ("text", "sentence_transformers"): "any local sentence-transformers model",
    ("clip", "open_clip"): "any local open_clip model; ViT-B-32-SigLIP2-256/webli recommended",
    ("ocr", "tesseract"): "the languages that are installed with it",
    ("ocr", "rapidocr"): "Latin script, on every machine",
    ("reranker", "onnx"): "English, on every machine",
    ("reranker", "sentence_transformers"): "any local sentence-transformers CrossEncoder",
    ("generator", "extractive"): "quotes the best sentences, on every machine",
    ("generator", "openai"): "a server: LM Studio, Ollama, llama.cpp, vLLM, hosted ones",
    ("generator", "gguf"): "a local file in this process, by llama.cpp",
    ("generator", "transformers"): "a local folder in this process",
    ("detector", "packaged"): "English and Russian, 1000 kinds of things, on every machine",
    ("detector", "owlv2"): "any thing named in English, from a local folder",
    ("detector", "grounding_dino"): "any thing named in English, from a local folder",
    ("detector", "dfine"): "D-FINE, RT-DETR, DETR from a local folder: their own lists of things",
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
    found.extend(_ocr_models(library.settings.parser))
    found.extend(_adapters("reranker", available_rerankers(), settings.rerank.model))
    found.extend(_adapters("detector", available_detectors(), settings.find.detector))
    for model in _adapters("generator", available_generators(), settings.answer.generator):
        usable = generator(settings) if model.state == "in use" else None
        if usable is None or usable.ok:
            found.append(model)
        else:
            found.append(replace(model, state="cannot be used", note=usable.detail))
    return found


def _ocr_models(settings: ParserSettings) -> Iterator[Model]:
    in_use = ""
    if settings.ocr_engine != ocr.OFF:
        with suppress(SightlineError):
            in_use = ocr.load_engine(settings).name
    for kind in ocr.available():
        state = "not installed"
        name = kind
        with suppress(SightlineError):
            name = ocr.load_engine(replace(settings, ocr_engine=kind)).name
            state = "in use" if name == in_use else "installed"
        yield Model(role="ocr", name=name, state=state, note=_NOTES.get(("ocr", kind), ""))


def _adapters(role: str, kinds: Sequence[str], chosen: str) -> Iterator[Model]:
    for kind in kinds:
        used = chosen.partition(":")[0] == kind
        installed = kind in {"onnx", "packaged", "extractive"}
        yield Model(
            role=role,
            name=chosen if used else kind,
            state="in use" if used else "installed" if installed else "when named",
            note=_NOTES.get((role, kind), ""),
        )


def _installed(kind: str) -> str | None:
    """The model of an encoder file that is on this machine, None if there is none."""
    if kind == "packaged":
        return kind
    name: str | None = import_module(f"indexer.encoders.{kind}").installed()
    return name


def examine(library: Library, settings: RetrieverSettings) -> list[Finding]:
    """Check everything that can go wrong on a machine; never changes what is indexed."""
    condition = repair.examine(library)
    if condition.damage:
        return [_damaged("; ".join(condition.damage[:3])), *machine(library.settings)]
    return [
        _catalogue(library, condition),
        _uploads(condition),
        _runs(condition),
        _leftovers(condition),
        _index(library),
        _files(library),
        _encoder(library, "text"),
        _encoder(library, "clip"),
        _reranker(settings),
        generator(settings),
        *machine(library.settings),
    ]


def unopened(error: SightlineError, settings: IndexerSettings) -> list[Finding]:
    """The report on a home whose catalogue cannot even be opened."""
    return [_damaged(str(error)), *machine(settings)]


def machine(settings: IndexerSettings) -> list[Finding]:
    """What does not depend on the catalogue."""
    return [_ocr(settings), _sandbox(), _sqlite(), _disk(settings)]


def _damaged(detail: str) -> Finding:
    return Finding(
        subject="catalogue",
        ok=False,
        detail=detail,
        advice="try sightline doctor --repair, then sightline restore with your last backup; "
        "without one, move catalog.sqlite away and index again",
    )


def _catalogue(library: Library, condition: repair.Condition) -> Finding:
    found = condition.ailments
    waiting = len(condition.waiting)
    faults = [
        text
        for count, text in (
            (found.dangling, f"{found.dangling} rows lack their other half"),
            (found.unreachable, f"{found.unreachable} documents belong to no file"),
            (found.false_vectors, f"{found.false_vectors} vectors are damaged"),
            (found.misworded, f"{found.misworded} entries of the full text are wrong"),
            (found.incomplete, f"{found.incomplete} documents lack pages, passages or vectors"),
        )
        if count
    ]
    advice = "run: sightline doctor --repair" if faults else ""
    if waiting:
        faults.append(f"{waiting} documents wait to be read again, such as {condition.waiting[0]}")
        if waiting >= found.incomplete:
            advice = "run sightline index on their folder"
    return Finding(
        subject="catalogue",
        ok=not faults,
        detail="; ".join(faults) or f"sound, {library.catalog.counts().documents} documents",
        advice=advice,
    )


def _uploads(condition: repair.Condition) -> Finding:
    if not condition.moved:
        return Finding(subject="uploads", ok=True, detail="in their place")
    return Finding(
        subject="uploads",
        ok=False,
        detail=f"the catalogue has {condition.moved} in another home, from which this one came",
        advice="run: sightline doctor --repair",
    )


def _runs(condition: repair.Condition) -> Finding:
    count = condition.silent_jobs
    return Finding(
        subject="runs",
        ok=True,
        detail=f"{count} ended without a word" if count else "none was killed",
        advice="sightline doctor --repair marks them as interrupted" if count else "",
    )


def _leftovers(condition: repair.Condition) -> Finding:
    count = len(condition.leftovers.all)
    return Finding(
        subject="leftovers",
        ok=True,
        detail=f"{count} files that nothing needs" if count else "none",
        advice="sightline doctor --repair removes them" if count else "",
    )


def _index(library: Library) -> Finding:
    try:
        set_aside = library.indexes.verify(library.catalog.collections())
    except ValueError as exc:  # a vector of another length
        set_aside = [f"cannot be built: {exc}"]
    return Finding(
        subject="index",
        ok=not set_aside,
        detail="; ".join(set_aside) or "agrees with the catalogue",
        advice="run: sightline doctor --repair" if set_aside else "",
    )


def _files(library: Library) -> Finding:
    missing: list[str] = []
    changed: list[str] = []
    for collection in library.catalog.collections():
        for path, state in library.catalog.files(collection).items():
            # What lies inside a file is there, and changes, with it.
            if not state.indexed or state.container:
                continue
            try:
                status = Path(path).stat()
            except OSError:
                missing.append(path)
                continue
            if (status.st_size, status.st_mtime_ns) != (state.size, state.mtime_ns):
                changed.append(path)
    failed = len(library.catalog.failures())
    facts = [
        f"{len(paths)} {what}, such as {min(paths)}"
        for paths, what in ((missing, "are gone"), (changed, "have changed since they were read"))
        if paths
    ]
    if failed:
        facts.append(f"{failed} could not be read (sightline status lists them)")
    return Finding(
        subject="files",
        ok=not missing,
        detail="; ".join(facts) or "all there",
        advice="run sightline index on the folder" if missing or changed else "",
    )


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


def _reranker(settings: RetrieverSettings) -> Finding:
    try:
        return Finding(subject="reranker", ok=True, detail=verify_reranker(settings.rerank))
    except SightlineError as exc:
        return Finding(subject="reranker", ok=False, detail=str(exc))


def generator(settings: RetrieverSettings) -> Finding:
    """Whether a model could answer: a server is asked for its models, a file is looked at."""
    try:
        detail = load_generator(settings.answer, None).check()
        return Finding(subject="answers", ok=True, detail=detail)
    except SightlineError as exc:
        return Finding(
            subject="answers", ok=False, detail=str(exc), advice="until then, answers are quotes"
        )


def _ocr(settings: IndexerSettings) -> Finding:
    if settings.parser.ocr_engine == ocr.OFF:
        return Finding(subject="text in pictures", ok=True, detail="switched off")
    try:
        engine = ocr.load_engine(settings.parser)
    except SightlineError as exc:
        return Finding(subject="text in pictures", ok=False, detail=str(exc))
    russian = engine.reads_cyrillic or "rus" not in settings.parser.ocr_languages.split("+")
    return Finding(
        subject="text in pictures",
        ok=True,
        detail=f"read with {engine.name}" + ("" if russian else ", which knows no Cyrillic"),
        advice="" if russian else "apt install tesseract-ocr tesseract-ocr-rus",
    )


def _sandbox() -> Finding:
    return Finding(subject="parsers", ok=True, detail=_jail.describe())


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version_info
    sound = version >= _SOUND_SQLITE or any(
        series <= version < (series[0], series[1] + 1, 0) for series in _SOUND_SERIES
    )
    return Finding(
        subject="sqlite",
        ok=True,
        detail=sqlite3.sqlite_version
        + ("" if sound else ", whose write-ahead log has a rare bug: a catalogue that two programs "
            "write at one moment may be damaged"),
        advice="" if sound else "use a Python with SQLite 3.51.3 or later (3.50.7 and 3.44.6 are "
        "sound too), or do not run index while serve takes uploads; keep backups",
    )  # fmt: skip


def _disk(settings: IndexerSettings) -> Finding:
    try:
        free = shutil.disk_usage(settings.home).free
    except OSError as exc:
        return Finding(subject="disk", ok=False, detail=f"{settings.home}: {exc.strerror}")
    return Finding(
        subject="disk",
        ok=free >= _MIN_FREE_BYTES,
        detail=f"{free / (1 << 30):.1f} GiB free at {settings.home}",
    )
