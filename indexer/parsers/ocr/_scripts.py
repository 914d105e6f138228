"""Letters that look alike in Latin and Cyrillic: one word is written in one script.

Tesseract reads English and Russian at once, and nothing in the picture tells it whether a "c"
is Latin or Cyrillic.
"""

from collections.abc import Sequence

_LATIN = "aceopxyABCEHKMOPTX"
_CYRILLIC = "асеорхуАВСЕНКМОРТХ"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
# A longer word of such letters alone was more likely read right: PAY and РАУ differ in sense.
_SHORT = 2
_REACH = 8  # words


def in_one_script(words: Sequence[str]) -> list[str]:
    """``words`` in reading order, each in the script of its letters that exist in one only.

    A short word without such a letter takes the script of its nearest neighbours.
    """
    leanings = [_leaning(word) for word in words]
    return [_converted(word, _decided(words, leanings, at)) for at, word in enumerate(words)]


def _leaning(word: str) -> int:
    """Cyrillic letters less Latin ones, those that look alike left out."""
    total = 0
    for char in word:
        if "a" <= char.lower() <= "z":
            total -= char not in _LATIN
        elif "а" <= char.lower() <= "ё":
            total += char not in _CYRILLIC
    return total


def _decided(words: Sequence[str], leanings: Sequence[int], at: int) -> int:
    word = words[at]
    letters = [char for char in word if char.isalpha()]
    if leanings[at] or not letters:
        return leanings[at]
    mixed = 0 < sum(char in _CYRILLIC for char in letters) < len(letters)
    if len(letters) > _SHORT and not mixed:
        return 0
    for reach in range(1, _REACH + 1):
        near = sum(leanings[max(0, at - reach) : at + reach + 1])
        if near:
            return near
    return 0


def _converted(word: str, leaning: int) -> str:
    if leaning > 0:
        return word.translate(_TO_CYRILLIC)
    return word.translate(_TO_LATIN) if leaning < 0 else word
