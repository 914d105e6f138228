"""From paths to a searchable collection.

Child processes parse ahead while this process encodes in batches; each document is written in one
transaction as soon as its last vector is there. Queues are bounded, so memory does not grow with
the archive.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from indexer import scan
from indexer.analysis import language_of
from indexer.chunking import chunk_pages, passage_text, token_budget, word_ends
from indexer.cropping import cut, figure_crops, photo_crops
from indexer.domain import Chunk, Crop, Document, EmbeddingSpace, Header, Page
from indexer.encoders import ClipEncoder, TextEncoder
from indexer.errors import SightlineError
from indexer.library import Library, to_image
from indexer.readahead import End, Message, Readers
from indexer.store.records import Collection, FileState, NewDocument

# A finished document is written at the latest this long after the one before it.
_FLUSH_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Counts so far; ``total`` files are to be looked at."""

    total: int
    done: int = 0
    pages: int = 0
    chunks: int = 0
    crops: int = 0
    current: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexReport:
    """What a run did with every file: paths, and failures with cause and remedy.

    ``failed_before`` were not tried again: they have not changed since they failed.
    """

    indexed: tuple[str, ...]
    unchanged: int
    removed: tuple[str, ...]
    failed: tuple[FileState, ...]
    failed_before: tuple[FileState, ...] = ()
    interrupted: bool = False


