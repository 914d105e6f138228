"""Words of a query, the corpus's words that stand for them, and BM25 over both.

A query word counts where its stem stands; with less weight where a kindred form does (stemmers
part what inflection joins, most of all in Russian); and, if the corpus knows neither, where a
word stands that differs by a slip of the pen. Words that follow each other in the query count
more where they stand near each other.

Source: BM25, Robertson & Zaragoza 2009, doi:10.1561/1500000019.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import OSA

from indexer.analysis import STOP_WORDS, script_of, stem, words

# (prefix, limit) -> stems of the corpus that begin so, and how many items hold each.
Vocabulary = Callable[[str, int], Mapping[str, int]]

_K1, _B = 1.2, 0.75
_CONTEXT_WEIGHT = 0.5  # of a word in the title or headings

# Of a kindred form against the stem itself. English inflects less, and its stemmer leaves
# more chance likenesses than forms.
_KINDRED_WEIGHTS = {"cyrillic": 0.7, "latin": 0.4, "other": 0.4}
_KINDRED_LETTERS = 4  # at least so many are common to kindred forms
_KINDRED_TAIL = 2  # so many of the stem's last letters may change
_KINDRED_GROWTH = 3  # and so many may be added or missing

_TYPO_WEIGHT = 0.8
_TYPO_LETTERS = 4  # shorter words have too many neighbours
_TWO_TYPOS_LETTERS = 8
_SCANNED = 20_000  # stems looked through for a word nobody wrote

_NEARNESS_WEIGHT = 0.5  # of two words side by side, in units of the rarer one's weight
_NEAR = 5  # words

_OPEN_WORD = re.compile(r"(?<!\S)(\w{2,})\*")
_QUOTED = re.compile(r"\"([^\"]+)\"|«([^»]+)»|“([^”]+)”|„([^“”]+)[“”]")
_IDENTIFIER = re.compile(r"(?<![\w])[\w]+(?:[-./_:#+@\\][\w]+)*(?![\w])")


@dataclass(frozen=True, slots=True)
class Term:
    """A query word's stem, its weight, and the corpus's stems that stand for it (weight 0 to 1)."""

    stem: str
    weight: float
    forms: Mapping[str, float]


def terms_of(text: str, vocabulary: Vocabulary, total: int) -> list[Term]:
    """The query's words that carry a subject, each once, in order. ``total``: items in all."""
    open_words = {words(match)[0] for match in _OPEN_WORD.findall(text) if words(match)}
    found = words(text)
    content = [word for word in found if word not in STOP_WORDS or word in open_words] or found
    terms: dict[str, Term] = {}
    for word in content:
        name = word if word in open_words else stem(word)
        if name not in terms:
            forms, count = _forms(name, vocabulary, is_open=word in open_words)
            weight = math.log(1 + (total - count + 0.5) / (count + 0.5)) if count <= total else 0.0
            terms[name] = Term(name, weight, forms)
    return list(terms.values())


def _forms(name: str, vocabulary: Vocabulary, *, is_open: bool) -> tuple[dict[str, float], int]:
    """The stems that stand for ``name`` with their weights, and how many items hold it."""
    if is_open:
        begun = vocabulary(name, _SCANNED)
        return dict.fromkeys(begun, 1.0), max(begun.values(), default=0)
    if len(name) < _KINDRED_LETTERS or any(letter.isdigit() for letter in name):
        # Nothing else stands for a number or a short word.
        return {name: 1.0}, vocabulary(name, 1).get(name, 0)
    alike = {
        other: count
        for other, count in vocabulary(_kindred_prefix(name), _SCANNED).items()
        if kindred(name, other)
    }
    count = alike.pop(name, 0)
    forms = {name: 1.0, **dict.fromkeys(alike, _KINDRED_WEIGHTS[script_of(name)])}
    if count or alike:
        return forms, count or sum(alike.values())
    slips = _slips(name, vocabulary)
    return {name: 1.0, **dict.fromkeys(slips, _TYPO_WEIGHT)}, sum(slips.values())


def kindred(name: str, other: str) -> bool:
    """Whether two stems are likely to be forms of one word that the stemmer parted."""
    return (
        len(name) >= _KINDRED_LETTERS
        and other.startswith(_kindred_prefix(name))
        and abs(len(other) - len(name)) <= _KINDRED_GROWTH
    )


def _kindred_prefix(name: str) -> str:
    return name[: max(_KINDRED_LETTERS, len(name) - _KINDRED_TAIL)]


