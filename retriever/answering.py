"""From what was found to an answer: evidence, refusal, and the generator that writes."""

from collections.abc import Iterator, Sequence

from indexer.library import Library
from retriever.domain import Answer, AnswerEvent, Evidence, Hit, Query
from retriever.evidence import select
from retriever.generators import Generator, Task, load_generator
from retriever.hits import live_hits
from retriever.judging import Judge, asks_for_a_fact, is_named
from retriever.ranker import Found, Ranker
from retriever.search import query_language
from retriever.settings import RetrieverSettings
from retriever.support import StemWeights

_LEFT_EN = "documents that the filters leave"
_LEFT_RU = "документах, которые оставили фильтры,"
_NEAREST = 3  # titles that a refusal names


class Answerer:
    """Answers questions from one archive. Thread-safe."""

    def __init__(self, library: Library, ranker: Ranker, settings: RetrieverSettings) -> None:
        self._library = library
        self._ranker = ranker
        self._settings = settings
        self.judge = Judge(library, ranker.reranker_name)

    def generator(self) -> Generator:
        return load_generator(self._settings.answer, self._ranker.reranker())

    def stream(self, query: Query) -> Iterator[AnswerEvent]:
        """See :meth:`retriever.generators.Generator.stream`; a refusal is the only event."""
        found = self._ranker.find(query)
        generator = self.generator()
        evidence = self.evidence(query, found)
        if not evidence.hits:
            yield _refusal(query, self.passages(found), generator.name)
            return
        task = Task(
            evidence=evidence,
            weights=self.judge.stem_weights(query.text),
            picture=lambda hit: self._library.thumbnail(hit.key.id),
        )
        yield from generator.stream(task)

    def passages(self, found: Found) -> tuple[Hit, ...]:
        """The passages that were judged, best first."""
        return live_hits(self._library.catalog, found.chunks, self._settings.rerank.depth, found)

    def evidence(self, query: Query, found: Found) -> Evidence:
        """What an answer may draw on; without hits, nothing that was found answers."""
        settings = self._settings.answer
        weights = self.judge.stem_weights(query.text)
        passages = self.passages(found)
        pictures = self._pictures(query, found, weights)
        speaks_of_it = self.judge.support(query, passages, found, weights).supported
        # Beside a quoted answer, a look-alike proves nothing: its words must say so. Nor does it
        # answer a question by itself: a tower in a photo does not tell its height.
        if (speaks_of_it and not query.pictures) or asks_for_a_fact(query):
            pictures = tuple(hit for hit in pictures if is_named(hit, weights))
        quoted = select(passages, settings.evidence) if speaks_of_it else ()
        return Evidence(query=query, hits=(*quoted, *select(pictures, settings.figures)))

    def _pictures(self, query: Query, found: Found, weights: StemWeights) -> tuple[Hit, ...]:
        """Pictures that are evidence: alike to a photo, or plainly meant by the words.

        Words mean a picture when its looks reach the encoder's floor, or when its caption and
        name cover the question as a passage would have to.
        """
        hits = live_hits(self._library.catalog, found.crops, self._settings.rerank.depth, found)
        if query.pictures:
            alike = found.above_floor.get("image-image")
            return tuple(hit for hit in hits if alike is None or hit.key in alike)
        meant = found.above_floor.get("words-image") or frozenset()
        return tuple(hit for hit in hits if hit.key in meant or is_named(hit, weights))


def _refusal(query: Query, passages: Sequence[Hit], generator: str) -> Answer:
    nearest = list(dict.fromkeys(hit.document.title for hit in passages))[:_NEAREST]
    left = bool(query.filters)
    russian = query_language(query.text) == "ru"
    text = f"Nothing in the {_LEFT_EN if left else 'indexed documents'} answers this."
    if russian:
        text = f"В {_LEFT_RU if left else 'проиндексированных документах'} ответа на это нет."
    if nearest:
        names = ", ".join(nearest)
        text += f" Ближе всего: {names}." if russian else f" Nearest: {names}."
    return Answer(
        question=query.text,
        refused=True,
        text=text,
        sentences=(),
        citations=(),
        generator=generator,
    )
