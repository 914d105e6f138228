"""Styles and numbering of WordprocessingML (ISO/IEC 29500-1, 17.7 and 17.9)."""

import re
from dataclasses import dataclass, replace

from lxml import etree

from indexer.parsers._numbers import BULLET, Counter, Level

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

# Built-in styles have these names in every language of Word.
_HEADING = re.compile(r"(?:heading|заголовок) ?([1-9])")
_MAX_CHAIN = 20
_BODY_TEXT = 9  # the outline level of what is no heading


def value_of(parent: etree._Element | None, path: str) -> str | None:
    """``w:val`` of the element at ``path`` (names divided by "/"), None if it is not there."""
    if parent is None:
        return None
    found = parent.find("/".join(W + name for name in path.split("/")))
    return None if found is None else found.get(W + "val", "")


def is_on(parent: etree._Element | None, path: str) -> bool | None:
    """The switch at ``path``, which is on without a value; None if it is not there."""
    value = value_of(parent, path)
    return None if value is None else value == "" or is_true(value)


def is_true(value: str) -> bool:
    return value in {"1", "true", "on"}


def number_of(value: str | None) -> int | None:
    """``value`` as a whole number below a million, None for anything else."""
    plain = (value or "").strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 7 else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """What a style itself says; None or "" where its base decides. ``name`` is in lower case."""

    id: str
    name: str
    base: str
    outline: int | None = None
    num_id: str | None = None
    num_level: int | None = None
    font: str = ""
    hidden: bool | None = None
    page_break: bool | None = None


class Styles:
    """The styles of a document; an unknown id has no properties."""

    def __init__(self, root: etree._Element | None) -> None:
        self._styles: dict[str, Style] = {}
        self._chains: dict[str, tuple[Style, ...]] = {}
        self._default = ""
        for element in () if root is None else root.iterchildren(W + "style"):
            style = _style(element)
            self._styles.setdefault(style.id, style)
            is_default = is_true(element.get(W + "default", ""))
            if is_default and element.get(W + "type") == "paragraph":
                self._default = style.id

    def chain(self, style_id: str | None) -> tuple[Style, ...]:
        """A style and those it is based on; the default paragraph style for None."""
        wanted = self._default if style_id is None else style_id
        if wanted not in self._chains:
            chain: list[Style] = []
            following: str = wanted
            while following in self._styles and len(chain) < _MAX_CHAIN:
                chain.append(self._styles[following])
                following = chain[-1].base
            self._chains[wanted] = tuple(chain)
        return self._chains[wanted]

    def heading_level(self, style_id: str | None) -> int:
        """1 to 6, 0 for a style that is no heading's. A title counts as level 1."""
        for style in self.chain(style_id):
            heading = _HEADING.fullmatch(style.name)
            if heading and style.outline != _BODY_TEXT:
                return min(int(heading[1]), 6)
            if style.name in {"title", "subtitle"}:
                return 1 if style.name == "title" else 2
            if style.outline is not None:
                return outline_level(style.outline)
        return 0

    def font(self, style_id: str | None) -> str:
        return next((style.font for style in self.chain(style_id) if style.font), "")

    def is_hidden(self, style_id: str) -> bool:
        return any(style.hidden for style in self.chain(style_id))

    def is_named(self, style_id: str | None, names: frozenset[str]) -> bool:
        """Whether the style or one it is based on has one of ``names``."""
        return any(style.name in names for style in self.chain(style_id))


def outline_level(outline: int) -> int:
    """The heading level of an outline level, 0 for body text."""
    return 0 if outline >= _BODY_TEXT else min(outline + 1, 6)


def _style(element: etree._Element) -> Style:
    paragraph, run = element.find(W + "pPr"), element.find(W + "rPr")
    return Style(
        id=element.get(W + "styleId", ""),
        name=(value_of(element, "name") or "").strip().lower(),
        base=value_of(element, "basedOn") or "",
        outline=number_of(value_of(paragraph, "outlineLvl")),
        num_id=value_of(paragraph, "numPr/numId"),
        num_level=number_of(value_of(paragraph, "numPr/ilvl")),
        font=font_of(run),
        hidden=is_on(run, "vanish"),
        page_break=is_on(paragraph, "pageBreakBefore"),
    )


