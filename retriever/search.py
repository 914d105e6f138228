"""Query → one ranking per index. Each (kind of query, kind of item) is ranked on its own.

Names of rankings, as hits report them:

- ``bm25``: passages by shared words; ``dense``: passages by the text encoder
- ``exact``: passages and pictures that hold a quoted phrase or an identifier as it was written
- ``words-image``: pictures by words (CLIP); ``name``: pictures by caption and file name
- ``page``: pictures by the words on their page
- ``image-image``: pictures by a photo; ``image-text``: passages by a photo (CLIP)
- ``image-image-2`` and so on: by further photos; ``unlike-…``: by what they should not be like
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from indexer.analysis import STOP_WORDS, language_of, words
from indexer.domain import BoundingBox, EmbeddingSpace, ItemKind
from indexer.encoders import Vectors
from indexer.library import Library
from indexer.store.records import Collection
from retriever.beside import by_page
from retriever.domain import ItemKey, Language, Query, Ranking, Scored
from retriever.floors import Floors
from retriever.looking import views
from retriever.settings import SearchSettings
from retriever.words import WordSearch


def query_language(text: str) -> Language:
    """The language of a query by the script of its small words, or else of most letters.

    Who wrote a Latin title, asked in Russian, is a Russian question.
    """
    small = [word for word in words(text) if word in STOP_WORDS]
    found = language_of(" ".join(small)) or language_of(text)
    return "ru" if found == "ru" else "en" if found == "en" else "other"


def speaks(languages: frozenset[str], language: Language) -> bool:
    """Whether a model that declares ``languages`` knows ``language``."""
    return "*" in languages or language in languages


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """One thing that pictures should be like: a photo, cut to ``place`` of it, or words.

    A negative ``weight`` says that they should not be.
    """

    name: str
    weight: float = 1.0
    image: Image | None = None
    place: BoundingBox | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    """A wish as vectors, shape (views, space.dim), one for each view of it."""

    wish: Wish
    space: EmbeddingSpace
    vectors: Vectors
    handicaps: Vectors
    boxes: tuple[BoundingBox, ...] | None = None
    floor: float | None

    def ranking(self, ids: NDArray[Any], scores: NDArray[Any], view: NDArray[Any]) -> Ranking:
        """Crops ``ids``, best first, each with the view that met it."""
        boxes = self.boxes or (None,)
        items = tuple(
            Scored(ItemKey("crop", number), score, boxes[part])
            for number, score, part in zip(
                ids.tolist(), scores.tolist(), view.tolist(), strict=True
            )
        )
        floor = self.floor if self.wish.weight > 0 else None
        return Ranking(name=self.wish.name, items=items, weight=self.wish.weight, floor=floor)


class Searcher:
    """Runs a query against the indexes of a library."""

    def __init__(self, library: Library, settings: SearchSettings) -> None:
        self._library = library
        self._settings = settings
        self._words = WordSearch(library, settings)
        self._floors = Floors(library)

    def forms(self, text: str) -> frozenset[str]:
        """Stems that stand for the words of a query."""
        terms = [term for kind in _KINDS for term in self._words.terms(kind, text)]
        return frozenset(form for term in terms for form in term.forms)

    def exact(self, query: Query, collections: Sequence[Collection]) -> list[Ranking]:
        """Passages, and pictures, that hold something of the query just as it was written."""
        kinds = _KINDS if query.kind is None else (query.kind,)
        found = [self._words.exact(kind, query, collections) for kind in kinds]
        return [ranking for ranking in found if ranking.items]

    def collections(self, names: Sequence[str]) -> list[Collection]:
        """The named collections, or all that are complete. NotFound for an unknown name."""
        if names:
            return [self._library.catalog.collection(name) for name in dict.fromkeys(names)]
        return [each for each in self._library.catalog.collections() if not each.in_the_making]

    def by_words(self, query: Query, collections: Sequence[Collection]) -> list[Ranking]:
        """Rankings of passages and pictures by the query's words."""
        rankings: list[Ranking] = []
        if query.kind != "crop":
            rankings.append(self._words.ranking("bm25", "chunk", query, collections, weight=1.0))
            rankings.extend(self._dense(query, collections))
        if query.kind != "chunk":
            rankings.append(self.by_names(query, collections))
            rankings.extend(self._words_image(query, collections))
        if query.kind == "crop":
            # In a mixed result the passages themselves are there.
            candidates = self._settings.candidates
            near = by_page(self._library, self._words, query, collections, candidates)
            rankings.append(replace(near, weight=self._settings.page_weight))
        return [ranking for ranking in rankings if ranking.items]

    def by_names(self, query: Query, collections: Sequence[Collection]) -> Ranking:
        """Pictures whose captions and file names hold words of the query."""
        weight = self._settings.name_weight
        return replace(self._words.names(query, collections), weight=weight)

    def by_photo(
        self, wish: Wish, query: Query, collections: Sequence[Collection]
    ) -> list[Ranking]:
        """Rankings of pictures and passages by the looks of a wish's photo."""
        rankings: list[Ranking] = []
        for group in self._groups(collections, "clip"):
            if query.kind != "chunk":
                look = self._look(wish, group)
                if look is not None:
                    rankings.append(self._best_views(look, query, group))
            if query.kind != "crop":
                space = group[0].clip_space
                shown = [] if wish.image is None else [wish.image]
                vector = self._library.clip_encoder(group[0]).encode_images(shown)[space][0]
                rankings.append(self._nearest("image-text", space, "chunk", vector, query, group))
        return [ranking for ranking in rankings if ranking.items]

    def by_wishes(
        self, wishes: Sequence[Wish], query: Query, collections: Sequence[Collection]
    ) -> list[Ranking]:
        """Pictures near any of ``wishes``, ranked by each of them: all judge the same pictures."""
        rankings: list[Ranking] = []
        for group in self._groups(collections, "clip"):
            found = [self._look(wish, group) for wish in wishes]
            looks = [look for look in found if look is not None]
            near = [self._best_views(look, query, group) for look in looks]
            ids = sorted({item.key.id for ranking in near for item in ranking.items})
            rankings.extend(self._judged(look, ids) for look in looks if ids)
        return [ranking for ranking in rankings if ranking.items]

    def _look(self, wish: Wish, group: list[Collection]) -> _Look | None:
        """A wish in an embedding space of ``group``; None if its encoder does not know the words.

        A room is looked for as a whole and by each thing and each corner of it; but what is to be
        avoided is the whole of a photo, not all that is in it.
        """
        encoder = self._library.clip_encoder(group[0])
        if wish.image is None:
            text = wish.text
            knows = speaks(encoder.languages, query_language(text)) and encoder.understands(text)
            if not knows:
                return None
            return _Look(
                wish=wish,
                space=group[0].clip_space,
                vectors=encoder.encode_texts([text]),
                handicaps=np.zeros(1, np.float32),
                floor=self._floors.words(encoder, group),
            )
        entire = wish.place is None and wish.weight > 0
        objects = encoder.objects(wish.image, self._settings.query_objects) if entire else []
        place = BoundingBox.whole() if wish.place is None else wish.place
        parts = views(wish.image, place, self._settings, objects if entire else None)
        space = group[0].image_space
        return _Look(
            wish=wish,
            space=space,
            vectors=encoder.encode_images([view.image for view in parts])[space],
            handicaps=np.array([view.handicap for view in parts], np.float32),
            boxes=tuple(view.box for view in parts),
            floor=self._floors.pictures(encoder, group),
        )

    def _best_views(self, look: _Look, query: Query, group: list[Collection]) -> Ranking:
        """The pictures nearest to any view of a look, each at its best one."""
        limit = self._settings.candidates * _CROPS_PER_PHOTO
        found = [
            self._library.indexes.search(
                look.space,
                "crop",
                vector,
                limit,
                group,
                whole=self._library.holds_only(group),
                filters=query.filters,
            )
            for vector in look.vectors
        ]
        ids = np.concatenate([part[0] for part in found])
        scores = np.concatenate(
            [part[1] - handicap for part, handicap in zip(found, look.handicaps, strict=True)]
        )
        view = np.repeat(np.arange(len(found)), [len(part[0]) for part in found])
        order = np.argsort(-scores, kind="stable")
        _, first = np.unique(ids[order], return_index=True)
        best = order[np.sort(first)][:limit]
        return look.ranking(ids[best], scores[best], view[best])

    def _judged(self, look: _Look, ids: Sequence[int]) -> Ranking:
        """All of ``ids`` that are still there, by a look."""
        known, vectors = self._library.catalog.vectors(look.space, "crop", ids)
        scores = look.vectors @ vectors.T - look.handicaps[:, None]
        view = scores.argmax(axis=0)
        best = scores.max(axis=0)
        order = np.argsort(-best, kind="stable")
        return look.ranking(known[order], best[order], view[order])

    def _dense(self, query: Query, collections: Sequence[Collection]) -> Iterator[Ranking]:
        language = query_language(query.text)
        for group in self._groups(collections, "text"):
            encoder = self._library.text_encoder(group[0])
            # An encoder that does not know the language only ruins the ranking.
            if speaks(encoder.languages, language):
                vector = encoder.encode_queries([query.text])[0]
                yield self._nearest(
                    "dense",
                    group[0].text_space,
                    "chunk",
                    vector,
                    query,
                    group,
                    weight=self._settings.dense_weight,
                )

    def _words_image(self, query: Query, collections: Sequence[Collection]) -> Iterator[Ranking]:
        language = query_language(query.text)
        for group in self._groups(collections, "clip"):
            encoder = self._library.clip_encoder(group[0])
            if speaks(encoder.languages, language) and encoder.understands(query.text):
                vector = encoder.encode_texts([query.text])[0]
                yield self._nearest(
                    "words-image",
                    group[0].clip_space,
                    "crop",
                    vector,
                    query,
                    group,
                    floor=self._floors.words(encoder, group),
                )

    def _nearest(
        self,
        name: str,
        space: EmbeddingSpace,
        kind: ItemKind,
        vector: NDArray,  # type: ignore[type-arg]
        query: Query,
        collections: list[Collection],
        *,
        weight: float = 1.0,
        floor: float | None = None,
    ) -> Ranking:
        # A photo has several crops: more of them are asked for, so that as many photos remain.
        limit = self._settings.candidates * (_CROPS_PER_PHOTO if kind == "crop" else 1)
        ids, scores = self._library.indexes.search(
            space,
            kind,
            vector,
            limit,
            collections,
            whole=self._library.holds_only(collections),
            filters=query.filters,
        )
        rows = list(zip(ids.tolist(), scores.tolist(), strict=True))
        return Ranking(name=name, items=_scored(kind, rows), weight=weight, floor=floor)

    def _groups(self, collections: Sequence[Collection], role: str) -> Iterator[list[Collection]]:
        """Collections that share their encoder of ``role``."""

        def key(collection: Collection) -> str:
            if role == "text":
                return collection.text_space.name
            return f"{collection.clip_space.name} {collection.image_space.name}"

        for _, members in groupby(sorted(collections, key=key), key):
            yield list(members)


_CROPS_PER_PHOTO = 8
_KINDS: tuple[ItemKind, ...] = ("chunk", "crop")


def _scored(kind: ItemKind, rows: Sequence[tuple[int, float]]) -> tuple[Scored, ...]:
    return tuple(Scored(ItemKey(kind, item_id), score) for item_id, score in rows)
