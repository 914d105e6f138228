"""Answers against what is known to be right: texts, sources, and whether to answer at all."""

import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from indexer.analysis import words
from indexer.domain import Page
from retriever.domain import Answer, Citation, Query
from retriever.evaluation.corpus import Bench
from retriever.evaluation.domain import Judged
from retriever.evaluation.runs import item_at, photo_of
from retriever.evaluation.targets import canonical
from retriever.pipeline import Engine

_ARTICLES = frozenset({"a", "an", "the"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """An answer and what it is worth; None where that has no value.

    ``said`` is what is compared to the right texts, ``cited`` the item of each citation.
    ``exact``, ``f1`` and ``sentence_hit`` have a value where right texts are known, and are 0 for
    a refusal; ``right_citations`` (of each citation) and ``wanted_cited`` where right sources are.
    ``verbatim`` tells of each quote whether it stands in its source.
    """

    refused: bool
    answerable: bool
    said: str
    cited: tuple[str, ...]
    exact: float | None
    f1: float | None
    sentence_hit: float | None
    right_citations: tuple[bool, ...]
    wanted_cited: bool | None
    groundedness: float | None
    verbatim: tuple[bool, ...]
    note: str
    milliseconds: float

    @property
    def missed(self) -> bool:
        """Whether it was answered wrongly, or wrongly answered or refused, as far as is known."""
        if self.refused or not self.answerable:
            return self.refused == self.answerable
        return self.sentence_hit == 0 or (self.sentence_hit is None and not self.wanted_cited)


@dataclass(frozen=True, slots=True)
class AnswerMeasure:
    """A mean over ``values``: what each answer adds to it, nothing or one value or several."""

    name: str
    label: str
    values: Callable[[Marked], Sequence[float]]


def _known(value: float | None) -> Sequence[float]:
    return () if value is None else (float(value),)


EXACT = AnswerMeasure("exact_match", "exact match", lambda each: _known(each.exact))
F1 = AnswerMeasure("f1", "token F1", lambda each: _known(each.f1))
SENTENCE_HIT = AnswerMeasure(
    "sentence_hit", "answer in the first sentence", lambda each: _known(each.sentence_hit)
)
OF_REFUSALS = (
    AnswerMeasure(
        "refusal_precision",
        "refusals that are right",
        lambda each: (float(not each.answerable),) if each.refused else (),
    ),
    AnswerMeasure(
        "refusal_recall",
        "refused of the unanswerable",
        lambda each: () if each.answerable else (float(each.refused),),
    ),
)
MEASURES = (
    EXACT,
    F1,
    SENTENCE_HIT,
    AnswerMeasure(
        "citation_precision",
        "citations that are right",
        lambda each: tuple(map(float, each.right_citations)),
    ),
    AnswerMeasure(
        "citation_recall", "a right source is cited", lambda each: _known(each.wanted_cited)
    ),
    AnswerMeasure("groundedness", "groundedness", lambda each: _known(each.groundedness)),
    AnswerMeasure(
        "verbatim", "quotes that are verbatim", lambda each: tuple(map(float, each.verbatim))
    ),
    *OF_REFUSALS,
)
# Configurations are tested for differences in these.
COMPARED = (F1, SENTENCE_HIT)


def ask_all(
    engine: Engine,
    bench: Bench,
    judged: Sequence[Judged],
    tell: Callable[[int], None] = lambda _: None,
) -> list[Marked]:
    """Ask every question once, in their order. ``tell`` hears how many are done."""
    names = canonical(bench)
    found = []
    for number, each in enumerate(judged, start=1):
        query = Query(
            text=each.question.text,
            image=photo_of(each.question),
            collections=bench.collections,
        )
        started = time.perf_counter()
        answer = engine.ask(query)
        milliseconds = (time.perf_counter() - started) * 1000
        items = tuple(
            item_at(citation.document.path, citation.page, each, names)
            for citation in answer.citations
        )
        verbatim = tuple(
            is_verbatim(citation, engine.page(citation.document.id, citation.page))
            for citation in answer.citations
            if citation.quote
        )
        found.append(marked(each, answer, items, verbatim, milliseconds))
        tell(number)
    return found


def marked(
    judged: Judged,
    answer: Answer,
    cited: tuple[str, ...] = (),
    verbatim: tuple[bool, ...] = (),
    milliseconds: float = 0.0,
) -> Marked:
    """What ``answer`` is worth; ``cited`` holds the item of each of its citations."""
    golds = judged.question.answers
    said = prediction(answer)
    right = tuple(item in judged.relevant for item in cited) if judged.relevant else ()
    return Marked(
        refused=answer.refused,
        answerable=judged.question.answerable,
        said=said,
        cited=cited,
        exact=float(exact_match(said, golds)) if golds else None,
        f1=token_f1(said, golds) if golds else None,
        sentence_hit=float(first_sentence_holds(answer, golds)) if golds else None,
        right_citations=right,
        wanted_cited=any(right) if judged.relevant else None,
        groundedness=answer.groundedness,
        verbatim=verbatim,
        note=answer.note,
        milliseconds=milliseconds,
    )


# -- texts -------------------------------------------------------------------------------------


def prediction(answer: Answer) -> str:
    """The first stretch that the first citation highlights, else the first sentence.

    A refusal says nothing ("").
    """
    if answer.refused:
        return ""
    for citation in answer.citations[:1]:
        for start, end in citation.highlights[:1]:
            return citation.quote[start:end]
    return answer.sentences[0].text if answer.sentences else ""


def exact_match(said: str, golds: Iterable[str]) -> bool:
    """Whether ``said`` is one of ``golds`` after ``tokens``; nothing said is never right."""
    found = tokens(said)
    return bool(found) and any(found == tokens(gold) for gold in golds)


def token_f1(said: str, golds: Iterable[str]) -> float:
    """Harmonic mean of precision and recall of the tokens, the best over ``golds``; 0 to 1.

    Source: Rajpurkar et al., EMNLP 2016, arXiv:1606.05250.
    """
    found = Counter(tokens(said))
    best = 0.0
    for gold in golds:
        wanted = Counter(tokens(gold))
        common = (found & wanted).total()
        if common:
            best = max(best, 2 * common / (found.total() + wanted.total()))
    return best


def tokens(text: str) -> list[str]:
    """Words as SQuAD compares them: no case, punctuation, accents or English articles.

    A text of nothing but those keeps its articles, or else its signs.
    """
    folded = _folded(text)
    bare = "".join(char for char in folded if unicodedata.category(char)[0] not in "PS").split()
    return [word for word in bare if word not in _ARTICLES] or bare or folded.split()


def _folded(text: str) -> str:
    """Lower case without accents, also those that mark stress; й stays a letter of its own."""
    letters = []
    for char in unicodedata.normalize("NFKC", text).casefold():
        plain = char if char == "й" else unicodedata.normalize("NFD", char)
        letters += [each for each in plain if not unicodedata.combining(each)]
    return "".join(letters)


def first_sentence_holds(answer: Answer, golds: Iterable[str]) -> bool:
    """Whether the first sentence has one of ``golds`` in it, as whole words; a refusal does not."""
    if answer.refused or not answer.sentences:
        return False
    return holds(answer.sentences[0].text, golds)


def holds(text: str, golds: Iterable[str]) -> bool:
    """Whether ``text`` has one of ``golds`` in it as whole words; see :func:`tokens` for signs."""
    there = _in_words(text)
    return any(bare in there for bare in map(_in_words, golds) if bare.strip())


def _in_words(text: str) -> str:
    return f" {' '.join(words(_folded(text)))} "


# -- sources -----------------------------------------------------------------------------------


def is_verbatim(citation: Citation, page: Page) -> bool:
    """Whether the quote stands letter by letter, but for white space, where its box is drawn.

    Of each block, the lines beside the box count.
    """
    box = citation.box
    beside = []
    for block in page.blocks:
        spans = [span for span in block.spans if span.box.y0 < box.y1 and box.y0 < span.box.y1]
        if spans:
            beside.append(block.text[spans[0].start : spans[-1].end])
    return " ".join(citation.quote.split()) in " ".join(" ".join(beside).split())
