"""How many follow-up questions are completed rightly, and how many others are left alone.

    python -m benchmarks.follow_ups

A completed question is right if its words, without those that carry no subject and in any form,
are those of the question that a person wrote in its place; "holds" counts those that have at least
these words.
"""

from collections.abc import Sequence

from indexer.analysis import STOP_WORDS, content_stems
from retriever.domain import Answer, Sentence, Turn
from retriever.followups import complete
from tests.retriever import follow_ups
from tests.retriever.follow_ups import FollowUp

# A standalone question that comes after any of these stays as it is.
_AFTER = {
    "en": FollowUp("How tall is the Eiffel Tower?", "The tower is 330 metres tall.", "", ""),
    "ru": FollowUp("Какова высота Эйфелевой башни?", "Высота башни 330 метров.", "", ""),
}


def turn(before: FollowUp) -> Turn:
    sentence = Sentence(text=before.answer, citations=(), supported=True)
    answer = Answer(
        question=before.before,
        refused=False,
        text=before.answer,
        sentences=(sentence,),
        citations=(),
        generator="by hand",
    )
    return Turn(id=1, question=before.before, answer=answer)


def subject(question: str) -> frozenset[str]:
    return frozenset(content_stems(question)) - STOP_WORDS


def completed(case: FollowUp) -> tuple[bool, bool]:
    """Whether its words are just those that were wanted, and whether they hold them."""
    found = subject(complete(case.question, [turn(case)]))
    wanted = subject(case.complete)
    return found == wanted, found >= wanted


def left_alone(question: str, language: str) -> bool:
    return complete(question, [turn(_AFTER[language])]) == question


def pair_left_alone(before: str, question: str) -> bool:
    return complete(question, [turn(FollowUp(before, before, "", ""))]) == question


def measure(
    language: str, name: str, cases: Sequence[FollowUp], others: Sequence[str] = ()
) -> None:
    results = [completed(case) for case in cases]
    right, holds = (sum(values) for values in zip(*results, strict=True))
    alone = sum(left_alone(question, language) for question in others)
    print(
        f"{language}, {name}: of {len(cases)} follow-ups {right} right, {holds} hold; "
        f"of {len(others)} others {alone} left alone"
    )
    for case, (is_right, _) in zip(cases, results, strict=True):
        if not is_right:
            print(f"  {case.question} -> {complete(case.question, [turn(case)])}")
            print(f"    wanted: {case.complete}")
    for question in others:
        if not left_alone(question, language):
            print(f"  not left alone: {complete(question, [turn(_AFTER[language])])}")


def main() -> None:
    measure("en", "first", follow_ups.FOLLOW_UPS_EN, follow_ups.STANDALONE_EN)
    measure("ru", "first", follow_ups.FOLLOW_UPS_RU, follow_ups.STANDALONE_RU)
    measure("en", "later", follow_ups.LATER_EN, follow_ups.LATER_STANDALONE_EN)
    measure("ru", "later", follow_ups.LATER_RU, follow_ups.LATER_STANDALONE_RU)
    measure("en", "everyday", follow_ups.EVERYDAY_EN)
    measure("ru", "everyday", follow_ups.EVERYDAY_RU)
    alone = sum(pair_left_alone(*pair) for pair in follow_ups.PAIRS)
    print(f"of {len(follow_ups.PAIRS)} questions after one of their kind {alone} left alone")


if __name__ == "__main__":
    main()
