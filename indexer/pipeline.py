"""From paths to a searchable collection.

Child processes parse ahead while this process encodes in batches; each document is written in one
transaction as soon as its last vector is there. Queues are bounded and what waits for that moment
lies on the disk, so memory grows neither with the archive nor with one file's pages.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from indexer import scan
from indexer.analysis import language_of
from indexer.chunking import chunk_pages, passage_text, token_budget, word_ends
from indexer.cropping import cut, figure_crops, photo_crops
from indexer.domain import Chunk, Crop, Document, Header, Page
from indexer.duplicates import group_photos, picture_hash
from indexer.encoders import ClipEncoder, TextEncoder
from indexer.errors import InvalidInput, OutOfResources, SightlineError, SpaceMismatch
from indexer.library import Library, to_image
from indexer.memory import give_back
from indexer.readahead import Begin, Closed, End, Message, Readers
from indexer.spool import Spool
from indexer.store.records import (
    SUCCESSOR,
    Collection,
    Embedded,
    FileState,
    JobProgress,
    JobUnderWay,
    NewDocument,
)

Progress = JobProgress

# A finished document is written at the latest this long after the one before it.
_FLUSH_SECONDS = 2.0
# An empty folder that held this many files is taken for a disk that is not there.
_UNPLUGGED_FILES = 100
# How often other processes are told how far a run is.
_TELL_SECONDS = 1.0
# Pixels of all crops that wait for the encoder: 3 bytes each.
_WAITING_PIXELS = 8_000_000
# Characters that a tokenizer is given at once: for each token it needs hundreds of bytes.
_TOKENIZED_CHARS = 50_000
# How often freed memory is given back; more often would cost time.
_TIDY_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexReport:
    """What a run did with every file: paths, and failures with cause and remedy.

    ``failed_before`` were not tried again: they have not changed since they failed. ``missing``
    are gone from their folders but were kept.
    """

    indexed: tuple[str, ...]
    unchanged: int
    removed: tuple[str, ...]
    failed: tuple[FileState, ...]
    failed_before: tuple[FileState, ...] = ()
    missing: tuple[str, ...] = ()
    interrupted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """What a run will do. ``unplugged``: a whole archive is gone, as if its disk were away.

    ``left_inside``: members of an earlier state of their container, which a run that was cut off
    after the container did not get to remove.
    """

    found: tuple[Path, ...]
    todo: tuple[FileState, ...]
    failed_before: tuple[FileState, ...]
    vanished: tuple[str, ...]
    left_inside: tuple[str, ...]
    unplugged: bool
    known: dict[str, FileState]


def index_paths(
    library: Library,
    paths: Sequence[Path],
    collection_name: str,
    *,
    retry_failed: bool = False,
    keep_missing: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    job: JobUnderWay | None = None,
    stop: threading.Event | None = None,
) -> IndexReport:
    """Bring a collection in step with files and folders; a second run finds nothing to do.

    A path that cannot be read is recorded with cause and remedy and the rest goes on. Files that
    vanished from a folder that was given leave the collection, unless ``keep_missing``, or unless
    the folder held many and is empty now: that is what a disk that is not plugged in looks like.
    Ctrl-C, ``stop`` and the cancelling of its job end the run cleanly: what was written stays, the
    report says so. A run makes a job of its own, unless it is part of ``job``, which it does not
    finish.

    Raises InvalidInput for a path that does not exist, SpaceMismatch for other encoders.
    """
    found = scan.find_files(paths, leave_out=library.settings.home)
    collection = library.collection_for_writing(collection_name)
    plan = _plan(paths, found, library.catalog.files(collection), retry_failed)
    keep_missing = keep_missing or plan.unplugged
    vanished = () if keep_missing else plan.vanished
    nothing_new = not (plan.todo or vanished or plan.left_inside)
    # A run that was cut off may have left photos ungrouped and indexes unsaved.
    if nothing_new and job is None and library.catalog.last_run_finished(collection):
        return _report(plan, None, (), keep_missing)
    under_way = _started(library, collection, plan, job)
    run = _Run(library, collection, under_way, on_progress or (lambda _: None), stop)
    removed: tuple[str, ...] = ()
    state = "failed"
    try:
        run.take(plan.todo)
        # Only now: a file that moved has found its document by its hash, embeddings and all.
        gone = (
            *_still_gone(paths, library.settings.home, [plan.known[path] for path in vanished]),
            *plan.left_inside,
            *run.no_longer_inside(plan.known),
        )
        if gone:
            library.catalog.remove_files(collection, gone)
        removed = gone
        group_photos(library.catalog, collection)
        library.indexes.save(library.catalog.collections())
        state = "done"
    except KeyboardInterrupt:
        run.interrupted = True
        state = "interrupted"
    except _Stopped as exc:
        run.interrupted = True
        state = exc.state
    finally:
        run.tell()
        if job is None:
            library.catalog.finish_job(
                under_way.id, state, indexed=len(run.indexed), unchanged=len(found) - len(plan.todo)
            )
    return _report(plan, run, removed, keep_missing)


def _started(
    library: Library, collection: Collection, plan: "_Plan", job: JobUnderWay | None
) -> JobUnderWay:
    """The job that a run is, or that it is part of: of that, what is unchanged is done."""
    if job is None:
        total = len(plan.todo)
        return JobUnderWay(library.catalog.start_job(collection, total), JobProgress(total=total))
    unchanged = len(plan.found) - len(plan.todo)
    return replace(job, progress=replace(job.progress, done=job.progress.done + unchanged))


def _still_gone(paths: Sequence[Path], home: Path, missing: Sequence[FileState]) -> list[str]:
    """Those of ``missing`` that have not come back during the run, which may have taken hours."""
    if not missing:
        return []
    there = {scan.catalogued(path) for path in scan.find_files(paths, leave_out=home)}
    return [state.path for state in scan.vanished(paths, there, missing)]


def _plan(
    paths: Sequence[Path], found: list[Path], known: dict[str, FileState], retry_failed: bool
) -> _Plan:
    todo: list[FileState] = []
    failed_before: list[FileState] = []
    left_inside: list[str] = []
    inside: dict[str, list[FileState]] = {}
    for state in known.values():
        if state.container:
            inside.setdefault(state.container, []).append(state)
    for path in found:
        now = scan.stat(path)
        before = known.get(now.path)
        if before is None or not now.unchanged_since(before):
            todo.append(now)
            continue
        # A member carries the time of the container that it was read from.
        current = [each for each in inside.get(now.path, ()) if each.mtime_ns == before.mtime_ns]
        failures = [each for each in (before, *current) if not each.indexed]
        if failures and retry_failed:
            todo.append(now)
        else:
            failed_before += failures
            left_inside += [
                each.path for each in inside.get(now.path, ()) if each.mtime_ns != before.mtime_ns
            ]
    gone = scan.vanished(paths, {scan.catalogued(path) for path in found}, known.values())
    return _Plan(
        found=tuple(found),
        todo=tuple(todo),
        failed_before=tuple(failed_before),
        vanished=tuple(state.path for state in gone),
        left_inside=tuple(left_inside),
        unplugged=not found and len(gone) >= _UNPLUGGED_FILES,
        known=known,
    )


def _report(
    plan: _Plan, run: "_Run | None", removed: tuple[str, ...], keep_missing: bool
) -> IndexReport:
    refused = sum(not state.container for state in plan.failed_before)
    return IndexReport(
        indexed=tuple(run.indexed) if run else (),
        unchanged=len(plan.found) - len(plan.todo) - refused,
        removed=removed,
        failed=tuple(run.failed) if run else (),
        failed_before=plan.failed_before,
        missing=plan.vanished if keep_missing else (),
        interrupted=run.interrupted if run else False,
    )


class _Draft:
    """A document on its way: its vectors arrive batch by batch, and lie on the disk meanwhile."""

    def __init__(self, begin: Begin, header: Header) -> None:
        self.begin = begin
        self.header = header
        self.pages = Spool(Page)
        self.chunks: Spool[Embedded[Chunk]] = Spool(Embedded[Chunk])
        self.crops: Spool[Embedded[Crop]] = Spool(Embedded[Crop])
        self.warnings: list[str] = []
        self.crop_count = 0
        self.chunk_count = 0
        self.picture_hash: int | None = None

    @property
    def complete(self) -> bool:
        """Whether every chunk and crop has its vectors."""
        return len(self.chunks) == self.chunk_count and len(self.crops) == self.crop_count

    def document(self) -> Document:
        state = self.begin.state
        return Document(
            id=state.sha256,
            path=state.path,
            title=self.header.title,
            media_type=self.header.media_type,
            size=state.size,
            page_count=len(self.pages),
            metadata=self.header.metadata,
            warnings=(*self.header.warnings, *self.warnings),
        )

    def close(self) -> None:
        for spool in (self.pages, self.chunks, self.crops):
            spool.close()


class _Stopped(Exception):
    """The run is to end before its time; ``state`` says how its job is called then."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class _BrokenOff(Exception):
    """The pages of a document ended with an error."""


