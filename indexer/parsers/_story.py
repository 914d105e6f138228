"""Stories (body, notes, headers, text boxes) of formats that mark where cells and rows end.

These are RTF and Word's binary format, whose tables are paragraphs with a nesting level.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from indexer.parsers._boundaries import Merge, Placed, placed_text
from indexer.parsers._flow import FlowBlock
from indexer.parsers._notes import flat_text

StoryKind = Literal["body", "header", "footer", "note", "comment", "box"]

_MAX_CELLS = 100_000  # of one table; more are made to exhaust memory
_DEFAULT_WIDTH = 1440


@dataclass(slots=True)
class CellPlan:
    """What a row's definition says about one of its cells."""

    right: int = 0
    down: Merge = ""
    across: Merge = ""


@dataclass(slots=True)
class Line:
    """A paragraph while it is read. ``after`` holds the pictures and boxes anchored in it."""

    parts: list[str] = field(default_factory=list)
    after: list[FlowBlock] = field(default_factory=list)
    marker: str | None = None  # the number or bullet that is printed before it
    chars: int = 0  # runs of text
    monospaced: int = 0  # of them, in a monospaced font
    unset: int = 0  # of them, in the font of the paragraph's style


@dataclass(slots=True)
class _Table:
    """A table while it is read: the blocks of its current cell, its current row, its rows."""

    new_page: bool
    cell: list[FlowBlock] = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    rows: list[list[Placed]] = field(default_factory=list)
    first: list[FlowBlock] = field(default_factory=list)  # what the first cell holds
    pictures: list[FlowBlock] = field(default_factory=list)
    cells: int = 0


class Story:
    """Gathers paragraphs for ``taken``, those of tables in their cells."""

    def __init__(self, kind: StoryKind) -> None:
        self.kind = kind
        self.line = Line()
        self.is_endnote = False
        self.ready: list[FlowBlock] = []  # blocks that ``taken`` would give
        self._tables: list[_Table] = []
        self._has_begun = False
        self._new_page = False

    @property
    def in_row(self) -> bool:
        """Whether a row has begun that has not ended."""
        return bool(self._tables and self._tables[-1].row)

    def break_page(self, *, wanted: bool = True) -> None:
        """Let the next block start a new page, or take that back."""
        self._new_page = wanted and self._has_begun and self.kind == "body"

    def add(self, blocks: Sequence[FlowBlock], level: int = 0) -> None:
        """Put a paragraph into the text (``level`` 0) or a cell of the ``level``-th table."""
        self._go_to(level)
        self._put(blocks)

    def end_cell(self, level: int) -> None:
        self._go_to(level)
        table = self._tables[-1]
        text, pictures = flat_text(table.cell)
        if not table.cells:
            table.first = table.cell
        table.cell = []
        table.cells += 1
        if table.cells < _MAX_CELLS:
            table.row.append(text)
            table.pictures += pictures

    def end_row(self, level: int, plans: Sequence[CellPlan]) -> None:
        self._go_to(level)
        table = self._tables[-1]
        if table.cell:
            self.end_cell(level)
        table.rows.append(list(_placed(table.row, plans)))
        table.row = []

    def taken(self, *, is_end: bool = False) -> list[FlowBlock]:
        """The blocks that are ready; at the end also those of a table that has not ended."""
        if is_end:
            self._go_to(0)
        out, self.ready = self.ready, []
        return out

    def _put(self, blocks: Sequence[FlowBlock]) -> None:
        if not blocks:
            return
        self._has_begun = True
        if self._tables:
            self._tables[-1].cell += blocks
        else:
            first = replace(blocks[0], new_page=blocks[0].new_page or self._new_page)
            self._new_page = False
            self.ready += (first, *blocks[1:])

    def _go_to(self, level: int) -> None:
        """Close or open tables until ``level`` of them are open."""
        while len(self._tables) > level:
            table = self._tables[-1]
            if table.row or table.cell:
                self.end_row(len(self._tables), [])
            self._tables.pop()
            self._new_page = self._new_page or (table.new_page and not self._tables)
            self._put(_blocks(table))
        while len(self._tables) < level:
            self._tables.append(_Table(new_page=self._new_page))
            self._new_page = False


def _blocks(table: _Table) -> list[FlowBlock]:
    if table.cells == 1:
        return table.first  # a single cell only draws a frame
    text = placed_text(table.rows)
    return [FlowBlock(kind="table", text=text), *table.pictures] if text else table.pictures


def _placed(texts: Sequence[str], plans: Sequence[CellPlan]) -> Iterator[Placed]:
    right = 0
    for index, text in enumerate(texts):
        plan = plans[index] if index < len(plans) else CellPlan(right=right + _DEFAULT_WIDTH)
        right = max(right + 1, plan.right)
        yield Placed(text=text, right=right, down=plan.down, across=plan.across)
