"""Vector indexes: one file per backend, exact or approximate nearest neighbours in one space.

A file defines ``build(space) -> VectorIndex`` and ``load(path, space) -> VectorIndex``. Its
name is the settings value.
"""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from indexer.domain import EmbeddingSpace
from indexer.errors import UnknownAdapter

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]


class VectorIndex(Protocol):
    """Vectors of one embedding space under the ids of their items."""

    @property
    def space(self) -> EmbeddingSpace: ...

    def __len__(self) -> int: ...

    def ids(self) -> Ids:
        """int64, shape (len(self),): ids in the order they were added."""
        ...

    def vectors(self, ids: Ids) -> Vectors:
        """float32, shape (len(ids), space.dim): what was added under ``ids``, all of them known."""
        ...

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add ``vectors``, shape (len(ids), space.dim), L2-normalised, under new ``ids``."""
        ...

    def remove(self, ids: Ids) -> None:
        """Drop the vectors of ``ids``; unknown ids are ignored."""
        ...

    def search(
        self, query: Vectors, limit: int, allowed: Ids | None = None
    ) -> tuple[Ids, NDArray[np.float32]]:
        """Nearest to ``query``, shape (space.dim,): ids and cosines, best first, at most ``limit``.

        With ``allowed``, only among those ids, as if no others were there.
        """
        ...

    def save(self, path: Path) -> None:
        """Write the index to ``path``; durability is the caller's business. OSError if it fails."""
        ...


class VectorBackend(Protocol):
    """What a file of this package defines."""

    def build(self, space: EmbeddingSpace) -> VectorIndex: ...

    def load(self, path: Path, space: EmbeddingSpace) -> VectorIndex:
        """Read what ``save`` wrote. ValueError if it is damaged or of another dimension."""
        ...


def available() -> list[str]:
    return [info.name for info in iter_modules(__path__)]


def load_backend(name: str) -> VectorBackend:
    """The backend ``name``. UnknownAdapter for an unknown one."""
    if name not in available():
        raise UnknownAdapter(name, package="indexer.store.vectors", choices=available())
    return cast(VectorBackend, import_module(f"{__name__}.{name}"))
