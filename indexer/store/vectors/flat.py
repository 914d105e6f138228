"""Exact search with FAISS: a flat inner-product index under explicit ids."""

import errno
import os
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.domain import EmbeddingSpace
from indexer.store.vectors import Ids, Vectors


def build(space: EmbeddingSpace) -> "FlatIndex":
    return FlatIndex(space, faiss.IndexIDMap2(faiss.IndexFlatIP(space.dim)))


def load(path: Path, space: EmbeddingSpace) -> "FlatIndex":
    try:
        index = faiss.read_index(str(path))
    except RuntimeError as exc:  # FAISS reports a bad file only as RuntimeError
        raise ValueError(f"unreadable index {path.name}") from exc
    if index.d != space.dim:
        raise ValueError(f"index of dimension {index.d}, wanted {space.dim}")
    if not isinstance(index, faiss.IndexIDMap2):
        raise ValueError(f"not an index with ids: {path.name}")
    return FlatIndex(space, index)


class FlatIndex:
    """See :class:`indexer.store.vectors.VectorIndex`."""

    def __init__(self, space: EmbeddingSpace, index: faiss.IndexIDMap2) -> None:
        self._space = space
        self._index = index

    @property
    def space(self) -> EmbeddingSpace:
        return self._space

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def ids(self) -> Ids:
        return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)

    def vectors(self, ids: Ids) -> Vectors:
        found = [self._index.reconstruct(int(number)) for number in ids]
        return np.array(found, np.float32).reshape(len(ids), self._space.dim)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)

    def remove(self, ids: Ids) -> None:
        if len(ids):
            self._index.remove_ids(faiss.IDSelectorBatch(np.ascontiguousarray(ids)))

    def search(
        self, query: Vectors, limit: int, allowed: Ids | None = None
    ) -> tuple[Ids, NDArray[np.float32]]:
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(np.ascontiguousarray(allowed, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        wanted = min(limit, len(self))
        if wanted == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        scores, ids = self._index.search(
            np.ascontiguousarray(query[None, :], dtype=np.float32), wanted, params=parameters
        )
        found = ids[0] >= 0  # FAISS pads with -1 when fewer are allowed
        return ids[0][found], scores[0][found]

    def save(self, path: Path) -> None:
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as exc:  # as above; its text holds that of the system's error
            number = errno.ENOSPC if os.strerror(errno.ENOSPC) in str(exc) else errno.EIO
            raise OSError(number, os.strerror(number), str(path)) from exc
