"""Lines in reading order to paragraphs, headings, list items, listings and tables."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from indexer.domain import Block, BlockKind, Span
from indexer.parsers._pdf_lines import Item, Label, Line, Rect, Sheet, Table, around, same_row

_SENTENCE_END = re.compile(r"[.!?:;…][\"'»”’)\]]*$")
_LIST_ITEM = re.compile(
    r"[•◦▪‣·●○■□✓➢\uf0b7\uf0a7]|[-–—*](?:\s+|$)"
    r"|\(?(?:\d{1,3}|[a-zA-Zа-яА-Я]|[ivx]{1,5})[.)](?:\s+|$)"
)
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,5})[.)]?\s+[^\W\d_]")
_SECTION = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,4}\.?")
_CHAPTER = re.compile(r"(?:chapter|part|appendix|глава|часть|приложение)\s+[\dIVXA-ZА-Я]+\b", re.I)
CAPTION = re.compile(
    r"(?:(?P<figure>fig(?:ure|\.)?|exhibit|chart|рис(?:унок|\.)?)|(?P<table>table|табл(?:ица|\.)?))"
    r"\s*(?:№\s*)?[A-ZА-Я]?\d+(?:[.\-–]\d+)*[a-z]?(?P<mark>\s*[.:|—–)-])?(?:\s|$)",
    re.I,
)
_MAX_HEADING_CHARS = 180
_MAX_LEVEL = 6


@dataclass(slots=True)
class Style:
    """Type sizes of a document in points, and its outline.

    ``heading_sizes`` are those larger than the ``body``, largest first; ``outline`` gives, by
    page number from 1, the level of each title in it, in the form of ``plain``.
    """

    body: float = 10.0
    heading_sizes: tuple[float, ...] = ()
    outline: Mapping[int, Mapping[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class Draft(Rect):
    """A block with its place on the page in points."""

    block: Block


def plain(title: str) -> str:
    """Letters and digits of ``title`` in lower case, to compare it with the outline."""
    return "".join(char for char in title.lower() if char.isalnum())


def style_of(lines: Iterable[Line], outline: Mapping[int, Mapping[str, int]]) -> Style:
    """The body size is the one most characters have; headings are at least 15 % larger."""
    weight: dict[float, int] = {}
    for line in lines:
        size = round(line.size * 2) / 2
        weight[size] = weight.get(size, 0) + len(line.text)
    if not weight:
        return Style(outline=outline)
    body = max(weight, key=lambda size: weight[size])
    larger = sorted((size for size in weight if size >= 1.15 * body), reverse=True)
    return Style(body=body, heading_sizes=tuple(larger), outline=outline)


def drafts_of(
    runs: Sequence[Sequence[Item]], sheet: Sheet, style: Style, page_number: int
) -> list[Draft]:
    """Blocks of a page whose ``runs`` each flow down one column, in reading order."""
    titles = style.outline.get(page_number, {})
    drafts: list[Draft] = []
    carried: list[Line] = []
    for run in runs:
        groups = _groups(run, style.body)
        for index, group in enumerate(groups):
            if not isinstance(group, list):
                drafts += _flush(carried, sheet, style, titles)
                carried = []
                drafts.append(_of_region(group, sheet))
                continue
            if carried and index == 0 and _continues(carried, group):
                carried = carried + group
            else:
                drafts += _flush(carried, sheet, style, titles)
                carried = group
    drafts += _flush(carried, sheet, style, titles)
    return drafts


def _flush(lines: list[Line], sheet: Sheet, style: Style, titles: Mapping[str, int]) -> list[Draft]:
    return [_of_lines(lines, sheet, style, titles)] if lines else []


def _continues(before: Sequence[Line], after: Sequence[Line]) -> bool:
    """Whether a paragraph goes on at the top of the next column."""
    last, first = before[-1], after[0]
    if (
        last.bold == first.bold
        and abs(last.x0 - first.x0) < 3
        and 0 < first.y0 - last.y1 < 0.9 * last.size
    ):
        # A short last line does not reach the gutter that the lines above it cross.
        return _same_paragraph(before, first, first.y0 - last.y1, last.size)
    return (
        len(before) > 1
        and not _SENTENCE_END.search(last.text)
        and first.text[0].islower()
        and abs(last.size - first.size) < 0.1 * last.size
        and last.bold == first.bold
        and last.mono == first.mono
    )


def _groups(run: Sequence[Item], body: float) -> list[list[Line] | Table | Label]:
    """The lines of each paragraph of a run, with tables and labels between them."""
    usual = _usual_gap(run)
    groups: list[list[Line] | Table | Label] = []
    current: list[Line] = []
    for item in run:
        if not isinstance(item, Line):
            if current:
                groups.append(current)
                current = []
            groups.append(item)
        elif current and _same_paragraph(current, item, usual, body):
            current.append(item)
        else:
            if current:
                groups.append(current)
            current = [item]
    if current:
        groups.append(current)
    return groups


def _usual_gap(run: Sequence[Item]) -> float:
    """The median white between one line and the next, in points, if it is that of text."""
    gaps = [
        after.y0 - before.y1
        for before, after in pairwise(run)
        if isinstance(before, Line)
        and isinstance(after, Line)
        and abs(before.size - after.size) < 1
        and -0.5 * after.size < after.y0 - before.y1 < 1.3 * after.size
    ]
    return median(gaps) if gaps else 0.0


def _same_paragraph(lines: Sequence[Line], line: Line, usual: float, body: float) -> bool:
    last = lines[-1]
    if same_row(last, line) and line.x0 >= last.x1 - 2:
        return True
    size = max(last.size, line.size)
    gap = line.y0 - last.y1
    if gap > usual + 0.45 * size or line.y1 < last.y0:
        return False
    if last.mono != line.mono or abs(last.size - line.size) > 0.12 * size:
        return False
    if last.mono:
        return True
    if _LIST_ITEM.match(line.text):
        return False
    if last.bold != line.bold:
        # Bold words that open a paragraph may fill its first line, to its right edge.
        return (
            last.bold
            and 0.85 * line.width <= last.width <= 1.25 * line.width
            and abs(last.size - line.size) < 0.03 * size
            and gap < usual + 0.2 * size
            and not _SENTENCE_END.search(last.text)
        )
    if _LIST_ITEM.match(lines[0].text):
        # The lines of an item hang below its words; what starts left of its mark is another text.
        return line.x0 >= lines[0].x0 - 0.3 * size
    ended = _SENTENCE_END.search(last.text) is not None
    caption = CAPTION.match(line.text)
    if ended and caption is not None and caption["mark"]:
        return False
    if ended and line.x0 - last.x0 > 0.8 * body and len(lines) != 1:
        return False
    right = max(member.x1 for member in (*lines, line))
    left = min(member.x0 for member in (*lines, line))
    short = last.x1 < right - 0.2 * (right - left)
    return not (ended and short and not line.text[0].islower())


def compose(lines: Sequence[Line], sheet: Sheet) -> tuple[str, tuple[Span, ...]]:
    """The text of a paragraph and the place of each of its lines in it.

    A space parts lines. A hyphen at a line's end goes, and the space with it, only between
    lower-case letters: elsewhere it may belong to the word.
    """
    parts: list[str] = []
    spans: list[Span] = []
    position = 0
    for index, line in enumerate(lines):
        text = line.text
        following = lines[index + 1].text if index + 1 < len(lines) else ""
        separator = " " if following else ""
        if text.endswith("\xad"):
            text, separator = text.rstrip("\xad"), ""
        elif len(text) > 1 and text[-1] in "-‐" and text[-2].islower() and following[:1].islower():
            text, separator = text[:-1], ""
        text = text.replace("\xad", "")
        if text:
            spans.append(Span(start=position, end=position + len(text), box=sheet.box(line)))
            parts.append(text + separator)
            position += len(text) + len(separator)
    return "".join(parts).rstrip(), tuple(spans)


def _of_lines(
    lines: Sequence[Line], sheet: Sheet, style: Style, titles: Mapping[str, int]
) -> Draft:
    place = around(lines)
    if all(line.mono for line in lines) and len(lines) > 1:
        text, spans = _listing(lines, sheet)
        return Draft(*place, Block(kind="code", text=text, spans=spans))
    text, spans = compose(lines, sheet)
    level = _heading_level(text, lines, style, titles)
    kind: BlockKind = "paragraph"
    if level:
        kind = "heading"
    elif _LIST_ITEM.match(text):
        kind = "list"
    return Draft(*place, Block(kind=kind, text=text, spans=spans, level=level))


def _listing(lines: Sequence[Line], sheet: Sheet) -> tuple[str, tuple[Span, ...]]:
    """Code keeps its lines and, from where they start, its indents."""
    left = min(line.x0 for line in lines)
    width = median(line.width / len(line.text) for line in lines) or 1.0
    text = ""
    spans: list[Span] = []
    previous: Line | None = None
    for line in lines:
        if previous is not None and same_row(previous, line):
            text += " " * max(1, round((line.x0 - previous.x1) / width))
        else:
            indent = " " * min(80, round((line.x0 - left) / width))
            text += ("\n" if previous is not None else "") + indent
        spans.append(Span(start=len(text), end=len(text) + len(line.text), box=sheet.box(line)))
        text += line.text
        previous = line
    return text, tuple(spans)


def _of_region(region: Table | Label, sheet: Sheet) -> Draft:
    place = (region.x0, region.y0, region.x1, region.y1)
    if isinstance(region, Label):
        text, spans = compose(region.lines, sheet)
        return Draft(*place, Block(kind="paragraph", text=text, spans=spans))
    texts: list[str] = []
    spans_of_rows: list[Span] = []
    position = 0
    for row in region.rows:
        text = " | ".join(" ".join(cell.split()) for cell in row.cells)
        if not any(row.cells):
            continue
        box = sheet.box(row)
        spans_of_rows.append(Span(start=position, end=position + len(text), box=box))
        texts.append(text)
        position += len(text) + 1
    return Draft(*place, Block(kind="table", text="\n".join(texts), spans=tuple(spans_of_rows)))


def _heading_level(
    text: str, lines: Sequence[Line], style: Style, titles: Mapping[str, int]
) -> int:
    """1 to 6 for a heading, else 0: by the outline, else by size, weight and numbering."""
    if len(text) > _MAX_HEADING_CHARS or len(lines) > 4 or not _has_word(text):
        return 0
    if titles:
        known = titles.get(plain(text))
        if known:
            return min(_MAX_LEVEL, known)
    size = max(line.size for line in lines)
    larger = size >= 1.15 * style.body
    bold = all(line.bold for line in lines)
    if not larger and _is_set_apart_number(lines):
        return min(_MAX_LEVEL, lines[0].text.strip(".").count(".") + 1)
    if not larger and (not bold or size < 0.95 * style.body):
        return 0
    if not larger and (text[-1] in ".,;:" or len(text) > 100 or CAPTION.match(text)):
        return 0
    if (larger and text[-1] in ",;") or (text[0].islower() and not larger):
        return 0
    number = _NUMBERED.match(text)
    if number and (larger or bold):
        return min(_MAX_LEVEL, number[1].count(".") + 1)
    if _CHAPTER.match(text) and (larger or bold):
        return 1
    if larger:
        rank = sum(other > size + 0.3 for other in style.heading_sizes)
        return min(_MAX_LEVEL, rank + 1)
    return min(_MAX_LEVEL, min(len(style.heading_sizes), 3) + 1)


def _is_set_apart_number(lines: Sequence[Line]) -> bool:
    """A number such as 3.2, a gap, and a short title on the same line, in any type."""
    return (
        len(lines) == 2
        and _SECTION.fullmatch(lines[0].text) is not None
        and same_row(lines[0], lines[1])
        and len(lines[1].text) <= 70
        and lines[1].text[0].isupper()
        and lines[1].text[-1] not in ".,;"
    )


def _has_word(text: str) -> bool:
    return sum(char.isalpha() for char in text) >= 2
