"""The ``sightline`` command.

Exit codes: 0 done; 1 an error, said in one line; 2 wrong usage; 3 nothing was found or the answer
was refused; 130 interrupted.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, cast

import click
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from indexer.domain import BoundingBox, ItemKind
from indexer.errors import InvalidInput, OutOfResources, SightlineError
from indexer.filters import Filters
from indexer.library import DEFAULT_COLLECTION, Library
from indexer.pipeline import index_paths, reembed
from indexer.settings import HOME_VARIABLE, IndexerSettings
from indexer.watch import follow
from retriever import health
from retriever.discovery import discover
from retriever.domain import MOST_WEIGHT, NEW_CONVERSATION, Answer, Example, Query
from retriever.pipeline import Engine
from retriever.settings import RetrieverSettings
from web import (
    care_commands,
    completing,
    eval_commands,
    examples,
    people_commands,
    program_commands,
    serialize,
    show,
    talk_commands,
)
from web.filter_options import filter_options
from web.outlined import save_outlined
from web.progress import progress_bar
from web.settings import LOGS, WebSettings, check_environment
from web.terminal import Terminal, one_line
from web.thumbnails import Mode, Thumbnails
from web.thumbnails import option as thumbnails_option

INTERRUPTED = 130

_err = Terminal(stderr=True, highlight=False, soft_wrap=True)


def main() -> None:
    """Run the command line; errors are one line on standard error, never a traceback."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except SightlineError as exc:
        _fail(str(exc))
    except click.UsageError as exc:
        exc.show()
        sys.exit(exc.exit_code)
    except click.ClickException as exc:
        _fail(exc.format_message())
    except (click.Abort, KeyboardInterrupt):
        _err.print("interrupted")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe has seen enough; nothing may be written while Python shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as exc:
        _fail(str(OutOfResources.because(exc, exc.filename or "the system")))


def _fail(line: str) -> NoReturn:
    _err.print(Text.assemble(("error: ", "bold red"), one_line(line)))
    sys.exit(1)


class _Box(click.ParamType[BoundingBox]):
    """A region as "x0,y0,x1,y1" in fractions of the photo."""

    name = "x0,y0,x1,y1"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> BoundingBox:
        try:
            x0, y0, x1, y1 = (float(part) for part in str(value).split(","))
            return BoundingBox(x0=x0, y0=y0, x1=x1, y1=y1)
        except ValueError:
            self.fail(f"{value!r} is not a box; give fractions such as 0.1,0.2,0.6,0.9", param, ctx)


class _Example(click.ParamType[Example]):
    """A photo's file, or crop:ID or document:ID for what is indexed."""

    name = "photo"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Example:
        kind, _, name = str(value).partition(":")
        if kind == "crop" and name.isdecimal():
            return Example(crop=int(name))
        if kind == "document" and name:
            return Example(document=name)
        path = click.Path(path_type=Path, exists=True, dir_okay=False).convert(value, param, ctx)
        return Example(image=_bytes(path))


_Command = Callable[..., Any]

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
_collection_option = click.option(
    "--collection",
    "-c",
    "collections",
    multiple=True,
    shell_complete=completing.collections,
    help="Only this collection (may be repeated).",
)
_keep_option = click.option(
    "--keep-missing", is_flag=True, help="Keep documents whose files are gone."
)


def _limit_option(default: int) -> Callable[[_Command], _Command]:
    return click.option(
        "-k", "--limit", type=click.IntRange(1, 200), default=default, show_default=True,
        help="How many results.",
    )  # fmt: skip


