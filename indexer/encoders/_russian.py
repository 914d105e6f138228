"""Russian words about visible things in English, word by word, for models that know English only.

``data/russian.txt`` holds everyday words, ``data/classes.txt`` the names of the ImageNet classes.
A word is looked up as it stands, then by its stem, phrases before single words. Unknown words
are left out: what is known of a sentence says more than a guess at the rest. How much of a text
is known tells whether it speaks of things that can be seen at all.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexer.analysis import STOP_WORDS, script_of, stem, words
from indexer.encoders._class_notes import class_notes, content, data_lines, listed
from indexer.encoders._runtime import once

_LONGEST = 4  # words of a phrase
# Prepositions make a sentence of the rest, but name nothing by themselves.
_JOINING = frozenset("in on with at behind and under over from without near between".split())
# Beside stop words, these say neither what is shown nor that it is something else.
_EMPTY = STOP_WORDS | frozenset(
    "along through into onto across around over under above below beside near behind next between "
    "against among off out up down away back front while during after before together another "
    "other others some any each all both several one very just also then get gets seems "
    "appears looks like being himself herself themselves itself not no "
    "вокруг впереди вдоль кроме после перед напротив вместо среди мимо около еще также тоже уже "
    "все весь вся всех свой своя свое своего своей своих другой другая другие других ним ней "
    "ними них него нее нем себя сам сама сами который которой которого которых чтобы если "
    "очень только так там тут здесь видно виден видны видна".split()
)

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
    if not _is_russian(found):
        return text
    parts = [english for english, _ in _read(found) if english is not None]
    while parts and parts[-1] in _JOINING:
        parts.pop()
    while parts and parts[0] in _JOINING:
        parts.pop(0)
    return " ".join(parts)


def share_known(text: str) -> float:
    """Share of the words of meaning that are known to name something visible, 0 to 1."""
    found = words(text)
    if not _is_russian(found):
        meaning = [stem(word) for word in found if word not in _EMPTY and len(word) > 1]
        return sum(each in _visible() for each in meaning) / max(1, len(meaning))
    known = total = 0
    for english, covered in _read(found):
        if english not in _JOINING:
            total += covered
            known += 0 if english is None else covered
    return known / max(1, total)


def _is_russian(found: Sequence[str]) -> bool:
    return any(script_of(word) == "cyrillic" for word in found)


def _read(found: Sequence[str]) -> Iterator[tuple[str | None, int]]:
    """English for the words from the first on, and how many they are; None for an unknown one.

    Unknown words that carry no meaning are passed over.
    """
    lexicon = _lexicon()
    place = 0
    while place < len(found):
        if script_of(found[place]) == "latin":
            yield found[place], 1
            place += 1
            continue
        for length in range(min(_LONGEST, len(found) - place), 0, -1):
            english = lexicon.find(found[place : place + length])
            if english is not None:
                break
        if english is not None or found[place] not in _EMPTY:
            yield english, length
        place += length


@once
def _visible() -> frozenset[str]:
    """Stems of English words that stand in the lexicon, the notes, or for a look."""
    texts = [english for english, _ in data_lines("russian.txt")]
    texts.extend(names for names, *_ in data_lines("looks.txt"))
    for note in class_notes():
        texts.extend((*note.names, *note.shown, *note.kind))
    return frozenset(found for text in texts for found in content(text))


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
