"""Stored items as the values that retrieval hands out."""

from collections.abc import Sequence
from dataclasses import replace

from indexer.filters import Filters
from indexer.store.records import FileState, Job, JobFile, StoredChunk, StoredCrop, StoredDocument
from retriever.domain import (
    DocumentRef,
    DocumentSummary,
    DuplicateGroup,
    FailedFile,
    Hit,
    JobStatus,
    Scored,
    called,
)

# A page may take its time; a run that says nothing for longer has most likely been killed.
_STALLED_SECONDS = 180.0


def hit(rank: int, item: Scored, stored: StoredChunk | StoredCrop) -> Hit:
    document = reference(stored.owner)
    if isinstance(stored, StoredChunk):
        return Hit(
            rank=rank,
            key=item.key,
            score=item.score,
            document=document,
            page=stored.chunk.page_number,
            box=stored.chunk.box,
            text=stored.chunk.text,
            caption="",
            heading_path=stored.chunk.heading_path,
            spans=stored.chunk.spans,
            recognition=stored.recognition,
            duplicates=stored.owner.copies,
        )
    return Hit(
        rank=rank,
        key=item.key,
        score=item.score,
        document=document,
        page=stored.crop.page_number,
        box=stored.crop.box,
        text="",
        caption=stored.crop.caption,
        duplicates=stored.owner.copies,
    )


def within(stored: StoredDocument, filters: Filters) -> StoredDocument:
    """The document under the paths that the filters admit, as if it had no others."""
    paths = [path for path in (stored.document.path, *stored.copies) if filters.holds(path)]
    if not paths:
        return stored
    document = replace(stored.document, path=paths[0])
    return replace(stored, document=document, copies=tuple(paths[1:]))


def reference(stored: StoredDocument) -> DocumentRef:
    return DocumentRef(
        id=stored.document.id,
        path=stored.document.path,
        title=stored.document.title,
        media_type=stored.document.media_type,
        collection=stored.collection,
    )


def summary(stored: StoredDocument) -> DocumentSummary:
    return DocumentSummary(
        ref=reference(stored),
        pages=stored.document.page_count,
        size=stored.document.size,
        warnings=stored.document.warnings,
        copies=stored.copies,
        metadata=stored.document.metadata,
    )


def job(running: Job, now: float, errors: Sequence[JobFile] = ()) -> JobStatus:
    """``now`` is the POSIX time."""
    progress = running.progress
    until = running.finished_at or running.updated_at
    at_work = running.state in {"running", "cancelling"}
    return JobStatus(
        id=running.id,
        kind=running.kind,
        state=running.state,
        started_at=running.claimed_at,
        finished_at=running.finished_at,
        done_before=running.done_before,
        open=running.open_until > now,
        cause=running.cause,
        remedy=running.remedy,
        errors=tuple(
            FailedFile(path=called(each.name), cause=each.cause, remedy=each.remedy)
            for each in errors
        ),
        collection=running.collection,
        done=progress.done,
        waiting=progress.total - progress.done,
        failed=progress.failed,
        pages=progress.pages,
        chunks=progress.chunks,
        crops=progress.crops,
        current=progress.current,
        seconds=max(0.0, until - running.claimed_at),
        stalled=at_work and now - running.updated_at > _STALLED_SECONDS,
    )


def duplicate_groups(stored: Sequence[StoredDocument]) -> list[DuplicateGroup]:
    """Identical files first, then photos that are nearly the same; both by path."""
    identical = [
        DuplicateGroup(
            identical=True, paths=(each.document.path, *each.copies), documents=(summary(each),)
        )
        for each in stored
        if each.copies
    ]
    near: dict[int, list[StoredDocument]] = {}
    for each in stored:
        if each.group is not None:
            near.setdefault(each.group, []).append(each)
    alike = [
        DuplicateGroup(
            identical=False,
            paths=tuple(each.document.path for each in group),
            documents=tuple(map(summary, group)),
        )
        for group in near.values()
    ]
    return [*identical, *alike]


def failed_file(state: FileState) -> FailedFile:
    return FailedFile(path=state.path, cause=state.cause, remedy=state.remedy)
