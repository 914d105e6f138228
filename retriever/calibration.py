"""Cut-offs below which nothing relevant was found, and where they come from.

For passages they are fitted on questions that an archive answers and on questions that it most
likely does not (``retriever.background``). For pictures whose encoder brings no cut-off of its
own, they are told from what foreign phrases, or unrelated pictures, score in the archive itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from indexer.errors import InvalidInput
from retriever.support import THRESHOLDS, Support, SupportThresholds

FEWEST = 20  # questions of each half
_FILE = "calibration.json"
_LOGITS = tuple(np.arange(-2.0, 7.01, 0.5).tolist())
_LOWER_LOGITS = tuple(np.arange(-6.0, 2.01, 1.0).tolist())
_COVERAGES = tuple(np.arange(0.2, 0.96, 0.05).round(2).tolist())
# A phrase belongs to few pictures of an archive, so the median of many tells the rest; from so
# many of its deviations on, a score is not one of theirs (one in 160 for a bell curve).
_DEVIATIONS = 2.5
_TO_SIGMA = 1.4826  # of the median absolute deviation


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """Of refusals: how many were right, and how many of the right ones were made."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """What was fitted to how many questions, and what it is worth on questions it did not see."""

    known: int
    foreign: int
    before: Quality
    held_out: Quality
    thresholds: SupportThresholds
    path: Path


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    """``reranker``: the name of the one whose logits these cut."""

    reranker: str
    thresholds: SupportThresholds


def calibrate(
    known: Sequence[Support], foreign: Sequence[Support], *, home: Path, reranker: str
) -> Calibration:
    """Fit cut-offs to the signs of ``known`` and ``foreign`` questions, and save them.

    InvalidInput for fewer than ``FEWEST`` of either.
    """
    for name, signs in (("questions", known), ("background questions", foreign)):
        if len(signs) < FEWEST:
            raise InvalidInput(
                name,
                cause=f"there are {len(signs)}, too few to tell a cut-off from",
                remedy=f"give at least {FEWEST}, in English or Russian",
            )
    before = load(home, reranker)
    thresholds = fit(known, foreign)
    return Calibration(
        known=len(known),
        foreign=len(foreign),
        before=quality(known, foreign, before),
        held_out=held_out(known, foreign),
        thresholds=thresholds,
        path=save(home, reranker, thresholds),
    )


def quality(
    known: Sequence[Support], foreign: Sequence[Support], cut: SupportThresholds
) -> Quality:
    """Of refusing with ``cut``: ``known`` should be answered, ``foreign`` refused.

    The two halves weigh the same, however many there are of each.
    """
    wrongly = _refused(known, cut) / max(1, len(known))
    rightly = _refused(foreign, cut) / max(1, len(foreign))
    made = wrongly + rightly
    return Quality(precision=rightly / made if made else 0.0, recall=rightly)


def fit(known: Sequence[Support], foreign: Sequence[Support]) -> SupportThresholds:
    """The cut-offs with the best F1 of refusals; those that nothing speaks about stay.

    Of equal ones the middle is taken, so that a few questions more do not change much.
    """
    judged = [each.logits is not None for each in (*known, *foreign)]
    best = THRESHOLDS
    if not all(judged):
        alone = ([s for s in known if s.logits is None], [s for s in foreign if s.logits is None])
        if all(alone):
            best = _best(*alone, [replace(best, coverage_alone=share) for share in _COVERAGES])
    if any(judged):
        both = (
            [s for s in known if s.logits is not None],
            [s for s in foreign if s.logits is not None],
        )
        if all(both):
            grid = [
                replace(best, logit=logit, logit_with_coverage=lower, coverage_with_logit=coverage)
                for logit, lower, coverage in product(_LOGITS, _LOWER_LOGITS, _COVERAGES)
                if lower <= logit
            ]
            best = _best(*both, grid)
    return best


def held_out(known: Sequence[Support], foreign: Sequence[Support]) -> Quality:
    """What cut-offs fitted on every other question do on the rest, both ways round."""
    halves = [(known[start::2], foreign[start::2]) for start in (0, 1)]
    measured = [quality(*halves[1 - number], fit(*half)) for number, half in enumerate(halves)]
    return Quality(
        precision=sum(each.precision for each in measured) / 2,
        recall=sum(each.recall for each in measured) / 2,
    )


def unrelated_floor(scores: NDArray[np.float32]) -> float | None:
    """The score from which two things belong together, told from those that mostly do not.

    ``scores``: float32 (n,), one best score for each foreign phrase. None for fewer than 20.
    Source: the median and its absolute deviation, Rousseeuw & Croux 1993,
    doi:10.1080/01621459.1993.10476408.
    """
    if len(scores) < 20:
        return None
    middle = float(np.median(scores))
    spread = _TO_SIGMA * float(np.median(np.abs(scores - middle)))
    return middle + _DEVIATIONS * spread


def share_floor(scores: NDArray[np.float32], share: float) -> float | None:
    """The score that ``share`` of ``scores``, float32 (n,), stay below. None for fewer than 20."""
    return float(np.quantile(scores, share)) if len(scores) >= 20 else None


def save(home: Path, reranker: str, thresholds: SupportThresholds) -> Path:
    """Keep the cut-offs for the next start. OSError if the disk refuses."""
    path = home / _FILE
    content = msgspec.json.encode(_Stored(reranker=reranker, thresholds=thresholds))
    temporary = path.with_suffix(".part")
    temporary.write_bytes(msgspec.json.format(content, indent=2))
    temporary.replace(path)
    return path


def load(home: Path, reranker: str) -> SupportThresholds:
    """The cut-offs that were fitted here with the same reranker, otherwise the usual ones.

    InvalidInput if the file is not what ``save`` wrote.
    """
    path = home / _FILE
    try:
        stored = msgspec.json.decode(path.read_bytes(), type=_Stored)
    except FileNotFoundError:
        return THRESHOLDS
    except (OSError, msgspec.DecodeError) as exc:
        raise InvalidInput(
            path,
            cause=f"it cannot be read ({exc})",
            remedy="delete it, or run: sightline eval QUESTIONS --calibrate",
        ) from exc
    return stored.thresholds if stored.reranker == reranker else THRESHOLDS


def _refused(signs: Sequence[Support], cut: SupportThresholds) -> int:
    return sum(not replace(each, thresholds=cut).supported for each in signs)


def _best(
    known: Sequence[Support], foreign: Sequence[Support], grid: Sequence[SupportThresholds]
) -> SupportThresholds:
    scores = [quality(known, foreign, cut).f1 for cut in grid]
    highest = max(scores)
    equal = [cut for cut, score in zip(grid, scores, strict=True) if score == highest]
    return equal[len(equal) // 2]
