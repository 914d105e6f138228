"""Files beside a picture that describe it: XMP, a caption in plain text, Google Takeout's JSON.

Walking folders asks this module about every file, so nothing heavy is imported before a sidecar
is read.
"""

import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indexer.errors import UnreadableDocument
from indexer.parsers._photo_facts import PhotoFacts, caption, moment, position, word

PICTURE_SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .apng .webp .tif .tiff .gif .bmp .heic .heif .hif .avif".split()
)
RAW_SUFFIXES = frozenset(".dng .cr2 .cr3 .nef .nrw .arw .raf .orf .rw2 .pef .srw".split())

_MAX_BYTES = 64 * 1024
_TAKEOUT = ".supplemental-metadata"
_TAKEOUT_NAME_CHARS = 46  # Takeout cuts longer names, its own ending included
_MAX_PEOPLE = 50


def find(path: Path) -> tuple[Path, ...]:
    """The sidecars of the picture ``path``: regular files of at most 64 KiB, links left out.

    In the order in which they are believed: ``photo.jpg.xmp``, ``photo.xmp``,
    ``photo.jpg.txt``, ``photo.txt``, then Takeout's ``photo.jpg.json`` and
    ``photo.jpg.supplemental-metadata.json``. Nothing for a file that is no picture.
    """
    return tuple(map(Path, _chosen(path, _is_small_file)))


def among(picture: str, files: Mapping[str, Path]) -> tuple[str, ...]:
    """Likewise of files that lie elsewhere, given by the names that they would have beside it."""
    return tuple(_chosen(Path(picture), lambda name: name in files and _is_small_file(files[name])))


def describes_only(sidecar: str) -> bool:
    """Whether a sidecar is no document of its own, as a caption in plain text is."""
    return not sidecar.lower().endswith(".txt")


def is_sidecar(path: Path) -> bool:
    """Whether ``path`` only describes a picture beside it, as XMP or as Takeout's JSON.

    A caption in plain text is a document of its own too, so the answer for it is no.
    """
    suffix = path.suffix.lower()
    if suffix == ".xmp":
        return any(_is_picture(base) for base in _pictures_of_xmp(path))
    if suffix == ".json":
        described = path.with_suffix("")
        candidates = (described, described.with_suffix(""))
        return any(
            path.stem in {Path(name).stem for name in _takeout_names(picture.name)}
            and _is_picture(picture)
            for picture in candidates
        )
    return False


def read(path: Path) -> tuple[PhotoFacts, ...]:
    """What a sidecar says, nothing for one that is damaged or not what its name promises."""
    with suppress(OSError):
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) <= _MAX_BYTES:
            facts = _READERS[path.suffix.lower()](data)
            return () if facts is None else (facts,)
    return ()


def _takeout_names(picture: str) -> tuple[str, str]:
    return f"{picture}.json", f"{f'{picture}{_TAKEOUT}'[:_TAKEOUT_NAME_CHARS]}.json"


def _chosen(path: Path, is_there: Callable[[str], bool]) -> Iterator[str]:
    """Of each kind the first name that is there, with whatever capitals in its suffix."""
    if path.suffix.lower() not in PICTURE_SUFFIXES | RAW_SUFFIXES:
        return
    whole, stem = os.fspath(path), os.fspath(path.with_suffix(""))
    for name in (
        *(base + suffix for suffix in (".xmp", ".txt") for base in (whole, stem)),
        *(os.fspath(path.with_name(name)) for name in _takeout_names(path.name)),
    ):
        base, suffix = os.path.splitext(name)  # noqa: PTH122 - as a string: asked for every picture
        for spelling in (suffix, suffix.upper(), suffix[:2].upper() + suffix[2:]):
            if is_there(base + spelling):
                yield base + spelling
                break


def _is_small_file(path: str | Path) -> bool:
    with suppress(OSError, ValueError):
        status = os.lstat(path)
        return stat.S_ISREG(status.st_mode) and status.st_size <= _MAX_BYTES
    return False


def _pictures_of_xmp(path: Path) -> Iterator[Path]:
    described = path.with_suffix("")
    if described.suffix.lower() in PICTURE_SUFFIXES | RAW_SUFFIXES:
        yield described
    for suffix in (*PICTURE_SUFFIXES, *RAW_SUFFIXES):
        yield Path(f"{described}{suffix}")
        yield Path(f"{described}{suffix.upper()}")


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES | RAW_SUFFIXES and path.is_file()


def _from_xmp(data: bytes) -> PhotoFacts | None:
    from indexer.parsers._xmp import xmp_facts

    return xmp_facts(data)


def _from_caption(data: bytes) -> PhotoFacts | None:
    from indexer.parsers._decode import decode

    try:
        text = caption(decode(data, Path("caption")))
    except UnreadableDocument:
        return None
    return PhotoFacts(descriptions=(text,)) if text else None


def _from_takeout(data: bytes) -> PhotoFacts | None:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    text = caption(told.get("description"))
    people = told.get("people")
    names = [_part(person, "name") for person in people] if isinstance(people, list) else []
    places = (told.get("geoData"), told.get("geoDataExif"))
    positions = (position(_part(place, "latitude"), _part(place, "longitude")) for place in places)
    return PhotoFacts(
        taken=_moment_of(_part(told.get("photoTakenTime"), "timestamp")),
        descriptions=(text,) if text else (),
        keywords=tuple(filter(None, (word(name) for name in names[:_MAX_PEOPLE]))),
        position=next(filter(None, positions), None),
    )


def _part(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _moment_of(timestamp: object) -> str:
    """Seconds since 1970 as a time in UTC: Takeout does not tell the zone."""
    try:
        time = datetime.fromtimestamp(int(str(timestamp)[:20]), UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return moment(time.strftime("%Y-%m-%dT%H:%M:%S"))


_READERS = {".xmp": _from_xmp, ".txt": _from_caption, ".json": _from_takeout}
