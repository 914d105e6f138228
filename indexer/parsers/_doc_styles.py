"""Styles, fonts and lists of Word's binary file.

Source: [MS-DOC], sections 2.9.260 to 2.9.272 (styles), 2.9.286 (fonts), 2.9.131 to 2.9.150 (lists).
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from indexer.parsers._doc_file import (
    Paragraph,
    Properties,
    Sprm,
    Table,
    WordFile,
    is_on,
    modifiers,
    number,
)
from indexer.parsers._numbers import BULLET, Counter, Level

_HEADING = re.compile(r"(?:heading|заголовок) ?([1-9])")
_TITLE, _SUBTITLE, _CAPTION = 62, 74, 34  # numbers of built-in styles, the same in every language
_BODY_TEXT = 9  # the outline level of what is no heading
_MAX_CHAIN = 20
_NUMBER_STYLES = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter",
    22: "decimalZero", 23: "bullet", 58: "russianLower", 59: "russianUpper", 255: "none",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """A style: its built-in number (4094 for the user's own), its name in lower case, its base."""

    builtin: int
    name: str
    base: int
    paragraph: Properties
    characters: Properties


class Styles:
    """The styles and fonts of a file."""

    def __init__(self, file: WordFile) -> None:
        self._styles = dict(_styles(file.structure(Table.STYLES)))
        self._fonts = list(_fonts(file.structure(Table.FONTS)))

    def chain(self, style: int) -> Iterator[Style]:
        """A style and those it is based on."""
        for _ in range(_MAX_CHAIN):
            found = self._styles.get(style)
            if found is None:
                return
            yield found
            style = found.base

    def level(self, paragraph: Paragraph) -> int:
        """1 to 6 for a heading, else 0. A title counts as level 1."""
        outline = paragraph.properties.get(Sprm.OUTLINE)
        if outline is not None:
            return _level(outline)
        for style in self.chain(paragraph.style):
            if style.builtin in {_TITLE, _SUBTITLE}:
                return 1 if style.builtin == _TITLE else 2
            heading = _HEADING.fullmatch(style.name)
            if 1 <= style.builtin <= 9 or heading:
                return min(int(heading[1]) if heading else style.builtin, 6)
            if Sprm.OUTLINE in style.paragraph:
                return _level(style.paragraph[Sprm.OUTLINE])
        return 0

    def is_title(self, style: int) -> bool:
        return any(each.builtin == _TITLE for each in self.chain(style))

    def is_caption(self, style: int) -> bool:
        return any(each.builtin == _CAPTION or each.name == "caption" for each in self.chain(style))

    def is_named(self, style: int, names: frozenset[str]) -> bool:
        return any(each.name in names for each in self.chain(style))

    def value(self, paragraph: Paragraph, code: int, default: int = 0) -> int:
        """A property of a paragraph, which its style may set."""
        if code in paragraph.properties:
            return number(paragraph.properties, code, default)
        for style in self.chain(paragraph.style):
            if code in style.paragraph:
                return number(style.paragraph, code, default)
        return default

    def font(self, characters: Properties, style: int) -> str:
        """The name of the font, "" if it is not known."""
        index = number(characters, Sprm.FONT, -1)
        for each in self.chain(style):
            if index >= 0:
                break
            index = number(each.characters, Sprm.FONT, -1)
        return self.font_name(index)

    def font_name(self, index: int) -> str:
        return self._fonts[index] if 0 <= index < len(self._fonts) else ""

    def is_hidden(self, characters: Properties, style: int) -> bool:
        if Sprm.HIDDEN in characters:
            return is_on(characters, Sprm.HIDDEN)
        return any(is_on(each.characters, Sprm.HIDDEN) for each in self.chain(style))


def _level(outline: bytes) -> int:
    value = int.from_bytes(outline[:1], "little")
    return 0 if value >= _BODY_TEXT else min(value + 1, 6)


def _styles(data: bytes) -> Iterator[tuple[int, Style]]:
    if len(data) < 6:
        return
    header, count, base_size = struct.unpack_from("<HHH", data, 0)
    at = 2 + header
    for index in range(count):
        size = int.from_bytes(data[at : at + 2], "little")
        entry = data[at + 2 : at + 2 + size]
        at += 2 + size + size % 2
        if len(entry) >= max(10, base_size) + 2:
            yield index, _style(entry, base_size)


def _style(entry: bytes, base_size: int) -> Style:
    first, second, third = struct.unpack_from("<HHH", entry, 0)
    length = int.from_bytes(entry[base_size : base_size + 2], "little")
    start = base_size + 2
    name = entry[start : start + 2 * length].decode("utf-16-le", errors="replace")
    at = start + 2 * length + 2
    lists: list[bytes] = []
    for _ in range(third & 15):
        size = int.from_bytes(entry[at : at + 2], "little")
        lists.append(entry[at + 2 : at + 2 + size])
        at += 2 + size + size % 2
    is_paragraph = second & 15 == 1
    paragraph = lists[0][2:] if is_paragraph and lists else b""
    characters = lists[1] if is_paragraph and len(lists) > 1 else b""
    return Style(
        builtin=first & 0xFFF,
        name=name.partition(",")[0].strip().lower(),
        base=second >> 4,
        paragraph=modifiers(paragraph),
        characters=modifiers(characters),
    )


def _fonts(data: bytes) -> Iterator[str]:
    at = 4
    for _ in range(int.from_bytes(data[:2], "little")):
        if at >= len(data):
            return
        size = data[at]
        name = data[at + 40 : at + 1 + size].decode("utf-16-le", errors="replace")
        yield name.partition("\0")[0]
        at += 1 + size


@dataclass(frozen=True, slots=True)
class _Override:
    """A use of a list: which one, and what it changes in it by level."""

    list: int
    starts: dict[int, int]
    levels: dict[int, Level]


class Lists:
    """Counts the numbered paragraphs in the order in which they are asked for."""

    def __init__(self, file: WordFile) -> None:
        self._lists = dict(_lists(file.structure(Table.LISTS), file.behind(Table.LISTS)))
        self._overrides = list(_overrides(file.structure(Table.LIST_OVERRIDES)))
        self._counters: dict[int, Counter] = {}
        self._used: dict[int, dict[int, Level]] = {}

    def marker(self, use: int, level: int) -> str | None:
        """The number or bullet of a paragraph with the list override ``use``, counted from 1."""
        if not 0 < use <= len(self._overrides):
            return None
        override = self._overrides[use - 1]
        counter = self._counters.setdefault(override.list, Counter())
        if use not in self._used:
            levels = {**self._lists.get(override.list, {}), **override.levels}
            for index, start in override.starts.items():
                levels[index] = replace(levels.get(index, Level()), start=start)
                counter.set(index, start)
            self._used[use] = levels
        return counter.next(self._used[use], level)


def _lists(data: bytes, behind: bytes) -> Iterator[tuple[int, dict[int, Level]]]:
    at = 0
    for index in range(min(int.from_bytes(data[:2], "little"), (len(data) - 2) // 28)):
        start = 2 + 28 * index
        identity = int.from_bytes(data[start : start + 4], "little")
        is_simple = data[start + 26] & 1
        levels: dict[int, Level] = {}
        for number_of_level in range(1 if is_simple else 9):
            levels[number_of_level], at = _list_level(behind, at, number_of_level)
        yield identity, levels


def _list_level(data: bytes, at: int, own: int) -> tuple[Level, int]:
    """A level's definition at ``at``, and where the next one begins."""
    if at + 28 > len(data):
        return Level(), at
    start, kind, flags = struct.unpack_from("<iBB", data, at)
    characters, paragraph, restart = data[at + 24], data[at + 25], data[at + 26]
    at += 28 + characters + paragraph
    length = int.from_bytes(data[at : at + 2], "little")
    raw = data[at + 2 : at + 2 + 2 * length].decode("utf-16-le", errors="replace")
    text = "".join(f"%{ord(char) + 1}" if ord(char) < 9 else char for char in raw)
    style = _NUMBER_STYLES.get(kind, "decimal")
    found = Level(
        start=min(max(0, start), 1_000_000),
        style=style,
        text=BULLET if style == "bullet" and text.strip() else text,
        restart=min(restart, own) - 1 if flags & 8 else None,
        legal=bool(flags & 4),
    )
    return found, at + 2 + 2 * length


def _overrides(data: bytes) -> Iterator[_Override]:
    count = min(int.from_bytes(data[:4], "little"), max(0, (len(data) - 4) // 16))
    at = 4 + 16 * count
    for index in range(count):
        start = 4 + 16 * index
        identity = int.from_bytes(data[start : start + 4], "little")
        starts: dict[int, int] = {}
        levels: dict[int, Level] = {}
        at += 4
        for _ in range(data[start + 12]):
            if at + 8 > len(data):
                break
            first, flags = struct.unpack_from("<iI", data, at)
            level = flags & 15
            at += 8
            if flags & 32:
                levels[level], at = _list_level(data, at, level)
            elif flags & 16:
                starts[level] = min(max(0, first), 1_000_000)
        yield _Override(identity, starts, levels)