def index_paths(
    library: Library,
    paths: Sequence[Path],
    collection_name: str,
    *,
    retry_failed: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> IndexReport:
    """Bring a collection in step with files and folders; a second run finds nothing to do.

    A path that cannot be read is recorded with cause and remedy and the rest goes on. Files that
    vanished from a folder that was given leave the collection. Ctrl-C ends the run cleanly: what
    was written stays, the report says so.

    Raises InvalidInput for a path that does not exist, SpaceMismatch for other encoders.
    """
    found = scan.find_files(paths)
    collection = library.collection_for_writing(collection_name)
    known = library.catalog.files(collection)
    todo: list[FileState] = []
    failed_before: list[FileState] = []
    for path in found:
        now = scan.stat(path)
        before = known.get(now.path)
        if before is None or (before.size, before.mtime_ns) != (now.size, now.mtime_ns):
            todo.append(now)
        elif not before.indexed:
            (todo if retry_failed else failed_before).append(before)
    vanished = scan.vanished(paths, {str(path) for path in found}, known)
    run = _Run(library, collection, len(todo), on_progress or (lambda _: None))
    interrupted = False
    if todo:
        job = library.catalog.start_job(collection)
        state = "failed"
        try:
            run.take(todo)
            state = "done"
        except KeyboardInterrupt:
            interrupted = True
            state = "interrupted"
        finally:
            library.catalog.finish_job(
                job,
                state,
                indexed=len(run.indexed),
                unchanged=len(found) - len(todo),
                failed=len(run.failed),
            )
    if not interrupted:
        # Only now: a file that moved has found its document by its hash, embeddings and all.
        for path_text in vanished:
            library.catalog.remove_file(collection, path_text)
    if todo or vanished:
        library.indexes.save(library.catalog.collections())
    return IndexReport(
        indexed=tuple(run.indexed),
        unchanged=len(found) - len(todo) - len(failed_before),
        removed=() if interrupted else tuple(vanished),
        failed=tuple(run.failed),
        failed_before=tuple(failed_before),
        interrupted=interrupted,
    )


@dataclass(slots=True)
class _Draft:
    """A document on its way: its vectors arrive batch by batch."""

    state: FileState
    header: Header
    pages: list[Page] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    crops: list[Crop] = field(default_factory=list)
    chunk_vectors: dict[EmbeddingSpace, list[NDArray[np.float32]]] = field(default_factory=dict)
    crop_vectors: dict[EmbeddingSpace, list[NDArray[np.float32]]] = field(default_factory=dict)

    def document(self) -> Document:
        return Document(
            id=self.state.sha256,
            path=self.state.path,
            title=self.header.title,
            media_type=self.header.media_type,
            size=self.state.size,
            page_count=len(self.pages),
            metadata=self.header.metadata,
            warnings=(
                *self.header.warnings,
                *(line for page in self.pages for line in page.warnings),
            ),
        )


class _Run:
    """One call of ``index_paths``: drafts in, committed documents out."""

    def __init__(
        self,
        library: Library,
        collection: Collection,
        total: int,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._library = library
        self._collection = collection
        self._text: TextEncoder = library.text_encoder(collection)
        self._clip: ClipEncoder = library.clip_encoder(collection)
        self._batch = library.settings.encoder.batch_size
        self._waiting_chunks: list[tuple[_Draft, Chunk]] = []
        self._waiting_crops: list[tuple[_Draft, Crop, Image]] = []
        self._complete: list[_Draft] = []
        self._flushed = time.monotonic()
        self._progress = Progress(total=total)
        self._on_progress = on_progress
        self.indexed: list[str] = []
        self.failed: list[FileState] = []

    def take(self, todo: Sequence[FileState]) -> None:
        """Index every file. Documents not yet written when Ctrl-C comes are for the next run."""
        readers = Readers(self._library, self._collection)
        try:
            for state, messages in readers.read(todo):
                self._report(current=state.path)
                self._one(state, messages)
                self._report(done=self._progress.done + 1)
        finally:
            readers.close()
        self._flush()

    def _one(self, state: FileState, messages: Iterator[Message]) -> None:
        draft: _Draft | None = None
        for message in messages:
            match message:
                case FileState():
                    state = message
                case Header():
                    draft = _Draft(state, message)
                case Page() if draft is not None:
                    self._page(draft, message)
                case End(error=None) if draft is not None:
                    self._end(draft)
                case End(error=None):
                    self._link(state)
                case End(error=error) if error is not None:
                    self._drop(draft)
                    self._fail(state, error)

    def _page(self, draft: _Draft, page: Page) -> None:
        first = len(draft.crops)
        if page.raster is not None:
            image = to_image(page.raster)
            settings = self._library.settings.crop
            objects = self._clip.objects(image, settings.max_objects)
            crops = photo_crops(
                image.width,
                image.height,
                objects,
                settings,
                caption=draft.header.metadata.get("description", ""),
            )
            crops = [
                replace(crop, ordinal=first + crop.ordinal, page_number=page.number)
                for crop in crops
            ]
            pictures = [cut(image, crop.box) for crop in crops]
        else:
            crops = figure_crops(page.figures, page.number, first)
            pictures = [
                to_image(figure.raster) for figure in page.figures if figure.raster is not None
            ]
        for crop, picture in zip(crops, pictures, strict=True):
            draft.crops.append(crop)
            self._waiting_crops.append((draft, crop, picture))
        draft.pages.append(replace(page, figures=(), raster=None))
        self._report(pages=self._progress.pages + 1, crops=self._progress.crops + len(crops))
        if len(self._waiting_crops) >= self._batch:
            self._encode_crops()

    def _end(self, draft: _Draft) -> None:
        chunks = self._library.settings.chunk
        draft.chunks = list(
            chunk_pages(
                draft.pages,
                budget=token_budget(chunks, self._text.max_tokens),
                min_tokens=chunks.min_tokens,
                token_ends=self._token_ends,
            )
        )
        self._waiting_chunks.extend((draft, chunk) for chunk in draft.chunks)
        self._complete.append(draft)
        self._report(chunks=self._progress.chunks + len(draft.chunks))
        # Documents of a few chunks share a batch, but none waits long to become searchable.
        full = len(self._waiting_chunks) >= self._batch or len(self._complete) >= self._batch
        if full or time.monotonic() - self._flushed > _FLUSH_SECONDS:
            self._flush()

    def _token_ends(self, text: str) -> list[int]:
        """The encoder's tokens; words where it does not know the language.

        An English tokenizer takes Russian apart letter by letter: passages cut by that count
        would be a sentence long, and no better for an encoder that cannot read them.
        """
        known = self._text.languages
        language = language_of(text)
        if language and language not in known and "*" not in known:
            return word_ends(text)
        return self._text.token_ends(text)

    def _link(self, state: FileState) -> None:
        """The bytes are those of a document that is stored already, or is about to be."""
        if not self._library.catalog.link_file(self._collection, replace(state, indexed=True)):
            self._flush()
            self._library.catalog.link_file(self._collection, replace(state, indexed=True))
        self.indexed.append(state.path)

    def _fail(self, state: FileState, error: SightlineError | OSError) -> None:
        cause, remedy = (
            (error.cause, error.remedy)
            if isinstance(error, SightlineError)
            else (error.strerror or str(error), "check the file and its permissions")
        )
        failure = replace(state, indexed=False, cause=cause, remedy=remedy)
        self._library.catalog.record_failure(self._collection, failure)
        self.failed.append(failure)

    def _drop(self, draft: _Draft | None) -> None:
        """Forget a document that broke off halfway."""
        self._waiting_crops = [item for item in self._waiting_crops if item[0] is not draft]

    def _flush(self) -> None:
        self._encode_chunks()
        self._encode_crops()
        for draft in self._complete:
            self._library.catalog.add_document(
                self._collection,
                NewDocument(
                    document=draft.document(),
                    mtime_ns=draft.state.mtime_ns,
                    pages=tuple(draft.pages),
                    chunks=tuple(draft.chunks),
                    crops=tuple(draft.crops),
                    chunk_vectors=_stacked(draft.chunk_vectors),
                    crop_vectors=_stacked(draft.crop_vectors),
                ),
            )
            self.indexed.append(draft.state.path)
        self._complete.clear()
        self._flushed = time.monotonic()

    def _encode_chunks(self) -> None:
        for start in range(0, len(self._waiting_chunks), self._batch):
            batch = self._waiting_chunks[start : start + self._batch]
            texts = [passage_text(chunk) for _, chunk in batch]
            encoded = {
                self._text.space: self._text.encode_passages(texts),
                self._clip.space: self._clip.encode_texts(texts),
            }
            for space, vectors in encoded.items():
                for (draft, _), vector in zip(batch, vectors, strict=True):
                    draft.chunk_vectors.setdefault(space, []).append(vector)
        self._waiting_chunks.clear()

    def _encode_crops(self) -> None:
        for start in range(0, len(self._waiting_crops), self._batch):
            batch = self._waiting_crops[start : start + self._batch]
            for space, vectors in self._clip.encode_images([item[2] for item in batch]).items():
                for (draft, _, _), vector in zip(batch, vectors, strict=True):
                    draft.crop_vectors.setdefault(space, []).append(vector)
            for draft, crop, picture in batch:
                self._library.keep_thumbnail(
                    draft.state.sha256, crop.page_number, crop.box, picture
                )
        self._waiting_crops.clear()

    def _report(self, **changes: int | str) -> None:
        self._progress = replace(self._progress, **changes)  # type: ignore[arg-type]
        self._on_progress(self._progress)


def _stacked(
    vectors: dict[EmbeddingSpace, list[NDArray[np.float32]]],
) -> dict[EmbeddingSpace, NDArray[np.float32]]:
    return {space: np.stack(rows) for space, rows in vectors.items()}


def reembed(
    library: Library,
    collection_name: str,
    *,
    on_progress: Callable[[Progress], None] | None = None,
) -> IndexReport:
    """Index a collection's files anew with the encoders of the settings, then swap it in.

    The work goes into a collection of its own, which takes the old one's place in one transaction
    at the end: until then searches use the old embeddings, and a run that was cut off resumes.
    NotFound for an unknown collection.
    """
    old = library.catalog.collection(collection_name)
    shadow = f"{collection_name[:80]} (reembedding)"
    paths = [Path(path) for path in library.catalog.files(old)]
    report = index_paths(
        library,
        [path for path in paths if path.is_file()],
        shadow,
        retry_failed=True,
        on_progress=on_progress,
    )
    if not report.interrupted:
        library.catalog.replace_collection(collection_name, shadow)
        library.indexes.save(library.catalog.collections())
    return report
