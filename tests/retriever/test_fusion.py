import pytest

from retriever.domain import ItemKey, RankedBy, Ranking, Scored
from retriever.fusion import (
    convex_combination,
    fold_groups,
    handicapped,
    lifted,
    ranks_by_item,
    reciprocal_rank_fusion,
    softmax,
)


def ranking(*ids: int, name: str = "r", weight: float = 1.0) -> Ranking:
    items = tuple(Scored(ItemKey("chunk", item), -rank) for rank, item in enumerate(ids))
    return Ranking(name=name, items=items, weight=weight)


def ids(fused: Ranking) -> list[int]:
    return [item.key.id for item in fused.items]


def test_item_in_both_rankings_beats_items_in_one() -> None:
    assert ids(reciprocal_rank_fusion([ranking(1, 2), ranking(2, 3)])) == [2, 1, 3]


def test_scores_are_sums_of_weighted_reciprocal_ranks() -> None:
    fused = reciprocal_rank_fusion([ranking(1), ranking(2, 1, weight=0.5)], k=60)
    assert fused.items[0].score == pytest.approx(1 / 61 + 0.5 / 62)


def test_ranking_without_weight_changes_nothing() -> None:
    assert ids(reciprocal_rank_fusion([ranking(1, 2), ranking(3, weight=0)])) == [1, 2]


def test_constant_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        reciprocal_rank_fusion([], k=0)


def test_parts_of_one_photo_count_once_and_are_shown_as_the_best_part() -> None:
    by_looks, by_name = fold_groups(
        [ranking(11, 12, 20, name="looks"), ranking(20, 10, name="name")],
        lambda key: key.id // 10,
    )
    assert ids(by_looks) == [11, 20]
    assert ids(by_name) == [20, 11]


def test_every_item_knows_which_rankings_found_it() -> None:
    found = ranks_by_item([ranking(1, 2, name="bm25"), ranking(2, name="dense")])
    assert found[ItemKey("chunk", 2)] == (
        RankedBy(name="bm25", rank=2, score=-1),
        RankedBy(name="dense", rank=1, score=0),
    )


def test_handicapped_item_falls_behind_a_close_rival() -> None:
    lowered = handicapped(ranking(1, 2, 3), lambda key: 1.5 if key.id == 1 else 0.0)
    assert ids(lowered) == [2, 1, 3]


def scored(weight: float = 1.0, zero: float | None = None, **scores: float) -> Ranking:
    items = tuple(Scored(ItemKey("chunk", int(name[1:])), score) for name, score in scores.items())
    return Ranking(name="r", items=items, weight=weight, zero=zero)


def test_combined_scores_are_means_of_normalised_scores() -> None:
    words = scored(zero=0.0, i1=8.0, i2=4.0)
    meaning = scored(weight=3.0, i2=0.9, i3=0.8, i1=0.7)
    fused = {item.key.id: item.score for item in convex_combination([words, meaning]).items}
    assert fused == pytest.approx({2: (0.5 + 3) / 4, 3: 3 * 0.5 / 4, 1: 1 / 4})


def test_the_only_item_of_a_ranking_is_its_best() -> None:
    assert convex_combination([scored(i1=0.2)]).items[0].score == 1.0


def test_combination_leaves_out_rankings_without_weight_or_items() -> None:
    fused = convex_combination([scored(zero=0.0, i1=2.0, i2=1.0), scored(weight=0.0, i2=5.0)])
    assert [(item.key.id, item.score) for item in fused.items] == [(1, 1.0), (2, 0.5)]
    assert convex_combination([Ranking(name="r", items=())]).items == ()


def test_exact_matches_come_first_by_their_own_scores_then_in_order() -> None:
    exact = scored(i9=2.0, i3=1.0, i2=1.0)
    assert ids(lifted(ranking(1, 2, 3), exact)) == [9, 2, 3, 1]


def test_shares_sum_to_one_and_stand_out_with_the_logit() -> None:
    one, other = ItemKey("chunk", 1), ItemKey("chunk", 2)
    shares = softmax({one: 500.0, other: 490.0})
    assert sum(shares.values()) == pytest.approx(1)
    assert shares[one] > 0.9999
