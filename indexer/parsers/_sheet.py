"""Sheets of cells to the headings, captions and tables that a reader sees in them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import category

from indexer.domain import BlockKind
from indexer.parsers._flow import FlowBlock

MAX_CELLS = 500_000
"""Cells read of one file, places of merged cells included."""

_MAX_CHARS = 50_000_000  # of one file
_PIECE_ROWS = 40  # of a table, before its header row is shown again
# A longer text is not repeated in all places of its merged cell.
_REPEATED_CHARS = 200
_TITLE_CHARS = 120
_SHORT_CHARS = 80  # an entry of a list; longer ones are prose
_TITLE_ROWS = 5  # lines above a table that may be its title
_NEAR = 3  # rows between a title, or a part of a table, and what follows
_SPACER = 2  # columns from one part of a table to the next: at most one is empty
# Wider tables are cut into groups of columns: passages cannot hold a row of theirs.
_WIDE_CHARS, _WIDE_COLUMNS = 1200, 8
_GROUP_CHARS = 400
_MAX_DEPTH = 20
_SAMPLE = 50  # rows that tell what a table is like

_NUMERIC = re.compile(r"[\s\d.,:;%()+\-−–/'’$€£¥₽]*\d[\s\d.,:;%()+\-−–/'’$€£¥₽]*|[-–—]")
_YEAR = re.compile(r"(?:19|20)\d\d(?:\s?[-–/]\s?(?:19|20)?\d\d)?")

_JOINERS = "\u200c\u200d"  # part of words in some scripts

Cells = dict[int, str]
"""Texts of one row by column from 0, empty ones left out."""

Range = tuple[int, int, int, int]
"""First row, first column, last row, last column of a merged cell, from 0."""

_Row = tuple[int, Cells]


def flat(text: str) -> str:
    """A cell's text in one line, without characters that only steer printers and terminals."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join("".join(map(_plain, text)).split())


def _plain(char: str) -> str:
    if char.isprintable() or char in _JOINERS:
        return char
    return "" if category(char) == "Cf" else " "


