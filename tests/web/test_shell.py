"""What the terminal offers: completion, examples in every help, pictures, colours or none."""

import base64
import io
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from PIL import Image

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


def groups(group: click.Group) -> list[click.Group]:
    inner = [each for each in group.commands.values() if isinstance(each, click.Group)]
    return [group, *(found for each in inner for found in groups(each))]


def test_lists_of_commands_say_whole_sentences() -> None:
    for group in groups(cli):
        room = 80 - 6 - max(map(len, group.commands))  # of a terminal of 80 columns
        for name, command in group.commands.items():
            assert not command.get_short_help_str(room).endswith("..."), name


def test_every_option_says_what_it_does() -> None:
    for words, command in examples.commands(cli):
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{words} {option.opts[0]}"


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


COLOURFUL = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
COLOURFUL.pop("NO_COLOR", None)


@pytest.mark.parametrize("no_colour", [False, True])
def test_no_colours_where_they_are_not_wanted(tmp_path: Path, no_colour: bool) -> None:
    environment = {**COLOURFUL, "NO_COLOR": "1"} if no_colour else COLOURFUL
    command = [sys.executable, "-m", "web", "--home", str(tmp_path / "home"), "conversations"]
    text = in_a_terminal([*command, "show", "none"], environment)
    assert "does not exist" in text or "none" in text
    assert ("\x1b[1;31merror: \x1b[0m" in text) is not no_colour  # red, and the rest is not


DRAWS = """
from PIL import Image
from retriever.domain import Query
from tests.web.fake_engine import FakeEngine, jpeg
from web.terminal import Terminal
from web.thumbnails import Thumbnails
engine, out = FakeEngine(), Terminal()
engine.thumbnail = lambda _: jpeg(Image.effect_noise((320, 160), 90))
Thumbnails(engine, out, "auto").show(engine.search(Query(text="armchair", kind="crop")).hits[0])
engine.close()
"""


@pytest.mark.parametrize(
    ("rows", "extra", "drawn"), [(40, {}, True), (0, {}, False), (40, {"NO_COLOR": "1"}, False)]
)
def test_terminal_shows_pictures_of_half_blocks(
    rows: int, extra: dict[str, str], drawn: bool
) -> None:
    text = in_a_terminal([sys.executable, "-c", DRAWS], {**COLOURFUL, **extra}, rows=rows)
    assert ("▀" in text) is drawn
    assert "Traceback" not in text


@pytest.mark.parametrize(("columns", "wide"), [(100, 28), (24, 19), (12, 0)])
def test_half_blocks_fit_into_narrow_terminals(columns: int, wide: int) -> None:
    lines = in_a_terminal([sys.executable, "-c", DRAWS], COLOURFUL, columns=columns).splitlines()
    assert max((line.count("▀") for line in lines), default=0) == wide


ASKED_FOR_SIXELS = b"\x1b[c"
ASKED_FOR_KITTY = b"\x1b\\"  # ends like this
ASKED_FOR_SIZE = b"\x1b[16t"
LETTERS = b"\x1b[6;20;10t"  # 10 pixels wide, 20 high


def test_sixels_choose_each_colour_that_they_define() -> None:
    answers = {ASKED_FOR_SIXELS: b"\x1b[?63;4;6c", ASKED_FOR_SIZE: LETTERS}
    # Sixteen colours of text say nothing about those of graphics.
    text = in_a_terminal([sys.executable, "-c", DRAWS], {**COLOURFUL, "TERM": "xterm"}, answers)
    (graphics,) = re.findall(r"\x1bP0;0;0q(.*?)\x1b\\", text)
    defined = re.findall(r"#(\d+);2;\d+;\d+;\d+(#\d+)?", graphics)
    assert defined
    assert all(chosen == f"#{number}" for number, chosen in defined)


def test_kitty_gets_a_picture_and_no_placeholders() -> None:
    answers = {
        ASKED_FOR_SIXELS: b"\x1b[?62c",
        ASKED_FOR_KITTY: b"\x1b_Gi=1;OK\x1b\\",
        ASKED_FOR_SIZE: LETTERS,
    }
    text = in_a_terminal([sys.executable, "-c", DRAWS], COLOURFUL, answers)
    _, *pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    assert pieces[0][0] == f"a=T,f=100,c=28,r=7,C=1,q=2,m={int(len(pieces) > 1)}"
    assert [keys for keys, _ in pieces[1:]] == ["q=2,m=1"] * (len(pieces) - 2) + ["q=2,m=0"]
    picture = Image.open(io.BytesIO(base64.b64decode("".join(data for _, data in pieces))))
    assert picture.size == (320, 160)
    assert "\U0010eeee" not in text


def test_sixteen_colours_are_too_few_for_half_blocks() -> None:
    few = {**COLOURFUL, "TERM": "xterm"}
    few.pop("COLORTERM")
    assert "▀" not in in_a_terminal([sys.executable, "-c", DRAWS], few)


def in_a_terminal(
    command: list[str],
    environment: dict[str, str],
    answers: Mapping[bytes, bytes] = {},
    *,
    rows: int = 40,
    columns: int = 100,
) -> str:
    """What a command writes to a terminal that answers each of these questions once."""
    waiting = dict(answers)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (rows, columns if rows else 0))
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
            for question in [each for each in waiting if each in part]:
                os.write(ours, waiting.pop(question))
    os.close(ours)
    return b"".join(parts).decode()


def test_group_without_a_command_shows_its_help() -> None:
    assert isinstance(cli, click.Group)
    assert "completion" in CliRunner().invoke(cli, ["--help"]).output
