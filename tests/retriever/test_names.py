import pytest

from retriever.names import missing, names_of


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How many sacks did Jared Allen have in 2015?", ("jared", "allen", "2015")),
        ("Какова высота Эйфелевой башни?", ("эйфелевой",)),
        ("When was the boiler cleaned?", ()),
        ("Boilers: When are they due? The EN-1090 ones.", ("en", "1090")),
        ("What does ARPANET stand for?", ("arpanet",)),
    ],
)
def test_names_are_capitals_inside_a_sentence_and_words_with_digits(
    question: str, names: tuple[str, ...]
) -> None:
    assert names_of(question) == names


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tesla's", "Tesla left the company."),
        ("эйфелевой", "Эйфелева башня стоит в Париже."),
        ("carslbad", "San Diego and Carlsbad"),
        ("2015", "in 2015"),
    ],
)
def test_name_is_there_in_any_form_and_with_a_slip_of_the_pen(name: str, text: str) -> None:
    assert missing((name,), text) == 0


@pytest.mark.parametrize(
    ("name", "text"), [("2015", "in 2016"), ("ostankino", "the Eiffel Tower"), ("umc", "the club")]
)
def test_other_names_and_numbers_do_not_stand_for_it(name: str, text: str) -> None:
    assert missing((name,), text) == 1


def test_share_of_names_that_a_text_lacks() -> None:
    assert missing(("graham", "twigg"), "Twigg proposes") == 0.5
    assert missing((), "anything") == 0


def test_initials_stand_for_the_words_and_these_for_them() -> None:
    assert missing(("umc",), "The United Methodist Church met in 2012.") == 0
    assert missing(("united", "states"), "Iran is no ally of the U.S. today.") == 0
    assert missing(("мгу",), "Московский Государственный Университет") == 0
    assert missing(("umc",), "The United Church met in 2012.") == 1