def reference(row: int, column: int) -> str:
    """The name of a cell, such as "B12", from its place counted from 0."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


def comment_text(author: str, when: str, text: str, place: str = "") -> str:
    """A remark as one line; ``place`` is the cell that it is about.

    Programs put the author's name in front of the text once more.
    """
    text = flat(text).removeprefix(f"{author}:").strip()
    known = {"author": flat(author), "time": when}
    about = ", ".join(f"{name}: {value}" for name, value in known.items() if value)
    label = f"[{about}]" if about else "Comment"
    return f"{label}: {text}" + (f" (on {place})" if place else "")


class Allowance:
    """How many more cells of a file may be read."""

    def __init__(self) -> None:
        self._cells = MAX_CELLS
        self._chars = _MAX_CHARS

    @property
    def spent(self) -> bool:
        return self._cells <= 0 or self._chars <= 0

    def take(self, cells: Mapping[int, str]) -> bool:
        """Count a row. False when nothing more may be read; this row still may."""
        # Rows cost something even when empty, so that a file of nothing but rows ends as well.
        self._cells -= len(cells) + 1
        self._chars -= sum(map(len, cells.values()))
        return not self.spent


def left_out(parts: Sequence[str]) -> tuple[str, ...]:
    """The warning that ``parts`` were not read, because the file is too large; none without any."""
    if not parts:
        return ()
    named = ", ".join(parts[:5]) + (f" and {len(parts) - 5} more" if len(parts) > 5 else "")
    return (f"only the first {MAX_CELLS:,} cells are read; left out: {named}",)


@dataclass(slots=True)
class _Item:
    """A table, or single cells below each other, and the rows where it begins and ends."""

    top: int
    bottom: int
    rows: list[list[str]]
    is_table: bool = False


def sheet_blocks(
    rows: Mapping[int, Cells], merged: Iterable[Range], page_chars: int
) -> Iterator[FlowBlock]:
    """The tables of a sheet with the lines above them, from top to bottom.

    ``rows`` hold flat texts by row and column. Tables stand apart where empty rows or columns
    separate them; an empty row or column that only spaces a table out does not. Single cells
    above a table are its heading (level 2) and captions, others are paragraphs. A merged cell
    is repeated in each place it covers. Tables become blocks as ``table_blocks`` says.
    """
    filled = {row: dict(cells) for row, cells in rows.items() if cells}
    owners = _fill(filled, merged)
    lines: list[_Item] = []
    for part in _parts(sorted(filled.items()), 0):
        for item in _items(part, owners):
            if not item.is_table:
                lines.append(item)
                continue
            yield from _above(lines, item.top)
            lines = []
            yield from table_blocks(item.rows, page_chars)
    yield from _prose(lines)


def table_blocks(rows: Sequence[Sequence[str]], page_chars: int) -> Iterator[FlowBlock]:
    """A table as blocks of at most 40 rows and about ``page_chars``, each with the header row.

    Tables too wide for a passage are cut into groups of columns that repeat the first one.
    """
    for group in _column_groups(rows):
        lines = [" | ".join(row).rstrip(" |") for row in group]
        lines = [line for line in lines if line]
        if not lines:
            continue
        header = lines[0] if len(lines) > 1 and _heads(group[0], group[1:]) else ""
        piece: list[str] = []
        size = 0
        for line in lines:
            if piece and (len(piece) >= _PIECE_ROWS or size + len(line) > page_chars):
                yield FlowBlock(kind="table", text="\n".join(piece))
                # A header that fills the page would leave no room for rows.
                piece = [header] if header and 2 * len(header) < page_chars else []
                size = sum(map(len, piece))
            piece.append(line)
            size += len(line) + 1
        yield FlowBlock(kind="table", text="\n".join(piece))


def _column_groups(rows: Sequence[Sequence[str]]) -> Iterator[Sequence[Sequence[str]]]:
    width = max(map(len, rows), default=0)
    sample = rows[:_SAMPLE]
    lengths = [
        len(sample[0][column] if column < len(sample[0]) else "")
        + max((len(row[column]) for row in sample[1:] if column < len(row)), default=0)
        for column in range(width)
    ]
    if width <= _WIDE_COLUMNS or sum(lengths) <= _WIDE_CHARS:
        yield rows
        return
    start = 1
    while start < width:
        end, size = start + 1, lengths[0] + lengths[start]
        while end < width and size + lengths[end] <= _GROUP_CHARS:
            size += lengths[end]
            end += 1
        yield [[*row[:1], *row[start:end]] for row in rows if any(row[start:end])]
        start = end


def _fill(rows: dict[int, Cells], merged: Iterable[Range]) -> dict[tuple[int, int], int]:
    """Repeat merged cells in place; give the number of the merged cell at each of its places."""
    owners: dict[tuple[int, int], int] = {}
    last_row = max(rows, default=-1)
    last_column = max((max(cells) for cells in rows.values()), default=-1)
    places = MAX_CELLS
    for number, (top, left, bottom, right) in enumerate(merged):
        text = rows.get(top, {}).get(left, "")
        if not text:
            continue
        # A title is often merged far beyond its table.
        bottom, right = min(bottom, last_row), min(right, last_column)
        places -= (bottom - top + 1) * (right - left + 1)
        if places < 0:
            return owners
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) == (top, left) or len(text) <= _REPEATED_CHARS:
                    rows.setdefault(row, {})[column] = text
                    owners[row, column] = number
    return owners


def _parts(rows: list[_Row], depth: int) -> Iterator[list[_Row]]:
    """Cut at empty rows, then at empty columns, until nothing is left to cut."""
    bands = _bands(rows)
    if len(bands) == 1:
        bands = _sides(rows)
    if len(bands) == 1 or depth >= _MAX_DEPTH:
        if rows:
            yield rows
        return
    for band in bands:
        yield from _parts(band, depth + 1)


def _bands(rows: list[_Row]) -> list[list[_Row]]:
    bands: list[list[_Row]] = []
    for row in rows:
        if bands and not _apart(bands[-1][-1], row):
            bands[-1].append(row)
        else:
            bands.append([row])
    joined: list[list[_Row]] = []
    for band in bands:
        if joined and _continues(joined[-1], band):
            joined[-1].extend(band)
        else:
            joined.append(band)
    return joined


def _apart(above: _Row, below: _Row) -> bool:
    """Whether an empty row is between, or one begins where the other's columns have ended."""
    if below[0] - above[0] > 1:
        return True
    return (
        len(above[1]) > 1
        and len(below[1]) > 1
        and (max(above[1]) < min(below[1]) or max(below[1]) < min(above[1]))
    )


