"""Filters as text, as values, and as what a path is held against."""

from datetime import date

import pytest

from indexer.errors import InvalidInput
from indexer.filters import NO_FILTERS, Filters, Near


def parsed(**fields: str | list[str]) -> Filters:
    return Filters.parse(
        {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
    )


def test_filters_that_are_not_filled_in_admit_everything() -> None:
    assert parsed(folder="", place=["", "  "], min_size=" ") == NO_FILTERS
    assert not NO_FILTERS
    assert parsed(language="RU") == Filters(languages=("ru",))
    assert parsed(language="ru")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2021-03-05", date(2021, 3, 5), date(2021, 3, 5)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2021-12", date(2021, 12, 1), date(2021, 12, 31)),
        ("1999", date(1999, 1, 1), date(1999, 12, 31)),
    ],
)
def test_dates_may_be_days_months_and_years_with_both_ends_counted(
    text: str, first: date, last: date
) -> None:
    assert parsed(after=text, before=text) == Filters(after=first, before=last)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("200kB", {"min_bytes": 200_000}),
        ("1.5 MiB", {"min_bytes": 1_572_864}),
        ("2 МБ", {"min_bytes": 2_000_000}),
        ("512", {"min_bytes": 512}),
        ("1920x1080", {"min_width": 1920, "min_height": 1080}),
        ("640 × 480", {"min_width": 640, "min_height": 480}),
        ("12MP", {"min_megapixels": 12.0}),
        ("0,3 Мп", {"min_megapixels": 0.3}),
    ],
)
def test_sizes_are_bytes_or_pixels(text: str, limits: dict[str, float]) -> None:
    assert parsed(min_size=text) == Filters(**limits)  # type: ignore[arg-type]


def test_several_smallest_sizes_must_all_hold() -> None:
    assert parsed(min_size=["1MB", "800x600", "2MB"]) == Filters(
        min_bytes=2_000_000, min_width=800, min_height=600
    )


def test_types_are_names_endings_and_media_types() -> None:
    found = parsed(type=["PDF", "docx", ".tar.gz", "image/*", "text/markdown", "photo"])
    assert found.types == ("pdf", ".docx", ".tar.gz", "image/*", "text/markdown", "photo")


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"after": "yesterday"}, "after: 'yesterday' is not a date"),
        ({"after": "2021-02-30"}, "after: '2021-02-30' is not a date"),
        ({"before": "0000"}, "before: '0000' is not a date"),
        ({"after": "2022", "before": "2021"}, "before: 2021-12-31 comes before 2022-01-01"),
        ({"after": ["2021", "2022"]}, "after: it is given twice"),
        ({"type": "documents"}, "type: 'documents' is unknown"),
        ({"type": "%"}, "type: '%' is unknown"),
        ({"type": "*/*"}, "type: '*/*' is unknown"),
        ({"place": "%_%"}, "place: '%_%' holds no word"),
        ({"camera": "'"}, 'camera: "\'" holds no word'),
        ({"language": "klingon"}, "language: 'klingon' is not a code"),
        ({"near": "Paris"}, "near: it is not three numbers"),
        ({"near": "91,0,5"}, "near: it is not a circle on the earth"),
        ({"near": "nan,0,5"}, "near: it is not a circle on the earth"),
        ({"near": "48,2,0.01"}, "near: it is not a circle on the earth"),
        ({"min_size": "big"}, "min_size: 'big' is not a size"),
        ({"min_size": "-5MB"}, "min_size: '-5MB' is not a size"),
        ({"max_size": "5MP"}, "max_size: '5MP' is not a size"),
        ({"min_size": "2MB", "max_size": "1MB"}, "max_size: 1000000 bytes are fewer"),
        ({"orientation": "diagonal"}, "orientation: 'diagonal' is unknown"),
        ({"folder": "/"}, "folder: '/' names no folder"),
        ({"folder": "a\x00b"}, "folder: it is longer than a value can be, or holds a null"),
        ({"place": "x" * 1001}, "place: it is longer than a value can be"),
        ({"place": [f"town {n}" for n in range(33)]}, "place: 33 values"),
        ({"colour": "red"}, "colour: no such filter"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_in_one_line(
    fields: dict[str, str | list[str]], line: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        parsed(**fields)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


def test_filters_are_written_as_they_are_read() -> None:
    assert Filters().fields() == {}
    whole = parsed(
        folder=["/a/b", "Дача"],
        type=["pdf", ".docx"],
        after="2019-07",
        before="2021",
        place="Paris",
        near="48.86,2.35,10",
        camera="Canon",
        language=["en", "ru"],
        min_size=["2MB", "1920x1080", "5.25MP"],
        max_size="3GiB",
        orientation="landscape",
    )
    assert Filters.parse(whole.fields()) == whole
    assert whole.fields()["before"] == ("2021-12-31",)


def test_values_made_in_code_are_checked_too() -> None:
    with pytest.raises(InvalidInput, match="orientation"):
        Filters(orientation="upside down")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="circle"):
        Near(latitude=0, longitude=200, km=5)


@pytest.mark.parametrize(
    ("folder", "inside", "outside"),
    [
        ("/a/b", ["/a/b", "/a/b/c.txt", "/a/b/d/e.txt"], ["/a/bc/x.txt", "/a/b.txt", "/x/a/b/c"]),
        ("/a/box.zip", ["/a/box.zip", "/a/box.zip!/c/d.txt"], ["/a/box.zip2", "/a/box.zi!/c"]),
        ("/a/box.zip!/", ["/a/box.zip!/c/d.txt"], ["/a/box"]),
        ("/a/box.zip!/c", ["/a/box.zip!/c/d.txt"], ["/a/box.zip!/cd.txt"]),
        ("/a/50%_off", ["/a/50%_off/x"], ["/a/50 per off/x", "/a/50%-off/x"]),
        ("2019", ["/p/2019/x.jpg", "/p/in.zip!/2019/x.jpg"], ["/p/2019x/x.jpg", "/p/x2019.jpg"]),
        ("Photos/Дача", ["/home/photos/Дача/1.jpg"], ["/photos/old/Дача/1.jpg", "/photos/дача/1"]),
        ("box.zip", ["/a/box.zip!/c.txt", "/a/box.zip"], ["/a/mybox.zip!/c.txt"]),
    ],
)
def test_a_folder_holds_what_lies_below_it(
    folder: str, inside: list[str], outside: list[str]
) -> None:
    filters = Filters(folders=(folder,))
    assert [path for path in inside if not filters.holds(path)] == []
    assert [path for path in outside if filters.holds(path)] == []
