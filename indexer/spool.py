"""A list that outgrows memory onto the disk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

import msgspec

from indexer.errors import OutOfResources

_Value = TypeVar("_Value")
_LENGTH_BYTES = 4


class Spool(Generic[_Value]):
    """Values appended and read back in order; beyond ``memory_bytes`` they lie in a temporary file.

    The file has no name, so that nothing of it stays behind whatever happens to the process.
    """

    def __init__(self, kind: type[_Value], *, memory_bytes: int = 1 << 19) -> None:
        """``kind`` is what msgspec is to decode."""
        self._file = tempfile.SpooledTemporaryFile(max_size=memory_bytes)  # noqa: SIM115
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, value: _Value) -> None:
        """OutOfResources when the disk is full."""
        payload = self._encoder.encode(value)
        with _disk():
            self._file.write(len(payload).to_bytes(_LENGTH_BYTES, "big"))
            self._file.write(payload)
        self._count += 1

    def __iter__(self) -> Iterator[_Value]:
        """Everything appended so far; nothing may be appended meanwhile.

        OutOfResources when the disk is full: the end of it may only now be written.
        """
        with _disk():
            self._file.seek(0)
        for _ in range(self._count):
            length = int.from_bytes(self._file.read(_LENGTH_BYTES), "big")
            yield self._decoder.decode(self._file.read(length))

    def close(self) -> None:
        """Forget everything."""
        with suppress(OSError):  # closing writes what is left, if there is room
            self._file.close()


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        folder = tempfile.gettempdir()
        raise OutOfResources(
            f"temporary files in {folder}",
            cause=exc.strerror or str(exc),
            remedy="free some disk space there, or set TMPDIR to a folder on another disk",
        ) from exc
