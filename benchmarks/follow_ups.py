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


def measure(language: str, name: str, cases: Sequence[FollowUp], others: Sequence[str]) -> None:
    results = [completed(case) for case in cases]
    right, holds = (sum(values) / len(cases) for values in zip(*results, strict=True))
    alone = sum(left_alone(question, language) for question in others) / len(others)
    print(
        f"{language}, {name}: {len(cases)} follow-ups: right {right:.2f}, holds {holds:.2f}; "
        f"{len(others)} others: left alone {alone:.2f}"
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


if __name__ == "__main__":
    main()
