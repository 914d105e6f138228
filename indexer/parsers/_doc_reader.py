"""The text of a Word binary file as blocks, in the order of the file."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.parsers._album import Album
from indexer.parsers._boundaries import Merge
from indexer.parsers._doc_art import Drawings, Shape, inline_shape
from indexer.parsers._doc_file import (
    Paragraph,
    Properties,
    Segment,
    Sprm,
    Table,
    WordFile,
    is_on,
    number,
)
from indexer.parsers._doc_styles import Lists, Styles
from indexer.parsers._flow import FlowBlock
from indexer.parsers._lines import (
    CODE_STYLES,
    PAGE_BREAK,
    is_monospaced,
    looks_like_code,
    paragraph_blocks,
    prose_lines,
    whole,
    without_hints,
)
from indexer.parsers._notes import Notes, comment_label, note_blocks, once
from indexer.parsers._numbers import list_marker, number_text
from indexer.parsers._story import CellPlan, Line, Story, StoryKind
from indexer.parsers._symbols import plain_symbols, symbol

_SPECIAL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_PLAIN = {"\x0b": "\n", "\x0e": "\n", "\x1e": "-"}
_MAX_LEVEL = 20
_FIRST_SECTION = 6  # the stories before it hold the lines that divide notes from text
_HEADERS, _FOOTERS = (4, 1, 0), (5, 3, 2)  # of the first page, of odd pages, of even pages


@dataclass(frozen=True, slots=True)
class _Call:
    """A place where a note is called: how the note begins ("" for a mark of its own), its text."""

    label: str
    text: range
    is_automatic: bool


class DocReader:
    """Reads one file; ``title`` and ``notes`` fill while ``blocks`` are taken."""

    def __init__(self, file: WordFile, album: Album) -> None:
        self.title = ""
        self.notes = Notes()
        self._file = file
        self._album = album
        self._styles = Styles(file)
        self._lists = Lists(file)
        self._drawings = Drawings(file)
        self._sections = file.section_breaks()
        self._calls = self._note_calls()
        own = (place for place, call in self._calls.items() if not call.label)
        self._own_marks = sorted(own)
        self._notes: list[FlowBlock] = []  # of paragraphs that have not ended
        self._depth = 0
        # Characters that stories outside the body may have; damaged places repeat them.
        self._left = 2 * (file.boxes.stop - file.body.stop)

    def blocks(self) -> Iterator[FlowBlock]:
        """The headers, the body, the footers; headers and footers once for each text."""
        seen: set[object] = set()
        yield from once(self._furniture(_HEADERS), seen)
        story = Story("body")
        for _ in self._paragraphs(story, self._file.body):
            yield from story.taken()
            self.notes.add(self._notes)
            self._notes = []
        yield from story.taken(is_end=True)
        self.notes.add(self._notes)
        yield from self.notes.flush()
        yield from once(self._furniture(_FOOTERS), seen)

    def _furniture(self, kinds: tuple[int, ...]) -> Iterator[FlowBlock]:
        places, _ = self._file.plex(Table.HEADERS, 0)
        places = places[:-1]  # the last one means nothing
        start = self._file.headers.start
        for first in range(_FIRST_SECTION, len(places) - 1, 6):
            for index in (first + kind for kind in kinds if first + kind + 1 < len(places)):
                text = range(start + places[index], start + places[index + 1])
                yield from self._whole_story("header", text)

    def _whole_story(self, kind: StoryKind, text: range) -> list[FlowBlock]:
        """The blocks of a story inside another one; notes in it are left out."""
        self._left -= len(text)
        if self._depth > 2 or self._left < 0:
            return []
        self._depth += 1
        story = Story(kind)
        for _ in self._paragraphs(story, text):
            pass
        self._depth -= 1
        return story.taken(is_end=True)

    def _note_calls(self) -> dict[int, _Call]:
        file = self._file
        calls: dict[int, _Call] = {}
        for references, texts, story, style in (
            (Table.NOTE_REFERENCES, Table.NOTE_TEXTS, file.notes, "decimal"),
            (Table.ENDNOTE_REFERENCES, Table.ENDNOTE_TEXTS, file.endnotes, "lowerRoman"),
        ):
            count = 0
            for place, entry, text in self._noted(references, 2, texts, story):
                is_automatic = entry != b"\0\0"
                count += is_automatic
                label = f"[{number_text(count, style)}]" if is_automatic else ""
                calls[place] = _Call(label, text, is_automatic)
        authors = _strings(file.structure(Table.COMMENT_AUTHORS))
        quoted = self._commented()
        comments = self._noted(Table.COMMENT_REFERENCES, 30, Table.COMMENT_TEXTS, file.comments)
        for place, entry, text in comments:
            author = int.from_bytes(entry[20:22], "little")
            name = authors[author] if author < len(authors) else ""
            about = quoted.get(int.from_bytes(entry[26:30], "little", signed=True), range(0))
            words = _SPECIAL.sub(" ", file.text(about.start, about.stop))
            calls[place] = _Call(comment_label(name, words), text, is_automatic=False)
        return calls

    def _noted(
        self, references: Table, size: int, texts: Table, story: range
    ) -> Iterator[tuple[int, bytes, range]]:
        """The place, the entry and the text of each note."""
        places, entries = self._file.plex(references, size)
        starts, _ = self._file.plex(texts, 0)
        for index, entry in enumerate(entries):
            if index + 1 < len(starts):
                text = range(story.start + starts[index], story.start + starts[index + 1])
                yield places[index], entry, text

    def _commented(self) -> dict[int, range]:
        """What comments are about, by the tag of their bookmark."""
        starts, entries = self._file.plex(Table.COMMENT_STARTS, 4)
        ends, _ = self._file.plex(Table.COMMENT_ENDS, 0)
        marks = self._file.structure(Table.COMMENT_MARKS)[6:]
        found: dict[int, range] = {}
        for index, entry in enumerate(entries):
            mark = marks[12 * index + 2 : 12 * index + 12]
            end = int.from_bytes(entry[:2], "little")
            if len(mark) == 10 and end < len(ends):
                tag = int.from_bytes(mark[2:6], "little", signed=True)
                found[tag] = range(starts[index], min(ends[end], starts[index] + 400))
        return found

    def _paragraphs(self, story: Story, text: range) -> Iterator[None]:
        """Put the paragraphs of ``text`` into ``story``; pauses after each."""
        fields: list[bool] = []  # of each open field: whether its result has begun
        for segment in self._file.segments(text.start, text.stop):
            at = 0
            for found in _SPECIAL.finditer(segment.text):
                self._say(story, segment, at, found.start(), fields)
                at = found.end()
                char, place = found[0], segment.start + found.start()
                if char in "\r\x07" or (char == "\f" and place + 1 in self._sections):
                    fields.clear()
                    if char == "\r" and is_on(segment.properties, Sprm.DELETED):
                        continue
                    self._end_paragraph(story, place, char)
                    if char == "\f" and self._sections[place + 1]:
                        story.break_page()
                    yield
                else:
                    self._special(story, segment, char, place, fields)
            self._say(story, segment, at, len(segment.text), fields)
        if story.line.parts or story.line.after:
            self._end_paragraph(story, text.stop - 1, "\r")
            yield

    def _say(
        self, story: Story, segment: Segment, start: int, end: int, fields: list[bool]
    ) -> None:
        """Add ``segment.text[start:end]`` unless it is not shown."""
        if start >= end or not all(fields):
            return
        properties, line = segment.properties, story.line
        if is_on(properties, Sprm.DELETED) or self._styles.is_hidden(properties, -1):
            return
        text = segment.text[start:end]
        if Sprm.SYMBOL in properties and is_on(properties, Sprm.SPECIAL):
            operand = properties[Sprm.SYMBOL]
            font = self._styles.font_name(int.from_bytes(operand[:2], "little"))
            text = symbol(int.from_bytes(operand[2:4], "little"), font)
        font = self._styles.font_name(number(properties, Sprm.FONT, -1))
        line.parts.append(without_hints(plain_symbols(text, font)))
        if text.strip():
            line.chars += 1
            line.unset += Sprm.FONT not in properties
            line.monospaced += is_monospaced(font)
        first, last = segment.start + start, segment.start + end
        for place in self._own_marks[bisect_left(self._own_marks, first) :]:
            if place >= last:
                break
            self._call(story, place)

    def _special(
        self, story: Story, segment: Segment, char: str, place: int, fields: list[bool]
    ) -> None:
        """Act on a character that stands for something else."""
        if char == "\x13":
            fields.append(False)
        elif char == "\x14" and fields:
            fields[-1] = True
        elif char == "\x15" and fields:
            fields.pop()
        elif not all(fields) or is_on(segment.properties, Sprm.DELETED):
            return
        elif char in _PLAIN:
            story.line.parts.append(_PLAIN[char])
        elif char == "\f":
            story.line.parts.append(PAGE_BREAK)
        elif char in "\x02\x05":
            self._call(story, place)
        elif char == "\x01" and Sprm.PICTURE in segment.properties:
            at = number(segment.properties, Sprm.PICTURE)
            self._show(story, inline_shape(self._file.data, at))
        elif char == "\x08":
            for shape in self._drawings.at(place):
                self._show(story, shape)

    def _show(self, story: Story, shape: Shape) -> None:
        after = story.line.after
        block = self._album.block(shape.picture, shape.alt)
        after += [block] if block else []
        after += [FlowBlock(kind="paragraph", text=prose_lines(shape.text))] if shape.text else []
        after += self._whole_story("box", self._drawings.box(shape))

    def _call(self, story: Story, place: int) -> None:
        """Number a note where it is called, and keep its text for the section's end."""
        call = self._calls.get(place)
        if call is None or story.kind == "note":
            return
        if call.is_automatic:
            story.line.parts.append(call.label)
        self._notes += note_blocks(call.label, self._whole_story("note", call.text))

    def _end_paragraph(self, story: Story, place: int, mark: str) -> None:
        paragraph = self._file.paragraph(place)
        properties = paragraph.properties
        level = min(number(properties, Sprm.TABLE_LEVEL, 0), _MAX_LEVEL)
        if is_on(properties, Sprm.IN_TABLE):
            level = max(1, level)
        is_row_end = is_on(properties, Sprm.ROW_END) or is_on(properties, Sprm.INNER_ROW_END)
        if level and is_row_end:
            story.line = Line()
            story.end_row(level, _plans(properties))
            return
        if not level and self._styles.value(paragraph, Sprm.PAGE_BREAK_BEFORE):
            story.break_page()
        line, story.line = story.line, Line()
        blocks = [*self._text_blocks(line, paragraph), *line.after]
        if mark == "\x07":
            level = max(1, level)
        if blocks or level:
            story.add(blocks, level)
        if mark == "\x07" or (level > 1 and is_on(properties, Sprm.INNER_CELL)):
            story.end_cell(level)

    def _text_blocks(self, line: Line, paragraph: Paragraph) -> Iterator[FlowBlock]:
        raw = whole("".join(line.parts))
        styles, style = self._styles, paragraph.style
        if not self.title and raw.strip() and styles.is_title(style):
            self.title = prose_lines(raw)
        depth = min(styles.value(paragraph, Sprm.LIST_LEVEL), 8)
        marker = self._lists.marker(styles.value(paragraph, Sprm.LIST), depth)
        monospaced = line.monospaced
        if line.unset and is_monospaced(styles.font({}, style)):
            monospaced += line.unset
        is_code = styles.is_named(style, CODE_STYLES) or (
            0 < line.chars == monospaced and looks_like_code(raw)
        )
        yield from paragraph_blocks(
            raw,
            level=styles.level(paragraph),
            number=marker or "",
            prefix=None if marker is None else list_marker(marker, depth),
            is_code=is_code,
            is_caption=styles.is_caption(style),
        )


