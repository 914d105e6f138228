"""A PDF of two pages with an embedded file for the contract suite."""

from pathlib import Path

import pymupdf


def make(path: Path) -> None:
    with pymupdf.open() as document:
        for text in ("Harbour seven lanterns", "Заметка о гавани, страница вторая"):
            page = document.new_page()
            page.insert_htmlbox((72, 72, 500, 300), f"<p>{text}</p>")
        document.embfile_add("boats.txt", b"Two masts.", filename="boats.txt")
        document.save(path)
