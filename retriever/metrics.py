"""Measures of a ranking against relevance judgements: pure functions.

``ranked`` are item ids, best first; ``relevant`` maps judged ids to their gain (above zero).
Queries without relevant items have no value: they are left out of every mean, and counted.
"""

import math
from collections.abc import Mapping, Sequence


def recall_at(ranked: Sequence[str], relevant: Mapping[str, float], k: int) -> float:
    """Relevant items in the top ``k`` / all relevant ones. ValueError when none is relevant."""
    wanted = _relevant(relevant)
    return len(wanted.keys() & set(ranked[:k])) / len(wanted)


def ndcg_at(ranked: Sequence[str], relevant: Mapping[str, float], k: int) -> float:
    """Discounted gain of the top ``k`` / that of the ideal order, gains linear.

    Source: Järvelin & Kekäläinen, TOIS 2002, doi:10.1145/582415.582418.
    """
    wanted = _relevant(relevant)
    gains = [wanted.get(item, 0.0) for item in ranked[:k]]
    return _discounted(gains) / _discounted(sorted(wanted.values(), reverse=True)[:k])


def average_precision_at(ranked: Sequence[str], relevant: Mapping[str, float], k: int) -> float:
    """Mean of the precision at each relevant item of the top ``k``, over min(k, all relevant)."""
    wanted = _relevant(relevant)
    found = 0
    total = 0.0
    for rank, item in enumerate(ranked[:k], start=1):
        if item in wanted:
            found += 1
            total += found / rank
    return total / min(k, len(wanted))


def _relevant(judged: Mapping[str, float]) -> dict[str, float]:
    wanted = {item: gain for item, gain in judged.items() if gain > 0}
    if not wanted:
        raise ValueError("no relevant item: leave this query out of the mean")
    return wanted


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))
