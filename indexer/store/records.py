"""What the catalogue hands out: domain values with the row ids they live under."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.domain import Chunk, Crop, Document, EmbeddingSpace, Page


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """A collection with the encoders and embedding spaces it was built with."""

    id: int
    name: str
    text_encoder: str
    clip_encoder: str
    text_space: EmbeddingSpace
    clip_space: EmbeddingSpace
    image_space: EmbeddingSpace

    @property
    def spaces(self) -> frozenset[EmbeddingSpace]:
        return frozenset({self.text_space, self.clip_space, self.image_space})


@dataclass(frozen=True, kw_only=True, slots=True)
class FileState:
    """What is known of a path: unchanged while size and mtime (nanoseconds) are the same."""

    path: str
    size: int
    mtime_ns: int
    sha256: str
    indexed: bool
    cause: str = ""
    remedy: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDocument:
    """Everything of one document that enters in one transaction.

    Vectors are float32, L2-normalised: one row per chunk or crop, in their order, per space.
    """

    document: Document
    mtime_ns: int
    pages: tuple[Page, ...]
    chunks: tuple[Chunk, ...]
    crops: tuple[Crop, ...]
    chunk_vectors: Mapping[EmbeddingSpace, NDArray[np.float32]]
    crop_vectors: Mapping[EmbeddingSpace, NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredDocument:
    id: int
    collection: str
    document: Document


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredChunk:
    id: int
    owner: StoredDocument
    chunk: Chunk


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredCrop:
    id: int
    owner: StoredDocument
    crop: Crop


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    documents: int
    chunks: int
    crops: int
