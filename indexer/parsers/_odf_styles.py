"""Styles and lists of OpenDocument (OASIS OpenDocument 1.3, part 3, chapters 16 and 20)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from indexer.parsers._numbers import BULLET, Level

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
OFFICE = f"{{{_NAMES}:office:1.0}}"
STYLE = f"{{{_NAMES}:style:1.0}}"
TEXT = f"{{{_NAMES}:text:1.0}}"
TABLE = f"{{{_NAMES}:table:1.0}}"
DRAW = f"{{{_NAMES}:drawing:1.0}}"
FO = f"{{{_NAMES}:xsl-fo-compatible:1.0}}"
_LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"

_CODED = re.compile("_([0-9a-fA-F]{1,6})_")
_HEADING = re.compile(r"(?:heading|заголовок) ([1-9])")
_NUMBER_STYLES = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
}
_MAX_CHAIN = 20


def number_of(value: str | None, default: int) -> int:
    """``value`` as a whole number below a million, ``default`` for anything else."""
    plain = (value or "").strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 7 else default


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """What a style itself says; "" or None where its parent decides. ``name`` is in lower case."""

    name: str
    parent: str = ""
    outline: int | None = None
    list_style: str | None = None
    breaks_before: bool | None = None
    breaks_after: bool | None = None
    font: str = ""
    hidden: bool | None = None


class Styles:
    """Styles of one part of the file; what it does not know is looked up in ``common``."""

    def __init__(self, common: "Styles | None" = None) -> None:
        self._common = common
        self._styles: dict[tuple[str, str], Style] = {}
        self._lists: dict[str, dict[int, Level]] = {}
        self.outline: dict[int, Level] = common.outline if common else {}

    def add(self, element: etree._Element) -> None:
        """Take in a child of ``office:styles`` or of its like."""
        name = element.get(STYLE + "name", "")
        if element.tag == STYLE + "style":
            self._styles[element.get(STYLE + "family", ""), name] = _style(element)
        elif element.tag == TEXT + "list-style":
            self._lists[name] = dict(_levels(element))
        elif element.tag == TEXT + "outline-style":
            self.outline.update(_levels(element))

    def chain(self, family: str, name: str | None) -> Iterator[Style]:
        """A style and its parents; of one that is not there only the name is known."""
        for _ in range(_MAX_CHAIN):
            if not name:
                return
            style = self._find(family, name) or Style(name=_decoded(name))
            yield style
            name = style.parent

    def _find(self, family: str, name: str) -> Style | None:
        found = self._styles.get((family, name))
        return found if found or not self._common else self._common._find(family, name)

    def levels(self, name: str) -> dict[int, Level]:
        """The levels of a list style, from 0."""
        found = self._lists.get(name)
        if found is None:
            return self._common.levels(name) if self._common else {}
        return found

    def is_named(self, name: str | None, names: frozenset[str]) -> bool:
        """Whether the paragraph style ``name`` or a parent has one of ``names``."""
        return any(style.name in names for style in self.chain("paragraph", name))

    def heading_level(self, name: str | None) -> int:
        """1 to 6, 0 for a paragraph style that is no heading's. A title counts as level 1."""
        for style in self.chain("paragraph", name):
            heading = _HEADING.fullmatch(style.name)
            if style.name in {"title", "subtitle"}:
                return 1 if style.name == "title" else 2
            level = int(heading[1]) if heading else style.outline
            if level is not None:
                return min(level, 6)
        return 0

    def font(self, family: str, name: str | None) -> str:
        return next((style.font for style in self.chain(family, name) if style.font), "")

    def is_hidden(self, family: str, name: str | None) -> bool:
        found = (style.hidden for style in self.chain(family, name))
        return next((hidden for hidden in found if hidden is not None), False)

    def breaks(self, family: str, name: str | None) -> tuple[bool, bool]:
        """Whether a page ends before and after a paragraph or table of this style."""
        chain = list(self.chain(family, name))
        before = next((s.breaks_before for s in chain if s.breaks_before is not None), False)
        after = next((s.breaks_after for s in chain if s.breaks_after is not None), False)
        return before, after

    def list_style(self, name: str | None) -> str | None:
        """The list style of a paragraph style; "" if it asks for none."""
        found = (style.list_style for style in self.chain("paragraph", name))
        return next((given for given in found if given is not None), None)


def _style(element: etree._Element) -> Style:
    paragraph = element.find(STYLE + "paragraph-properties")
    if paragraph is None:
        paragraph = element.find(STYLE + "table-properties")
    text = element.find(STYLE + "text-properties")
    before = None if paragraph is None else paragraph.get(FO + "break-before")
    after = None if paragraph is None else paragraph.get(FO + "break-after")
    display = None if text is None else text.get(TEXT + "display")
    font = ""
    if text is not None:
        font = text.get(STYLE + "font-name") or text.get(FO + "font-family") or ""
    # A paragraph that changes the master page starts a page with it.
    has_master = bool(element.get(STYLE + "master-page-name"))
    outline = element.get(STYLE + "default-outline-level")
    name = element.get(STYLE + "display-name") or element.get(STYLE + "name") or ""
    return Style(
        name=_decoded(name),
        parent=element.get(STYLE + "parent-style-name", ""),
        outline=None if outline is None else number_of(outline, 0),
        list_style=element.get(STYLE + "list-style-name"),
        breaks_before=True if has_master else _is_page(before),
        breaks_after=_is_page(after),
        font=font,
        hidden=None if display is None else display == "none",
    )


def _decoded(name: str) -> str:
    """A style's name as people write it, in lower case: "Text_20_body" is "text body"."""
    return _CODED.sub(lambda found: chr(int(found[1], 16) % 0x110000), name).strip().lower()


def _is_page(value: str | None) -> bool | None:
    return None if value is None else value == "page"


def _levels(element: etree._Element) -> Iterator[tuple[int, Level]]:
    for child in element.iterchildren("*"):
        level = number_of(child.get(TEXT + "level"), 1) - 1
        kind = child.tag.removeprefix(TEXT)
        if kind in {"list-level-style-bullet", "list-level-style-image"}:
            yield level, Level(style="bullet", text=BULLET)
        elif kind in {"list-level-style-number", "outline-level-style"} and 0 <= level < 10:
            yield level, _numbered(child, level)


def _numbered(element: etree._Element, level: int) -> Level:
    format_ = element.get(STYLE + "num-format", "")
    style = _NUMBER_STYLES.get(format_, "none" if not format_ else "decimal")
    if format_.startswith(("А", "а")):
        style = "russianUpper" if format_[0] == "А" else "russianLower"
    given = element.get(_LOEXT + "num-list-format") or element.get(STYLE + "num-list-format")
    if style == "none":
        text = given if given and "%" not in given else ""
    elif given:
        text = re.sub(r"%(\d+)%", r"%\1", given)
    else:
        shown = min(number_of(element.get(TEXT + "display-levels"), 1), level + 1)
        numbers = ".".join(f"%{upper + 1}" for upper in range(level + 1 - shown, level + 1))
        text = (
            element.get(STYLE + "num-prefix", "") + numbers + element.get(STYLE + "num-suffix", "")
        )
    return Level(start=number_of(element.get(TEXT + "start-value"), 1), style=style, text=text)
