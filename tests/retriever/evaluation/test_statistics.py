"""Intervals and tests: what can be worked out by hand, and what must hold on average."""

import numpy as np
import pytest

from retriever.evaluation.statistics import bootstrap, holm, randomisation_p


def alone(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def test_interval_of_a_share_is_that_of_the_binomial() -> None:
    values = np.repeat([0.0, 1.0], 50)[:, None]
    low, high = bootstrap(values, alone(100))
    assert low[0] == pytest.approx(0.5 - 1.96 * 0.05, abs=0.011)
    assert high[0] == pytest.approx(0.5 + 1.96 * 0.05, abs=0.011)


def test_interval_of_questions_that_stand_or_fall_together_is_that_of_their_groups() -> None:
    values = np.repeat([0.0, 1.0], 50)[:, None]
    groups = [str(number // 5) for number in range(100)]
    low, high = bootstrap(values, groups)
    # Twenty groups: the interval is the square root of five times as wide.
    assert high[0] - low[0] == pytest.approx(2 * 1.96 * 0.5 / np.sqrt(20), abs=0.06)


def test_interval_is_the_same_for_the_same_seed() -> None:
    values = np.linspace(0, 1, 40)[:, None]
    first, second = bootstrap(values, alone(40), seed=1), bootstrap(values, alone(40), seed=1)
    assert np.array_equal(first, second)


def test_one_question_has_no_interval() -> None:
    low, high = bootstrap(np.ones((1, 2)), ["a"])
    assert np.isnan([*low, *high]).all()


def test_five_wins_in_five_questions_happen_by_chance_once_in_sixteen_times() -> None:
    assert randomisation_p(np.full(5, 0.1), alone(5)) == pytest.approx(2 / 32)


def test_ties_tell_nothing() -> None:
    differences = np.array([0.1] * 5 + [0.0] * 20)
    assert randomisation_p(differences, alone(25)) == pytest.approx(2 / 32)
    assert randomisation_p(np.zeros(9), alone(9)) == 1


def test_many_wins_are_beyond_chance() -> None:
    assert randomisation_p(np.full(60, 0.1), alone(60)) == pytest.approx(1 / 10_001)


def test_wins_of_one_group_count_once() -> None:
    assert randomisation_p(np.full(60, 0.1), ["same"] * 60) == 1


def test_chance_alone_is_called_a_difference_about_once_in_twenty_times() -> None:
    generator = np.random.default_rng(7)
    called = sum(
        randomisation_p(generator.normal(size=40), alone(40), rounds=500) < 0.05 for _ in range(300)
    )
    assert 5 <= called <= 28


def test_holm_multiplies_by_the_number_of_tests_left() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []
