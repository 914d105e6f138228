"""Markdown for the contract suite."""

from pathlib import Path


def make(path: Path) -> None:
    path.write_text(
        "# Harbour\n\n**Заметка** about\n\n- seven\n- lanterns\n\n" + "more text here " * 30 + "\n",
        encoding="utf-8",
    )
