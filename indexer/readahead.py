"""Files read and parsed ahead of the encoder, by threads that each own a parser process."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Full, Queue

from indexer.domain import Header, Member, Page
from indexer.errors import (
    LimitExceeded,
    OutOfResources,
    ParserUnavailable,
    SightlineError,
    UnreadableDocument,
)
from indexer.library import Library, sha256_of
from indexer.parsers import check_size
from indexer.parsers.sandbox import ParserProcess
from indexer.scan import SEPARATOR, locate
from indexer.settings import MEBIBYTE
from indexer.store.records import Collection, FileState
from indexer.store.upkeep import READ_AGAIN

# Pages of one file that may wait for the encoder.
_PAGES_AHEAD = 8


@dataclass(frozen=True, slots=True)
class Begin:
    """A file, or a file inside it, with its hash; ``anew``: stored, but to be read again."""

    state: FileState
    anew: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """The last message of what began; ``error`` says why there is nothing more to come.

    Without a header before it, and without an error, the document is stored already.
    """

    error: SightlineError | OSError | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """A file and all that is inside it have been read."""


Message = Begin | Header | Page | End | Closed


class Readers:
    """Threads that each own a parser child and hand over files in order, a few ahead."""

    def __init__(
        self, library: Library, collection: Collection, on_wait: Callable[[], None]
    ) -> None:
        """``on_wait`` is called now and then while a reader is waited for; it may raise."""
        self._library = library
        self._on_wait = on_wait
        self._collection = collection
        self.settings = library.settings.parser
        self._count = self.settings.processes
        self._stop = threading.Event()
        self._local = threading.local()
        self._children: list[ParserProcess] = []
        self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="parse")

    def read(self, todo: Sequence[FileState]) -> Iterator[tuple[FileState, Iterator[Message]]]:
        """Each file with its messages.

        First every file inside it, then the file itself: Begin, Header and Pages unless it is
        stored, End. So a container is written after its members, and a run that was cut off
        between them finds the container still to do.
        """
        waiting: deque[tuple[FileState, Queue[Message], Future[None]]] = deque()
        rest = iter(todo)
        while True:
            while len(waiting) <= self._count and (state := next(rest, None)) is not None:
                queue: Queue[Message] = Queue(_PAGES_AHEAD)
                waiting.append((state, queue, self._pool.submit(self._fill, state, queue)))
            if not waiting:
                return
            state, queue, filling = waiting.popleft()
            yield state, _drain(queue, filling, self._on_wait)

    def parsed(self, path: Path, chain: tuple[str, ...], state: FileState) -> Iterator[Message]:
        """Header, Pages and End of a document, from a child of the calling thread's own.

        ParserUnavailable if that does not start, for then no file is to blame.
        """
        try:
            parsed = self.child().parse(path, chain)
            yield parsed.header
            yield from parsed.pages
        except ParserUnavailable:
            raise
        except (SightlineError, OSError) as exc:
            yield End(_named(exc, state))
        else:
            yield End()

    def again(self, state: FileState) -> Iterator[Message]:
        """A document that was taken for stored, and is not any more."""
        located = locate(state.path)
        return self.parsed(located.path, located.members, state)

    def close(self) -> None:
        self._stop.set()
        for child in self._children:
            child.interrupt()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for child in self._children:
            child.close()

    def _fill(self, state: FileState, queue: Queue[Message]) -> None:
        with suppress(_StoppedError):
            _Reading(self, queue, state).run()

    def held(self, state: FileState) -> Begin | None:
        """Whether the bytes are stored already, and if so whether they must be read again."""
        known = self._library.catalog.sidecars_of(self._collection, state.sha256)
        if not known:
            return None
        marks = set(known.values())
        if state.sidecars:
            described_otherwise = state.sidecars not in marks
        else:
            # A copy without sidecars takes nothing away from the one that has them.
            described_otherwise = marks != {""} and set(known) == {state.path}
        return Begin(state, anew=described_otherwise or READ_AGAIN in marks)

    def child(self) -> ParserProcess:
        child: ParserProcess | None = getattr(self._local, "child", None)
        if child is None:
            child = self._local.child = ParserProcess(self.settings)
            self._children.append(child)
        return child

    def put(self, queue: Queue[Message], message: Message) -> None:
        while not self._stop.is_set():
            with suppress(Full):
                queue.put(message, timeout=0.2)
                return
        raise _StoppedError


class _Reading:
    """One file on the disk and, depth first, what is inside it."""

    def __init__(self, readers: Readers, queue: Queue[Message], state: FileState) -> None:
        self._readers = readers
        self._queue = queue
        self._state = state
        self._settings = readers.settings
        self._members = 0
        self._unpacked = 0

    def run(self) -> None:
        state = self._state
        path = Path(state.path)
        try:
            if state.cause:
                raise OSError(state.cause)
            check_size(path, self._settings)  # a pipe or a device would be hashed for ever
            digest = sha256_of(path)
        except (SightlineError, OSError) as exc:
            self._put(Begin(state))
            self._put(End(_named(exc, state)))
        else:
            self._one(path, (), replace(state, sha256=digest))
        self._put(Closed())

    def _one(self, path: Path, chain: tuple[str, ...], state: FileState) -> None:
        """Send the members of a file, then the file."""
        try:
            problem = self._inside(path, chain, state)
        except OutOfResources as exc:
            self._put(Begin(state))
            self._put(End(_named(exc, state)))
            return
        held = self._readers.held(state)
        self._put(held or Begin(state))
        if held is not None and not held.anew:
            self._put(End())
            return
        for message in self._readers.parsed(path, chain, state):
            if isinstance(message, Header) and problem is not None:
                message = replace(message, warnings=(*message.warnings, problem.cause))
            self._put(message)

    def _inside(
        self, path: Path, chain: tuple[str, ...], state: FileState
    ) -> SightlineError | None:
        """Send every member; what kept some of them from being read, if anything in the file did.

        OutOfResources if it was the machine.
        """
        members: list[Member] = []
        problem: SightlineError | None = None
        try:
            # Listed whole before the first is read: the child does one thing at a time.
            for member in self._readers.child().members(path, chain):
                members.append(member)
        except (OutOfResources, ParserUnavailable):
            raise
        except SightlineError as exc:
            problem = exc
        for member in members:
            self._members += 1
            self._unpacked += member.size if member.sha256 else 0
            beyond = self._beyond(state, len(chain))
            if beyond is not None:
                return beyond
            inner = FileState(
                path=f"{state.path}{SEPARATOR}{member.name}",
                size=member.size,
                mtime_ns=state.mtime_ns,
                sha256=member.sha256,
                indexed=False,
                container=state.container or state.path,
            )
            if member.sha256:
                self._one(path, (*chain, member.name), inner)
            else:
                self._put(Begin(inner))
                self._put(
                    End(UnreadableDocument(inner.path, cause=member.cause, remedy=member.remedy))
                )
        return problem

    def _beyond(self, state: FileState, depth: int) -> SightlineError | None:
        settings = self._settings
        if depth >= settings.max_depth:
            cause, name = f"archives nested more than {settings.max_depth} deep", "DEPTH"
        elif self._members > settings.max_members:
            cause, name = f"more than {settings.max_members} files inside", "MEMBERS"
        elif self._unpacked > settings.max_unpacked_bytes:
            size = settings.max_unpacked_bytes / MEBIBYTE
            cause, name = f"unpacks to more than {size:.0f} MiB", "UNPACKED_BYTES"
        else:
            return None
        return LimitExceeded(
            state.path,
            cause=f"{cause}: the rest is not read",
            remedy=f"unpack it, or raise SIGHTLINE_PARSER_MAX_{name}",
        )

    def _put(self, message: Message) -> None:
        self._readers.put(self._queue, message)


def _named(error: SightlineError | OSError, state: FileState) -> SightlineError | OSError:
    """The error about the file inside, where the child only knew the one on the disk."""
    if isinstance(error, OSError):
        return (
            OutOfResources.because(error, state.path) if OutOfResources.is_behind(error) else error
        )
    if state.container:
        return type(error)(state.path, cause=error.cause, remedy=error.remedy)
    return error


class _StoppedError(Exception):
    """The run is over; nobody reads the queue any more."""


def _drain(
    queue: Queue[Message], filling: Future[None], on_wait: Callable[[], None]
) -> Iterator[Message]:
    """Messages up to Closed. Raises what ended the reading thread, if anything did."""
    while True:
        try:
            # A short timeout keeps Ctrl-C responsive where a blocking get would swallow it.
            message = queue.get(timeout=0.5)
        except Empty:
            if filling.done() and queue.empty():
                filling.result()
            on_wait()
            continue
        yield message
        if isinstance(message, Closed):
            return
