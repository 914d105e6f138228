"""Parsing in a child process with limits on memory, time and output."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from indexer.domain import BoundingBox, Member, Page, ParsedDocument, Raster
from indexer.errors import ParserUnavailable
from indexer.parsers import check_size
from indexer.parsers._exchange import SEE_WHY, Child, Exchange
from indexer.parsers._frames import (
    BytesFrame,
    DoneFrame,
    HeaderFrame,
    MemberFrame,
    MembersRequest,
    PageFrame,
    ParseRequest,
    RasterFrame,
    RenderRequest,
    Request,
    UnpackRequest,
)
from indexer.parsers._soundness import (
    is_sound_header,
    is_sound_member,
    is_sound_page,
    is_sound_raster,
)
from indexer.settings import ParserSettings

# Libraries leak a little with every file; a fresh start now and then costs little.
FILES_PER_CHILD = 500


class ParserProcess:
    """One child that reads one file after the other; use it from one thread at a time.

    It starts with the first file and is replaced after a crash, a limit that was hit, pages
    that nobody read to the end, and every ``FILES_PER_CHILD`` files. Raises ParserUnavailable
    where a method starts it and it does not start.
    """

    def __init__(self, settings: ParserSettings) -> None:
        self._settings = settings
        self._child: Child | None = None
        self._exchange: Exchange | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the child, None before the first file and after ``close``."""
        return self._child.pid if self._child else None

    def parse(self, path: Path, members: tuple[str, ...] = ()) -> ParsedDocument:
        """The header at once; each page is read from the child when it is asked for.

        ``members`` lead to a file inside the one at ``path``, outermost container first.
        Raises UnreadableDocument, LimitExceeded, UnsupportedFormat or OutOfResources, also from
        the pages.
        The next call ends pages that were not read to their end: reading on in them raises
        RuntimeError.
        """
        check_size(path, self._settings)
        exchange = self._ask(path, ParseRequest(_name(path), members, self._settings))
        frame = exchange.next_frame()
        if not isinstance(frame, HeaderFrame) or not is_sound_header(frame.header):
            raise exchange.broken()
        max_side = max(self._settings.raster_side, self._settings.figure_side)
        return ParsedDocument(header=frame.header, pages=_pages(exchange, max_side))

    def members(self, path: Path, members: tuple[str, ...] = ()) -> Iterator[Member]:
        """The files inside the one that ``members`` lead to; none if it is no container.

        Raises as ``parse``, after the members before the damage or the limit.
        """
        check_size(path, self._settings)
        exchange = self._ask(path, MembersRequest(_name(path), members, self._settings))
        while not isinstance(frame := exchange.next_frame(), DoneFrame):
            if not isinstance(frame, MemberFrame) or not is_sound_member(frame.member):
                raise exchange.broken()
            yield frame.member

    def unpack(self, path: Path, members: tuple[str, ...], target: IO[bytes]) -> None:
        """Write the bytes of the file that ``members`` lead to. Raises as ``parse``."""
        check_size(path, self._settings)
        exchange = self._ask(path, UnpackRequest(_name(path), members, self._settings))
        while not isinstance(frame := exchange.next_frame(), DoneFrame):
            if not isinstance(frame, BytesFrame):
                raise exchange.broken()
            target.write(frame.data)

    def render(
        self,
        path: Path,
        page_number: int,
        max_side: int,
        box: BoundingBox | None = None,
        members: tuple[str, ...] = (),
    ) -> Raster:
        """Page ``page_number``, or ``box`` of it, longer side at most ``max_side`` pixels.

        Raises as ``parse``, and UnsupportedFormat where pages have no picture.
        """
        check_size(path, self._settings)
        request = RenderRequest(_name(path), members, page_number, max_side, box, self._settings)
        exchange = self._ask(path, request)
        frame = exchange.next_frame()
        if not isinstance(frame, RasterFrame) or not is_sound_raster(frame.raster, max_side):
            raise exchange.broken()
        exchange.finish()
        return frame.raster

    def interrupt(self) -> None:
        """From any thread: end the child at once, so that the one who reads from it goes on."""
        if (child := self._child) is not None:
            child.kill()

    def close(self) -> None:
        """End the child and wait for it. May be called again, and followed by another file."""
        if self._exchange is not None:
            self._exchange.finish()
        if self._child is not None:
            self._child.end()
        self._exchange = self._child = None

    def _ask(self, path: Path, request: Request) -> Exchange:
        child = self._ready_child()
        try:
            child.send(request)
        except OSError:
            self.close()
            child = self._ready_child()
            try:
                child.send(request)
            except OSError as exc:
                raise ParserUnavailable(
                    "parser process", cause="it ended as soon as it had started", remedy=SEE_WHY
                ) from exc
        self._exchange = Exchange(child, path, self._settings)
        return self._exchange

    def _ready_child(self) -> Child:
        if self._exchange is not None:
            self._exchange.abandon()
            if self._exchange.child_lost:
                self._child = None
            self._exchange = None
        # A child that died between two files says nothing about the next one.
        child = self._child
        if child is not None and (child.files >= FILES_PER_CHILD or not child.alive):
            self.close()
        if self._child is None:
            self._child = Child()
        return self._child


def _name(path: Path) -> bytes:
    # The child works in a folder of its own, where a relative path means something else.
    return os.fsencode(path.absolute())


def _pages(exchange: Exchange, max_side: int) -> Iterator[Page]:
    last = 0
    while True:
        frame = exchange.next_frame()
        if isinstance(frame, DoneFrame):
            return
        if not isinstance(frame, PageFrame) or not is_sound_page(frame.page, last, max_side):
            raise exchange.broken()
        last = frame.page.number
        yield frame.page
