"""What lies in a home that nothing needs any more."""

import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from indexer.library import Library
from indexer.parsers import _sidecars as sidecars
from indexer.scan import files_below
from indexer.settings import MEBIBYTE, IndexerSettings
from indexer.store.records import Collection
from indexer.store.upkeep import Upkeep

# A file that another process may be writing, or is about to enter in the catalogue, is younger.
_SETTLED_SECONDS = 3600.0

_KEPT = re.compile(r"(?P<folder>.*?/)(?P<inner>[0-9a-f]{2}/[0-9a-f]{64}/.+)", re.DOTALL)
_PICTURES = ("pages", "thumbnails")


@dataclass(frozen=True, kw_only=True, slots=True)
class Leftovers:
    """Files that may go.

    ``unfinished`` or set aside as damaged, of ``indexes`` that no collection uses, ``uploads`` that
    the catalogue does not know, ``pictures`` of documents that are gone.
    """

    unfinished: tuple[Path, ...] = ()
    indexes: tuple[Path, ...] = ()
    uploads: tuple[Path, ...] = ()
    pictures: tuple[Path, ...] = ()

    @property
    def all(self) -> tuple[Path, ...]:
        return (*self.unfinished, *self.indexes, *self.uploads, *self.pictures)


def find_leftovers(library: Library, upkeep: Upkeep) -> Leftovers:
    """Look through the home. What is younger than an hour is left alone if others use it too."""
    settings = library.settings
    before = time.time() - (0.0 if library.hold.is_alone() else _SETTLED_SECONDS)
    known = upkeep.hashes()
    kept = {settings.upload_folder / inner for _, inner in kept_files(upkeep)}
    kept |= {sidecar for path in kept for sidecar in sidecars.find(path)}
    return Leftovers(
        unfinished=_settled(_unfinished(settings), before),
        indexes=_settled(
            unused_indexes(settings.index_folder, library.catalog.collections()), before
        ),
        uploads=_settled(
            (
                path
                for path in files_below(settings.upload_folder)
                if path.suffix != ".part" and path not in kept
            ),
            before,
        ),
        pictures=_settled(
            (path for path in _cached(settings) if _document_of(path) not in known), before
        ),
    )


def kept_files(upkeep: Upkeep) -> Iterator[tuple[str, str]]:
    """Every catalogued upload, of this home or one it came from: its uploads folder, the rest."""
    for path in upkeep.kept_paths():
        match = _KEPT.fullmatch(path)
        if match is not None:
            yield match["folder"], match["inner"]


def sweep(settings: IndexerSettings, leftovers: Leftovers) -> list[str]:
    """Remove them; what was done, line by line."""
    done = []
    for what, paths in (
        ("unfinished or damaged files", leftovers.unfinished),
        ("files of indexes that no collection uses", leftovers.indexes),
        ("uploads that no document is about", leftovers.uploads),
        ("pictures of documents that are gone", leftovers.pictures),
    ):
        freed = sum(map(remove_file, paths))
        if paths:
            done.append(f"removed {len(paths)} {what} ({freed / MEBIBYTE:.1f} MiB)")
    for folder in (settings.upload_folder, settings.cache_folder):
        remove_empty_folders(folder)
    return done


def pictures_of(settings: IndexerSettings, sha256: str) -> Iterator[Path]:
    """Cached thumbnails and pages of a document, and its file if it lay inside another."""
    for kind in _PICTURES:
        yield from (settings.cache_folder / kind / sha256[:2]).glob(f"{sha256}-*")
    yield from (settings.cache_folder / "members" / sha256[:2] / sha256).glob("*")


def unused_indexes(folder: Path, collections: Iterable[Collection]) -> Iterator[Path]:
    """Index files and their manifests whose embedding space no collection has."""
    spaces = {space.name for each in collections for space in each.spaces}
    for manifest in folder.glob("*.json"):
        with suppress(OSError, msgspec.MsgspecError, KeyError, TypeError):
            if msgspec.json.decode(manifest.read_bytes())["space"] not in spaces:
                yield manifest
                yield manifest.with_suffix(".index")


def remove_file(path: Path) -> int:
    """Remove a file if it is there; the bytes freed."""
    with suppress(FileNotFoundError):
        size = path.stat().st_size
        path.unlink()
        return size
    return 0


def remove_upload(path: Path) -> None:
    """Remove a kept file, and what was kept beside it to describe it."""
    for sidecar in sidecars.find(path):
        remove_file(sidecar)
    remove_file(path)


def remove_empty_folders(top: Path) -> None:
    for folder, _, _ in os.walk(top, topdown=False):
        if folder != str(top):
            with suppress(OSError):  # it is not empty
                Path(folder).rmdir()


def _cached(settings: IndexerSettings) -> Iterator[Path]:
    for kind in (*_PICTURES, "members"):
        for path in files_below(settings.cache_folder / kind):
            if path.suffix != ".part":
                yield path


def _document_of(cached: Path) -> str:
    """The SHA-256 that a cached picture or member is of."""
    return cached.parent.name if len(cached.parent.name) == 64 else cached.name.partition("-")[0]


def _unfinished(settings: IndexerSettings) -> Iterator[Path]:
    for folder in (settings.index_folder, settings.upload_folder, settings.cache_folder):
        for path in files_below(folder):
            if path.suffix in {".part", ".damaged"}:
                yield path
    yield from (settings.cache_folder / "queries").glob("*-photo")


def _settled(paths: Iterator[Path], before: float) -> tuple[Path, ...]:
    found = []
    for path in paths:
        with suppress(FileNotFoundError):
            if path.stat().st_mtime <= before:
                found.append(path)
    return tuple(found)
