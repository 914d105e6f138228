"""The port of the web layer: what it asks of a search engine."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from indexer.domain import BoundingBox, Page
from indexer.filters import NO_FILTERS, Filters
from retriever.domain import (
    Answer,
    AnswerEvent,
    CollectionStatus,
    ConversationList,
    CropView,
    DocumentList,
    DocumentSummary,
    DuplicateGroup,
    FindResult,
    Query,
    Reach,
    SearchResult,
    Status,
    Transcript,
    Turn,
    UploadReport,
)
from web.shelf import Shelf


class Engine(Protocol):
    """Everything a person or program can ask for. Methods may be called from many threads.

    Each raises a SightlineError for a request that cannot be carried out; NotFound for a
    document, page, crop or collection that does not exist.
    """

    def within(self, reach: Reach) -> "Engine":
        """The same engine for one person: as if nothing else existed."""

    @property
    def shelf(self) -> Shelf:
        """What is done with documents beside searching them."""

    def search(self, query: Query) -> SearchResult:
        """Hits for words, a photo, or both."""

    def similar(self, query: Query) -> SearchResult:
        """Hits that look like ``query.image`` (inside ``query.box``), steered by its words."""

    def find(self, query: Query) -> FindResult:
        """Boxes of the thing that ``query.text`` names, or the nearest pictures."""

    def ask(
        self, query: Query, *, conversation: str | None = None, earlier: Sequence[Turn] = ()
    ) -> Answer:
        """A grounded answer or a refusal."""

    def stream(
        self, query: Query, *, conversation: str | None = None, earlier: Sequence[Turn] = ()
    ) -> Iterator[AnswerEvent]:
        """The same, piece by piece; closing the iterator cancels it.

        ``conversation`` (an id, or NEW_CONVERSATION) is the one that the question belongs to and
        is kept in; ``earlier`` are turns that the caller remembers.
        """

    def conversations(self, offset: int, limit: int) -> ConversationList:
        """Kept conversations, the one last spoken in first."""

    def conversation(self, conversation_id: str) -> Transcript:
        """All of one conversation."""

    def delete_conversation(self, conversation_id: str) -> None:
        """Forget one conversation."""

    def delete_conversations(self) -> int:
        """Forget all; how many there were."""

    def status(self) -> Status:
        """What is indexed, what could not be, and the models in use."""

    def collections(self) -> Sequence[CollectionStatus]:
        """Every collection with its counts."""

    def documents(
        self, collection: str | None, offset: int, limit: int, filters: Filters = NO_FILTERS
    ) -> DocumentList:
        """Documents that the filters admit, of one collection or of all when None."""

    def duplicates(self, collection: str | None = None) -> Sequence[DuplicateGroup]:
        """Identical files, and photos that are nearly the same."""

    def document(self, document_id: str) -> DocumentSummary:
        """One document."""

    def page(self, document_id: str, number: int) -> Page:
        """One page with its blocks; ``number`` counts from 1."""

    def page_image(self, document_id: str, number: int, max_side: int) -> bytes:
        """A JPEG of a page of a visual document, its longer side at most ``max_side`` pixels."""

    def page_crops(self, document_id: str, number: int) -> Sequence[CropView]:
        """The searchable regions of a page, the whole photo first."""

    def thumbnail(self, crop_id: int) -> bytes:
        """A small JPEG of one crop."""

    def crop_source(self, crop_id: int) -> tuple[str, int, BoundingBox]:
        """Document id, page number and place of a crop."""

    def original(self, document_id: str) -> Path:
        """The file itself."""

    def upload(self, collection: str, files: list[tuple[str, Path]]) -> UploadReport:
        """Keep and index files, given as (original name, temporary path); waits until done.

        The temporary paths are deleted when this returns, so the engine copies what it keeps.
        """
