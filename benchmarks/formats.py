"""Text recall per format: the share of expected word 5-grams that parsing finds.

Run ``python -m benchmarks.formats``; the files and expected texts are those of
``documents/<half>``. Words are runs of letters and digits in lower case, markup removed. A text of
fewer than five words counts as one n-gram. Formats are averaged over their files; scans (files
whose text was read from pixels) are listed apart.
"""

import html
import re
import sys
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.data import parser, require, rows
from indexer.domain import ParsedDocument
from indexer.errors import SightlineError
from indexer.parsers.sandbox import ParserProcess
from indexer.settings import IndexerSettings

SIZE = 5
_MARKUP = (
    (re.compile(r"<!--.*?-->", re.S), " "),
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), " "),
    (re.compile(r"\[([^\]]*)\]\([^)\s]*\)"), r"\1"),
    (re.compile(r"^[ \t]*\|?[ \t:|-]+\|[ \t:|-]*$", re.M), " "),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~$&-])"), r"\1"),
    (re.compile(r"[*`]+|^#{1,6} ", re.M), ""),
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Outcome:
    """One file: ``recall`` is None where nothing is expected; ``scan`` if its text was OCRed."""

    name: str
    format: str
    error: str
    recall: float | None
    missing: tuple[str, ...] = ()
    scan: bool = False


def words(text: str, *, markdown: bool) -> list[str]:
    """Lower-case runs of letters and digits; ``markdown`` removes its markup first."""
    if markdown:
        for pattern, replacement in _MARKUP:
            text = pattern.sub(replacement, text)
    text = html.unescape(text)
    # The Arabic of PDFs comes in presentation forms.
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower().replace("_", " "))


def grams(found: list[str]) -> Counter[tuple[str, ...]]:
    size = min(SIZE, len(found))
    return Counter(tuple(found[at : at + size]) for at in range(len(found) - size + 1))


def recall(expected: list[str], found: list[str]) -> tuple[float, list[str]]:
    """Share of the expected n-grams found, as a multiset, and those that are missing."""
    wanted = grams(expected)
    size = min(SIZE, len(expected))
    present = Counter(tuple(found[at : at + size]) for at in range(len(found) - size + 1))
    missing = wanted - present
    total = sum(wanted.values())
    return (1 - sum(missing.values()) / total if total else 1.0), [
        " ".join(gram) for gram in missing.elements()
    ]


def text_of(document: ParsedDocument) -> tuple[str, bool]:
    """All text of a document in reading order, and whether any of it was OCRed."""
    parts, scanned = [], False
    for page in document.pages:
        parts += [block.text for block in page.blocks]
        scanned = scanned or page.recognition is not None
    return "\n".join(parts), scanned


def measure(folder: Path, row: dict[str, Any], child: ParserProcess) -> Outcome:
    path = folder / row["file"]
    try:
        text, scan = text_of(child.parse(path))
    except SightlineError as exc:
        return Outcome(row["id"], row["format"], f"{exc.cause}; {exc.remedy}", None)
    if not row.get("expected"):
        return Outcome(row["id"], row["format"], "", None, scan=scan)
    kind = row["expected_kind"]
    raw = (folder / row["expected"]).read_text("utf-8")
    if kind == "table-csv-human":
        raw = raw.replace(",", " ")
    share, missing = recall(
        words(raw, markdown=kind == "docling-md"), words(text, markdown=row["format"] == "md")
    )
    return Outcome(row["id"], row["format"], "", share, tuple(missing), scan)


def main() -> None:
    options = parser(__doc__ or "")
    options.add_argument("--format", nargs="*", help="only these formats")
    options.add_argument("--missing", type=int, default=0, help="n-grams to show per file")
    chosen = options.parse_args()
    folder = require(chosen.data / "documents" / chosen.half)
    settings = IndexerSettings.from_env().parser
    outcomes = []
    with ParserProcess(settings) as child:
        for row in rows(folder / "expected.jsonl"):
            if chosen.format and row["format"] not in chosen.format:
                continue
            if chosen.only and not any(part in row["id"] for part in chosen.only):
                continue
            outcomes.append(measure(folder, row, child))
    console = Console()
    for outcome in sorted(outcomes, key=lambda each: (each.format, each.name)):
        if chosen.missing and outcome.recall is not None and outcome.recall < 1:
            console.print(f"{outcome.recall:.3f} {outcome.format} {outcome.name}", highlight=False)
            for gram in outcome.missing[: chosen.missing]:
                console.print(f"    - {gram}", highlight=False, markup=False)
    table = Table("format", "files", "indexed", "with expected text", "5-gram recall", "worst file")
    kinds = sorted({(each.scan, each.format) for each in outcomes})
    for scan, name in kinds:
        group = [each for each in outcomes if (each.scan, each.format) == (scan, name)]
        judged = [each for each in group if each.recall is not None]
        worst = min(judged, key=lambda each: each.recall or 0, default=None)
        table.add_row(
            f"{name} (scan)" if scan else name,
            str(len(group)),
            str(sum(not each.error for each in group)),
            str(len(judged)),
            f"{sum(each.recall or 0 for each in judged) / len(judged):.3f}" if judged else "",
            f"{worst.recall:.3f} {worst.name}" if worst else "",
        )
    console.print(table)
    for outcome in outcomes:
        if outcome.error:
            console.print(f"not read: {outcome.name}: {outcome.error}", highlight=False)
    sys.exit(any(outcome.error for outcome in outcomes))


if __name__ == "__main__":
    main()
