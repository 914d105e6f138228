"""Query → hits → evidence → answer: the one object that interfaces talk to."""

import re
import time
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from PIL.Image import Image
from PIL.Image import new as new_image

from indexer.analysis import content_stems
from indexer.chunking import passage_text
from indexer.domain import BoundingBox, Page
from indexer.errors import SightlineError
from indexer.filters import NO_FILTERS, Filters
from indexer.library import DEFAULT_COLLECTION, Library
from indexer.pipeline import index_paths
from indexer.store.records import Collection, StoredChunk, StoredCrop
from retriever import calibration, composing, explain, finding, fusion, views
from retriever.background import QUESTIONS
from retriever.calibration import Calibration
from retriever.detectors import load_detector
from retriever.domain import (
    Answer,
    CollectionStatus,
    CropView,
    DocumentList,
    DocumentSummary,
    DuplicateGroup,
    Evidence,
    Example,
    FindResult,
    Hit,
    ItemKey,
    Query,
    Ranking,
    SearchResult,
    Status,
    UploadReport,
)
from retriever.evidence import select
from retriever.generators import load_generator
from retriever.rerankers import Reranker, load_reranker
from retriever.search import Searcher, Wish, query_language, speaks
from retriever.settings import RerankSettings, RetrieverSettings
from retriever.support import StemWeights, Support, SupportThresholds

# As large as the photos that encoders are given when they are indexed.
_EXAMPLE_SIDE = 1024

_PICTURE_WORDS = re.compile(
    r"\b(photo|picture|image|figure|фото|картин|снимк|снимок|изображ|рисун)", re.IGNORECASE
)

_LEFT_EN = "documents that the filters leave"
_LEFT_RU = "документах, которые оставили фильтры,"


@dataclass(frozen=True, slots=True)
class _Found:
    """What a query met: rankings to explain hits by, and one fused ranking per kind of item."""

    rankings: tuple[Ranking, ...]
    chunks: Ranking
    crops: Ranking
    exact: tuple[Ranking, ...]
    logits: Mapping[ItemKey, float] | None  # of the chunks that the reranker judged
    above_floor: Mapping[str, frozenset[ItemKey]]  # pictures that a ranking by looks vouches for
    filters: Filters


