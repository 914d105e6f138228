"""The file of a backup: a plain tar, or one packed with gzip, behind which a seal stands.

    catalog.sqlite
    uploads/…
    manifest.json     says what the entries before it must be (:class:`Manifest`)
    the seal          512 bytes with the SHA-256 of every byte before it

Tar reads nothing after its end mark, and a gzip file may have several members, of which the seal
is one: ``tar -xf`` unpacks both kinds. The seal leaves no byte unchecked, headers and padding
included, and nothing of a damaged file reaches the readers of tar and gzip.
"""

import gzip
import hashlib
import io
import os
import re
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from indexer.care import Tell, disk_errors, silence
from indexer.errors import InvalidInput, UnreadableDocument
from indexer.home import BACKED_UP

FORMAT = 1
SUFFIXES = (".tar", ".tar.gz", ".tgz")

_MANIFEST = "manifest.json"
_MAX_MANIFEST_BYTES = 1 << 28  # a million files
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)
_SEAL = re.compile(
    rb"sightline backup ([1-9]\d{0,8})\nunpacked (\d{1,18})\nsha256 [0-9a-f]{64}\n\0*"
)
_SEAL_BYTES = 512
_GZIP_MAGIC = b"\x1f\x8b"
# A gzip member of one stored block: its header, and the header of the block (RFC 1951, 1952).
_GZIP_HEADER = (
    b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01"
    + _SEAL_BYTES.to_bytes(2, "little")
    + (0xFFFF - _SEAL_BYTES).to_bytes(2, "little")
)
# Nearly as small as at the usual level, in a fraction of the time.
_GZIP_LEVEL = 3
_READ_BYTES = 1 << 20