def _continues(above: list[_Row], below: list[_Row]) -> bool:
    """Whether ``below`` goes on with the table ``above`` after a row left empty for the eye."""
    first = below[0][1]
    if below[0][0] - above[-1][0] > _NEAR or len(first) < 2:
        return False
    sample = above[:_SAMPLE]
    columns = {column for _, cells in sample for column in cells}
    if max(len(cells) for _, cells in sample) < 2:
        return False
    if not min(columns) <= min(first) <= max(first) <= max(columns):
        return False
    if (
        len(above) == 1
        and len(below) > 1
        and (min(columns), max(columns)) == (min(first), max(first))
    ):
        return True  # a header set apart
    return not _heads(first, [cells for _, cells in (below[1:] or above[1:])[:_SAMPLE]])


def _sides(rows: list[_Row]) -> list[list[_Row]]:
    starts: list[int] = []
    ends: list[int] = []
    side_of: dict[int, int] = {}
    for column in sorted({column for _, cells in rows for column in cells}):
        if column - 1 in side_of:
            ends[-1] = column
        else:
            starts.append(column)
            ends.append(column)
        side_of[column] = len(starts) - 1
    groups = _split(rows, side_of, len(starts))
    sides = 0
    numbers = [0]
    left = groups[0]
    for group, start, end in zip(groups[1:], starts[1:], ends[:-1], strict=True):
        if start - end > _SPACER or _beside(left, group):
            sides += 1
            left = group
        numbers.append(sides)
    if not sides:
        return [rows]
    return _split(rows, {column: numbers[side] for column, side in side_of.items()}, sides + 1)


def _split(rows: list[_Row], side_of: Mapping[int, int], count: int) -> list[list[_Row]]:
    """The rows of each side, without those that are empty there."""
    sides: list[list[_Row]] = [[] for _ in range(count)]
    for number, cells in rows:
        split: dict[int, Cells] = {}
        for column, text in cells.items():
            split.setdefault(side_of[column], {})[column] = text
        for side, part in split.items():
            sides[side].append((number, part))
    return sides


def _beside(left: list[_Row], right: list[_Row]) -> bool:
    """Whether ``right`` is a table of its own and not further columns after an empty one."""
    rows = {number for number, _ in left}
    shared = sum(number in rows for number, _ in right)
    first = min(min(cells) for _, cells in right)
    left_first = min(min(cells) for _, cells in left)
    if max(len(cells) for _, cells in right) == 1 or max(len(cells) for _, cells in left) == 1:
        # A column of labels, or of remarks, beside its rows.
        return 2 * shared < len(right)
    if left[0][1].get(left_first) == right[0][1].get(first) is not None:
        return True
    keys = [cells[first] for _, cells in right[1:] if first in cells]
    numbers = sum(_is_number(text) for text in keys)
    return shared < len(right) or 2 * numbers < len(keys)


