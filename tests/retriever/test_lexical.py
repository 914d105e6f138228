"""Words of a query against the words of a corpus: forms, slips of the pen, identifiers."""

from collections import Counter
from collections.abc import Sequence

import pytest

from indexer.analysis import stems
from retriever.lexical import Exact, exact_parts, score, terms_of


def ranked(query: str, *texts: str) -> list[int]:
    """Texts by score, best first; those that share nothing are left out."""
    stored = {number: (stems(text), list[str]()) for number, text in enumerate(texts)}
    counts = Counter(stem for text, _ in stored.values() for stem in set(text))

    def vocabulary(prefix: str, limit: int) -> dict[str, int]:
        found = sorted(stem for stem in counts if stem.startswith(prefix))[:limit]
        return {stem: counts[stem] for stem in found}

    terms = terms_of(query, vocabulary, len(texts))
    mean = sum(len(text) for text, _ in stored.values()) / len(stored)
    scores = score(terms, stored, mean)
    return sorted((one for one in scores if scores[one]), key=lambda one: -scores[one])


OTHERS = ("A barn stands empty.", "Rain fell all night.", "Дождь шёл всю ночь.")


def test_a_russian_word_is_found_in_a_form_that_stemming_parts_from_it() -> None:
    assert stems("реакторный")[0] != stems("реактор")[0]
    assert ranked("реактор", *OTHERS, "Реакторный зал открыт.") == [3]


def test_the_word_itself_beats_its_kin() -> None:
    assert ranked("реактор", "Реакторный зал открыт.", "Реактор стоит рядом.", *OTHERS) == [1, 0]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("harbuor", "The harbour was quiet."),
        ("harbor", "The harbour was quiet."),
        ("пирпич", "Печь из кирпича."),
        ("электростанцыя", "Электростанция работает."),
    ],
)
def test_a_word_nobody_wrote_finds_its_nearest(query: str, text: str) -> None:
    found = ranked(query, *OTHERS, text)
    # The first letter is taken for right.
    assert found == ([] if query == "пирпич" else [3])


def test_a_word_that_someone_wrote_is_not_corrected() -> None:
    assert ranked("barn", "The bars are closed.", *OTHERS) == [1]


def test_numbers_stand_for_themselves() -> None:
    assert ranked("1998", "In 1997 it rained.", "In 1998 it rained.") == [1]
    assert ranked("12345", "Order 12346 is here.") == []


def test_a_star_stands_for_any_ending() -> None:
    assert ranked("ele*", "Electricity is cheap.", "The elections are over.", *OTHERS) == [0, 1]
    assert ranked("ele", "Electricity is cheap.", "The elections are over.", *OTHERS) == []


def test_words_side_by_side_beat_words_apart() -> None:
    apart = "The steam was gone when we came back to see the old engine house."
    near = "The house where we came back to see the old steam engine was gone."
    assert ranked("steam engine", apart, near) == [1, 0]


def test_a_word_of_the_title_counts_but_less() -> None:
    terms = terms_of("barn", lambda prefix, _: {"barn": 2} if prefix == "barn" else {}, 10)
    scores = score(terms, {1: (["barn"], []), 2: (["door"], ["barn"]), 3: (["door"], [])}, 1.0)
    assert scores[1] > scores[2] > scores[3] == 0


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("status of ZX-48213-QP please", ["ZX-48213-QP"]),
        ("договор № 17/34-Б от мая", ["17/34-Б"]),
        ("EN 60335 and x7.3", ["60335", "x7.3"]),
        ("open inv_2024_17", ["inv_2024_17"]),
        ("what does maxDepth do", ["maxDepth"]),
        ("who wrote KJQT", ["KJQT"]),
        ("what happened in 1998", []),
        ("Who was Mr Smith-Jones?", []),
        ("", []),
    ],
)
def test_identifiers_are_told_from_words(text: str, parts: list[str]) -> None:
    assert [part.text for part in exact_parts(text)] == parts


def test_what_is_quoted_must_stand_so() -> None:
    parts = exact_parts('the "red door" and «старый дом» of A-1')
    assert [(part.text, part.quoted) for part in parts] == [
        ("red door", True),
        ("старый дом", True),
        ("A-1", False),
    ]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("Order AB-1234 came.", True),
        ("order ab-1234", True),
        ("Order AB 1234 came.", False),
        ("Order AB-12345 came.", False),
        ("Order XAB-1234 came.", False),
    ],
)
def test_an_identifier_stands_alone_and_letter_by_letter(text: str, holds: bool) -> None:
    assert Exact("AB-1234", quoted=False).stands_in(text) is holds


def test_nothing_asked_scores_nothing() -> None:
    empty: Sequence[str] = ()
    assert score([], {1: (empty, empty)}, 0.0) == {1: 0.0}
