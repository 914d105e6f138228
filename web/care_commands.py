"""The commands that look after a home: backup, restore, doctor, remove, export."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.text import Text

from indexer.care import Tell, disk_errors, export, removal, repair, silence
from indexer.care.backup import Backup, backup, check_backup
from indexer.care.restore import restore
from indexer.errors import CatalogTooNew, CatalogUnavailable, InvalidInput
from indexer.library import Library
from indexer.settings import MEBIBYTE, IndexerSettings
from retriever import health
from retriever.settings import RetrieverSettings
from web import completing, show
from web.terminal import Terminal

_err = Terminal(stderr=True, highlight=False, soft_wrap=True)

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
_force_option = click.option("--force", is_flag=True, help="Replace what is there.")


def register(cli: click.Group) -> None:
    """Add the commands to the command line."""
    for command in (backup_command, restore_command, doctor, remove, export_command):
        cli.add_command(command)


def _settings(context: click.Context) -> IndexerSettings:
    return IndexerSettings.from_env(home=context.obj)


@contextmanager
def _progress(*, enabled: bool) -> Iterator[Tell]:
    """A line on standard error that says what is being done and how far it is."""
    if not enabled:
        yield silence
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        console=_err,
        transient=True,
        disable=not _err.is_terminal,
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total or None
        )


@click.command(name="backup")
@click.argument("file", type=click.Path(path_type=Path))
@_force_option
@_json_option
@click.pass_context
def backup_command(context: click.Context, file: Path, force: bool, as_json: bool) -> None:
    """Write the catalogue and the uploads into one FILE.

    Named .tar, or .tar.gz to have it packed. It may run while others index or search. The file is
    read back before it gets its name.
    """
    with _progress(enabled=not as_json) as tell:
        made = backup(_settings(context), file, force=force, tell=tell)
    _show_backup(made, "written and checked", as_json=as_json)


@click.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_force_option
@click.option("--check", is_flag=True, help="Only check the backup, and change nothing.")
@_json_option
@click.pass_context
def restore_command(
    context: click.Context, file: Path, force: bool, check: bool, as_json: bool
) -> None:
    """Make the home what the backup FILE holds.

    Everything is checked before anything is touched. However it may be interrupted, the home is
    then what it was before, or what the backup holds.
    """
    settings = _settings(context)
    with _progress(enabled=not as_json) as tell:
        if check:
            found = check_backup(file, tell=tell)
        else:
            found = restore(settings, file, force=force, tell=tell)
            tell("building the index", 0, 0)
            with Library(settings) as library:
                library.indexes.save(library.catalog.collections())
    _show_backup(found, "sound" if check else f"restored to {settings.home}", as_json=as_json)


def _show_backup(found: Backup, what: str, *, as_json: bool) -> None:
    manifest = found.manifest
    uploads = len(manifest.entries) - 1  # beside the catalogue
    if as_json:
        show.print_json(
            {
                "file": str(found.file),
                "size": found.size,
                "created": manifest.created,
                "schema": manifest.schema,
                "documents": manifest.documents,
                "chunks": manifest.chunks,
                "crops": manifest.crops,
                "uploads": uploads,
            }
        )
        return
    show.out.print(
        Text(
            f"{found.file}: {manifest.documents} documents and {uploads} uploads "
            f"of {manifest.created}, {found.size / MEBIBYTE:.1f} MiB, {what}"
        )
    )


@click.command()
@click.option("--repair", "mend", is_flag=True, help="Put right what can be put right.")
@_json_option
@click.pass_context
def doctor(context: click.Context, mend: bool, as_json: bool) -> int:
    """Check catalogue, index, files, models and disk.

    The exit code is 1 if something is wrong.

    With --repair: removes rows and files that nothing belongs to, enters missing words and
    indexes anew, marks killed runs, and has incomplete documents read again by the next index.
    """
    settings = _settings(context)
    repaired: list[str] = []
    try:
        with Library(settings) as library, _progress(enabled=not as_json) as tell:
            if mend:
                repaired = repair.repair(library, tell)
            tell("looking at everything", 0, 0)
            findings = health.examine(library, RetrieverSettings.from_env())
    except (CatalogTooNew, CatalogUnavailable) as exc:
        findings = health.unopened(exc, settings)
    healthy = all(finding.ok for finding in findings)
    if as_json:
        report: dict[str, Any] = {"repaired": repaired} if mend else {}
        report |= {"healthy": healthy, "findings": [each.as_json() for each in findings]}
        show.print_json(report)
        return 0 if healthy else 1
    for line in repaired:
        show.out.print(Text.assemble(("repaired ", "cyan"), line))
    for finding in findings:
        _show_finding(finding)
    return 0 if healthy else 1


def _show_finding(finding: health.Finding) -> None:
    mark, style = ("problem", "bold red")
    if finding.ok:
        mark, style = ("note", "yellow") if finding.advice else ("ok", "green")
    advice = f"; {finding.advice}" if finding.advice else ""
    show.out.print(
        Text.assemble((f"{mark:9}", style), f"{finding.subject}: {finding.detail}{advice}")
    )


@click.command()
@click.argument("targets", metavar="[PATH|DOCUMENT-ID]...", nargs=-1)
@click.option(
    "--collection", "-c", shell_complete=completing.collections, help="Only from this collection."
)
@click.option("--all", "everything", is_flag=True, help="The whole collection.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_json_option
@click.pass_context
def remove(
    context: click.Context,
    targets: tuple[str, ...],
    collection: str | None,
    everything: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Forget files, folders or documents; your files stay.

    They leave the catalogue, never your disk. Of uploads the kept copy is removed too. What stays
    below an indexed folder comes back with the next index: name it in a .sightlineignore to keep it
    out.
    """
    if everything:
        if collection is None or targets:
            raise click.UsageError("--all takes a --collection and nothing else")
        with Library(_settings(context)) as library:
            count = library.catalog.counts(library.catalog.collection(collection)).documents
            if not yes:
                question = f"Remove collection {collection} with {count} documents?"
                click.confirm(question, abort=True, err=True)
            try:
                removal.drop(library, collection)
            except InvalidInput as exc:
                remedy = f"{exc.remedy}; if it was killed, run: sightline doctor --repair"
                raise InvalidInput(exc.item, cause=exc.cause, remedy=remedy) from exc
        if as_json:
            show.print_json({"collection": collection, "documents": count})
        else:
            show.out.print(Text(f"collection {collection} removed, {count} documents"))
        return
    if not targets:
        raise click.UsageError("name a path or a document, or --all with a --collection")
    with Library(_settings(context)) as library:
        removed = removal.remove(library, targets, collection)
    if as_json:
        listed = [{"collection": each.collection, "path": each.path} for each in removed]
        show.print_json({"removed": listed})
        return
    for each in removed:
        show.out.print(Text(f"removed from {each.collection}: {each.path}"))


@click.command(name="export")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--collection", "-c", shell_complete=completing.collections, help="Only this collection."
)
@click.option("--vectors", is_flag=True, help="With the embeddings, in Base64.")
@_force_option
@_json_option
@click.pass_context
def export_command(
    context: click.Context,
    file: Path,
    collection: str | None,
    vectors: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Write all that was read to FILE, as lines of JSON.

    "-" is standard output. A line for each document: pages with their text, passages and pictures
    with their boxes, how scans were read.
    """
    to_stdout = str(file) == "-"
    with (
        Library(_settings(context)) as library,
        _progress(enabled=not (as_json or to_stdout)) as tell,
        _stdout() if to_stdout else export.export_file(file, force=force) as target,
    ):
        count = export.export(library, target, collection, vectors=vectors, tell=tell)
    if to_stdout:
        return
    if as_json:
        show.print_json({"file": str(file), "documents": count})
    else:
        show.out.print(Text(f"{file}: {count} documents"))


@contextmanager
def _stdout() -> Iterator[IO[bytes]]:
    with disk_errors("standard output"):
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
