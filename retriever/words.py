"""Rankings of passages and pictures by the words they hold."""

from collections.abc import Sequence

from indexer.domain import ItemKind
from indexer.library import Library
from indexer.store.records import Collection
from retriever import lexical
from retriever.domain import ItemKey, Query, Ranking, Scored
from retriever.settings import SearchSettings

# Candidates are found by FTS's own score, which does not know forms and nearness.
_CANDIDATES_EACH = 2
_MOST_FORMS = 300


class WordSearch:
    """Runs a query's words against the lexical indexes of a library."""

    def __init__(self, library: Library, settings: SearchSettings) -> None:
        self._catalog = library.catalog
        self._settings = settings

    def terms(self, kind: ItemKind, text: str) -> list[lexical.Term]:
        """The words of a query, weighted by their rarity among items of ``kind``."""
        counts = self._catalog.counts()
        return lexical.terms_of(
            text,
            lambda prefix, limit: self._catalog.vocabulary(kind, prefix, limit),
            counts.chunks if kind == "chunk" else counts.crops,
        )

    def ranking(
        self,
        name: str,
        kind: ItemKind,
        query: Query,
        collections: Sequence[Collection],
        *,
        weight: float,
    ) -> Ranking:
        """Items that share words with the query, forms of them included, best first."""
        terms = self.terms(kind, query.text)
        forms = list(dict.fromkeys(form for term in terms for form in term.forms))[:_MOST_FORMS]
        limit = self._settings.candidates
        rows = self._catalog.lexical_search(
            kind, forms, limit * _CANDIDATES_EACH, collections, query.filters
        )
        stored = self._catalog.stored_stems(kind, [number for number, _ in rows])
        scores = lexical.score(terms, stored, self._catalog.mean_length(kind))
        best = sorted(scores.items(), key=lambda entry: -entry[1])[:limit]
        items = tuple(Scored(ItemKey(kind, number), score) for number, score in best)
        return Ranking(name=name, items=items, weight=weight, zero=0.0)

    def exact(self, kind: ItemKind, query: Query, collections: Sequence[Collection]) -> Ranking:
        """Items that hold a quoted phrase or an identifier of the query as it was written.

        An identifier that many items hold says little, and is left to the other rankings.
        """
        scores: dict[int, float] = {}
        for part in lexical.exact_parts(query.text):
            most = self._settings.candidates if part.quoted else self._settings.identifier_items
            rows = self._catalog.lexical_search(
                kind, [part.stems], most + 1, collections, query.filters
            )
            if len(rows) > most and not part.quoted:
                continue
            for number, text in self._texts(kind, [number for number, _ in rows]).items():
                # The words in a row may be parted by other signs than in the query.
                scores[number] = scores.get(number, 0.0) + (1.0 if part.stands_in(text) else 0.5)
        best = sorted(scores.items(), key=lambda entry: -entry[1])
        return Ranking(
            name="exact", items=tuple(Scored(ItemKey(kind, number), s) for number, s in best)
        )

    def _texts(self, kind: ItemKind, ids: Sequence[int]) -> dict[int, str]:
        if kind == "chunk":
            return {
                number: "\n".join(
                    (stored.owner.document.title, *stored.chunk.heading_path, stored.chunk.text)
                )
                for number, stored in self._catalog.chunks(ids).items()
            }
        return {
            number: f"{stored.crop.caption}\n{stored.owner.document.path}"
            for number, stored in self._catalog.crops(ids).items()
        }
