"""A parser process in which a hostile file has won: it runs whatever it is given to read."""

import sys
from pathlib import Path

import pytest

from indexer.parsers.sandbox import ParserProcess
from indexer.settings import ParserSettings

PYTHON = sys.executable

# The document is what the code has put into ``document``; without one, its title is what is in
# ``result``, or the error that the code ran into.
_PROGRAM = """
import errno
from indexer.domain import Header, ParsedDocument
from indexer.parsers import _jail, child

def run(path, settings):
    names = {}
    try:
        exec(path.read_text(), names)
        title = str(names.get("result"))
    except OSError as exc:
        title = errno.errorcode[exc.errno]
    if "document" in names:
        return names["document"]
    return ParsedDocument(header=Header(title=title, media_type="", page_count=0), pages=iter(()))

child.open_document = run
child.parsers = dict  # the real ones take a second to import, and are not used
"""


def take_over(folder: Path, monkeypatch: pytest.MonkeyPatch, prelude: str = "") -> None:
    """From now on every parser process is such a one; ``prelude`` runs before its limits."""
    program, interpreter = folder / "taken_over.py", folder / "python"
    program.write_text(f"{_PROGRAM}{prelude}\nchild.main()\n")
    interpreter.write_text(f"#!/bin/sh\nexec '{PYTHON}' -P '{program}'\n")
    interpreter.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(interpreter))


def taken_over(folder: Path, monkeypatch: pytest.MonkeyPatch, prelude: str = "") -> ParserProcess:
    take_over(folder, monkeypatch, prelude)
    return ParserProcess(ParserSettings())
