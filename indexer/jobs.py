"""Files that are handed in are kept at once and indexed one job after another.

The queue lies in the catalogue (:mod:`indexer.store.jobs`), not in this process: what has not been
looked at when the process ends is taken up by the next one.
"""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

from indexer import scan
from indexer.care.leftovers import remove_upload
from indexer.errors import InvalidInput, SightlineError
from indexer.library import DEFAULT_COLLECTION, Library
from indexer.parsers import _sidecars as sidecars
from indexer.pipeline import index_paths
from indexer.store.folders import called
from indexer.store.jobs import ACTIVE
from indexer.store.records import FileState, Job, JobFile, JobProgress, JobUnderWay

_log = logging.getLogger(__name__)

# How long a job waits for the next files of an upload that comes in parts.
_OPEN_SECONDS = 600.0
# A run says every second how far it is, except while it waits for one page or batch.
_SILENT_SECONDS = 900.0
_POLL_SECONDS = 0.5


class JobQueue:
    """The jobs of one open library, worked off by one thread that ends when nothing is left.

    Thread-safe. :meth:`stop` it before the library is closed.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self._jobs = library.catalog.jobs
        self._stop = threading.Event()
        self._writing = threading.Lock()  # held by whoever indexes
        self._lock = threading.Lock()  # of the two below
        self._thread: threading.Thread | None = None
        self._woken = False

    def hand_in(
        self,
        collection: str,
        files: Sequence[tuple[str, Path]],
        *,
        job_id: int | None = None,
        more: bool = False,
    ) -> tuple[int, list[str]]:
        """Keep copies of files, given as (original name, path), for a job that is to index them.

        The job's id, and the names that were left out, as they would be below a folder on the
        disk. They join ``job_id`` if that still takes files; ``more`` says that others follow.
        InvalidInput if there are none; SpaceMismatch, OutOfResources.
        """
        left_out = [name for name, _ in files if scan.is_left_out(name)]
        taken = [(name, path) for name, path in files if not scan.is_left_out(name)]
        if not files:
            raise InvalidInput("files", cause="none were chosen", remedy="choose at least one file")
        chosen = self.library.collection_for_writing(collection or DEFAULT_COLLECTION)
        by_name = dict(taken)
        beside = {name: sidecars.among(name, by_name) for name in by_name}
        # They are kept beside their pictures, as they would be found in a folder on the disk.
        describing = set(filter(sidecars.describes_only, chain.from_iterable(beside.values())))
        kept = []
        for name, path in taken:
            if name not in describing:
                with_it = [(each, by_name[each]) for each in beside[name]]
                kept.append((str(self.library.keep_upload(name, path, with_it)), name))
        open_until = time.time() + _OPEN_SECONDS if more else None
        return (
            self._jobs.hand_in(chosen, "upload", kept, job_id=job_id, open_until=open_until),
            left_out,
        )

    def try_again(self, collection: str, paths: Sequence[str]) -> int:
        """Queue files that the catalogue could not read; the job's id."""
        chosen = self.library.collection_for_writing(collection)
        uploads = self.library.settings.upload_folder
        files = [(path, called(path, uploads)) for path in paths]
        return self._jobs.hand_in(chosen, "retry", files)

    def cancel(self, job_id: int) -> None:
        """End a job. Uploads that have not been indexed go; NotFound, InvalidInput if it ended."""
        self._remove(self._jobs.cancel(job_id, self._silent_since()))

    # -- working -------------------------------------------------------------------------------

    def start(self) -> None:
        """Take up what an earlier process has left, and work in a thread of its own."""
        self._jobs.take_up(self._silent_since())
        self.wake()

    def wake(self) -> None:
        """Work in a thread of its own until nothing is left."""
        with self._lock:
            self._woken = True
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._work, name="indexing", daemon=True)
                self._thread.start()

    def finish(self, job_id: int) -> Job:
        """Work here until the job has ended, or the queue is stopped; the job as it is then."""
        while (job := self._jobs.job(job_id)).state in ACTIVE and not self._stop.is_set():
            if not self._next():
                self._stop.wait(_POLL_SECONDS)  # another process works on it
        return job

    def stop(self) -> None:
        """End after the document that is being written; the rest is for the next start."""
        self._stop.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()
        with self._writing:  # whoever waits for a job in a thread of his own
            pass

    def _work(self) -> None:
        while True:
            with self._lock:
                self._woken = False
            try:
                while self._next():
                    pass
                awaited = self._jobs.awaited()
            except SightlineError as exc:  # of the catalogue: nothing can be told to anybody
                _log.error("indexing stopped: %s", exc)
                awaited = False
            with self._lock:
                if self._stop.is_set() or not (self._woken or awaited):
                    self._thread = None
                    return
            if not self._woken:
                self._stop.wait(_POLL_SECONDS)

    def _next(self) -> bool:
        """Work on the job that has waited longest; whether there was one."""
        with self._writing:
            job = None if self._stop.is_set() else self._jobs.claim()
            if job is None:
                return False
            try:
                self._run(job)
            except SightlineError as exc:
                self._jobs.break_off(job.id, "failed", exc.cause, exc.remedy)
            except Exception:
                _log.exception("job %d failed", job.id)
                self._jobs.break_off(
                    job.id, "failed", "something went wrong", "see the log, then try again"
                )
            return True

    def _run(self, job: Job) -> None:
        progress, files = self._jobs.take(job.id)
        there = [each for each in files if _outermost(each).exists()]
        for each in files:
            if each not in there:
                self._jobs.note_failure(job.id, _gone(each))
        lost = len(files) - len(there)
        report = index_paths(
            self.library,
            [_outermost(each) for each in there],
            job.collection,
            retry_failed=True,
            job=JobUnderWay(job.id, _further(progress, lost)),
            stop=self._stop,
        )
        if not report.interrupted:
            self._jobs.release(job.id, [each.path for each in files], indexed=len(report.indexed))
            return
        state = self._jobs.job(job.id).state
        if state == "cancelling":
            waiting = [each.path for each in self._jobs.waiting(job.id)]
            self._jobs.release(job.id, (), indexed=len(report.indexed))
            self._remove(waiting)
        elif state == "running":
            self._jobs.break_off(job.id, "queued")

    # -- inner steps ---------------------------------------------------------------------------

    def _silent_since(self) -> float:
        """Whoever has the home to himself knows that no other process works on a job."""
        alone = self.library.hold.is_alone() and not self._writing.locked()
        return time.time() - (0.0 if alone else _SILENT_SECONDS)

    def _remove(self, paths: Sequence[str]) -> None:
        """Remove kept uploads that no document is about."""
        uploads = self.library.settings.upload_folder
        for path in map(Path, self._jobs.unknown(paths)):
            if path.is_relative_to(uploads):
                remove_upload(path)
                _remove_empty(path.parent, uploads)


def _remove_empty(folder: Path, top: Path) -> None:
    with suppress(OSError):  # it is not empty
        while folder != top:
            folder.rmdir()
            folder = folder.parent


def _outermost(file: JobFile) -> Path:
    """The file on the disk that holds it."""
    return scan.locate(file.path).path


def _gone(file: JobFile) -> FileState:
    return FileState(
        path=file.path,
        size=0,
        mtime_ns=0,
        sha256="",
        indexed=False,
        cause="the file is not there any more",
        remedy="add it again",
    )


def _further(progress: JobProgress, lost: int) -> JobProgress:
    return JobProgress(
        total=progress.total,
        done=progress.done + lost,
        pages=progress.pages,
        chunks=progress.chunks,
        crops=progress.crops,
        failed=progress.failed + lost,
    )
