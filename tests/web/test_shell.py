"""What the terminal offers: completion, examples in every help, pictures, colours or none."""

import io
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from indexer.library import Library
from retriever.domain import Query
from tests.web.fake_engine import FakeEngine
from web import completing, examples
from web.cli import cli
from web.terminal import Terminal
from web.thumbnails import Thumbnails


def offered(arguments: list[str], incomplete: str) -> list[str]:
    shell = ShellComplete(cli, {}, "sightline", completing.VARIABLE)
    return [each.value for each in shell.get_completions(arguments, incomplete)]


@pytest.mark.parametrize("shell", completing.SHELLS)
def test_script_is_printed_for_every_shell(shell: str) -> None:
    result = CliRunner().invoke(cli, ["completion", shell])
    assert result.exit_code == 0
    assert completing.VARIABLE in result.output


def test_collections_are_completed_by_name(library: Library) -> None:
    for name in ("letters", "lectures", "photos"):
        library.collection_for_writing(name)
    home = str(library.settings.home)
    assert offered(["--home", home, "search", "-c"], "le") == ["lectures", "letters"]
    assert offered(["--home", home, "index", "--collection"], "p") == ["photos"]
    assert offered(["--home", home, "reembed"], "") == ["lectures", "letters", "photos"]


def test_completion_makes_no_archive(tmp_path: Path) -> None:
    home = tmp_path / "none"
    assert offered(["--home", str(home), "ask", "-c"], "") == []
    assert not home.exists()


def test_commands_and_choices_are_completed() -> None:
    assert offered([], "comp") == ["completion"]
    assert offered(["search", "--kind"], "") == ["chunk", "crop"]


@pytest.mark.parametrize("words", [words for words, _ in examples.commands(cli)])
def test_help_of_every_command_ends_in_examples(words: str) -> None:
    text = CliRunner().invoke(cli, [*words.split(), "--help"]).output
    assert f"Examples:\n    sightline {words.split()[0]}" in text or "Examples:\n" in text
    command = next(command for known, command in examples.commands(cli) if known == words)
    for line in text.partition("Examples:\n")[2].splitlines():
        named = line.partition("sightline ")[2].partition(" | ")[0]
        options = [each for each in named.split() if each.startswith("--")]
        known = {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)}
        known |= {flag for each in cli.params for flag in each.opts}
        assert set(options) <= known, line


def test_examples_name_commands_that_there_are() -> None:
    assert set(examples.EXAMPLES) <= {words for words, _ in examples.commands(cli)}


def printed(engine: FakeEngine, mode: str, **options: object) -> str:
    out = Terminal(file=io.StringIO(), width=100, **options)  # type: ignore[arg-type]
    thumbnails = Thumbnails(engine, out, mode)  # type: ignore[arg-type]
    for hit in engine.search(Query(text="armchair")).hits:
        thumbnails.show(hit)
    thumbnails.show_place(engine.find(Query(text="armchair")).hits[0])
    return out.file.getvalue()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # textual-image
def test_pictures_are_shown_where_they_are_wanted_only(engine: FakeEngine) -> None:
    assert printed(engine, "auto") == ""
    assert printed(engine, "never", force_terminal=True) == ""
    assert printed(engine, "always").count("\n") > 20


@pytest.mark.parametrize("no_colour", [False, True])
def test_no_colours_where_they_are_not_wanted(tmp_path: Path, no_colour: bool) -> None:
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    environment.pop("NO_COLOR", None)
    if no_colour:
        environment["NO_COLOR"] = "1"
    command = [sys.executable, "-m", "web", "--home", str(tmp_path / "home"), "conversations"]
    text = in_a_terminal([*command, "show", "none"], environment)
    assert "does not exist" in text or "none" in text
    assert ("\x1b[1;31m" in text) is not no_colour


DRAWS = """
from retriever.domain import Query
from tests.web.fake_engine import FakeEngine
from web.terminal import Terminal
from web.thumbnails import Thumbnails
engine, out = FakeEngine(), Terminal()
Thumbnails(engine, out, "auto").show(engine.search(Query(text="armchair", kind="crop")).hits[0])
engine.close()
"""


@pytest.mark.parametrize(
    ("rows", "extra", "drawn"), [(40, {}, True), (0, {}, False), (40, {"NO_COLOR": "1"}, False)]
)
def test_terminal_shows_pictures_of_half_blocks(
    rows: int, extra: dict[str, str], drawn: bool
) -> None:
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    environment.pop("NO_COLOR", None)
    text = in_a_terminal([sys.executable, "-c", DRAWS], {**environment, **extra}, rows=rows)
    assert ("▀" in text) is drawn
    assert "Traceback" not in text


def in_a_terminal(command: list[str], environment: dict[str, str], *, rows: int = 40) -> str:
    """What a command writes to a terminal of so many rows."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (rows, 100 if rows else 0))
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True
    ):
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            parts.append(part)
    os.close(ours)
    return b"".join(parts).decode()


def test_group_without_a_command_shows_its_help() -> None:
    assert isinstance(cli, click.Group)
    assert "completion" in CliRunner().invoke(cli, ["--help"]).output
