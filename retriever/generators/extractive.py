"""Answers without a language model: the best sentences of the evidence, quoted verbatim.

Sentences are scored by the cross-encoder where it knows the question's language, otherwise by the
share of the question they cover, their place in the ranking of passages and whether they hold the
kind of thing that was asked for (an amount, a date, a name). Two neighbouring sentences are quoted
together where they answer clearly better than either: the one names the subject, the other says
it. Measured by ``benchmarks/answers.py``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from retriever.addressed import addresses_a_model, asks_about_models, units_for_readers
from retriever.asked import fits, highlights
from retriever.domain import Answer, AnswerEvent, Citation, Hit, Sentence, Statement, Turn
from retriever.generators import Task
from retriever.quoting import (
    cite_picture,
    cite_quote,
    in_context,
    names_only,
    row_in_words,
    says_something,
    units,
)
from retriever.rerankers import Reranker
from retriever.search import query_language, speaks
from retriever.settings import AnswerSettings
from retriever.support import StemWeights

# A further sentence is quoted if it scores within this of the best one, in logits.
_LOGIT_MARGIN = 3.0
_COVERAGE_MARGIN = 0.75
# Of a passage's sentences, this many by coverage go to the cross-encoder.
_SENTENCES_PER_PASSAGE = 8

# Two sentences together have to score so much more than one: they hold more words, too.
_LOGIT_HANDICAP = 0.5
_COVERAGE_WORTH = 2.0  # logits, for a quote that has all of the question's words
_COVERAGE_HANDICAP = 0.8
_PAIRED = 3  # best sentences whose neighbours are looked at
_KIND_BONUS = 1.25
_RANK_DAMPING = 0.15


def build(settings: AnswerSettings, reranker: Reranker | None) -> "ExtractiveGenerator":
    return ExtractiveGenerator(settings, reranker)


@dataclass(frozen=True, slots=True)
class _Quote:
    """A sentence of a passage with its place in it; two that follow each other if ``double``."""

    hit: Hit
    start: int
    end: int
    rank: int
    coverage: float
    double: bool = False

    @property
    def text(self) -> str:
        return self.hit.text[self.start : self.end]


class ExtractiveGenerator:
    """See :class:`retriever.generators.Generator`."""

    def __init__(self, settings: AnswerSettings, reranker: Reranker | None) -> None:
        self._settings = settings
        self._reranker = reranker

    @property
    def name(self) -> str:
        return "extractive"

    def check(self) -> str:
        return "quotes of the best sentences"

    def standalone(self, question: str, history: Sequence[Turn]) -> str | None:  # noqa: ARG002
        return None

    def stream(self, task: Task) -> Iterator[AnswerEvent]:
        evidence, weights = task.evidence, task.weights
        question = evidence.query.text
        passages = [hit for hit in evidence.hits if hit.key.kind == "chunk"]
        pictures = [hit for hit in evidence.hits if hit.key.kind == "crop"]
        quotes = self._best(question, passages, weights)
        citations: list[Citation] = []
        sentences: list[Sentence] = []
        for quote in quotes:
            citation = cite_quote(len(citations) + 1, quote.hit, quote.start, quote.end)
            shown = highlights(question, quote.text)
            citations.append(replace(citation, highlights=shown))
            told = row_in_words(quote.hit.text, quote.start, quote.end, question)
            sentences.append(Sentence(text=told, citations=(len(citations),), supported=True))
            yield Statement(sentence=sentences[-1], citations=(citations[-1],))
        for hit in pictures[: self._settings.figures]:
            citations.append(cite_picture(len(citations) + 1, hit))
        if not sentences and citations:
            called = (citation.caption or citation.document.title for citation in citations)
            names = "; ".join(dict.fromkeys(called))
            sentences.append(
                Sentence(
                    text=names,
                    citations=tuple(citation.n for citation in citations),
                    supported=True,
                )
            )
            yield Statement(sentence=sentences[-1], citations=tuple(citations))
        yield Answer(
            question=question,
            refused=not sentences,
            text=" ".join(sentence.text for sentence in sentences),
            sentences=tuple(sentences),
            citations=tuple(citations),
            generator=self.name,
            groundedness=1.0 if sentences else None,
        )

    def _best(self, question: str, passages: list[Hit], weights: StemWeights) -> list[_Quote]:
        to_models = asks_about_models(question)
        quotes = [
            quote
            for rank, hit in enumerate(passages)
            for quote in _quotes(hit, rank, weights, to_models=to_models)
        ]
        if not quotes or not question.strip():
            return []
        scored = self._scored(question, quotes)
        pairs = _pairs([quote for _, quote in scored[:_PAIRED]], weights)
        scored += self._scored(question, pairs)
        scored.sort(key=lambda entry: -entry[0])
        best = scored[0][0]
        floor = best - _LOGIT_MARGIN if self._judges(question) else best * _COVERAGE_MARGIN
        chosen: list[_Quote] = []
        for score, quote in scored:
            if score < floor or len(chosen) == self._settings.sentences:
                break
            if not any(_same(quote, other) for other in chosen):
                chosen.append(quote)
        return chosen

    def _judges(self, question: str) -> Reranker | None:
        """The cross-encoder if it knows the question's language."""
        reranker = self._reranker
        knows = reranker is not None and speaks(reranker.languages, query_language(question))
        return reranker if knows else None

    def _scored(self, question: str, quotes: list[_Quote]) -> list[tuple[float, _Quote]]:
        """Quotes with their scores, best first; those of two sentences bear their handicap."""
        reranker = self._judges(question)
        if reranker is not None and quotes:
            logits = reranker.score(
                question, [in_context(quote.hit, quote.start, quote.end) for quote in quotes]
            )
            extras = [
                _COVERAGE_WORTH * quote.coverage - _LOGIT_HANDICAP * quote.double
                for quote in quotes
            ]
            scores = [float(logit) + more for logit, more in zip(logits, extras, strict=True)]
        else:
            scores = [_lexical_score(question, quote) for quote in quotes]
        return sorted(zip(scores, quotes, strict=True), key=lambda entry: -entry[0])


