"""Comma-separated values for the contract suite."""

from pathlib import Path

SUFFIX = ".csv"


def make(path: Path) -> None:
    rows = "".join(f'"lanterns, {number}",{number}\n' for number in range(20))
    path.write_text(f"Harbour Заметка,seven\n{rows}", encoding="utf-8")
