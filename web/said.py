"""Messages in Russian: of files, models, requests and the machine.

They are made in English, where something goes wrong, and some of them are stored. So they are
looked up where they are shown: a table has the English text with names for what varies, and the
same in Russian. Matching takes time linear in the length of the text, whatever the text is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import get_args

from indexer.store.people import Role
from web.texts import Texts
from web.texts_machine import MACHINE, SYSTEM, TYPES
from web.texts_messages import FILES
from web.texts_requests import DEEDS, REQUESTS, SUBJECTS

MESSAGES: dict[str, str] = {**FILES, **REQUESTS, **MACHINE, **SYSTEM}

_WHOLE = {**SUBJECTS, **DEEDS}
_FIELD = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_CHOICES = re.compile(r"[^ ]+(?: or [^ ]+|(?<=,) [^ ]+)*")  # a, b or c
_LONGEST_RUN = 4  # pieces between "; " that may be one message
_DEEPEST_COLON = 4  # colons that may end what a message is about
_REMEMBERED = 4096

_ROLES = frozenset(get_args(Role))

_RUSSIAN = Texts("ru")


@lru_cache(_REMEMBERED)
def in_russian(text: str) -> str:
    """``text`` as far as it is known; the rest of it as it is.

    A text may be several messages with "; " between them, and each may begin with what it is
    about and a colon.
    """
    if text in _WHOLE:
        return _WHOLE[text]
    pieces = text.split("; ")
    found: list[str] = []
    at = 0
    while at < len(pieces):
        end = min(at + _LONGEST_RUN, len(pieces))
        while (told := _told("; ".join(pieces[at:end]))) is None and end > at + 1:
            end -= 1
        found.append(pieces[at] if told is None else told)
        at = end
    return "; ".join(found)


def _told(text: str) -> str | None:
    """One message, with or without what it is about; None for one that is not known.

    Of several ways to read it, the one that explains most of it; values seldom hold colons.
    """
    found = [_MESSAGES.find(text)]
    end = -1
    for _ in range(_DEEPEST_COLON):
        end = text.find(": ", end + 1)
        head = text[: max(0, end)]
        if not head or "; " in head:
            break
        known, told = _MESSAGES.find(text[len(head) + 2 :])
        found.append((known, f"{_about(head)}: {told}"))
    known, told = max(reversed(found), key=itemgetter(0))
    return told if known else None


def _about(head: str) -> str:
    """A file and a page of it, for example."""
    whole = _SUBJECTS.find(head)[1]
    before, colon, last = head.rpartition(": ")
    return whole or before + colon + (_SUBJECTS.find(last)[1] or last)


@dataclass(frozen=True, slots=True)
class _Template:
    """An English text cut at its fields, of which there is at least one, and the Russian text."""

    literals: tuple[str, ...]
    names: tuple[str, ...]
    russian: str

    @property
    def known(self) -> int:
        return sum(map(len, self.literals))

    def fill(self, text: str) -> str | None:
        """The Russian text, where ``text`` is the English one with fitting values."""
        values = self._values(text)
        if values is None:
            return None
        named = dict(zip(self.names, values, strict=True))
        if not all(_KINDS.get(name, _ANYTHING).fits(value) for name, value in named.items()):
            return None
        russian = self.russian
        if "|" in russian:
            russian = _RUSSIAN.plural(russian, int(named["n"].replace(",", "")))
        shown = {name: _KINDS.get(name, _ANYTHING).shown(value) for name, value in named.items()}
        return _FIELD.sub(lambda found: shown[found[1]], russian)

    def _values(self, text: str) -> list[str] | None:
        """What stands for each field. The first place of a literal is right, as in globbing."""
        first, *between, last = self.literals
        if not (text.startswith(first) and text.endswith(last)):
            return None
        at, end = len(first), len(text) - len(last)
        values = []
        for literal in between:
            found = text.find(literal, at + 1, end)
            if found < 0:
                return None
            values.append(text[at:found])
            at = found + len(literal)
        return [*values, text[at:end]] if at < end else None


class _Table:
    """Texts without fields by themselves, and templates, those that say most first."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        cut = [(_FIELD.split(english), russian) for english, russian in texts.items()]
        self._plain = {parts[0]: russian for parts, russian in cut if len(parts) == 1}
        self._templates = sorted(
            (
                _Template(tuple(parts[::2]), tuple(parts[1::2]), russian)
                for parts, russian in cut
                if len(parts) > 1
            ),
            key=lambda each: -each.known,
        )

    def find(self, text: str) -> tuple[int, str]:
        """How many characters of ``text`` are known, and what it is in Russian; 0 and ""."""
        if text in self._plain:
            return len(text), self._plain[text]
        for each in self._templates:
            told = each.fill(text)
            if told is not None:
                return each.known, told
        return 0, ""


def _number(value: str) -> str:
    return value.translate({ord(","): "\N{NO-BREAK SPACE}", ord("."): ","})


def _is_quoted(value: str) -> bool:
    return len(value) > 1 and value[0] == value[-1] and value[0] in "'\""


def _is_types(value: str) -> bool:
    return all(each in TYPES for each in value.split(" | "))


def _types(value: str) -> str:
    return " или ".join(TYPES[each] for each in value.split(" | "))


def _is_variable(value: str) -> bool:
    return value.startswith("SIGHTLINE_") and " " not in value


@dataclass(frozen=True, slots=True)
class _Kind:
    """Which values a field may have, and how they are shown."""

    fits: Callable[[str], object] = lambda value: "; " not in value
    shown: Callable[[str], str] = str


# By the field's name; others take any one message's words and show them as they are.
_KINDS = {
    **dict.fromkeys(
        ("n", "size", "limit", "total", "number"), _Kind(fits=_NUMBER.fullmatch, shown=_number)
    ),
    **dict.fromkeys(("file", "suffix"), _Kind(fits=lambda value: " " not in value)),
    "address": _Kind(fits=lambda value: value.startswith("http") and " " not in value),
    "variable": _Kind(fits=_is_variable),
    "value": _Kind(fits=_is_quoted, shown=lambda value: f"«{value[1:-1]}»"),
    "choices": _Kind(fits=_CHOICES.fullmatch, shown=lambda value: value.replace(" or ", " или ")),
    "role": _Kind(fits=_ROLES.__contains__, shown=SUBJECTS.__getitem__),
    **dict.fromkeys(("types", "type"), _Kind(fits=_is_types, shown=_types)),
    # Messages in their turn.
    "cause": _Kind(fits=bool, shown=lambda value: in_russian(value)),
    "parts": _Kind(fits=bool, shown=lambda value: ", ".join(map(in_russian, value.split(", ")))),
}
_ANYTHING = _Kind()

_MESSAGES = _Table(MESSAGES)
_SUBJECTS = _Table(SUBJECTS)
