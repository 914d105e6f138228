"""What is done with documents beside searching them: adding, removing, arranging, looking after."""

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from indexer.care import removal
from indexer.errors import InvalidInput, NotFound
from indexer.filters import NO_FILTERS, Filters
from indexer.jobs import JobQueue
from indexer.library import DEFAULT_COLLECTION, Library
from indexer.scan import files_below
from indexer.store.folders import Order
from indexer.store.records import StoredQuestion
from retriever import health, views
from retriever.domain import (
    CollectionDetail,
    CollectionStatus,
    FailedFile,
    FolderRef,
    FolderView,
    HandedIn,
    JobList,
    JobStatus,
    Reach,
    SavedQuestion,
    Storage,
    UploadReport,
    called,
)
from retriever.settings import RetrieverSettings

_POLL_SECONDS = 0.25
_MAX_NAME = 200  # characters


class Shelf:
    """The documents of one library, as far as ``reach`` goes. Thread-safe."""

    def __init__(
        self, library: Library, queue: JobQueue, settings: RetrieverSettings, reach: Reach
    ) -> None:
        """``library`` is narrowed to ``reach``; ``queue`` works on all of it."""
        self._library = library
        self._catalog = library.catalog
        self._queue = queue
        self._settings = settings
        self._reach = reach

    # -- jobs ----------------------------------------------------------------------------------

    def hand_in(
        self,
        collection: str,
        files: Sequence[tuple[str, Path]],
        *,
        job_id: int | None = None,
        more: bool = False,
    ) -> HandedIn:
        """Keep files, given as (original name, temporary path), for a job that indexes them.

        They join the job ``job_id`` if that still takes files; ``more`` says that others follow.
        Hidden files and what programs leave behind are left out of a folder. InvalidInput if
        there are none, or for a collection that is there but beyond reach.
        """
        self._reach.check(collection or DEFAULT_COLLECTION)
        found, left_out = self._queue.hand_in(collection, files, job_id=job_id, more=more)
        self._queue.wake()
        return HandedIn(job=self.job(found), left_out=tuple(left_out))

    def upload(self, collection: str, files: Sequence[tuple[str, Path]]) -> UploadReport:
        """The same, and wait until they are indexed."""
        self._reach.check(collection or DEFAULT_COLLECTION)
        job_id, left_out = self._queue.hand_in(collection, files)
        ended = self._queue.finish(job_id)
        failed = [
            FailedFile(path=called(each.name), cause=each.cause, remedy=each.remedy)
            for each in self._catalog.jobs.failures(job_id)
        ]
        failed += [
            FailedFile(
                path=each.name,
                cause=ended.cause or "it has not been indexed yet",
                remedy=ended.remedy or "look at the job later",
            )
            for each in self._catalog.jobs.waiting(job_id)
        ]
        missing = {each.path for each in failed} | set(left_out)
        return UploadReport(
            indexed=tuple(name for name, _ in files if name not in missing), failed=tuple(failed)
        )

    def jobs(self, offset: int, limit: int) -> JobList:
        """Runs of indexing, whoever started them, the latest first."""
        total, found = self._catalog.jobs.jobs(offset, limit)
        now = time.time()
        return JobList(total=total, jobs=tuple(views.job(each, now) for each in found))

    def job(self, job_id: int) -> JobStatus:
        """One of them, with what could not be read. NotFound."""
        found = self._catalog.jobs.job(job_id)
        return views.job(found, time.time(), self._catalog.jobs.failures(job_id))

    def follow(self, job_id: int, seconds: float) -> Iterator[JobStatus]:
        """The job now, and again whenever it has changed, until it has ended or time is up."""
        deadline = time.monotonic() + seconds
        told = self.job(job_id)
        yield told
        while told.active and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            now = self.job(job_id)
            if now != told:
                yield now
            told = now

    def cancel_job(self, job_id: int) -> JobStatus:
        """Let a job end: what is indexed stays, uploads that are not go.

        NotFound; InvalidInput if it has ended.
        """
        self._catalog.jobs.job(job_id)
        self._queue.cancel(job_id)
        return self.job(job_id)

    def retry_job(self, job_id: int) -> JobStatus:
        """Try again what a job could not read or did not get to. NotFound, InvalidInput."""
        self._catalog.jobs.retry(job_id)
        self._queue.wake()
        return self.job(job_id)

    def retry_failed(self, collection: str | None = None) -> tuple[JobStatus, ...]:
        """Try again all that could not be read, of one collection or of all when None.

        InvalidInput if there is nothing.
        """
        found = []
        for each in self._catalog.collections():
            if collection in {None, each.name} and (failed := self._catalog.failures(each)):
                paths = [state.path for state in failed]
                found.append(self._queue.try_again(each.name, paths))
        if not found:
            raise InvalidInput(
                "files",
                cause="there is none that could not be read",
                remedy="nothing is to be done",
            )
        self._queue.wake()
        return tuple(map(self.job, found))

    # -- collections and folders ---------------------------------------------------------------

    def collections(self) -> list[CollectionDetail]:
        """Every collection with its encoders, languages and sizes."""
        found = []
        for each in self._catalog.collections():
            counts = self._catalog.counts(each)
            extent = self._catalog.folders.extent(each)
            found.append(
                CollectionDetail(
                    status=CollectionStatus(
                        name=each.name,
                        documents=counts.documents,
                        chunks=counts.chunks,
                        crops=counts.crops,
                    ),
                    text_encoder=each.text_encoder,
                    clip_encoder=each.clip_encoder,
                    size=extent.size,
                    languages=extent.languages,
                    failed=len(self._catalog.failures(each)),
                    active=self._catalog.jobs.active(each),
                )
            )
        return found

    def rename_collection(self, name: str, new: str) -> None:
        """NotFound; InvalidInput for a name that is none or is taken, and while it is indexed."""
        self._library.rename_collection(name, " ".join(new.split()))

    def delete_collection(self, name: str) -> int:
        """Forget a collection; how many paths it had. Only uploads go from the disk.

        NotFound; InvalidInput while it is being indexed.
        """
        self._catalog.collection(name)
        return removal.drop(self._queue.library, name)

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
        """What is in a folder, "" for the top; with words or filters, all that match below it."""
        found = self._catalog.folders.browse(
            self._library.settings.upload_folder,
            folder,
            None if collection is None else self._catalog.collection(collection),
            words=words,
            filters=filters,
            order=order,
            offset=offset,
            limit=limit,
        )
        return FolderView(
            path=found.path,
            folders=tuple(
                FolderRef(name=each.name, path=each.path, documents=each.documents)
                for each in found.folders
            ),
            total=found.total,
            documents=tuple(map(views.summary, found.documents)),
        )

    def remove_document(self, document_id: str, collection: str | None = None) -> int:
        """Forget a document in one collection, or in all when None; how many paths it had.

        Of an upload, the kept copy goes too; a file of the user's own stays. NotFound.
        """
        self._catalog.document(document_id)
        held = self._catalog.documents_by_hash([document_id])
        names = [each.collection for each in held if collection in {None, each.collection}]
        if not names:
            raise NotFound(
                document_id[:12],
                cause=f"collection {collection} has no such document",
                remedy="open it again",
            )
        # Whether a kept copy is still needed is for all collections to say.
        return sum(
            len(removal.remove(self._queue.library, [held[0].document.id], name)) for name in names
        )

    # -- saved questions -----------------------------------------------------------------------

    def saved_questions(self) -> list[SavedQuestion]:
        """One's own, by name."""
        return [_saved(each) for each in self._catalog.saved.questions()]

    def save_question(self, question: SavedQuestion) -> SavedQuestion:
        """Keep a question; its name is the question where it has none.

        InvalidInput if it is empty or the name is too long, LimitExceeded for too many.
        """
        text = question.question.strip()
        if not text:
            raise InvalidInput("question", cause="it is empty", remedy="type some words")
        name = _checked_name(question.name or text[:_MAX_NAME])
        stored = StoredQuestion(
            name=name,
            page=question.page,
            question=text,
            kind=question.kind,
            collections=question.collections,
            filters=question.filters,
        )
        return _saved(self._catalog.saved.add(stored))

    def rename_question(self, question_id: int, name: str) -> SavedQuestion:
        """NotFound; InvalidInput for a name that is none."""
        self._catalog.saved.rename(question_id, _checked_name(name))
        return next(each for each in self.saved_questions() if each.id == question_id)

    def delete_question(self, question_id: int) -> None:
        """NotFound if there is none of that id."""
        self._catalog.saved.delete(question_id)

    # -- health --------------------------------------------------------------------------------

    def models(self) -> list[health.Model]:
        """Every model family, what of it is on this machine, and what is in use."""
        return health.models(self._library, self._settings)

    def examine(self) -> list[health.Finding]:
        """Look at everything that can go wrong, which takes a while; changes nothing."""
        return health.examine(self._library, self._settings)

    def storage(self) -> Storage:
        """How much there is on the disk."""
        settings = self._library.settings
        return Storage(
            catalogue=_bytes_of(settings.home.glob("catalog.sqlite*")),
            index=_bytes_of(files_below(settings.index_folder)),
            uploads=_bytes_of(files_below(settings.upload_folder)),
            cache=_bytes_of(files_below(settings.cache_folder)),
            free=shutil.disk_usage(settings.home).free,
        )


def _saved(stored: StoredQuestion) -> SavedQuestion:
    return SavedQuestion(
        id=stored.id,
        name=stored.name,
        page=stored.page,
        question=stored.question,
        kind=stored.kind,
        collections=stored.collections,
        filters=stored.filters,
        saved_at=stored.saved_at,
    )


def _checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > _MAX_NAME:
        raise InvalidInput(
            "name",
            cause="it is empty" if not plain else f"it is longer than {_MAX_NAME} characters",
            remedy="type a short one",
        )
    return plain


def _bytes_of(paths: Iterable[Path]) -> int:
    total = 0
    for path in paths:
        with suppress(OSError):  # it has gone since it was found
            status = path.lstat()
            total += status.st_size if S_ISREG(status.st_mode) else 0
    return total
