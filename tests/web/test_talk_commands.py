"""Conversations in the terminal: asked line by line, gone on with, listed, exported, deleted."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer.errors import InvalidInput, NotFound
from tests.web.fake_engine import FakeEngine
from web import cli, talk_commands

FILTER = "How often should the filter be cleaned?"
Invoke = Callable[..., Result]


@pytest.fixture
def invoke(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    @contextmanager
    def opened(_: object) -> Iterator[FakeEngine]:
        yield engine

    monkeypatch.setattr(cli, "_engine", opened)
    monkeypatch.setattr(talk_commands, "_engine", opened)

    def run(*arguments: str, said: str = "") -> Result:
        return CliRunner().invoke(cli.cli, arguments, input=said, standalone_mode=False)

    return run


def test_a_question_in_the_terminal_may_be_followed_by_another(
    invoke: Invoke, engine: FakeEngine
) -> None:
    first = json.loads(invoke("ask", "--json", "-c", "manuals", FILTER).stdout)
    again = json.loads(
        invoke("ask", "--json", "--continue", "How", "do", "I", "open", "it?").stdout
    )
    assert again["searched"] == "How do I open the filter?"
    assert again["conversation"] == first["conversation"]
    assert engine.queries[-1].collections == ("manuals",)
    named = invoke("ask", "--json", "--conversation", first["conversation"], "And the hose?")
    assert json.loads(named.stdout)["conversation"] == first["conversation"]
    assert len(engine.talks) == 1
    plain = invoke("ask", "--continue", "How do I open it?").stdout
    assert "looked for: How do I open" in plain


def test_no_history_keeps_neither_a_question_nor_a_further_one(
    invoke: Invoke, engine: FakeEngine
) -> None:
    assert (
        json.loads(invoke("ask", "--json", "--no-history", FILTER).stdout)["conversation"] is None
    )
    assert engine.talks == {}
    invoke("ask", FILTER)
    further = invoke("ask", "--json", "--no-history", "--continue", "How do I open it?").stdout
    assert json.loads(further)["searched"] == "How do I open the filter?"
    assert [len(turns) for turns in engine.talks.values()] == [1]


def test_what_is_to_be_continued_must_be_there(invoke: Invoke) -> None:
    assert isinstance(invoke("ask", "--continue", "Why?").exception, InvalidInput)
    assert isinstance(invoke("ask", "--conversation", "nowhere", "Why?").exception, NotFound)
    both = invoke("ask", "--continue", "--conversation", "x", "Why?")
    assert "not both" in str(both.exception)


def test_a_chat_reads_a_pipe_line_by_line(invoke: Invoke, engine: FakeEngine) -> None:
    result = invoke("chat", said=f"{FILTER}\n\n  How do I open it?  \n")
    assert result.exception is None
    lines = result.stdout.splitlines()
    assert lines[0] == f"> {FILTER}"
    assert "> How do I open it?" in lines
    assert "The filter must be cleaned every three months. [1]" in lines
    assert "looked for: How do I open the filter?" in lines
    ((name, turns),) = engine.talks.items()
    assert [turn.question for turn in turns] == [FILTER, "How do I open it?"]
    invoke("chat", "--conversation", name, said="What about the hose?\n")
    assert len(engine.talks[name]) == 3


def test_a_chat_without_history_remembers_while_it_lasts(
    invoke: Invoke, engine: FakeEngine
) -> None:
    engine.history = False
    result = invoke("chat", "--json", said=f"{FILTER}\nHow do I open it?\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["searched"] for answer in answers] == ["", "How do I open the filter?"]
    assert engine.talks == {}


def test_an_error_costs_a_chat_one_answer(
    invoke: Invoke, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = engine.ask

    def fails_once(*arguments: object, **named: object) -> object:
        monkeypatch.setattr(engine, "ask", plain)
        raise NotFound("nowhere", cause="no such collection", remedy="list them")

    monkeypatch.setattr(engine, "ask", fails_once)
    result = invoke("chat", said=f"filter\n{FILTER}\n")
    assert result.exception is None
    assert "error: nowhere: no such collection; list them" in result.output
    assert "The filter must be cleaned every three months. [1]" in result.stdout


def test_bytes_of_a_pipe_that_are_no_text_are_asked_about_all_the_same(
    invoke: Invoke, engine: FakeEngine
) -> None:
    CliRunner().invoke(cli.cli, ["chat"], input=b"filter \xff\x1b[2J\n", standalone_mode=False)
    assert engine.queries[-1].text.startswith("filter ")


def test_conversations_are_listed_shown_and_deleted(invoke: Invoke, engine: FakeEngine) -> None:
    assert "no conversations" in invoke("conversations", "list").stdout
    invoke("ask", FILTER)
    invoke("ask", "--continue", "How do I open it?")
    invoke("ask", "What does E17 mean?")
    listed = invoke("conversations", "list").stdout.splitlines()
    assert listed[0].startswith("talk-2")
    assert listed[1].split()[0] == "talk-1"
    assert listed[1].endswith(FILTER)
    assert json.loads(invoke("conversations", "list", "--json").stdout)["total"] == 2
    assert "1 of 2" in invoke("conversations", "list", "-k", "1").stdout
    engine.forget(engine.manual)
    shown = invoke("conversations", "show", "talk-1").stdout
    assert f"> {FILTER}" in shown
    assert "The filter must be cleaned every three months. [1]" in shown
    assert "changed or gone since" in shown
    turns = json.loads(invoke("conversations", "show", "--json", "talk-1").stdout)["turns"]
    assert [turn["n"] for turn in turns] == [1, 2]
    assert invoke("conversations", "delete", "talk-1").stdout == "1 deleted\n"
    assert list(engine.talks) == ["talk-2"]
    assert isinstance(invoke("conversations", "show", "talk-1").exception, NotFound)


def test_all_are_deleted_only_when_that_is_meant(invoke: Invoke, engine: FakeEngine) -> None:
    invoke("ask", FILTER)
    assert "name conversations" in str(invoke("conversations", "delete").exception)
    assert "name conversations" in str(invoke("conversations", "delete", "x", "--all").exception)
    invoke("conversations", "delete", "--all", said="n\n")
    assert len(engine.talks) == 1
    assert "1 deleted" in invoke("conversations", "delete", "--all", said="y\n").stdout
    invoke("ask", FILTER)
    assert "1 deleted" in invoke("conversations", "delete", "--all", "--yes").stdout
    assert engine.talks == {}


def test_a_conversation_is_written_to_a_file(invoke: Invoke, tmp_path: Path) -> None:
    invoke("ask", FILTER)
    printed = invoke("conversations", "export", "talk-1").stdout
    assert printed.startswith(f"# {FILTER}\n")
    file = tmp_path / "talk.md"
    assert invoke("conversations", "export", "talk-1", "-o", str(file)).exception is None
    assert file.read_text() == printed
    again = invoke("conversations", "export", "talk-1", "-o", str(file))
    assert isinstance(again.exception, InvalidInput)
    whole = invoke("conversations", "export", "talk-1", "--format", "json")
    assert json.loads(whole.stdout)["id"] == "talk-1"
