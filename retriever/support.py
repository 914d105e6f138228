"""Whether passages speak of what was asked: pure functions.

Three signs are weighed: the reranker's logit where it knows the language; the share of the
question's information that a passage's words cover, each stem weighted by its rarity (inverse
document frequency, Spärck Jones 1972, doi:10.1108/eb026526); and the question's names and numbers
that the passage lacks.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from indexer.analysis import stems
from retriever.lexical import kindred

_KINDRED_WORTH = 0.8  # of a kindred form against the stem itself
_FEW_NAMES_LACK = 0.5  # share of the names that a plain answer may call otherwise


@dataclass(frozen=True, slots=True)
class StemWeights:
    """Rarity of each stem of a question in the corpus, above zero."""

    weights: Mapping[str, float]

    @classmethod
    def of(cls, counts: Mapping[str, int], total: int) -> "StemWeights":
        """From the number of passages that hold each stem, of ``total``."""
        return cls(
            {stem: math.log(1 + (total + 1) / (count + 0.5)) for stem, count in counts.items()}
        )

    def coverage(self, text: str) -> float:
        """Share of the question's weight that ``text`` holds, 0 to 1 (0 for an empty question)."""
        total = sum(self.weights.values())
        if not total:
            return 0.0
        held = set(stems(text))
        covered = 0.0
        for stem, weight in self.weights.items():
            if stem in held:
                covered += weight
            elif any(kindred(stem, other) for other in held):
                covered += _KINDRED_WORTH * weight
        return covered / total


@dataclass(frozen=True, kw_only=True, slots=True)
class SupportThresholds:
    """Cut-offs measured by ``benchmarks/answers.py``.

    Logits are the packaged cross-encoder's for the best sentence of a passage.
    """

    logit: float  # a passage that scores this answers
    logit_with_coverage: float  # one that scores this does too, if it also covers
    coverage_with_logit: float  # this share of the question
    coverage_alone: float  # where no reranker knows the language
    logit_without_names: float = 3.0  # a passage that lacks some of the names has to score this


THRESHOLDS = SupportThresholds(
    logit=1.0, logit_with_coverage=-4.0, coverage_with_logit=0.5, coverage_alone=0.38
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Support:
    """The signs for the first passages, in their order.

    ``logits`` are the reranker's, None where it does not know the language; ``coverages`` the
    shares of the question that the passages cover; ``missing`` the shares of its names and numbers
    that they lack, none at all if empty.
    """

    logits: tuple[float, ...] | None
    coverages: tuple[float, ...]
    missing: tuple[float, ...] = ()
    thresholds: SupportThresholds = THRESHOLDS

    @property
    def supported(self) -> bool:
        """Whether one of the passages is likely to answer."""
        missing = self.missing or (0.0,) * len(self.coverages)
        if self.logits is None:
            return any(
                coverage >= self.thresholds.coverage_alone and not lacking
                for coverage, lacking in zip(self.coverages, missing, strict=True)
            )
        return any(map(self._answers, self.logits, self.coverages, missing))

    def _answers(self, logit: float, coverage: float, lacking: float) -> bool:
        cut = self.thresholds
        if lacking:
            return lacking <= _FEW_NAMES_LACK and logit >= cut.logit_without_names
        covers = logit >= cut.logit_with_coverage and coverage >= cut.coverage_with_logit
        return covers or logit >= cut.logit
