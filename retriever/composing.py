"""What several wishes say of pictures, weighed against each other: pure functions."""

from collections.abc import Sequence
from statistics import fmean, pstdev

from retriever import fusion
from retriever.domain import ItemKey, Ranking

# How far a picture whose caption or name says all that was asked for stands above one without
# them, in standard deviations of scores by looks.
_BEST_NAME = 2.0
_LEAST_SPREAD = 0.01  # of cosines: less is noise, and would be blown up


def weighed(rankings: Sequence[Ranking]) -> Ranking:
    """Pictures by the weighted sum of their standard scores.

    Scores of different spaces do not compare, but how far each stands out among the same pictures
    does. A ranking with a ``zero`` is stretched from it instead: what it lacks is at its zero. A
    ranking of negative weight takes from what stands out in it, and gives nothing to the others:
    what is least like it is not what is wanted. Only what such rankings alone hold is left out.
    """
    wanted = {item.key: 0.0 for each in rankings if each.weight > 0 for item in each.items}
    for ranking in rankings:
        standing = _standing(ranking)
        for key in wanted:
            worth = standing.get(key, 0.0)
            wanted[key] += ranking.weight * (worth if ranking.weight > 0 else max(0.0, worth))
    return fusion.by_score("composed", wanted)


def _standing(ranking: Ranking) -> dict[ItemKey, float]:
    if ranking.zero is not None:
        shares = fusion.normalised(ranking)
        return {key: _BEST_NAME * share for key, share in shares.items()}
    values = [item.score for item in ranking.items]
    mean, spread = fmean(values), max(pstdev(values), _LEAST_SPREAD)
    return {item.key: (item.score - mean) / spread for item in ranking.items}
