"""Whether the sentences of a model are supported by the evidence, and by which words of it.

A sentence is supported if stretches of the evidence, at most three, hold every number, date, name
and identifier that it states, do not deny what it says, and speak of what it speaks of: its words,
weighted by their rarity, and the cross-encoder where it knows the language. Citations are made from
those stretches alone, so that none can point outside the evidence; the numbers that a model writes
only say where to look first. What documents say to models supports nothing.

What words alone cannot tell is not told: who did something to whom, and whether a word that the
evidence does not hold means the same as one that it does.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.analysis import sentence_spans, stem, words
from retriever import facts
from retriever.addressed import addresses_a_model, units_for_readers
from retriever.containment import plain
from retriever.domain import Hit
from retriever.quoting import units
from retriever.rerankers import Reranker
from retriever.search import query_language, speaks
from retriever.support import StemWeights

MOST_QUOTES = 3  # of one sentence
_LOOKED_AT = 6  # quotes, the likeliest ones, that the cross-encoder sees
_LEAST_SHARE = 0.35  # of a sentence's words, names aside, that each of its quotes holds
# How far below the best of the evidence a supported sentence is still about the question.
_LOGITS_BELOW_BEST = 6.0
_COVERAGE_OF_BEST = 0.5
_FEWEST_LETTERS = 8  # of a quote
_LONGEST = 1500  # characters of a sentence; more without an end are cut there


@dataclass(frozen=True, kw_only=True, slots=True)
class GroundingThresholds:
    """Cut-offs measured by ``benchmarks/grounding.py``; logits are the packaged cross-encoder's."""

    coverage: float  # share of a sentence that its quotes hold, where they alone decide
    coverage_with_logit: float  # where the cross-encoder agrees
    logit: float


THRESHOLDS = GroundingThresholds(coverage=0.65, coverage_with_logit=0.5, logit=4.0)


@dataclass(frozen=True, slots=True)
class Claim:
    """A model's sentence as plain text, and the numbers of the evidence that it points to."""

    text: str
    cited: frozenset[int]


@dataclass(frozen=True, slots=True)
class Quote:
    """The characters ``[start, end)`` of a passage's text, or of a picture's caption."""

    hit: Hit
    start: int
    end: int

    @property
    def text(self) -> str:
        return evidence_text(self.hit)[self.start : self.end]


def evidence_text(hit: Hit) -> str:
    """The words of a hit: of a picture, those that are known of it."""
    return hit.text if hit.key.kind == "chunk" else hit.caption or hit.text


# -- reading what a model writes -----------------------------------------------------------------

_MARKER = re.compile(
    r"[\[［【]\s*\^?(?:(?:sources?|doc(?:ument)?s?|evidence|passages?|citations?|ref|источники?|"
    r"документы?|фрагменты?|№|#)\s*:?\s*)?"
    r"(\d{1,3}(?:\s*(?:,|;|и|and|&|[-–—])\s*(?:№|#)?\d{1,3})*)(?:†[^\]】］]{0,80})?\s*[\]］】]"
    r"(?:\((?:[a-z][a-z0-9+.-]*:|[/#]|www\.)[^()\s]*\))?",
    re.IGNORECASE,
)
_MARKERS_AFTER_STOP = re.compile(
    rf"([.!?…]+[\"'»”’)]*)[ \t]*((?:{_MARKER.pattern}[ \t]*)+)", re.IGNORECASE
)
_OPEN_MARKER = re.compile(r"[\[［【][^\]］】\n]{0,40}$")
_AGREEMENT = re.compile(r"^\W*(?:yes|no|да|нет)\W*$", re.IGNORECASE)
_THINKING = re.compile(
    r"<\s*(think(?:ing)?|thought|reasoning|analysis|scratchpad)\s*>.*?(?:<\s*/\s*\1\s*>|$)",
    re.IGNORECASE | re.DOTALL,
)
_THOUGHT_END = re.compile(
    r"^.*<\s*/\s*(?:think(?:ing)?|thought|reasoning|analysis)\s*>", re.I | re.S
)
_PART_OF_TAG = re.compile(r"<\s*/?\s*[a-z]{0,10}\s*$", re.IGNORECASE)


