"""Values of retrieval: queries, hits, rankings, evidence, citations, answers."""

import re
from dataclasses import dataclass, field
from typing import Literal

from indexer.domain import BoundingBox, CropKind, ItemKind, Recognition, Span
from indexer.errors import InvalidInput
from indexer.filters import NO_FILTERS, Filters

Language = Literal["en", "ru", "other"]

MOST_EXAMPLES = 16  # pictures in one query
MOST_WEIGHT = 10.0

_KEPT = re.compile(r"\A.*?/uploads/[0-9a-f]{2}/[0-9a-f]{64}/", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A picture that results should be like, or unlike where ``weight`` is negative.

    Exactly one of ``image`` (encoded bytes, any supported format), ``crop`` (an indexed picture
    by its id) and ``document`` (an indexed photo by its id) says which. ``box`` limits it to a
    region, in fractions of the whole photo or page.
    """

    image: bytes | None = None
    crop: int | None = None
    document: str | None = None
    box: BoundingBox | None = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        if sum(given is not None for given in (self.image, self.crop, self.document)) != 1:
            raise InvalidInput(
                "example",
                cause="it is not one photo, one indexed picture or one document",
                remedy="give exactly one of them",
            )
        check_weight("weight of an example", abs(self.weight))


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """Words, pictures, or both; what is found may also be told what not to be like.

    ``image`` (encoded bytes, any supported image format), inside ``box``, is the first example;
    ``examples`` are further ones. ``without`` are words for what pictures should not show. The
    weights say how much the words count against an example of weight 1. ``kind`` keeps only
    chunks or crops. An empty ``collections`` means all of them; what ``filters`` leave out is as
    if it were not indexed. ``limit`` is the number of hits wanted. ``quick`` leaves out the slow
    second look at passages, for whoever is still typing.
    """

    text: str = ""
    image: bytes | None = None
    box: BoundingBox | None = None
    examples: tuple[Example, ...] = ()
    without: str = ""
    text_weight: float = 1.0
    without_weight: float = 1.0
    kind: ItemKind | None = None
    collections: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS
    limit: int = 10
    by_document: bool = False
    quick: bool = False

    def __post_init__(self) -> None:
        if not self.text.strip() and not any(each.weight > 0 for each in self.pictures):
            only_negative = bool(self.pictures or self.without.strip())
            raise InvalidInput(
                "question",
                cause="it only says what not to find" if only_negative else "it is empty",
                remedy="type some words or add a photo",
            )
        if len(self.pictures) > MOST_EXAMPLES:
            raise InvalidInput(
                "examples",
                cause=f"there are {len(self.pictures)}",
                remedy=f"give at most {MOST_EXAMPLES}",
            )
        check_weight("weight of the words", self.text_weight)
        check_weight("weight of the words to avoid", self.without_weight)
        if not 1 <= self.limit <= 200:
            raise InvalidInput("k", cause=f"{self.limit} is out of range", remedy="use 1 to 200")

    @property
    def pictures(self) -> tuple[Example, ...]:
        """All examples, ``image`` first."""
        if self.image is None:
            return self.examples
        return (Example(image=self.image, box=self.box), *self.examples)

    @property
    def composed(self) -> bool:
        """Whether pictures are judged by more than one thing, so that these must be weighed."""
        wishes = len(self.pictures) + bool(self.text.strip())
        return bool(self.without.strip()) or (bool(self.pictures) and wishes > 1)


def check_weight(name: str, weight: float) -> float:
    """``weight``; InvalidInput unless it is above 0 and at most ``MOST_WEIGHT``."""
    if not 0 < weight <= MOST_WEIGHT:
        raise InvalidInput(
            name, cause=f"{weight:g} is out of range", remedy=f"use above 0 to {MOST_WEIGHT:g}"
        )
    return weight


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

    @property
    def name(self) -> str:
        """What its owner calls it."""
        return called(self.path)

    @property
    def uploaded(self) -> bool:
        """Whether it is a copy that was handed in, not a file of the user's own."""
        return self.name != self.path


def called(path: str) -> str:
    """A path without the place where uploads are kept."""
    return _KEPT.sub("", path)


@dataclass(frozen=True, slots=True)
class ItemKey:
    """One searchable item: a chunk or a crop, by its row id."""

    kind: ItemKind
    id: int


@dataclass(frozen=True, slots=True)
class Scored:
    """An item with its score inside one ranking (higher is better, comparable only there).

    ``view`` is the part of the query photo that met it, in fractions of that photo.
    """

    key: ItemKey
    score: float
    view: BoundingBox | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """Items of one index for one query, best first. ``name`` says which, for the user.

    From the score ``floor`` on, an item most likely belongs to the query; None if unknown.
    ``zero`` is the score of an item that shares nothing with the query, ``full`` of one that is all
    that was asked for; None if unknown.
    """

    name: str
    items: tuple[Scored, ...]
    weight: float = 1.0
    zero: float | None = None
    full: float | None = None
    floor: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RankedBy:
    """One ranking that found a hit, at what rank (from 1), and its score, comparable only there."""

    name: str
    rank: int
    score: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """An item in the result, joined to its live row. ``rank`` counts from 1.

    ``spans`` place the characters of a passage's ``text`` on its page; a crop has none.
    ``recognition`` tells how the text of a scan was read. ``duplicates`` are the paths of
    identical files and, for a photo, of nearly the same ones. ``query_box`` is the part of the
    query photo that the hit looks like, where one was searched by. ``matched`` are the words in
    it that stand for words of the query. ``more`` counts the other hits of its document, where
    results are grouped by document.
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
    query_box: BoundingBox | None = None
    matched: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchResult:
    """Hits, best first. ``weak``: nothing found is likely to be what was meant."""

    query: str
    hits: tuple[Hit, ...]
    weak: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FindResult:
    """Places of a named thing: the hits of one picture follow each other, best picture first.

    ``nearest`` are the likeliest pictures where there are no hits. Of ``candidates`` pictures,
    ``looked_at`` were looked at; ``note`` says why that may not be all ("" if it is).
    """

    query: str
    hits: tuple[Hit, ...]
    nearest: tuple[Hit, ...]
    detector: str
    candidates: int
    looked_at: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """What one person may see: ``collections`` by name (all, if None), and their own questions.

    ``owner`` is None for whoever need not sign in.
    """

    collections: frozenset[str] | None = None
    owner: int | None = None

    def check(self, collection: str) -> None:
        """InvalidInput if ``collection`` is beyond reach."""
        if self.collections is not None and collection not in self.collections:
            raise InvalidInput(
                f"collection {collection}",
                cause="it is not one of yours",
                remedy="choose another, or ask an admin for it",
            )


EVERYTHING = Reach()


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """A pointer from an answer to evidence: ``quote`` stands verbatim inside ``box``.

    ``quote`` is empty for a crop. ``boxes`` are the lines of the quote; ``box`` encloses them.
    ``highlights`` are the stretches of the quote, as (start, end), that hold what was asked for.
    ``stale``: the document has changed or gone since it was cited, only the quote is left of it.
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
    highlights: tuple[tuple[int, int], ...] = ()
    stale: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """One sentence of an answer and the numbers of the citations that support it.

    ``supported``: what it cites was found to say it; a quote always is.
    """

    text: str
    citations: tuple[int, ...]
    supported: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A grounded answer, or a refusal whose ``text`` says why and what came nearest.

    ``groundedness`` is the share of its words, 0 to 1, that stand in supported sentences; None
    for a refusal. ``note`` says what went otherwise than asked, such as a model that did not
    answer ("" if nothing). ``searched`` is the question that was looked for where a follow-up
    was completed from the conversation, else "". ``conversation`` is the id of the one that it
    was kept in, "" for none.
    """

    question: str
    refused: bool
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    generator: str
    groundedness: float | None = None
    note: str = ""
    searched: str = ""
    conversation: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """Words of a model as they come, not yet checked; its statements replace them."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A finished sentence of an answer with the citations that it is the first to use."""

    sentence: Sentence
    citations: tuple[Citation, ...]


# What a generator hands out: drafts and statements in turn, and the whole answer at the end.
AnswerEvent = Draft | Statement | Answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """A question of a conversation and what was answered. ``id`` counts from 1 in it.

    ``asked_at`` is POSIX time; ``collections`` and ``filters`` tell where it was looked for.
    """

    id: int
    question: str
    answer: Answer
    asked_at: float = 0.0
    collections: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS


NEW_CONVERSATION = "new"  # in the place of an id


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """A conversation in a list, by its first ``question``; ``turns`` counts them, times are POSIX.

    The question is empty where a photo alone was asked about.
    """

    id: str
    question: str
    turns: int
    started_at: float
    updated_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationList:
    """One stretch of the list, the latest first; ``total`` counts the whole list."""

    total: int
    conversations: tuple[Conversation, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """A whole conversation; what its answers cite has been looked up anew."""

    conversation: Conversation
    turns: tuple[Turn, ...]


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
    """A run of indexing: ``waiting`` files are not searchable yet.

    ``state`` is queued, running, cancelling, done, cancelled, interrupted or failed; of a failed
    one, ``cause`` and ``remedy`` say why. ``started_at``, ``finished_at`` and ``seconds`` between
    them are of its last run, before which ``done_before`` of its files were done;
    ``stalled`` if it has not been heard of for minutes. ``open``: further files may yet be handed
    in. ``kind`` is "upload", "retry" or, for a run that somebody else started, "index". ``errors``
    are only looked up where one job is asked for. Times are POSIX.
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
    id: int = 0
    kind: str = "index"
    state: str = "running"
    started_at: float = 0.0
    finished_at: float | None = None
    done_before: int = 0
    open: bool = False
    cause: str = ""
    remedy: str = ""
    errors: tuple[FailedFile, ...] = ()

    @property
    def active(self) -> bool:
        """Whether it is at work or waits for its turn."""
        return self.state in {"queued", "running", "cancelling"}

    @property
    def can_retry(self) -> bool:
        """Whether something of it could be tried again."""
        left = self.failed or self.state in {"failed", "interrupted"}
        return bool(left) and self.kind != "index" and not self.active


@dataclass(frozen=True, kw_only=True, slots=True)
class JobList:
    """One stretch of the list, the latest first; ``total`` counts the whole list."""

    total: int
    jobs: tuple[JobStatus, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedIn:
    """The job that is to index files, and the names of those that were left out of it."""

    job: JobStatus
    left_out: tuple[str, ...] = ()


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
class FolderRef:
    """A folder, and how many documents are in it and below it."""

    name: str
    path: str
    documents: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderView:
    """What is in a folder: ``path`` is "" for the top; ``total`` counts all its documents."""

    path: str
    folders: tuple[FolderRef, ...]
    total: int
    documents: tuple[DocumentSummary, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionDetail:
    """A collection with its encoders, its languages by passages, and its size in bytes.

    ``size`` adds up its files; ``failed`` counts those that could not be read.
    """

    status: CollectionStatus
    text_encoder: str
    clip_encoder: str
    size: int
    languages: dict[str, int]
    failed: int
    active: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedQuestion:
    """A question to ask (``page`` "ask") or search ("search") again, where it was saved.

    ``kind`` is the kind of result that is wanted: chunk, crop or objects, "" for all.
    """

    name: str
    page: str
    question: str
    kind: str = ""
    collections: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS
    id: int = 0
    saved_at: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Storage:
    """Bytes on the disk, and ``free`` ones: the record, the index, kept uploads, what is cached."""

    catalogue: int
    index: int
    uploads: int
    cache: int
    free: int


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
    """Files that hold the same (``identical``) or nearly the same photo; at least two paths.

    Identical files are one of the ``documents``.
    """

    identical: bool
    paths: tuple[str, ...]
    documents: tuple[DocumentSummary, ...] = ()
