"""Merging rankings by rank: pure functions."""

from collections.abc import Callable, Hashable, Mapping, Sequence
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


def best_of(rankings: Sequence[Ranking]) -> Ranking:
    """One ranking of the same index for several views of a query: each item at its best score.

    ValueError when there is none.
    """
    if not rankings:
        raise ValueError("no rankings")
    best: dict[ItemKey, float] = {}
    for ranking in rankings:
        for item in ranking.items:
            best[item.key] = max(item.score, best.get(item.key, item.score))
    return replace(rankings[0], items=_ordered(best))


def handicapped(ranking: Ranking, handicap: Callable[[ItemKey], float]) -> Ranking:
    """The ranking after each item's score is lowered by its handicap."""
    scores = {item.key: item.score - handicap(item.key) for item in ranking.items}
    return replace(ranking, items=_ordered(scores))


def _ordered(scores: Mapping[ItemKey, float]) -> tuple[Scored, ...]:
    ordered = sorted(scores.items(), key=lambda entry: -entry[1])
    return tuple(Scored(key, score) for key, score in ordered)


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
            entry = RankedBy(name=ranking.name, rank=rank)
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
            folded, items=tuple(Scored(shown[group(item.key)], item.score) for item in folded.items)
        )
        for folded in (best_per_group(ranking, group) for ranking in rankings)
    ]
