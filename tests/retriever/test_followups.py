"""Questions that lean on the one before are completed; others are left as they are."""

from dataclasses import replace

import pytest

from benchmarks.follow_ups import completed, left_alone, pair_left_alone, turn
from indexer.domain import BoundingBox
from retriever.domain import Answer, Citation, DocumentRef, ItemKey, Turn
from retriever.followups import complete
from tests.retriever import follow_ups
from tests.retriever.follow_ups import FollowUp

FIRST = {"en": follow_ups.FOLLOW_UPS_EN, "ru": follow_ups.FOLLOW_UPS_RU}
LATER = {
    "en": follow_ups.LATER_EN + follow_ups.EVERYDAY_EN,
    "ru": follow_ups.LATER_RU + follow_ups.EVERYDAY_RU,
}
STANDALONE = {
    "en": follow_ups.STANDALONE_EN + follow_ups.LATER_STANDALONE_EN,
    "ru": follow_ups.STANDALONE_RU + follow_ups.LATER_STANDALONE_RU,
}
TOWER = turn(FollowUp("How tall is the Eiffel Tower?", "It is 330 metres tall.", "", ""))


def share(cases: tuple[FollowUp, ...]) -> float:
    return sum(completed(case)[0] for case in cases) / len(cases)


@pytest.mark.parametrize(("language", "least"), [("en", 0.95), ("ru", 0.95)])
def test_follow_ups_become_what_a_person_would_ask(language: str, least: float) -> None:
    assert share(FIRST[language]) >= least


@pytest.mark.parametrize(("language", "least"), [("en", 0.9), ("ru", 0.75)])
def test_follow_ups_of_a_later_day_do_too(language: str, least: float) -> None:
    assert share(LATER[language]) >= least


@pytest.mark.parametrize("language", ["en", "ru"])
def test_questions_that_stand_by_themselves_are_left_alone(language: str) -> None:
    assert [each for each in STANDALONE[language] if not left_alone(each, language)] == []


def test_a_question_after_one_of_its_kind_is_left_alone() -> None:
    assert [pair for pair in follow_ups.PAIRS if not pair_left_alone(*pair)] == []


def test_the_first_question_is_as_it_was_asked() -> None:
    assert complete("When was it built?", []) == "When was it built?"


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("When was it built?", "When was the Eiffel Tower built?"),
        ("What about Big Ben?", "How tall is Big Ben?"),
        ("Why?", "Why is the Eiffel Tower tall?"),
        ("Tell me more", "Tell me more about the Eiffel Tower?"),
    ],
)
def test_a_completed_question_reads_well(question: str, whole: str) -> None:
    assert complete(question, [TOWER]) == whole


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("Где родился Лев Толстой?", "А когда он умер?", "Когда Лев Толстой умер?"),
        ("Когда построили Эйфелеву башню?", "Какова её высота?", "Какова высота Эйфелевой башни?"),
        ("Сколько стоит билет в Эрмитаж?", "А в Русский музей?",
         "Сколько стоит билет в Русский музей?"),
        ("Где находится Зимний дворец?", "Кто в нём жил?", "Кто в Зимнем дворце жил?"),
    ],
)  # fmt: skip
def test_russian_words_take_the_case_of_the_pronoun(before: str, question: str, whole: str) -> None:
    assert complete(question, [turn(FollowUp(before, "Ответ.", "", ""))]) == whole


def test_a_chain_of_follow_ups_keeps_to_its_subject() -> None:
    first = complete("And in 1990?", [
        turn(FollowUp("How many people lived in Berlin in 1980?", "Three million.", "", ""))
    ])  # fmt: skip
    second = replace(TOWER.answer, question="And in 1990?", searched=first)
    third = complete("And in 2000?", [Turn(id=2, question="And in 1990?", answer=second)])
    assert third == "How many people lived in Berlin in 2000?"


def test_only_the_last_question_counts() -> None:
    history = [
        turn(FollowUp("Where is the boiler?", "In the cellar.", "", "")),
        TOWER,
    ]
    assert complete("When was it built?", history) == "When was the Eiffel Tower built?"


def test_where_the_question_names_nothing_the_cited_document_stands_in() -> None:
    place = BoundingBox.whole()
    manual = DocumentRef(
        id="m", path="/m.pdf", title="Alder 300", media_type="application/pdf", collection="main"
    )
    citation = Citation(
        n=1, key=ItemKey("chunk", 1), document=manual, page=1, box=place, boxes=(place,), quote="x"
    )
    answer = Answer(
        question="", refused=False, text="x", sentences=(), citations=(citation,), generator="q"
    )
    history = [Turn(id=1, question="", answer=answer)]
    assert complete("How heavy is it?", history) == "How heavy is Alder 300?"
    assert complete("Сколько он весит?", history) == "Сколько Alder 300 весит?"


def test_any_question_may_follow_any_other() -> None:
    """Whatever comes out is text of a bounded length, and the same every time."""
    cases = [case for group in (*FIRST.values(), *LATER.values()) for case in group]
    odd = ["", "?", "и", "and", "— а?", "«", "it", "это", "(((", "А" * 2000, "it " * 600]
    questions = [case.question for case in cases][::3] + odd
    for case in cases[::3]:
        for question in questions:
            found = complete(question, [turn(case)])
            assert len(found) <= max(300, len(question))
            assert complete(question, [turn(case)]) == found
    for before in odd:
        for question in questions:
            complete(question, [turn(FollowUp(before, before, "", ""))])
