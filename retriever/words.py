"""Rankings of passages and pictures by the words they hold."""

from collections.abc import Mapping, Sequence

from indexer.domain import ItemKind
from indexer.library import Library
from indexer.store.records import Collection
from retriever import lexical
from retriever.domain import ItemKey, Query, Ranking, Scored
from retriever.settings import SearchSettings

# Candidates are found by FTS's own score, which does not know forms and nearness.
_CANDIDATES_EACH = 2
_MOST_FORMS = 300
# Of a name's score: the rest is the share of the query that it holds.
_CLOSENESS = 0.3


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
        terms, stored = self._sharing(kind, query, collections)
        scores = lexical.score(terms, stored, self._catalog.mean_length(kind))
        return Ranking(name=name, items=self._best(kind, scores), weight=weight, zero=0.0)

    def names(self, query: Query, collections: Sequence[Collection]) -> Ranking:
        """Pictures whose captions and file names hold words of the query, best first.

        The score is the share of the query's weight that they hold, up to ``full``: unlike that of
        BM25 it tells a name that says it all from one that shares a common word with a long query.
        BM25 decides between those that hold as much.
        """
        terms, stored = self._sharing("crop", query, collections)
        closeness = lexical.score(terms, stored, self._catalog.mean_length("crop"))
        best = max(closeness.values(), default=0.0) or 1.0
        scores = {
            number: lexical.covered(terms, {*text, *context})
            * (1 - _CLOSENESS + _CLOSENESS * closeness.get(number, 0.0) / best)
            for number, (text, context) in stored.items()
        }
        return Ranking(name="name", items=self._best("crop", scores), zero=0.0, full=1.0)

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

    def _sharing(
        self, kind: ItemKind, query: Query, collections: Sequence[Collection]
    ) -> tuple[list[lexical.Term], Mapping[int, tuple[Sequence[str], Sequence[str]]]]:
        """The query's words, and the stems of text and context of items that hold some of them."""
        terms = self.terms(kind, query.text)
        forms = list(dict.fromkeys(form for term in terms for form in term.forms))[:_MOST_FORMS]
        most = self._settings.candidates * _CANDIDATES_EACH
        rows = self._catalog.lexical_search(kind, forms, most, collections, query.filters)
        return terms, self._catalog.stored_stems(kind, [number for number, _ in rows])

    def _best(self, kind: ItemKind, scores: Mapping[int, float]) -> tuple[Scored, ...]:
        best = sorted(scores.items(), key=lambda entry: -entry[1])[: self._settings.candidates]
        return tuple(Scored(ItemKey(kind, number), score) for number, score in best)

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
