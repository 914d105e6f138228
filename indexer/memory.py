"""Memory that the process has freed, but its C library keeps."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Return freed memory to the system; does nothing where the C library is not glibc.

    Many threads that make and drop buffers of all sizes leave holes between those that stay:
    hundreds of MiB over a long run. Takes some milliseconds.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return found
