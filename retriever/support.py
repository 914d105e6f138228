"""Whether passages speak of what was asked: pure functions.

Two signs are weighed: the reranker's logit where it knows the language, and the share of the
question's information that a passage's words cover, each stem weighted by its rarity (inverse
document frequency, Spärck Jones 1972, doi:10.1108/eb026526).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from indexer.analysis import stems


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
        return sum(weight for stem, weight in self.weights.items() if stem in held) / total


@dataclass(frozen=True, kw_only=True, slots=True)
class SupportThresholds:
    """Cut-offs measured by ``benchmarks/refusal.py``; logits are the packaged cross-encoder's."""

    logit: float  # a passage that scores this answers
    logit_with_coverage: float  # one that scores this does too, if it also covers
    coverage_with_logit: float  # this share of the question
    coverage_alone: float  # where no reranker knows the language


THRESHOLDS = SupportThresholds(
    logit=1.5, logit_with_coverage=-3.0, coverage_with_logit=0.55, coverage_alone=0.42
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Support:
    """The signs for the first passages, in their order.

    ``logits`` are the reranker's, None where it does not know the language; ``coverages`` the
    shares of the question that the passages cover.
    """

    logits: tuple[float, ...] | None
    coverages: tuple[float, ...]
    thresholds: SupportThresholds = THRESHOLDS

    @property
    def supported(self) -> bool:
        """Whether one of the passages is likely to answer."""
        cut = self.thresholds
        if self.logits is None:
            return max(self.coverages, default=0.0) >= cut.coverage_alone
        return any(
            logit >= cut.logit
            or (logit >= cut.logit_with_coverage and coverage >= cut.coverage_with_logit)
            for logit, coverage in zip(self.logits, self.coverages, strict=True)
        )
