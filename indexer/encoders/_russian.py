"""Russian words about visible things in English, word by word, for models that know English only.

``data/russian.txt`` holds everyday words, ``data/classes.txt`` the names of the ImageNet classes.
A word is looked up as it stands, then by its stem, phrases before single words. Unknown words
are left out: what is known of a sentence says more than a guess at the rest.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexer.analysis import script_of, stem, words
from indexer.encoders._class_notes import class_notes, data_lines, listed
from indexer.encoders._runtime import once

_LONGEST = 4  # words of a phrase
# Prepositions make a sentence of the rest, but name nothing by themselves.
_JOINING = frozenset("in on with at behind and under over from without near between".split())

_Words = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Lexicon:
    forms: Mapping[_Words, str]
    stems: Mapping[_Words, str]

    def find(self, phrase: Sequence[str]) -> str | None:
        known = self.forms.get(tuple(phrase))
        return known or self.stems.get(tuple(stem(word) for word in phrase))


def in_english(text: str) -> str:
    """What is known of a text, in English; "" where nothing is. Text without Cyrillic is kept."""
    found = words(text)
    if all(script_of(word) != "cyrillic" for word in found):
        return text
    parts = list(_translated(found))
    while parts and parts[-1] in _JOINING:
        parts.pop()
    while parts and parts[0] in _JOINING:
        parts.pop(0)
    return " ".join(parts)


def _translated(found: Sequence[str]) -> Iterator[str]:
    lexicon = _lexicon()
    place = 0
    while place < len(found):
        if script_of(found[place]) == "latin":
            yield found[place]
            place += 1
            continue
        for length in range(min(_LONGEST, len(found) - place), 0, -1):
            english = lexicon.find(found[place : place + length])
            if english is not None:
                yield english
                break
        place += length


@once
def _lexicon() -> _Lexicon:
    forms: dict[_Words, str] = {}
    stems: dict[_Words, str] = {}
    for russian, english in _entries():
        phrase = tuple(words(russian))
        forms.setdefault(phrase, english)
        stems.setdefault(tuple(stem(word) for word in phrase), english)
    return _Lexicon(forms=forms, stems=stems)


def _entries() -> Iterator[tuple[str, str]]:
    """Russian and English; where one is given twice, the first counts."""
    for english, russian in data_lines("russian.txt"):
        for each in listed(russian):
            yield each, english
    notes = class_notes()
    # A name that several classes share says too little about any of them.
    uses = Counter(name for note in notes for name in note.russian)
    for note in notes:
        english = re.sub(r"\(.*?\)", "", note.names[0]).strip()
        for name in note.russian:
            if uses[name] == 1:
                yield name, english
