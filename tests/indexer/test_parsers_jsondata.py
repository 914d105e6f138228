"""JSON: every value is read with the path to it, lists of like objects as tables."""

import json
from pathlib import Path

import pytest

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import jsondata
from indexer.settings import ParserSettings

SETTINGS = ParserSettings()


def parsed(folder: Path, content: object, name: str = "data.json") -> ParsedDocument:
    path = folder / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return jsondata.parse(path, SETTINGS)


def lines(document: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for page in document.pages for block in page.blocks]


def test_values_are_lines_with_their_path(tmp_path: Path) -> None:
    content = (
        '{"name": "Гавань", "price": 1.10, "big": 12345678901234567890123, "open": true, '
        '"none": null, "tags": ["a", "b"], "address": {"city": {"name": "Псков"}}}'
    )
    document = parsed(tmp_path, content)
    assert document.header.title == "Гавань"
    assert lines(document) == [
        (
            "paragraph",
            "name: Гавань\nprice: 1.10\nbig: 12345678901234567890123\nopen: true\n"
            "tags: a, b\naddress.city.name: Псков",
        )
    ]


def test_lists_of_like_objects_are_tables_under_their_path(tmp_path: Path) -> None:
    boats = [{"name": "Чайка", "size": {"m": 7}}, {"name": "Ann", "size": {"m": 9}, "old": True}]
    assert lines(parsed(tmp_path, {"fleet": {"boats": boats}})) == [
        ("heading", "fleet.boats"),
        ("table", "name | size.m | old\nЧайка | 7\nAnn | 9 | true"),
    ]


def test_header_row_starts_every_piece_of_a_long_table(tmp_path: Path) -> None:
    rows = [{"name": f"n{number}", "size": number} for number in range(100)]
    pieces = [text.split("\n") for _, text in lines(parsed(tmp_path, rows))]
    assert {piece[0] for piece in pieces} == {"name | size"}
    assert sum(len(piece) - 1 for piece in pieces) == 100


def test_long_or_unlike_objects_are_read_one_by_one_under_their_titles(tmp_path: Path) -> None:
    articles = [
        {"title": "First", "body": "long " * 100, "notes": [{"by": "Ann"}]},
        {"title": "Second", "other": 1},
    ]
    found = lines(parsed(tmp_path, articles))
    assert found[0] == ("heading", "First")
    assert found[1][1].startswith("title: First\nbody: long long")
    assert found[2:] == [
        ("heading", "notes"),
        ("paragraph", "by: Ann"),
        ("heading", "Second"),
        ("paragraph", "title: Second\nother: 1"),
    ]


def test_lists_of_lists_are_rows(tmp_path: Path) -> None:
    assert lines(parsed(tmp_path, [["a", "b"], ["c", 2]])) == [("table", "a | b\nc | 2")]


def test_each_line_may_be_a_document(tmp_path: Path) -> None:
    content = '{"a": 1, "b": "x"}\n\n{"a": 2, "b": "y"}\n'
    for name in ("data.jsonl", "data.json"):
        assert lines(parsed(tmp_path, content, name)) == [("table", "a | b\n1 | x\n2 | y")]


def test_faulty_lines_are_kept_and_counted(tmp_path: Path) -> None:
    document = parsed(tmp_path, '{"a": 1}\nnot this\n{"a": 2}\n', "data.ndjson")
    assert document.header.warnings == ("1 lines are not valid JSON; they are read as plain text",)
    assert ("paragraph", "not this") in lines(document)


@pytest.mark.parametrize("content", ['{"a": 1,}', "// note\n{}", '{"cut": ["here', "[" * 5000])
def test_what_is_no_json_is_read_as_text(tmp_path: Path, content: str) -> None:
    document = parsed(tmp_path, content)
    assert "plain text" in document.header.warnings[0]
    assert "".join(text for _, text in lines(document)) == content


def test_depth_does_not_lose_values(tmp_path: Path) -> None:
    for content in ('{"a":' * 300 + '"deep"' + "}" * 300, "[" * 300 + '"deep"' + "]" * 300):
        assert "deep" in str(lines(parsed(tmp_path, content)))


def test_geometry_is_told_in_words(tmp_path: Path) -> None:
    shapes = [
        {"type": "Point", "coordinates": [28.3, 57.8]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2]], [[5, 5], [6, 6]]]},
    ]
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": shape}
        for name, shape in zip(("Псков", "Oslo"), shapes, strict=True)
    ]
    document = parsed(
        tmp_path, {"type": "FeatureCollection", "features": features}, "places.geojson"
    )
    assert lines(document) == [
        ("paragraph", "type: FeatureCollection"),
        ("heading", "features"),
        (
            "table",
            "type | properties.name | geometry\nFeature | Псков | Point 28.3, 57.8\n"
            "Feature | Oslo | Polygon of 5 points",
        ),
    ]


def test_long_lists_of_numbers_are_shortened_and_long_lists_of_words_are_not(
    tmp_path: Path,
) -> None:
    words = [f"word{number}x" for number in range(30)]
    found = lines(parsed(tmp_path, {"vector": [0.5] * 768, "words": words}))[0][1]
    assert "… (768 numbers)" in found
    assert ", ".join(words) in found


def test_broken_characters_do_not_leave_the_parser(tmp_path: Path) -> None:
    text = "".join(text for _, text in lines(parsed(tmp_path, r'{"a": "x\ud800y\u0000z"}')))
    assert text == "a: x y z"
    text.encode()


def test_more_values_than_allowed_are_left_out_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsondata, "MAX_CELLS", 30)
    rows = "".join(f'{{"number": {number}}}\n' for number in range(50))
    document = parsed(tmp_path, rows, "data.jsonl")
    assert document.header.warnings == ("only the first 30 lines are read",)
    assert "29" in lines(document)[0][1]


@pytest.mark.parametrize("content", ["{}", "[]", "null", '""'])
def test_files_without_values_are_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnreadableDocument, match="no text"):
        parsed(tmp_path, content)
