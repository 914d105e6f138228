"""Following folders: every change brings the collection in step again."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from watchfiles import watch

from indexer.errors import InvalidInput, SightlineError
from indexer.library import Library
from indexer.pipeline import IndexReport, Progress, index_paths

# Changes that follow one another within this time are taken together, so that a file that is
# still being copied is mostly read once.
_SETTLE_MS = 1600
# How long it takes at most to notice that it is to stop.
_WAKE_MS = 500


def follow(
    library: Library,
    folders: Sequence[Path],
    collection: str,
    *,
    stop: threading.Event,
    keep_missing: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> Iterator[IndexReport | SightlineError]:
    """Sync ``folders`` now and after every change below them, until ``stop`` or Ctrl-C.

    Yields the report of each sync, or the error that kept it from running: a disk that is
    unplugged for a while does not end the watch. Raises InvalidInput for a path that is no folder.
    """
    for folder in folders:
        if not folder.expanduser().is_dir():
            raise InvalidInput(folder, cause="it is not a folder", remedy="name folders that exist")
    places = [folder.expanduser().absolute() for folder in folders]
    home = library.settings.home

    def synced() -> IndexReport | SightlineError:
        try:
            return index_paths(
                library, places, collection, keep_missing=keep_missing, on_progress=on_progress
            )
        except SightlineError as exc:
            return exc

    changes = watch(
        *places,
        # Our own writing must not wake us.
        watch_filter=lambda _, path: not Path(path).is_relative_to(home),
        debounce=_SETTLE_MS,
        stop_event=stop,
        rust_timeout=_WAKE_MS,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    # The watch starts here, so that nothing that changes during the first sync is missed.
    next(changes, None)
    first = synced()
    yield first
    if isinstance(first, IndexReport) and first.interrupted:
        return
    for found in changes:
        if not found:
            continue
        report = synced()
        yield report
        if isinstance(report, IndexReport) and report.interrupted:
            return
