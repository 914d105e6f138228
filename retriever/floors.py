"""Scores from which pictures are meant, measured on the archive itself."""

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from indexer.domain import EmbeddingSpace
from indexer.encoders import ClipEncoder
from indexer.library import Library
from indexer.store.records import Collection
from retriever.background import PHRASES
from retriever.calibration import share_floor, unrelated_floor

_SAMPLE = 400  # pictures that are compared with one another
_SEED = 7
# Of foreign phrases whose best picture stays below an encoder's own cut-off. In a large archive
# something resembles nearly everything; of 0.5, 0.6 and 0.7 this refuses best on three archives.
_FOREIGN_SHARE = 0.6
_FILE = "floors.json"


class Floors:
    """Cut-offs by background set. Thread-safe.

    They are kept in the home, so that a single command need not measure; an archive that has
    doubled is measured anew.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._path = library.settings.home / _FILE
        self._known = _load(self._path)

    def words(self, encoder: ClipEncoder, group: list[Collection]) -> float | None:
        """The cosine from which a picture shows what words say.

        At least the encoder's own; without one, None while there are too few pictures.
        """
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

        own = encoder.word_floor
        if own is None:
            return self._floor("words", space, lambda: unrelated_floor(scores()))
        foreign = self._floor("words-beside", space, lambda: share_floor(scores(), _FOREIGN_SHARE))
        return own if foreign is None else max(own, foreign)

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

        return self._floor("pictures", space, lambda: unrelated_floor(scores()))

    def _floor(
        self, kind: str, space: EmbeddingSpace, measure: Callable[[], float | None]
    ) -> float | None:
        doublings = self._library.catalog.counts().crops.bit_length()
        key = f"{kind} {space.name} {doublings}"
        with self._lock:
            if key not in self._known:
                self._known[key] = measure()
                # A home that cannot be written to is measured again by the next command.
                with contextlib.suppress(OSError):
                    _save(self._path, self._known)
            return self._known[key]


def _load(path: Path) -> dict[str, float | None]:
    """What was measured before; nothing if the file is not what ``_save`` wrote."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, float | None])
    except (OSError, msgspec.DecodeError):
        return {}


def _save(path: Path, known: dict[str, float | None]) -> None:
    temporary = path.with_suffix(f".{os.getpid()}.part")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(known)))
    temporary.replace(path)