def _weight_option(name: str, of: str) -> Callable[[_Command], _Command]:
    return click.option(
        name, type=click.FloatRange(0, MOST_WEIGHT, min_open=True), default=1.0, show_default=True,
        help=f"Weight of {of} against PHOTO.",
    )  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96})
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar=HOME_VARIABLE,
    help="Where the catalogue lives (default: ~/.sightline).",
)
@click.version_option(package_name="sightline", prog_name="sightline")
@click.pass_context
def cli(context: click.Context, home: Path | None) -> None:
    """Search your documents and photos; get answers that show where they come from.

    \b
    Examples:
      sightline index ~/Documents ~/Photos
      sightline ask "When was the boiler serviced?"
      sightline similar chair.jpg --box 0.1,0.2,0.6,0.9
      sightline serve
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    check_environment(os.environ)
    context.obj = home


@contextmanager
def _library(context: click.Context) -> Iterator[Library]:
    with Library(IndexerSettings.from_env(home=context.obj)) as library:
        yield library


@contextmanager
def _engine(context: click.Context) -> Iterator[Engine]:
    retrieval = RetrieverSettings.from_env()
    with _library(context) as library:
        yield Engine(library, retrieval)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--collection", "-c", default=DEFAULT_COLLECTION, show_default=True,
    shell_complete=completing.collections, help="Where to put them.",
)  # fmt: skip
@click.option("--retry", is_flag=True, help="Try again what could not be read before.")
@_keep_option
@_json_option
@click.pass_context
def index(
    context: click.Context,
    paths: tuple[Path, ...],
    collection: str,
    retry: bool,
    keep_missing: bool,
    as_json: bool,
) -> int:
    """Index files and folders, or bring them up to date.

    Run it again at any time: unchanged files are skipped; moved ones keep their embeddings; files
    that vanished from a folder leave the collection. What a .sightlineignore names is left out.
    """
    with _library(context) as library:
        encoders = library.encoder_names()
        if not as_json:
            _err.print(
                f"encoders: text {escape(encoders['text'])}, pictures {escape(encoders['clip'])}",
                style="dim",
            )
        with progress_bar(_err, enabled=not as_json) as report_progress:
            report = index_paths(
                library,
                paths,
                collection,
                retry_failed=retry,
                keep_missing=keep_missing,
                on_progress=report_progress,
            )
    show.show_report(report, as_json=as_json)
    return INTERRUPTED if report.interrupted else 0


@cli.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--collection", "-c", default=DEFAULT_COLLECTION, show_default=True,
    shell_complete=completing.collections, help="Where to put them.",
)  # fmt: skip
@_keep_option
@_json_option
@click.pass_context
def watch(
    context: click.Context,
    folders: tuple[Path, ...],
    collection: str,
    keep_missing: bool,
    as_json: bool,
) -> int:
    """Index folders and follow their changes until Ctrl-C.

    With --json, one line of JSON per sync.
    """
    stop = threading.Event()
    with (
        _told_of_interrupts(stop),
        _library(context) as library,
        progress_bar(_err, enabled=not as_json) as report_progress,
    ):
        for report in follow(
            library,
            folders,
            collection,
            stop=stop,
            keep_missing=keep_missing,
            on_progress=report_progress,
        ):
            show.show_sync(report, as_json=as_json)
    return INTERRUPTED if stop.is_set() else 0


@contextmanager
def _told_of_interrupts(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C sets ``stop`` as well: an exception that falls into a finaliser is lost there."""
    before = signal.getsignal(signal.SIGINT)

    def interrupted(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@cli.command(name="reembed")
@click.argument("collection", default=DEFAULT_COLLECTION, shell_complete=completing.collections)
@_json_option
@click.pass_context
def reembed_command(context: click.Context, collection: str, as_json: bool) -> int:
    """Make a collection's embeddings anew with other encoders.

    Those of the settings, or else the strongest on this machine. The old embeddings stay in use
    until the new ones are complete.
    """
    with (
        _library(context) as library,
        progress_bar(_err, enabled=not as_json) as report_progress,
    ):
        report = reembed(library, collection, on_progress=report_progress)
    show.show_report(report, as_json=as_json)
    return INTERRUPTED if report.interrupted else 0


@cli.command()
@click.argument("words", nargs=-1, required=True)
@_limit_option(10)
@click.option("--kind", type=click.Choice(["chunk", "crop"]), help="Only passages, or pictures.")
@_collection_option
@filter_options
@click.option("--by-document", is_flag=True, help="One hit for each document.")
@thumbnails_option
@_json_option
@click.pass_context
def search(
    context: click.Context,
    words: tuple[str, ...],
    limit: int,
    kind: str | None,
    collections: tuple[str, ...],
    filters: Filters,
    by_document: bool,
    thumbnails: Mode,
    as_json: bool,
) -> int:
    """Find passages and pictures by words."""
    query = Query(
        text=" ".join(words),
        kind=cast(ItemKind | None, kind),
        collections=collections,
        filters=filters,
        limit=limit,
        by_document=by_document,
    )
    with _engine(context) as engine:
        pictures = Thumbnails(engine, show.out, "never" if as_json else thumbnails)
        return show.show_result(
            engine.search(query), as_json=as_json, filtered=bool(filters), thumbnails=pictures
        )


@cli.command()
@click.argument("words", nargs=-1, required=True)
@click.option("-k", "--limit", type=click.IntRange(1, 200), default=10, show_default=True,
              help="In how many pictures.")  # fmt: skip
@_collection_option
@filter_options
@click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write the pictures, with the boxes drawn, into this folder.",
)
@thumbnails_option
@_json_option
@click.pass_context
def find(
    context: click.Context,
    words: tuple[str, ...],
    limit: int,
    collections: tuple[str, ...],
    filters: Filters,
    save: Path | None,
    thumbnails: Mode,
    as_json: bool,
) -> int:
    """Find a thing by its name: boxes around it in pictures.

    The pictures are photos and the figures of documents.
    """
    query = Query(text=" ".join(words), collections=collections, filters=filters, limit=limit)
    with _engine(context) as engine:
        # It may take as long as SIGHTLINE_FIND_SECONDS say.
        with _err.status("looking at the pictures"):
            result = engine.find(query)
        saved = [] if save is None else save_outlined(engine, result.hits, save)
        if as_json:
            show.print_json(serialize.find_json(result))
        else:
            show.show_found(result, Thumbnails(engine, show.out, thumbnails))
    if saved and not as_json:
        show.out.print(f"{len(saved)} pictures written to {escape(str(save))}")
    return 0 if result.hits else show.NOTHING_FOUND


