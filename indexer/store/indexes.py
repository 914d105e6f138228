"""The index cache: one vector index per embedding space and item kind, rebuilt when in doubt.

A file ``<name>.index`` is trusted only with its ``<name>.json``, which records generation, space,
kind, row count and SHA-256, and if vectors drawn from it are those of the catalogue. Any
disagreement sets the file aside and rebuilds from the catalogue.
Items that entered or left since the file was written are replayed when it is opened and before
every search, so that another process may write at any time.
"""

import hashlib
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from indexer.domain import EmbeddingSpace, ItemKind
from indexer.errors import OutOfResources
from indexer.filters import NO_FILTERS, Filters
from indexer.store.catalog import Catalog
from indexer.store.records import Collection
from indexer.store.vectors import Ids, VectorIndex, Vectors, load_backend

_FORMAT = 1
_READ_BYTES = 1 << 20
# A file that nobody has written to for so long is one that nobody needs.
_LEFT_SECONDS = 3600.0
# Vectors read from the catalogue at once: bounds the memory of a rebuild.
_REPLAY_ROWS = 20_000
_REMEMBERED = 64  # answers to which items may be found
_COMPARED = 64  # vectors of a saved index, twice, by which it is told whose it is


class _Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an index file must agree with."""

    format: int
    generation: int
    backend: str
    space: str
    kind: str
    count: int
    sha256: str


class IndexCache:
    """All vector indexes of a catalogue, kept in memory and saved to ``folder``. Thread-safe."""

    def __init__(self, catalog: Catalog, folder: Path, backend: str) -> None:
        self._catalog = catalog
        self._folder = folder
        self._name = backend
        self._backend = load_backend(backend)
        self._lock = threading.RLock()
        self._open: dict[tuple[EmbeddingSpace, ItemKind], tuple[int, VectorIndex]] = {}
        # By use, the latest last.
        self._allowed_ids: dict[tuple[EmbeddingSpace, ItemKind, tuple[int, ...], Filters], Ids] = {}
        self._allowed_generation = -1
        self.problems: list[str] = []  # files that were set aside, one line each

    def search(
        self,
        space: EmbeddingSpace,
        kind: ItemKind,
        query: Vectors,
        limit: int,
        collections: list[Collection],
        *,
        whole: bool,
        filters: Filters = NO_FILTERS,
    ) -> tuple[Ids, NDArray[np.float32]]:
        """Nearest live items of ``collections``: ids and cosines, best first, at most ``limit``.

        Items that the filters leave out are as if they were not there. ``whole`` says that these
        are all collections, which spares the look-up where there are no filters.
        """
        allowed = None
        if filters or not whole:
            allowed = self._allowed(space, kind, collections, filters)
        with self._lock:
            return self._current(space, kind).search(query, limit, allowed)

    def save(self, collections: Iterable[Collection]) -> None:
        """Write every index of ``collections`` that is newer than its file.

        OutOfResources if the disk refuses.
        """
        with self._lock:
            for space, kind in _indexes_of(collections):
                index = self._current(space, kind)
                generation = self._open[space, kind][0]
                if self._manifest_generation(space, kind) != generation:
                    try:
                        self._write(index, space, kind, generation)
                    except OSError as exc:
                        raise OutOfResources.because(exc, self._folder) from exc

    def verify(self, collections: Iterable[Collection]) -> list[str]:
        """Open every index against the catalogue; what had to be set aside, one line each."""
        with self._lock:
            for space, kind in _indexes_of(collections):
                self._current(space, kind)
            return list(self.problems)

    def _allowed(
        self,
        space: EmbeddingSpace,
        kind: ItemKind,
        collections: Sequence[Collection],
        filters: Filters,
    ) -> Ids:
        """The items that may be found, remembered until the catalogue changes."""
        chosen = tuple(collection.id for collection in collections)
        with self._lock:
            generation = self._catalog.generation()
            if generation != self._allowed_generation:
                self._allowed_ids.clear()
                self._allowed_generation = generation
            known = self._allowed_ids.pop((space, kind, chosen, filters), None)
        # Not under the lock: other searches go on meanwhile.
        found = (
            self._catalog.item_ids(space, kind, collections, filters) if known is None else known
        )
        with self._lock:
            if generation == self._allowed_generation:
                self._allowed_ids[space, kind, chosen, filters] = found
                if len(self._allowed_ids) > _REMEMBERED:
                    del self._allowed_ids[next(iter(self._allowed_ids))]
        return found

    def _current(self, space: EmbeddingSpace, kind: ItemKind) -> VectorIndex:
        """The index, in step with the catalogue."""
        opened = self._open.get((space, kind))
        if opened is not None and opened[0] == self._catalog.generation():
            return opened[1]
        generation, live = self._catalog.snapshot(space, kind)
        index = opened[1] if opened is not None else self._load(space, kind, generation, live)
        if index is None:
            index = self._backend.build(space)
        known = np.sort(index.ids())
        index.remove(np.setdiff1d(known, live, assume_unique=True))
        fresh = np.setdiff1d(live, known, assume_unique=True)
        for start in range(0, len(fresh), _REPLAY_ROWS):
            part = fresh[start : start + _REPLAY_ROWS]
            # A row may have left since the snapshot: only what is still there comes back, and the
            # next change of generation takes care of the rest.
            index.add(*self._catalog.vectors(space, kind, part.tolist()))
        self._open[space, kind] = (generation, index)
        return index

    def _load(
        self, space: EmbeddingSpace, kind: ItemKind, generation: int, live: Ids
    ) -> VectorIndex | None:
        """The saved index if nothing speaks against it; otherwise None, and it is set aside."""
        path, manifest_path = self._paths(space, kind)
        try:
            if not path.exists() and not manifest_path.exists():
                return None
            manifest = msgspec.json.decode(manifest_path.read_bytes(), type=_Manifest)
            if manifest.format != _FORMAT or manifest.backend != self._name:
                raise ValueError("of another format")
            if (manifest.space, manifest.kind) != (space.name, kind):
                raise ValueError("of another embedding space")
            if manifest.generation > generation:
                raise ValueError("newer than the catalogue")
            if manifest.sha256 != _sha256(path):
                raise ValueError("its checksum is wrong")
            index = self._backend.load(path, space)
            if len(index) != manifest.count:
                raise ValueError("its row count is wrong")
            if not self._agrees(index, kind, live):
                raise ValueError("it belongs to another catalogue")
        except (OSError, ValueError, msgspec.DecodeError) as exc:
            reason = "its manifest is unreadable" if isinstance(exc, msgspec.DecodeError) else exc
            self.problems.append(f"{path.name}: set aside and rebuilt, {reason}")
            for damaged in (path, manifest_path):
                with suppress(OSError):  # gone, or in a folder that may only be read
                    damaged.replace(damaged.with_name(damaged.name + ".damaged"))
            return None
        return index

    def _agrees(self, index: VectorIndex, kind: ItemKind, live: Ids) -> bool:
        """Whether rows that both have hold the same vectors: the newest, and some of all.

        A catalogue that was begun anew, or put back from a copy, gives out ids a second time.
        """
        shared = np.intersect1d(index.ids(), live)
        some = np.union1d(shared[-_COMPARED:], shared[:: 1 + len(shared) // _COMPARED])
        ids, vectors = self._catalog.vectors(index.space, kind, some.tolist())
        return np.array_equal(index.vectors(ids), vectors)

    def _write(
        self, index: VectorIndex, space: EmbeddingSpace, kind: ItemKind, generation: int
    ) -> None:
        """Index first, manifest second: a crash between them is seen as a wrong checksum."""
        path, manifest_path = self._paths(space, kind)
        self._folder.mkdir(parents=True, exist_ok=True)
        with _temporary(path) as temporary:
            index.save(temporary)
            manifest = _Manifest(
                format=_FORMAT,
                generation=generation,
                backend=self._name,
                space=space.name,
                kind=kind,
                count=len(index),
                sha256=_sha256(temporary),
            )
            _publish(temporary, path)
        with _temporary(manifest_path) as temporary:
            temporary.write_bytes(msgspec.json.encode(manifest))
            _publish(temporary, manifest_path)

    def _manifest_generation(self, space: EmbeddingSpace, kind: ItemKind) -> int | None:
        try:
            raw = self._paths(space, kind)[1].read_bytes()
            return msgspec.json.decode(raw, type=_Manifest).generation
        except (OSError, msgspec.DecodeError):
            return None

    def _paths(self, space: EmbeddingSpace, kind: ItemKind) -> tuple[Path, Path]:
        digest = hashlib.sha256(space.name.encode()).hexdigest()[:16]
        stem = f"{kind}-{digest}"
        return self._folder / f"{stem}.index", self._folder / f"{stem}.json"


def _indexes_of(collections: Iterable[Collection]) -> list[tuple[EmbeddingSpace, ItemKind]]:
    """Every index that searching ``collections`` needs, once each."""
    found: dict[tuple[EmbeddingSpace, ItemKind], None] = {}
    for collection in collections:
        found[collection.text_space, "chunk"] = None
        found[collection.clip_space, "chunk"] = None
        found[collection.clip_space, "crop"] = None
        found[collection.image_space, "crop"] = None
    return list(found)


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A name beside ``path`` for a file that does not stay."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _publish(temporary: Path, path: Path) -> None:
    """Rename onto ``path`` after the bytes are on the disk."""
    with temporary.open("rb") as handle:
        os.fsync(handle.fileno())
    temporary.replace(path)
    if os.name == "posix":  # a rename is durable once its folder is
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while part := handle.read(_READ_BYTES):
            digest.update(part)
    return digest.hexdigest()
