"""The commands about people: who may sign in, their tokens, and the audit log."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast, get_args

import click
from rich.table import Table

from indexer.errors import InvalidInput, NotFound
from indexer.library import Library
from indexer.settings import IndexerSettings
from indexer.store.people import Person, Role
from web import completing, serialize, show
from web.terminal import one_line

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
_role_option = click.option(
    "--role",
    type=click.Choice(get_args(Role)),
    help="What they may do: search and read; also add and remove documents; also look after all.",
)
_collection_option = click.option(
    "--collection", "-c", "collections", multiple=True, shell_complete=completing.collections,
    help="A collection that they may see (may be repeated).",
)  # fmt: skip
_everything_option = click.option(
    "--everything", is_flag=True, help="All collections, also future ones."
)


def register(cli: click.Group) -> None:
    """Add the commands to the command line."""
    cli.add_command(people)
    cli.add_command(tokens)


@contextmanager
def _library(context: click.Context) -> Iterator[Library]:
    with Library(IndexerSettings.from_env(home=context.find_root().obj)) as library:
        yield library


@click.group()
def people() -> None:
    """Who may sign in to the browser pages and the HTTP API.

    \b
    While there is nobody, whoever can use this computer sees everything. The first person
    is an admin, and from then on everybody signs in.

    \b
    Examples:
      sightline people add Anna
      sightline people add Boris --role reader -c recipes -c letters
      sightline people change Boris --suspend
    """  # noqa: D301 - click reads the backspace as "keep these lines"


@people.command(name="list")
@_json_option
@click.pass_context
def people_list(context: click.Context, as_json: bool) -> int:
    """List everybody with role and collections."""
    with _library(context) as library:
        known = library.catalog.people.people()
    if as_json:
        show.print_json({"people": [serialize.person_json(person) for person in known]})
        return 0
    table = Table("name", "role", "sees", "")
    for person in known:
        state = "suspended" if person.suspended else ""
        table.add_row(person.name, person.role, _sees(person), state)
    if known:
        show.out.print(table)
        return 0
    show.out.print("Nobody signs in: whoever can use this computer sees everything.")
    return 0


@people.command(name="add")
@click.argument("name")
@_role_option
@_collection_option
@_everything_option
@click.password_option(help="Asked for when it is not given.")
@click.pass_context
def people_add(
    context: click.Context,
    name: str,
    role: str | None,
    collections: tuple[str, ...],
    everything: bool,
    password: str,
) -> None:
    """Add a person.

    The first one is an admin who sees everything; others are readers, and see the collections
    that are named here.
    """
    from web.people import People

    with _library(context) as library:
        if not library.catalog.people.any():
            _check_first(name, role, collections)
        person = People(library.catalog.people).add(
            name,
            password,
            cast(Role, role or "reader"),
            None if everything else frozenset(collections),
        )
        library.catalog.people.note("", "add person", person.name, "terminal")
    show.out.print(f"{one_line(person.name)} may sign in as {person.role}", markup=False)
    if person.collections is not None and not person.collections:
        command = f"sightline people change {shlex.quote(person.name)} --collection NAME"
        line = f"{person.name} sees no collection yet; to give one, run: {command}"
        show.out.print(one_line(line), markup=False)


@people.command(name="change")
@click.argument("name")
@_role_option
@_collection_option
@_everything_option
@click.option("--suspend/--resume", "suspended", default=None, help="Lock out, or let in again.")
@click.pass_context
def people_change(
    context: click.Context,
    name: str,
    role: str | None,
    collections: tuple[str, ...],
    everything: bool,
    suspended: bool | None,
) -> None:
    """Change a person's role or collections, or lock them out.

    Named collections take the place of those before. --resume lets them in again.
    """
    with _library(context) as library:
        person = _named(library, name)
        reach = frozenset(collections) if collections else person.collections
        changed = library.catalog.people.change(
            person.id,
            role=cast(Role, role or person.role),
            collections=None if everything else reach,
            suspended=person.suspended if suspended is None else suspended,
        )
        library.catalog.people.note("", "change person", person.name, "terminal")
    state = "is suspended" if changed.suspended else f"may sign in as {changed.role}"
    show.out.print(f"{one_line(changed.name)} {state}")


@people.command(name="password")
@click.argument("name")
@click.password_option(help="Asked for when it is not given.")
@click.pass_context
def people_password(context: click.Context, name: str, password: str) -> None:
    """Set a person's password; all their sessions and tokens end."""
    from web.people import People

    with _library(context) as library:
        person = _named(library, name)
        People(library.catalog.people).set_password(person, password)
        library.catalog.people.note("", "change password", person.name, "terminal")
    show.out.print("the password has been changed")


