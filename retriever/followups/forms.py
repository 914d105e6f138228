"""Forms of Russian words: cases, genders, parts of speech.

Source: the dictionary of OpenCorpora (https://opencorpora.org) as pymorphy3 reads it, loaded on
first use.
"""

import re
import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Literal, cast

Gender = Literal["masc", "femn", "neut", "plur", ""]

BESIDE_NOUN = frozenset({"ADJF", "PRTF", "NUMB", "NUMR"})  # parts of speech
WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
QUOTED = re.compile(r"[\"“«„]([^\"”»“]{2,80})[\"”»“]")

_loading = threading.Lock()


@cache
def _analyzer() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=4096)
def parses(word: str) -> list[Any]:
    with _loading:
        return list(_analyzer().parse(word))


def part_of_speech(word: str) -> str:
    tag = parses(word)[0].tag
    for kind in ("NUMB", "LATN", "UNKN", "ROMN"):
        if kind in tag:
            return "LATN" if kind == "ROMN" else kind
    return str(tag.POS or "")


def lemma(word: str) -> str:
    return str(parses(word)[0].normal_form)


def is_pronominal(word: str) -> bool:
    return "Apro" in parses(word)[0].tag


def has_case(word: str, case: str) -> bool:
    return any(case in each.tag for each in parses(word))


def _head_tag(words: Sequence[str], index: int) -> Any:
    """The tag of a noun, chosen to agree with an adjective before it."""
    nouns = [each for each in parses(words[index]) if each.tag.POS == "NOUN"]
    if index and nouns and part_of_speech(words[index - 1]) in BESIDE_NOUN:
        for beside in parses(words[index - 1]):
            for each in nouns:
                if (beside.tag.case, beside.tag.number) == (each.tag.case, each.tag.number):
                    return each.tag
    return (nouns or parses(words[index]))[0].tag


def gender_of(words: Sequence[str], index: int) -> Gender:
    """Of a noun; "" for a name that the dictionary has not."""
    if words[index][0].isupper() and part_of_speech(words[index]) != "NOUN":
        return ""
    tag = _head_tag(words, index)
    if "plur" in tag:
        return "plur"
    # As plain text: the dictionary's own texts refuse to be compared with other words.
    return cast(Gender, str(tag.gender or ""))


def case_of(phrase: str) -> str:
    """The case of a group's head, "" where it has none."""
    for word in WORD.finditer(phrase):
        if part_of_speech(word[0]) == "NOUN":
            return str(parses(word[0])[0].tag.case or "")
    return ""


def inflected(phrase: str, case: str) -> str:
    """A group of nouns in another case: its head, what agrees with that, and all its names."""
    if QUOTED.search(phrase):
        return phrase
    words = list(WORD.finditer(phrase))
    kinds = [part_of_speech(word[0]) for word in words]
    words = words[: kinds.index("PREP")] if "PREP" in kinds else words
    if "NOUN" not in kinds[: len(words)]:
        return phrase
    first = kinds.index("NOUN")
    head = _head_tag([word[0] for word in words], first)
    is_name = words[first][0][0].isupper()
    text = phrase
    for index, word in reversed(list(enumerate(words))):
        if index <= first or (is_name and word[0][0].isupper()):
            text = text[: word.start()] + _form(word[0], head, case) + text[word.end() :]
    return text


def agreeing(word: str, gender: Gender) -> str:
    """An adjective, or a pronoun like one, in the nominative of a gender."""
    wanted = {"nomn", "plur"} if gender == "plur" else {"nomn", "sing", gender or "masc"}
    short = {each for each in wanted if each != "nomn"}
    parse = parses(word.lower())[0]
    changed = parse.inflect(wanted) or parse.inflect(short)
    return word if changed is None else str(changed.word)


def _form(word: str, head: Any, case: str) -> str:
    """One word in a case, agreeing with the tag of its head."""
    number = head.number or "sing"
    fitting = [
        each
        for each in parses(word)
        if each.tag.POS in {"NOUN", "ADJF", "PRTF"}
        and each.tag.number == number
        and (each.tag.case == head.case or each.tag.case is None)
        and (not head.gender or not each.tag.gender or each.tag.gender == head.gender)
    ]
    if not fitting:
        return word
    wanted = {case, str(number)}
    if case == "accs" and fitting[0].tag.POS != "NOUN" and head.gender == "masc":
        wanted.add("anim" if "anim" in head else "inan")
    changed = fitting[0].inflect(wanted) or fitting[0].inflect({case})
    if changed is None:
        return word
    new = str(changed.word)
    return new[:1].upper() + new[1:] if word[0].isupper() else new
