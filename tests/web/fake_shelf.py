"""The shelf of the fake engine: what is handed in is indexed before the call returns."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from indexer import scan
from indexer.errors import InvalidInput, NotFound
from indexer.filters import NO_FILTERS, Filters
from indexer.store.folders import Order
from retriever.domain import (
    CollectionDetail,
    DocumentSummary,
    FolderRef,
    FolderView,
    HandedIn,
    JobList,
    JobStatus,
    SavedQuestion,
    Storage,
)
from retriever.health import Finding, Model

if TYPE_CHECKING:
    from tests.web.fake_engine import FakeEngine

_NOON = 1_700_000_000.0


class FakeShelf:
    def __init__(self, engine: "FakeEngine") -> None:
        self._engine = engine
        self._jobs: dict[int, JobStatus] = {}
        self._saved: dict[int, SavedQuestion] = {}

    def add_job(self, **changes: object) -> JobStatus:
        """A job in any state, for pages to show."""
        values = {
            "collection": "home", "done": 0, "waiting": 0, "failed": 0, "pages": 0, "chunks": 0,
            "crops": 0, "current": "", "seconds": 2.0, "stalled": False, "kind": "upload",
            "state": "done", "started_at": _NOON, "finished_at": None, **changes,
        }  # fmt: skip
        made = JobStatus(id=len(self._jobs) + 1, **values)  # type: ignore[arg-type]
        self._jobs[made.id] = made
        return made

    def hand_in(
        self,
        collection: str,
        files: Sequence[tuple[str, Path]],
        *,
        job_id: int | None = None,
        more: bool = False,
    ) -> HandedIn:
        left_out = tuple(name for name, _ in files if scan.is_left_out(name))
        taken = [(name, path) for name, path in files if name not in left_out]
        report = self._engine.upload(collection, taken)
        before = self._jobs.get(job_id or 0)
        if before is None or not before.open or before.collection != collection:
            before = self.add_job(collection=collection)
        job = replace(
            before,
            done=before.done + len(taken),
            failed=before.failed + len(report.failed),
            errors=(*before.errors, *report.failed),
            open=more,
            state="queued" if more else "done",
            finished_at=None if more else _NOON + 2,
        )
        self._jobs[job.id] = job
        return HandedIn(job=job, left_out=left_out)

    def jobs(self, offset: int, limit: int) -> JobList:
        found = sorted(self._jobs.values(), key=lambda job: -job.id)
        return JobList(total=len(found), jobs=tuple(found[offset : offset + limit]))

    def job(self, job_id: int) -> JobStatus:
        if job_id not in self._jobs:
            raise NotFound(f"job {job_id}", cause="there is no such job", remedy="list the jobs")
        return self._jobs[job_id]

    def follow(self, job_id: int, seconds: float) -> Iterator[JobStatus]:
        yield self.job(job_id)

    def cancel_job(self, job_id: int) -> JobStatus:
        if not self.job(job_id).active:
            raise InvalidInput(f"job {job_id}", cause="it has ended", remedy="leave it")
        self._jobs[job_id] = replace(self.job(job_id), state="cancelled")
        return self.job(job_id)

    def retry_job(self, job_id: int) -> JobStatus:
        if not self.job(job_id).can_retry:
            raise InvalidInput(f"job {job_id}", cause="nothing failed", remedy="leave it")
        self._jobs[job_id] = replace(self.job(job_id), failed=0, errors=(), state="done")
        return self.job(job_id)

    def retry_failed(self, collection: str | None = None) -> tuple[JobStatus, ...]:
        if not self._engine.failed:
            raise InvalidInput("files", cause="none has failed", remedy="leave them")
        return (self.add_job(kind="retry", collection=collection or "home"),)

    def collections(self) -> list[CollectionDetail]:
        return [
            CollectionDetail(
                status=each,
                text_encoder="packaged",
                clip_encoder="packaged",
                size=48_213 * each.documents,
                languages={"en": each.chunks} if each.chunks else {},
                failed=len(self._engine.failed) if each.name == "home" else 0,
                active=False,
            )
            for each in self._engine.collections()
        ]

    def rename_collection(self, name: str, new: str) -> None:
        self._known(name)
        if not new.strip() or not new.isprintable():
            raise InvalidInput("name", cause="it is none", remedy="type one")
        if new in {each.name for each in self._engine.collections()}:
            raise InvalidInput(new, cause="it is taken", remedy="choose another")
        self._engine.rename_collection(name, new)

    def delete_collection(self, name: str) -> int:
        self._known(name)
        gone = [each.ref.id for each in self._all(name)]
        for document_id in gone:
            self._engine.forget(document_id)
        return len(gone)

    def browse(
        self,
        folder: str,
        collection: str | None,
        *,
        words: str = "",
        filters: Filters = NO_FILTERS,
        order: Order = "name",
        offset: int = 0,
        limit: int = 50,
    ) -> FolderView:
        if collection is not None:
            self._known(collection)
        start = f"{folder.rstrip('/')}/" if folder else ""
        inside = [each for each in self._all(collection) if each.ref.path.startswith(start)]
        if words or filters:
            found = [each for each in inside if words.lower() in each.ref.title.lower()]
            folders: dict[str, int] = {}
        else:
            found = [each for each in inside if "/" not in each.ref.path[len(start) :]]
            folders = {}
            for each in inside:
                part, slash, _ = each.ref.path[len(start) :].partition("/")
                if slash:
                    folders[part] = folders.get(part, 0) + 1
        return FolderView(
            path=folder.rstrip("/"),
            folders=tuple(
                FolderRef(name=name, path=f"{start}{name}", documents=count)
                for name, count in sorted(folders.items())
            ),
            total=len(found),
            documents=tuple(found[offset : offset + limit]),
        )

    def remove_document(self, document_id: str, collection: str | None = None) -> int:
        found = self._engine.document(document_id)
        if collection not in {None, found.ref.collection}:
            raise NotFound(document_id[:12], cause="it is not in it", remedy="open it again")
        self._engine.forget(document_id)
        return 1

    def saved_questions(self) -> list[SavedQuestion]:
        return sorted(self._saved.values(), key=lambda each: each.name)

    def save_question(self, question: SavedQuestion) -> SavedQuestion:
        if not question.question.strip():
            raise InvalidInput("question", cause="it is empty", remedy="type some words")
        number = max(self._saved, default=0) + 1
        kept = replace(
            question, id=number, name=question.name or question.question[:200], saved_at=_NOON
        )
        self._saved[number] = kept
        return kept

    def rename_question(self, question_id: int, name: str) -> SavedQuestion:
        kept = self._question(question_id)
        if not name.strip():
            raise InvalidInput("name", cause="it is empty", remedy="type one")
        self._saved[question_id] = replace(kept, name=name)
        return self._saved[question_id]

    def delete_question(self, question_id: int) -> None:
        del self._saved[self._question(question_id).id]

    def models(self) -> list[Model]:
        return [
            Model(role="text", name="packaged", state="in use", note="English"),
            Model(role="clip", name="open_clip", state="not installed", note="any"),
            Model(role="generator", name="openai:gone", state="cannot be used", note="no answer"),
        ]

    def examine(self) -> list[Finding]:
        return [
            Finding(subject="catalogue", ok=True, detail="sound"),
            Finding(subject="leftovers", ok=True, detail="3 files", advice="remove them"),
            Finding(subject="disk", ok=False, detail="full", advice="free some space"),
        ]

    def storage(self) -> Storage:
        return Storage(catalogue=3_000_000, index=900_000, uploads=0, cache=512, free=9 << 30)

    def _all(self, collection: str | None) -> tuple[DocumentSummary, ...]:
        return self._engine.documents(collection, 0, 10_000).documents

    def _known(self, name: str) -> None:
        if name not in {each.name for each in self._engine.collections()}:
            raise NotFound(name, cause="no such collection", remedy="see /collections")

    def _question(self, question_id: int) -> SavedQuestion:
        if question_id not in self._saved:
            raise NotFound(
                f"saved question {question_id}", cause="there is none", remedy="list them"
            )
        return self._saved[question_id]