class Entry(msgspec.Struct, frozen=True):
    """A file of the backup: ``size`` in bytes, ``sha256`` of them in hex, its time of change."""

    name: str
    size: int
    sha256: str
    mtime_ns: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds.

    ``created`` is ISO 8601 with its zone, ``schema`` the catalogue's revision, ``uploads`` the
    folder of the kept files as the catalogue names it.
    """

    format: int
    created: str
    schema: str
    generation: int
    documents: int
    chunks: int
    crops: int
    files: int
    uploads: str
    entries: tuple[Entry, ...]


class SealedWriter:
    """Writes a backup; the file is one only after :meth:`finish`."""

    def __init__(self, target: IO[bytes], *, packed: bool) -> None:
        self._hashing = _Hashing(target)
        self._packer = _Packer(self._hashing) if packed else None
        self._tar = tarfile.TarFile(
            mode="w",
            fileobj=cast(IO[bytes], self._packer or self._hashing),
            format=tarfile.PAX_FORMAT,
            copybufsize=_READ_BYTES,
        )
        self.entries: list[Entry] = []

    def add(self, name: str, path: Path, on_read: Callable[[int], None]) -> None:
        """Add a file; ``on_read`` is told of bytes as they are read. OSError if it shrinks."""
        with path.open("rb") as source:
            status = os.fstat(source.fileno())
            reading = _Hashing(source, on_read)
            self._add(name, cast(IO[bytes], reading), status.st_size, status.st_mtime_ns)
        sha256 = reading.digest.hexdigest()
        self.entries.append(Entry(name, status.st_size, sha256, status.st_mtime_ns))

    def finish(self, manifest: Manifest) -> None:
        """Write manifest, end and seal."""
        encoded = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        self._add(_MANIFEST, io.BytesIO(encoded), len(encoded), time.time_ns())
        self._tar.close()
        if self._packer is not None:
            self._packer.finish()
        unpacked = sum(entry.size for entry in self.entries)
        seal = _seal(self._hashing.digest, FORMAT, unpacked, packed=self._packer is not None)
        self._hashing.file.write(seal)

    def _add(self, name: str, source: IO[bytes], size: int, mtime_ns: int) -> None:
        header = tarfile.TarInfo(name)
        header.size, header.mode, header.mtime = size, 0o600, mtime_ns // 10**9
        self._tar.addfile(header, source)


class SealedReader:
    """A backup whose seal is whole."""

    def __init__(self, path: Path, tell: Tell = silence) -> None:
        """Read the whole file once. UnreadableDocument if a single byte of it is wrong."""
        self.path = path
        with disk_errors(path, "check the file"), path.open("rb") as file:
            self._packed = file.read(2) == _GZIP_MAGIC
            length = _SEAL_BYTES + (len(_GZIP_HEADER) + 8 if self._packed else 0)
            self._body = file.seek(0, os.SEEK_END) - length
            file.seek(max(0, self._body))
            seal = file.read()
            inner = seal[len(_GZIP_HEADER) : -8] if self._packed else seal
            found = _SEAL.fullmatch(inner)
            if found is None or self._body < 0:
                raise UnreadableDocument(
                    path, cause="it is no backup, or not a whole one", remedy="use another file"
                )
            number, self.unpacked_bytes = int(found[1]), int(found[2])
            file.seek(0)
            digest = hashlib.sha256()
            while part := file.read(min(_READ_BYTES, self._body - file.tell())):
                digest.update(part)
                tell("checking the backup", file.tell(), self._body)
        if _seal(digest, number, self.unpacked_bytes, packed=self._packed) != seal:
            raise self._damaged("its checksum is wrong")
        if number > FORMAT:
            raise InvalidInput(
                path, cause="it was made by a newer Sightline", remedy="upgrade Sightline"
            )

    def walk(self, take: Callable[[str, IO[bytes]], None]) -> Manifest:
        """Hand every entry to ``take`` to read; the manifest.

        Raises UnreadableDocument for entries that are not what the manifest says, or that no
        backup has: links, devices, names that lead elsewhere.
        """
        found: dict[str, tuple[int, str]] = {}  # sizes and hashes
        manifest: Manifest | None = None
        left = self.unpacked_bytes
        with self._readable(), self._tar() as tar:
            for member in tar:
                name = member.name
                if manifest is not None or name in found or member.type not in _PLAIN:
                    raise self._misplaced(name)
                source = cast(IO[bytes], tar.extractfile(member))
                if name == _MANIFEST and member.size <= _MAX_MANIFEST_BYTES:
                    manifest = msgspec.json.decode(source.read(), type=Manifest)
                elif _is_backed_up(name) and member.size <= left:
                    left -= member.size
                    reading = _Hashing(source)
                    take(name, cast(IO[bytes], reading))
                    found[name] = (member.size, reading.digest.hexdigest())
                else:
                    raise self._misplaced(name)
        for entry in () if manifest is None else manifest.entries:
            if found.pop(entry.name, None) != (entry.size, entry.sha256):
                raise self._damaged(f"{entry.name} is not what it was")
        if manifest is None or found:
            raise self._misplaced(min(found, default="the end"))
        return manifest

    @contextmanager
    def _tar(self) -> Iterator[tarfile.TarFile]:
        with self.path.open("rb") as file:
            body = cast(IO[bytes], _Limited(file, self._body))
            stream = gzip.GzipFile(fileobj=body) if self._packed else body
            with tarfile.open(
                mode="r|", fileobj=cast(IO[bytes], stream), bufsize=_READ_BYTES
            ) as tar:
                yield tar

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (
            tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, ValueError,
            msgspec.MsgspecError,
        ) as exc:  # fmt: skip
            raise self._damaged(str(exc)) from exc

    def _damaged(self, cause: str) -> UnreadableDocument:
        return UnreadableDocument(
            self.path, cause=f"the backup is damaged: {cause}", remedy="use another backup"
        )

    def _misplaced(self, name: str) -> UnreadableDocument:
        return self._damaged(f"{name!r} has no place in it")


def _seal(digest: Any, number: int, unpacked: int, *, packed: bool) -> bytes:
    """What must stand behind bytes of this SHA-256, whose entries unpack to ``unpacked`` bytes."""
    start = b"sightline backup %d\nunpacked %d\n" % (number, unpacked)
    whole = digest.copy()
    whole.update(start)
    block = (start + b"sha256 %s\n" % whole.hexdigest().encode()).ljust(_SEAL_BYTES, b"\0")
    if not packed:
        return block
    end = zlib.crc32(block).to_bytes(4, "little") + _SEAL_BYTES.to_bytes(4, "little")
    return _GZIP_HEADER + block + end


def _is_backed_up(name: str) -> bool:
    """Whether this is the plain name of the catalogue or of a file below uploads."""
    top, *below = name.split("/")
    plain = not {"", ".", ".."} & set(below) and "\0" not in name
    return plain and top in BACKED_UP and (top == "uploads") == bool(below)


class _Hashing:
    """A file whose bytes are hashed as they are read or written."""

    def __init__(self, file: IO[bytes], on_read: Callable[[int], None] = lambda _: None) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self._on_read = on_read

    def read(self, size: int = -1) -> bytes:
        part = self.file.read(size)
        self.digest.update(part)
        self._on_read(len(part))
        return part

    def write(self, part: bytes) -> int:
        self.digest.update(part)
        return self.file.write(part)

    def tell(self) -> int:
        """Where tar begins."""
        return 0


class _Packer:
    """Packs what is written with gzip."""

    def __init__(self, target: _Hashing) -> None:
        self._target = target
        self._packing = zlib.compressobj(_GZIP_LEVEL, wbits=zlib.MAX_WBITS | 16)

    def write(self, part: bytes) -> int:
        self._target.write(self._packing.compress(part))
        return len(part)

    def tell(self) -> int:
        """Where tar begins."""
        return 0

    def finish(self) -> None:
        self._target.write(self._packing.flush())


class _Limited:
    """The first ``left`` bytes of a file."""

    def __init__(self, file: IO[bytes], left: int) -> None:
        self._file = file
        self._left = left

    def read(self, size: int = -1) -> bytes:
        part = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(part)
        return part
