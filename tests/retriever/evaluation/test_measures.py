"""Measures against values worked out by hand."""

from math import log2

import pytest

from indexer.errors import InvalidInput
from retriever.evaluation.measures import Measure, measure, values


def value(name: str, ranked: list[str], relevant: dict[str, int]) -> float:
    return float(values([measure(name)], [ranked], [relevant])[0, 0])


def test_ndcg_discounts_linear_gains_by_rank() -> None:
    gained = 1 + 2 / log2(4)
    ideal = 2 + 1 / log2(3)
    assert value("ndcg@10", ["b", "x", "a"], {"a": 2, "b": 1}) == pytest.approx(gained / ideal)


def test_ndcg_ideal_is_cut_as_well() -> None:
    assert value("ndcg@1", ["a"], {"a": 1, "b": 1, "c": 1}) == 1


def test_recall_is_over_all_right_items() -> None:
    relevant = {"a": 1, "b": 1, "c": 1, "d": 1}
    assert value("recall@2", ["a", "b", "c"], relevant) == pytest.approx(0.5)


def test_hit_and_precision_look_at_the_first_items_only() -> None:
    ranked = ["x", "a", "y", "b"]
    assert value("hit@1", ranked, {"a": 1}) == 0
    assert value("hit@2", ranked, {"a": 1}) == 1
    assert value("p@4", ranked, {"a": 1, "b": 1}) == 0.5


def test_mrr_is_one_over_the_first_right_rank() -> None:
    assert value("mrr", ["x", "y", "a", "b"], {"a": 1, "b": 1}) == pytest.approx(1 / 3)


def test_map_is_over_all_right_items_and_with_a_cut_over_as_many_as_fit() -> None:
    relevant = {"a": 1, "b": 1, "c": 1}
    assert value("map", ["a", "x", "b"], relevant) == pytest.approx((1 + 2 / 3) / 3)
    assert value("map@2", ["a", "x", "b"], relevant) == pytest.approx(1 / 2)


def test_order_of_the_ranking_counts_even_where_names_would_sort_otherwise() -> None:
    ranked = [f"item{number:03}" for number in range(200)]
    relevant = {"item000": 1, "item150": 1}
    assert value("mrr", ranked, relevant) == 1
    assert value("mrr", ranked[::-1], relevant) == pytest.approx(1 / 50)


def test_question_that_finds_nothing_counts_as_zero() -> None:
    found = values([measure("mrr"), measure("hit@1")], [[], ["a"]], [{"a": 1}, {"a": 1}])
    assert found.tolist() == [[0, 0], [1, 1]]


def test_question_without_a_right_item_has_no_value() -> None:
    with pytest.raises(ValueError, match="no value"):
        values([measure("mrr")], [["a"]], [{}])


def test_names_are_read_in_any_case() -> None:
    assert measure("nDCG@5") == Measure("ndcg", 5)
    assert measure("mAP").label == "mAP"


@pytest.mark.parametrize("name", ["ndcg", "recall", "hit@0", "f1", "mrr@-1"])
def test_unknown_measure_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(InvalidInput, match="no such measure; use ndcg@10"):
        measure(name)
