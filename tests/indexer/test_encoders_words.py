"""Words of the packaged picture encoder: Russian, kinds, look-alikes, colours they call up."""

import numpy as np
import pytest

from indexer.analysis import words
from indexer.encoders._class_notes import class_notes, classes_meant, data_lines, listed
from indexer.encoders._colours import TERMS, colours_meant
from indexer.encoders._russian import _lexicon, in_english, share_known


@pytest.mark.parametrize(
    ("russian", "english"),
    [
        ("Собака в воде держит во рту мяч.", "dog in water holding in mouth ball"),
        ("собаки", "dog"),
        ("детей", "children"),
        ("Двое мужчин на лодках", "two people man on boat"),
        ("воздушный шар в небе", "hot air balloon in sky"),
        ("золотистый ретривер", "Golden Retriever"),
        ("чёрно-белый кот", "black and white cat"),
        ("на поле", "field"),
        ("на полу", "floor"),
    ],
)
def test_russian_words_are_put_into_english_in_any_form(russian: str, english: str) -> None:
    assert in_english(russian) == english


def test_unknown_russian_words_are_left_out() -> None:
    assert in_english("кошка на квазаре") == "cat"
    assert in_english("квазар") == ""
    assert in_english("и в на под") == ""


def test_english_text_stays_as_it_is() -> None:
    assert in_english("A dog, and a cat!") == "A dog, and a cat!"
    assert in_english("iPhone у кошки") == "iphone at cat"


def test_the_share_of_known_words_tells_pictures_from_abstractions() -> None:
    assert share_known("a dog runs along the beach") == 1
    assert share_known("Красная машина на улице") == 1
    assert share_known("quarterly amortisation") == 0
    assert share_known("налоговая декларация") == 0
    assert share_known("налог на собаку") == pytest.approx(1 / 2)
    assert share_known("") == 0


def test_the_lexicon_covers_thousands_of_words() -> None:
    lexicon = _lexicon()
    assert len(lexicon.forms) > 5000
    assert all(english.isascii() for english, _ in data_lines("russian.txt"))
    assert all(russian == russian.lower() for _, russian in data_lines("russian.txt"))


def test_every_class_has_a_note_with_both_names() -> None:
    notes = class_notes()
    assert len(notes) == 1000
    assert all(note.names and note.told() for note in notes)
    unnamed = [note.names[0] for note in notes if not note.russian]
    assert unnamed == []
    assert notes[207].names[0] == "Golden Retriever"
    assert "dog" in notes[207].kind


def test_a_parent_means_all_its_kinds_and_a_name_its_class_most() -> None:
    dogs = classes_meant("a dog")
    assert np.linalg.norm(dogs) == pytest.approx(1, abs=1e-5)
    assert dogs[151:269].min() > 0
    assert int(classes_meant("a golden retriever").argmax()) == 207
    assert int(classes_meant("somebody climbing a rock").argmax()) == 972
    assert not classes_meant("quarterly amortisation").any()


def test_what_the_network_was_never_shown_is_looked_for_by_what_it_looks_like() -> None:
    antlers = set(np.argsort(-classes_meant("a caribou"))[:5].tolist())
    assert antlers <= {345, 349, 350, 351, 352, 353}


def test_looks_name_classes_and_colours_that_exist() -> None:
    for names, classes, colours in data_lines("looks.txt"):
        assert all(words(name) for name in listed(names))
        assert all(0 <= int(number) < 1000 for number in listed(classes))
        assert colours_meant(colours).any()


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("a bunch of cherries", "red"),
        ("children in the snow", "white"),
        ("a green apple", "green"),
        ("eine Wiese", ""),
        ("a wooden chair", "brown"),
    ],
)
def test_words_call_up_the_colours_of_things(text: str, colour: str) -> None:
    called = colours_meant(text)
    assert np.linalg.norm(called) <= 1 + 1e-5
    assert (TERMS[int(called.argmax())] if called.any() else "") == colour
