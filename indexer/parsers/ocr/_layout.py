"""Words of an upright page to blocks in reading order, with a span for each word.

Columns, paragraphs, headings and tables are found by the same rules as in PDF files. Sizes are
in points of a page whose usual word is ``_EM`` points high.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from indexer.domain import Block, BoundingBox, Span
from indexer.parsers._pdf_blocks import drafts_of, style_of
from indexer.parsers._pdf_lines import Item, Line, Sheet, around, same_row
from indexer.parsers._pdf_order import runs
from indexer.parsers._pdf_tables import Strokes, ruled_tables, with_aligned_tables
from indexer.parsers._pdf_tables import Word as PlacedWord
from indexer.parsers.ocr import Word

Stroke = tuple[float, float, float, float]
"""A straight ruling: x0, y0, x1, y1 in fractions of the picture."""

_EM = 10.0
# Between words of one line, in ems, or in usual gaps where a typewriter sets them wide; columns
# are further apart.
_WORD_GAP, _WIDE_GAP, _USUAL_GAPS = 1.2, 2.0, 2.0
_TALLER = 2.5  # times; a drop capital or a stain does not belong to the line beside it
# Times the usual height: a heading's type, not a matter of tall and short letters.
_LARGE, _LARGE_WORD, _FEW_WORDS = 1.35, 1.6, 2
_CELL_MARK = "|"
_TOKEN = re.compile(r"[^\s|]\S*|\|\S+")


@dataclass(slots=True)
class _ReadLine(Line):
    """A line and its words from left to right."""

    words: Sequence[PlacedWord] = ()


def blocks_of(
    words: Sequence[Word], size: tuple[int, int], rulings: Sequence[Stroke] = ()
) -> list[Block]:
    """Blocks of a page of ``size`` (width, height) in pixels, whose lines are level."""
    kept = [word for word in words if word.text.strip(_CELL_MARK)]
    if not kept:
        return []
    usual = median((word.box.y1 - word.box.y0) * size[1] for word in kept)
    sheet = Sheet(_EM * size[0] / usual, _EM * size[1] / usual)
    placed = [
        PlacedWord(
            word.box.x0 * sheet.width,
            word.box.y0 * sheet.height,
            word.box.x1 * sheet.width,
            word.box.y1 * sheet.height,
            word.text,
        )
        for word in kept
    ]
    tables = ruled_tables(_strokes(rulings, sheet), lambda: placed)
    lines = _lines([word for word in placed if not any(table.holds(word) for table in tables)])
    items: list[Item] = [*tables, *lines]
    flows = [with_aligned_tables(run, _EM) for run in runs(items, _EM)]
    drafts = drafts_of(flows, sheet, style_of(lines, {}), 1)
    by_place = {sheet.box(line).as_tuple(): line.words for line in lines}
    return [
        replace(draft.block, spans=tuple(_word_spans(draft.block, by_place, placed, sheet)))
        for draft in drafts
        if draft.block.text
    ]


def _strokes(rulings: Sequence[Stroke], sheet: Sheet) -> Strokes:
    strokes = Strokes()
    for x0, y0, x1, y1 in rulings:
        if (x1 - x0) * sheet.width > (y1 - y0) * sheet.height:
            strokes.across.append(
                ((y0 + y1) / 2 * sheet.height, x0 * sheet.width, x1 * sheet.width)
            )
        else:
            strokes.down.append(((x0 + x1) / 2 * sheet.width, y0 * sheet.height, y1 * sheet.height))
    return strokes


def _lines(words: Sequence[PlacedWord]) -> list[_ReadLine]:
    """Words side by side at one height; a word joins the line whose end is nearest."""
    rows: list[list[PlacedWord]] = []
    gap = _widest_gap(words)
    for word in sorted(words, key=lambda word: word.x0):
        near = [row for row in rows if _continues(row, word, gap)]
        if near:
            min(near, key=lambda row: abs(_level(row[-1]) - _level(word))).append(word)
        else:
            rows.append([word])
    return [
        _ReadLine(*around(row), " ".join(word.text for word in row), _size(row), words=tuple(row))
        for row in rows
    ]


def _widest_gap(words: Sequence[PlacedWord]) -> float:
    """The widest space between words of one line."""
    gaps = [
        after.x0 - before.x1
        for before, after in pairwise(words)
        if same_row(before, after) and 0 < after.x0 - before.x1 < _WIDE_GAP * _EM
    ]
    usual = median(gaps) if gaps else 0.0
    return min(_WIDE_GAP * _EM, max(_WORD_GAP * _EM, _USUAL_GAPS * usual))


def _continues(row: Sequence[PlacedWord], word: PlacedWord, gap: float) -> bool:
    # The last words only, since a line may rise or sink a little across the page.
    _, y0, x1, y1 = around(row[-3:])
    shared = min(y1, word.y1) - max(y0, word.y0)
    low, high = sorted((y1 - y0, word.height))
    return (
        -0.5 * _EM < word.x0 - x1 < gap * max(1.0, low / _EM)
        and shared >= 0.5 * low
        and (high <= _TALLER * low or low < 0.6 * _EM)
    )


def _level(word: PlacedWord) -> float:
    return (word.y0 + word.y1) / 2


def _size(row: Sequence[PlacedWord]) -> float:
    """The usual size, unless the type is surely larger."""
    heights = sorted(word.height for word in row)
    typical = heights[len(heights) // 2]
    large = _LARGE if len(row) > _FEW_WORDS else _LARGE_WORD
    return typical if typical > large * _EM and any(map(_has_letters, row)) else _EM


def _has_letters(word: PlacedWord) -> bool:
    return sum(char.isalpha() for char in word.text) > 2


def _word_spans(
    block: Block,
    by_place: Mapping[tuple[float, float, float, float], Sequence[PlacedWord]],
    placed: Sequence[PlacedWord],
    sheet: Sheet,
) -> Iterator[Span]:
    """The spans of a block's lines, or of its rows, taken apart into words."""
    for span in block.spans:
        words = by_place.get(span.box.as_tuple())
        if words is None:
            words = sorted(
                (word for word in placed if _is_inside(word, span.box, sheet)),
                key=lambda word: word.x0,
            )
        left = list(words)
        tokens = list(_TOKEN.finditer(block.text, span.start, span.end))
        start = span.start
        for at, token in enumerate(tokens):
            # The marks between cells belong to the word before them.
            end = tokens[at + 1].start() if at + 1 < len(tokens) else span.end
            end = start + len(block.text[start:end].rstrip())
            yield Span(start=start, end=end, box=_box_of(token[0], left, sheet) or span.box)
            start = token.end() if at + 1 == len(tokens) else tokens[at + 1].start()


def _is_inside(word: PlacedWord, box: BoundingBox, sheet: Sheet) -> bool:
    x, y = (word.x0 + word.x1) / 2 / sheet.width, (word.y0 + word.y1) / 2 / sheet.height
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1


def _box_of(token: str, words: list[PlacedWord], sheet: Sheet) -> BoundingBox | None:
    """Where ``token`` stands; its words, which may be several or end in a hyphen, are taken out."""
    for first in range(len(words)):
        text = ""
        for last in range(first, len(words)):
            text += words[last].text
            if text == token or text[:-1] == token:
                box = BoundingBox.enclosing(sheet.box(word) for word in words[first : last + 1])
                del words[first : last + 1]
                return box
            if not token.startswith(text):
                break
    return None
