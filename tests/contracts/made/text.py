"""Plain text for the contract suite."""

from pathlib import Path


def make(path: Path) -> None:
    path.write_text("Harbour log\n\nЗаметка: " + "seven lanterns " * 30, encoding="utf-8")
