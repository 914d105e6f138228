"""Letters that look alike in Latin and Cyrillic: one word is written in one script.

Tesseract reads English and Russian at once, and nothing in the picture tells it whether a "c"
is Latin or Cyrillic.
"""

from collections.abc import Sequence

_LATIN = "aceopxyABCEHKMOPTXY"
_CYRILLIC = "асеорхуАВСЕНКМОРТХУ"
_LIKE_CAPITALS = "ABCEHKMOPTXYNRV"  # И, П and Я are taken for N and R, Л and У for V and Y
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
# A longer word of such letters alone was more likely read right: PAY and РАУ differ in sense.
_SHORT = 2
_REACH = 4  # words
_PURE = 0.9  # share of one script, from which on a text is in that script


def in_one_script(words: Sequence[str]) -> list[str]:
    """``words`` in reading order, each in the script of its letters that exist in one only.

    A word without such a letter takes the script of the text, if that has but one, and a short
    word that of its neighbours, if these agree.
    """
    leanings = [_leaning(word) for word in words]
    whole = _script_of(leanings)
    return [
        _converted(word, _from_neighbours(words, leanings, at) or whole)
        for at, word in enumerate(words)
    ]


def is_latin(words: Sequence[str]) -> bool:
    """Whether ``words`` are a Latin text, but for a few."""
    return _script_of([_leaning(word) for word in words]) < 0


def has_cyrillic(words: Sequence[str]) -> bool:
    """Whether one of ``words`` is surely Cyrillic."""
    return any(_leaning(word) > 0 for word in words)


def may_be_cyrillic(text: str) -> bool:
    """Whether all letters of ``text``, three or more, are such as Cyrillic capitals look like."""
    letters = [char for char in text if char.isalpha()]
    return len(letters) > _SHORT and all(char in _LIKE_CAPITALS for char in letters)


def _script_of(leanings: Sequence[int]) -> int:
    """Above 0 for a Cyrillic text, below for a Latin one, 0 for a mixed one."""
    total = sum(leanings)
    return total if abs(total) >= _PURE * sum(map(abs, leanings)) else 0


def _leaning(word: str) -> int:
    """Cyrillic letters less Latin ones, those that look alike left out."""
    total = 0
    for char in word:
        if "a" <= char.lower() <= "z":
            total -= char not in _LATIN
        elif "а" <= char.lower() <= "ё":
            total += char not in _CYRILLIC
    return total


def _from_neighbours(words: Sequence[str], leanings: Sequence[int], at: int) -> int:
    """What the word at ``at`` leans to, else, if it is short, what both its neighbours do."""
    letters = sum(char.isalpha() for char in words[at])
    if leanings[at] or not 0 < letters <= _SHORT:
        return leanings[at]
    before = next(filter(None, leanings[max(0, at - _REACH) : at][::-1]), 0)
    after = next(filter(None, leanings[at + 1 : at + 1 + _REACH]), 0)
    return before if before * after > 0 else 0


def _converted(word: str, leaning: int) -> str:
    if leaning > 0:
        return word.translate(_TO_CYRILLIC)
    return word.translate(_TO_LATIN) if leaning < 0 else word
