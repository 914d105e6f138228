"""Documents that leave the catalogue because their owner says so; their files stay."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.care.leftovers import (
    pictures_of,
    remove_empty_folders,
    remove_file,
    remove_upload,
    unused_indexes,
)
from indexer.duplicates import group_photos
from indexer.errors import InvalidInput, NotFound
from indexer.library import Library
from indexer.scan import SEPARATOR, catalogued
from indexer.store.records import FileState
from indexer.store.upkeep import Upkeep

# The start of a document's id that is long enough to be meant.
_ID = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, slots=True)
class Removed:
    """A path that has left a collection."""

    collection: str
    path: str


def remove(
    library: Library, targets: Sequence[str], collection_name: str | None = None
) -> list[Removed]:
    """Forget files, folders and documents in one collection, or in all when None.

    A target is a path, or the start of a document's id, which stands for all its paths. What is
    inside a file goes with it. Of an upload, the kept copy goes too, with its last collection.
    Raises NotFound for a target that is not in the catalogue, before anything is removed.
    """
    catalog = library.catalog
    collections = (
        catalog.collections() if collection_name is None else [catalog.collection(collection_name)]
    )
    known = {each.id: catalog.files(each) for each in collections}
    found: dict[int, dict[str, FileState]] = {each.id: {} for each in collections}
    for target in targets:
        matches = [
            (each.id, state) for each in collections for state in _matching(known[each.id], target)
        ]
        if not matches:
            raise NotFound(
                target,
                cause="the catalogue has no such file, folder or document",
                remedy="choose one that exists",
            )
        for collection_id, state in matches:
            found[collection_id][state.path] = state
    for each in collections:
        if found[each.id]:
            catalog.remove_files(each, found[each.id])
            group_photos(catalog, each)
    _forget(library, [state for states in found.values() for state in states.values()])
    return [Removed(each.name, path) for each in collections for path in sorted(found[each.id])]


def drop(library: Library, name: str) -> int:
    """Forget a whole collection; how many paths it had. InvalidInput while it is being indexed."""
    catalog = library.catalog
    collection = catalog.collection(name)
    if catalog.jobs.active(collection):
        raise InvalidInput(
            f"collection {name}",
            cause="it is being indexed",
            remedy="cancel that, or wait until it is done",
        )
    files = catalog.files(collection)
    with Upkeep(library.settings.catalog_path, library.settings.store) as upkeep:
        upkeep.drop_collection(collection)
    _forget(library, list(files.values()))
    return len(files)


def _matching(known: dict[str, FileState], target: str) -> Iterator[FileState]:
    path = catalogued(Path(target).expanduser().absolute())
    below = (f"{path}/", f"{path}{SEPARATOR}")
    names_document = _ID.fullmatch(target) is not None
    for state in known.values():
        here = state.path == path or state.path.startswith(below)
        if here or (names_document and state.sha256.startswith(target)):
            yield state


def _forget(library: Library, gone: Sequence[FileState]) -> None:
    """Remove kept copies, pictures and vectors of what the catalogue does not know any more."""
    settings = library.settings
    collections = library.catalog.collections()
    left = {path for each in collections for path in library.catalog.files(each)}
    with Upkeep(settings.catalog_path, settings.store) as upkeep:
        hashes = upkeep.hashes()
    for state in gone:
        kept = Path(state.path)
        ours = kept.is_relative_to(settings.upload_folder) and not state.container
        if ours and state.path not in left:
            remove_upload(kept)
        if state.sha256 and state.sha256 not in hashes:
            for picture in pictures_of(settings, state.sha256):
                remove_file(picture)
    for index in unused_indexes(settings.index_folder, collections):
        remove_file(index)
    remove_empty_folders(settings.upload_folder)
    library.indexes.save(collections)
