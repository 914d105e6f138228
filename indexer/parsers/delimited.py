"""Tables in text files: comma-separated values and their like."""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from itertools import islice
from pathlib import Path

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers._decode import decode
from indexer.parsers._flow import flow_document
from indexer.parsers._sheet import Allowance, Cells, flat, left_out, sheet_blocks
from indexer.settings import MEBIBYTE, ParserSettings

SUFFIXES = frozenset({".csv", ".tsv", ".tab"})

_DELIMITERS = ",;\t|"
_SAMPLE_CHARS, _SAMPLE_ROWS = 65_536, 200
_MAX_BYTES = 64 * MEBIBYTE  # holds more cells than are read
_MAX_FIELD = 1_000_000  # characters; a longer one is a quote that never closes
_DOUBLED = re.compile(r'[^\s,;|]""|""[^\s,;|]')
_END = "\1"
_DECLARED = re.compile(r"\Asep=(.)\n", re.I)


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a file separates its cells; ``escape`` is the sign that protects quotes, if any does."""

    delimiter: str
    quoting: bool
    escape: str | None


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """The rows as one table, or several where empty rows separate them.

    The separator is the one that gives the most regular rows, a line "sep=;" decides. Cells
    beyond the header's columns are kept. Raises UnreadableDocument for binary data and for a
    file without text.
    """
    text, shortened = _text_of(path)
    cut = shortened
    declared = _DECLARED.match(text)
    text = text[declared.end() :] if declared else text
    dialect = _dialect(text, declared[1] if declared else "", path.suffix.lower())
    allowance = Allowance()
    rows: dict[int, Cells] = {}
    for number, row in enumerate(_rows(text, dialect)):
        cells = {column: shown for column, cell in enumerate(row) if (shown := flat(cell))}
        rows[number] = cells
        if not allowance.take(cells):
            cut = True
            break
    lines = text.count("\n")
    total = "" if shortened else f" of about {lines:,}"
    return flow_document(
        path,
        sheet_blocks(rows, (), settings.text_page_chars),
        settings,
        media_type="text/tab-separated-values" if dialect.delimiter == "\t" else "text/csv",
        title=path.stem,
        warnings=left_out([f"what follows row {len(rows):,}{total}"] if cut else []),
    )


def _text_of(path: Path) -> tuple[str, bool]:
    """The text, or its first lines up to a bound, and whether it was cut."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as exc:
        raise UnreadableDocument(
            path, cause=f"cannot be opened ({exc.strerror})", remedy="check that it may be read"
        ) from exc
    text = decode(data[:_MAX_BYTES], path)
    if len(data) <= _MAX_BYTES:
        return text, False
    return text[: text.rfind("\n") + 1] or text, True


def _dialect(text: str, declared: str, suffix: str) -> _Dialect:
    sample = text[:_SAMPLE_CHARS]
    if len(sample) < len(text):
        sample = sample[: sample.rfind("\n") + 1] or sample
    # Doubled quotes are the rule; some databases protect them with a backslash.
    escape = "\\" if '\\"' in sample and not _DOUBLED.search(sample) else None
    choices = [_Dialect(mark, True, escape) for mark in declared or _DELIMITERS]
    usual = "\t" if suffix in {".tsv", ".tab"} else ","
    best = max(choices, key=lambda choice: (_regularity(sample, choice), choice.delimiter == usual))
    return best if _closes(text, best) else replace(best, quoting=False)


def _regularity(sample: str, dialect: _Dialect) -> tuple[float, int]:
    """The share of rows with the commonest number of cells above one, and of those with more."""
    rows = (row for row in _rows(sample, dialect) if any(row))
    widths = Counter(map(len, islice(rows, _SAMPLE_ROWS)))
    total = widths.total()
    widths.pop(1, None)
    if not widths:
        return 0.0, 0
    regular = max(widths.values()) / total
    return (regular if regular > 0.5 else 0.0), widths.total()


def _closes(text: str, dialect: _Dialect) -> bool:
    """Whether every quote that opens also closes: a row added at the end stays one."""
    try:
        last = deque(_rows(f"{text}\n{_END}\n", dialect), maxlen=1)
    except csv.Error:
        return False
    return last[0] == [_END]


def _rows(text: str, dialect: _Dialect) -> Iterator[list[str]]:
    csv.field_size_limit(_MAX_FIELD if dialect.quoting else _MAX_BYTES)
    return csv.reader(
        StringIO(text),
        delimiter=dialect.delimiter,
        quoting=csv.QUOTE_MINIMAL if dialect.quoting else csv.QUOTE_NONE,
        doublequote=dialect.escape is None,
        escapechar=dialect.escape,
        skipinitialspace=True,
    )
