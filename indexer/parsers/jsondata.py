"""JSON as readable text: values with the path that leads to them, lists of objects as tables."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from indexer.domain import ParsedDocument
from indexer.parsers import text as plain
from indexer.parsers._decode import read_text
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._sheet import MAX_CELLS, flat, table_blocks
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".json", ".jsonl", ".ndjson", ".geojson"})

_MEDIA_TYPE = "application/json"
_MAX_CHARS = 100_000_000  # of one document; more does not fit into memory as values
_MAX_DEPTH = 60  # below, values are shown as they are written
_BLOCK_CHARS = 800  # lines of one block, so that a passage holds it whole
_SHOWN_NUMBERS = 16  # of a longer list of numbers
_TITLES = ("title", "name", "headline", "subject")
# What a table may be like; other lists are read object by object.
_MAX_COLUMNS, _MAX_CELL_CHARS, _MAX_ROW_CHARS, _MIN_FILLED = 30, 200, 400, 0.5

_UNTEXTUAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")

_Record = dict[str, str]
"""The values of an object as text, by their path in it."""


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """One document, or one per line; numbers stay as they are written.

    A list of like objects becomes a table, other objects lines of "path: value". What is no
    valid JSON is kept as plain text and a warning says so. Raises UnreadableDocument for binary
    data and for a file without text.
    """
    text = read_text(path)
    warnings: list[str] = []
    reader = _Reader(settings)
    try:
        value = _value(text, warnings)
        blocks = list(reader.blocks(value, "", 1))
    except (ValueError, RecursionError):
        document = plain.parse(path, settings)
        warning = "not valid JSON, or too large or too deep; it is read as plain text"
        header = replace(document.header, media_type=_MEDIA_TYPE, warnings=(warning,))
        return replace(document, header=header)
    if reader.left < 0:
        warnings.append(f"only the first {MAX_CELLS:,} values are read")
    return flow_document(
        path,
        blocks,
        settings,
        media_type=_MEDIA_TYPE,
        title=_title(value) or path.stem,
        warnings=tuple(warnings),
    )


def _value(text: str, warnings: list[str]) -> Any:
    """What the file holds: one document, or a list with one for each line.

    A faulty line stands for itself. Raises ValueError unless most lines are sound, RecursionError
    for values nested too deeply.
    """
    if len(text) <= _MAX_CHARS:
        with suppress(ValueError):
            return _loaded(text)
    values: list[Any] = []
    faulty = 0
    for line in filter(str.strip, text.split("\n")):
        if len(values) >= MAX_CELLS:
            warnings.append(f"only the first {MAX_CELLS:,} lines are read")
            break
        try:
            values.append(_loaded(line))
        except ValueError:
            values.append(line)
            faulty += 1
            if faulty > 10 and 2 * faulty > len(values):
                raise
    if 2 * faulty >= len(values):
        raise ValueError("not JSON")
    if faulty:
        warnings.append(f"{faulty:,} lines are not valid JSON; they are read as plain text")
    return values


def _loaded(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _title(value: Any) -> str:
    found = [value[key] for key in _TITLES if key in value] if isinstance(value, dict) else []
    return next((flat(text) for text in found if isinstance(text, str) and len(text) < 200), "")


@dataclass(slots=True)
class _Reader:
    """Turns values into blocks; ``left`` is how many more may be read, below zero when cut."""

    settings: ParserSettings
    left: int = MAX_CELLS

    def blocks(self, value: Any, path: str, level: int) -> Iterator[FlowBlock]:
        """The blocks of a value. Lists of objects and lists have their path as a heading."""
        if not _has_inner(value):
            value = {"": value}
        if isinstance(value, dict):
            record: _Record = {}
            inner: list[tuple[str, Any]] = []
            self._gather(value, path, record, inner, 0)
            yield from _line_blocks(record)
            for place, item in inner:
                yield FlowBlock(kind="heading", text=place, level=min(6, level))
                yield from self._list(item, place, level + 1)
        else:
            yield from self._list(value, path, level)

    def _gather(
        self,
        value: dict[str, Any],
        path: str,
        record: _Record,
        inner: list[tuple[str, Any]],
        depth: int,
    ) -> None:
        """Sort what is inside an object into texts and into lists that stand by themselves."""
        for key, item in value.items():
            place = _clean(f"{path}.{key}" if path and key else path or key)
            self.left -= 1
            if self.left < 0:
                return
            shape = _shape(item)
            if shape:
                record[place] = shape
            elif depth >= _MAX_DEPTH:
                record[place] = _written(item)
            elif isinstance(item, dict):
                self._gather(item, place, record, inner, depth + 1)
            elif _has_inner(item):
                inner.append((place, item))
            else:
                record[place] = _text(item)

    def _list(self, items: Sequence[Any], path: str, level: int) -> Iterator[FlowBlock]:
        """A list of objects or lists: a table if they are alike, else one after the other."""
        if level > _MAX_DEPTH:
            yield FlowBlock(kind="paragraph", text=_written(items))
            return
        table = self._table(items)
        if table:
            yield from table_blocks(table, self.settings.text_page_chars)
            return
        for number, item in enumerate(items, start=1):
            if self.left < 0:
                return
            title = _title(item)
            if title:
                yield FlowBlock(kind="heading", text=title, level=min(6, level))
            place = f"{path}[{number}]" if isinstance(item, list) else ""
            yield from self.blocks(item, place, level + 1)

    def _table(self, items: Sequence[Any]) -> list[list[str]]:
        """The header and the rows of a list whose members are alike and short, else nothing."""
        if len(items) < 2:
            return []
        records: list[_Record] = []
        columns: dict[str, None] = {}
        before = self.left
        cells = chars = 0
        for item in items:
            record: _Record = {}
            inner: list[tuple[str, Any]] = []
            if isinstance(item, list) and not _has_inner(item):
                item = {str(number): cell for number, cell in enumerate(item)}
            if isinstance(item, dict):
                self._gather(item, "", record, inner, 0)
            columns.update(dict.fromkeys(record))
            longest = max(map(len, record.values()), default=0)
            if not record or inner or len(columns) > _MAX_COLUMNS or longest > _MAX_CELL_CHARS:
                self.left = before
                return []
            if self.left < 0:
                break
            records.append(record)
            cells += len(record)
            chars += sum(map(len, record.values()))
        regular = cells >= _MIN_FILLED * len(columns) * len(records)
        if not regular or chars > _MAX_ROW_CHARS * len(records):
            self.left = before
            return []
        rows = [[flat(record.get(column, "")) for column in columns] for record in records]
        # Lists have no names for their columns.
        return rows if isinstance(items[0], list) else [list(columns), *rows]


def _has_inner(value: Any) -> bool:
    """Whether ``value`` is an object or a list that holds one or another list."""
    if isinstance(value, list):
        return any(isinstance(item, dict | list) for item in value)
    return isinstance(value, dict)


def _shape(value: Any) -> str:
    """A GeoJSON geometry in words, "" for another value: nobody reads lists of coordinates."""
    kind = value.get("type") if isinstance(value, dict) and len(value) <= 3 else None
    points = value.get("coordinates") if kind else None
    if not isinstance(kind, str) or not isinstance(points, list):
        return ""
    if not _has_inner(points):
        return f"{kind} {_text(points)}"
    count, waiting = 0, [points]
    while waiting:
        inner = [item for item in waiting.pop() if isinstance(item, list)]
        waiting += [item for item in inner if _has_inner(item)]
        count += sum(not _has_inner(item) for item in inner)
    return f"{kind} of {count:,} points"


def _text(value: Any) -> str:
    """A value, or a list of values, as text."""
    if isinstance(value, str):
        return _clean(value).strip()
    if isinstance(value, list):
        shown = [flat(_text(item)) for item in value]
        if len(shown) > _SHOWN_NUMBERS and all(text[-1:].isdigit() for text in shown):
            return f"{', '.join(shown[:_SHOWN_NUMBERS])} … ({len(shown):,} numbers)"
        return ", ".join(shown)
    return "" if value is None else _written(value)


def _clean(text: str) -> str:
    """Without what no text may hold: control characters and halves of surrogate pairs."""
    return text if text.isprintable() else _UNTEXTUAL.sub(" ", text)


def _written(value: Any) -> str:
    return _clean(json.dumps(value, ensure_ascii=False))


def _line_blocks(record: _Record) -> Iterator[FlowBlock]:
    piece: list[str] = []
    size = 0
    for path, text in record.items():
        if not text:
            continue
        line = f"{path}: {text}" if path else text
        if piece and size + len(line) > _BLOCK_CHARS:
            yield FlowBlock(kind="paragraph", text="\n".join(piece))
            piece, size = [], 0
        piece.append(line)
        size += len(line)
    if piece:
        yield FlowBlock(kind="paragraph", text="\n".join(piece))
