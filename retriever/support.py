"""Whether passages speak of what was asked: pure functions.

Two signs are weighed: the reranker's logit where it knows the language, and the share of the
question's information that a passage's words cover, each stem weighted by its rarity (inverse
document frequency, Spärck Jones 1972, doi:10.1108/eb026526).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.analysis import content_stems, stems


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


def question_stems(question: str) -> list[str]:
    """The stems that carry a question's subject."""
    return content_stems(question)


def is_supported(
    *,
    logits: Sequence[float] | None,
    coverages: Sequence[float],
    thresholds: "SupportThresholds | None" = None,
) -> bool:
    """Whether the best passage is likely to answer.

    ``logits`` are the reranker's for the passages, or None where it does not know the language;
    ``coverages`` are those of the same passages.
    """
    thresholds = thresholds or THRESHOLDS
    if not coverages:
        return False
    if logits is None:
        return max(coverages) >= thresholds.coverage_alone
    return any(
        logit >= thresholds.logit
        or (logit >= thresholds.logit_with_coverage and coverage >= thresholds.coverage_with_logit)
        for logit, coverage in zip(logits, coverages, strict=True)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class SupportThresholds:
    """Cut-offs measured by ``benchmarks/refusal.py``."""

    logit: float
    logit_with_coverage: float
    coverage_with_logit: float
    coverage_alone: float


THRESHOLDS = SupportThresholds(
    logit=0.0, logit_with_coverage=-4.0, coverage_with_logit=0.7, coverage_alone=0.6
)
