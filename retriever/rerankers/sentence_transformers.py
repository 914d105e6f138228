"""Any sentence-transformers CrossEncoder that is already on the machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders._local import card_languages, loading, model_folder
from indexer.encoders._runtime import once, thread_count
from indexer.encoders._torchvision import make_importable
from indexer.errors import EncoderUnavailable
from retriever.settings import RerankSettings

_MARKER = "config.json"


def build(name: str, settings: RerankSettings) -> "CrossEncoderReranker":
    """The model in the folder, or of the cached repository, called ``name``. Loads nothing."""
    return CrossEncoderReranker(name, settings)


class CrossEncoderReranker:
    """A reranker around one CrossEncoder with a single output."""

    def __init__(self, name: str, settings: RerankSettings) -> None:
        self._name = name
        self._threads = thread_count(settings.threads)
        self._max_tokens = settings.max_tokens

    @property
    def name(self) -> str:
        return f"sentence_transformers:{self._name}"

    @property
    def languages(self) -> frozenset[str]:
        declared = card_languages(model_folder(self._name, _MARKER))
        if declared:
            return declared
        return frozenset({"*" if "multilingual" in self._name.lower() else "en"})

    def score(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """float32, shape (len(passages),): relevance logits, higher is better, order kept.

        Raises EncoderUnavailable if the weights cannot be loaded or give several values.
        """
        if not passages:
            return np.zeros(0, dtype=np.float32)
        import torch

        model = _load(model_folder(self._name, _MARKER), self._threads, self._max_tokens)
        logits = model.predict(
            [(query, passage) for passage in passages],
            activation_fn=torch.nn.Identity(),
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(logits, dtype=np.float32).reshape(len(passages))


@once
def _load(folder: Path, threads: int, max_tokens: int) -> Any:
    make_importable()
    import torch
    from sentence_transformers import CrossEncoder

    torch.set_num_threads(threads)
    with loading(folder):
        model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    if model.num_labels != 1:
        raise EncoderUnavailable(
            folder,
            cause=f"it gives {model.num_labels} values for a pair, not one relevance",
            remedy="choose a model trained for passage ranking",
        )
    model.max_seq_length = min(model.max_seq_length or max_tokens, max_tokens)
    return model
