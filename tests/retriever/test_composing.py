from dataclasses import replace

import pytest

from indexer.errors import InvalidInput
from retriever.composing import weighed
from retriever.domain import Example, ItemKey, Query, Ranking, Scored


def ranking(weight: float = 1.0, zero: float | None = None, **scores: float) -> Ranking:
    ordered = sorted(scores.items(), key=lambda entry: -entry[1])
    items = tuple(Scored(ItemKey("crop", ord(name)), score) for name, score in ordered)
    return Ranking(name="r", items=items, weight=weight, zero=zero)


def order(found: Ranking) -> str:
    return "".join(chr(item.key.id) for item in found.items)


def test_what_is_fairly_like_both_beats_what_is_like_one() -> None:
    assert order(weighed([ranking(a=0.9, b=0.8, c=0.1), ranking(a=0.1, b=0.8, c=0.9)])) == "bac"


def test_wide_and_narrow_scores_count_alike() -> None:
    wide, narrow = ranking(a=0.9, b=0.5, c=0.1), ranking(a=0.21, b=0.25, c=0.29)
    assert [item.score for item in weighed([wide, narrow]).items] == pytest.approx([0, 0, 0])


def test_weight_decides_between_opposite_wishes() -> None:
    first, second = ranking(weight=2.0, a=0.9, b=0.1), ranking(weight=1.0, a=0.1, b=0.9)
    assert order(weighed([first, second])) == "ab"


def test_negative_weight_moves_down_and_removes_nothing() -> None:
    like, unlike = ranking(a=0.9, b=0.8, c=0.1), ranking(weight=-1.0, a=0.9, b=0.2, c=0.1)
    assert order(weighed([like])) == "abc"
    assert order(weighed([like, unlike])) == "bac"


def test_what_is_least_like_the_unwanted_gains_nothing() -> None:
    like, unlike = ranking(a=0.9, b=0.5, c=0.1), ranking(weight=-1.0, a=0.5, b=0.9, c=0.1)
    alone, steered = (
        {item.key: item.score for item in weighed(each).items} for each in ([like], [like, unlike])
    )
    unwanted, least = ItemKey("crop", ord("b")), ItemKey("crop", ord("c"))
    assert steered[least] == alone[least]
    assert steered[unwanted] < alone[unwanted]


def test_what_only_a_negative_ranking_holds_is_left_out() -> None:
    assert order(weighed([ranking(a=0.9), ranking(weight=-1.0, zero=0.0, b=5.0)])) == "a"


def test_scores_with_a_zero_lift_only_what_holds_the_words() -> None:
    by_words = ranking(zero=0.0, c=7.0)
    assert order(weighed([ranking(a=0.52, b=0.51, c=0.50), by_words])) == "acb"


def test_equal_scores_stay_equal() -> None:
    assert [item.score for item in weighed([ranking(a=0.5, b=0.5)]).items] == [0.0, 0.0]


@pytest.mark.parametrize(
    "given",
    [
        {"without": "red"},
        {"examples": (Example(crop=1, weight=-1.0),)},
        {"examples": (Example(crop=1, weight=-1.0),), "without": "red"},
    ],
)
def test_query_of_nothing_but_what_to_avoid_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="only says what not to find"):
        Query(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("weight", [0.0, 11.0, -11.0, float("nan")])
def test_weight_out_of_range_is_refused_in_one_line(weight: float) -> None:
    with pytest.raises(InvalidInput, match="out of range"):
        Example(crop=1, weight=weight)


def test_example_is_exactly_one_thing() -> None:
    for given in ({}, {"crop": 1, "document": "ab"}):
        with pytest.raises(InvalidInput, match="exactly one"):
            Example(**given)  # type: ignore[arg-type]


def test_query_takes_at_most_sixteen_examples() -> None:
    assert len(Query(examples=tuple(Example(crop=n) for n in range(1, 17))).pictures) == 16
    with pytest.raises(InvalidInput, match="at most 16"):
        Query(image=b"x", examples=tuple(Example(crop=n) for n in range(1, 17)))


def test_a_name_lifts_by_what_it_says_of_all_that_was_asked() -> None:
    by_looks = ranking(a=0.6, b=0.5, c=0.1)
    little, everything = (
        replace(ranking(weight=4.0, zero=0.0, c=held), full=1.0) for held in (0.2, 1.0)
    )
    assert order(weighed([by_looks, little])) == "abc"
    assert order(weighed([by_looks, everything])) == "cab"
