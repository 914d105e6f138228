"""The commands that go on talking: chat, and what is kept of conversations."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from indexer.care import export
from indexer.errors import InvalidInput, SightlineError
from indexer.filters import Filters
from indexer.library import Library
from indexer.settings import IndexerSettings
from retriever.domain import NEW_CONVERSATION, Answer, AnswerEvent, Query, Turn
from retriever.pipeline import Engine
from retriever.settings import RetrieverSettings
from web import completing, serialize, show, transcript
from web.filter_options import filter_options
from web.terminal import Terminal, one_line

_err = Terminal(stderr=True, highlight=False, soft_wrap=True)

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def register(cli: click.Group) -> None:
    """Add the commands to the command line."""
    for command in (chat, conversations):
        cli.add_command(command)


def conversation_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--continue`` (as ``last``) and ``--conversation``."""
    named = click.option(
        "--conversation", metavar="ID", help="Go on with this conversation: its questions count."
    )
    latest = click.option(
        "--continue", "last", is_flag=True, help="Go on with the latest conversation."
    )
    return latest(named(command))


def chosen(engine: Engine, conversation: str | None, *, last: bool) -> str | None:
    """The conversation that is meant by the options, None if they are not given."""
    if not last:
        return conversation
    if conversation:
        raise click.UsageError("give --continue or --conversation, not both")
    found = engine.conversations(0, 1).conversations
    if not found:
        raise InvalidInput(
            "conversation", cause="there is none yet", remedy="ask without --continue first"
        )
    return found[0].id


def as_before(engine: Engine, query: Query, conversation: str | None) -> Query:
    """The query in the collections and with the filters of the question before, without its own."""
    if conversation is None or query.collections or query.filters:
        return query
    last = engine.conversation(conversation).turns[-1:]
    if not last:
        return query
    return replace(query, collections=last[0].collections, filters=last[0].filters)


@contextmanager
def _engine(context: click.Context) -> Iterator[Engine]:
    retrieval = RetrieverSettings.from_env()
    with Library(IndexerSettings.from_env(home=context.obj)) as library:
        yield Engine(library, retrieval)


@click.command()
@conversation_options
@click.option(
    "--collection", "-c", "collections", multiple=True, shell_complete=completing.collections,
    help="Only this collection (may be repeated).",
)  # fmt: skip
@filter_options
@click.option("--json", "as_json", is_flag=True, help="Print each answer as a line of JSON.")
@click.pass_context
def chat(
    context: click.Context,
    conversation: str | None,
    last: bool,
    collections: tuple[str, ...],
    filters: Filters,
    as_json: bool,
) -> None:
    """Ask one question after another, until Ctrl-D.

    Each may lean on those before. Questions are read line by line, also from a pipe. Ctrl-C stops
    an answer.
    """
    earlier: list[Turn] = []
    with _engine(context) as engine:
        conversation = chosen(engine, conversation, last=last)
        for question in _questions(quiet=as_json):
            try:
                query = Query(text=question, collections=collections, filters=filters)
                query = as_before(engine, query, conversation)
                events = engine.stream(
                    query, conversation=conversation or NEW_CONVERSATION, earlier=earlier
                )
                answer = _answered(events, as_json=as_json)
            except SightlineError as exc:
                _err.print(Text.assemble(("error: ", "bold red"), one_line(str(exc))))
                continue
            if answer is None:
                continue
            if answer.conversation:
                conversation = answer.conversation
            else:
                turn = Turn(id=len(earlier) + 1, question=question, answer=answer)
                earlier.append(turn)


def _questions(*, quiet: bool) -> Iterator[str]:
    """Lines that say something, from the terminal with a prompt, or from a pipe."""
    if not sys.stdin.isatty():
        for raw in sys.stdin.buffer:
            line = raw.decode(errors="replace").strip()
            if line:
                if not quiet:
                    show.out.print(Text(one_line(f"> {line}"), style="bold"))
                yield line
        return
    import readline  # noqa: F401 - gives the prompt its editing keys

    while True:
        try:
            line = input("> ").strip()
        except EOFError:
            show.out.print()
            return
        if line:
            yield line


def _answered(events: Iterator[AnswerEvent], *, as_json: bool) -> Answer | None:
    """Print an answer as it comes; None if Ctrl-C stopped it in a terminal."""
    if as_json:
        answer = next(event for event in events if isinstance(event, Answer))
        click.echo(serialize.json_line(serialize.answer_json(answer)))
        return answer
    try:
        answer = show.show_stream(events)
    except KeyboardInterrupt:
        if not sys.stdin.isatty():
            raise
        show.out.print(Text("\nstopped", style="yellow"))
        return None
    show.out.print()
    return answer


@click.group()
def conversations() -> None:
    """What is kept of conversations: list, show, export, delete."""


@conversations.command(name="list")
@click.option("-k", "--limit", type=click.IntRange(1, 500), default=20, show_default=True,
              help="How many, the latest first.")  # fmt: skip
@click.option("--offset", type=click.IntRange(0), default=0, help="Leave out so many before them.")
@_json_option
@click.pass_context
def list_command(context: click.Context, limit: int, offset: int, as_json: bool) -> None:
    """List conversations by their first question, the latest first."""
    with _engine(context) as engine:
        listing = engine.conversations(offset, limit)
    if as_json:
        show.print_json(serialize.conversations_json(listing))
    else:
        show.show_conversations(listing)


@conversations.command(name="show")
@click.argument("conversation")
@_json_option
@click.pass_context
def show_command(context: click.Context, conversation: str, as_json: bool) -> None:
    """Show a conversation with its sources."""
    with _engine(context) as engine:
        told = engine.conversation(conversation)
    if as_json:
        show.print_json(serialize.transcript_json(told))
    else:
        show.show_transcript(told)


@conversations.command(name="export")
@click.argument("conversation")
@click.option(
    "--format", "kind", type=click.Choice(list(transcript.FORMATS)), default="md",
    show_default=True, help="Markdown with numbered sources, or JSON.",
)  # fmt: skip
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to this file.")
@click.option("--force", is_flag=True, help="Replace what is there.")
@click.pass_context
def export_command(
    context: click.Context, conversation: str, kind: str, output: Path | None, force: bool
) -> None:
    """Write a conversation to a file, or to standard output."""
    with _engine(context) as engine:
        text = transcript.text(engine.conversation(conversation), kind)
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    with export.export_file(output, force=force) as target:
        target.write(text.encode())


@conversations.command(name="delete")
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def delete_command(
    context: click.Context, ids: tuple[str, ...], everything: bool, yes: bool
) -> None:
    """Delete conversations for good."""
    if bool(ids) == everything:
        raise click.UsageError("name conversations, or give --all")
    with _engine(context) as engine:
        if everything:
            count = engine.conversations(0, 1).total
            if count and not yes:
                click.confirm(f"Delete all {count} conversations?", abort=True, err=True)
            count = engine.delete_conversations()
        else:
            for conversation in ids:
                engine.delete_conversation(conversation)
            count = len(ids)
    show.out.print(f"{count} deleted")
