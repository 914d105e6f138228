"""Query → one ranking per index. Each (kind of query, kind of item) is ranked on its own.

Names of rankings, as hits report them:

- ``bm25``: passages by shared words; ``dense``: passages by the text encoder
- ``exact``: passages and pictures that hold a quoted phrase or an identifier as it was written
- ``words-image``: pictures by words (CLIP); ``name``: pictures by caption and file name
- ``image-image``: pictures by a photo; ``image-text``: passages by a photo (CLIP)
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from numpy.typing import NDArray
from PIL.Image import Image

from indexer.analysis import language_of
from indexer.cropping import cut
from indexer.domain import EmbeddingSpace, ItemKind
from indexer.library import Library
from indexer.store.records import Collection
from retriever import fusion
from retriever.domain import ItemKey, Language, Query, Ranking, Scored
from retriever.settings import SearchSettings
from retriever.words import WordSearch


def query_language(text: str) -> Language:
    """The language of a query by its script."""
    found = language_of(text)
    return "ru" if found == "ru" else "en" if found == "en" else "other"


def speaks(languages: frozenset[str], language: Language) -> bool:
    """Whether a model that declares ``languages`` knows ``language``."""
    return "*" in languages or language in languages


class Searcher:
    """Runs a query against the indexes of a library."""

    def __init__(self, library: Library, settings: SearchSettings) -> None:
        self._library = library
        self._settings = settings
        self._words = WordSearch(library, settings)

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
            weight = self._settings.name_weight
            rankings.append(self._words.ranking("name", "crop", query, collections, weight=weight))
            rankings.extend(self._words_image(query, collections))
        return [ranking for ranking in rankings if ranking.items]

    def by_photo(
        self, image: Image, query: Query, collections: Sequence[Collection]
    ) -> list[Ranking]:
        """Rankings of pictures and passages by a photo's looks."""
        rankings: list[Ranking] = []

        def handicap(_: ItemKey) -> float:
            return self._settings.query_object_handicap

        for group in self._groups(collections, "clip"):
            encoder = self._library.clip_encoder(group[0])
            views = [image]
            if query.box is None:
                # A room is looked for as a whole and by each thing that stands out in it.
                boxes = encoder.objects(image, self._settings.query_objects)
                views.extend(cut(image, box) for box in boxes)
            encoded = encoder.encode_images(views)
            if query.kind != "chunk":
                space = group[0].image_space
                found = [
                    self._nearest(
                        "image-image",
                        space,
                        "crop",
                        vector,
                        query,
                        group,
                        floor=encoder.image_floor,
                    )
                    for vector in encoded[space]
                ]
                parts = [fusion.handicapped(part, handicap) for part in found[1:]]
                rankings.append(fusion.best_of([found[0], *parts]))
            if query.kind != "crop":
                space = group[0].clip_space
                rankings.append(
                    self._nearest("image-text", space, "chunk", encoded[space][0], query, group)
                )
        return [ranking for ranking in rankings if ranking.items]

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
                    floor=encoder.word_floor,
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
            whole=len(collections) == len(self._library.catalog.collections()),
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