def _plans(properties: Properties) -> list[CellPlan]:
    """The cells of a row from its definition: the edges, then twenty bytes about each cell."""
    data = properties.get(Sprm.ROW, b"")
    count = min(data[0] if data else 0, max(0, (len(data) - 3) // 2))
    start = 1 + 2 * (count + 1)
    plans: list[CellPlan] = []
    for index in range(count):
        right = int.from_bytes(data[3 + 2 * index : 5 + 2 * index], "little", signed=True)
        at = start + 20 * index
        flags = int.from_bytes(data[at : at + 2], "little")
        across: Merge = "continue" if flags & 2 else "start" if flags & 1 else ""
        plans.append(CellPlan(right=right, down=_DOWN.get(flags >> 5 & 3, ""), across=across))
    merged = properties.get(Sprm.MERGED_DOWN, b"")
    for cell, kind in zip(merged[::2], merged[1::2], strict=False):
        if cell < len(plans):
            plans[cell].down = _DOWN.get(kind, "")
    return plans


_DOWN: dict[int, Merge] = {1: "continue", 3: "start"}


def _strings(data: bytes) -> list[str]:
    """Strings with their lengths before them."""
    found: list[str] = []
    at = 0
    while at + 2 <= len(data):
        size = 2 * int.from_bytes(data[at : at + 2], "little")
        found.append(data[at + 2 : at + 2 + size].decode("utf-16-le", errors="replace"))
        at += 2 + size
    return found
