"""The child process that reads untrusted files: ``python -m indexer.parsers.child``.

Requests come on standard input, answers leave on a private copy of standard output, so that
nothing a library prints can end up between them. The end of standard input ends the child.
"""

import errno
import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from indexer.errors import LimitExceeded, OutOfResources, SightlineError
from indexer.parsers import open_document, parsers, render_page
from indexer.parsers._frames import (
    FOLDER_PREFIX,
    MAX_REQUEST_BYTES,
    BytesFrame,
    DoneFrame,
    FailureFrame,
    Frame,
    HeaderFrame,
    MemberFrame,
    MembersRequest,
    PageFrame,
    ParseRequest,
    RasterFrame,
    RenderRequest,
    Request,
    UnpackRequest,
    decode_request,
    encode,
    read_payload,
    write_message,
    write_payload,
)
from indexer.parsers._jail import enter
from indexer.parsers._members import Unpacker, list_members
from indexer.settings import MEBIBYTE, ParserSettings

_GRACE_SECONDS = 5.0
# MuPDF and Pillow report a failed allocation in words.
_OUT_OF_MEMORY = re.compile(
    r"malloc|calloc|realloc|out of memory|cannot allocate|failed to map|memory alloc", re.I
)


def main() -> None:
    """Answer requests until standard input ends."""
    # A service that is stopped may have all its processes told to end at once. The parent decides
    # when this one does, and the file that is being read is not to blame.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        _serve()
    finally:
        # The parent does this, unless it was killed; inside the limits the folder itself stays.
        folder = Path.cwd()
        if folder.name.startswith(FOLDER_PREFIX):
            shutil.rmtree(folder, ignore_errors=True)


def _serve() -> None:
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("r+b") as nothing:
        for descriptor in (0, 1, 2):
            os.dup2(nothing.fileno(), descriptor)
    enter(Path.cwd())
    limited: tuple[int, int] | None = None
    unpacker = Unpacker(Path.cwd())
    parsers()  # imported now, not within the first file's time
    write_message(answers, DoneFrame())
    while (payload := read_payload(requests, MAX_REQUEST_BYTES)) is not None:
        request = decode_request(payload)
        wanted = (request.settings.memory_bytes, request.settings.max_bytes)
        if limited != wanted:
            limited = wanted
            _limit_resources(*wanted)
        try:
            _answer(request, unpacker, answers)
        except BrokenPipeError:
            return


def _answer(request: Request, unpacker: Unpacker, answers: IO[bytes]) -> None:
    settings = request.settings
    frames = _frames(request, unpacker)
    while True:
        failure: FailureFrame | None = None
        payload: bytes | None = None
        try:
            with _alarm(settings):
                frame = next(frames, None)
                payload = None if frame is None else encode(frame)
        except SightlineError as exc:
            failure = FailureFrame.of(exc)
        except RecursionError:
            failure = _unreadable("nested too deeply")
        except Exception as exc:  # the boundary: whatever a library raises is one file's failure
            failure = _translated(exc, settings)
        if failure is not None:
            write_message(answers, failure)
            return
        if payload is None:
            return
        write_payload(answers, payload)


def _frames(request: Request, unpacker: Unpacker) -> Iterator[Frame]:
    settings = request.settings
    path = unpacker.locate(Path(os.fsdecode(request.path)), request.members, settings)
    match request:
        case ParseRequest():
            document = open_document(path, settings)
            yield HeaderFrame(document.header)
            yield from map(PageFrame, document.pages)
            yield DoneFrame()
        case MembersRequest():
            yield from map(MemberFrame, list_members(path, settings))
            yield DoneFrame()
        case UnpackRequest():
            with path.open("rb") as file:
                yield from map(BytesFrame, iter(partial(file.read, MEBIBYTE), b""))
            yield DoneFrame()
        case RenderRequest():
            yield RasterFrame(
                render_page(path, request.page_number, request.max_side, request.box, settings)
            )


def _translated(error: Exception, settings: ParserSettings) -> FailureFrame:
    reason = " ".join(str(error).split())[:160]
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        full = OutOfResources(
            "",
            cause=f"no room in {Path.cwd().parent} to unpack it",
            remedy="free some disk space there, or set TMPDIR to a folder on another disk",
        )
        return FailureFrame.of(full)
    if isinstance(error, MemoryError) or _OUT_OF_MEMORY.search(reason):
        limit = LimitExceeded(
            "",
            cause=f"needs more than {settings.memory_bytes // MEBIBYTE} MiB of memory",
            remedy="split it or raise SIGHTLINE_PARSER_MEMORY_BYTES",
        )
        return FailureFrame.of(limit, restart=True)
    return _unreadable(f"{type(error).__name__}: {reason}" if reason else type(error).__name__)


def _unreadable(cause: str) -> FailureFrame:
    return FailureFrame(
        kind="unreadable", cause=f"damaged file ({cause})", remedy="save it again in its program"
    )


@contextmanager
def _alarm(settings: ParserSettings) -> Iterator[None]:
    """End the child by signal when one step takes too long.

    The parent kills it earlier; this is for a parent that is gone. The default action of the
    signal works even while a library loops without returning to Python.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, settings.page_seconds + _GRACE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit_resources(memory_bytes: int, file_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, file_bytes),
    ):
        _, hard = resource.getrlimit(kind)
        soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        # The hard limit of memory stays, since another request may allow more.
        resource.setrlimit(kind, (soft, hard))


if __name__ == "__main__":
    main()
