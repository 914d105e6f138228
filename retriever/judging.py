"""Whether what was found speaks of what was asked, and what of it is evidence."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from indexer.analysis import content_stems
from indexer.library import Library
from retriever import calibration
from retriever.domain import Hit, Query
from retriever.names import missing, names_of
from retriever.ranker import Found
from retriever.support import StemWeights, Support

_PICTURE_WORDS = re.compile(
    r"\b(photo|picture|image|figure|фото|картин|снимк|снимок|изображ|рисун)", re.IGNORECASE
)


class Judge:
    """Weighs the signs of one archive. Thread-safe."""

    def __init__(self, library: Library, reranker: Callable[[], str]) -> None:
        """``reranker`` tells the name of the one whose logits are judged."""
        self._library = library
        self._reranker = reranker

    def stem_weights(self, text: str) -> StemWeights:
        counts = self._library.catalog.stem_counts("chunk", content_stems(text))
        return StemWeights.of(counts, self._library.catalog.counts().chunks)

    def support(
        self, query: Query, passages: Sequence[Hit], found: Found, weights: StemWeights
    ) -> Support:
        if not query.text.strip():
            return Support(logits=None, coverages=())
        logits = found.logits
        judged = [hit for hit in passages if logits is None or hit.key in logits]
        texts = [_with_context(hit) for hit in judged]
        names = names_of(query.text)
        return Support(
            logits=None if logits is None else tuple(logits[hit.key] for hit in judged),
            coverages=tuple(weights.coverage(text) for text in texts),
            missing=tuple(missing(names, text) for text in texts),
            thresholds=calibration.load(self._library.settings.home, self._reranker()),
        )


def asks_for_a_fact(query: Query) -> bool:
    """Whether the words are a question, and not one for pictures."""
    text = query.text.strip()
    return not query.pictures and text.endswith("?") and not _PICTURE_WORDS.search(text)


def is_named(hit: Hit, weights: StemWeights) -> bool:
    """Whether a picture's caption and name cover the question as a passage would have to."""
    name = Path(hit.document.path).stem.replace("_", " ").replace("-", " ")
    covered = weights.coverage(f"{hit.caption} {name} {hit.document.title}")
    return Support(logits=None, coverages=(covered,)).supported


def _with_context(hit: Hit) -> str:
    return f"{hit.document.title} {' '.join(hit.heading_path)} {hit.text}"
