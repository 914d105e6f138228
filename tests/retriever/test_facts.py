"""Facts are compared as values, not as they are written."""

import pytest

from retriever.facts import contradicts, counts_conflict, facts_of, held_in, numbers_in


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It cost 1,000 francs.", "Он стоил 1 000 франков."),
        ("1.4 bar", "1,4 бар"),
        ("1.40", "1.4"),
        ("on 12 March 2021", "12.03.2021"),
        ("March 12, 2021", "2021-03-12"),
        ("12 марта 2021 г.", "12 March 2021"),
        ("in the XIX century", "в 19 веке"),
        ("at 10:30", "в 10:30"),
        ("семь метров", "7 metres"),
        ("двенадцати", "twelve"),
    ],
)
def test_numbers_and_dates_are_values(one: str, other: str) -> None:
    assert numbers_in(one) == numbers_in(other) != frozenset()


def test_names_are_capitals_that_no_sentence_begins_with() -> None:
    assert facts_of("However, the boiler was serviced by Ada Brown.").names == {"ada", "brown"}
    assert facts_of("Ada Brown serviced it.").names == {"ada", "brown"}
    assert facts_of("Котёл проверил инженер Петров.").names == {"петр"}
    assert facts_of("The pump is old. It leaks in May 2021.").names == frozenset()


def test_declined_names_are_the_same_name() -> None:
    assert all(held_in(name, facts_of("Вызвали Петрова.").names) for name in facts_of(
        "Котёл проверен Петровым."
    ).names)  # fmt: skip
    assert not held_in("brown", {"green", "browning"} - {"browning"})


@pytest.mark.parametrize(
    ("claim", "evidence", "contrary"),
    [
        ("The valve must be opened.", "The valve must not be opened.", True),
        ("The valve must not be opened.", "The valve must be opened when cold.", True),
        ("The bridge is open in winter.", "The bridge is closed in winter.", True),
        ("The bridge is not open.", "The bridge is closed.", False),
        ("It was fitted before the war.", "It was fitted after the war.", True),
        ("Кран следует открывать.", "Кран нельзя открывать.", True),
        ("Кран нельзя открывать.", "Не следует открывать кран.", False),
        ("Давление выше нормы.", "Давление ниже нормы.", True),
        ("The boiler and the pump were serviced.", "Not only the boiler but the pump was.", False),
        ("The boiler was serviced.", "The boiler was serviced, though nobody asked for it.", False),
    ],
)
def test_denial_and_opposites_contradict(claim: str, evidence: str, contrary: bool) -> None:
    assert contradicts(claim, evidence) is contrary


def test_another_count_of_the_same_thing_conflicts() -> None:
    evidence = facts_of("The boiler of 12 March has 4 valves.")
    assert counts_conflict(facts_of("It has 12 valves."), evidence)
    assert not counts_conflict(facts_of("It has 4 valves."), evidence)
    assert counts_conflict(facts_of("У котла 12 клапанов."), facts_of("У котла 4 клапана."))