def read_claim(sentence: str) -> Claim:
    """A sentence as a model wrote it, cleaned, with the numbers of its markers."""
    cited: set[int] = set()
    for match in _MARKER.finditer(sentence):
        numbers = [int(number) for number in re.findall(r"\d+", match.group(1))]
        if re.fullmatch(r"\d+\s*[-–—]\s*\d+", match.group(1)) and numbers[0] < numbers[1]:
            numbers = list(range(numbers[0], min(numbers[1], numbers[0] + 20) + 1))
        cited.update(numbers)
    text = plain(_MARKER.sub(" ", sentence))
    text = re.sub(r"\s+([.,;:!?…])", r"\1", " ".join(text.split()))
    return Claim(text, frozenset(cited))


def without_markers(text: str) -> str:
    """``text`` without its markers, and without one that has only begun."""
    return _OPEN_MARKER.sub("", _MARKER.sub("", text))


class SentenceStream:
    """Cuts what a model says into sentences as it comes. What it thinks aloud is left out."""

    def __init__(self) -> None:
        self._raw = ""

    @property
    def pending(self) -> str:
        """What has come of the sentence that is not finished."""
        return _PART_OF_TAG.sub("", _THINKING.sub("", self._raw))

    def feed(self, piece: str) -> tuple[list[str], bool]:
        """Sentences that ``piece`` finishes; True if all that was said before was but thought.

        Some models are made to begin with a thought, of which only the end is marked.
        """
        self._raw += piece
        if _THINKING.search(self._raw):
            closed = _THINKING.sub(lambda found: "" if _closes(found) else found.group(), self._raw)
            self._raw = closed
            if _THINKING.search(self._raw):
                return [], False  # it is still thinking
        thought = _THOUGHT_END.search(self._raw)
        if thought:
            self._raw = self._raw[thought.end() :]
        return self._take(), thought is not None

    def finish(self) -> list[str]:
        """The rest."""
        rest, self._raw = self.pending, ""
        found = _sentences(rest)
        return [rest[start:end] for start, end in found]

    def _take(self) -> list[str]:
        self._raw = (
            _MARKERS_AFTER_STOP.sub(r" \2\1 ", self._raw) if _settled(self._raw) else self._raw
        )
        spans = _sentences(self._raw)
        ready = spans if self._raw.endswith("\n") else spans[:-1]
        if not _settled(self._raw) and not self._raw.endswith("\n"):
            ready = ready[:-1]
        if not ready and len(self._raw) > _LONGEST:
            ready = [(0, len(self._raw))]
        if not ready:
            return []
        taken = [self._raw[start:end] for start, end in ready]
        self._raw = self._raw[ready[-1][1] :]
        return taken


def _closes(thought: re.Match[str]) -> bool:
    return (
        re.search(rf"<\s*/\s*{thought.group(1)}\s*>$", thought.group(), re.IGNORECASE) is not None
    )


def _settled(text: str) -> bool:
    """Whether no marker has begun at the end of ``text`` that may belong to what is before."""
    return _OPEN_MARKER.search(text) is None


def _sentences(text: str) -> list[tuple[int, int]]:
    """Sentences of a model: each line is apart; a bare "Yes." belongs to what follows."""
    found: list[tuple[int, int]] = []
    for line in re.finditer(r"[^\n]+", text):
        joined: int | None = None
        for start, end in sentence_spans(line.group()):
            begin = start if joined is None else joined
            joined = begin if _AGREEMENT.match(line.group()[begin:end]) else None
            if joined is None:
                found.append((line.start() + begin, line.start() + end))
        if joined is not None:
            found.append((line.start() + joined, line.end()))
    return found


# -- checking it ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A quote with what is compared of it."""

    number: int  # of its hit in the evidence, from 1
    quote: Quote
    stems: frozenset[str]
    numbers: frozenset[str]
    facts: facts.Facts