@cli.command()
@click.argument("photos", nargs=-1, metavar="PHOTO...", type=_Example())
@click.option("--box", type=_Box(), help="Only this region of the first photo, in fractions of it.")
@click.option("--like", multiple=True, type=_Example(), help="Also like this (may be repeated).")
@click.option("--unlike", multiple=True, type=_Example(), help="Not like this (may be repeated).")
@click.option("--words", "--text", default="", help="What pictures should show besides.")
@click.option("--without", default="", help="What pictures should not show, in words.")
@_weight_option("--words-weight", "the words")
@_weight_option("--unlike-weight", "each --unlike")
@_weight_option("--without-weight", "--without")
@_limit_option(10)
@_collection_option
@filter_options
@thumbnails_option
@_json_option
@click.pass_context
def similar(
    context: click.Context,
    photos: tuple[Example, ...],
    box: BoundingBox | None,
    like: tuple[Example, ...],
    unlike: tuple[Example, ...],
    words: str,
    without: str,
    words_weight: float,
    unlike_weight: float,
    without_weight: float,
    limit: int,
    collections: tuple[str, ...],
    filters: Filters,
    thumbnails: Mode,
    as_json: bool,
) -> int:
    """Find pictures that look like PHOTO, or like a region of it.

    Several photos find what is like all of them. In place of a file, crop:ID stands for an
    indexed picture and document:ID for an indexed photo, by the ids that --json shows.

    \b
    Examples:
      sightline similar chair.jpg --box 0.1,0.2,0.6,0.9
      sightline similar chair.jpg --words green --without armrests
      sightline similar chair.jpg --like sofa.jpg --unlike crop:17
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    wanted = [*photos, *like]
    if box is not None and wanted:
        wanted[0] = replace(wanted[0], box=box)
    query = Query(
        examples=(*wanted, *(replace(each, weight=-unlike_weight) for each in unlike)),
        text=words,
        without=without,
        text_weight=words_weight,
        without_weight=without_weight,
        kind="crop",
        collections=collections,
        filters=filters,
        limit=limit,
    )
    with _engine(context) as engine:
        pictures = Thumbnails(engine, show.out, "never" if as_json else thumbnails)
        return show.show_result(
            engine.similar(query), as_json=as_json, filtered=bool(filters), thumbnails=pictures
        )


@cli.command()
@click.argument("question", nargs=-1, required=True)
@click.option(
    "--image",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A photo that belongs to the question.",
)
@talk_commands.conversation_options
@click.option("--no-history", is_flag=True, help="Do not keep this question and its answer.")
@_collection_option
@filter_options
@_json_option
@click.pass_context
def ask(
    context: click.Context,
    question: tuple[str, ...],
    image: Path | None,
    conversation: str | None,
    last: bool,
    no_history: bool,
    collections: tuple[str, ...],
    filters: Filters,
    as_json: bool,
) -> int:
    """Answer a question with quotes from your documents.

    Each is cited with document, page and place. What they do not answer is refused. Without
    collections and filters of its own, a further question of a conversation is asked
    where the one before was.
    """
    query = Query(
        text=" ".join(question),
        image=None if image is None else _bytes(image),
        collections=collections,
        filters=filters,
    )
    with _engine(context) as engine:
        known = talk_commands.chosen(engine, conversation, last=last)
        query = talk_commands.as_before(engine, query, known)
        earlier = engine.conversation(known).turns if known and no_history else ()
        kept = None if no_history else known or NEW_CONVERSATION
        events = engine.stream(query, conversation=kept, earlier=earlier)
        if as_json:
            answer = next(event for event in events if isinstance(event, Answer))
            show.print_json(serialize.answer_json(answer))
        else:
            answer = show.show_stream(events)
    return show.NOTHING_FOUND if answer.refused else 0


@cli.command()
@_json_option
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """What is indexed, what could not be read, models in use."""
    with _engine(context) as engine:
        found = engine.status()
    if as_json:
        show.print_json(serialize.status_json(found))
        return
    show.out.print(f"{found.documents} documents, {found.chunks} passages, {found.crops} pictures")
    if len(found.collections) > 1:
        for collection in found.collections:
            show.out.print(
                f"  {escape(collection.name)}: {collection.documents} documents, "
                f"{collection.chunks} passages, {collection.crops} pictures"
            )
    for role, name in found.models.items():
        show.out.print(f"{role}: {escape(name)}", style="dim")
    answers = health.generator(RetrieverSettings.from_env())
    if not answers.ok:
        show.out.print(Text(f"{one_line(answers.detail)}; {answers.advice}", style="yellow"))
    for job in found.jobs:
        show.show_job(job)
    if found.failed:
        show.out.print(f"\n{len(found.failed)} files could not be read:")
        for failure in found.failed:
            show.out.print(f"  {escape(f'{failure.path}: {failure.cause}; {failure.remedy}')}")


@cli.command()
@click.option(
    "--collection", "-c", shell_complete=completing.collections, help="Only this collection."
)
@_json_option
@click.pass_context
def duplicates(context: click.Context, collection: str | None, as_json: bool) -> None:
    """List identical files, and photos that are nearly the same."""
    with _engine(context) as engine:
        groups = engine.duplicates(collection)
    if as_json:
        show.print_json({"groups": [serialize.duplicates_json(group) for group in groups]})
    else:
        show.show_duplicates(groups)


@cli.group()
def models() -> None:
    """The models that make embeddings, rerank and answer."""


@models.command(name="list")
@_json_option
@click.pass_context
def models_list(context: click.Context, as_json: bool) -> None:
    """List models: which are on this machine, and which is in use."""
    with _library(context) as library:
        found = health.models(library, RetrieverSettings.from_env())
    if as_json:
        show.print_json({"models": [model.as_json() for model in found]})
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("role", "model", "state", "note"):
        table.add_column(heading, overflow="fold")
    for model in found:
        table.add_row(model.role, escape(model.name), model.state, escape(model.note))
    show.out.print(table)


@models.command(name="discover")
@_json_option
def models_discover(as_json: bool) -> int:
    """Look for language model servers on this machine.

    On their usual ports. Nothing is set: what answers is listed with the settings that would
    use it.
    """
    found = discover()
    if as_json:
        show.print_json({"servers": [serialize.server_json(server) for server in found]})
    else:
        show.show_servers(found)
    return 0 if found else show.NOTHING_FOUND


care_commands.register(cli)
eval_commands.register(cli)
talk_commands.register(cli)
people_commands.register(cli)
program_commands.register(cli)


@cli.command()
@click.option("--host", help="Address to listen on (default 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port (default 8077; 0: any free).")
@click.option(
    "--log",
    type=click.Choice(LOGS),
    help="A line for each request on standard error (default off).",
)
@click.pass_context
def serve(context: click.Context, host: str | None, port: int | None, log: str | None) -> None:
    """Serve the browser pages and the HTTP API until Ctrl-C.

    Other machines may connect only where people sign in (sightline people) or
    SIGHTLINE_WEB_PASSWORD is set. Options win over SIGHTLINE_WEB_HOST, _PORT and _LOG.
    """
    # Flask is needed by this command alone.
    from web.people import People, cookie_secret
    from web.server import serve as run

    given = {"host": host, "port": port, "log": log}
    settings = replace(
        WebSettings.from_env(),
        **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type]
    )
    with _library(context) as library:
        engine = Engine(library, RetrieverSettings.from_env())
        warm_up = threading.Thread(target=engine.warm_up, name="warm-up")
        warm_up.start()
        engine.start()
        try:
            run(
                engine,
                settings,
                lambda address: show.out.print(f"Sightline is at {address}"),
                people=People(library.catalog.people),
                secret=cookie_secret(library.settings.home),
                ready=lambda: not warm_up.is_alive(),
            )
        finally:
            engine.close()
            warm_up.join()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise InvalidInput(
            path, cause=exc.strerror or str(exc), remedy="check the file's permissions"
        ) from exc


# When all commands are there.
examples.add(cli)
