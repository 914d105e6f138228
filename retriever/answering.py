"""From what was found to an answer: evidence, refusal, and the generator that writes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexer.analysis import words
from indexer.library import Library
from retriever.domain import Answer, AnswerEvent, Evidence, Hit, Query
from retriever.evidence import select
from retriever.generators import Generator, Task, load_generator
from retriever.hits import live_hits
from retriever.judging import Judge, asks_for_a_fact, is_named, shown_name, whole
from retriever.names import missing
from retriever.ranker import Found, Ranker
from retriever.refusal import refusal
from retriever.settings import RetrieverSettings
from retriever.support import StemWeights


class Answerer:
    """Answers questions from one archive. Thread-safe."""

    def __init__(self, library: Library, ranker: Ranker, settings: RetrieverSettings) -> None:
        self._library = library
        self._ranker = ranker
        self._settings = settings
        self.judge = Judge(library, ranker.reranker)

    def generator(self) -> Generator:
        return load_generator(self._settings.answer, self._ranker.reranker())

    def stream(self, query: Query) -> Iterator[AnswerEvent]:
        """See :meth:`retriever.generators.Generator.stream`; a refusal is the only event."""
        found = self._ranker.find(query)
        generator = self.generator()
        evidence = self.evidence(query, found)
        if not evidence.hits:
            yield refusal(query, self.passages(found), generator.name)
            return
        task = Task(
            evidence=evidence,
            weights=self.judge.stem_weights(evidence.query.text),
            picture=lambda hit: self._library.thumbnail(hit.key.id),
            rarity=self.judge.stem_weights,
        )
        searched = "" if evidence.query.text == query.text else evidence.query.text
        for event in generator.stream(task):
            if isinstance(event, Answer):
                if event.refused:
                    event = refusal(query, self.passages(found), event.generator)
                event = replace(event, question=query.text, searched=searched)
            yield event

    def passages(self, found: Found) -> tuple[Hit, ...]:
        """The passages that were judged, best first."""
        return live_hits(self._library.catalog, found.chunks, self._settings.rerank.depth, found)

    def answers(self, query: Query, found: Found) -> bool:
        """Whether anything that was found is likely to be what was meant."""
        if query.pictures and self._pictures(query, found, self.judge.stem_weights(query.text)):
            return True
        return bool(self.evidence(query, found).hits)

    def evidence(self, query: Query, found: Found) -> Evidence:
        """What an answer may draw on; without hits, nothing that was found answers.

        A photo is looked for first, and then what the documents say of what it shows: the query
        of the evidence then has the names of the photos that it met.
        """
        settings = self._settings.answer
        weights = self.judge.stem_weights(query.text)
        pictures = self._pictures(query, found, weights)
        if query.pictures and pictures:
            spoken = self._spoken_of(query, pictures[: settings.figures])
            quoted = () if spoken is None else spoken.hits
            asked = query if spoken is None else spoken.query
            return Evidence(query=asked, hits=(*quoted, *select(pictures, settings.figures)))
        passages = self.passages(found)
        speaks_of_it = self.judge.support(query, passages, found, weights).supported
        # Beside a quoted answer, a look-alike proves nothing: its words must say so. Nor does it
        # answer a question by itself: a tower in a photo does not tell its height.
        if speaks_of_it or asks_for_a_fact(query):
            pictures = tuple(hit for hit in pictures if is_named(hit, weights))
        quoted = select(passages, settings.evidence) if speaks_of_it else ()
        return Evidence(query=query, hits=(*quoted, *select(pictures, settings.figures)))

    def _spoken_of(self, query: Query, pictures: Sequence[Hit]) -> Evidence | None:
        """Passages on what ``pictures`` show, by their names; None if there are none.

        The nearest picture that documents speak of decides: the next ones may show other things.
        """
        for picture in pictures:
            name = shown_name(picture)
            if not name:
                continue
            asked = replace(
                query, text=f"{query.text} {name}".strip(), image=None, examples=(), kind="chunk"
            )
            found = self._ranker.find(asked)
            passages = [hit for hit in self.passages(found) if not missing(words(name), whole(hit))]
            weights = self.judge.stem_weights(asked.text)
            if passages and self.judge.support(asked, passages, found, weights).supported:
                return Evidence(query=asked, hits=select(passages, self._settings.answer.evidence))
        return None

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
