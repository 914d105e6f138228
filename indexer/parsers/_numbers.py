"""Numbers of lists, headings and notes in the styles that word processors offer.

Styles carry the names of ``w:numFmt`` (ISO/IEC 29500-1, 17.18.59); other formats map to them.
"""

from dataclasses import dataclass

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщэюя"
# Longer rows of letters and Roman numerals are made to exhaust memory.
_MAX_LETTERS = 20
_MAX_ROMAN = 3999

BULLET = "•"


def number_text(number: int, style: str) -> str:
    """``number`` as printed in ``style``; digits for a style that is not known here."""
    if style in {"none", ""}:
        return ""
    if style == "bullet":
        return BULLET
    lowered = style.lower()
    text = str(number)
    if lowered.endswith("roman"):
        text = _roman(number)
    elif lowered.endswith("letter"):
        text = _repeated(number, _LATIN)
    elif lowered.startswith("russian"):
        text = _repeated(number, _RUSSIAN)
    elif lowered == "decimalzero":
        text = f"{number:02d}"
    return text.upper() if lowered.startswith("upper") or style == "russianUpper" else text


def list_marker(marker: str, level: int) -> str:
    """``marker`` indented by two spaces for each of ``level`` outer lists, ready for its text."""
    return "  " * min(level, 12) + marker + (" " if marker else "")


def _roman(number: int) -> str:
    if not 0 < number <= _MAX_ROMAN:
        return str(number)
    parts = []
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        parts.append(letters * count)
    return "".join(parts)


def _repeated(number: int, letters: str) -> str:
    """From a to z, then aa to zz, aaa to zzz, as word processors count."""
    if not 0 < number <= _MAX_LETTERS * len(letters):
        return str(number)
    times, index = divmod(number - 1, len(letters))
    return letters[index] * (times + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """One level of a list: ``text`` holds "%1" to "%9" for the numbers of levels 1 to 9.

    Bullets all look alike; those without a ``text`` show nothing.

    ``restart`` is the 0-based level from which (and above) an item restarts this one: its own
    level minus one by default, -1 for never. A ``legal`` level shows all numbers as digits.
    """

    start: int = 1
    style: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False


class Counter:
    """The numbers that a list has given so far."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def set(self, level: int, number: int) -> None:
        """Let the next item of ``level`` have ``number``."""
        self._counts[level] = number - 1

    def next(self, levels: dict[int, Level], level: int) -> str:
        """The marker of the next item of ``level``; the levels below start anew."""
        own = levels.get(level, Level(text=f"%{level + 1}."))
        for upper in range(level):
            # An item whose outer item is missing counts as the first one's.
            self._counts.setdefault(upper, levels.get(upper, Level()).start)
        self._counts[level] = self._counts.get(level, own.start - 1) + 1
        for deeper in [known for known in self._counts if known > level]:
            restart = levels[deeper].restart if deeper in levels else None
            if level <= (deeper - 1 if restart is None else restart):
                del self._counts[deeper]
        if own.style == "bullet":
            return BULLET if own.text.strip() else ""
        marker = own.text
        for upper in range(9):
            if f"%{upper + 1}" in marker:
                shown = levels.get(upper, Level())
                number = self._counts.get(upper, shown.start)
                style = "decimal" if own.legal and shown.style != "none" else shown.style
                marker = marker.replace(f"%{upper + 1}", number_text(number, style))
        return marker.strip()
