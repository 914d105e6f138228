"""Right-to-left text of a PDF page: from the places of its letters to the order of reading.

PyMuPDF turns such lines round too, but it takes ligatures for two letters in the order of their
drawing, and leaves punctuation where it was drawn. Source: the Unicode bidirectional algorithm
(UAX #9), backwards and without its levels.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LTR = re.compile(r"[A-Za-z\u00c0-\u058f]")
# Letters as drawn in a place of a word, and ligatures of them.
_FORMS = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc]")
_CLASSES = {"L": "L", "EN": "N", "AN": "N", "R": "R", "AL": "R", "ES": "S", "CS": "S", "ET": "T"}
# Runs that read rightwards, in a line written as a string of classes: words of another script
# with what is between them, and numbers.
_RIGHTWARDS = re.compile(r"[LN][LNSTO]*[LN]|[LN]")
_NUMBER = re.compile(r"T*N(?:S?N)*T*")
# Some files name brackets by their shape, which is that of the other one in such a line.
_SWAPPED = re.compile(r"^[^(\[]*[)\]][^)\]]*[(\[][^)\]]*$")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")

_MAX_LIGATURE = 4

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class _Glyph:
    """The letters that one place on the page shows; ``x0`` and ``x1`` in points."""

    x0: float
    x1: float
    text: str

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


def has_rtl(text: str) -> bool:
    return not text.isascii() and _RTL.search(text) is not None


def reads_leftwards(texts: Sequence[str]) -> bool:
    """Whether most letters of ``texts`` are of scripts that are written from the right."""
    leftwards = sum(len(_RTL.findall(text)) for text in texts)
    return leftwards > sum(len(_LTR.findall(text)) for text in texts)


def with_brackets_in_order(text: str) -> str:
    """``text`` with its brackets exchanged where they close before they open."""
    return text.translate(_MIRRORED) if _SWAPPED.search(text) else text


def pieces_of(raw: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    """A line of ``extractRAWDICT`` in the order of reading: texts, each with its ends.

    Wide gaps, as between columns, part the texts.
    """
    for glyphs in _ordered(raw):
        letters = [glyph for glyph in glyphs if not glyph.text.isspace()]
        if letters:
            ends = min(each.x0 for each in letters), max(each.x1 for each in letters)
            yield "".join(glyph.text for glyph in glyphs), *ends


def words_of(raw: dict[str, Any]) -> Iterator[tuple[Box, str]]:
    """The line's words with their places, in that order."""
    _, y0, _, y1 = raw["bbox"]
    for glyphs in _ordered(raw):
        word: list[_Glyph] = []
        for glyph in [*glyphs, _Glyph(0.0, 0.0, " ")]:
            if not glyph.text.isspace():
                word.append(glyph)
            elif word:
                place = (min(each.x0 for each in word), y0, max(each.x1 for each in word), y1)
                yield place, "".join(each.text for each in word)
                word = []


def _ordered(raw: dict[str, Any]) -> list[list[_Glyph]]:
    chars = [char for span in raw["spans"] for char in span["chars"]]
    glyphs = _glyphs(chars)
    if not reads_leftwards(["".join(char["c"] for char in chars)]) or any(
        # A text given for a drawing: its letters have no places of their own.
        len(glyph.text) > _MAX_LIGATURE
        for glyph in glyphs
    ):
        return [[_Glyph(char["bbox"][0], char["bbox"][2], char["c"]) for char in chars]]
    parts: list[list[_Glyph]] = [[]]
    gap = max(span["size"] for span in raw["spans"])
    for glyph in _without_false_spaces(sorted(glyphs, key=lambda glyph: -glyph.middle)):
        before = next((each for each in reversed(parts[-1]) if not each.text.isspace()), None)
        if before is not None and not glyph.text.isspace() and before.x0 - glyph.x1 > gap:
            parts.append([])
        parts[-1].append(glyph)
    return [_turned(part) for part in parts]


def _turned(glyphs: list[_Glyph]) -> list[_Glyph]:
    """``glyphs`` from the right with what reads rightwards turned round."""
    classes = "".join(
        _CLASSES.get(unicodedata.bidirectional(glyph.text[0]), "O") for glyph in glyphs
    )
    for run in _RIGHTWARDS.finditer(classes):
        parts = [run] if "L" in run[0] else list(_NUMBER.finditer(classes, *run.span()))
        for part in parts:
            glyphs[part.start() : part.end()] = glyphs[part.start() : part.end()][::-1]
    for glyph in glyphs:
        if _FORMS.search(glyph.text):
            glyph.text = unicodedata.normalize("NFKC", glyph.text)
    return glyphs


def _without_false_spaces(glyphs: Sequence[_Glyph]) -> list[_Glyph]:
    """``glyphs`` from the right without spaces where no gap is."""
    kept: list[_Glyph] = []
    for index, glyph in enumerate(glyphs):
        if glyph.text.isspace() and kept:
            following = next((each for each in glyphs[index:] if not each.text.isspace()), None)
            if following is None or kept[-1].x0 - following.x1 < 0.1 * (glyph.x1 - glyph.x0):
                continue
        kept.append(glyph)
    return kept


def _glyphs(chars: Sequence[dict[str, Any]]) -> list[_Glyph]:
    """The letters of a ligature together, and vowel signs with their letter."""
    glyphs: list[_Glyph] = []
    signs: list[_Glyph] = []
    waiting: list[str] = []
    for char in chars:
        x0, _, x1, _ = char["bbox"]
        letter = char["c"]
        if unicodedata.category(letter) == "Mn":
            signs.append(_Glyph(x0, x1, letter))
        elif x1 - x0 < 0.05:
            # A further letter of a ligature, given at the end of its first one.
            if glyphs and abs(glyphs[-1].x1 - x0) < 0.1:
                glyphs[-1].text += letter
            else:
                waiting.append(letter)
        else:
            glyphs.append(_Glyph(x0, x1, letter + "".join(reversed(waiting))))
            waiting = []
    if waiting and glyphs:
        glyphs[-1].text += "".join(waiting)
    for sign in signs:
        if glyphs:
            min(glyphs, key=lambda glyph: abs(glyph.middle - sign.middle)).text += sign.text
    return glyphs