class Checker:
    """Checks sentences against the hits that a model was shown, numbered from 1."""

    def __init__(
        self,
        hits: Sequence[Hit],
        reranker: Reranker | None,
        rarity: Callable[[str], StemWeights],
        *,
        to_models: bool = False,
        thresholds: GroundingThresholds = THRESHOLDS,
    ) -> None:
        """``rarity`` weighs the stems of a text; ``to_models``: what is said to models counts."""
        self._reranker = reranker
        self._rarity = rarity
        self._thresholds = thresholds
        self._candidates = [
            candidate
            for number, hit in enumerate(hits, 1)
            for candidate in _candidates(number, hit, to_models=to_models)
        ]
        self._stems = frozenset().union(*(each.stems for each in self._candidates))
        self._around = {number: _context(hit) for number, hit in enumerate(hits, 1)}

    def support(self, claim: Claim) -> tuple[Quote, ...]:
        """The quotes that say what ``claim`` says, best first; none if it is not supported."""
        if not claim.text or addresses_a_model(claim.text):
            return ()
        cited = [each for each in self._candidates if each.number in claim.cited]
        elsewhere = [each for each in self._candidates if each.number not in claim.cited]
        stated = facts.facts_of(claim.text)
        weights = self._weights(claim.text)
        for pool in (cited, cited + elsewhere if elsewhere else []):
            chosen = self._choose(claim.text, stated, weights, pool)
            if chosen:
                return tuple(each.quote for each in chosen)
        return ()

    def _weights(self, text: str) -> dict[str, float]:
        """Rarity of the words of ``text`` that are not facts and say something."""
        content = [word for word in dict.fromkeys(words(text)) if facts.says_something(word)]
        if not content:
            return {}
        rarity = self._rarity(" ".join(content)).weights
        return {stem(word): rarity.get(stem(word), 1.0) for word in content}

    def _choose(
        self,
        text: str,
        stated: facts.Facts,
        weights: dict[str, float],
        pool: Sequence[_Candidate],
    ) -> list[_Candidate]:
        """The fewest candidates that support the sentence together, none if they do not."""
        if not pool or not (weights or stated.numbers or stated.names):
            return []
        likely = [each for each in pool if _belongs(each, stated, weights)] or pool
        order = sorted(likely, key=lambda each: -_worth_of([each], stated, weights))[:_LOOKED_AT]
        logits = self._logits(text, order)
        best = max(
            range(len(order)),
            key=lambda at: (
                _worth_of([order[at]], stated, weights) + (logits[at] / 40 if logits else 0)
            ),
        )
        chosen = [order[best]]
        for _ in range(MOST_QUOTES):
            if self._suffices(text, stated, weights, chosen, logits[best] if logits else None):
                return chosen
            rest = [
                each for each in order if each not in chosen and _belongs(each, stated, weights)
            ]
            gain = [_worth_of([*chosen, each], stated, weights) for each in rest]
            if not rest or max(gain) <= _worth_of(chosen, stated, weights):
                return []
            chosen.append(rest[gain.index(max(gain))])
        return []

    def _suffices(
        self,
        text: str,
        stated: facts.Facts,
        weights: dict[str, float],
        chosen: Sequence[_Candidate],
        logit: float | None,
    ) -> bool:
        if len(chosen) > MOST_QUOTES or not self._holds_facts(stated, chosen):
            return False
        if any(facts.contradicts(text, each.quote.text) for each in chosen):
            return False
        if any(facts.counts_conflict(stated, each.facts) for each in chosen):
            return False
        held = self._stems_around(chosen)
        # A word of the evidence that stands elsewhere in it was brought here from there.
        misplaced = sum(
            weight
            for word, weight in weights.items()
            if not facts.held_in(word, held) and facts.held_in(word, self._stems)
        )
        total = sum(weights.values())
        covered = _coverage(weights, held) * (total / (total + misplaced) if total else 1.0)
        cut = self._thresholds
        if logit is not None and logit >= cut.logit and covered >= cut.coverage_with_logit:
            return True
        return covered >= cut.coverage

    def _holds_facts(self, stated: facts.Facts, chosen: Sequence[_Candidate]) -> bool:
        numbers = frozenset().union(*(each.numbers for each in chosen))
        around = " ".join(self._around[each.number] for each in chosen)
        numbers |= facts.numbers_in(around)
        if not all(facts.holds_number(number, numbers) for number in stated.numbers):
            return False
        names = self._stems_around(chosen)
        if not all(facts.held_in(name, names) for name in stated.names):
            return False
        written = " ".join((around, *(each.quote.text for each in chosen))).casefold()
        return all(part.casefold() in written for part in stated.identifiers)

    def _stems_around(self, chosen: Sequence[_Candidate]) -> frozenset[str]:
        """Stems of the quotes, their headings, and what their pronouns may stand for."""
        found = frozenset().union(*(each.stems for each in chosen))
        for each in chosen:
            found |= frozenset(stem(word) for word in words(self._around[each.number]))
            if facts.has_pronoun(each.quote.text):
                before = evidence_text(each.quote.hit)[: each.quote.start]
                found |= frozenset(stem(word) for word in words(before[-400:]))
        return found

    def _logits(self, text: str, pool: Sequence[_Candidate]) -> list[float]:
        reranker = self._reranker
        if reranker is None or not speaks(reranker.languages, query_language(text)):
            return []
        passages = [f"{self._around[each.number]}\n{each.quote.text}" for each in pool]
        return [float(logit) for logit in reranker.score(text, passages)]


