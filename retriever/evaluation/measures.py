"""Measures of rankings against judgements, computed by ir-measures (trec_eval)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import InvalidInput, SightlineError

DEFAULT = ("ndcg@10", "hit@1", "recall@10", "mrr", "map")

_LABELS = {"ndcg": "nDCG", "hit": "hit", "recall": "recall", "p": "P", "mrr": "MRR", "map": "mAP"}
_WITHOUT_CUT = frozenset({"mrr", "map"})
_MEASURE = re.compile(rf"({'|'.join(_LABELS)})(?:@([1-9]\d{{0,2}}))?")


class MeasuresUnavailable(SightlineError):
    """The library that computes the measures is not installed."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure and its cut: only the first ``cut`` items of a ranking count, all if None.

    - ``ndcg``: discounted gain / ideal, gains linear (Järvelin & Kekäläinen, TOIS 2002,
      doi:10.1145/582415.582418)
    - ``hit``: 1 if a right item is among them
    - ``recall``: right items among them / all right items
    - ``p``: right items among them / ``cut``
    - ``mrr``: 1 / rank of the first right item
    - ``map``: mean of the precision at each right item, over all right items, or over ``cut`` of
      them if there are more, as is usual for photos (Weyand et al., CVPR 2020, arXiv:2004.01804)
    """

    family: str
    cut: int | None

    @property
    def name(self) -> str:
        return self.family if self.cut is None else f"{self.family}@{self.cut}"

    @property
    def label(self) -> str:
        return self.name.replace(self.family, _LABELS[self.family])


def measure(name: str) -> Measure:
    """The measure called ``name``, such as ``ndcg@10``. InvalidInput if there is none."""
    found = _MEASURE.fullmatch(name.strip().lower())
    if found is None or (found[2] is None and found[1] not in _WITHOUT_CUT):
        raise InvalidInput(
            f"measure {name!r}",
            cause="there is no such measure",
            remedy="use ndcg@10, recall@10, hit@1, p@1, mrr or map, with any number from 1 to 999",
        )
    return Measure(found[1], None if found[2] is None else int(found[2]))


def values(
    measures: Sequence[Measure],
    ranked: Sequence[Sequence[str]],
    relevant: Sequence[Mapping[str, int]],
) -> NDArray[np.float64]:
    """The value of each measure for each question: shape (questions, measures), from 0 to 1.

    ``ranked`` holds distinct items, best first; ``relevant`` the grades (above zero) of the right
    ones. ValueError for a question without a right item: it has no value.
    """
    if not all(relevant):
        raise ValueError("a question without a right item has no value: leave it out")
    library = _library()
    wanted = {each: _computed(library, each) for each in measures}
    # trec_eval breaks ties by name and reads single precision: whole numbers are exact.
    run = {
        str(row): {item: float(-rank) for rank, item in enumerate(items)}
        for row, items in enumerate(ranked)
    }
    judged = {str(row): dict(grades) for row, grades in enumerate(relevant)}
    column_of = {computed: column for column, computed in enumerate(wanted.values())}
    found = np.zeros((len(ranked), len(measures)))
    for metric in library.iter_calc(list(column_of), judged, run):
        found[int(metric.query_id), column_of[metric.measure]] = metric.value
    for column, each in enumerate(measures):
        if each.family == "map" and each.cut is not None:
            right = np.array([len(grades) for grades in relevant])
            found[:, column] *= right / np.minimum(right, each.cut)
    return found


def _library() -> Any:
    try:
        import ir_measures
    except ImportError as exc:
        raise MeasuresUnavailable(
            "ir-measures",
            cause="it is not installed",
            remedy="pip install ir-measures (where it has no wheel, a C++ compiler is needed)",
        ) from exc
    return ir_measures


def _computed(library: Any, wanted: Measure) -> Any:
    families = {
        "ndcg": library.nDCG,
        "hit": library.Success,
        "recall": library.R,
        "p": library.P,
        "mrr": library.RR,
        "map": library.AP,
    }
    family = families[wanted.family]
    return family if wanted.cut is None else family @ wanted.cut
