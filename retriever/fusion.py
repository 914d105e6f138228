"""Merging rankings by rank or by score: pure functions."""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from retriever.domain import ItemKey, RankedBy, Ranking, Scored


def reciprocal_rank_fusion(rankings: Sequence[Ranking], *, k: int = 60) -> Ranking:
    """Score items by the sum of weight / (k + rank) over the rankings that hold them, best first.

    Ties keep the order in which items were first met. ValueError if k < 1.

    Source: Cormack, Clarke & Büttcher, SIGIR 2009, doi:10.1145/1571941.1572114.
    """
    if k < 1:
        raise ValueError(f"k is {k}, need at least 1")
    scores: dict[ItemKey, float] = {}
    for ranking in rankings:
        if ranking.weight <= 0:
            continue
        for rank, item in enumerate(ranking.items, start=1):
            scores[item.key] = scores.get(item.key, 0.0) + ranking.weight / (k + rank)
    return Ranking(name="fused", items=_ordered(scores))


def convex_combination(rankings: Sequence[Ranking]) -> Ranking:
    """Score items by the weighted mean of their normalised scores, best first.

    A ranking's scores are stretched so that its ``full``, or else its best, is 1 and its ``zero``,
    or else its last, is 0; an item that it lacks counts as 0. Ties keep the order in which items
    were first met.

    Source: Bruch, Gai & Ingber, TOIS 2023, arXiv:2210.11934, who find that it needs less data to
    tune and ranks better than reciprocal ranks. Measured here: ``benchmarks/retrieval.py``.
    """
    heard = [ranking for ranking in rankings if ranking.weight > 0 and ranking.items]
    total = sum(ranking.weight for ranking in heard)
    scores: dict[ItemKey, float] = {}
    for ranking in heard:
        for key, score in normalised(ranking).items():
            scores[key] = scores.get(key, 0.0) + ranking.weight / total * score
    return Ranking(name="fused", items=_ordered(scores), zero=0.0)


def normalised(ranking: Ranking) -> dict[ItemKey, float]:
    """Every item's score between 0 and 1, see ``convex_combination``."""
    best = ranking.items[0].score if ranking.full is None else ranking.full
    zero = ranking.items[-1].score if ranking.zero is None else ranking.zero
    if best <= zero:
        return {item.key: 1.0 for item in ranking.items}
    return {item.key: max(0.0, (item.score - zero) / (best - zero)) for item in ranking.items}


def by_score(name: str, scores: Mapping[ItemKey, float]) -> Ranking:
    """Items by their scores, best first; ties keep their order."""
    return Ranking(name=name, items=_ordered(scores))


def softmax(logits: Mapping[ItemKey, float]) -> dict[ItemKey, float]:
    """Each item's share of one: positive, largest for the largest logit."""
    highest = max(logits.values(), default=0.0)
    powers = {key: math.exp(logit - highest) for key, logit in logits.items()}
    total = sum(powers.values())
    return {key: power / total for key, power in powers.items()}


def lifted(ranking: Ranking, first: Ranking) -> Ranking:
    """``ranking`` with the items of ``first`` before all others: by their score there, then here.

    Those that ``ranking`` lacks come in too.
    """
    above = {item.key: item.score for item in first.items}
    here = [item for item in ranking.items if item.key in above]
    known = {item.key for item in here}
    best = ranking.items[0].score if ranking.items else 0.0
    here += [Scored(item.key, best) for item in first.items if item.key not in known]
    here.sort(key=lambda item: -above[item.key])
    rest = [item for item in ranking.items if item.key not in above]
    return replace(ranking, items=(*here, *rest))


def handicapped(ranking: Ranking, handicap: Callable[[ItemKey], float]) -> Ranking:
    """The ranking after each item's score is lowered by its handicap."""
    return replace(
        ranking,
        items=_by_score(
            replace(item, score=item.score - handicap(item.key)) for item in ranking.items
        ),
    )


def _ordered(scores: Mapping[ItemKey, float]) -> tuple[Scored, ...]:
    return _by_score(Scored(key, score) for key, score in scores.items())


def _by_score(items: Iterable[Scored]) -> tuple[Scored, ...]:
    return tuple(sorted(items, key=lambda item: -item.score))


def best_per_group(ranking: Ranking, group: Callable[[ItemKey], Hashable]) -> Ranking:
    """The ranking with only the first item of each group."""
    seen: set[Hashable] = set()
    kept: list[Scored] = []
    for item in ranking.items:
        name = group(item.key)
        if name not in seen:
            seen.add(name)
            kept.append(item)
    return replace(ranking, items=tuple(kept))


def ranks_by_item(rankings: Sequence[Ranking]) -> dict[ItemKey, tuple[RankedBy, ...]]:
    """For every item, the rankings that found it and at what rank (from 1)."""
    found: dict[ItemKey, tuple[RankedBy, ...]] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking.items, start=1):
            entry = RankedBy(name=ranking.name, rank=rank, score=item.score)
            found[item.key] = (*found.get(item.key, ()), entry)
    return found


def fold_groups(rankings: Sequence[Ranking], group: Callable[[ItemKey], Hashable]) -> list[Ranking]:
    """The rankings with one item per group, the same one in all of them.

    The parts of one photo count as one hit; it is shown as the part that the first ranking to
    hold it puts highest.
    """
    shown: dict[Hashable, ItemKey] = {}
    for ranking in rankings:
        for item in ranking.items:
            shown.setdefault(group(item.key), item.key)
    return [
        replace(
            folded,
            items=tuple(replace(item, key=shown[group(item.key)]) for item in folded.items),
        )
        for folded in (best_per_group(ranking, group) for ranking in rankings)
    ]
