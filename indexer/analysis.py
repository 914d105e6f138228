"""Language-aware analysis of text: words, stems, sentences. Pure functions.

Words are stemmed by their script: Cyrillic ones by the Russian Snowball stemmer, Latin ones by
the English one, so that mixed text needs no language detection. Source of the stemmers:
Porter, Snowball (https://snowballstem.org).
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from threading import Lock
from typing import Literal

import snowballstemmer

Script = Literal["latin", "cyrillic", "other"]

_stemming = Lock()

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]{1,2}\b)?", re.UNICODE)
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")

# A sentence ends at . ! ? … (with closing quotes or brackets) before white space, when the next
# character could begin a sentence; a blank line always ends one.
_SENTENCE_END = re.compile(r"(?:[.!?…]+[\"'»”’)\]]*)(?=\s+[\"'«“‘(\[]*[A-ZА-ЯЁ0-9À-Þ–—-])|\n\s*\n")
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st vs etc e.g i.e cf fig figs eq no nos vol pp p ed eds al approx dept est "
    "inc ltd co corp jr sr sen rep gov gen col capt lt sgt rev jan feb mar apr jun jul aug sep "
    "sept oct nov dec u.s u.k a.m p.m ca ch sec "
    "г гг в вв р руб тыс млн млрд т.е т.к т.д т.п др пр см рис табл стр с п пп ул д кв им напр "
    "проф акад доц гл ст изд ред т тт н.э до".split()
)

# Words that carry no subject; a query keeps them only when it has nothing else.
STOP_WORDS = frozenset(
    "a an the of in on at to for from by with and or is are was were be been being do does did "
    "has have had this that these those it its as what which who whom whose when where why how "
    "there their they he she his her him you your we our i me my can could would should will "
    "и в во не на с со по к ко у о об из за от до а но или ли же бы что как где когда какой какая "
    "какие какое каком какой который которая которые кто чем чему это этот эта эти то тот та те "
    "он она они оно его её ее их ему ей им был была были было быть есть для при над под без "
    "сколько почему зачем куда откуда".split()
)


def script_of(word: str) -> Script:
    """The script of the word's first letter that belongs to one."""
    if _CYRILLIC.search(word):
        return "cyrillic"
    return "latin" if _LATIN.search(word) else "other"


def language_of(text: str) -> str:
    """Language by the script of most letters: "ru", "en" (any Latin one) or ""."""
    counts = Counter(script_of(word) for word in _WORD.findall(text[:4000]))
    if counts["cyrillic"] > counts["latin"]:
        return "ru"
    return "en" if counts["latin"] else ""


def words(text: str) -> list[str]:
    """Words in order: lower case, compatibility forms folded, ё as е, accents removed."""
    return [_fold(match) for match in _WORD.findall(text)]


def stems(text: str) -> list[str]:
    """Stems of ``words(text)``, same length and order."""
    return [stem(word) for word in words(text)]


def content_stems(text: str) -> list[str]:
    """Distinct stems of the words that are not stop words, in order; all when none is left."""
    found = words(text)
    content = [word for word in found if word not in STOP_WORDS] or found
    return list(dict.fromkeys(stem(word) for word in content))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Snowball stem of one folded word, by its script."""
    match script_of(word):
        case "cyrillic":
            return _stemmed("russian", word)
        case "latin":
            return _stemmed("english", word)
        case _:
            return word


def _stemmed(language: str, word: str) -> str:
    # A stemmer keeps the word it works on in itself.
    with _stemming:
        return str(_stemmer(language).stemWord(word))


@lru_cache(maxsize=2)
def _stemmer(language: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(language)


@lru_cache(maxsize=65536)
def _fold(word: str) -> str:
    lowered = unicodedata.normalize("NFKC", word).lower().replace("ё", "е").replace("’", "'")
    # й is и with a breve in NFD, and another letter: only Latin marks are removed.
    if _LATIN.search(lowered):
        decomposed = unicodedata.normalize("NFD", lowered)
        lowered = "".join(char for char in decomposed if not unicodedata.combining(char))
    return lowered


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """``[start, end)`` of each sentence, white space at the ends left out, in order."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match.group().strip() and _is_abbreviation(text, match.start()):
            continue
        _append_trimmed(spans, text, start, match.end())
        start = match.end()
    _append_trimmed(spans, text, start, len(text))
    return spans


def _is_abbreviation(text: str, stop: int) -> bool:
    """Whether the full stop at ``stop`` belongs to an abbreviation or an initial."""
    if text[stop] != ".":
        return False
    begin = stop
    while begin > 0 and not text[begin - 1].isspace() and text[begin - 1] not in '([«“"':
        begin -= 1
    word = text[begin:stop]
    if len(word) == 1 and word.isalpha() and word.isupper():
        return True
    return word.lower() in _ABBREVIATIONS


def _append_trimmed(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
