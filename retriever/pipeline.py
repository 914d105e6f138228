"""Query → hits → evidence → answer: the one object that interfaces talk to."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from PIL.Image import new as new_image

from indexer.domain import BoundingBox, Page
from indexer.errors import SightlineError
from indexer.filters import NO_FILTERS, Filters
from indexer.jobs import JobQueue
from indexer.library import Library
from retriever import calibration, explain, finding, views
from retriever.answering import Answerer
from retriever.background import QUESTIONS
from retriever.calibration import Calibration
from retriever.conversation import Conversations
from retriever.detectors import load_detector
from retriever.domain import (
    EVERYTHING,
    Answer,
    AnswerEvent,
    CollectionStatus,
    ConversationList,
    CropView,
    DocumentList,
    DocumentSummary,
    DuplicateGroup,
    FindResult,
    Hit,
    ItemKey,
    Query,
    Ranking,
    Reach,
    SearchResult,
    Status,
    Transcript,
    Turn,
    UploadReport,
)
from retriever.hits import live_hits
from retriever.ranker import Found, Ranker
from retriever.rerankers import verify_reranker
from retriever.search import query_language
from retriever.settings import RetrieverSettings
from retriever.shelf import Shelf
from retriever.support import Support


class Engine:
    """Search, similar, ask and look, over one open library. Thread-safe."""

    def __init__(
        self,
        library: Library,
        settings: RetrieverSettings,
        *,
        reach: Reach = EVERYTHING,
        jobs: JobQueue | None = None,
    ) -> None:
        """``reach`` says what ``library`` was narrowed to; see :meth:`within`."""
        self._library = library
        self._jobs = jobs or JobQueue(library)
        self.shelf = Shelf(library, self._jobs, settings, reach)
        self._settings = settings
        self._ranker = Ranker(library, settings)
        self._answerer = Answerer(library, self._ranker, settings)
        self._conversations = Conversations(library, self._answerer, settings.answer)

    def within(self, reach: Reach) -> "Engine":
        """The same engine for one person: as if nothing but their part of the archive existed."""
        library = self._library.within(reach.collections, reach.owner)
        return Engine(library, self._settings, reach=reach, jobs=self._jobs)

    def start(self) -> None:
        """Go on with what was handed in and not indexed when the last process ended."""
        self._jobs.start()

    def close(self) -> None:
        """End indexing after the document that is being written; the next start goes on."""
        self._jobs.stop()

    def warm_up(self) -> None:
        """Load models and indexes, so that the first question does not wait for them.

        What cannot be loaded is left for the request that needs it to say.
        """
        with suppress(SightlineError):
            for collection in self._library.catalog.collections():
                self._library.text_encoder(collection).encode_queries(["sightline"])
                clip = self._library.clip_encoder(collection)
                clip.encode_texts(["sightline"])
                clip.encode_images([new_image("RGB", (32, 32))])
            self._library.indexes.verify(self._library.catalog.collections())
            verify_reranker(self._settings.rerank)

    # -- finding -------------------------------------------------------------------------------

    def search(self, query: Query) -> SearchResult:
        """Passages and pictures for words, a photo, or both, best first."""
        found = self._ranker.find(query)
        merged = self._ranker.merged(found)
        if query.by_document:
            hits = explain.by_document(self._hits(merged, len(merged.items), found), query.limit)
        else:
            hits = self._hits(merged, query.limit, found)
        hits = self._explained(query, hits)
        return SearchResult(query=query.text, hits=hits, weak=self._weak(query, found, hits))

    def similar(self, query: Query) -> SearchResult:
        """Pictures that look like ``query.image``; its words, if any, steer the order."""
        return self.search(replace(query, kind="crop"))

    def find(self, query: Query) -> FindResult:
        """Boxes of the thing that ``query.text`` names, in at most ``query.limit`` pictures."""
        settings = self._settings.find
        found = self._ranker.find(replace(query, kind="crop", image=None))
        return finding.find(
            query.text,
            self._hits(found.crops, settings.candidates, found),
            query.limit,
            library=self._library,
            detector=load_detector(settings),
            settings=settings,
        )

    def ask(
        self, query: Query, *, conversation: str | None = None, earlier: Sequence[Turn] = ()
    ) -> Answer:
        """An answer whose every sentence cites evidence, or a refusal that says what came near.

        See :meth:`stream`.
        """
        events = self.stream(query, conversation=conversation, earlier=earlier)
        return next(event for event in events if isinstance(event, Answer))

    def stream(
        self, query: Query, *, conversation: str | None = None, earlier: Sequence[Turn] = ()
    ) -> Iterator[AnswerEvent]:
        """The same, piece by piece as it comes to be. Closing the iterator cancels the work.

        ``conversation`` is the id of the one that the question belongs to, or NEW_CONVERSATION: it
        is completed from that one, and the finished answer is kept in it and bears its id, unless
        the settings keep no history. With None it stands alone, or after ``earlier`` turns that
        the caller remembers, and is not kept. NotFound for an unknown id.
        """
        return self._conversations.stream(query, conversation, earlier)

    # -- conversations -------------------------------------------------------------------------

    def conversations(self, offset: int, limit: int) -> ConversationList:
        """What is kept of them, the one last spoken in first."""
        return self._conversations.list(offset, limit)

    def conversation(self, conversation_id: str) -> Transcript:
        """A whole one, its citations looked up anew. NotFound."""
        return self._conversations.transcript(conversation_id)

    def delete_conversation(self, conversation_id: str) -> None:
        """Forget one. NotFound."""
        self._conversations.delete(conversation_id)

    def delete_conversations(self) -> int:
        """Forget all; how many there were."""
        return self._conversations.delete_all()

    # -- measuring -----------------------------------------------------------------------------

    def rankings(self, query: Query, *, rerank: bool = True) -> dict[str, Ranking]:
        """Every ranking of a query by name, with "fused" and, if wanted, "reranked"."""
        return self._ranker.rankings(query, rerank=rerank)

    def support(self, query: Query) -> Support:
        """The signs by which a question is answered or refused."""
        found = self._ranker.find(query)
        judge = self._answerer.judge
        passages = self._answerer.passages(found)
        return judge.support(query, passages, found, judge.stem_weights(query.text))

    def calibrate(self, questions: Sequence[Query]) -> Calibration:
        """Fit the cut-offs of refusal to questions that are answered here, and keep them.

        The other half are questions of ``retriever.background`` in the same languages. InvalidInput
        for fewer than ``calibration.FEWEST`` questions.
        """
        languages = sorted({query_language(query.text) for query in questions} & QUESTIONS.keys())
        where = questions[0].collections if questions else ()
        foreign = [
            Query(text=text, collections=where) for each in languages for text in QUESTIONS[each]
        ]
        return calibration.calibrate(
            [self.support(query) for query in questions],
            [self.support(query) for query in foreign],
            home=self._library.settings.home,
            reranker=self._ranker.reranker_name(),
        )

    def paths(self, keys: Sequence[ItemKey]) -> dict[ItemKey, str]:
        """The path of each item's document."""
        catalog = self._library.catalog
        chunks = catalog.chunks([key.id for key in keys if key.kind == "chunk"])
        crops = catalog.crops([key.id for key in keys if key.kind == "crop"])
        return {
            key: (chunks if key.kind == "chunk" else crops)[key.id].owner.document.path
            for key in keys
        }

    # -- looking -------------------------------------------------------------------------------

    def status(self) -> Status:
        catalog = self._library.catalog
        counts = catalog.counts()
        return Status(
            documents=counts.documents,
            chunks=counts.chunks,
            crops=counts.crops,
            failed=tuple(map(views.failed_file, catalog.failures())),
            models=self._models(),
            collections=tuple(self.collections()),
            jobs=tuple(views.job(each, time.time()) for each in catalog.running_jobs()),
        )

    def collections(self) -> list[CollectionStatus]:
        catalog = self._library.catalog
        found = []
        for collection in catalog.collections():
            counts = catalog.counts(collection)
            found.append(
                CollectionStatus(
                    name=collection.name,
                    documents=counts.documents,
                    chunks=counts.chunks,
                    crops=counts.crops,
                )
            )
        return found

    def documents(
        self,
        collection: str | None,
        offset: int,
        limit: int,
        filters: Filters = NO_FILTERS,
    ) -> DocumentList:
        """Documents that the filters admit, of one collection or of all when None, by path."""
        catalog = self._library.catalog
        chosen = None if collection is None else catalog.collection(collection)
        total, stored = catalog.documents(chosen, offset=offset, limit=limit, filters=filters)
        shown = tuple(views.summary(views.within(each, filters)) for each in stored)
        return DocumentList(total=total, documents=shown)

    def duplicates(self, collection: str | None = None) -> list[DuplicateGroup]:
        """Identical files, and photos that are nearly the same."""
        catalog = self._library.catalog
        chosen = None if collection is None else catalog.collection(collection)
        return views.duplicate_groups(catalog.duplicates(chosen))

    def document(self, document_id: str) -> DocumentSummary:
        return views.summary(self._library.catalog.document(document_id))

    def page(self, document_id: str, number: int) -> Page:
        catalog = self._library.catalog
        return catalog.page(catalog.document(document_id).id, number)

    def page_image(self, document_id: str, number: int, max_side: int) -> bytes:
        """A page as JPEG, longer side at most ``max_side`` pixels."""
        return self._library.page_image(document_id, number, max_side)

    def page_crops(self, document_id: str, number: int) -> list[CropView]:
        """The searchable regions of a page, in the order they were cut."""
        catalog = self._library.catalog
        return [
            CropView(
                id=stored.id,
                kind=stored.crop.kind,
                box=stored.crop.box,
                caption=stored.crop.caption,
            )
            for stored in catalog.crops_of(catalog.document(document_id).id)
            if stored.crop.page_number == number
        ]

    def thumbnail(self, crop_id: int) -> bytes:
        """A crop as a small JPEG."""
        return self._library.thumbnail(crop_id)

    def crop_source(self, crop_id: int) -> tuple[str, int, BoundingBox]:
        """Document id, page and box of a crop."""
        stored = self._library.crop(crop_id)
        return stored.owner.document.id, stored.crop.page_number, stored.crop.box

    def original(self, document_id: str) -> Path:
        """The file itself. NotFound if it is gone."""
        return self._library.original(document_id)

    # -- adding --------------------------------------------------------------------------------

    def upload(self, collection: str, files: list[tuple[str, Path]]) -> UploadReport:
        """Keep copies of files, given as (original name, temporary path), and index them.

        InvalidInput for a collection that is there but beyond reach.
        """
        return self.shelf.upload(collection, files)

    # -- inner steps ---------------------------------------------------------------------------

    def _hits(self, ranking: Ranking, limit: int, found: Found) -> tuple[Hit, ...]:
        return live_hits(self._library.catalog, ranking, limit, found)

    def _explained(self, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        if not query.text.strip():
            return tuple(hits)
        forms = self._ranker.forms(query.text)
        return tuple(replace(hit, matched=explain.matched_words(hit, forms)) for hit in hits)

    def _weak(self, query: Query, found: Found, hits: Sequence[Hit]) -> bool:
        """Whether nothing among the hits is likely to be what was meant."""
        if not hits or query.quick:
            return not hits
        return not self._answerer.answers(query, found)

    def _models(self) -> dict[str, str]:
        return {
            **self._library.encoder_names(),
            "reranker": self._ranker.reranker_name(),
            "generator": self._settings.answer.generator,
            "detector": self._settings.find.detector,
        }
