"""Short extracts of a passage with the words of the query marked. Pure."""

import re

from web.textview import Segment

_WORD = re.compile(r"\w+")
_COMMON = frozenset(
    "the and for with are was were from that this what which who how why when where does did has "
    "have had not but you its our their into about of in on is to a an "
    "и в на с по к о от за из у для что как это где когда кто чем или но не при до под над без "
    "какой какая какие какое почему сколько есть был была были".split()
)


def _stems(query: str) -> list[str]:
    """Beginnings that words of the query share with their inflections."""
    words = {word.casefold() for word in _WORD.findall(query)} - _COMMON
    return [_stem(word) for word in words if len(word) > 1]


def _stem(word: str) -> str:
    if len(word) <= 4 or any(character.isdigit() for character in word):
        return word
    return word[: -1 if len(word) == 5 else -2]


def _matches(word: str, stems: list[str]) -> bool:
    word = word.casefold()
    return any(word.startswith(stem) and len(word) - len(stem) <= 4 for stem in stems)


def snippet(text: str, query: str, *, length: int = 300) -> list[Segment]:
    """About ``length`` characters around the words of ``query``, those words marked."""
    text = " ".join(text.split())
    stems = _stems(query)
    found = [match for match in _WORD.finditer(text) if stems and _matches(match[0], stems)]
    start = _best_start(text, [match.start() for match in found], length)
    end = min(len(text), start + length)
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > start else end
    segments = [Segment("… ", marked=False)] if start else []
    at = start
    for match in found:
        if match.start() < at or match.end() > end:
            continue
        if match.start() > at:
            segments.append(Segment(text[at : match.start()], marked=False))
        segments.append(Segment(match[0], marked=True))
        at = match.end()
    if at < end:
        segments.append(Segment(text[at:end], marked=False))
    if end < len(text):
        segments.append(Segment(" …", marked=False))
    return segments


def _best_start(text: str, places: list[int], length: int) -> int:
    """The start of the stretch that holds most of ``places``, moved back to a word's start."""
    if not places or len(text) <= length:
        return 0
    reach = length * 3 // 4
    best = max(places, key=lambda place: sum(place <= other < place + reach for other in places))
    start = min(max(0, best - length // 5), len(text) - length)
    return 0 if start == 0 else text.rfind(" ", 0, start) + 1
