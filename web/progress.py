"""The terminal's progress bar of an indexing run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task
from rich.text import Text

from indexer.pipeline import Progress as IndexProgress

_NAME_LETTERS = 24


class _Counts(ProgressColumn):
    """Files, pages and pictures with their rates, time left, the current file: in one line.

    One column, since a table of several squeezes the figures before the file's name.
    """

    def render(self, task: Task) -> Text:
        progress: IndexProgress | None = task.fields["progress"]
        if progress is None:
            return Text("looking at files")
        left = task.time_remaining
        parts = [
            f"{progress.done}/{progress.total} files{_rate(progress.done, task)}",
            f"{progress.pages} pages{_rate(progress.pages, task)}",
            f"{progress.crops} pictures{_rate(progress.crops, task)}",
            "" if left is None else f"ETA {timedelta(seconds=round(left))}",
            Path(progress.current).name[-_NAME_LETTERS:],
        ]
        return Text(", ".join(filter(None, parts)), no_wrap=True, overflow="ellipsis")


def _rate(count: int, task: Task) -> str:
    """Since the start: pages and pictures come in bursts, so that a short window misleads."""
    return f" {count / task.elapsed:.1f}/s" if task.elapsed and count else ""


@contextmanager
def progress_bar(
    console: Console, *, enabled: bool
) -> Iterator[Callable[[IndexProgress], None] | None]:
    """A bar with rate and ETA while the context lasts; None when switched off."""
    if not enabled:
        yield None
        return
    with Progress(
        SpinnerColumn(), BarColumn(bar_width=12), _Counts(), console=console, transient=True
    ) as bar:
        task = bar.add_task("", total=None, progress=None)

        def show(progress: IndexProgress) -> None:
            bar.update(task, total=progress.total, completed=progress.done, progress=progress)

        yield show
