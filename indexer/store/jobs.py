"""Jobs of the catalogue: what was handed in to be indexed, how far that is, what went wrong.

A job waits in the state ``queued``, is ``running`` (or ``cancelling``, until the run has noticed),
and ends as ``done``, ``cancelled``, ``interrupted`` or ``failed``. The files that it was handed
wait in the catalogue until they have been looked at, so that nothing is lost with the process.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from indexer.errors import InvalidInput, NotFound
from indexer.store import rows
from indexer.store.database import Database
from indexer.store.records import Collection, FileState, Job, JobFile, JobProgress
from indexer.store.tables import CollectionRow, FileRow, JobFileRow, JobRow

ACTIVE = ("queued", "running", "cancelling")

_MOST_FAILURES = 1000  # that are kept of one job; the count goes on
_JOBS = 1000  # that are kept for the record
# Another run begins and ends at times of its own.
_QUEUED_ANEW: dict[str, Any] = {"claimed_at": None, "finished_at": None, "current": ""}


class JobStore:
    """The jobs of an open catalogue, or those of some of its collections. Thread-safe."""

    def __init__(self, database: Database, only: frozenset[str] | None = None) -> None:
        """``only`` names the collections whose jobs there are; all, if None."""
        self._database = database
        self._only = only

    # -- looking -------------------------------------------------------------------------------

    def jobs(self, offset: int = 0, limit: int = 50) -> tuple[int, list[Job]]:
        """How many there are, and those from ``offset`` on, the latest first."""
        seen = self._seen()
        count = sa.select(sa.func.count()).select_from(JobRow).join(CollectionRow).where(seen)
        with self._database.read() as connection:
            total = int(connection.execute(count).scalar_one())
            return total, _read(connection, seen, offset=offset, limit=limit)

    def job(self, job_id: int) -> Job:
        """NotFound if there is none of that id."""
        with self._database.read() as connection:
            return self._one(connection, job_id)

    def failures(self, job_id: int) -> list[JobFile]:
        """What the job could not read, in the order in which it failed."""
        with self._database.read() as connection:
            return _files(connection, job_id, waiting=False)

    def waiting(self, job_id: int) -> list[JobFile]:
        """What the job was handed and has not looked at."""
        with self._database.read() as connection:
            return _files(connection, job_id, waiting=True)

    def active(self, collection: Collection) -> bool:
        """Whether a job of the collection is at work or waits for its turn."""
        there = sa.exists().where(JobRow.collection_id == collection.id, JobRow.state.in_(ACTIVE))
        with self._database.read() as connection:
            return bool(connection.execute(sa.select(there)).scalar_one())

    # -- handing in ----------------------------------------------------------------------------

    def hand_in(
        self,
        collection: Collection,
        kind: str,
        files: Iterable[tuple[str, str]],
        *,
        job_id: int | None = None,
        open_until: float | None = None,
    ) -> int:
        """Queue files, given as (path, name), in one transaction; the job's id.

        They join ``job_id`` if that is of the same collection and still takes files, which it
        does up to ``open_until`` (POSIX time); otherwise they make a new one.
        """
        now = time.time()
        with self._database.write() as connection:
            joined = job_id is not None and _takes_files(connection, job_id, collection, now)
            if job_id is None or not joined:
                job_id = add_job(connection, collection, kind=kind, state="queued")
            known = {each.path for each in _files(connection, job_id, waiting=True)}
            new = {path: name for path, name in files if path not in known}
            # What the job could not read before is handed in anew.
            for batch in _batches(list(new)):
                connection.execute(
                    sa.delete(JobFileRow).where(
                        JobFileRow.job_id == job_id, JobFileRow.path.in_(batch)
                    )
                )
            if new:
                connection.execute(
                    sa.insert(JobFileRow),
                    [
                        {"job_id": job_id, "path": path, "name": name, "waiting": True}
                        for path, name in new.items()
                    ],
                )
            connection.execute(
                sa.update(JobRow)
                .where(JobRow.id == job_id)
                .values(total=JobRow.total + len(new), open_until=open_until)
            )
        return job_id

    # -- working -------------------------------------------------------------------------------

    def claim(self) -> Job | None:
        """The job that has waited longest is running from now on; None if none can.

        One that waits for further files, and has none, cannot.
        """
        now = time.time()
        waits = sa.exists().where(JobFileRow.job_id == JobRow.id, JobFileRow.waiting)
        closed = sa.func.coalesce(JobRow.open_until, 0.0) <= now
        ready = sa.and_(JobRow.state == "queued", sa.or_(waits, closed))
        with self._database.write() as connection:
            found = _read(connection, ready, limit=1, newest_first=False)
            if not found:
                return None
            connection.execute(
                sa.update(JobRow)
                .where(JobRow.id == found[0].id)
                .values(
                    state="running", updated_at=now, cause="", remedy="",
                    # One that waited for further files goes on as it began.
                    claimed_at=sa.func.coalesce(JobRow.claimed_at, now),
                    done_before=sa.case(
                        (JobRow.claimed_at.is_(None), JobRow.done), else_=JobRow.done_before
                    ),
                )
            )  # fmt: skip
            return _read(connection, JobRow.id == found[0].id)[0]

    def awaited(self) -> bool:
        """Whether a job waits for further files."""
        there = sa.exists().where(JobRow.state == "queued", JobRow.open_until > time.time())
        with self._database.read() as connection:
            return bool(connection.execute(sa.select(there)).scalar_one())

    def take(self, job_id: int) -> tuple[JobProgress, list[JobFile]]:
        """The files that wait now, and how far the job is without them."""
        with self._database.read() as connection:
            job = _read(connection, JobRow.id == job_id)[0]
            files = _files(connection, job_id, waiting=True)
        done = max(0, job.progress.total - len(files))
        return _with_done(job.progress, done), files

    def note_failure(self, job_id: int, state: FileState) -> None:
        """Keep why a file, or one inside it, could not be read."""
        with self._database.write() as connection:
            here = sa.and_(JobFileRow.job_id == job_id, JobFileRow.path == state.path)
            values = {"waiting": False, "cause": state.cause, "remedy": state.remedy}
            if connection.execute(sa.update(JobFileRow).where(here).values(**values)).rowcount:
                return
            count = sa.select(sa.func.count()).where(JobFileRow.job_id == job_id)
            if connection.execute(count).scalar_one() < _MOST_FAILURES:
                name = _name_inside(connection, job_id, state)
                connection.execute(
                    sa.insert(JobFileRow).values(
                        job_id=job_id, path=state.path, name=name, **values
                    )
                )

    def release(self, job_id: int, looked_at: Sequence[str], *, indexed: int) -> Job:
        """The run of a job has looked at these paths; the job as it is then.

        It is done, unless more has been handed in meanwhile or may yet be, or it was cancelled.
        """
        now = time.time()
        with self._database.write() as connection:
            for batch in _batches(looked_at):
                connection.execute(
                    sa.delete(JobFileRow).where(
                        JobFileRow.job_id == job_id,
                        JobFileRow.waiting,
                        JobFileRow.path.in_(batch),
                    )
                )
            job = _read(connection, JobRow.id == job_id)[0]
            more = bool(_files(connection, job_id, waiting=True)) or job.open_until > now
            state = "queued" if more else "done"
            if job.state == "cancelling":
                state = "cancelled"
            connection.execute(
                sa.update(JobRow)
                .where(JobRow.id == job_id)
                .values(
                    state=state,
                    indexed=JobRow.indexed + indexed,
                    updated_at=now,
                    finished_at=None if state == "queued" else now,
                    current="",
                    # Files in one container are looked at together.
                    done=JobRow.total if state == "done" else JobRow.done,
                )
            )
            if state == "cancelled":
                _forget_waiting(connection, job_id)
            return _read(connection, JobRow.id == job_id)[0]

    def break_off(self, job_id: int, state: str, cause: str = "", remedy: str = "") -> None:
        """End a run before its files were all looked at: they wait for another one."""
        now = time.time()
        ended = _QUEUED_ANEW if state == "queued" else {"finished_at": now, "current": ""}
        with self._database.write() as connection:
            connection.execute(
                sa.update(JobRow)
                .where(JobRow.id == job_id)
                .values(
                    state=state,
                    cause=cause,
                    remedy=remedy,
                    updated_at=now,
                    open_until=None,
                    **ended,
                )
            )

    # -- steering ------------------------------------------------------------------------------

    def cancel(self, job_id: int, silent_since: float) -> list[str]:
        """End a job; the paths that will not be looked at, if it is not at work.

        One that is at work notices within seconds, and forgets what waits; one that has said
        nothing since ``silent_since`` is not at work any more. NotFound; InvalidInput for a job
        that has ended.
        """
        now = time.time()
        with self._database.write() as connection:
            job = self._one(connection, job_id)
            if job.state not in ACTIVE:
                raise InvalidInput(
                    f"job {job_id}", cause="it has ended", remedy="there is nothing to cancel"
                )
            at_work = job.state != "queued" and job.updated_at >= silent_since
            ended = {} if at_work else {"finished_at": now, "current": ""}
            connection.execute(
                sa.update(JobRow)
                .where(JobRow.id == job_id)
                .values(
                    state="cancelling" if at_work else "cancelled", open_until=None, **ended
                )
            )  # fmt: skip
            return [] if at_work else _forget_waiting(connection, job_id)

    def retry(self, job_id: int) -> None:
        """Queue a job again with all that it could not read or did not look at.

        NotFound; InvalidInput while it is at work, or if there is nothing to try.
        """
        with self._database.write() as connection:
            job = self._one(connection, job_id)
            files = sa.select(sa.func.count()).where(JobFileRow.job_id == job_id)
            count = connection.execute(files).scalar_one()
            if job.state in ACTIVE or not count:
                raise InvalidInput(
                    f"job {job_id}",
                    cause="it is at work" if job.state in ACTIVE else "nothing of it has failed",
                    remedy="wait for it" if job.state in ACTIVE else "add files instead",
                )
            failed = sa.and_(JobFileRow.job_id == job_id, ~JobFileRow.waiting)
            again = connection.execute(
                sa.update(JobFileRow).where(failed).values(waiting=True, cause="", remedy="")
            ).rowcount
            connection.execute(
                sa.update(JobRow)
                .where(JobRow.id == job_id)
                .values(
                    state="queued",
                    updated_at=time.time(),
                    failed=0,
                    done=sa.func.max(0, JobRow.done - again),
                    **_QUEUED_ANEW,
                )
            )

    def take_up(self, silent_since: float) -> int:
        """Queue the jobs whose process has ended before their files were looked at; how many.

        Those are taken for ended that have said nothing since ``silent_since`` (POSIX time).
        """
        waits = sa.exists().where(JobFileRow.job_id == JobRow.id, JobFileRow.waiting)
        told = sa.func.coalesce(JobRow.updated_at, JobRow.started_at)
        dead = sa.and_(JobRow.state.in_(("running", "interrupted", "failed")), told < silent_since)
        with self._database.write() as connection:
            return connection.execute(
                sa.update(JobRow)
                .where(dead, waits)
                .values(state="queued", updated_at=time.time(), **_QUEUED_ANEW)
            ).rowcount

    def unknown(self, paths: Iterable[str]) -> list[str]:
        """Those of ``paths`` that no collection holds and no job waits for."""
        wanted = list(paths)
        known: set[str] = set()
        with self._database.read() as connection:
            for batch in _batches(wanted):
                held = sa.select(FileRow.path).where(FileRow.path.in_(batch))
                awaited = sa.select(JobFileRow.path).where(
                    JobFileRow.path.in_(batch), JobFileRow.waiting
                )
                known.update(connection.execute(sa.union(held, awaited)).scalars())
        return [path for path in wanted if path not in known]

    # -- inner steps ---------------------------------------------------------------------------

    def _seen(self) -> sa.ColumnElement[bool]:
        return sa.true() if self._only is None else CollectionRow.name.in_(sorted(self._only))

    def _one(self, connection: Connection, job_id: int) -> Job:
        found = _read(connection, sa.and_(JobRow.id == job_id, self._seen()))
        if not found:
            raise NotFound(f"job {job_id}", cause="there is no such job", remedy="list the jobs")
        return found[0]


def add_job(connection: Connection, collection: Collection, **values: Any) -> int:
    """Write down a job that begins now; the id. The oldest beyond a limit leave the record.

    What has not ended stays, what has files that wait, and the last job of each collection.
    """
    now = time.time()
    made = rows.primary_key(
        connection.execute(
            sa.insert(JobRow).values(
                collection_id=collection.id, started_at=now, updated_at=now, **values
            )
        )
    )
    waits = sa.exists().where(JobFileRow.job_id == JobRow.id, JobFileRow.waiting)
    last = sa.select(sa.func.max(JobRow.id)).group_by(JobRow.collection_id)
    connection.execute(
        sa.delete(JobRow).where(
            JobRow.id <= made - _JOBS, JobRow.state.not_in(ACTIVE), ~waits, JobRow.id.not_in(last)
        )
    )
    return made


def _takes_files(connection: Connection, job_id: int, collection: Collection, now: float) -> bool:
    statement = sa.select(sa.func.count()).where(
        JobRow.id == job_id,
        JobRow.collection_id == collection.id,
        JobRow.state.in_(("queued", "running")),
        JobRow.open_until > now,
    )
    return bool(connection.execute(statement).scalar_one())


def _name_inside(connection: Connection, job_id: int, state: FileState) -> str:
    """The name of a file inside another that was handed in; its path where none was."""
    outer = connection.execute(
        sa.select(JobFileRow.name).where(
            JobFileRow.job_id == job_id, JobFileRow.path == state.container
        )
    ).scalar()
    return f"{outer}{state.path.removeprefix(state.container)}" if outer else state.path


def _forget_waiting(connection: Connection, job_id: int) -> list[str]:
    paths = [each.path for each in _files(connection, job_id, waiting=True)]
    connection.execute(sa.delete(JobFileRow).where(JobFileRow.job_id == job_id, JobFileRow.waiting))
    return paths


def _files(connection: Connection, job_id: int, *, waiting: bool) -> list[JobFile]:
    statement = (
        sa.select(JobFileRow.__table__)
        .where(JobFileRow.job_id == job_id, JobFileRow.waiting == waiting)
        .order_by(JobFileRow.id)
    )
    return [
        JobFile(path=row.path, name=row.name, cause=row.cause, remedy=row.remedy)
        for row in connection.execute(statement)
    ]


def _batches(paths: Sequence[str], size: int = 5000) -> Iterable[Sequence[str]]:
    return (paths[start : start + size] for start in range(0, len(paths), size))


def _with_done(progress: JobProgress, done: int) -> JobProgress:
    return JobProgress(
        total=progress.total,
        done=done,
        pages=progress.pages,
        chunks=progress.chunks,
        crops=progress.crops,
        failed=progress.failed,
    )


def _read(
    connection: Connection,
    condition: Any,
    *,
    offset: int = 0,
    limit: int | None = None,
    newest_first: bool = True,
) -> list[Job]:
    statement = (
        sa.select(JobRow.__table__, CollectionRow.name)
        .join(CollectionRow, CollectionRow.id == JobRow.collection_id)
        .where(condition)
        .order_by(JobRow.id.desc() if newest_first else JobRow.id)
        .offset(offset)
        .limit(limit)
    )
    return [job(row) for row in connection.execute(statement)]


def job(row: Any) -> Job:
    """A row of ``JobRow`` with the name of its collection."""
    begun = row.updated_at if row.state == "queued" else row.started_at
    return Job(
        id=row.id,
        collection=row.name,
        kind=row.kind,
        state=row.state,
        started_at=row.started_at,
        claimed_at=row.claimed_at or begun or row.started_at,
        updated_at=row.updated_at or row.started_at,
        finished_at=row.finished_at,
        open_until=row.open_until or 0.0,
        done_before=row.done_before,
        indexed=row.indexed,
        cause=row.cause,
        remedy=row.remedy,
        progress=JobProgress(
            total=row.total,
            done=row.done,
            pages=row.pages,
            chunks=row.chunks,
            crops=row.crops,
            failed=row.failed,
            current=row.current,
        ),
    )
