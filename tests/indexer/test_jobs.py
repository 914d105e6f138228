"""The queue of what is handed in: kept first, indexed one after another, never lost."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from indexer import pipeline
from indexer.care.backup import backup
from indexer.care.leftovers import find_leftovers
from indexer.care.removal import remove
from indexer.care.repair import examine
from indexer.care.restore import restore
from indexer.errors import InvalidInput, NotFound
from indexer.jobs import JobQueue
from indexer.library import Library
from indexer.pipeline import Progress, index_paths
from indexer.scan import files_below
from indexer.settings import IndexerSettings
from indexer.store import jobs
from indexer.store.records import FileState, Job
from indexer.store.upkeep import Upkeep
from retriever import views
from tests.fakes import ColourEncoder, HashEncoder
from tests.indexer.care import open_library, settings_of


@pytest.fixture
def queue(library: Library) -> Iterator[JobQueue]:
    made = JobQueue(library)
    yield made
    made.stop()


def notes(folder: Path, count: int, start: int = 0) -> list[tuple[str, Path]]:
    """Texts to hand in, in a folder of their own."""
    folder.mkdir(exist_ok=True)
    found = []
    for number in range(start, start + count):
        path = folder / f"body {number}"
        path.write_text(f"Note number {number} tells of the barn.")
        found.append((f"letters/2019/note {number}.txt", path))
    return found


def slowed(monkeypatch: pytest.MonkeyPatch, *, at: int) -> tuple[threading.Event, threading.Event]:
    """Have a run wait when so many files are done: events that it has come there, and may go on."""
    arrived, go_on = threading.Event(), threading.Event()
    report = pipeline._Run._report

    def wait(self: pipeline._Run, **changes: int | str) -> None:
        if changes.get("done") == at:
            arrived.set()
            assert go_on.wait(20)
        report(self, **changes)

    monkeypatch.setattr(pipeline._Run, "_report", wait)
    return arrived, go_on


def test_handed_in_files_are_indexed_under_the_names_and_folders_they_came_with(
    queue: JobQueue, library: Library, tmp_path: Path
) -> None:
    job_id, left_out = queue.hand_in("inbox", notes(tmp_path / "in", 3))
    assert (left_out, library.catalog.jobs.job(job_id).state) == ([], "queued")
    ended = queue.finish(job_id)
    assert (ended.state, ended.progress.done, ended.progress.total) == ("done", 3, 3)
    assert (ended.indexed, ended.progress.failed) == (3, 0)
    content = library.catalog.folders.browse(
        library.settings.upload_folder, "letters/2019", library.catalog.collection("inbox")
    )
    assert [Path(each.document.path).name for each in content.documents] == [
        "note 0.txt", "note 1.txt", "note 2.txt",
    ]  # fmt: skip


def test_what_cannot_be_read_is_told_with_cause_and_remedy_and_can_be_tried_again(
    queue: JobQueue, library: Library, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b"MZ\x00\x01")
    job_id, _ = queue.hand_in("inbox", [*notes(tmp_path / "in", 1), ("tools/tool.exe", bad)])
    ended = queue.finish(job_id)
    (failure,) = library.catalog.jobs.failures(job_id)
    assert (ended.state, ended.progress.failed) == ("done", 1)
    assert failure.name == "tools/tool.exe"
    assert failure.cause
    assert failure.remedy
    (kept,) = (Path(state.path) for state in library.catalog.failures())
    kept.unlink()
    library.catalog.jobs.retry(job_id)
    ended = queue.finish(job_id)
    (failure,) = library.catalog.jobs.failures(job_id)
    assert (ended.state, failure.cause) == ("done", "the file is not there any more")
    sound, _ = queue.hand_in("inbox", notes(tmp_path / "in", 1))
    queue.finish(sound)
    with pytest.raises(InvalidInput, match="nothing of it has failed"):
        library.catalog.jobs.retry(sound)


def test_system_files_of_an_uploaded_folder_are_left_out(
    queue: JobQueue, library: Library, tmp_path: Path
) -> None:
    body = tmp_path / "body"
    body.write_text("text")
    names = ["photos/.DS_Store", ".git/config", "photos/Thumbs.db", "photos/a.txt", ".profile"]
    job_id, left_out = queue.hand_in("inbox", [(name, body) for name in names])
    assert left_out == names[:3]
    assert queue.finish(job_id).progress.total == 2


def test_upload_in_parts_is_one_job_that_waits_for_the_last_part(
    queue: JobQueue, library: Library, tmp_path: Path
) -> None:
    files = notes(tmp_path / "in", 4)
    first, _ = queue.hand_in("inbox", files[:2], more=True)
    queue.wake()
    _until(lambda: library.catalog.counts().documents == 2)
    assert library.catalog.jobs.job(first).state in {"queued", "running"}
    second, _ = queue.hand_in("inbox", files[2:], job_id=first)
    assert second == first
    ended = queue.finish(first)
    assert (ended.state, ended.progress.done, ended.progress.total) == ("done", 4, 4)
    later, _ = queue.hand_in("inbox", notes(tmp_path / "in", 1, start=9), job_id=first)
    assert later != first


def test_jobs_are_worked_off_one_after_another_in_their_order(
    queue: JobQueue, library: Library, tmp_path: Path
) -> None:
    jobs = [queue.hand_in(f"box {n}", notes(tmp_path / "in", 2, start=2 * n))[0] for n in range(3)]
    queue.wake()
    for job_id in jobs:
        _until(partial(_has_ended, library, job_id))
    times = [(_job(library, each).claimed_at, _job(library, each).finished_at) for each in jobs]
    assert all(ended and ended <= begun for (_, ended), (begun, _) in pairwise(times))


def test_times_of_a_job_are_of_one_run_with_its_waits_for_files(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(jobs, "time", SimpleNamespace(time=lambda: clock.now))
    held, one = library.catalog.jobs, ("a", "b", "c")
    broken = FileState(path="c", size=1, mtime_ns=1, sha256="0", indexed=False, cause="damaged")
    encoders = (HashEncoder(), ColourEncoder())
    box = library.catalog.ensure_collection("inbox", *encoders, encoders=("hash", "colour"))
    number = held.hand_in(box, "upload", [("a", "a")], open_until=2000.0)

    def told() -> tuple[float, float | None, float, int]:
        shown = views.job(held.job(number), clock.now)
        return shown.started_at, shown.finished_at, shown.seconds, shown.done_before

    assert told() == (1000.0, None, 0.0, 0)
    clock.now = 1010.0
    assert held.claim() is not None
    clock.now = 1020.0
    assert held.release(number, one[:1], indexed=1).state == "queued"
    clock.now = 1100.0
    held.hand_in(box, "upload", [("b", "b"), ("c", "c")], job_id=number)
    assert held.claim() is not None
    held.note_failure(number, broken)
    clock.now = 1115.0
    assert held.release(number, one[1:], indexed=1).state == "done"
    assert told() == (1010.0, 1115.0, 105.0, 0)
    clock.now = 5000.0
    held.retry(number)
    assert told() == (5000.0, None, 0.0, 0)
    clock.now = 5001.0
    assert held.claim() is not None
    clock.now = 5003.0
    held.release(number, one[2:], indexed=1)
    assert told() == (5001.0, 5003.0, 2.0, 2)


def test_stop_finishes_the_document_and_the_next_start_indexes_the_rest(
    library: Library, settings: IndexerSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = JobQueue(library)
    job_id, _ = queue.hand_in("inbox", notes(tmp_path / "in", 5))
    with monkeypatch.context() as patched:
        arrived, go_on = slowed(patched, at=2)
        queue.wake()
        assert arrived.wait(20)
        stopping = threading.Thread(target=queue.stop)
        stopping.start()
        queue._stop.wait(20)
        go_on.set()
        stopping.join()
    assert _job(library, job_id).state == "queued"
    assert library.catalog.counts().documents == 2
    with Library(
        settings, load_text=lambda _: HashEncoder(), load_clip=lambda _: ColourEncoder()
    ) as later:
        again = JobQueue(later)
        again.start()
        _until(lambda: _job(later, job_id).state == "done")
        again.stop()
        ended = _job(later, job_id)
        assert (ended.progress.done, ended.progress.total) == (5, 5)
        assert later.catalog.counts().documents == 5
        assert later.catalog.check() == []


def test_job_of_a_killed_process_is_taken_up_by_the_next_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_library(home) as library:
        queue = JobQueue(library)
        job_id, _ = queue.hand_in("inbox", notes(tmp_path / "in", 3))
        assert library.catalog.jobs.claim() is not None  # and the process dies
    with open_library(home) as library:
        queue = JobQueue(library)
        queue.start()
        _until(lambda: _job(library, job_id).state == "done")
        queue.stop()
        assert library.catalog.counts().documents == 3


_KILLED_AFTER_TWO = """
import os, signal, sys
from pathlib import Path
from indexer import pipeline
from indexer.jobs import JobQueue
from tests.indexer.care import open_library

