"""From a query to fused rankings of passages and of pictures."""

import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from PIL.Image import Image

from indexer.chunking import passage_text
from indexer.domain import BoundingBox
from indexer.filters import Filters
from indexer.library import Library
from indexer.store.records import Collection, StoredDocument
from retriever import composing, fusion
from retriever.domain import Example, ItemKey, Query, Ranking, Scored
from retriever.rerankers import Reranker, load_reranker
from retriever.search import Searcher, Wish, query_language, speaks
from retriever.settings import RetrieverSettings

# As large as the photos that encoders are given when they are indexed.
_EXAMPLE_SIDE = 1024
_AT_ONCE = 5  # passages between two looks at the clock


@dataclass(frozen=True, slots=True)
class Found:
    """What a query met: rankings to explain hits by, and one fused ranking per kind of item."""

    rankings: tuple[Ranking, ...]
    chunks: Ranking
    crops: Ranking
    logits: Mapping[ItemKey, float] | None  # of the chunks that the reranker judged
    above_floor: Mapping[str, frozenset[ItemKey]]  # pictures that a ranking by looks vouches for
    filters: Filters


class Ranker:
    """Gathers the rankings of a query and makes one of them. Thread-safe."""

    def __init__(self, library: Library, settings: RetrieverSettings) -> None:
        self._library = library
        self._settings = settings
        self._searcher = Searcher(library, settings.search)

    def reranker(self) -> Reranker | None:
        """The second stage that the settings name; None for "none"."""
        settings = self._settings.rerank
        return None if settings.model == "none" else load_reranker(settings)

    def reranker_name(self) -> str:
        reranker = self.reranker()
        return "none" if reranker is None else reranker.name

    def forms(self, text: str) -> frozenset[str]:
        """Stems that stand for the words of a query."""
        return self._searcher.forms(text)

    def find(self, query: Query) -> Found:
        """NotFound for an unknown collection, or an example that has left the index."""
        collections = self._searcher.collections(query.collections)
        rankings = self._gather(query, collections)
        by_kind: dict[str, list[Ranking]] = {"chunk": [], "crop": []}
        for ranking in rankings:
            by_kind[ranking.items[0].key.kind].append(ranking)
        crops = self._folded(by_kind["crop"])
        fused = fusion.convex_combination(by_kind["chunk"])
        chunks, logits, reranked = self._reranked(query, fused)
        exact = self._exact(query, collections)
        pictures = composing.weighed(crops)
        return Found(
            rankings=(*exact, *by_kind["chunk"], *crops, *reranked),
            chunks=_lifted(chunks, exact),
            crops=_lifted(pictures, exact),
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

    def rankings(self, query: Query, *, rerank: bool = True) -> dict[str, Ranking]:
        """Every ranking of a query by name, with "fused" and, if wanted, "reranked"."""
        collections = self._searcher.collections(query.collections)
        found = {ranking.name: ranking for ranking in self._gather(query, collections)}
        crops = query.kind == "crop"
        by_item = self._folded(list(found.values())) if crops else list(found.values())
        found |= {ranking.name: ranking for ranking in by_item}
        exact = self._exact(query, collections)
        fused = composing.weighed(by_item) if crops else fusion.convex_combination(by_item)
        found["fused"] = _lifted(fused, exact)
        if rerank and not crops:
            reranked, _, judged = self._reranked(query, fused)
            found |= {ranking.name: ranking for ranking in judged}
            found["reranked"] = _lifted(reranked, exact)
        return found

    def merged(self, found: Found) -> Ranking:
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
        fused = fusion.reciprocal_rank_fusion([found.chunks, *pictures], k=settings.rrf_k)
        return self._photos_once(fused, found)

    def _photos_once(self, merged: Ranking, found: Found) -> Ranking:
        """A passage that only tells of one of the pictures is that picture, where it comes first.

        What was read in a photo stays a passage: it has lines to show.
        """
        passages = self._library.catalog.chunks([item.key.id for item in found.chunks.items])
        told_of = {
            ItemKey("chunk", number): _photo_of(stored.owner)
            for number, stored in passages.items()
            if stored.owner.document.media_type.startswith("image/") and stored.recognition is None
        }
        if not told_of:
            return merged
        pictures = self._library.catalog.crops([item.key.id for item in found.crops.items])
        shown = {_photo_of(each.owner): ItemKey("crop", n) for n, each in pictures.items()}
        items: dict[ItemKey, Scored] = {}
        for item in merged.items:
            photo = told_of.get(item.key)
            key = item.key if photo is None else shown.get(photo, item.key)
            items.setdefault(key, replace(item, key=key))
        return replace(merged, items=tuple(items.values()))

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
            stored = self._library.crop(example.crop)
            document_id, page, place = (
                stored.owner.document.id,
                stored.crop.page_number,
                stored.crop.box,
            )
        box = example.box or (None if place == BoundingBox.whole() else place)
        shown = self._library.page_image(document_id, page, _EXAMPLE_SIDE)
        return self._library.decode_photo(shown, box), box

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
        self, query: Query, fused: Ranking
    ) -> tuple[Ranking, Mapping[ItemKey, float] | None, list[Ranking]]:
        """The fused ranking with its head reordered, that head's logits, and their ranking."""
        reranker = None if query.quick else self.reranker()
        if (
            reranker is None
            or not fused.items
            or not speaks(reranker.languages, query_language(query.text))
        ):
            return fused, None, []
        settings = self._settings.rerank
        head, tail = fused.items[: settings.depth], fused.items[settings.depth :]
        texts = self._library.catalog.chunks([item.key.id for item in head])
        head = tuple(item for item in head if item.key.id in texts)
        logit_of = _judged(
            reranker,
            query.text,
            {item.key: passage_text(texts[item.key.id].chunk) for item in head},
            settings.seconds,
        )
        by_logit = fusion.by_score("rerank", logit_of)
        # As shares of one: they are large where one passage stands out as the answer. Where many
        # speak of the matter alike, the reranker's order is no better than the fused one.
        shares = fusion.softmax(logit_of)
        worth = {key: settings.weight * share for key, share in shares.items()}
        mixed = fusion.by_score(
            "fused", {item.key: item.score + worth.get(item.key, 0.0) for item in head}
        )
        return replace(mixed, items=(*mixed.items, *tail)), logit_of, [by_logit]


def _judged(
    reranker: Reranker, question: str, passages: Mapping[ItemKey, str], seconds: float
) -> dict[ItemKey, float]:
    """Logits of the first passages: as many as there is time for, and a few in any case."""
    ends = time.monotonic() + seconds
    logits: dict[ItemKey, float] = {}
    keys = list(passages)
    for start in range(0, len(keys), _AT_ONCE):
        if start and time.monotonic() > ends:
            break
        some = keys[start : start + _AT_ONCE]
        scores = reranker.score(question, [passages[key] for key in some])
        logits |= zip(some, map(float, scores), strict=True)
    return logits


def _lifted(ranking: Ranking, exact: Sequence[Ranking]) -> Ranking:
    """The ranking with exact matches of its own kind first."""
    kind = next((item.key.kind for item in ranking.items), None)
    for each in exact:
        if kind in {None, each.items[0].key.kind}:
            ranking = fusion.lifted(ranking, each)
    return ranking


def _photo_of(owner: StoredDocument) -> tuple[str, int]:
    """What is the same for photos that are nearly the same."""
    return ("photo", owner.id) if owner.group is None else ("alike", owner.group)


def _by_name(ranking: Ranking) -> bool:
    return ranking.name.endswith(("name", "page"))
