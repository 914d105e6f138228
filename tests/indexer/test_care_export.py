import base64
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.care.export import export, export_file
from indexer.domain import Recognition
from indexer.errors import InvalidInput, NotFound
from indexer.library import Library
from indexer.pipeline import index_paths
from tests.fakes import HashEncoder
from tests.indexer.care import fill, open_library
from tests.indexer.test_catalog import CLIP, TEXT, document


def lines_of(library: Library, **options: Any) -> list[dict[str, Any]]:
    target = io.BytesIO()
    count = export(library, target, **options)
    lines = [json.loads(line) for line in target.getvalue().splitlines()]
    assert len(lines) == count
    return lines


def test_every_document_is_a_line_with_pages_passages_and_pictures(tmp_path: Path) -> None:
    with open_library(tmp_path / "home") as library:
        note, other, kept = fill(library, tmp_path / "notes", "The barn is red.", "Колодец.")
        first, second = lines_of(library)
    assert {first["path"], *first["copies"]} == {str(note), str(kept)}
    assert (second["path"], second["copies"]) == (str(other), [])
    assert first["metadata"] == {"author": "Ada"}
    assert first["warnings"] == ["one page has no text"]
    assert (first["collection"], first["type"], first["format"]) == ("main", "text/plain", 1)
    assert second["pages"] == [
        {"number": 1, "width": 1.0, "height": 2.0, "text": "whole page", "recognition": None}
    ]
    assert second["chunks"] == [
        {
            "ordinal": 0,
            "page": 1,
            "kind": "paragraph",
            "language": "en",
            "headings": ["Top"],
            "text": "Колодец.",
            "spans": [[0, 8, [0.1, 0.2, 0.6, 0.3]]],
        }
    ]
    assert second["crops"] == [
        {"ordinal": 0, "page": 1, "kind": "photo", "box": [0.1, 0.2, 0.6, 0.3], "caption": "barn"}
    ]


def test_vectors_come_bit_for_bit_under_the_name_of_their_space(tmp_path: Path) -> None:
    with open_library(tmp_path / "home") as library:
        fill(library, tmp_path / "notes", "The barn is red.")
        (line,) = lines_of(library, vectors=True)
    (chunk,) = line["chunks"]
    assert set(chunk["vectors"]) == {TEXT.space.name, CLIP.space.name}
    vector = np.frombuffer(base64.b64decode(chunk["vectors"][TEXT.space.name]), "<f4")
    np.testing.assert_array_equal(vector, HashEncoder().encode_passages(["The barn is red."])[0])
    assert set(line["crops"][0]["vectors"]) == {CLIP.space.name, CLIP.image_space.name}


def test_recognised_pages_say_how_they_were_read_and_no_place_is_told(tmp_path: Path) -> None:
    with open_library(tmp_path / "home") as library:
        catalog = library.catalog
        collection = catalog.ensure_collection("main", TEXT, CLIP, encoders=("fake", "fake"))
        new = document("scan", "The barn is red.")
        (page,) = new.pages
        read = Recognition(engine="tesseract eng", confidence=0.87, angle=90.0)
        details = {"latitude": "48.85", "longitude": "2.35", "camera": "X100"}
        catalog.add_document(
            collection,
            replace(
                new,
                pages=[replace(page, recognition=read)],
                document=replace(new.document, metadata=details),
            ),
        )
        (line,) = lines_of(library)
    assert line["pages"][0]["recognition"] == {
        "engine": "tesseract eng", "confidence": 0.87, "angle": 90.0
    }  # fmt: skip
    assert line["metadata"] == {"camera": "X100"}


def test_a_real_archive_is_exported_whole(library: Library, archive: Path) -> None:
    index_paths(library, [archive], "main")
    lines = lines_of(library)
    assert {Path(line["path"]).name for line in lines} == {
        "boiler.md", "garden.txt", "дача.txt", "barn.png", "lake.jpg"
    }  # fmt: skip
    counts = library.catalog.counts()
    assert sum(len(line["chunks"]) for line in lines) == counts.chunks
    assert sum(len(line["crops"]) for line in lines) == counts.crops
    assert all(len(line["pages"]) == line["page_count"] for line in lines)


def test_one_collection_is_exported_alone(tmp_path: Path) -> None:
    with open_library(tmp_path / "home") as library:
        fill(library, tmp_path / "notes", "The barn is red.")
        library.catalog.ensure_collection("empty", TEXT, CLIP, encoders=("fake", "fake"))
        assert lines_of(library, collection_name="empty") == []
        assert len(lines_of(library, collection_name="main")) == 1
        with pytest.raises(NotFound, match="no such collection"):
            lines_of(library, collection_name="nowhere")


def test_an_export_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text("precious")
    with pytest.raises(InvalidInput, match="add --force"), export_file(path, force=False):
        pass

    def break_off() -> None:
        with export_file(path, force=True) as target:
            target.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(InvalidInput, match="No space left on device"):
        break_off()
    assert path.read_text() == "precious"
    with export_file(path, force=True) as target:
        target.write(b"whole")
    assert [each.read_text() for each in tmp_path.iterdir()] == ["whole"]
