import pytest

from indexer.analysis import content_stems
from retriever.support import StemWeights, Support, SupportThresholds

CUTS = SupportThresholds(
    logit=2.0, logit_with_coverage=-2.0, coverage_with_logit=0.5, coverage_alone=0.4
)


def support(logits: tuple[float, ...] | None, *coverages: float) -> bool:
    return Support(logits=logits, coverages=coverages, thresholds=CUTS).supported


def test_rare_stems_weigh_more_than_common_ones() -> None:
    weights = StemWeights.of({"boiler": 1, "hous": 900}, 1000)
    assert weights.coverage("the boiler") > 0.8 > 0.3 > weights.coverage("a house")
    assert weights.coverage("The boilers of houses") == pytest.approx(1)


def test_stem_that_no_passage_holds_lowers_the_coverage() -> None:
    weights = StemWeights.of({"boiler": 5, "zeppelin": 0}, 1000)
    assert weights.coverage("boiler") < 0.5


def test_question_without_content_is_never_covered() -> None:
    assert StemWeights.of({}, 10).coverage("anything") == 0


def test_question_words_do_not_count_as_subject() -> None:
    assert content_stems("Сколько лет дому?") == ["лет", "дом"]


def test_high_logit_supports_and_low_one_does_not() -> None:
    assert support((2.5, -9.0), 0.0, 0.0)
    assert not support((1.0,), 0.3)


def test_middling_logit_supports_only_with_coverage_of_the_same_passage() -> None:
    assert support((0.0,), 0.6)
    assert not support((0.0, -8.0), 0.2, 0.9)


def test_without_a_reranker_coverage_decides() -> None:
    assert support(None, 0.1, 0.41)
    assert not support(None, 0.39)
    assert not support(None)


def test_passage_about_another_name_does_not_answer() -> None:
    def answered(logit: float, missing: float) -> bool:
        return Support(
            logits=(logit,), coverages=(0.9,), missing=(missing,), thresholds=CUTS
        ).supported

    assert answered(2.5, 0.0)
    assert not answered(2.5, 0.5)
    assert not answered(9.0, 1.0)
    assert answered(3.5, 0.5)


def test_missing_name_outweighs_coverage_where_no_reranker_judges() -> None:
    assert Support(logits=None, coverages=(0.6,), missing=(0.0,), thresholds=CUTS).supported
    assert not Support(logits=None, coverages=(0.6,), missing=(1.0,), thresholds=CUTS).supported


def test_inflected_russian_words_count_almost_as_the_words_themselves() -> None:
    weights = StemWeights.of({"помеча": 1}, 100)
    assert 0.7 < weights.coverage("пакет помечен") < 1
