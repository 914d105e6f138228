"""What models say, made by a thread, as an iterator with limits of time."""

import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, Queue

from retriever.errors import GeneratorUnavailable
from retriever.settings import AnswerSettings

# Hands over a piece of text ("" for a sign of life); True if the work should stop.
Push = Callable[[str], bool]


def pieces(
    name: str,
    produce: Callable[[Push], None],
    settings: AnswerSettings,
    *,
    cancel: Callable[[], None] = lambda: None,
    daemon: bool = False,
) -> Iterator[str]:
    """What ``produce`` pushes, in a thread of its own. Closing the iterator stops it.

    ``cancel`` is called at the end, whatever it is, to break off what ``produce`` may be waiting
    for. A thread inside a native library must not be a ``daemon``: Python ends those roughly.
    Raises what ``produce`` raises, and GeneratorUnavailable when a time limit passes.
    """
    queue: Queue[str | BaseException | None] = Queue()
    stopped = threading.Event()

    def push(text: str) -> bool:
        if text:
            queue.put(text)
        return stopped.is_set()

    def work() -> None:
        try:
            produce(push)
            queue.put(None)
        except BaseException as exc:  # handed to the reader, whatever it is
            queue.put(exc)

    begun = time.monotonic()
    threading.Thread(target=work, name=f"{name} answers", daemon=daemon).start()
    started = False
    try:
        while True:
            limit = settings.seconds
            if not started:
                limit = min(limit, settings.first_token_seconds)
            left = begun + limit - time.monotonic()
            try:
                item = queue.get(timeout=max(left, 0.001))
            except Empty:
                raise _too_slow(name, limit, started=started) from None
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            if left < 0:
                raise _too_slow(name, limit, started=started)
            started = True
            yield item
    finally:
        stopped.set()
        cancel()


def _too_slow(name: str, seconds: float, *, started: bool) -> GeneratorUnavailable:
    if started:
        return GeneratorUnavailable(
            name,
            cause=f"it was still talking after {seconds:g} s",
            remedy="raise SIGHTLINE_ANSWER_SECONDS or lower SIGHTLINE_ANSWER_MAX_TOKENS",
        )
    return GeneratorUnavailable(
        name,
        cause=f"it said nothing within {seconds:g} s",
        remedy="raise SIGHTLINE_ANSWER_FIRST_TOKEN_SECONDS or choose a smaller model",
    )
