"""Files inside files: listed and unpacked within limits, in the child's own folder."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

from indexer.domain import Member
from indexer.errors import LimitExceeded, SightlineError, UnreadableDocument
from indexer.parsers import Container, Opener, parser_for
from indexer.settings import MEBIBYTE, ParserSettings

_READ_BYTES = 1 << 20
_DRIVE = re.compile(r"^[A-Za-z]:")


class UnsafeName(ValueError):
    """A member's name that points outside its container."""


def clean_name(raw: str) -> str:
    """A member's name with "/" between folders and without control characters.

    Raises UnsafeName for an absolute name and for one that climbs with "..".
    """
    plain = raw.replace("\\", "/")
    if plain.startswith("/") or _DRIVE.match(plain) or ".." in plain.split("/"):
        raise UnsafeName(raw)
    parts = ("".join(c if c.isprintable() else "_" for c in part) for part in plain.split("/"))
    # The catalogue writes "!/" between a container and its member.
    cleaned = "/".join(part.replace("!", "_") if part.endswith("!") else part for part in parts)
    return str(PurePosixPath(cleaned))[:1000]


def unique(name: str, taken: set[str]) -> str:
    """``name``, numbered before its suffix if it is in ``taken``; the result is added there."""
    path = PurePosixPath(name)
    numbered, count = name, 1
    while numbered in taken:
        # From the second collision on the numbers are new: thousands may share one name.
        count = 2 if count == 1 else max(count, len(taken)) + 1
        numbered = str(path.with_name(f"{path.stem} ({count}){path.suffix}"))
    taken.add(numbered)
    return numbered


def list_members(path: Path, settings: ParserSettings) -> Iterator[Member]:
    """The members of the file at ``path`` with their true sizes and hashes; none for other files.

    A member above ``max_bytes``, or one that cannot be unpacked, has a cause. Raises
    LimitExceeded after ``max_members`` or ``max_unpacked_bytes``, UnreadableDocument for damage,
    both after the members before.
    """
    parser = parser_for(path)
    if not isinstance(parser, Container):
        return
    left = settings.max_unpacked_bytes
    for count, (member, opener) in enumerate(parser.members(path, settings)):
        if count >= settings.max_members:
            raise LimitExceeded(
                path,
                cause=f"more than {settings.max_members} files inside",
                remedy="unpack it, or raise SIGHTLINE_PARSER_MAX_MEMBERS",
            )
        if member.cause:
            yield member
            continue
        known = _hashed(member, opener, min(left, settings.max_bytes))
        if known.sha256:
            left -= known.size
        elif not known.cause and left < settings.max_bytes:
            raise LimitExceeded(
                path,
                cause=f"unpacks to more than {settings.max_unpacked_bytes / MEBIBYTE:.0f} MiB",
                remedy="unpack it, or raise SIGHTLINE_PARSER_MAX_UNPACKED_BYTES",
            )
        elif not known.cause:
            known = _too_large(known, settings)
        yield known


def _hashed(member: Member, opener: Opener, limit: int) -> Member:
    """``member`` with its hash; without one if it has more than ``limit`` bytes."""
    digest, size = hashlib.sha256(), 0
    try:
        with opener() as source:
            while part := source.read(_READ_BYTES):
                size += len(part)
                if size > limit:
                    return replace(member, size=size)
                digest.update(part)
    except SightlineError as exc:
        return replace(member, cause=exc.cause, remedy=exc.remedy)
    except Exception as exc:  # the decoders' own errors are of many kinds; each is one member's
        reason = " ".join(str(exc).split())[:160] or type(exc).__name__
        return replace(
            member, cause=f"cannot be unpacked ({reason})", remedy="pack it again from its source"
        )
    if size == 0:
        return replace(member, size=0, cause="the file is empty", remedy="pack it again")
    return replace(member, size=size, sha256=digest.hexdigest())


def _too_large(member: Member, settings: ParserSettings) -> Member:
    return replace(
        member,
        cause=f"unpacks to more than {settings.max_bytes / MEBIBYTE:.0f} MiB",
        remedy="unpack it and split it, or raise SIGHTLINE_PARSER_MAX_BYTES",
    )


@dataclass(slots=True)
class _Level:
    """One opened container and the member of it that lies unpacked in ``file``."""

    container: Path
    members: Iterator[tuple[Member, Opener]]
    name: str = ""
    file: Path | None = None


class Unpacker:
    """Puts one chain of members after the other into ``folder``.

    Members are mostly asked for in their containers' order. Each container is therefore kept
    open and read forward, so that a compressed archive is not unpacked anew for every member.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._source: tuple[str, int, int] | None = None
        self._levels: list[_Level] = []

    def locate(self, path: Path, chain: tuple[str, ...], settings: ParserSettings) -> Path:
        """The file that ``chain`` leads to: ``path`` itself for an empty chain.

        The result lies there until the next call. UnreadableDocument for a member that is gone.
        """
        if not chain:
            return path
        status = path.stat()
        source = (str(path), status.st_size, status.st_mtime_ns)
        if source != self._source:
            self._drop(0)
            self._source = source
        current = path
        for depth, name in enumerate(chain):
            if depth == len(self._levels):
                self._levels.append(_open(current, settings))
            level = self._levels[depth]
            if level.name != name or level.file is None:
                self._drop(depth + 1)
                current = self._advance(depth, name, settings)
            else:
                current = level.file
        return current

    def _advance(self, depth: int, name: str, settings: ParserSettings) -> Path:
        level = self._levels[depth]
        opener = _find(level.members, name)
        if opener is None:  # it lies before the last one
            level = self._levels[depth] = _open(level.container, settings)
            opener = _find(level.members, name)
        if opener is None:
            raise UnreadableDocument(
                level.container, cause="it is not in there any more", remedy="index the file again"
            )
        folder = self._folder / f"member-{depth}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        level.name, level.file = name, folder / _file_name(name)
        with opener() as source, level.file.open("wb") as target:
            _copy(source, target, level.file, settings.max_bytes)
        return level.file

    def _drop(self, depth: int) -> None:
        for number in range(depth, len(self._levels)):
            shutil.rmtree(self._folder / f"member-{number}", ignore_errors=True)
        del self._levels[depth:]


def _open(container: Path, settings: ParserSettings) -> _Level:
    parser = parser_for(container)
    members = parser.members(container, settings) if isinstance(parser, Container) else iter(())
    return _Level(container=container, members=members)


def _find(members: Iterator[tuple[Member, Opener]], name: str) -> Opener | None:
    with suppress(SightlineError):  # damage behind the member does not matter
        for member, opener in members:
            if member.name == name and not member.cause:
                return opener
    return None


def _copy(source: IO[bytes], target: IO[bytes], path: Path, limit: int) -> None:
    size = 0
    while part := source.read(_READ_BYTES):
        size += len(part)
        if size > limit:
            raise LimitExceeded(path, cause="it grew since it was listed", remedy="index again")
        target.write(part)


def _file_name(name: str) -> str:
    """The last part of a member's name as a name on any file system."""
    plain = PurePosixPath(name)
    stem = plain.stem.lstrip(".").encode()[:180].decode(errors="ignore")
    return (stem or "file") + plain.suffix[:20]
