"""Second-stage rerankers: one file each, rescoring (query, passage) pairs.

A file defines ``build(name, settings) -> Reranker``; the file's name is the settings value,
optionally followed by ":" and the model.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from indexer.errors import UnknownAdapter
from retriever.rerankers._memory import RememberingReranker
from retriever.settings import RerankSettings


class Reranker(Protocol):
    """Scores how well each passage answers a query; weights load on first use."""

    @property
    def name(self) -> str: ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes it was trained for; {"*"} for a broadly multilingual model."""
        ...

    def score(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """float32, shape (len(passages),): relevance logits, higher is better, order kept.

        Raises EncoderUnavailable if the weights cannot be loaded.
        """
        ...


def available() -> list[str]:
    return [info.name for info in iter_modules(__path__) if not info.name.startswith("_")]


def verify_reranker(settings: RerankSettings) -> str:
    """The name of the reranker after it has scored something. EncoderUnavailable if it cannot."""
    if settings.model == "none":
        return "none"
    reranker = load_reranker(settings)
    reranker.score("sightline", ["sightline"])
    return reranker.name


@lru_cache(maxsize=4)
def load_reranker(settings: RerankSettings) -> Reranker:
    """The reranker named by ``settings.model``. UnknownAdapter for an unknown name."""
    kind, _, model = settings.model.partition(":")
    if kind not in available():
        raise UnknownAdapter(kind, package="retriever.rerankers", choices=available())
    module = import_module(f"{__name__}.{kind}")
    return RememberingReranker(cast(Reranker, module.build(model, settings)))
