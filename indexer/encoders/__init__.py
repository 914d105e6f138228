"""Text and image encoders: one file per model family, behind two small protocols.

A file defines ``build_text(name, settings) -> TextEncoder`` or
``build_clip(name, settings) -> ClipEncoder``, or both. Building is cheap: weights load on
the first call that needs them, once per process, under a lock.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Literal, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from indexer.domain import BoundingBox, EmbeddingSpace
from indexer.errors import UnknownAdapter
from indexer.settings import EncoderSettings

Role = Literal["text", "clip"]
Vectors = NDArray[np.float32]


class TextEncoder(Protocol):
    """Embeds passages and the questions asked of them."""

    @property
    def space(self) -> EmbeddingSpace: ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes it was trained for; {"*"} for a broadly multilingual model."""
        ...

    @property
    def max_tokens(self) -> int:
        """Longest passage it reads, special tokens excluded; the rest would be cut off."""
        ...

    def token_ends(self, text: str) -> list[int]:
        """Character offset where each token of ``text`` ends, ascending, nothing cut off."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), space.dim), L2-normalised, order kept.

        Raises EncoderUnavailable if the weights cannot be loaded.
        """
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As ``encode_passages``, for the asking side."""
        ...


class ClipEncoder(Protocol):
    """Embeds pictures and words so that words find pictures and pictures find pictures.

    ``space`` compares words with pictures. ``image_space`` compares pictures with pictures;
    for a CLIP model both are the same space.
    """

    @property
    def space(self) -> EmbeddingSpace: ...

    @property
    def image_space(self) -> EmbeddingSpace: ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes its text tower was trained for; {"*"} if broadly multilingual."""
        ...

    def understands(self, text: str) -> bool:
        """Whether a text in one of its languages says anything to it about looks.

        What is not understood gets a vector all the same, but one that finds nothing.
        """
        ...

    @property
    def word_floor(self) -> float | None:
        """Cosine from which words and a picture most likely belong together; None if unknown."""
        ...

    @property
    def image_floor(self) -> float | None:
        """Cosine below which two pictures most likely show different things; None if unknown."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), space.dim), L2-normalised, in ``space``; long texts are
        cut at the model's limit. Raises EncoderUnavailable if the weights cannot be loaded.
        """
        ...

    def encode_images(self, images: Sequence[Image]) -> Mapping[EmbeddingSpace, Vectors]:
        """RGB pictures to one float32 array (len(images), dim), L2-normalised, per space:
        ``space`` and ``image_space`` (one entry when they are the same).
        """
        ...

    def objects(self, image: Image, limit: int) -> list[BoundingBox]:
        """Boxes of the most salient regions of an RGB picture, best first, at most ``limit``.

        Empty when the model cannot place what it sees.
        """
        ...


def available(role: Role) -> list[str]:
    """Names of the files of this package that can build ``role``."""
    return [
        info.name
        for info in iter_modules(__path__)
        if not info.name.startswith("_")
        and hasattr(import_module(f"{__name__}.{info.name}"), f"build_{role}")
    ]


def load_text_encoder(settings: EncoderSettings) -> TextEncoder:
    """The text encoder named by ``settings.text``. UnknownAdapter for an unknown name."""
    return cast(TextEncoder, _load("text", resolve("text", settings), settings))


def load_clip_encoder(settings: EncoderSettings) -> ClipEncoder:
    """The CLIP encoder named by ``settings.clip``. UnknownAdapter for an unknown name."""
    return cast(ClipEncoder, _load("clip", resolve("clip", settings), settings))


def resolve(role: Role, settings: EncoderSettings) -> str:
    """The encoder that ``settings`` stand for, as "file" or "file:model"; looks, never downloads.

    ``auto`` asks the files in the order of ``_AUTO_ORDER`` for a model already on the machine.
    """
    wanted = settings.text if role == "text" else settings.clip
    if wanted != "auto":
        return wanted
    for name in _AUTO_ORDER[role]:
        found: str | None = import_module(f"{__name__}.{name}").installed()
        if found is not None:
            return f"{name}:{found}"
    return "packaged"


# Strongest first; the packaged models are always there and come last.
_AUTO_ORDER: Mapping[Role, tuple[str, ...]] = {
    "text": ("sentence_transformers",),
    "clip": ("open_clip",),
}


@lru_cache(maxsize=8)
def _load(role: Role, resolved: str, settings: EncoderSettings) -> object:
    kind, _, model = resolved.partition(":")
    if kind not in available(role):
        raise UnknownAdapter(kind, package="indexer.encoders", choices=available(role))
    build = getattr(import_module(f"{__name__}.{kind}"), f"build_{role}")
    return cast(object, build(model, settings))
