"""The command as a user runs it: output, JSON, exit codes, one-line errors."""

import json
from pathlib import Path

import pytest

from tests.whole.conftest import SAMPLES, Sightline

pytestmark = pytest.mark.models

HIT = {"rank", "kind", "score", "document", "page", "box", "text", "caption", "thumbnail"}


def one_line_error(result: object, *words: str) -> None:
    assert getattr(result, "returncode", 0) == 1
    error = str(getattr(result, "stderr", ""))
    lines = [line for line in error.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert "Traceback" not in error
    for word in words:
        assert word in lines[0]


def test_second_run_says_that_nothing_is_to_do(sightline: Sightline) -> None:
    result = sightline("index", str(SAMPLES))
    assert result.returncode == 0
    assert "nothing to do" in result.stdout


def test_answer_shows_quote_number_page_and_file(sightline: Sightline) -> None:
    result = sightline("ask", "To what torque are the seat bolts tightened?")
    assert result.returncode == 0
    assert "4.5 newton metres" in result.stdout
    assert "[1]" in result.stdout
    assert "page 7" in result.stdout
    assert "chair_restoration_handbook.pdf" in result.stdout


def test_refusal_has_its_own_exit_code(sightline: Sightline) -> None:
    result = sightline("ask", "--json", "What is the capital of Mongolia?")
    assert result.returncode == 3
    assert json.loads(result.stdout)["refused"] is True


def test_search_prints_the_documented_json(sightline: Sightline) -> None:
    result = sightline("search", "--json", "-k", "3", "hide glue")
    body = json.loads(result.stdout)
    assert set(body) == {"query", "hits", "weak"}
    assert len(body["hits"]) == 3
    assert set(body["hits"][0]) >= HIT


def test_similar_takes_a_box(sightline: Sightline) -> None:
    photo = str(SAMPLES / "photos" / "cross_back_chair.jpg")
    result = sightline("similar", "--json", "-k", "2", "--box", "0.1,0.1,0.9,0.9", photo)
    assert [hit["kind"] for hit in json.loads(result.stdout)["hits"]] == ["crop", "crop"]


def test_status_models_and_doctor_speak_json(sightline: Sightline) -> None:
    status = json.loads(sightline("status", "--json").stdout)
    assert status["documents"] > 40
    assert set(status["models"]) == {"clip", "text", "reranker", "generator", "detector"}
    models = json.loads(sightline("models", "list", "--json").stdout)["models"]
    assert {"in use"} <= {model["state"] for model in models}
    doctor = sightline("doctor", "--json")
    assert doctor.returncode == 0
    assert json.loads(doctor.stdout)["healthy"] is True


def test_duplicates_are_listed(sightline: Sightline, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("The well was cleaned in May.")
    home = tmp_path / "home"
    indexed = sightline(
        "index", "--json", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), at=home
    )
    assert len(json.loads(indexed.stdout)["indexed"]) == 2
    groups = json.loads(sightline("duplicates", "--json", at=home).stdout)["groups"]
    paths = [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]
    assert groups == [{"identical": True, "paths": paths}]


def test_errors_are_one_line(sightline: Sightline, tmp_path: Path) -> None:
    one_line_error(sightline("index", "/no/such/folder"), "/no/such/folder", "check the spelling")
    one_line_error(sightline("search", "x", "-c", "nowhere"), "nowhere", "no such collection")
    one_line_error(sightline("status", SIGHTLINE_CHUNK_MAX_TOKEN="5"), "SIGHTLINE_CHUNK_MAX_TOKENS")
    one_line_error(sightline("status", SIGHTLINE_CHUNK_MAX_TOKENS="x"), "not a int")
    one_line_error(sightline("serve", "--host", "0.0.0.0"), "SIGHTLINE_WEB_PASSWORD")
    letter = tmp_path / "letter.jpg"
    letter.write_text("not a picture")
    one_line_error(sightline("similar", str(letter)), "the photo")
    taken = tmp_path / "file"
    taken.write_text("")
    assert sightline("status", at=taken).returncode == 2


def test_wrong_usage_exits_with_two(sightline: Sightline) -> None:
    assert sightline("search").returncode == 2
    assert sightline("similar", "--box", "1,2", "x.jpg").returncode == 2
