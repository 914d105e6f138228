"""What a shell offers to complete: its script, and the names of collections."""

from contextlib import suppress
from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

from indexer.errors import SightlineError
from indexer.library import Library
from indexer.settings import IndexerSettings

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_SIGHTLINE_COMPLETE"


def collections(
    context: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of collections that begin so; none where there is no archive, which stays so."""
    found: list[str] = []
    with suppress(SightlineError, OSError):
        home: Path | None = context.find_root().params.get("home")
        settings = IndexerSettings.from_env(home=home)
        if settings.home.is_dir():
            with Library(settings) as library:
                found = [each.name for each in library.catalog.collections()]
    return [CompletionItem(name) for name in sorted(found) if name.startswith(incomplete)]


def script(cli: click.Command, shell: str) -> str:
    """What the shell reads to complete the words of ``sightline``."""
    kind = get_completion_class(shell)
    assert kind is not None, shell
    return kind(cli, {}, "sightline", VARIABLE).source()
