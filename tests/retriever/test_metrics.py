import math

import pytest

from retriever.metrics import average_precision_at, ndcg_at, recall_at


def test_perfect_ranking_scores_one() -> None:
    relevant = {"a": 3.0, "b": 1.0}
    assert ndcg_at(["a", "b", "c"], relevant, 10) == pytest.approx(1)
    assert recall_at(["a", "b", "c"], relevant, 10) == 1
    assert average_precision_at(["a", "b", "c"], relevant, 10) == 1


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    assert ndcg_at(["x", "a"], {"a": 1.0}, 10) == pytest.approx(1 / math.log2(3))


def test_ideal_counts_no_more_items_than_the_cut() -> None:
    assert ndcg_at(["a"], {"a": 1.0, "b": 1.0}, 1) == pytest.approx(1)


def test_average_precision_of_a_known_ranking() -> None:
    assert average_precision_at(["a", "x", "b"], {"a": 1, "b": 1}, 10) == pytest.approx(
        (1 + 2 / 3) / 2
    )


def test_query_without_relevant_items_has_no_value() -> None:
    with pytest.raises(ValueError, match="leave this query out"):
        recall_at(["a"], {"a": 0.0}, 10)