class Relevance:
    """Whether what a model says is about the question, and not only true.

    The evidence sets the bar: a sentence, or a quote that supports it, has to come near the best
    that can be quoted, by the cross-encoder where it knows the language, else by the share of the
    question that is covered.
    """

    def __init__(
        self,
        question: str,
        weights: StemWeights,
        hits: Sequence[Hit],
        reranker: Reranker | None,
    ) -> None:
        """``weights`` are those of the question's stems."""
        self._question = question
        self._asks_whether = _ASKS_WHETHER.search(question) is not None
        self._weights = weights
        known = reranker is not None and speaks(reranker.languages, query_language(question))
        self._reranker = reranker if known else None
        texts = [
            f"{_context(hit)}\n{evidence_text(hit)[start:end]}"
            for hit in hits
            for start, end in units_for_readers(evidence_text(hit))
        ]
        texts.sort(key=lambda text: -weights.coverage(text))
        self._best = max(self._scores(texts[:_LOOKED_AT]), default=0.0)

    def holds(self, sentence: str, quotes: Sequence[Quote]) -> bool:
        """Whether ``sentence``, which ``quotes`` support, is about the question.

        One that only says the question again answers nothing but whether.
        """
        if not self._asks_whether and not _news(sentence, self._question):
            return False
        texts = [sentence, *(f"{_context(quote.hit)}\n{quote.text}" for quote in quotes)]
        score = max(self._scores(texts))
        if self._reranker is None:
            return score >= _COVERAGE_OF_BEST * self._best
        return score >= self._best - _LOGITS_BELOW_BEST

    def _scores(self, texts: Sequence[str]) -> list[float]:
        if self._reranker is None:
            return [self._weights.coverage(text) for text in texts]
        return [float(logit) for logit in self._reranker.score(self._question, texts)]


_ASKS_WHETHER = re.compile(
    r"^\W*(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|must|may)\b|"
    r"\bли\b|^\W*(?:можно|нужно|надо|есть|правда)\b",
    re.IGNORECASE,
)


def _news(sentence: str, question: str) -> bool:
    """Whether ``sentence`` holds a value or a word of content that ``question`` lacks."""
    told = frozenset(stem(word) for word in words(question))
    new = [word for word in words(sentence) if facts.says_something(word)]
    return any(not facts.held_in(stem(word), told) for word in new) or not (
        facts.numbers_in(sentence) <= facts.numbers_in(question)
    )


def _candidates(number: int, hit: Hit, *, to_models: bool) -> list[_Candidate]:
    text = evidence_text(hit)
    found = []
    for start, end in (units if to_models else units_for_readers)(text):
        sentence = text[start:end]
        if sum(char.isalnum() for char in sentence) < _FEWEST_LETTERS:
            continue  # a label
        found.append(
            _Candidate(
                number=number,
                quote=Quote(hit, start, end),
                stems=frozenset(stem(word) for word in words(sentence)),
                numbers=facts.numbers_in(sentence),
                facts=facts.facts_of(sentence),
            )
        )
    return found


def _context(hit: Hit) -> str:
    return " ".join((hit.document.title, *hit.heading_path))


def _coverage(weights: dict[str, float], held: frozenset[str]) -> float:
    """Share of the weight whose words are held; 1 where there are only facts to be found."""
    total = sum(weights.values())
    if not total:
        return 1.0
    return sum(weight for word, weight in weights.items() if facts.held_in(word, held)) / total


def _belongs(candidate: _Candidate, stated: facts.Facts, weights: dict[str, float]) -> bool:
    """Whether a quote speaks of the same, and does not only lend a name or a number."""
    spoken_of = {word: weight for word, weight in weights.items() if word not in stated.names}
    return bool(spoken_of) and _coverage(spoken_of, candidate.stems) >= _LEAST_SHARE


def _worth_of(
    chosen: Sequence[_Candidate], stated: facts.Facts, weights: dict[str, float]
) -> float:
    """How much of a sentence its quotes hold: its words, and its facts as much as its words."""
    stems = frozenset().union(*(each.stems for each in chosen))
    numbers = frozenset().union(*(each.numbers for each in chosen))
    wanted = len(stated.numbers) + len(stated.names)
    held = sum(facts.holds_number(number, numbers) for number in stated.numbers)
    held += sum(facts.held_in(name, stems) for name in stated.names)
    return _coverage(weights, stems) + (held / wanted if wanted else 0.0)
