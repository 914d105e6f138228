"""ZIP and TAR archives: their text is the list of what is inside, their files are members."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, cast

from indexer.domain import Member, ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import Opener
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._members import UnsafeName, clean_name, unique
from indexer.settings import ParserSettings

SUFFIXES = frozenset(
    {".zip", ".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz"}
)  # ".tar.gz" and its like end in one of these

_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    EOFError,
    lzma.LZMAError,
    zlib.error,
    NotImplementedError,
    ValueError,
    OSError,
    UnicodeError,
)
_SINGLE: dict[str, Callable[[Path, str], object]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
_ENCRYPTED = 0x1
_LISTED = 2000  # names in the table of contents


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """The names of the files inside, as a list.

    Raises UnreadableDocument for a damaged archive and for one without files.
    """
    names: list[str] = []
    more = 0
    for member, _ in members(path, settings):
        if len(names) < min(_LISTED, settings.max_members):
            names.append(member.name)
        elif (more := more + 1) >= settings.max_members:
            break
    if not names:
        raise UnreadableDocument(path, cause="no files in it", remedy="pack it again")
    blocks = [FlowBlock(kind="list", text=f"• {name}") for name in names]
    if more:
        blocks.append(FlowBlock(kind="paragraph", text=f"and {more} more"))
    kind = "application/zip" if zipfile.is_zipfile(path) else "application/x-tar"
    return flow_document(path, blocks, settings, media_type=kind, title=path.name)


def members(path: Path, settings: ParserSettings) -> Iterator[tuple[Member, Opener]]:
    """Files in the archive's order, at most one more than ``settings.max_members``.

    See :class:`indexer.parsers.Container`. Folders, links and devices are left out, as are hidden
    files and what macOS adds.
    """
    try:
        if zipfile.is_zipfile(path):
            yield from islice(_zip_members(path), settings.max_members + 1)
        elif _is_tar(path):
            yield from islice(_tar_members(path), settings.max_members + 1)
        elif path.suffix.lower() in _SINGLE:
            yield _single(path)
        else:
            raise UnreadableDocument(
                path, cause="neither a ZIP nor a TAR archive", remedy="pack it again"
            )
    except _DAMAGE as exc:
        reason = " ".join(str(exc).split())[:120] or type(exc).__name__
        raise UnreadableDocument(
            path, cause=f"damaged archive ({reason})", remedy="pack it again from its source"
        ) from exc


def _zip_members(path: Path) -> Iterator[tuple[Member, Opener]]:
    taken: set[str] = set()
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir() or _is_link(info) or _is_junk(info.filename):
                continue
            member = _named(info.filename, info.file_size, taken)
            if info.flag_bits & _ENCRYPTED and not member.cause:
                member = _refused(member, "password-protected", "unpack it with its password")
            yield member, partial(_opened, archive, info)


def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    return archive.open(info)


def _tar_members(path: Path) -> Iterator[tuple[Member, Opener]]:
    taken: set[str] = set()
    with tarfile.open(path, "r:*") as archive:
        for info in archive:
            if not info.isreg() or _is_junk(info.name):
                continue
            yield _named(info.name, info.size, taken), partial(_extracted, archive, info)


@contextmanager
def _extracted(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[IO[bytes]]:
    source = archive.extractfile(info)
    assert source is not None  # only regular files come here
    with source:
        yield source


def _single(path: Path) -> tuple[Member, Opener]:
    """A lone compressed file."""

    def opened() -> IO[bytes]:
        return cast(IO[bytes], _SINGLE[path.suffix.lower()](path, "rb"))

    with opened() as source:
        source.read(1)  # raises for other data
    return Member(name=path.stem, size=0), opened


def _is_tar(path: Path) -> bool:
    try:
        return tarfile.is_tarfile(path)
    except _DAMAGE:
        return False


def _named(raw: str, size: int, taken: set[str]) -> Member:
    try:
        return Member(name=unique(clean_name(raw), taken), size=size)
    except UnsafeName:
        shown = "".join(char if char.isprintable() else "_" for char in raw)[:200]
        member = Member(name=unique(shown.replace("/", "_").replace("\\", "_"), taken), size=size)
        return _refused(member, "its name points outside the archive", "pack it with plain names")


def _refused(member: Member, cause: str, remedy: str) -> Member:
    return Member(name=member.name, size=member.size, cause=cause, remedy=remedy)


def _is_link(info: zipfile.ZipInfo) -> bool:
    return (info.external_attr >> 16) & 0o170000 == 0o120000


def _is_junk(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return any(part.startswith(".") and part not in {".", ".."} for part in parts) or (
        parts[0] == "__MACOSX"
    )
