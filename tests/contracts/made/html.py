"""HTML for the contract suite."""

from pathlib import Path


def make(path: Path) -> None:
    path.write_text(
        "<html><head><meta charset='utf-8'><title>Harbour</title></head><body><h1>Harbour</h1>"
        f"<p>Заметка: <b>seven</b> lanterns</p><p>{'more text here ' * 30}</p></body></html>",
        encoding="utf-8",
    )
