"""Tables of a PDF page, by their rulings or by their aligned columns.

PyMuPDF's own table finder takes up to a second a page; this one looks only at the lines of text
and the straight strokes of the page, and takes a few milliseconds.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from indexer.parsers._pdf_lines import Item, Line, Rect, Row, Table, around, rows_of

_TOLERANCE = 2.5  # points between strokes that are meant to touch
_MAX_STROKES = 3000
_MAX_SINGLE_ROWS = 4  # section titles and wrapped labels between full rows
# A longer text is not repeated in all places of its merged cell.
_REPEATED_CHARS = 120
_LEADERS = re.compile(r"\.{4,}|(?:\. ){4,}|…{2,}")
_MARKER = re.compile(r"[•◦▪‣·●○■□–—*-]|\(?\w{1,3}[.)]|\[\d+\]")
_PREFIXES = frozenset("$€£₽¥(") | {"US$", "$(", "Rs."}
_AFTER_PREFIX = frozenset("0123456789(—–-")
_SUFFIXES = frozenset(")%") | {")%", "%)", "pp"}
_NUMBER = re.compile(
    r"[^\W\d_]{0,3}[\s$€£₽¥(+−–-]*\d[\d\s.,:/%()+−–xX-]*[^\W\d_]{0,3}\)?|[—–-]|n/a", re.I
)


@dataclass(slots=True)
class Strokes:
    """Straight strokes of a page: (y, x0, x1) and (x, y0, y1) in points."""

    across: list[tuple[float, float, float]] = field(default_factory=list)
    down: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(slots=True)
class Word(Rect):
    """One word; ``Rect`` is its place in points."""

    text: str


def ruled_tables(strokes: Strokes, read: Callable[[], Sequence[Word]]) -> list[Table]:
    """Tables whose cells are ruled off: at least two columns and two rows with words in them.

    ``read`` gives the page's words; it is called only where strokes cross.
    """
    if len(strokes.across) + len(strokes.down) > _MAX_STROKES:
        return []
    across, down = _merged(strokes.across), _merged(strokes.down)
    tables: list[Table] = []
    grids = _grids(across, down)
    words = read() if grids else []
    for rows, columns in grids:
        table = _ruled_table(rows, columns, words)
        if table is not None and not any(table.overlap(other) for other in tables):
            tables.append(table)
    return tables


_Stroke = tuple[float, float, float]


def _merged(strokes: Sequence[_Stroke]) -> list[_Stroke]:
    """Pieces of one stroke, or its two edges, joined."""
    near: list[list[_Stroke]] = []  # at the same place, but for rounding
    for stroke in sorted(strokes):
        if near and stroke[0] - near[-1][0][0] <= 1.5:
            near[-1].append(stroke)
        else:
            near.append([stroke])
    result: list[_Stroke] = []
    for pieces in near:
        at, start = pieces[0][0], len(result)
        for _, low, high in sorted(pieces, key=lambda piece: piece[1:]):
            if len(result) > start and low <= result[-1][2] + _TOLERANCE:
                result[-1] = (at, result[-1][1], max(high, result[-1][2]))
            else:
                result.append((at, low, high))
    return result


def _grids(
    across: Sequence[_Stroke], down: Sequence[_Stroke]
) -> list[tuple[list[_Stroke], list[_Stroke]]]:
    """Strokes that hang together by crossing or touching each other."""
    parent = list(range(len(across) + len(down)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i, (y, x0, x1) in enumerate(across):
        for j, (x, y0, y1) in enumerate(down, start=len(across)):
            if x0 - _TOLERANCE <= x <= x1 + _TOLERANCE and y0 - _TOLERANCE <= y <= y1 + _TOLERANCE:
                parent[root(i)] = root(j)
    grids: dict[int, tuple[list[_Stroke], list[_Stroke]]] = {}
    for i, stroke in enumerate(across):
        grids.setdefault(root(i), ([], []))[0].append(stroke)
    for j, stroke in enumerate(down, start=len(across)):
        grids.setdefault(root(j), ([], []))[1].append(stroke)
    return [
        grid
        for grid in grids.values()
        if len(grid[0]) >= 2 and grid[1] and len(_column_edges(*grid)) >= 3
    ]


def _column_edges(rows: Sequence[_Stroke], columns: Sequence[_Stroke]) -> list[float]:
    # Tables often lack their outer rulings: the ends of the inner ones stand in for them.
    return _distinct([at for at, _, _ in columns] + [x for _, *ends in rows for x in ends])


def _distinct(values: Sequence[float]) -> list[float]:
    result: list[float] = []
    for value in sorted(values):
        if not result or value - result[-1] > 2 * _TOLERANCE:
            result.append(value)
    return result


def _ruled_table(
    rows: Sequence[_Stroke], columns: Sequence[_Stroke], words: Sequence[Word]
) -> Table | None:
    xs = _column_edges(rows, columns)
    ys = _distinct([at for at, _, _ in rows] + [y for _, *ends in columns for y in ends])
    if len(ys) < 2:
        return None
    place = Rect(xs[0], ys[0], xs[-1], ys[-1])
    bands: list[list[Word]] = [[] for _ in ys[1:]]
    for word in words:
        if place.holds(word):
            bands[min(len(bands), bisect_right(ys, (word.y0 + word.y1) / 2)) - 1].append(word)
    found: list[Row] = []
    merged: list[_Merged] = []
    for (top, bottom), band in zip(pairwise(ys), bands, strict=True):
        middle = (top + bottom) / 2
        # A cell that spans columns is not crossed by the rulings between them.
        edges = [
            x
            for x in xs[1:-1]
            if any(abs(at - x) <= 2 * _TOLERANCE and y0 <= middle <= y1 for at, y0, y1 in columns)
        ]
        band_rows = _band_rows(Rect(place.x0, top, place.x1, bottom), band, edges, xs)
        found += band_rows
        merged += [_Merged(row, _sources(edges, xs), top, len(band_rows) == 1) for row in band_rows]
    repeated = _repeated(merged, rows, xs)
    used = [any(column) for column in zip(*(row.cells for row in found), strict=True)]
    table = _checked(place, found)
    if table is not None:
        for row, cells in zip(found, repeated, strict=True):
            row.cells = [cell for cell, keep in zip(cells, used, strict=True) if keep]
    return table


@dataclass(slots=True)
class _Merged:
    """A row and, for each of its columns, the column whose cell covers it.

    ``top`` is the y of the ruling above it; it is ``alone`` if it fills the band below that.
    """

    row: Row
    sources: list[int]
    top: float
    alone: bool


def _sources(edges: Sequence[float], xs: Sequence[float]) -> list[int]:
    starts = [0] + [bisect_right(xs, edge) - 1 for edge in edges]
    found = [starts[bisect_right(starts, column) - 1] for column in range(len(xs) - 1)]
    # A title over the whole table stands there once.
    return found if any(found) else list(range(len(found)))


def _repeated(
    merged: Sequence[_Merged], across: Sequence[_Stroke], xs: Sequence[float]
) -> list[list[str]]:
    """The cells of each row, the text of merged ones in every place that they cover."""
    cells = [
        [
            part.row.cells[source]
            if source == column or len(part.row.cells[source]) <= _REPEATED_CHARS
            else ""
            for column, source in enumerate(part.sources)
        ]
        for part in merged
    ]
    for column, (x0, x1) in enumerate(pairwise(xs)):
        start = 0
        for index in range(1, len(merged) + 1):
            if index < len(merged) and _hangs_together(
                merged[index - 1 : index + 1], across, x0, x1
            ):
                continue
            texts = [row[column] for row in cells[start:index]]
            text = " ".join(dict.fromkeys(filter(None, texts)))
            if index - start > 1 and len(text) <= _REPEATED_CHARS:
                for row in cells[start:index]:
                    row[column] = text
            start = index
    return cells


def _hangs_together(
    rows: Sequence[_Merged], across: Sequence[_Stroke], x0: float, x1: float
) -> bool:
    """Whether no ruling parts two rows between ``x0`` and ``x1``, though one does elsewhere."""
    above, below = rows
    if not (above.alone and below.alone):
        return False
    strokes = [(s0, s1) for at, s0, s1 in across if abs(at - below.top) <= 2 * _TOLERANCE]
    middle = (x0 + x1) / 2
    return bool(strokes) and not any(s0 <= middle <= s1 for s0, s1 in strokes)


def _band_rows(
    place: Rect, words: Sequence[Word], edges: Sequence[float], xs: Sequence[float]
) -> list[Row]:
    """The row between two rulings; several where only the header is ruled off below."""
    if not words:
        return []
    text_rows = _word_rows(words)

    def cells(members: Sequence[Sequence[Word]]) -> list[str]:
        texts: list[list[str]] = [[] for _ in xs[1:]]
        for row in members:
            for word in row:
                edge = bisect_right(edges, (word.x0 + word.x1) / 2)
                start = edges[edge - 1] if edge else xs[0]
                texts[min(len(texts), bisect_right(xs, start)) - 1].append(word.text)
        return [" ".join(parts) for parts in texts]

    filled = [cells([row]) for row in text_rows]
    full = [sum(map(bool, row)) >= max(2, 0.6 * (len(edges) + 1)) for row in filled]
    if len(text_rows) > 3 and sum(full) >= 0.7 * len(full):
        return [
            Row(place.x0, around(row)[1], place.x1, around(row)[3], texts)
            for row, texts in zip(text_rows, filled, strict=True)
        ]
    return [Row(place.x0, place.y0, place.x1, place.y1, cells(text_rows))]


def _word_rows(words: Sequence[Word]) -> list[list[Word]]:
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.y0 + word.y1, word.x0)):
        if rows and abs(_middle(rows[-1][0]) - _middle(word)) < 0.5 * word.height:
            rows[-1].append(word)
        else:
            rows.append([word])
    for row in rows:
        row.sort(key=lambda word: word.x0)
    return rows


def _middle(rect: Rect) -> float:
    return (rect.y0 + rect.y1) / 2


def _checked(place: Rect, rows: list[Row]) -> Table | None:
    """Drop empty columns; None for a frame around text rather than a table."""
    used = [any(column) for column in zip(*(row.cells for row in rows), strict=True)]
    for row in rows:
        row.cells = [cell for cell, keep in zip(row.cells, used, strict=True) if keep]
    filled = [cell for row in rows for cell in row.cells if cell]
    if len(rows) < 2 or sum(used) < 2 or len(filled) < 4:
        return None
    if sum(sum(map(bool, row.cells)) > 1 for row in rows) < 2:
        return None
    if sum(used) >= 5 and len(filled) < 0.3 * sum(used) * len(rows):
        return None  # bars of a chart, whose ends are its columns
    longest = max(map(len, filled))
    if longest > 600 and longest > 0.6 * sum(map(len, filled)):
        return None
    return Table(place.x0, place.y0, place.x1, place.y1, rows)


def with_aligned_tables(run: Sequence[Item], em: float) -> list[Item]:
    """``run`` with its rows of aligned short texts replaced by tables.

    ``run`` flows down one column, as ``_pdf_order.runs`` gives it; ``em`` is the usual font size.
    """
    rows = rows_of(run)
    if sum(len(row) > 1 for row in rows) < 3:
        return list(run)
    result: list[Item] = []
    start = 0
    while start < len(rows):
        end = _reach(rows, start, em)
        table = _aligned_table(rows[start:end], em) if end - start >= 3 else None
        if table is None:
            result += rows[start]
            start += 1
        else:
            result.append(table)
            start = end
    return result


def _reach(rows: Sequence[Sequence[Item]], start: int, em: float) -> int:
    """The end of the rows from ``start`` on that could be one table; it ends with a full row."""
    if not _is_split(rows[start], em):
        return start
    end, single = start + 1, 0
    for index in range(start + 1, len(rows)):
        row, above = rows[index], rows[index - 1]
        if around(row)[1] - around(above)[3] > 2.2 * em:
            break
        if _is_split(row, em):
            end, single = index + 1, 0
            continue
        single += 1
        if (
            single > _MAX_SINGLE_ROWS
            or len(row) > 1
            or not isinstance(row[0], Line)
            or len(row[0].text) > 90
        ):
            break
    return end


def _is_split(row: Sequence[Item], em: float) -> bool:
    return (
        len(row) > 1
        and all(isinstance(item, Line) for item in row)
        and any(b.x0 - a.x1 >= 0.9 * em for a, b in pairwise(row))
    )


def _aligned_table(rows: Sequence[Sequence[Item]], em: float) -> Table | None:
    lines = [_fragments([item for item in row if isinstance(item, Line)], em) for row in rows]
    split = [row for row in lines if len(row) > 1]
    columns = _columns(split)
    if len(columns) < 2 or len(split) < 3 or not _is_tabular(split, len(columns)):
        return None
    found: list[Row] = []
    for row in lines:
        cells: list[list[str]] = [[] for _ in columns]
        for line in row:
            shared = [min(line.x1, x1) - max(line.x0, x0) for x0, x1 in columns]
            overlapping = [i for i, width in enumerate(shared) if width > 0]
            at = overlapping[0] if len(overlapping) > 1 else shared.index(max(shared))
            cells[at].append(line.text)
        found.append(Row(*around(row), [" ".join(parts) for parts in cells]))
    return _checked(Rect(*around([line for row in lines for line in row])), found)


def _fragments(row: Sequence[Line], em: float) -> list[Line]:
    """Currency and percent signs set apart from their number are joined to it."""
    result: list[Line] = []
    for line in row:
        last = result[-1] if result else None
        if last is not None and (
            line.text in _SUFFIXES
            or (last.text in _PREFIXES and line.text[0] in _AFTER_PREFIX)
            or line.x0 - last.x1 < 0.5 * em
        ):
            joined = (
                f"{last.text} {line.text}"
                if line.x0 - last.x1 < 0.5 * em
                else (last.text + line.text)
            )
            result[-1] = Line(*around((last, line)), joined, last.size, last.bold, last.mono)
        else:
            result.append(line)
    return result


def _columns(rows: Sequence[Sequence[Line]]) -> list[tuple[float, float]]:
    """Places of the columns: narrow cells first, so that a title over two of them joins none."""
    columns: list[tuple[float, float]] = []
    for line in sorted((line for row in rows for line in row), key=lambda line: line.width):
        touched = [c for c in columns if min(c[1], line.x1) - max(c[0], line.x0) > 0]
        if not touched:
            columns.append((line.x0, line.x1))
        elif len(touched) == 1:
            columns.remove(touched[0])
            columns.append((min(touched[0][0], line.x0), max(touched[0][1], line.x1)))
    return sorted(columns)


def _is_tabular(rows: Sequence[Sequence[Line]], columns: int) -> bool:
    """Short cells, no leaders of a table of contents, no list; numbers where columns are few."""
    texts = [line.text for row in rows for line in row]
    if sum(bool(_LEADERS.search(text)) for text in texts) > 0.2 * len(rows):
        return False
    if sum(bool(_MARKER.fullmatch(row[0].text)) for row in rows) > 0.5 * len(rows):
        return False
    later = [line.text for row in rows for line in row[1:]]
    if median(len(text.split()) for text in later) > 6:
        return False
    if median(len(row[0].text.split()) for row in rows) > 15:
        return False
    numbers = sum(bool(_NUMBER.fullmatch(text)) for text in later)
    fill = sum(len(row) for row in rows) / (len(rows) * columns)
    if columns == 2:
        return numbers >= 0.6 * len(later)
    return fill >= 0.45 and (numbers >= 0.3 * len(later) or fill >= 0.7)