@people.command(name="remove")
@click.argument("name")
@click.confirmation_option(prompt="Remove this person with all conversations and tokens?")
@click.pass_context
def people_remove(context: click.Context, name: str) -> None:
    """Forget a person, their conversations and their tokens."""
    with _library(context) as library:
        library.catalog.people.remove(_named(library, name).id)
        library.catalog.people.note("", "remove person", name, "terminal")
    show.out.print(f"{one_line(name)} has been removed")


@people.command(name="log")
@click.option("-k", "limit", type=click.IntRange(1, 10_000), default=50, show_default=True,
              help="How many lines.")  # fmt: skip
@_json_option
@click.pass_context
def people_log(context: click.Context, limit: int, as_json: bool) -> None:
    """Show the audit log, the latest first."""
    with _library(context) as library:
        _, deeds = library.catalog.people.deeds(0, limit)
    lines = [serialize.deed_json(deed) for deed in deeds]
    if as_json:
        show.print_json({"deeds": lines})
        return
    for line in lines:
        parts = (line["at"], line["who"] or "-", line["action"], line["subject"], line["address"])
        show.out.print(one_line("  ".join(parts)), markup=False)


@click.group()
def tokens() -> None:
    """Keys with which programs use the HTTP API in a person's name.

    \b
    Examples:
      sightline tokens add Anna backup-script --scope editor --days 30
      curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8077/api/v1/search?q=boiler
    """  # noqa: D301 - click reads the backspace as "keep these lines"


@tokens.command(name="add")
@click.argument("name")
@click.argument("label")
@click.option("--scope", type=click.Choice(get_args(Role)), default="reader", show_default=True,
              help="What it may do, and never more than NAME.")  # fmt: skip
@click.option("--days", type=click.IntRange(0, 3650), default=90, show_default=True,
              help="How long it works; 0 for ever.")  # fmt: skip
@click.pass_context
def tokens_add(context: click.Context, name: str, label: str, scope: str, days: int) -> None:
    """Make a token for NAME, and print it this once. LABEL says what it is for."""
    from web.people import People

    with _library(context) as library:
        person = _named(library, name)
        secret, _ = People(library.catalog.people).add_key(
            person,
            "token",
            label=label,
            scope=cast(Role, scope),
            seconds=days * 86_400.0 if days else None,
        )
        library.catalog.people.note("", "add token", f"{person.name}: {label}", "terminal")
    click.echo(secret)


@tokens.command(name="list")
@click.argument("name")
@_json_option
@click.pass_context
def tokens_list(context: click.Context, name: str, as_json: bool) -> None:
    """List the tokens and sessions of NAME that still work."""
    with _library(context) as library:
        keys = library.catalog.people.keys(_named(library, name).id)
    lines = [serialize.key_json(key) for key in keys]
    if as_json:
        show.print_json({"keys": lines})
        return
    table = Table("id", "kind", "for", "may", "used", "until")
    for line in lines:
        table.add_row(
            str(line["id"]), line["kind"], line["label"], line["scope"], line["used"],
            line["expires"] or "for ever",
        )  # fmt: skip
    show.out.print(table)


@tokens.command(name="revoke")
@click.argument("name")
@click.argument("number", type=int)
@click.pass_context
def tokens_revoke(context: click.Context, name: str, number: int) -> None:
    """End the token or session with this NUMBER of NAME's list."""
    with _library(context) as library:
        person = _named(library, name)
        try:
            library.catalog.people.revoke(person.id, number)
        except NotFound as exc:
            listed = f"run: sightline tokens list {shlex.quote(person.name)}"
            raise NotFound(exc.item, cause=exc.cause, remedy=listed) from exc
        library.catalog.people.note("", "revoke token", f"{person.name}: {number}", "terminal")
    show.out.print("it works no more")


def _sees(person: Person) -> str:
    if person.collections is None:
        return "everything"
    return ", ".join(sorted(person.collections)) or "no collection yet"


def _check_first(name: str, role: str | None, collections: tuple[str, ...]) -> None:
    """InvalidInput if the first person is to be less than an admin who sees everything."""
    if role not in {None, "admin"} or collections:
        raise InvalidInput(
            name,
            cause="the first person is an admin who sees everything",
            remedy="leave out --role and --collection, and add those who see less afterwards",
        )


def _named(library: Library, name: str) -> Person:
    found = library.catalog.people.named(name)
    if found is None:
        raise NotFound(name, cause="there is no such person", remedy="run: sightline people list")
    return found[0]