class Engine:
    """Search, similar, ask and look, over one open library. Thread-safe."""

    def __init__(self, library: Library, settings: RetrieverSettings) -> None:
        self._library = library
        self._settings = settings
        self._searcher = Searcher(library, settings.search)

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
        collections = self._searcher.collections(query.collections)
        found = self._find(query, collections)
        merged = self._merged(found)
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
        found = self._find(
            replace(query, kind="crop", image=None),
            self._searcher.collections(query.collections),
        )
        return finding.find(
            query.text,
            self._hits(found.crops, settings.candidates, found),
            query.limit,
            library=self._library,
            detector=load_detector(settings),
            settings=settings,
        )

    def ask(self, query: Query) -> Answer:
        """An answer whose every sentence cites evidence, or a refusal that says what came near."""
        collections = self._searcher.collections(query.collections)
        found = self._find(query, collections)
        weights = self._stem_weights(query.text)
        depth = self._settings.rerank.depth
        passages = self._hits(found.chunks, depth, found)
        evidence: list[Hit] = []
        pictures = self._pictures(query, found, weights)
        if self._support(query, passages, found, weights).supported:
            evidence.extend(select(passages, self._settings.answer.evidence))
            if not query.pictures:
                # Beside a quoted answer, a look-alike proves nothing: its words must say so.
                pictures = tuple(hit for hit in pictures if _named(hit, weights))
        elif _asks_for_a_fact(query):
            # A look-alike answers no question: a tower in a photo does not tell its height.
            pictures = tuple(hit for hit in pictures if _named(hit, weights))
        evidence.extend(select(pictures, self._settings.answer.figures))
        generator = load_generator(self._settings.answer, self._reranker())
        if not evidence:
            return self._refusal(query, passages, generator.name)
        return generator.answer(Evidence(query=query, hits=tuple(evidence)), weights)

    # -- measuring -----------------------------------------------------------------------------

    def rankings(self, query: Query, *, rerank: bool = True) -> dict[str, Ranking]:
        """Every ranking of a query by name, with "fused" and, if wanted, "reranked"."""
        collections = self._searcher.collections(query.collections)
        found = {ranking.name: ranking for ranking in self._gather(query, collections)}
        crops = query.kind == "crop"
        by_item = self._folded(list(found.values())) if crops else list(found.values())
        found |= {ranking.name: ranking for ranking in by_item}
        exact = self._exact(query, collections)
        fused = self._fused_crops(query, by_item) if crops else fusion.convex_combination(by_item)
        found["fused"] = _lifted(fused, exact)
        if rerank and not crops:
            reranked, _, judged = self._reranked(query.text, fused)
            found |= {ranking.name: ranking for ranking in judged}
            found["reranked"] = _lifted(reranked, exact)
        return found

    def support(self, query: Query) -> Support:
        """The signs by which a question is answered or refused."""
        found = self._find(query, self._searcher.collections(query.collections))
        passages = self._hits(found.chunks, self._settings.rerank.depth, found)
        return self._support(query, passages, found, self._stem_weights(query.text))

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
            reranker=self._models()["reranker"],
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
        """Keep copies of files, given as (original name, temporary path), and index them."""
        kept = {str(self._library.keep_upload(name, path)): name for name, path in files}
        report = index_paths(
            self._library,
            [Path(path) for path in kept],
            collection or DEFAULT_COLLECTION,
            retry_failed=True,
        )
        failed = {state.path: state for state in (*report.failed, *report.failed_before)}
        return UploadReport(
            indexed=tuple(name for path, name in kept.items() if path not in failed),
            failed=tuple(
                replace(views.failed_file(state), path=kept[path]) for path, state in failed.items()
            ),
        )

    # -- inner steps ---------------------------------------------------------------------------

    def _find(self, query: Query, collections: Sequence[Collection]) -> _Found:
        rankings = self._gather(query, collections)
        by_kind: dict[str, list[Ranking]] = {"chunk": [], "crop": []}
        for ranking in rankings:
            by_kind[ranking.items[0].key.kind].append(ranking)
        crops = self._folded(by_kind["crop"])
        fused = fusion.convex_combination(by_kind["chunk"])
        chunks, logits, reranked = self._reranked(query.text, fused)
        exact = self._exact(query, collections)
        pictures = self._fused_crops(query, crops)
        return _Found(
            rankings=(*exact, *by_kind["chunk"], *crops, *reranked),
            chunks=_lifted(chunks, exact),
            crops=_lifted(pictures, exact),
            exact=exact,
            logits=logits,
            above_floor={
                ranking.name: frozenset(
                    item.key for item in ranking.items if item.score >= ranking.floor
                )
                for ranking in crops
                if ranking.floor is not None
            },
            filters=query.filters,
        )

    def _gather(self, query: Query, collections: Sequence[Collection]) -> list[Ranking]:
        wishes = self._wishes(query)
        if not query.composed:
            return self._plainly(query, wishes, collections)
        rankings = self._by_wishes(query, wishes, collections)
        if query.kind != "crop":
            rankings.extend(self._plainly(replace(query, kind="chunk"), wishes, collections))
        return rankings

    def _plainly(
        self, query: Query, wishes: Sequence[Wish], collections: Sequence[Collection]
    ) -> list[Ranking]:
        """Rankings by words and by the first picture that results should be like."""
        rankings: list[Ranking] = []
        for wish in wishes:
            if wish.name == "image-image":
                rankings.extend(self._searcher.by_photo(wish, query, collections))
        if query.text.strip():
            rankings.extend(self._searcher.by_words(query, collections))
        return rankings

    def _by_wishes(
        self, query: Query, wishes: Sequence[Wish], collections: Sequence[Collection]
    ) -> list[Ranking]:
        """Rankings of pictures by everything they should, and should not, be like."""
        found = list(wishes)
        named: list[Ranking] = []
        for prefix, text, weight in (
            ("", query.text, query.text_weight),
            ("unlike-", query.without, -query.without_weight),
        ):
            if text.strip():
                found.append(Wish(name=f"{prefix}words-image", weight=weight, text=text))
                names = self._searcher.by_names(replace(query, text=text), collections)
                named.append(replace(names, name=f"{prefix}name", weight=weight))
        by_looks = self._searcher.by_wishes(found, query, collections)
        return [*by_looks, *(ranking for ranking in named if ranking.items)]

    def _wishes(self, query: Query) -> list[Wish]:
        """The pictures of a query, numbered apart as examples to follow and to avoid.

        NotFound if one has left the index.
        """
        found: list[Wish] = []
        for example in query.pictures:
            name = "image-image" if example.weight > 0 else "unlike-image"
            number = 1 + sum(wish.name.startswith(name) for wish in found)
            image, place = self._picture(example)
            found.append(
                Wish(
                    name=name if number == 1 else f"{name}-{number}",
                    weight=example.weight,
                    image=image,
                    place=place,
                )
            )
        return found

    def _picture(self, example: Example) -> tuple[Image, BoundingBox | None]:
        """The pixels of an example, and which part of the photo they are; None for all of it."""
        if example.image is not None:
            return self._library.decode_photo(example.image, example.box), example.box
        document_id, page, place = (example.document or "", 1, BoundingBox.whole())
        if example.crop is not None:
            document_id, page, place = self.crop_source(example.crop)
        box = example.box or (None if place == BoundingBox.whole() else place)
        shown = self._library.page_image(document_id, page, _EXAMPLE_SIDE)
        return self._library.decode_photo(shown, box), box

    def _fused_crops(self, query: Query, crops: Sequence[Ranking]) -> Ranking:
        if query.composed:
            return composing.weighed(crops)
        return fusion.reciprocal_rank_fusion(crops, k=self._settings.search.rrf_k)

    def _explained(self, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        if not query.text.strip():
            return tuple(hits)
        forms = self._searcher.forms(query.text)
        return tuple(replace(hit, matched=explain.matched_words(hit, forms)) for hit in hits)

    def _exact(self, query: Query, collections: Sequence[Collection]) -> tuple[Ranking, ...]:
        return tuple(self._searcher.exact(query, collections)) if query.text.strip() else ()

    def _folded(self, rankings: Sequence[Ranking]) -> list[Ranking]:
        """Crop rankings with the parts of one photo as one hit; figures stand for themselves."""
        ids = [item.key.id for ranking in rankings for item in ranking.items]
        stored = self._library.catalog.crops(list(dict.fromkeys(ids)))

        def group(key: ItemKey) -> Hashable:
            crop = stored.get(key.id)
            if crop is None or crop.crop.kind in {"figure", "table"}:
                return key
            # Photos that are nearly the same are one result, whatever they are called.
            alike = crop.owner.group
            return (crop.owner.id, crop.crop.page_number) if alike is None else ("alike", alike)

        settings = self._settings.search
        handicaps = {"tile": settings.tile_handicap, "object": settings.object_handicap}

        def handicap(key: ItemKey) -> float:
            crop = stored.get(key.id)
            return 0.0 if crop is None else handicaps.get(crop.crop.kind, 0.0)

        # Rankings by looks first: they know which part of a photo was meant.
        by_looks = [
            ranking if _by_name(ranking) else fusion.handicapped(ranking, handicap)
            for ranking in sorted(rankings, key=_by_name)
        ]
        return fusion.fold_groups(by_looks, group)

    def _reranked(
        self, question: str, fused: Ranking
    ) -> tuple[Ranking, Mapping[ItemKey, float] | None, list[Ranking]]:
        """The fused ranking with its head reordered, that head's logits, and their ranking."""
        reranker = self._reranker()
        if (
            reranker is None
            or not fused.items
            or not speaks(reranker.languages, query_language(question))
        ):
            return fused, None, []
        settings = self._settings.rerank
        head, tail = fused.items[: settings.depth], fused.items[settings.depth :]
        texts = self._library.catalog.chunks([item.key.id for item in head])
        head = tuple(item for item in head if item.key.id in texts)
        logits = reranker.score(question, [passage_text(texts[item.key.id].chunk) for item in head])
        logit_of = {item.key: float(logit) for item, logit in zip(head, logits, strict=True)}
        by_logit = fusion.by_score("rerank", logit_of)
        # As shares of one: they are large where one passage stands out as the answer. Where many
        # speak of the matter alike, the reranker's order is no better than the fused one.
        shares = fusion.softmax(logit_of)
        worth = {key: settings.weight * share for key, share in shares.items()}
        mixed = fusion.by_score("fused", {item.key: item.score + worth[item.key] for item in head})
        return replace(mixed, items=(*mixed.items, *tail)), logit_of, [by_logit]

    def _merged(self, found: _Found) -> Ranking:
        """Passages and pictures in one ranking: by their ranks, for their scores do not compare.

        Pictures that their looks or their name vouch for stand beside passages of the same rank;
        the others come later.
        """
        if not found.crops.items or not found.chunks.items:
            return found.chunks if found.chunks.items else found.crops
        vouched = frozenset().union(*found.above_floor.values())
        settings = self._settings.search
        pictures = [
            replace(
                found.crops,
                items=tuple(item for item in found.crops.items if (item.key in vouched) is sure),
                weight=weight,
            )
            for sure, weight in ((True, settings.picture_weight), (False, settings.unsure_weight))
        ]
        return fusion.reciprocal_rank_fusion([found.chunks, *pictures], k=settings.rrf_k)

    def _hits(self, ranking: Ranking, limit: int, found: _Found) -> tuple[Hit, ...]:
        """The first ``limit`` items that still have a live row."""
        head = ranking.items[: limit * 2]
        chunks = self._library.catalog.chunks(
            [item.key.id for item in head if item.key.kind == "chunk"]
        )
        crops = self._library.catalog.crops(
            [item.key.id for item in head if item.key.kind == "crop"]
        )
        ranks = fusion.ranks_by_item(found.rankings)
        places = _query_boxes(found.rankings)
        hits: list[Hit] = []
        for item in head:
            stored: StoredChunk | StoredCrop | None = (
                chunks.get(item.key.id) if item.key.kind == "chunk" else crops.get(item.key.id)
            )
            if stored is not None and len(hits) < limit:
                stored = replace(stored, owner=views.within(stored.owner, found.filters))
                hit = views.hit(len(hits) + 1, item, stored)
                hits.append(
                    replace(hit, rankings=ranks.get(item.key, ()), query_box=places.get(item.key))
                )
        return self._with_near_duplicates(hits, crops, found.filters)

    def _with_near_duplicates(
        self, hits: Sequence[Hit], crops: Mapping[int, StoredCrop], filters: Filters
    ) -> tuple[Hit, ...]:
        """Pictures with the paths of those that were folded into them."""
        groups = {
            hit.key: group
            for hit in hits
            if hit.key.kind == "crop" and (group := crops[hit.key.id].owner.group) is not None
        }
        if not groups:
            return tuple(hits)
        members = self._library.catalog.group_members(set(groups.values()), filters)
        shown: list[Hit] = []
        for hit in hits:
            alike = members[groups[hit.key]] if hit.key in groups else []
            alike = [views.within(each, filters) for each in alike]
            paths = [path for each in alike for path in (each.document.path, *each.copies)]
            paths = [path for path in paths if path != hit.document.path]
            shown.append(replace(hit, duplicates=tuple(paths)) if paths else hit)
        return tuple(shown)

    def _weak(self, query: Query, found: _Found, hits: Sequence[Hit]) -> bool:
        """Whether nothing among the hits is likely to be what was meant."""
        if not hits:
            return True
        weights = self._stem_weights(query.text)
        passages = self._hits(found.chunks, self._settings.rerank.depth, found)
        if self._support(query, passages, found, weights).supported:
            return False
        return not self._pictures(query, found, weights)

    def _support(
        self, query: Query, passages: Sequence[Hit], found: _Found, weights: StemWeights
    ) -> Support:
        if not query.text.strip():
            return Support(logits=None, coverages=())
        logits = found.logits
        judged = [hit for hit in passages if logits is None or hit.key in logits]
        return Support(
            logits=None if logits is None else tuple(logits[hit.key] for hit in judged),
            coverages=tuple(weights.coverage(_with_context(hit)) for hit in judged),
            thresholds=self._thresholds(),
        )

    def _thresholds(self) -> SupportThresholds:
        return calibration.load(self._library.settings.home, self._models()["reranker"])

    def _pictures(self, query: Query, found: _Found, weights: StemWeights) -> tuple[Hit, ...]:
        """Pictures that are evidence: alike to a photo, or plainly meant by the words.

        Words mean a picture when its looks reach the encoder's floor, or when its caption and
        name cover the question as a passage would have to.
        """
        hits = self._hits(found.crops, self._settings.rerank.depth, found)
        if query.pictures:
            alike = found.above_floor.get("image-image")
            return tuple(hit for hit in hits if alike is None or hit.key in alike)
        meant = found.above_floor.get("words-image") or frozenset()
        return tuple(hit for hit in hits if hit.key in meant or _named(hit, weights))

    def _refusal(self, query: Query, passages: Sequence[Hit], generator: str) -> Answer:
        nearest = list(dict.fromkeys(hit.document.title for hit in passages))[:3]
        left = bool(query.filters)
        text = f"Nothing in the {_LEFT_EN if left else 'indexed documents'} answers this."
        if query_language(query.text) == "ru":
            text = f"В {_LEFT_RU if left else 'проиндексированных документах'} ответа на это нет."
        if nearest:
            names = ", ".join(nearest)
            text += (
                f" Ближе всего: {names}."
                if query_language(query.text) == "ru"
                else f" Nearest: {names}."
            )
        return Answer(
            question=query.text,
            refused=True,
            text=text,
            sentences=(),
            citations=(),
            generator=generator,
        )

    def _stem_weights(self, text: str) -> StemWeights:
        counts = self._library.catalog.stem_counts("chunk", content_stems(text))
        return StemWeights.of(counts, self._library.catalog.counts().chunks)

    def _reranker(self) -> Reranker | None:
        settings = self._settings.rerank
        return None if settings.model == "none" else load_reranker(settings)

    def _models(self) -> dict[str, str]:
        reranker = self._reranker()
        return {
            **self._library.encoder_names(),
            "reranker": "none" if reranker is None else reranker.name,
            "generator": self._settings.answer.generator,
        }


def _lifted(ranking: Ranking, exact: Sequence[Ranking]) -> Ranking:
    """The ranking with exact matches of its own kind first."""
    kind = next((item.key.kind for item in ranking.items), None)
    for each in exact:
        if kind in {None, each.items[0].key.kind}:
            ranking = fusion.lifted(ranking, each)
    return ranking


def _asks_for_a_fact(query: Query) -> bool:
    """Whether the words are a question, and not one for pictures."""
    text = query.text.strip()
    return not query.pictures and text.endswith("?") and not _PICTURE_WORDS.search(text)


def _by_name(ranking: Ranking) -> bool:
    return ranking.name.endswith(("name", "page"))


def _query_boxes(rankings: Sequence[Ranking]) -> dict[ItemKey, BoundingBox]:
    """Which part of the first query photo met each item."""
    return {
        item.key: item.view
        for ranking in rankings
        if ranking.name == "image-image"
        for item in ranking.items
        if item.view is not None
    }


def _with_context(hit: Hit) -> str:
    return f"{hit.document.title} {' '.join(hit.heading_path)} {hit.text}"


def _named(hit: Hit, weights: StemWeights) -> bool:
    """Whether a picture's caption and name cover the question as a passage would have to."""
    name = Path(hit.document.path).stem.replace("_", " ").replace("-", " ")
    covered = weights.coverage(f"{hit.caption} {name} {hit.document.title}")
    return Support(logits=None, coverages=(covered,)).supported


def verify_reranker(settings: RerankSettings) -> str:
    """The name of the reranker after it has scored something. EncoderUnavailable if it cannot."""
    if settings.model == "none":
        return "none"
    reranker = load_reranker(settings)
    reranker.score("sightline", ["sightline"])
    return reranker.name
