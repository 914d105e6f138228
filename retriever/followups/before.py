"""What a follow-up question leans on, and the handling of its text that languages share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.analysis import content_stems

_ENDS = " \t\n?!.…"


@dataclass(frozen=True, kw_only=True, slots=True)
class Before:
    """The turn before: its question as it was looked for, and what was answered.

    ``answer`` is the answer's first sentence, ``title`` that of the first document it cites; both
    are empty for a refusal.
    """

    question: str
    answer: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Characters ``[start, end)`` of a text that name something.

    ``governed``: after a preposition, so that the text is less likely to be about it.
    """

    text: str
    start: int
    end: int
    governed: bool = False
    plural: bool = False


def bare(question: str) -> str:
    """The question without the marks at its end."""
    return question.strip().rstrip(_ENDS)


def asked(text: str) -> str:
    """``text`` as a question: one mark at its end, a capital at its beginning."""
    text = " ".join(bare(text).split())
    return f"{text[:1].upper()}{text[1:]}?"


def swapped(text: str, place: Phrase, new: str) -> str:
    return f"{text[: place.start]}{new}{text[place.end :]}"


def first_free(phrases: Iterable[Phrase]) -> Phrase | None:
    """The first that no preposition governs, else the first."""
    found = list(phrases)
    return next((each for each in found if not each.governed), found[0] if found else None)


def last_free(phrases: Sequence[Phrase]) -> Phrase | None:
    """The last that no preposition governs, else the last."""
    return first_free(reversed(phrases))


def unlike(phrases: Iterable[Phrase], text: str) -> Phrase | None:
    """The first phrase that brings a word which ``text`` has not."""
    known = set(content_stems(text))
    return next((each for each in phrases if set(content_stems(each.text)) - known), None)
