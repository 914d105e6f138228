"""Names and numbers of a question, and whether a passage speaks of them. Pure functions.

A passage about another tower, person or year reads much like the right one, and rerankers rate it
so. That the name is missing tells them apart.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from rapidfuzz.distance import OSA

from indexer.analysis import STOP_WORDS, stem, words
from retriever.lexical import kindred

_TOKEN = re.compile(r"[^\W_][\w'’.-]*")
_BEGINS_SENTENCE = re.compile(r"(?:^|[.?!:…])[\s\"'«“„(]*$")
_POSSESSIVE = re.compile(r"['’]s$")
_SHORT = re.compile(r"\b(?:(?:[A-ZА-ЯЁ]\.){2,5}|[A-ZА-ЯЁ]{2,5}\b)")
_CAPITALISED_RUN = re.compile(
    r"\b[A-ZА-ЯЁ][\w'’-]*(?:\s+(?:(?:of|the|and|for|и|по)\s+){0,2}[A-ZА-ЯЁ][\w'’-]*)+"
)
_TYPO_LETTERS = 5  # shorter words have too many neighbours


def names_of(question: str) -> tuple[str, ...]:
    """Its words that begin with a capital letter inside a sentence, or hold a digit, folded."""
    found: list[str] = []
    for match in _TOKEN.finditer(question):
        word = match.group()
        inside = not _BEGINS_SENTENCE.search(question[: match.start()])
        if any(map(str.isdigit, word)) or (inside and word[0].isupper()):
            found.extend(part for part in words(word) if len(part) > 1 and part not in STOP_WORDS)
    return tuple(dict.fromkeys(found))


def missing(names: Sequence[str], text: str) -> float:
    """Share of ``names`` that ``text`` has in no form, 0 to 1 (0 without names).

    Initials stand for the words that they begin, and these for them.
    """
    if not names:
        return 0.0
    held = set(words(text))
    roots = {stem(word) for word in held}
    initials, short = _initials(text), {found.replace(".", "") for found in _SHORT.findall(text)}
    there = [_stands_in(name, held, roots) or name.upper() in initials for name in names]
    for first, last in _stretches(len(names)):
        if "".join(name[0] for name in names[first:last]).upper() in short:
            there[first:last] = [True] * (last - first)
    return there.count(False) / len(names)


def _initials(text: str) -> frozenset[str]:
    """The first letters of capitalised words in a row, small words between them left out."""
    found: set[str] = set()
    for run in _CAPITALISED_RUN.findall(text):
        letters = "".join(word[0] for word in run.split() if word[0].isupper())
        found.update(letters[first:last] for first, last in _stretches(len(letters)))
    return frozenset(found)


def _stretches(length: int) -> Iterator[tuple[int, int]]:
    """``[first, last)`` of what initials may stand for: two to five words."""
    for first in range(length - 1):
        for last in range(first + 2, min(first + 5, length) + 1):
            yield first, last


def _stands_in(name: str, held: Collection[str], roots: Collection[str]) -> bool:
    bare = _POSSESSIVE.sub("", name)
    root = stem(bare)
    if bare in held or root in roots:
        return True
    if any(map(str.isdigit, name)):
        return False
    if any(kindred(root, other) for other in roots):
        return True
    return len(bare) >= _TYPO_LETTERS and any(
        abs(len(other) - len(bare)) <= 1 and OSA.distance(bare, other, score_cutoff=1) <= 1
        for other in held
    )
