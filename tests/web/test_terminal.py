"""Names and words of others in the terminal: shown, never obeyed."""

import io
from pathlib import Path

import pytest
from rich.text import Text

from indexer.pipeline import IndexReport
from indexer.store.records import FileState
from web import show
from web.terminal import Terminal, one_line

EVIL = "\x1b[2J\x1b]0;title\x07red\x9b31m\r\x08\x7f"


def printed(*, colours: bool = False) -> tuple[Terminal, io.StringIO]:
    file = io.StringIO()
    return Terminal(file=file, force_terminal=colours, width=200, soft_wrap=True), file


def test_words_cannot_command_the_terminal() -> None:
    terminal, file = printed()
    terminal.print(Text(f"a {EVIL} b\nc\td"))
    text = file.getvalue()
    assert "red" in text
    assert text.splitlines()[-1].split() == ["c", "d"]
    assert not set(text) & set("\x1b\x07\x9b\r\x08\x7f")


def test_colours_of_our_own_stay() -> None:
    terminal, file = printed(colours=True)
    terminal.print(Text("words", style="bold") + Text(" \x1b[31m"))
    assert file.getvalue().startswith("\x1b[1mwords")
    assert "\x1b[31m" not in file.getvalue()


def test_a_failed_file_takes_one_line_whatever_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, file = printed()
    monkeypatch.setattr(show, "out", terminal)
    name = str(Path("/notes") / f"two\nlines\u2028{EVIL}.pdf")
    failure = FileState(
        path=name, size=1, mtime_ns=1, sha256="", indexed=False, cause="damaged", remedy="mend it"
    )
    report = IndexReport(indexed=(), unchanged=0, removed=(), failed=(failure,))
    show.show_report(report, as_json=False)
    (line,) = (line for line in file.getvalue().split("\n") if "damaged; mend it" in line)
    assert line.startswith("  /notes/two lines")
    assert not set(file.getvalue()) & set("\x1b\x07\x9b\r\x08\x7f\u2028")


def test_one_line_keeps_plain_words_as_they_are() -> None:
    assert one_line("/home/ada/дача.txt: damaged") == "/home/ada/дача.txt: damaged"
