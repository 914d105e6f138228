"""Files read and parsed ahead of the encoder, by threads that each own a parser process."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Full, Queue

from indexer.domain import Header, Page
from indexer.errors import SightlineError
from indexer.library import Library, sha256_of
from indexer.parsers.sandbox import ParserProcess
from indexer.store.records import Collection, FileState

# Pages of one file that may wait for the encoder.
_PAGES_AHEAD = 8


@dataclass(frozen=True, slots=True)
class End:
    """The last message of a file; ``error`` says why there is nothing more to come."""

    error: SightlineError | OSError | None = None


Message = FileState | Header | Page | End


class Readers:
    """Threads that each own a parser child and hand over files in order, a few ahead."""

    def __init__(self, library: Library, collection: Collection) -> None:
        self._library = library
        self._collection = collection
        self._count = library.settings.parser.processes
        self._stop = threading.Event()
        self._local = threading.local()
        self._children: list[ParserProcess] = []
        self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="parse")

    def read(self, todo: Sequence[FileState]) -> Iterator[tuple[FileState, Iterator[Message]]]:
        """Each file with its messages: its state with the hash, then header and pages, then end."""
        waiting: deque[tuple[FileState, Queue[Message]]] = deque()
        rest = iter(todo)
        while True:
            while len(waiting) <= self._count and (state := next(rest, None)) is not None:
                queue: Queue[Message] = Queue(_PAGES_AHEAD)
                self._pool.submit(self._fill, state, queue)
                waiting.append((state, queue))
            if not waiting:
                return
            state, queue = waiting.popleft()
            yield state, _drain(queue)

    def close(self) -> None:
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for child in self._children:
            child.close()

    def _fill(self, state: FileState, queue: Queue[Message]) -> None:
        error: SightlineError | OSError | None = None
        try:
            path = Path(state.path)
            hashed = replace(state, sha256=sha256_of(path))
            self._put(queue, hashed)
            if not self._library.catalog.holds(self._collection, hashed.sha256):
                parsed = self._child().parse(path)
                self._put(queue, parsed.header)
                for page in parsed.pages:
                    self._put(queue, page)
        except (SightlineError, OSError) as exc:
            error = exc
        except _StoppedError:
            return
        with suppress(_StoppedError):
            self._put(queue, End(error))

    def _child(self) -> ParserProcess:
        child: ParserProcess | None = getattr(self._local, "child", None)
        if child is None:
            child = self._local.child = ParserProcess(self._library.settings.parser)
            self._children.append(child)
        return child

    def _put(self, queue: Queue[Message], message: Message) -> None:
        while not self._stop.is_set():
            with suppress(Full):
                queue.put(message, timeout=0.2)
                return
        raise _StoppedError


class _StoppedError(Exception):
    """The run is over; nobody reads the queue any more."""


def _drain(queue: Queue[Message]) -> Iterator[Message]:
    while True:
        # A short timeout keeps Ctrl-C responsive where a blocking get would swallow it.
        with suppress(Empty):
            message = queue.get(timeout=0.5)
            yield message
            if isinstance(message, End):
                return
