"""The terminal's progress bar of an indexing run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from indexer.pipeline import Progress as IndexProgress


class _Rate(TextColumn):
    """Files per second, over the last seconds."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} files/s")


@contextmanager
def progress_bar(
    console: Console, *, enabled: bool
) -> Iterator[Callable[[IndexProgress], None] | None]:
    """A bar with rate and ETA while the context lasts; None when switched off."""
    if not enabled:
        yield None
        return
    with Progress(
        SpinnerColumn(),
        BarColumn(bar_width=20),
        MofNCompleteColumn(table_column=Column(no_wrap=True, min_width=9)),
        _Rate(),
        TextColumn("ETA"),
        TimeRemainingColumn(table_column=Column(no_wrap=True, min_width=7)),
        TextColumn(
            "{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)
        ),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None)

        def show(progress: IndexProgress) -> None:
            counts = f"{progress.pages} pages, {progress.crops} pictures"
            bar.update(
                task,
                total=progress.total,
                completed=progress.done,
                description=f"{counts}  [dim]{escape(Path(progress.current).name)}[/dim]",
            )

        yield show