def font_of(run: etree._Element | None) -> str:
    """The font that run properties ask for, "" if they leave it to the style."""
    fonts = None if run is None else run.find(W + "rFonts")
    if fonts is None:
        return ""
    return fonts.get(W + "ascii") or fonts.get(W + "hAnsi") or fonts.get(W + "cs") or ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbered:
    """A numbered paragraph's list level from 0 and what is printed before its text."""

    level: int
    marker: str


class Numbering:
    """Counts the numbered paragraphs of a document in the order in which they are asked for."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._styles = styles
        self._abstract: dict[str, etree._Element] = {}
        self._linked: dict[str, str] = {}  # numbering style to the abstract list that defines it
        self._nums: dict[str, etree._Element] = {}
        self._counters: dict[str, Counter] = {}
        self._levels: dict[str, dict[int, Level]] = {}
        for element in () if root is None else root.iterchildren(W + "abstractNum", W + "num"):
            if element.tag == W + "num":
                self._nums[element.get(W + "numId", "")] = element
                continue
            identity = element.get(W + "abstractNumId", "")
            self._abstract[identity] = element
            link = value_of(element, "styleLink")
            if link:
                self._linked[link] = identity

    def number(self, properties: etree._Element | None, style_id: str | None) -> Numbered | None:
        """Count a paragraph with these properties, None for one without a number."""
        num_id = value_of(properties, "numPr/numId")
        level = number_of(value_of(properties, "numPr/ilvl"))
        for style in self._styles.chain(style_id):
            if num_id is not None:
                break
            num_id = style.num_id
            if level is None and num_id is not None:
                level = style.num_level
                if level is None:
                    level = self._level_of_style(num_id, style_id)
        if num_id is None or num_id not in self._nums:
            return None
        level = min(level or 0, 8)
        abstract = self._abstract_id(num_id)
        counter = self._counters.setdefault(abstract, Counter())
        if num_id not in self._levels:
            self._levels[num_id] = self._levels_of(num_id, abstract)
            for index, start in self._restarts(num_id):
                counter.set(index, start)
        return Numbered(level=level, marker=counter.next(self._levels[num_id], level))

    def _level_of_style(self, num_id: str, style_id: str | None) -> int:
        abstract = self._abstract.get(self._abstract_id(num_id))
        names = {style.id for style in self._styles.chain(style_id)}
        for element in () if abstract is None else abstract.iterchildren(W + "lvl"):
            if value_of(element, "pStyle") in names:
                return number_of(element.get(W + "ilvl")) or 0
        return 0

    def _abstract_id(self, num_id: str) -> str:
        """The list that defines the levels, through the numbering style that may stand between."""
        num = self._nums.get(num_id)
        identity = value_of(num, "abstractNumId") or ""
        abstract = self._abstract.get(identity)
        style = value_of(abstract, "numStyleLink")
        return self._linked.get(style, identity) if style else identity

    def _levels_of(self, num_id: str, abstract_id: str) -> dict[int, Level]:
        levels: dict[int, Level] = {}
        abstract = self._abstract.get(abstract_id)
        for element in () if abstract is None else abstract.iterchildren(W + "lvl"):
            levels[number_of(element.get(W + "ilvl")) or 0] = _level(element)
        for override in self._nums[num_id].iterchildren(W + "lvlOverride"):
            own = override.find(W + "lvl")
            if own is not None:
                levels[number_of(override.get(W + "ilvl")) or 0] = _level(own)
        for index, start in self._restarts(num_id):
            if index in levels:
                levels[index] = replace(levels[index], start=start)
        return levels

    def _restarts(self, num_id: str) -> list[tuple[int, int]]:
        found = []
        for override in self._nums[num_id].iterchildren(W + "lvlOverride"):
            start = number_of(value_of(override, "startOverride"))
            if start is not None:
                found.append((number_of(override.get(W + "ilvl")) or 0, start))
        return found


def _level(element: etree._Element) -> Level:
    start = number_of(value_of(element, "start"))
    restart = number_of(value_of(element, "lvlRestart"))
    style = value_of(element, "numFmt") or "decimal"
    text = value_of(element, "lvlText") or ""
    if element.find(W + "lvlPicBulletId") is not None:
        style, text = "bullet", BULLET
    return Level(
        start=0 if start is None else start,
        style=style,
        text="" if style == "none" else text,
        restart=None if restart is None else restart - 1,
        legal=bool(is_on(element, "isLgl")),
    )
