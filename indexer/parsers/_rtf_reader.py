"""Rich Text Format 1.9.1 as blocks of text, in the order of the file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.parsers._album import Album
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
from indexer.parsers._notes import Notes, Quotes, comment_label, note_blocks, once
from indexer.parsers._numbers import BULLET, list_marker, number_text
from indexer.parsers._rtf_groups import (
    CHARACTERS,
    Decoder,
    Font,
    Style,
    fonts_of,
    formula_of,
    picture_of,
    properties_of,
    shape_property,
    styles_of,
    text_of,
)
from indexer.parsers._rtf_tokens import Token, codec_of_page, tokens
from indexer.parsers._story import CellPlan, Line, Story, StoryKind

# Groups whose text is no part of what is printed.
_SKIPPED = frozenset(
    "colortbl listtable listoverridetable rsidtbl generator xmlnstbl themedata datastore "
    "latentstyles colorschememapping filetbl revtbl fldinst objdata objclass objname nonshppict "
    "shprslt bkmkstart bkmkend xe tc rxe template mmathPict mmathPr moMathParaPr pgdsctbl pntxta "
    "pntxtb datafield formfield blipuid nonesttables ftnsep ftnsepc ftncn aftnsep aftnsepc "
    "aftncn pnseclvl private userprops atnid atnicn atntime atndate atnparent docvar background "
    "panose falt fontemb passwordhash wgrffmtfilter upr".split()
)
# Starred groups that hold text after all.
_SHOWN = frozenset("shppict shpinst moMathPara nesttableprops".split())
_STORIES: dict[str, StoryKind] = {
    "footnote": "note",
    "annotation": "comment",
    "shptxt": "box",
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), "header"),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "footer"),
}
# Groups that are read as a whole; each has a method.
_WHOLE = frozenset(
    "fonttbl stylesheet info pict sp moMath listtext pntext atnauthor atnref atrfstart "
    "atrfend".split()
)
_HEADING = re.compile(r"(?:heading|заголовок) ?([1-9])")
# Writers without lists of their own type the marker and a tab.
_TYPED_MARKER = re.compile(r"\s*([•·▪◦●‣–—-]|\(?(?:\d{1,3}|[a-zA-Zа-яА-Я])[.)])\t+(?=\S)")
_MAX_DEPTH = 2000
_BODY_TEXT = 9  # the outline level of what is no heading


@dataclass(slots=True)
class _State:
    """What a group inherits and gives back at its end."""

    story: Story
    font: int | None = None
    skip_count: int = 1  # characters that stand in for a Unicode escape
    hidden: bool = False
    style: int | None = None
    outline: int | None = None
    table_level: int = 0
    page_before: bool = False
    list_level: int = 0

    def copy(self) -> "_State":
        # Ten times faster than the library's ways, for what happens at every brace.
        return _State(
            self.story,
            self.font,
            self.skip_count,
            self.hidden,
            self.style,
            self.outline,
            self.table_level,
            self.page_before,
            self.list_level,
        )


class RtfReader:
    """Reads one file; ``properties``, ``title`` and ``notes`` fill while ``blocks`` are taken."""

    def __init__(self, data: bytes, album: Album) -> None:
        self.properties: dict[str, str] = {}
        self.title = ""
        self.notes = Notes()
        self._tokens = tokens(data)
        self._album = album
        self._body = Story("body")
        self._state = _State(story=self._body)
        self._stack: list[_State] = []
        self._decoder = Decoder()
        self._codec = "cp1252"
        self._fonts: dict[int, Font] = {}
        self._default_font = 0
        self._styles: dict[int, Style] = {}
        self._plans: list[CellPlan] = []
        self._plan = CellPlan()
        self._seen: set[object] = set()
        self._footers: list[FlowBlock] = []
        self._notes: list[FlowBlock] = []  # of paragraphs that have not ended
        self._counts = {False: 0, True: 0}  # footnotes and endnotes
        self._reference: tuple[Line, int] | None = None  # where the next note's number stands
        self._quotes = Quotes()
        self._comment = {"author": "", "reference": ""}

    def blocks(self) -> Iterator[FlowBlock]:
        """The blocks of the body; headers stand where they are set, footers at the end."""
        is_starred = False
        decoder, body = self._decoder, self._body
        for token in self._tokens:
            kind = token.kind
            if kind in {"text", "hex"}:
                decoder.take(token)
                continue
            self._say_pending()
            if kind == "*":
                is_starred = True
                continue
            if not self._take(token, is_starred):
                break
            is_starred = False
            if body.ready:
                yield from body.taken()
                self._add_notes()
        self._say_pending()
        while self._stack:
            self._close_group()
        self._end_paragraph()
        yield from self._body.taken(is_end=True)
        self._add_notes()
        yield from self.notes.flush()
        yield from self._footers

    def _say_pending(self) -> None:
        decoder = self._decoder
        if decoder.pending:
            self._say(decoder.flush(self._font, self._codec))
        else:
            decoder.end_skip()

    def _add_notes(self) -> None:
        self.notes.add(self._notes)
        self._notes = []

    @property
    def _font(self) -> Font:
        number = self._default_font if self._state.font is None else self._state.font
        return self._fonts.get(number, Font())

    def _take(self, token: Token, is_starred: bool) -> bool:
        """Act on a brace or a control word. False at the end of the document."""
        kind = token.kind
        if kind == "{":
            if len(self._stack) >= _MAX_DEPTH:
                self._rest_of_group()
            else:
                self._stack.append(self._state)
                self._state = self._state.copy()
        elif kind == "}":
            self._close_group()
            return bool(self._stack)
        elif kind in _WHOLE:
            self._whole_group(kind)
        elif kind in _SKIPPED or (is_starred and kind not in _SHOWN and kind not in _STORIES):
            self._rest_of_group()
            self._close_group()
        elif kind in _STORIES:
            self._state.story = Story(_STORIES[kind])
            self._state.table_level = 0
        else:
            self._word(kind, token)
        return True

    def _rest_of_group(self) -> list[Token]:
        """The tokens up to the brace that ends this group, which is taken too."""
        found: list[Token] = []
        depth = 0
        for token in self._tokens:
            depth += (token.kind == "{") - (token.kind == "}")
            if depth < 0:
                break
            found.append(token)
        return found

    def _close_group(self) -> None:
        if not self._stack:
            return
        ended = self._state
        self._state = self._stack.pop()
        if ended.story is not self._state.story:
            self._end_story(ended)

    def _end_story(self, state: _State) -> None:
        story, outer = state.story, self._state.story
        self._end_paragraph(state)
        blocks = story.taken(is_end=True)
        if story.kind == "box":
            outer.line.after += blocks
        elif story.kind == "header":
            outer.add(list(once(blocks, self._seen)))
        elif story.kind == "footer":
            self._footers += once(blocks, self._seen)
        elif story.kind == "comment":
            quoted = self._quotes.taken(self._comment["reference"])
            self._notes += note_blocks(comment_label(self._comment["author"], quoted), blocks)
        else:
            self._notes += note_blocks(self._note_label(story.is_endnote), blocks)

    def _note_label(self, is_endnote: bool) -> str:
        """The number of the note that has ended, which now also stands where it is called."""
        if self._reference is None:
            return ""
        self._counts[is_endnote] += 1
        number = number_text(self._counts[is_endnote], "lowerRoman" if is_endnote else "decimal")
        line, index = self._reference
        line.parts[index] = f"[{number}]"
        self._reference = None
        return line.parts[index]

    def _whole_group(self, kind: str) -> None:
        content = self._rest_of_group()
        state, codec = self._state, self._font.codec or self._codec
        if kind == "fonttbl":
            self._fonts = fonts_of(content, self._codec)
        elif kind == "stylesheet":
            self._styles = styles_of(content, self._codec)
        elif kind == "info":
            self.properties = properties_of(content, self._codec)
        elif kind == "pict":
            picture = picture_of(content, self._codec)
            self._show(self._album.block(picture.data, picture.alt))
        elif kind == "sp":
            self._shape_property(content)
        elif kind == "moMath":
            self._say(f" {formula_of(content, codec)} ")
        elif kind in {"listtext", "pntext"}:
            marker = text_of(content, codec).strip()
            is_number = marker != "o" and any(char.isalnum() for char in marker)
            state.story.line.marker = marker if is_number else BULLET
        elif kind == "atnauthor":
            self._comment["author"] = " ".join(text_of(content, self._codec).split())
        else:
            self._range(kind, text_of(content, self._codec).strip())
        self._close_group()

    def _shape_property(self, content: list[Token]) -> None:
        name, value = shape_property(content, self._codec)
        if name == "gtextUNICODE":
            self._show(FlowBlock(kind="paragraph", text=prose_lines(value)))
        elif name == "pib":
            start = next((i for i, token in enumerate(content) if token.kind == "pict"), None)
            if start is not None:
                picture = picture_of(content[start + 1 :], self._codec)
                self._show(self._album.block(picture.data, picture.alt))

    def _show(self, block: FlowBlock | None) -> None:
        if block is not None and not self._state.hidden:
            self._state.story.line.after.append(block)

    def _range(self, kind: str, name: str) -> None:
        if kind == "atnref":
            self._comment["reference"] = name
        elif kind == "atrfstart":
            self._quotes.start(name)
        else:
            self._quotes.end(name)

    def _say(self, text: str) -> None:
        if not text or self._state.hidden:
            return
        text = without_hints(text)
        line = self._state.story.line
        line.parts.append(text)
        self._quotes.say(text)
        if text.strip():
            line.chars += 1
            line.monospaced += is_monospaced(self._font.name)

    def _word(self, kind: str, token: Token) -> None:
        state, number = self._state, token.number
        is_on = number != 0
        if kind in CHARACTERS:
            self._say(CHARACTERS[kind])
        elif kind == "u":
            # Not through what may still be hidden: the characters after it must be passed over.
            self._say(self._decoder.unicode(token, self._font, state.skip_count))
        elif kind in {"par", "\n", "\r", "sect"}:
            self._end_paragraph()
            if kind == "sect":
                state.story.break_page()
        elif kind == "sbknone":
            state.story.break_page(wanted=False)
        elif kind == "page":
            self._say(PAGE_BREAK)
        elif kind == "chftn":
            if state.story.kind != "note":
                line = state.story.line
                self._reference = (line, len(line.parts))
                line.parts.append("")
        elif kind == "ftnalt":
            state.story.is_endnote = True
        elif kind in {"v", "deleted"}:
            state.hidden = is_on
        elif kind == "uc":
            state.skip_count = min(max(0, number or 0), 64)
        elif kind == "f":
            state.font = number or 0
        elif kind == "plain":
            state.font, state.hidden = None, False
        elif kind == "deff":
            self._default_font = number or 0
        elif kind in _PAGES:
            self._codec = codec_of_page(number or 1252) if kind == "ansicpg" else _PAGES[kind]
        elif not self._table_word(kind, number):
            self._paragraph_word(kind, number)

    def _paragraph_word(self, kind: str, number: int | None) -> None:
        state = self._state
        if kind == "pard":
            state.style = state.outline = None
            state.table_level = state.list_level = 0
            state.page_before = False
        elif kind == "s":
            state.style = number or 0
        elif kind == "outlinelevel":
            state.outline = number
        elif kind == "pagebb":
            state.page_before = number != 0
        elif kind == "ilvl":
            state.list_level = min(max(0, number or 0), 8)
        elif kind == "intbl":
            state.table_level = max(1, state.table_level)
        elif kind == "itap":
            state.table_level = min(max(0, number or 0), 20)

    def _table_word(self, kind: str, number: int | None) -> bool:
        """Act on a word about tables; False for other words."""
        level = max(1, self._state.table_level)
        story = self._state.story
        if kind == "cell":
            self._end_paragraph(level=1)
            story.end_cell(1)
        elif kind == "nestcell":
            self._end_paragraph(level=max(2, level))
            story.end_cell(max(2, level))
        elif kind == "row":
            story.end_row(1, self._plans)
        elif kind == "nestrow":
            story.end_row(max(2, level), self._plans)
        elif kind == "trowd":
            self._plans, self._plan = [], CellPlan()
        elif kind == "cellx":
            self._plan.right = number or 0
            self._plans.append(self._plan)
            self._plan = CellPlan()
        elif kind in {"clvmgf", "clvmrg"}:
            self._plan.down = "start" if kind == "clvmgf" else "continue"
        elif kind in {"clmgf", "clmrg"}:
            self._plan.across = "start" if kind == "clmgf" else "continue"
        else:
            return False
        return True

    def _end_paragraph(self, state: _State | None = None, level: int | None = None) -> None:
        """Hand the line to its story, into the table of ``level`` if that is given."""
        state = state or self._state
        story, line = state.story, state.story.line
        story.line = Line()
        if level is None:
            level = state.table_level or (1 if story.in_row else 0)
        if state.page_before and not level:
            story.break_page()
        blocks = [*self._text_blocks(line, state), *line.after]
        if blocks or level:
            story.add(blocks, level)

    def _text_blocks(self, line: Line, state: _State) -> Iterator[FlowBlock]:
        raw = whole("".join(line.parts))
        style = self._styles.get(state.style or 0, Style(name="", outline=None))
        is_code = style.name in CODE_STYLES or (
            0 < line.chars == line.monospaced and looks_like_code(raw)
        )
        marker = line.marker
        typed = None if is_code or marker is not None else _TYPED_MARKER.match(raw)
        if typed:
            marker = typed[1] if typed[1][-1] in ".)" else BULLET
            raw = raw[typed.end() :]
        if not self.title and style.name == "title":
            self.title = prose_lines(raw)
        yield from paragraph_blocks(
            raw,
            level=_level(style, state.outline),
            number=marker or "",
            prefix=None if marker is None else list_marker(marker, state.list_level),
            is_code=is_code,
            is_caption=style.name == "caption",
        )


_PAGES = {"ansicpg": "", "mac": "mac-roman", "pc": "cp437", "pca": "cp850"}


def _level(style: Style, outline: int | None) -> int:
    heading = _HEADING.fullmatch(style.name)
    if style.name in {"title", "subtitle"} and outline is None:
        return 1 if style.name == "title" else 2
    if outline is None:
        outline = int(heading[1]) - 1 if heading else style.outline
    return 0 if outline is None or not 0 <= outline < _BODY_TEXT else min(outline + 1, 6)
