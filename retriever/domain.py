"""Values of retrieval: queries, hits, rankings, evidence, citations, answers."""

from dataclasses import dataclass, field
from typing import Literal

from indexer.domain import BoundingBox, CropKind, ItemKind, Recognition, Span
from indexer.errors import InvalidInput

Language = Literal["en", "ru", "other"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """Words, a photo (encoded bytes, any supported image format), or both.

    ``box`` limits the photo to a region. ``kind`` keeps only chunks or crops. An empty
    ``collections`` means all of them. ``limit`` is the number of hits wanted.
    """

    text: str = ""
    image: bytes | None = None
    box: BoundingBox | None = None
    kind: ItemKind | None = None
    collections: tuple[str, ...] = ()
    limit: int = 10

    def __post_init__(self) -> None:
        if not self.text.strip() and self.image is None:
            raise InvalidInput(
                "query", cause="it is empty", remedy="type some words or add a photo"
            )
        if not 1 <= self.limit <= 200:
            raise InvalidInput("k", cause=f"{self.limit} is out of range", remedy="use 1 to 200")


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentRef:
    """The document a hit or citation points into. ``visual``: its pages can be shown as images."""

    id: str
    path: str
    title: str
    media_type: str
    collection: str

    @property
    def visual(self) -> bool:
        return self.media_type == "application/pdf" or self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class ItemKey:
    """One searchable item: a chunk or a crop, by its row id."""

    kind: ItemKind
    id: int


@dataclass(frozen=True, slots=True)
class Scored:
    """An item with its score inside one ranking (higher is better, comparable only there)."""

    key: ItemKey
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """Items of one index for one query, best first. ``name`` says which, for the user.

    From the score ``floor`` on, an item most likely belongs to the query; None if unknown.
    """

    name: str
    items: tuple[Scored, ...]
    weight: float = 1.0
    floor: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RankedBy:
    """One ranking that found a hit, and at what rank (from 1)."""

    name: str
    rank: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """An item in the result, joined to its live row. ``rank`` counts from 1.

    ``spans`` place the characters of a passage's ``text`` on its page; a crop has none.
    ``recognition`` tells how the text of a scan was read. ``duplicates`` are the paths of
    identical files and, for a photo, of nearly the same ones.
    """

    rank: int
    key: ItemKey
    score: float
    document: DocumentRef
    page: int
    box: BoundingBox
    text: str
    caption: str
    heading_path: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    rankings: tuple[RankedBy, ...] = ()
    recognition: Recognition | None = None
    duplicates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchResult:
    """Hits, best first. ``weak``: nothing found is likely to be what was meant."""

    query: str
    hits: tuple[Hit, ...]
    weak: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """A pointer from an answer to evidence: ``quote`` stands verbatim inside ``box``.

    ``quote`` is empty for a crop. ``boxes`` are the lines of the quote; ``box`` encloses them.
    """

    n: int
    key: ItemKey
    document: DocumentRef
    page: int
    box: BoundingBox
    boxes: tuple[BoundingBox, ...]
    quote: str
    caption: str = ""
    recognition: Recognition | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """One sentence of an answer and the numbers of the citations that support it."""

    text: str
    citations: tuple[int, ...]
    supported: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A grounded answer, or a refusal whose ``text`` says why and what came nearest."""

    question: str
    refused: bool
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    generator: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedFile:
    path: str
    cause: str
    remedy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionStatus:
    name: str
    documents: int
    chunks: int
    crops: int


@dataclass(frozen=True, kw_only=True, slots=True)
class JobStatus:
    """A run of indexing that is under way: ``waiting`` files are not searchable yet.

    ``seconds`` since it started; ``stalled`` if it has not been heard of for minutes.
    """

    collection: str
    done: int
    waiting: int
    failed: int
    pages: int
    chunks: int
    crops: int
    current: str
    seconds: float
    stalled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """What is indexed, what could not be, what is under way, and the models in use by role."""

    documents: int
    chunks: int
    crops: int
    failed: tuple[FailedFile, ...]
    models: dict[str, str]
    collections: tuple[CollectionStatus, ...] = ()
    jobs: tuple[JobStatus, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """The hits an answer may draw on, near-copies removed, best first."""

    query: Query
    hits: tuple[Hit, ...] = field(default=())


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentSummary:
    """One indexed document in a list: ``size`` in bytes, ``warnings`` as its parser gave them.

    ``copies`` are the other paths of the same bytes, ``metadata`` what the file says of itself.
    """

    ref: DocumentRef
    pages: int
    size: int
    warnings: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentList:
    """One stretch of a list of documents; ``total`` counts the whole list."""

    total: int
    documents: tuple[DocumentSummary, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CropView:
    """One searchable region of a page, as a person is shown it."""

    id: int
    kind: CropKind
    box: BoundingBox
    caption: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadReport:
    """What became of uploaded files: names that were indexed, and those that were not, and why."""

    indexed: tuple[str, ...]
    failed: tuple[FailedFile, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DuplicateGroup:
    """Files that hold the same (``identical``) or nearly the same photo; at least two paths."""

    identical: bool
    paths: tuple[str, ...]