def _items(part: list[_Row], owners: Mapping[tuple[int, int], int]) -> Iterator[_Item]:
    """A part as one table with the single cells above and below it, or as lines."""
    part = [row for row in part if not _is_repeated(row, owners)]
    first = min((min(cells) for _, cells in part), default=0)
    top = 0
    while top < len(part) and _is_single(part[top], owners):
        # Merged above some of the columns, it is a name that they share.
        if len(part[top][1]) > 1 and min(part[top][1]) > first:
            break
        top += 1
    bottom = len(part)
    while bottom > top + 1 and _is_note(part[bottom - 1], owners):
        bottom -= 1
    yield from _lines(part[:top])
    body = part[top:bottom]
    if body:
        columns = sorted({column for _, cells in body for column in cells})
        table = [[cells.get(column, "") for column in columns] for _, cells in body]
        yield _Item(body[0][0], body[-1][0], table, is_table=True)
    yield from _lines(part[bottom:])


def _is_single(row: _Row, owners: Mapping[tuple[int, int], int]) -> bool:
    """Whether a row holds one text and no more, be it in a merged cell."""
    number, cells = row
    if len(cells) == 1:
        return not _is_number(next(iter(cells.values())))
    return len({owners.get((number, column), -1 - column) for column in cells}) == 1


def _is_repeated(row: _Row, owners: Mapping[tuple[int, int], int]) -> bool:
    """Whether a row only goes on with merged cells of the row above."""
    number, cells = row
    return bool(owners) and all(
        (number, column) in owners
        and owners[number, column] == owners.get((number - 1, column), -1)
        for column in cells
    )


def _is_note(row: _Row, owners: Mapping[tuple[int, int], int]) -> bool:
    """Whether a row below a table is a remark; a short text may be the table's last row."""
    cells = row[1]
    return _is_single(row, owners) and (
        len(cells) > 1 or len(next(iter(cells.values()))) > _SHORT_CHARS
    )


def _lines(rows: Sequence[_Row]) -> Iterator[_Item]:
    """Single cells: a list where there are several short ones, else each by itself."""
    lines = [[next(iter(cells.values()))] for _, cells in rows]
    if len(lines) > 2 and all(len(text) <= _SHORT_CHARS for (text,) in lines):
        yield _Item(rows[0][0], rows[-1][0], lines)
        return
    for (number, _), line in zip(rows, lines, strict=True):
        yield _Item(number, number, [line])


def _is_title(text: str) -> bool:
    return len(text) <= _TITLE_CHARS and "://" not in text


def _above(lines: list[_Item], top: int) -> Iterator[FlowBlock]:
    """The lines before a table that begins at row ``top``; the nearest are its title."""
    titles: list[str] = []
    while lines and top - lines[-1].bottom <= _NEAR:
        texts = [text for (text,) in lines[-1].rows]
        if len(titles) + len(texts) > _TITLE_ROWS or not all(map(_is_title, texts)):
            break
        titles = texts + titles
        top = lines.pop().top
    yield from _prose(lines)
    for index, text in enumerate(titles):
        if index:
            yield FlowBlock(kind="caption", text=text)
        else:
            yield FlowBlock(kind="heading", text=text, level=2)


def _prose(lines: Iterable[_Item]) -> Iterator[FlowBlock]:
    for item in lines:
        texts = [text for (text,) in item.rows]
        for start in range(0, len(texts), _PIECE_ROWS):
            piece = texts[start : start + _PIECE_ROWS]
            kind: BlockKind = "list" if len(texts) > 1 else "paragraph"
            yield FlowBlock(kind=kind, text="\n".join(piece))


def _heads(row: Sequence[str] | Cells, body: Sequence[Sequence[str] | Cells]) -> bool:
    """Whether ``row`` names the columns of ``body``: no number of its stands among others.

    Years among other numbers are names.
    """
    below = [_by_column(cells) for cells in body[:_SAMPLE]]
    for column, text in _by_column(row).items():
        if not _is_number(text):
            continue
        values = [cells[column] for cells in below if cells.get(column)]
        if _YEAR.fullmatch(text) and not all(map(_YEAR.fullmatch, values)):
            continue
        if values and 2 * sum(map(_is_number, values)) >= len(values):
            return False
    return True


def _by_column(row: Sequence[str] | Cells) -> Cells:
    return row if isinstance(row, dict) else dict(enumerate(row))


def _is_number(text: str) -> bool:
    return _NUMERIC.fullmatch(text) is not None
