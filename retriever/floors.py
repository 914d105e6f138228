"""Scores from which pictures are meant, for encoders that bring no such cut-off of their own."""

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from indexer.domain import EmbeddingSpace
from indexer.encoders import ClipEncoder
from indexer.library import Library
from indexer.store.records import Collection
from retriever.background import PHRASES
from retriever.calibration import unrelated_floor

_SAMPLE = 400  # pictures that are compared with one another
_SEED = 7


class Floors:
    """Cut-offs by background set, measured on the archive itself. Thread-safe.

    An archive that has doubled is measured anew.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._known: dict[tuple[str, EmbeddingSpace, int], float | None] = {}

    def words(self, encoder: ClipEncoder, group: list[Collection]) -> float | None:
        """The cosine from which a picture shows what words say; None while there are too few."""
        if encoder.word_floor is not None:
            return encoder.word_floor
        space = group[0].clip_space

        def scores() -> NDArray[np.float32]:
            vectors = encoder.encode_texts(PHRASES)
            best = [
                found
                for vector in vectors
                for found in self._library.indexes.search(
                    space, "crop", vector, 1, group, whole=False
                )[1].tolist()
            ]
            return np.asarray(best, dtype=np.float32)

        return self._floor("words", space, scores)

    def pictures(self, encoder: ClipEncoder, group: list[Collection]) -> float | None:
        """The cosine from which two pictures show alike things; None while there are too few."""
        if encoder.image_floor is not None:
            return encoder.image_floor
        space = group[0].image_space

        def scores() -> NDArray[np.float32]:
            ids = self._library.catalog.item_ids(space, "crop", group)
            drawn = np.random.default_rng(_SEED).permutation(ids)[:_SAMPLE]
            _, vectors = self._library.catalog.vectors(space, "crop", drawn.tolist())
            half = len(vectors) // 2
            pairs = vectors[:half] * vectors[half : 2 * half]
            return np.asarray(pairs.sum(axis=1), dtype=np.float32)

        return self._floor("pictures", space, scores)

    def _floor(
        self, kind: str, space: EmbeddingSpace, scores: Callable[[], NDArray[np.float32]]
    ) -> float | None:
        key = (kind, space, self._library.catalog.counts().crops.bit_length())
        with self._lock:
            if key not in self._known:
                self._known[key] = unrelated_floor(scores())
            return self._known[key]
