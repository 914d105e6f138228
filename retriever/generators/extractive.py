"""Answers without a language model: the best sentences of the evidence, quoted verbatim.

Sentences are scored by the cross-encoder where it knows the question's language, otherwise by the
share of the question they cover, their place in the ranking of passages and whether they hold the
kind of thing that was asked for (a number, a date, a name).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retriever.addressed import addresses_a_model, asks_about_models
from retriever.domain import Answer, AnswerEvent, Citation, Hit, Sentence, Statement, Turn
from retriever.generators import Task
from retriever.quoting import cite_picture, cite_quote, units
from retriever.rerankers import Reranker
from retriever.search import query_language, speaks
from retriever.settings import AnswerSettings
from retriever.support import StemWeights

# Shorter sentences, and unpunctuated lines of few words, are headings and labels.
_MIN_LETTERS = 12
_MIN_WORDS_UNPUNCTUATED = 5
# A further sentence is quoted if it scores within this of the best one, in logits.
_LOGIT_MARGIN = 3.0
_COVERAGE_MARGIN = 0.75
# Of a passage's sentences, this many by coverage go to the cross-encoder.
_SENTENCES_PER_PASSAGE = 8

_NUMBER = re.compile(r"\d")
_ASKS_NUMBER = re.compile(
    r"\b(how (many|much|long|old|far|often|deep|high|wide|hot|cold|heavy|fast)|when|what (year|"
    r"date|time|temperature|percentage|number|price|size)|сколько|когда|в каком году|какого года|"
    r"како[йе]?\s+(год|процент|размер|дат|температур))",
    re.IGNORECASE,
)


def build(settings: AnswerSettings, reranker: Reranker | None) -> "ExtractiveGenerator":
    return ExtractiveGenerator(settings, reranker)


@dataclass(frozen=True, slots=True)
class _Quote:
    """A sentence of a passage with its place in it."""

    hit: Hit
    start: int
    end: int
    rank: int
    coverage: float

    @property
    def text(self) -> str:
        return self.hit.text[self.start : self.end]

    @property
    def in_context(self) -> str:
        """The sentence under its headings, which often name what it speaks of."""
        return "\n".join((*self.hit.heading_path, self.text))


class ExtractiveGenerator:
    """See :class:`retriever.generators.Generator`."""

    def __init__(self, settings: AnswerSettings, reranker: Reranker | None) -> None:
        self._settings = settings
        self._reranker = reranker

    @property
    def name(self) -> str:
        return "extractive"

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
            citations.append(cite_quote(len(citations) + 1, quote.hit, quote.start, quote.end))
            sentences.append(Sentence(text=quote.text, citations=(len(citations),), supported=True))
            yield Statement(sentence=sentences[-1], citations=(citations[-1],))
        for hit in pictures[: self._settings.figures]:
            citations.append(cite_picture(len(citations) + 1, hit))
        if not sentences and citations:
            names = ", ".join(dict.fromkeys(citation.document.title for citation in citations))
            sentences.append(
                Sentence(
                    text=names,
                    citations=tuple(citation.n for citation in citations),
                    supported=True,
                )
            )
        yield Answer(
            question=question,
            refused=False,
            text=" ".join(sentence.text for sentence in sentences),
            sentences=tuple(sentences),
            citations=tuple(citations),
            generator=self.name,
            groundedness=1.0,
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
        reranker = self._reranker
        if reranker is not None and speaks(reranker.languages, query_language(question)):
            logits = reranker.score(question, [quote.in_context for quote in quotes])
            scores = [float(logit) for logit in logits]
            floor = max(scores) - _LOGIT_MARGIN
        else:
            scores = [_lexical_score(question, quote) for quote in quotes]
            floor = max(scores) * _COVERAGE_MARGIN
        order = sorted(range(len(quotes)), key=lambda index: -scores[index])
        chosen: list[_Quote] = []
        for index in order:
            if scores[index] < floor or len(chosen) == self._settings.sentences:
                break
            if not any(_same(quotes[index], other) for other in chosen):
                chosen.append(quotes[index])
        return chosen


def _quotes(hit: Hit, rank: int, weights: StemWeights, *, to_models: bool) -> list[_Quote]:
    """The passage's sentences, table rows or code lines, the most promising ones.

    What is said ``to_models`` and not to a reader is left out unless wanted.
    """
    found = [
        _Quote(hit, start, end, rank, weights.coverage(hit.text[start:end]))
        for start, end in units(hit.text)
        if _says_something(hit.text[start:end])
        and (to_models or not addresses_a_model(hit.text[start:end]))
    ]
    found.sort(key=lambda quote: -quote.coverage)
    return found[:_SENTENCES_PER_PASSAGE]


def _says_something(sentence: str) -> bool:
    """Whether a sentence could answer: not a heading, a label or itself a question."""
    if sum(char.isalnum() for char in sentence) < _MIN_LETTERS:
        return False
    bare = sentence.rstrip("\"'»”’)]")
    if bare.endswith("?"):
        return False
    complete = bare.endswith((".", "!", "…", ":", ";")) or " | " in sentence
    return complete or len(sentence.split()) >= _MIN_WORDS_UNPUNCTUATED


def _lexical_score(question: str, quote: _Quote) -> float:
    score = quote.coverage / (1 + 0.15 * quote.rank)
    if _ASKS_NUMBER.search(question) and _NUMBER.search(quote.text):
        score *= 1.25
    return score


def _same(one: _Quote, other: _Quote) -> bool:
    if one.hit.key == other.hit.key:
        return one.start < other.end and other.start < one.end
    return " ".join(one.text.split()) == " ".join(other.text.split())
