"""The commands that other programs start: an assistant, a shell."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from indexer.errors import InvalidInput, InvalidSettings
from indexer.library import Library
from indexer.settings import IndexerSettings
from retriever.domain import EVERYTHING, Reach
from retriever.pipeline import Engine
from retriever.settings import RetrieverSettings
from web import completing


def register(cli: click.Group) -> None:
    """Add the commands to the command line."""
    cli.add_command(mcp)
    cli.add_command(completion)


@contextmanager
def _engine(context: click.Context) -> Iterator[Engine]:
    with Library(IndexerSettings.from_env(home=context.obj)) as library:
        yield Engine(library, RetrieverSettings.from_env())


@click.command()
@click.option(
    "--collection", "-c", "collections", multiple=True, shell_complete=completing.collections,
    help="Only this collection (may be repeated).",
)  # fmt: skip
@click.pass_context
def mcp(context: click.Context, collections: tuple[str, ...]) -> None:
    """Serve an assistant: search, similar, ask and open.

    The Model Context Protocol, over standard input and output. Assistants start this command
    themselves; give it to them with its whole path. What --collection leaves out is as if it were
    not there.

    \b
    Examples:
      sightline mcp
      sightline --home ~/work mcp --collection letters --collection invoices
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    try:
        from web import mcp_server
    except ModuleNotFoundError as exc:
        if not (exc.name or "").startswith("mcp"):
            raise
        raise InvalidSettings(
            "mcp",
            cause="the package of the protocol is not installed",
            remedy="in the folder of the sources, run: pip install '.[mcp]'",
        ) from exc
    with _engine(context) as engine:
        names = sorted(each.name for each in engine.collections())
        for name in collections:
            if name not in names:
                raise InvalidInput(
                    f"collection {name}",
                    cause="it does not exist",
                    remedy=f"use {' or '.join(names)}" if names else "index something first",
                )
        reach = Reach(collections=frozenset(collections)) if collections else EVERYTHING
        mcp_server.build(engine.within(reach)).run()


@click.command()
@click.argument("shell", type=click.Choice(completing.SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what SHELL reads to complete commands.

    Options and the names of collections are completed too.
    """
    click.echo(completing.script(context.find_root().command, shell))
