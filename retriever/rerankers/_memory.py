"""A reranker that is not asked twice: a search and its answer score the same sentences."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from retriever.rerankers import Reranker

_PAIRS = 1024  # of a few questions


class RememberingReranker:
    """See :class:`retriever.rerankers.Reranker`. Thread-safe if the one inside is."""

    def __init__(self, inner: "Reranker") -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def languages(self) -> frozenset[str]:
        return self._inner.languages

    def score(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        with self._lock:
            known = {text: self._known.get((query, text)) for text in passages}
        new = [text for text, logit in known.items() if logit is None]
        # The one inside scores pairs apart from each other, so that it may be asked for some.
        fresh = dict(zip(new, self._inner.score(query, new).tolist(), strict=True)) if new else {}
        with self._lock:
            for text, logit in fresh.items():
                self._known[query, text] = logit
            while len(self._known) > _PAIRS:
                self._known.popitem(last=False)
        logits = [known[text] if text not in fresh else fresh[text] for text in passages]
        return np.array(logits, dtype=np.float32)
