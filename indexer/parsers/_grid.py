"""Tables with merged cells, as markup describes them, to lines of text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# What a table may claim by its spans; pages that ask for more are made to exhaust memory.
_MAX_COLUMNS = 1000
_MAX_CELLS = 200_000
# A longer text is not repeated in all places of its merged cell.
_REPEATED_CHARS = 200


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Cell:
    """A cell of markup: ``text`` without line breaks, and the columns and rows it covers."""

    text: str
    columns: int = 1
    rows: int = 1


_Row = list[Cell | None]


def span_of(value: object) -> int:
    """The number of a ``colspan`` or ``rowspan`` attribute, 1 if there is none."""
    text = str(value or "").strip()
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def table_text(rows: Iterable[Sequence[Cell]]) -> str:
    """One line per row, cells joined with " | ".

    The text of a merged cell stands in each position that it covers. Columns that no cell has
    for its own are left out, as are rows without text.
    """
    grid = _placed(rows)
    width = max(map(len, grid), default=0)
    for row in grid:
        row += [None] * (width - len(row))
    kept = [column for column in range(width) if any(_is_own(row, column) for row in grid)]
    return "\n".join(" | ".join(line) for line in _lines(grid, kept) if any(line))


def _placed(rows: Iterable[Sequence[Cell]]) -> list[_Row]:
    """The cell at each position, None where there is none."""
    grid: list[_Row] = []
    total = 0
    hanging: dict[int, tuple[Cell, int]] = {}  # of each column: the cell above, rows it still has
    for row in rows:
        line: _Row = []
        cells = iter(row)
        waiting, hanging = hanging, {}
        while True:
            if len(line) in waiting:
                cell, height = waiting[len(line)]
                width = 1
            else:
                following = next(cells, None)
                if following is None:
                    if not waiting:
                        break
                    line += [None] * (min(waiting) - len(line))
                    continue
                cell = following
                fits = total < _MAX_CELLS
                width = max(1, min(cell.columns, _MAX_COLUMNS - len(line))) if fits else 1
                height = cell.rows if fits else 1
            for _ in range(width):
                waiting.pop(len(line), None)
                if height > 1:
                    hanging[len(line)] = (cell, height - 1)
                line.append(cell)
        grid.append(line)
        total += len(line)
    return grid


def _is_own(row: _Row, column: int) -> bool:
    """Whether a text starts in this column."""
    cell = row[column]
    return cell is not None and cell.text != "" and (column == 0 or row[column - 1] is not cell)


def _lines(grid: Sequence[_Row], kept: Sequence[int]) -> Iterator[list[str]]:
    long: set[int] = set()
    for row in grid:
        line: list[str] = []
        for column in kept:
            cell = row[column]
            text = cell.text if cell is not None and id(cell) not in long else ""
            if len(text) > _REPEATED_CHARS:
                long.add(id(cell))
            line.append(text)
        yield line
