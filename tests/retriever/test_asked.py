import pytest

from retriever.asked import cannot_answer, fits, highlights


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("How many tackles did he have?", "He led with 118 tackles in 2015.", "118 tackles"),
        ("When was the mill built?", "The mill was built in March 1911 by Olsen.", "March 1911"),
        ("В каком году построили мельницу?", "Мельницу построили в 1911 году.", "1911 году"),
        ("Who designed the bridge?", "The bridge was drawn by Anna Holm.", "Anna Holm"),
        ("Кто построил мост?", "Мост построил инженер Пётр Ильин.", "Пётр Ильин"),
        ("What does the CS-40 cost?", "Fitting: 2,140 pounds.", "2,140 pounds"),
        ("How much does it cost?", "It costs $1,250 with tax.", "$1,250"),
        (
            "What does the cyclone separator cost?",
            "Two offers were compared; the meeting chose the CS-40 at 2,140 pounds.",
            "2,140 pounds",
        ),
        ("Сколько стоит насос?", "Три насоса КС-40 по 900 рублей за штуку.", "900 рублей"),
        ("Сколько мячей он перехватил?", "Он перехватил четыре мяча.", "четыре мяча"),
    ],
)
def test_stretch_that_answers_is_found(question: str, text: str, answer: str) -> None:
    assert answer in [text[start:end] for start, end in highlights(question, text)]
    assert fits(question, text)


def test_nothing_is_highlighted_where_the_kind_is_not_told() -> None:
    assert highlights("Why did the mill close?", "It closed in 1911 after a fire.") == ()


def test_what_the_question_says_itself_is_no_answer() -> None:
    assert not fits("Who was Anna Holm?", "Some say that Anna Holm was kind.")
    assert not fits("What number follows 1911?", "It was 1911.")


def test_number_of_a_part_is_no_amount() -> None:
    assert not fits("How much does the fan weigh?", "The fan CS-40 is light.")
    assert fits("How long is it?", "It took 12-14 days.")
    assert fits("How fast is it?", "It reached mid-90 km/h.")


def test_of_several_amounts_the_one_nearest_to_the_question_is_taken() -> None:
    text = "In 1998 the 12 members met; the pump moves 340 litres an hour."
    spans = highlights("How many litres does the pump move?", text)
    assert [text[start:end] for start, end in spans] == ["340 litres"]


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("What is the telephone number of the mill?", "The mill opens at 10:00 in 2019.", True),
        ("What is the telephone number of the mill?", "Call the mill: +44 1983 873655.", False),
        ("Какой телефон у мельницы?", "Мельница открыта с 10:00.", True),
        ("What is Anna's e-mail address?", "Write to anna@example.org.", False),
        ("Who invented the telephone?", "Bell did.", False),
    ],
)
def test_text_without_a_number_to_call_does_not_tell_it(
    question: str, text: str, lacks: bool
) -> None:
    assert cannot_answer(question, text) is lacks
