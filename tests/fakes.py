"""Deterministic stand-ins for models: fast, offline, with a meaning that tests can predict.

Texts are embedded by the stems they hold, pictures by their mean colour; "red", "green" and
"blue" find pictures of that colour, so that words and pictures meet.
"""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from indexer.analysis import stems, words
from indexer.domain import BoundingBox, EmbeddingSpace

Vectors = NDArray[np.float32]

_COLOURS = {"red": 0, "green": 1, "blue": 2, "красный": 0, "зеленый": 1, "синий": 2}


class HashEncoder:
    """A text encoder of dimension 8 * ``width``: hashed stems, L2-normalised."""

    def __init__(self, *, revision: str = "1", width: int = 8, max_tokens: int = 64) -> None:
        self.space = EmbeddingSpace(encoder="fake", model="hash", revision=revision, dim=8 * width)
        self.languages = frozenset({"en"})
        self.max_tokens = max_tokens
        self.passages: list[str] = []

    def token_ends(self, text: str) -> list[int]:
        ends, inside = [], False
        for index, char in enumerate(text):
            if char.isspace() and inside:
                ends.append(index)
            inside = not char.isspace()
        return [*ends, len(text)] if inside else ends

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.passages.extend(texts)
        return self.encode_queries(texts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        vectors = np.full((len(texts), self.space.dim), 1e-3, np.float32)
        for row, text in enumerate(texts):
            for stem in stems(text):
                digest = hashlib.sha256(stem.encode()).digest()
                vectors[row, int.from_bytes(digest[:4], "little") % self.space.dim] += 1
        return normalised(vectors)


class ColourEncoder:
    """A CLIP encoder whose pictures are their mean colour and whose words are colour names."""

    def __init__(self, *, revision: str = "1", objects: Sequence[BoundingBox] = ()) -> None:
        self.space = EmbeddingSpace(encoder="fake", model="colour", revision=revision, dim=4)
        self.image_space = EmbeddingSpace(
            encoder="fake", model="colour-image", revision=revision, dim=3
        )
        self.languages = frozenset({"en", "ru"})
        self.word_floor: float | None = 0.6
        self.image_floor: float | None = 0.6
        self.pictures = 0
        self._objects = list(objects)

    def understands(self, text: str) -> bool:
        return bool(text.strip())

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), 4), np.float32)
        for row, text in enumerate(texts):
            for word in words(text):
                if word in _COLOURS:
                    vectors[row, _COLOURS[word]] += 1
            if not vectors[row].any():
                vectors[row, 3] = 1
        return normalised(vectors)

    def encode_images(self, images: Sequence[Image]) -> Mapping[EmbeddingSpace, Vectors]:
        self.pictures += len(images)
        means = np.array(
            [np.asarray(image, np.float32).reshape(-1, 3).mean(axis=0) + 1 for image in images],
            np.float32,
        ).reshape(len(images), 3)
        aligned = np.concatenate([means, np.zeros((len(images), 1), np.float32)], axis=1)
        return {self.space: normalised(aligned), self.image_space: normalised(means)}

    def objects(self, image: Image, limit: int) -> list[BoundingBox]:
        return self._objects[:limit]


class OverlapReranker:
    """Scores a passage by the share of the query's words it holds: -6 to 6."""

    name = "overlap"
    languages = frozenset({"en"})

    def score(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        wanted = set(stems(query))
        shares = [len(wanted & set(stems(passage))) / len(wanted) for passage in passages]
        return np.array([12 * share - 6 for share in shares], np.float32)


def normalised(vectors: Vectors) -> Vectors:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
