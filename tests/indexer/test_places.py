"""Degrees become the names of towns, as people would say them, in English and Russian."""

import pytest

from indexer.parsers import _places


@pytest.mark.parametrize(
    ("latitude", "longitude", "name", "name_ru"),
    [
        (48.8584, 2.2945, "Paris, Île-de-France, France", "Париж, Франция"),
        (55.7539, 37.6208, "Moscow, Russia", "Москва, Россия"),
        (59.9343, 30.3351, "Saint Petersburg, Russia", "Санкт-Петербург, Россия"),
        (40.758, -73.9855, "New York City, New York, United States", "Нью-Йорк, США"),
        (-33.8568, 151.2153, "Sydney, New South Wales, Australia", "Сидней, Австралия"),
    ],
)
def test_a_sight_lies_in_its_city(
    latitude: float, longitude: float, name: str, name_ru: str
) -> None:
    place = _places.nearest(latitude, longitude)
    assert place is not None
    assert (place.name, place.name_ru) == (name, name_ru)


@pytest.mark.parametrize(
    ("latitude", "longitude", "town"),
    [
        (48.8049, 2.1204, "Versailles"),
        (55.897, 37.43, "Khimki"),
        (52.4, 13.06, "Potsdam"),
        (59.88, 29.9, "Peterhof"),
    ],
)
def test_a_town_near_a_city_keeps_its_name(latitude: float, longitude: float, town: str) -> None:
    place = _places.nearest(latitude, longitude)
    assert place is not None
    assert place.town == town


def test_quarters_count_as_their_city() -> None:
    for latitude, longitude in ((48.8412, 2.3003), (48.8867, 2.3431), (48.8637, 2.2769)):
        place = _places.nearest(latitude, longitude)
        assert place is not None
        assert place.town == "Paris"


def test_far_from_towns_only_the_country_is_told() -> None:
    place = _places.nearest(63.0, 100.0)
    assert place is not None
    assert (place.name, place.name_ru) == ("Russia", "Россия")


@pytest.mark.parametrize(("latitude", "longitude"), [(40.0, -40.0), (-80.0, 0.0), (90.0, 0.0)])
def test_the_open_sea_and_the_poles_have_no_name(latitude: float, longitude: float) -> None:
    assert _places.nearest(latitude, longitude) is None


def test_distance_crosses_the_date_line() -> None:
    east, west = (_places.nearest(-16.85, longitude) for longitude in (179.99, -179.99))
    assert east is not None
    assert west is not None
    assert east.country == west.country == "Fiji"


def test_towns_are_found_by_english_and_russian_names() -> None:
    for name in ("Florence", "Флоренция", "FLORENCE"):
        place = _places.named(name, "Italy")
        assert place is not None
        assert (place.name, place.name_ru) == ("Florence, Tuscany, Italy", "Флоренция, Италия")


def test_of_towns_with_one_name_the_largest_in_the_country_is_meant() -> None:
    everywhere, there = _places.named("Paris"), _places.named("Paris", "US")
    assert everywhere is not None
    assert there is not None
    assert (everywhere.country, there.region) == ("France", "Texas")


def test_a_country_alone_is_known_by_name_or_code() -> None:
    for name in ("France", "Франция", "fr"):
        place = _places.named("", name)
        assert place is not None
        assert (place.name, place.name_ru) == ("France", "Франция")


@pytest.mark.parametrize(
    ("town", "country"), [("Xyzzy", ""), ("Paris", "Narnia"), ("", ""), ('"', ""), ("\\", "FR")]
)
def test_unknown_names_have_no_place(town: str, country: str) -> None:
    assert _places.named(town, country) is None


def test_the_russian_name_is_told_from_those_of_other_cyrillic_languages() -> None:
    # Names that data/towns.tsv does not have.
    for town, country, russian in (
        ("Düsseldorf", "DE", "Дюссельдорф"),
        ("Kaluga", "RU", "Калуга"),
        ("Bristol", "GB", "Бристоль"),
        ("Ravenna", "IT", "Равенна"),
    ):
        place = _places.named(town, country)
        assert place is not None
        assert place.town_ru == russian


def test_a_town_without_a_russian_name_tells_the_country_in_russian() -> None:
    place = _places.Place(country="France", town="Giverny", country_ru="Франция")
    assert place.name_ru == "Франция"
