"""The parent's side of one child process and of one file read in it."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import msgspec

import indexer
from indexer.errors import (
    LimitExceeded,
    OutOfResources,
    ParserUnavailable,
    SightlineError,
    UnreadableDocument,
)
from indexer.parsers._frames import (
    DoneFrame,
    FailureFrame,
    Frame,
    Request,
    decode_frame,
    read_payload,
    write_message,
)
from indexer.parsers._workfolder import WorkFolder
from indexer.settings import MEBIBYTE, ParserSettings

START_SECONDS = 60.0

SEE_WHY = "run python -m indexer.parsers.child to see why"
_LEAVE_OUT = "save it again in its program, or leave it out"


class Child:
    """A running ``indexer.parsers.child`` in an empty folder of its own."""

    def __init__(self) -> None:
        """Raises ParserUnavailable if it does not start."""
        try:
            self._folder = WorkFolder()
        except OSError as exc:
            raise _unavailable(exc) from exc
        # The child gets no variable of the parent's: they may hold keys and passwords.
        environment = {
            "PYTHONPATH": str(Path(indexer.__file__).parent.parent),
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LC_ALL": "C.UTF-8",
            "TMPDIR": str(self._folder.path),
            "HOME": str(self._folder.path),
            "OMP_NUM_THREADS": "1",
        }
        try:
            self._process = subprocess.Popen(
                # -P keeps the working folder out of the import path.
                [sys.executable, "-P", "-m", "indexer.parsers.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._folder.path,
                env=environment,
                pass_fds=(self._folder.descriptor,),
                # A group of its own, so that nothing it has started outlives it.
                start_new_session=True,
            )
        except OSError as exc:
            self._folder.remove()
            raise _unavailable(exc) from exc
        self._reaped = False
        self.files = 0
        with suppress(OverflowError):
            if self.receive(1024, START_SECONDS) is not None:
                return
        self.end()
        raise ParserUnavailable("parser process", cause="it did not start", remedy=SEE_WHY)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, request: Request) -> None:
        """OSError when the child is gone."""
        assert self._process.stdin is not None
        write_message(self._process.stdin, request)
        self.files += 1

    def receive(self, limit: int, seconds: float) -> bytes | None:
        """The next message, None when the child ended, or was ended after ``seconds``.

        Raises OverflowError for a message longer than ``limit`` bytes.
        """
        assert self._process.stdout is not None
        # A blocked read cannot be given up on every system, but its other end can be ended.
        timer = threading.Timer(seconds, self.kill)
        timer.daemon = True
        timer.start()
        try:
            return read_payload(self._process.stdout, limit)
        finally:
            timer.cancel()

    def kill(self) -> None:
        """Whoever waits for an answer, in whichever thread, gets the end of the pipe."""
        if not self._reaped:  # the number may be another group's by now
            with suppress(ProcessLookupError, PermissionError):  # macOS, of a group that is dying
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> int:
        """Kill, reap, and return the exit status (negative: the signal). May be called again."""
        self.kill()
        status = self._process.wait()
        self._reaped = True
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                # Closing flushes what the child will never read.
                with suppress(OSError):
                    pipe.close()
        self._folder.remove()
        return status

    def exit_status(self) -> int:
        """Wait for the end of a child whose pipe has closed; killed if it lingers."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2.0)
        return self.end()


def _unavailable(error: OSError) -> ParserUnavailable:
    why = OutOfResources.because(error, tempfile.gettempdir())
    return ParserUnavailable(
        "parser process", cause=f"it did not start ({why.item}: {why.cause})", remedy=why.remedy
    )


class Exchange:
    """One request and its frames. Time counts only while the parent waits for the child."""

    def __init__(self, child: Child, path: Path, settings: ParserSettings) -> None:
        self._child = child
        self._path = path
        self._settings = settings
        self._waited = 0.0
        self._received = 0
        self.open = True
        self.child_lost = False

    def next_frame(self) -> Frame:
        """The next frame; a failure frame is raised as the error it stands for.

        Raises LimitExceeded for time and output, UnreadableDocument for a crash, RuntimeError
        when the exchange is over.
        """
        if not self.open:
            raise RuntimeError(f"{self._path}: the parser has gone on to another file")
        frame = self._decoded(self._payload())
        if isinstance(frame, FailureFrame):
            self.finish()
            if frame.restart:
                self._lose()
            raise frame.error(self._path)
        if isinstance(frame, DoneFrame):
            self.finish()
        return frame

    def finish(self) -> None:
        """The child has said all about this request."""
        self.open = False

    def abandon(self) -> None:
        """Stop listening; a child in the middle of an answer cannot be used again."""
        if self.open:
            self._lose()

    def broken(self) -> SightlineError:
        """The error for a child that does not keep to the protocol."""
        self._lose()
        return UnreadableDocument(
            self._path, cause="the parser answered with nonsense", remedy=_LEAVE_OUT
        )

    def _lose(self) -> None:
        self.open = False
        self.child_lost = True
        self._child.end()

    def _payload(self) -> bytes:
        settings = self._settings
        seconds = max(0.001, min(settings.page_seconds, settings.document_seconds - self._waited))
        started = time.monotonic()
        try:
            payload = self._child.receive(settings.output_bytes - self._received, seconds)
        except OverflowError:
            self._lose()
            raise LimitExceeded(
                self._path,
                cause=f"gives more than {settings.output_bytes / MEBIBYTE:.1f} MiB of output",
                remedy="split it or raise SIGHTLINE_PARSER_OUTPUT_BYTES",
            ) from None
        waited = time.monotonic() - started
        self._waited += waited
        if payload is None:
            raise self._ended(timed_out=waited >= seconds)
        self._received += len(payload)
        return payload

    def _ended(self, *, timed_out: bool) -> SightlineError:
        self.open, self.child_lost = False, True
        status = self._child.exit_status()
        if timed_out or status == -getattr(signal, "SIGALRM", 0):
            settings = self._settings
            whole = self._waited >= settings.document_seconds
            seconds = settings.document_seconds if whole else settings.page_seconds
            name = "DOCUMENT" if whole else "PAGE"
            return LimitExceeded(
                self._path,
                cause=f"took longer than {seconds:g} s" + ("" if whole else " for one page"),
                remedy=f"leave it out or raise SIGHTLINE_PARSER_{name}_SECONDS",
            )
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        return UnreadableDocument(
            self._path, cause=f"the parser crashed ({how})", remedy=_LEAVE_OUT
        )

    def _decoded(self, payload: bytes) -> Frame:
        try:
            return decode_frame(payload)
        except (msgspec.DecodeError, ValueError, RecursionError) as exc:
            raise self.broken() from exc
