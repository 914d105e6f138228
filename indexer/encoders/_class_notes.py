"""What is known about the ImageNet classes beyond their names, and the classes that words mean.

``data/classes.txt`` tells what else pictures of a class show: its kind, people, places, deeds.
``data/looks.txt`` tells which classes things look like that the network was never shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import STOP_WORDS, stem, words
from indexer.encoders._network import CLASSES
from indexer.encoders._runtime import once

_DATA = Path(__file__).parent / "data"

_OF_A_KIND = 0.7  # weight of a word that a class has from its group, against one of its own
_SATURATION = 0.5  # a word said again in the notes of a class adds ever less
_COMMON = 5.0  # classes added to those that hold a word: the rarest words do not count for all
_LIKENESS_DECAY = 0.2  # of classes that a thing looks like, from likest on
_LIKENESS = 0.4  # weight of likeness where a word is in the notes too
_PARENTS = 4  # words of its groups that are told of a class in a sentence


@dataclass(frozen=True, kw_only=True)
class ClassNote:
    """One class: ``names`` and ``shown`` in English, ``russian`` its own names.

    ``kind`` holds what its groups add to ``shown``.
    """

    names: tuple[str, ...]
    russian: tuple[str, ...]
    shown: tuple[str, ...]
    kind: tuple[str, ...]

    def told(self) -> str:
        """The class in words that go before its pictures, as one enumeration."""
        return ", ".join(dict.fromkeys([*self.shown, *self.kind[:_PARENTS]])) or self.names[0]


def data_lines(name: str) -> Iterator[list[str]]:
    """The fields of each line of a data file; lines that begin with "#" are left out."""
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("|")


def listed(field: str) -> list[str]:
    """The parts of a field that commas separate."""
    return [part.strip() for part in field.split(",") if part.strip()]


@once
def class_notes() -> tuple[ClassNote, ...]:
    """The notes of all classes, in their order."""
    kinds: list[list[str]] = [[] for _ in range(CLASSES)]
    own: dict[int, tuple[list[str], list[str], list[str]]] = {}
    for first, *fields in data_lines("classes.txt"):
        if first.startswith("@"):
            for number in _numbers(first[1:]):
                kinds[number].extend(listed(fields[1]))
        else:
            names, russian, shown = map(listed, fields)
            own[int(first)] = names, russian, shown
    return tuple(
        ClassNote(
            names=tuple(own[number][0]),
            russian=tuple(own[number][1]),
            shown=tuple(own[number][2]),
            kind=tuple(kinds[number]),
        )
        for number in range(CLASSES)
    )


def _numbers(ranges: str) -> Iterator[int]:
    """The numbers of "0-6,389"."""
    for part in ranges.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def classes_meant(text: str) -> NDArray[np.float32]:
    """The classes that the words of an English text speak for: float32 (1000,), of length one.

    All zero where no word is known. A word speaks for the classes in whose notes it stands or
    whose looks it shares, the louder the fewer they are.
    """
    known = _known_words()
    total = np.zeros(CLASSES, dtype=np.float32)
    for found in dict.fromkeys(content(text)):
        if found in known:
            total += known[found]
    length = float(np.linalg.norm(total))
    return total / length if length else total


def content(text: str) -> list[str]:
    """The stems of the words that carry meaning, in order."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS and len(word) > 1]


@once
def _known_words() -> Mapping[str, NDArray[np.float32]]:
    """What each stem adds to the classes: float32 (1000,)."""
    counts: dict[str, dict[int, float]] = {}
    for number, note in enumerate(class_notes()):
        for found, weight in _weights(note).items():
            counts.setdefault(found, {})[number] = weight / (weight + _SATURATION)
    rows: dict[str, NDArray[np.float32]] = {}
    for found, held in counts.items():
        rows[found] = _rarity(len(held)) * _unit(held)
    rarest = _rarity(1)
    for things, classes, _ in data_lines("looks.txt"):
        alike = {
            number: 1 / (1 + _LIKENESS_DECAY * place)
            for place, number in reversed(list(enumerate(_numbers(classes)) if classes else []))
        }
        for thing in listed(things) if alike else []:
            found = stem(thing)
            noted = counts.get(found)
            if noted is None:
                rows.setdefault(found, rarest * _unit(alike))
            else:
                rows[found] = rows[found] + _LIKENESS * _rarity(len(noted)) * _unit(alike)
    return rows


def _weights(note: ClassNote) -> dict[str, float]:
    weights: dict[str, float] = {}
    for texts, weight in (
        ((note.names[0], " ".join(note.names[1:]), *note.shown), 1.0),
        (note.kind, _OF_A_KIND),
    ):
        for text in texts:
            for found in set(content(text)):
                weights[found] = weights.get(found, 0.0) + weight
    return weights


def _rarity(classes: int) -> float:
    """Inverse document frequency of a word in the notes of so many classes."""
    return float(np.log(1 + CLASSES / (classes + _COMMON)))


def _unit(weights: Mapping[int, float]) -> NDArray[np.float32]:
    row = np.zeros(CLASSES, dtype=np.float32)
    for number, weight in weights.items():
        row[number] = weight
    return row / np.linalg.norm(row)


def told_classes() -> Sequence[tuple[str, str, str]]:
    """Every class told in three forms: a photo of it, its surroundings, both as one list."""
    return [
        (
            "a photo of " + ", ".join(dict.fromkeys([note.names[0], *note.shown, *note.kind[:2]])),
            ". ".join(dict.fromkeys([*note.shown[:8], *note.kind[:2]])) or note.names[0],
            note.told(),
        )
        for note in class_notes()
    ]
