import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.analysis import content_stems, language_of, sentence_spans, stem, stems


@pytest.mark.parametrize(
    ("one", "other"),
    [("chairs", "chair"), ("реставрации", "реставрация"), ("Ёлка", "елка"), ("naïve", "naive")],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stems(one) == stems(other)


@pytest.fixture
def restless_threads() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless_threads")
def test_threads_do_not_spoil_each_others_stems() -> None:
    starts = ("nation", "hope", "oper", "sens", "relat", "cert")
    ends = ("alization", "fulness", "ational", "ibility", "iveness", "ously", "ed")
    many = [f"{a}{b}{c}ings" for a in starts for b in ends for c in "bcdfgklmnprst"]
    stem.cache_clear()
    alone = [stem(word) for word in many]
    for _ in range(5):
        stem.cache_clear()
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(stem, many)) == alone


def test_short_i_survives_folding() -> None:
    assert stems("йод") == ["йод"]


def test_each_word_of_mixed_text_is_stemmed_in_its_language() -> None:
    assert stems("running бегущие") == ["run", "бегущ"]


def test_language_follows_most_letters() -> None:
    assert language_of("The Москва river") == "en"
    assert language_of("река Moscow в городе") == "ru"
    assert language_of("12 — 34") == ""


def test_query_of_stop_words_alone_keeps_them() -> None:
    assert content_stems("what is it") == ["what", "is", "it"]
    assert content_stems("what is the boiler pressure") == ["boiler", "pressur"]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_abbreviations_initials_and_decimals_do_not_end_a_sentence() -> None:
    text = "Dr. J. Smith paid 3.50 euros, e.g. for glue. He left."
    assert sentences(text) == ["Dr. J. Smith paid 3.50 euros, e.g. for glue.", "He left."]


def test_russian_sentences_end_where_a_reader_ends_them() -> None:
    text = "Дом построен в 1905 г. архитектором А. С. Ивановым. Он цел! «Да», — сказал сторож."
    assert sentences(text) == [
        "Дом построен в 1905 г. архитектором А. С. Ивановым.",
        "Он цел!",
        "«Да», — сказал сторож.",
    ]


def test_blank_line_ends_a_sentence_and_single_line_break_does_not() -> None:
    assert sentences("A title\n\nOne line\ngoes on.") == ["A title", "One line\ngoes on."]
