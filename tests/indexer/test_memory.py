import platform
import re
from pathlib import Path

import pytest

from indexer.memory import give_back
from indexer.settings import MEBIBYTE


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is asked")
def test_freed_memory_between_pieces_that_stay_is_given_back() -> None:
    def resident() -> int:
        status = Path("/proc/self/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) // 1024

    # Above 512 bytes Python asks the C library; below 128 KiB that does not ask the system.
    pieces = [bytes(16_000) for _ in range(128 * MEBIBYTE // 16_000)]
    kept = pieces[::64]
    full = resident()
    del pieces
    give_back()
    assert resident() < full - 64
    assert len(kept[0]) == 16_000


def test_giving_back_is_harmless_anywhere() -> None:
    give_back()
    give_back()