def _quotes(hit: Hit, rank: int, weights: StemWeights, *, to_models: bool) -> list[_Quote]:
    """The passage's sentences, table rows or code lines, the most promising ones.

    What is said ``to_models`` and not to a reader is left out unless wanted.
    """
    found = [
        _Quote(hit, start, end, rank, weights.coverage(hit.text[start:end]))
        for start, end in (units if to_models else units_for_readers)(hit.text)
        if says_something(hit.text[start:end]) and not names_only(hit, start, end)
    ]
    found.sort(key=lambda quote: -quote.coverage)
    return found[:_SENTENCES_PER_PASSAGE]


def _pairs(quotes: list[_Quote], weights: StemWeights) -> list[_Quote]:
    """Each of ``quotes`` together with the sentence before and the one after it."""
    found: dict[tuple[int, int, int], _Quote] = {}
    for quote in quotes:
        text = quote.hit.text
        spans = [span for span in units_for_readers(text) if says_something(text[slice(*span)])]
        for (start, middle), (follows, end) in pairwise(spans):
            beside = quote.start in {start, follows}
            # A blank line parts what does not belong together, and a table row stands alone.
            joined = "\n\n" not in text[middle:follows] and " | " not in text[start:end]
            if beside and joined and not addresses_a_model(text[start:end]):
                coverage = weights.coverage(text[start:end])
                pair = _Quote(quote.hit, start, end, quote.rank, coverage, double=True)
                found.setdefault((quote.hit.key.id, start, end), pair)
    return list(found.values())


def _lexical_score(question: str, quote: _Quote) -> float:
    score = quote.coverage / (1 + _RANK_DAMPING * quote.rank)
    if fits(question, quote.text):
        score *= _KIND_BONUS
    return score * _COVERAGE_HANDICAP if quote.double else score


def _same(one: _Quote, other: _Quote) -> bool:
    if one.hit.key == other.hit.key:
        return one.start < other.end and other.start < one.end
    return " ".join(one.text.split()) == " ".join(other.text.split())
