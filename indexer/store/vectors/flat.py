"""Exact search with FAISS: a flat inner-product index under explicit ids."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
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
        wanted = min(limit, len(self) if allowed is None else len(allowed))
        if wanted == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBitmap(_bitmap(allowed))  # type: ignore[arg-type, call-arg]
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        with _one_thread():
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


def _bitmap(ids: Ids) -> NDArray[np.uint8]:
    """One bit for each id up to the largest: quicker to ask than a set of them."""
    member = np.zeros(int(ids.max()) + 1, np.bool_)
    member[ids] = True
    return np.packbits(member, bitorder="little")


@contextmanager
def _one_thread() -> Iterator[None]:
    """A single query is not worth sharing: with other programs about, threads wait for each other
    many times longer than the search takes.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