class _Run:
    """One call of ``index_paths``: drafts in, committed documents out."""

    def __init__(
        self,
        library: Library,
        collection: Collection,
        job: JobUnderWay,
        on_progress: Callable[[Progress], None],
        stop: threading.Event | None,
    ) -> None:
        self._library = library
        self._collection = collection
        self._job = job.id
        self._stop = stop
        self._text: TextEncoder = library.text_encoder(collection)
        self._clip: ClipEncoder = library.clip_encoder(collection)
        self._batch = library.settings.encoder.batch_size
        self._chunk_spaces = (self._text.space, self._clip.space)
        self._crop_spaces = (self._clip.space, self._clip.image_space)
        self._waiting_chunks: list[tuple[_Draft, Chunk]] = []
        self._waiting_crops: list[tuple[_Draft, Crop, Image]] = []
        self._finished: list[_Draft] = []
        self._drafts: set[_Draft] = set()  # all that are open, for the end of an interrupted run
        self._flushed = self._told = self._tidied = time.monotonic()
        self._progress = job.progress
        self._told_total = job.progress.total
        self._on_progress = on_progress
        self._containers: dict[str, set[str]] = {}
        self._put_off: set[str] = set()  # files on the disk that are for the next run
        self.indexed: list[str] = []
        self.failed: list[FileState] = []
        self.interrupted = False

    def take(self, todo: Sequence[FileState]) -> None:
        """Index every file. Documents not yet written when Ctrl-C comes are for the next run.

        When it is stopped, those that have been read are written first.
        """
        readers = Readers(self._library, self._collection, self._check)
        try:
            for state, messages in readers.read(todo):
                self._containers[state.path] = set()
                self._report(current=state.path)
                for message in messages:
                    if isinstance(message, Begin):
                        self._one(message, messages, readers)
                    assert isinstance(message, Begin | Closed)
            self._flush()
        except _Stopped:
            self._flush()
            raise
        finally:
            readers.close()
            for draft in tuple(self._drafts):
                self._close(draft)

    def no_longer_inside(self, known: dict[str, FileState]) -> list[str]:
        """Known members that their container, read in this run, does not hold any more."""
        return [
            path
            for path, state in known.items()
            if state.container in self._containers
            and state.container not in self._put_off
            and path not in self._containers[state.container]
        ]

    def _one(self, begin: Begin, messages: Iterator[Message], readers: Readers) -> None:
        """One document: from its Begin to its End."""
        state = begin.state
        if state.container:
            self._containers[state.container].add(state.path)
            self._report(total=self._progress.total + 1, current=state.path)
        self._take(begin, messages, readers)
        self._report(done=self._progress.done + 1)

    def _take(self, begin: Begin, messages: Iterator[Message], readers: Readers) -> None:
        state = begin.state
        first = next(messages)
        match first:
            case Header():
                draft = _Draft(begin, first)
                self._drafts.add(draft)
                self._read(draft, messages)
            case End(error=None):
                if not self._link(state):
                    self._take(begin, readers.again(state), readers)
            case End(error=error) if error is not None:
                self._fail(state, error)

    def _read(self, draft: _Draft, messages: Iterator[Message]) -> None:
        settings = self._library.settings.chunk
        try:
            for chunk in chunk_pages(
                self._pages(draft, messages),
                budget=token_budget(settings, self._text.max_tokens),
                min_tokens=settings.min_tokens,
                token_ends=self._token_ends,
            ):
                draft.chunk_count += 1
                self._waiting_chunks.append((draft, chunk))
                self._report(chunks=self._progress.chunks + 1)
                if len(self._waiting_chunks) >= self._batch:
                    self._encode_chunks()
        except _BrokenOff as exc:
            cause = exc.__cause__
            assert isinstance(cause, SightlineError | OSError)
            self._drop(draft)
            self._fail(draft.begin.state, cause)
            return
        self._finished.append(draft)
        # Documents of a few chunks share a batch, but none waits long to become searchable.
        full = len(self._finished) >= self._batch
        if full or time.monotonic() - self._flushed > _FLUSH_SECONDS:
            self._flush()

    def _pages(self, draft: _Draft, messages: Iterator[Message]) -> Iterator[Page]:
        """The draft's pages as they come; their pictures go their own way. Raises _BrokenOff."""
        for message in messages:
            match message:
                case Page():
                    self._crop(draft, message)
                    draft.warnings += message.warnings
                    page = replace(message, figures=(), raster=None)
                    draft.pages.append(page)
                    yield page
                case End(error=None):
                    return
                case End(error=error) if error is not None:
                    raise _BrokenOff from error

    def _crop(self, draft: _Draft, page: Page) -> None:
        if page.raster is not None:
            image = to_image(page.raster)
            settings = self._library.settings.crop
            objects = self._clip.objects(image, settings.max_objects)
            crops = photo_crops(
                image.width,
                image.height,
                objects,
                settings,
                caption=" ".join(block.text for block in page.blocks if block.kind == "caption"),
            )
            crops = [
                replace(crop, ordinal=draft.crop_count + crop.ordinal, page_number=page.number)
                for crop in crops
            ]
            pictures: Iterable[Image] = [cut(image, crop.box) for crop in crops]
            if page.number == 1:
                draft.picture_hash = picture_hash(image)
        else:
            crops = figure_crops(page.figures, page.number, draft.crop_count)
            # One by one: a page may have thousands.
            pictures = (
                to_image(figure.raster) for figure in page.figures if figure.raster is not None
            )
        draft.crop_count += len(crops)
        for crop, picture in zip(crops, pictures, strict=True):
            self._waiting_crops.append((draft, crop, picture))
            waiting = sum(image.width * image.height for _, _, image in self._waiting_crops)
            if len(self._waiting_crops) >= self._batch or waiting >= _WAITING_PIXELS:
                self._encode_crops()
        self._report(pages=self._progress.pages + 1, crops=self._progress.crops + len(crops))

    def _token_ends(self, text: str) -> list[int]:
        """The encoder's tokens; words where it does not know the language.

        An English tokenizer takes Russian apart letter by letter: passages cut by that count
        would be a sentence long, and no better for an encoder that cannot read them.
        """
        known = self._text.languages
        language = language_of(text)
        if language and language not in known and "*" not in known:
            return word_ends(text)
        return [
            start + end
            for start, stretch in _stretches(text)
            for end in self._text.token_ends(stretch)
        ]

    def _link(self, state: FileState) -> bool:
        """The bytes are those of a document that is stored already, or is about to be.

        False if it has left the collection since the reader looked: with its last path, which
        now holds something else.
        """
        if state.path in self._put_off:
            return True
        held = replace(state, indexed=True)
        self._members_first(state)
        linked = self._library.catalog.link_file(self._collection, held)
        if not linked:
            self._flush()
            linked = self._library.catalog.link_file(self._collection, held)
        if linked:
            self.indexed.append(state.path)
        return linked

    def _fail(self, state: FileState, error: SightlineError | OSError) -> None:
        cause, remedy = (
            (error.cause, error.remedy)
            if isinstance(error, SightlineError)
            else (
                error.strerror or str(error),
                state.remedy or "check the file and its permissions",
            )
        )
        failure = replace(state, indexed=False, cause=cause, remedy=remedy)
        if isinstance(error, OutOfResources):
            # Neither recorded nor acknowledged: the next run tries it again, container and all.
            self._put_off.add(state.container or state.path)
        elif isinstance(error, OSError):
            # It may be back tomorrow: what is stored of it is kept.
            self._put_off.add(state.path)
            unseen = replace(failure, size=0, mtime_ns=0, sidecars="")
            self._library.catalog.record_failure(self._collection, unseen, keep_document=True)
        elif state.path not in self._put_off:
            self._members_first(state)
            self._library.catalog.record_failure(self._collection, failure)
        self.failed.append(failure)
        self._library.catalog.jobs.note_failure(self._job, failure)
        self._report(failed=self._progress.failed + 1)

    def _members_first(self, state: FileState) -> None:
        """A container is acknowledged after its members, so that a kill between loses none."""
        if self._containers.get(state.path):
            self._flush()

    def _drop(self, draft: _Draft) -> None:
        """Forget a document that broke off halfway."""
        self._waiting_crops = [item for item in self._waiting_crops if item[0] is not draft]
        self._waiting_chunks = [item for item in self._waiting_chunks if item[0] is not draft]
        self._close(draft)

    def _close(self, draft: _Draft) -> None:
        self._drafts.discard(draft)
        draft.close()

    def _flush(self) -> None:
        """Write every finished document, in the order in which they were read."""
        self._encode_chunks()
        self._encode_crops()
        for draft in self._finished:
            assert draft.complete
            if draft.begin.state.path in self._put_off:
                self._close(draft)
                continue
            self._library.catalog.add_document(
                self._collection,
                NewDocument(
                    document=draft.document(),
                    file=replace(draft.begin.state, indexed=True),
                    pages=draft.pages,
                    chunks=draft.chunks,
                    crops=draft.crops,
                    chunk_spaces=self._chunk_spaces,
                    crop_spaces=self._crop_spaces,
                    picture_hash=draft.picture_hash,
                    anew=draft.begin.anew,
                ),
            )
            self.indexed.append(draft.begin.state.path)
            self._close(draft)
        self._finished.clear()
        self._flushed = time.monotonic()

    def _encode_chunks(self) -> None:
        for start in range(0, len(self._waiting_chunks), self._batch):
            batch = self._waiting_chunks[start : start + self._batch]
            texts = [passage_text(chunk) for _, chunk in batch]
            encoded = (self._text.encode_passages(texts), self._clip.encode_texts(texts))
            for number, (draft, chunk) in enumerate(batch):
                draft.chunks.append(Embedded(chunk, _bytes(encoded, number)))
        self._waiting_chunks.clear()

    def _encode_crops(self) -> None:
        for start in range(0, len(self._waiting_crops), self._batch):
            batch = self._waiting_crops[start : start + self._batch]
            by_space = self._clip.encode_images([item[2] for item in batch])
            encoded = tuple(by_space[space] for space in self._crop_spaces)
            for number, (draft, crop, picture) in enumerate(batch):
                draft.crops.append(Embedded(crop, _bytes(encoded, number)))
                self._library.keep_thumbnail(
                    draft.begin.state.sha256, crop.page_number, crop.box, picture
                )
        self._waiting_crops.clear()

    def _report(self, **changes: int | str) -> None:
        self._progress = replace(self._progress, **changes)  # type: ignore[arg-type]
        self._on_progress(self._progress)
        if time.monotonic() - self._tidied > _TIDY_SECONDS:
            self._tidied = time.monotonic()
            give_back()
        self._check()

    def _check(self) -> None:
        """Tell others, if it is time. Raises _Stopped if the run is to end."""
        if self._stop is not None and self._stop.is_set():
            raise _Stopped("interrupted")
        if time.monotonic() - self._told > _TELL_SECONDS and not self.tell():
            raise _Stopped("cancelled")

    def tell(self) -> bool:
        """Let the catalogue know how far the run is; whether it is to go on."""
        self._told = time.monotonic()
        found = self._progress.total - self._told_total
        self._told_total = self._progress.total
        return self._library.catalog.update_job(self._job, self._progress, found=found)