report = pipeline._Run._report

def kill(self, **changes):
    report(self, **changes)
    if changes.get("done") == 4:
        self._flush()
        os.kill(os.getpid(), signal.SIGKILL)

pipeline._Run._report = kill
queue = JobQueue(open_library(Path(sys.argv[1])))
files = [(f"notes/{path.name}.txt", path) for path in sorted(Path(sys.argv[2]).iterdir())]
print(queue.hand_in("inbox", files)[0], flush=True)
queue.wake()
queue._thread.join()
"""


def test_nothing_is_lost_when_the_process_is_killed_at_work(tmp_path: Path) -> None:
    notes(tmp_path / "in", 9)
    command = [
        sys.executable,
        "-c",
        _KILLED_AFTER_TWO,
        str(tmp_path / "home"),
        str(tmp_path / "in"),
    ]
    killed = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    job_id = int(killed.stdout)
    with open_library(tmp_path / "home") as library:
        assert 0 < library.catalog.counts().documents < 9
        queue = JobQueue(library)
        queue.start()
        _until(partial(_has_ended, library, job_id))
        queue.stop()
        ended = _job(library, job_id)
        assert (ended.progress.done, ended.progress.total, ended.progress.failed) == (9, 9, 0)
        assert library.catalog.counts().documents == 9
        assert library.catalog.check() == []
        assert examine(library).leftovers.uploads == ()


def test_job_that_another_process_works_on_is_left_to_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_library(home) as library, open_library(home) as other:
        job_id, _ = JobQueue(library).hand_in("inbox", notes(tmp_path / "in", 1))
        assert library.catalog.jobs.claim() is not None
        JobQueue(other).start()
        assert _job(other, job_id).state == "running"


def test_cancelled_job_keeps_what_is_indexed_and_removes_the_other_uploads(
    queue: JobQueue, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_TELL_SECONDS", 0.0)
    arrived, go_on = slowed(monkeypatch, at=2)
    job_id, _ = queue.hand_in("inbox", notes(tmp_path / "in", 5))
    queue.wake()
    assert arrived.wait(20)
    queue.cancel(job_id)
    assert _job(library, job_id).state == "cancelling"
    go_on.set()
    _until(lambda: _job(library, job_id).state == "cancelled")
    assert library.catalog.counts().documents == 2
    _until(lambda: len(_kept(library)) == 2)
    with pytest.raises(InvalidInput, match="has ended"):
        queue.cancel(job_id)


def test_job_that_waits_for_its_turn_is_cancelled_at_once(
    queue: JobQueue, library: Library, tmp_path: Path
) -> None:
    files = notes(tmp_path / "in", 2)
    kept, _ = queue.hand_in("inbox", files[:1])
    cancelled, _ = queue.hand_in("inbox", files)
    queue.cancel(cancelled)
    assert _job(library, cancelled).state == "cancelled"
    assert [path.name for path in _kept(library)] == ["note 0.txt"]  # the other job's
    assert queue.finish(kept).state == "done"
    with pytest.raises(NotFound):
        queue.cancel(99)


def test_run_of_the_command_line_is_listed_and_can_be_cancelled(
    library: Library, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_TELL_SECONDS", 0.0)
    queue = JobQueue(library)

    def cancel(progress: Progress) -> None:
        if progress.done == 2:
            (job,) = library.catalog.running_jobs()
            queue.cancel(job.id)

    monkeypatch.setattr(queue, "_silent_since", lambda: 0.0)
    report = index_paths(library, [archive], "main", on_progress=cancel)
    assert report.interrupted
    (job,) = library.catalog.jobs.jobs()[1]
    assert (job.kind, job.state, job.progress.done) == ("index", "cancelled", 2)
    assert library.catalog.counts().documents == 2
    assert len(index_paths(library, [archive], "main").indexed) == 3


def test_failure_of_the_whole_job_is_told_and_the_files_wait(
    queue: JobQueue, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise InvalidInput("the encoder", cause="it is broken", remedy="mend it")

    with monkeypatch.context() as patched:
        patched.setattr("indexer.jobs.index_paths", refuse)
        job_id, _ = queue.hand_in("inbox", notes(tmp_path / "in", 2))
        ended = queue.finish(job_id)
    assert (ended.state, ended.cause, ended.remedy) == ("failed", "it is broken", "mend it")
    library.catalog.jobs.retry(job_id)
    assert (queue.finish(job_id).state, library.catalog.counts().documents) == ("done", 2)


def test_waiting_uploads_are_no_leftovers_and_move_with_their_home(tmp_path: Path) -> None:
    with open_library(tmp_path / "home") as library:
        JobQueue(library).hand_in("inbox", notes(tmp_path / "in", 2))
        assert examine(library).leftovers.all == ()
    backup(settings_of(tmp_path / "home"), tmp_path / "b.tar")
    restore(settings_of(tmp_path / "elsewhere"), tmp_path / "b.tar")
    with open_library(tmp_path / "elsewhere") as library:
        queue = JobQueue(library)
        queue.start()
        _until(lambda: library.catalog.counts().documents == 2)
        queue.stop()
        assert library.catalog.failures() == []
        assert examine(library).leftovers.all == ()


def _job(library: Library, job_id: int) -> Job:
    return library.catalog.jobs.job(job_id)


def _has_ended(library: Library, job_id: int) -> bool:
    return _job(library, job_id).state == "done"


def _kept(library: Library) -> list[Path]:
    return list(files_below(library.settings.upload_folder))


def _until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_record_of_jobs_forgets_the_oldest_but_nothing_that_is_still_of_use(
    queue: JobQueue, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_JOBS", 3)
    elsewhere, _ = queue.hand_in("elsewhere", notes(tmp_path / "in", 1))
    queue.finish(elsewhere)
    broken, _ = queue.hand_in("inbox", notes(tmp_path / "in", 1))
    library.catalog.jobs.break_off(broken, "failed", "no room", "free some")
    ended = []
    for number in range(5):
        done, _ = queue.hand_in("inbox", notes(tmp_path / "in", 1, start=number))
        library.catalog.jobs.release(
            done, [each.path for each in library.catalog.jobs.waiting(done)], indexed=1
        )
        ended.append(done)
    waiting, _ = queue.hand_in("inbox", notes(tmp_path / "in", 1))
    total, kept = library.catalog.jobs.jobs()
    assert total == len(kept)
    assert [each.id for each in kept] == [waiting, *reversed(ended[-2:]), broken, elsewhere]


def test_uploaded_photo_keeps_what_was_uploaded_beside_it(
    queue: JobQueue, library: Library, tmp_path: Path
) -> None:
    Image.new("RGB", (300, 200), "teal").save(tmp_path / "a.jpg")
    (tmp_path / "a.json").write_text(
        '{"description": "The barn at dusk", "photoTakenTime": {"timestamp": "1000000000"}}'
    )
    (tmp_path / "a.txt").write_text("Grandfather built it")
    job_id, _ = queue.hand_in(
        "inbox",
        [
            ("trip/a.JPG.json", tmp_path / "a.json"),
            ("trip/a.JPG", tmp_path / "a.jpg"),
            ("trip/a.txt", tmp_path / "a.txt"),
            ("other/b.json", tmp_path / "a.json"),
        ],
    )
    ended = queue.finish(job_id)
    assert (ended.progress.failed, ended.indexed) == (0, 3), "photo, caption, the other data"
    inbox = library.catalog.collection("inbox")
    (photo,) = (Path(path) for path in library.catalog.files(inbox) if path.endswith("a.JPG"))
    assert sorted(each.name for each in photo.parent.iterdir()) == ["a.JPG", "a.JPG.json", "a.txt"]
    stored = library.catalog.document(library.catalog.files(inbox)[str(photo)].sha256)
    told = stored.document.metadata
    assert told["date_taken"].startswith("2001-09-09")
    for said in ("The barn at dusk", "Grandfather built it"):
        assert said in told["description"]
    with Upkeep(library.settings.catalog_path, library.settings.store) as upkeep:
        assert find_leftovers(library, upkeep).uploads == ()
    remove(library, [str(photo)])
    assert not photo.parent.exists()
