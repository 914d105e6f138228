"""Mailboxes in one file (mbox): a list of their messages, each of which is a member."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from indexer.domain import Member, ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import Opener
from indexer.parsers._filenames import file_name
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers.eml import readable
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".mbox", ".mbx"})

# The line before each message: the sender and the time of delivery.
_FROM_LINE = re.compile(rb"From .*\d\d:\d\d")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.M)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_HEADER_BYTES = 32_768
_LISTED = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where a message lies in the file, in bytes."""

    start: int
    end: int


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Date, sender and subject of each message, one a line.

    Raises UnreadableDocument for a file that does not start like a mailbox.
    """
    places = _places(path)
    rows = [" | ".join(("Date", "From", "Subject"))]
    with path.open("rb") as file:
        for place in places[:_LISTED]:
            file.seek(place.start)
            head = _head(file.read(min(_HEADER_BYTES, place.end - place.start)))
            rows.append(
                " | ".join(_field(head, name, path) for name in ("Date", "From", "Subject"))
            )
    blocks = [
        FlowBlock(kind="heading", text=path.stem, level=1),
        FlowBlock(kind="table", text="\n".join(rows)),
    ]
    more = len(places) - _LISTED
    if more > 0:
        blocks.append(FlowBlock(kind="paragraph", text=f"and {more} more"))
    metadata = {"messages": str(len(places))}
    return flow_document(path, blocks, settings, media_type="application/mbox", metadata=metadata)


def members(
    path: Path,
    settings: ParserSettings,  # noqa: ARG001 -- part of the protocol
) -> Iterator[tuple[Member, Opener]]:
    """Every message, named by its number and subject; see :class:`indexer.parsers.Container`."""
    for number, place in enumerate(_places(path), start=1):
        data = _slice(path, place, _HEADER_BYTES)
        subject = _field(_head(data), "Subject", path).replace("/", "_")
        name = file_name(f"{number:04} {subject[:80]}".strip() + ".eml", ".eml")
        yield Member(name=name, size=place.end - place.start), partial(_opened, path, place)


def _opened(path: Path, place: _Place) -> BytesIO:
    """The message as it was sent: its lines that start with "From " are quoted in the mailbox."""
    return BytesIO(_QUOTED_FROM.sub(rb"\1", _slice(path, place, place.end - place.start)))


def _slice(path: Path, place: _Place, limit: int) -> bytes:
    with path.open("rb") as file:
        file.seek(place.start)
        return file.read(min(limit, place.end - place.start))


def _places(path: Path) -> list[_Place]:
    places: list[_Place] = []
    try:
        with path.open("rb") as file:
            position, blank, start = 0, True, -1
            for line in file:
                if blank and line.startswith(b"From ") and _FROM_LINE.match(line):
                    if start >= 0:
                        places.append(_Place(start=start, end=position))
                    start = position + len(line)
                position += len(line)
                blank = not line.strip()
                if start < 0 and not blank:
                    break
            if start >= 0:
                places.append(_Place(start=start, end=position))
    except OSError as exc:
        raise UnreadableDocument(
            path, cause=f"cannot be opened ({exc.strerror})", remedy="check that it may be read"
        ) from exc
    if not places:
        raise UnreadableDocument(
            path, cause="no messages of a mailbox in it", remedy="export it as mbox again"
        )
    return places


def _head(data: bytes) -> str:
    """The header lines, continued ones joined; bytes of no known encoding as lone surrogates."""
    lines = _HEADER_END.split(data.lstrip(b"\r\n"), maxsplit=1)[0]
    return re.sub(r"\r?\n[ \t]+", " ", lines.decode("ascii", "surrogateescape"))


def _field(head: str, name: str, path: Path) -> str:
    found = re.search(rf"^{name}:[ \t]*(.*)$", head, re.M | re.I)
    return readable(found[1], path) if found else ""
