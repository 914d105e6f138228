"""Tables whose rows place their cells by distances from the margin, as in RTF and Word's binary."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from indexer.parsers._grid import Cell, table_text

# Edges nearer than this, in twips (1/1440 inch), are drawn as one.
_TOLERANCE = 30

Merge = Literal["", "start", "continue"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A cell that reaches to ``right`` (twips); ``down`` and ``across`` say how it is merged."""

    text: str
    right: int
    down: Merge = ""
    across: Merge = ""


@dataclass(slots=True)
class _Open:
    """A cell whose rows are still being counted."""

    text: str
    columns: int
    rows: int = 1


def placed_text(rows: Sequence[Sequence[Placed]]) -> str:
    """One line per row, cells joined with " | ", merged cells in each place they cover."""
    edges = _edges(cell.right for row in rows for cell in row)
    grid: list[list[_Open]] = []
    above: dict[int, _Open] = {}  # of each column: the cell that a merged one continues
    for row in rows:
        line: list[_Open] = []
        column = 0
        for cell in row:
            columns = max(1, bisect_right(edges, cell.right) - column)
            held = above.get(column)
            if cell.down == "continue" and held is not None:
                held.rows += 1
            elif cell.across == "continue" and line:
                line[-1].columns += columns
            else:
                held = _Open(text=cell.text, columns=columns)
                line.append(held)
                if cell.down:
                    above[column] = held
                else:
                    above.pop(column, None)
            column += columns
        grid.append(line)
    return table_text(
        [Cell(text=cell.text, columns=cell.columns, rows=cell.rows) for cell in line]
        for line in grid
    )


def _edges(rights: Iterable[int]) -> list[int]:
    edges: list[int] = []
    for right in sorted(set(rights)):
        if not edges or right - edges[-1] > _TOLERANCE:
            edges.append(right)
    return edges
