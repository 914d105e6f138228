"""How sure a mean and a difference are: pure functions over the values of questions.

Questions of one group are drawn and flipped together, because they stand or fall together.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SEED = 20260101
ROUNDS = 10_000
CONFIDENCE = 0.95

_BATCH = 500

Values = NDArray[np.float64]


def by_group(values: Values, groups: Sequence[str]) -> tuple[Values, Values]:
    """Sums of ``values`` (questions, columns) per group, and the number of questions in each."""
    if len(values) != len(groups):
        raise ValueError(f"{len(values)} values, {len(groups)} groups")
    names, row_group = np.unique(np.asarray(groups), return_inverse=True)
    sums = np.zeros((len(names), values.shape[1]))
    np.add.at(sums, row_group, values)
    return sums, np.bincount(row_group, minlength=len(names)).astype(np.float64)


def bootstrap(
    values: Values, groups: Sequence[str], *, seed: int = SEED, rounds: int = ROUNDS
) -> tuple[Values, Values]:
    """Lower and upper end of the 95% percentile interval of each column's mean.

    ``values`` has shape (questions, columns). NaN for fewer than two groups, which tell nothing.

    Source: Efron & Tibshirani 1993, chapter 13; groups: Field & Welsh 2007,
    doi:10.1111/j.1467-9868.2007.00593.x.
    """
    sums, sizes = by_group(values, groups)
    columns = values.shape[1]
    if len(sizes) < 2:
        nothing = np.full(columns, np.nan)
        return nothing, nothing
    generator = np.random.default_rng(seed)
    share = np.full(len(sizes), 1 / len(sizes))
    means = np.empty((rounds, columns))
    for start in range(0, rounds, _BATCH):
        stop = min(start + _BATCH, rounds)
        drawn = generator.multinomial(len(sizes), share, size=stop - start)
        means[start:stop] = (drawn @ sums) / (drawn @ sizes)[:, None]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    return low, high


def randomisation_p(
    differences: Values, groups: Sequence[str], *, seed: int = SEED, rounds: int = ROUNDS
) -> float:
    """Two-sided p of a paired randomisation test: how often chance gives as large a mean.

    ``differences`` has shape (questions,). All flips of signs are tried where there are at most
    ``rounds`` of them, otherwise that many random ones.

    Source: Smucker, Allan & Carterette, CIKM 2007, doi:10.1145/1321440.1321528.
    """
    sums, _ = by_group(differences[:, None], groups)
    flipped = sums[:, 0]
    flipped = flipped[flipped != 0]  # flipping nothing changes nothing
    # Differences are sums of fractions: equal ones may differ in the last digits.
    seen = abs(flipped.sum()) * (1 - 1e-9) - 1e-12
    if len(flipped) < 64 and 2 ** len(flipped) <= rounds:
        numbers = np.arange(2 ** len(flipped))[:, None]
        signs = 1 - 2 * ((numbers >> np.arange(len(flipped))) & 1)
        return float((np.abs(signs @ flipped) >= seen).mean())
    generator = np.random.default_rng(seed)
    as_large = 0
    for start in range(0, rounds, _BATCH):
        shape = (min(_BATCH, rounds - start), len(flipped))
        signs = 1 - 2 * generator.integers(0, 2, size=shape)
        as_large += int((np.abs(signs @ flipped) >= seen).sum())
    return (1 + as_large) / (1 + rounds)


def holm(ps: Sequence[float]) -> list[float]:
    """The p values corrected for their number, in the same order.

    Source: Holm, Scandinavian Journal of Statistics 1979.
    """
    corrected = [0.0] * len(ps)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda each: ps[each])):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[index]))
        corrected[index] = highest
    return corrected
