"""Whether what was found speaks of what was asked, and what of it is evidence."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from indexer.analysis import STOP_WORDS, content_stems, words
from indexer.library import Library
from retriever import calibration
from retriever.asked import cannot_answer
from retriever.domain import Hit, Query
from retriever.names import missing, names_of
from retriever.quoting import in_context, says_something, units
from retriever.ranker import Found
from retriever.rerankers import Reranker
from retriever.support import StemWeights, Support

_PICTURE_WORDS = re.compile(
    r"\b(photo|picture|image|figure|фото|картин|снимк|снимок|изображ|рисун)", re.IGNORECASE
)

# Of file names that cameras and phones give.
_CAMERA_WORDS = frozenset("img dsc dscf dscn pict pxl mvimg scan photo image screenshot".split())
_JUDGED = 4  # passages whose sentences are scored
_SENTENCES = 5  # of each, by the share of the question that they cover
_NO_SENTENCE = -12.0  # as low as logits of what has nothing to do with the question
_NAME_WORDS = 6  # of a caption: the first ones say what it is


class Judge:
    """Weighs the signs of one archive. Thread-safe."""

    def __init__(self, library: Library, reranker: Callable[[], Reranker | None]) -> None:
        self._library = library
        self._reranker = reranker

    def stem_weights(self, text: str) -> StemWeights:
        counts = self._library.catalog.stem_counts("chunk", content_stems(text))
        return StemWeights.of(counts, self._library.catalog.counts().chunks)

    def support(
        self, query: Query, passages: Sequence[Hit], found: Found, weights: StemWeights
    ) -> Support:
        """The signs of ``passages``; where a reranker knows the language, of the first few."""
        if not query.text.strip():
            return Support(logits=None, coverages=())
        reranker = self._reranker()
        judges = reranker is not None and found.logits is not None
        judged = passages[:_JUDGED] if judges else passages
        names = names_of(query.text)
        return Support(
            logits=_logits(reranker, query.text, judged, weights) if judges and reranker else None,
            coverages=tuple(weights.coverage(whole(hit)) for hit in judged),
            missing=tuple(
                1.0 if cannot_answer(query.text, hit.text) else missing(names, whole(hit))
                for hit in judged
            ),
            thresholds=calibration.load(
                self._library.settings.home, "none" if reranker is None else reranker.name
            ),
        )


def _logits(
    reranker: Reranker, question: str, passages: Sequence[Hit], weights: StemWeights
) -> tuple[float, ...]:
    """The best logit of any sentence of each passage.

    A sentence that answers tells more than a passage that is about the matter: in
    ``benchmarks/answers.py`` fewer answerable questions are refused for as many rightly refused.
    """
    sentences = [_promising(hit, weights) for hit in passages]
    logits = iter(reranker.score(question, [each for some in sentences for each in some]).tolist())
    return tuple(max((next(logits) for _ in some), default=_NO_SENTENCE) for some in sentences)


def _promising(hit: Hit, weights: StemWeights) -> list[str]:
    spans = [span for span in units(hit.text) if says_something(hit.text[slice(*span)])]
    spans.sort(key=lambda span: -weights.coverage(hit.text[slice(*span)]))
    return [in_context(hit, *span) for span in spans[:_SENTENCES]]


def asks_for_a_fact(query: Query) -> bool:
    """Whether the words are a question, and not one for pictures."""
    text = query.text.strip()
    return not query.pictures and text.endswith("?") and not _PICTURE_WORDS.search(text)


def is_named(hit: Hit, weights: StemWeights) -> bool:
    """Whether a picture's caption and name cover the question as a passage would have to."""
    covered = weights.coverage(f"{hit.caption} {_file_words(hit)} {hit.document.title}")
    return Support(logits=None, coverages=(covered,)).supported


def shown_name(picture: Hit) -> str:
    """What a picture is called: by its caption, or its file; "" for IMG_0034 and its like."""
    called = picture.caption or _file_words(picture)
    telling = [word for word in words(called) if word.isalpha() and word not in _CAMERA_WORDS]
    content = [word for word in telling if word not in STOP_WORDS]
    return " ".join(content[:_NAME_WORDS])


def _file_words(hit: Hit) -> str:
    return Path(hit.document.path).stem.replace("_", " ").replace("-", " ")


def whole(hit: Hit) -> str:
    """A passage with its title and headings, which often name what it speaks of."""
    return f"{hit.document.title} {' '.join(hit.heading_path)} {hit.text}"
