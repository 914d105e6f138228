"""What the catalogue hands out: domain values with the row ids they live under."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from indexer.domain import Chunk, Crop, Document, EmbeddingSpace, Page, Recognition
from indexer.filters import NO_FILTERS, Filters

Item = TypeVar("Item", Chunk, Crop)

SUCCESSOR = " (reembedding)"  # ends the name of a collection that is to take another's place


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """A collection with the encoders and embedding spaces it was built with."""

    id: int
    name: str
    text_encoder: str
    clip_encoder: str
    text_space: EmbeddingSpace
    clip_space: EmbeddingSpace
    image_space: EmbeddingSpace

    @property
    def in_the_making(self) -> bool:
        """Whether it is to take another's place, and holds part of the same documents so far."""
        return self.name.endswith(SUCCESSOR)

    @property
    def spaces(self) -> frozenset[EmbeddingSpace]:
        return frozenset({self.text_space, self.clip_space, self.image_space})


@dataclass(frozen=True, kw_only=True, slots=True)
class FileState:
    """What is known of a path: unchanged while size, mtime (nanoseconds) and sidecars are the same.

    ``container`` is the file on the disk that holds this one ("" if it lies there itself);
    ``sidecars`` is a mark of the files beside it that describe it.
    """

    path: str
    size: int
    mtime_ns: int
    sha256: str
    indexed: bool
    cause: str = ""
    remedy: str = ""
    container: str = ""
    sidecars: str = ""

    def unchanged_since(self, before: "FileState") -> bool:
        """Whether nothing that is seen without opening the file differs."""
        return (self.size, self.mtime_ns, self.sidecars) == (
            before.size,
            before.mtime_ns,
            before.sidecars,
        )


@dataclass(frozen=True, slots=True)
class Embedded(Generic[Item]):
    """An item with one vector per space: little-endian float32 bytes, L2-normalised."""

    item: Item
    vectors: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDocument:
    """Everything of one document that enters in one transaction, read once and in order.

    The vectors of every chunk are in ``chunk_spaces``, in that order; crops likewise.
    ``picture_hash`` is the perceptual hash of a photo. ``anew`` replaces what is stored of the
    same bytes.
    """

    document: Document
    file: FileState
    pages: Iterable[Page]
    chunks: Iterable[Embedded[Chunk]]
    crops: Iterable[Embedded[Crop]]
    chunk_spaces: tuple[EmbeddingSpace, ...]
    crop_spaces: tuple[EmbeddingSpace, ...]
    picture_hash: int | None = None
    anew: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredDocument:
    """A document under the first of its paths; ``copies`` are the others.

    ``group`` is the same for photos that are nearly the same, None for one that stands alone.
    """

    id: int
    collection: str
    document: Document
    copies: tuple[str, ...] = ()
    group: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredChunk:
    """``recognition`` tells how the text was read if it is that of a scan."""

    id: int
    owner: StoredDocument
    chunk: Chunk
    recognition: Recognition | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredCrop:
    id: int
    owner: StoredDocument
    crop: Crop


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    documents: int
    chunks: int
    crops: int


@dataclass(frozen=True, kw_only=True, slots=True)
class JobProgress:
    """Counts of a run so far; ``total`` files are to be looked at, ``current`` is being read."""

    total: int
    done: int = 0
    pages: int = 0
    chunks: int = 0
    crops: int = 0
    failed: int = 0
    current: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """Work on a collection; see :mod:`indexer.store.jobs` for its states. Times are POSIX.

    ``done_before`` of its files were done when its last run began, at ``claimed_at`` (of one that
    waits for it: when it was queued); until ``open_until`` further files may be handed in.
    ``cause`` and ``remedy`` say why it failed.
    """

    id: int
    collection: str
    state: str
    started_at: float
    updated_at: float
    progress: JobProgress
    kind: str = "index"
    claimed_at: float = 0.0
    finished_at: float | None = None
    open_until: float = 0.0
    done_before: int = 0
    indexed: int = 0
    cause: str = ""
    remedy: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class JobFile:
    """A file that a job was handed, under the ``name`` that its owner knows; why it failed."""

    path: str
    name: str
    cause: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class JobUnderWay:
    """A job that has been claimed, and how far it is."""

    id: int
    progress: JobProgress


@dataclass(frozen=True, kw_only=True, slots=True)
class Photo:
    """What near-duplicates are found by: the perceptual hash and the whole picture's vector."""

    document_id: int
    crop_id: int
    picture_hash: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTurn:
    """A question and its answer as JSON text; ``asked_at`` is POSIX time.

    ``searched`` is the question that was looked for if it is not ``question``, else "".
    """

    question: str
    answer: str
    asked_at: float
    searched: str = ""
    collections: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredQuestion:
    """A saved question: ``page`` is "ask" or "search", ``kind`` the kind of result, "" for all."""

    name: str
    page: str
    question: str
    kind: str = ""
    collections: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS
    id: int = 0
    saved_at: float = 0.0

    @property
    def asks(self) -> tuple[str, str, str, tuple[str, ...], Filters]:
        """What two questions share that ask the same."""
        return self.page, self.kind, self.question, self.collections, self.filters


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredConversation:
    """A conversation by its first question and the number of its turns; times are POSIX."""

    id: str
    question: str
    turns: int
    started_at: float
    updated_at: float
