"""A list that outgrows memory onto the disk."""

import tempfile
from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

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
        """OSError when the disk is full."""
        payload = self._encoder.encode(value)
        self._file.write(len(payload).to_bytes(_LENGTH_BYTES, "big"))
        self._file.write(payload)
        self._count += 1

    def __iter__(self) -> Iterator[_Value]:
        """Everything appended so far; nothing may be appended meanwhile."""
        self._file.seek(0)
        for _ in range(self._count):
            length = int.from_bytes(self._file.read(_LENGTH_BYTES), "big")
            yield self._decoder.decode(self._file.read(length))

    def close(self) -> None:
        """Forget everything."""
        self._file.close()