def _slips(name: str, vocabulary: Vocabulary) -> dict[str, int]:
    """Stems that are the nearest to one that nobody wrote: letters swapped, missing or wrong."""
    allowed = 2 if len(name) >= _TWO_TYPOS_LETTERS else 1
    nearest: dict[int, dict[str, int]] = {}
    for first in dict.fromkeys((name[0], name[1])):  # the first two may have changed places
        for other, count in vocabulary(first, _SCANNED).items():
            if abs(len(other) - len(name)) <= allowed and not any(map(str.isdigit, other)):
                distance = OSA.distance(name, other, score_cutoff=allowed)
                if distance <= allowed:
                    nearest.setdefault(distance, {})[other] = count
    return nearest[min(nearest)] if nearest else {}


def covered(terms: Sequence[Term], held: Container[str]) -> float:
    """Share of the weight of ``terms`` that stand in ``held``, stems, in some form: 0 to 1."""
    total = sum(term.weight for term in terms)
    if not total:
        return 0.0
    found = (
        term.weight
        * max((weight for form, weight in term.forms.items() if form in held), default=0)
        for term in terms
    )
    return sum(found) / total


def score(
    terms: Sequence[Term],
    stored: Mapping[int, tuple[Sequence[str], Sequence[str]]],
    mean_length: float,
) -> dict[int, float]:
    """BM25 with forms and nearness, higher is better, for items as (stems of text, of context).

    ``mean_length`` is the usual number of stems of a text.
    """
    return {
        number: _score(terms, text, context, len(text) / max(1.0, mean_length))
        for number, (text, context) in stored.items()
    }


def _score(
    terms: Sequence[Term], text: Sequence[str], context: Sequence[str], length: float
) -> float:
    counts, around = Counter(text), Counter(context)
    damping = _K1 * (1 - _B + _B * length)
    total = 0.0
    for term in terms:
        strength = counts[term.stem] + _CONTEXT_WEIGHT * around[term.stem]
        if not strength:
            strength = sum(
                weight * (counts[form] + _CONTEXT_WEIGHT * around[form])
                for form, weight in term.forms.items()
            )
        total += term.weight * strength * (_K1 + 1) / (strength + damping)
    places: dict[str, list[int]] = {}
    for place, word in enumerate(text):
        places.setdefault(word, []).append(place)
    for one, other in pairwise(terms):
        apart = min(
            (
                abs(there - here)
                for here in places.get(one.stem, ())
                for there in places.get(other.stem, ())
            ),
            default=_NEAR + 1,
        )
        if 0 < apart <= _NEAR:
            total += _NEARNESS_WEIGHT * min(one.weight, other.weight) / apart
    return total


@dataclass(frozen=True, slots=True)
class Exact:
    """Something that must stand as it was written. ``quoted`` if the user said so."""

    text: str
    quoted: bool

    @property
    def stems(self) -> str:
        """Its stems, a space between, as the lexical index finds them in a row."""
        return " ".join(stem(word) for word in words(self.text))

    def stands_in(self, text: str) -> bool:
        """Whether ``text`` holds it letter by letter (case and runs of space aside), alone."""
        wanted = r"\s+".join(map(re.escape, self.text.split()))
        return re.search(rf"(?<![\w]){wanted}(?![\w])", text, re.IGNORECASE) is not None


def exact_parts(text: str) -> list[Exact]:
    """Quoted phrases, and what looks like an identifier: letters with digits, joined parts.

    ``EN-1090``, ``x7.3``, ``inv_2024_17``, ``0042917``, ``QWZT`` and ``maxDepth`` do; an
    ordinary word, a year or a short number does not.
    """
    found: dict[str, Exact] = {}
    for groups in _QUOTED.findall(text):
        phrase = next(filter(None, groups)).strip()
        if words(phrase):
            found.setdefault(phrase.casefold(), Exact(phrase, quoted=True))
    for match in _IDENTIFIER.findall(_QUOTED.sub(" ", text)):
        if _identifies(match):
            found.setdefault(match.casefold(), Exact(match, quoted=False))
    return list(found.values())


def _identifies(word: str) -> bool:
    letters = sum(map(str.isalpha, word))
    digits = sum(map(str.isdigit, word))
    if digits and letters:
        return True
    if digits:
        return digits >= 5 or (digits < len(word) and digits >= 3)
    inner = word[1:]
    joined = any(mark in word for mark in "_@\\#")
    shouted = len(word) >= 4 and word.isupper()
    humped = any(a.islower() and b.isupper() for a, b in pairwise(inner))
    return joined or shouted or humped
