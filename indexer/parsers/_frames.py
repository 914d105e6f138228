"""What parent and child say to each other: length-prefixed MessagePack, decoded by type.

Only these shapes can be decoded, so that a child taken over by a hostile file can at worst
send wrong text, never an object of its choice.
"""

from pathlib import Path
from typing import IO, Literal

import msgspec

from indexer.domain import BoundingBox, Header, Member, Page, Raster
from indexer.errors import (
    LimitExceeded,
    OutOfResources,
    SightlineError,
    UnreadableDocument,
    UnsupportedFormat,
)
from indexer.settings import ParserSettings

LENGTH_BYTES = 4
FOLDER_PREFIX = "sightline-parser-"  # of the child's working folder
MAX_REQUEST_BYTES = 1 << 20

FailureKind = Literal["unreadable", "limit", "unsupported", "machine"]
_KINDS: dict[FailureKind, type[SightlineError]] = {
    "unreadable": UnreadableDocument,
    "limit": LimitExceeded,
    "unsupported": UnsupportedFormat,
    "machine": OutOfResources,
}


class ParseRequest(msgspec.Struct, tag="parse", frozen=True):
    path: bytes  # as the file system has it, which need not be UTF-8
    members: tuple[str, ...]  # names that lead to a file inside it, outermost first
    settings: ParserSettings


class MembersRequest(msgspec.Struct, tag="members", frozen=True):
    path: bytes
    members: tuple[str, ...]
    settings: ParserSettings


class UnpackRequest(msgspec.Struct, tag="unpack", frozen=True):
    path: bytes
    members: tuple[str, ...]
    settings: ParserSettings


class RenderRequest(msgspec.Struct, tag="render", frozen=True):
    path: bytes
    members: tuple[str, ...]
    page_number: int
    max_side: int
    box: BoundingBox | None
    settings: ParserSettings


class HeaderFrame(msgspec.Struct, tag="header", frozen=True):
    header: Header


class PageFrame(msgspec.Struct, tag="page", frozen=True):
    page: Page


class MemberFrame(msgspec.Struct, tag="member", frozen=True):
    member: Member


class BytesFrame(msgspec.Struct, tag="bytes", frozen=True):
    data: bytes


class RasterFrame(msgspec.Struct, tag="raster", frozen=True):
    raster: Raster


class DoneFrame(msgspec.Struct, tag="done", frozen=True):
    """The pages or members have ended."""


class FailureFrame(msgspec.Struct, tag="failure", frozen=True):
    """The file could not be read; ``restart`` asks for a fresh child before the next one."""

    kind: FailureKind
    cause: str
    remedy: str
    restart: bool = False

    @classmethod
    def of(cls, error: SightlineError, *, restart: bool = False) -> "FailureFrame":
        kinds = [name for name, known in _KINDS.items() if isinstance(error, known)]
        kind: FailureKind = kinds[0] if kinds else "unreadable"
        return cls(kind=kind, cause=error.cause, remedy=error.remedy, restart=restart)

    def error(self, path: Path) -> SightlineError:
        return _KINDS[self.kind](path, cause=self.cause[:500], remedy=self.remedy[:500])


Request = ParseRequest | MembersRequest | UnpackRequest | RenderRequest
Frame = HeaderFrame | PageFrame | MemberFrame | BytesFrame | RasterFrame | DoneFrame | FailureFrame

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_frames: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)


def decode_request(payload: bytes) -> Request:
    """msgspec.DecodeError (ValidationError included) for anything but a request."""
    return _requests.decode(payload)


def decode_frame(payload: bytes) -> Frame:
    """msgspec.DecodeError (ValidationError included) for anything but a frame."""
    return _frames.decode(payload)


def encode(message: Request | Frame) -> bytes:
    """``message`` as MessagePack. UnicodeEncodeError for text with half a surrogate pair."""
    return _encoder.encode(message)


def write_message(pipe: IO[bytes], message: Request | Frame) -> None:
    """Encode and write ``message``. OSError if the pipe is closed."""
    write_payload(pipe, encode(message))


def write_payload(pipe: IO[bytes], payload: bytes) -> None:
    """Write ``payload`` with its length before it and flush. OSError if the pipe is closed."""
    pipe.write(len(payload).to_bytes(LENGTH_BYTES, "big"))
    pipe.write(payload)
    pipe.flush()


def read_payload(pipe: IO[bytes], limit: int) -> bytes | None:
    """The next message's bytes, None at the end of the pipe or in the middle of a message.

    Raises OverflowError, before reading it, for a message longer than ``limit`` bytes.
    """
    prefix = pipe.read(LENGTH_BYTES)
    if len(prefix) < LENGTH_BYTES:
        return None
    length = int.from_bytes(prefix, "big")
    if length > limit:
        raise OverflowError(f"message of {length} bytes")
    payload = pipe.read(length)
    return payload if len(payload) == length else None
