"""Any sentence-transformers text model that is already on the machine.

Source: Sentence-BERT, Reimers & Gurevych 2019, arXiv:1908.10084.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indexer.domain import EmbeddingSpace
from indexer.encoders import Vectors
from indexer.encoders._local import cached_file, card_languages, loading, model_folder, revision
from indexer.encoders._runtime import once, thread_count
from indexer.encoders._torchvision import make_importable
from indexer.errors import EncoderUnavailable
from indexer.settings import EncoderSettings

RECOMMENDED = "ibm-granite/granite-embedding-97m-multilingual-r2"

# What these models' cards say less plainly than a machine needs.
_LANGUAGES = {RECOMMENDED: frozenset({"*"})}
_MARKER = "config.json"


def build_text(name: str, settings: EncoderSettings) -> "SentenceTransformerEncoder":
    """The model in the folder, or of the cached repository, called ``name``. Loads nothing."""
    return SentenceTransformerEncoder(name or RECOMMENDED, settings)


def installed() -> str | None:
    """The recommended model if it is in the Hugging Face cache, else None."""
    complete = all(
        cached_file(RECOMMENDED, names)
        for names in ((_MARKER,), ("model.safetensors", "pytorch_model.bin"), ("tokenizer.json",))
    )
    return RECOMMENDED if complete else None


class SentenceTransformerEncoder:
    """A text encoder around one sentence-transformers model."""

    def __init__(self, name: str, settings: EncoderSettings) -> None:
        self._name = name
        self._threads = thread_count(settings.threads)
        self._batch_size = settings.batch_size

    @property
    def space(self) -> EmbeddingSpace:
        """Read from the model's files, without loading it. EncoderUnavailable if there are none."""
        folder = model_folder(self._name, _MARKER)
        return EmbeddingSpace(
            encoder="sentence_transformers",
            model=self._name,
            revision=revision(folder),
            dim=_dimension(folder),
        )

    @property
    def languages(self) -> frozenset[str]:
        known = _LANGUAGES.get(self._name)
        if known is not None:
            return known
        declared = card_languages(model_folder(self._name, _MARKER))
        if declared:
            return declared
        return frozenset({"*" if "multilingual" in self._name.lower() else "en"})

    @property
    def max_tokens(self) -> int:
        model = self._model()
        special: int = _tokenizer(model).num_special_tokens_to_add(pair=False)
        return int(model.max_seq_length) - special

    def token_ends(self, text: str) -> list[int]:
        """Character offset where each token of ``text`` ends, ascending, nothing cut off."""
        encoding = _tokenizer(self._model())(
            text,
            add_special_tokens=False,
            return_offsets_mapping=True,
            truncation=False,
            verbose=False,  # no warning that the text is longer than the model reads
        )
        return [end for _, end in encoding["offset_mapping"]]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), space.dim), L2-normalised, order kept.

        Raises EncoderUnavailable if the weights cannot be loaded.
        """
        return self._encode("encode_document", texts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As ``encode_passages``, for the asking side, with the model's own query prompt."""
        return self._encode("encode_query", texts)

    def _encode(self, method: str, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.space.dim), dtype=np.float32)
        vectors = getattr(self._model(), method)(
            list(texts),
            batch_size=self._batch_size,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(vectors, dtype=np.float32)

    def _model(self) -> Any:
        return _load(model_folder(self._name, _MARKER), self._threads)


@once
def _load(folder: Path, threads: int) -> Any:
    make_importable()
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    with loading(folder):
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def _tokenizer(model: Any) -> Any:
    tokenizer = model.tokenizer
    if not tokenizer.is_fast:
        raise EncoderUnavailable(
            type(tokenizer).__name__,
            cause="this tokenizer does not say where its tokens lie in the text",
            remedy="choose a model with a tokenizer.json",
        )
    return tokenizer


@once
def _dimension(folder: Path) -> int:
    """The length of the vectors: what the last module that sets it says."""
    listed = folder / "modules.json"
    modules = _read(listed) if listed.is_file() else []
    for module in reversed(modules):
        config = folder / module["path"] / "config.json"
        if module["path"] and config.is_file():
            values = _read(config)
            for key in ("out_features", "embedding_dimension", "word_embedding_dimension"):
                if key in values and not re.search(r"\.(Dropout|LayerNorm)$", module["type"]):
                    return int(values[key])
    return int(_read(folder / "config.json")["hidden_size"])


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise EncoderUnavailable(
            path, cause=f"it cannot be read ({exc})", remedy="fetch the model again"
        ) from exc