def _stretches(text: str) -> Iterator[tuple[int, str]]:
    """Parts of at most ``_TOKENIZED_CHARS`` with their starts, cut after white space if any."""
    start = 0
    while len(text) - start > _TOKENIZED_CHARS:
        end = start + _TOKENIZED_CHARS
        space = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
        end = space + 1 if space > start else end
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _bytes(encoded: Sequence[NDArray[np.float32]], number: int) -> tuple[bytes, ...]:
    """Row ``number`` of each matrix as the catalogue keeps it."""
    return tuple(vectors[number].astype("<f4").tobytes() for vectors in encoded)


def reembed(
    library: Library,
    collection_name: str,
    *,
    on_progress: Callable[[Progress], None] | None = None,
) -> IndexReport:
    """Index a collection's files anew with the encoders of the settings, then swap it in.

    The work goes into a collection of its own, which takes the old one's place in one transaction
    at the end: until then searches use the old embeddings, and a run that was cut off resumes.
    NotFound for an unknown collection; InvalidInput if files are gone, for their documents would
    be lost.
    """
    old = library.catalog.collection(collection_name)
    name = f"{collection_name[:80]}{SUCCESSOR}"
    try:
        library.collection_for_writing(name)
    except SpaceMismatch:  # begun with other encoders than those that are wanted now
        library.catalog.drop_collection(library.catalog.collection(name))
    indexed: list[str] = []
    while True:
        files = library.catalog.files(old)
        report = index_paths(
            library, _to_read_again(old, files), name, retry_failed=True, on_progress=on_progress
        )
        indexed += report.indexed
        if report.interrupted:
            break
        successor = library.catalog.collection(name)
        left = [
            path
            for path, state in library.catalog.files(successor).items()
            if (state.container or path) not in files
        ]
        library.catalog.remove_files(successor, left)
        # Another program may have indexed files meanwhile: they are not to be lost.
        if library.catalog.replace_collection(old, successor, files):
            library.indexes.save(library.catalog.collections())
            break
    return replace(report, indexed=tuple(indexed))


def _to_read_again(collection: Collection, files: dict[str, FileState]) -> list[Path]:
    """The files on the disk that hold a collection. InvalidInput if one of them is gone."""
    found = {path: Path(state.container or path).is_file() for path, state in files.items()}
    gone = [path for path, state in files.items() if state.indexed and not found[path]]
    if gone:
        raise InvalidInput(
            f"collection {collection.name}",
            cause=f"{len(gone)} of its files are not there, such as {gone[0]}",
            remedy="bring them back, or run sightline index on their folder to let them go",
        )
    return [Path(path) for path, state in files.items() if found[path] and not state.container]
