"""The commands that look after a home, as a user gives them."""

import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from indexer.library import Library
from indexer.settings import PREFIX
from tests.fakes import ColourEncoder, HashEncoder
from tests.indexer.care import fill, open_library, state_of
from web.cli import main


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Sightline = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with open_library(tmp_path / "home") as library:
        fill(library, tmp_path / "notes", "The barn is red.", "The lake is deep.")
        library.indexes.save(library.catalog.collections())
    return tmp_path / "home"


@pytest.fixture
def sightline(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Sightline:
    """Run a command in this process, with encoders that need no weights."""
    fakes = partial(Library, load_text=lambda _: HashEncoder(), load_clip=lambda _: ColourEncoder())
    monkeypatch.setattr("web.care_commands.Library", fakes)
    monkeypatch.setattr("retriever.health.verify_reranker", lambda _: "fake")
    monkeypatch.setenv(f"{PREFIX}PARSER_OCR_ENGINE", "off")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object, at: Path = home) -> Ran:
        monkeypatch.setattr(sys, "argv", ["sightline", "--home", str(at), *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return run


def one_line_error(ran: Ran, *words: str) -> None:
    assert ran.code == 1
    assert ran.out == ""
    (line,) = ran.err.splitlines()
    assert line.startswith("error: ")
    for word in words:
        assert word in line


def damage(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "catalog.sqlite")) as connection, connection:
        connection.execute(statement)


def test_backup_and_restore_bring_a_home_to_another_place(
    sightline: Sightline, home: Path, tmp_path: Path
) -> None:
    file, other = tmp_path / "copy.tar.gz", tmp_path / "other"
    made = sightline("backup", file)
    assert made.code == 0
    assert "2 documents and 1 uploads" in made.out
    assert "written and checked" in made.out
    checked = json.loads(sightline("restore", "--check", "--json", file).out)
    assert (checked["documents"], checked["uploads"]) == (2, 1)
    restored = sightline("restore", file, at=other)
    assert restored.code == 0
    assert f"restored to {other}" in restored.out
    assert state_of(other) == state_of(home)
    # The index was built with it, so that no search has to.
    assert list((other / "index").glob("*.index"))


def test_mistakes_with_backups_are_one_line(
    sightline: Sightline, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "copy.tar"
    assert sightline("backup", file).code == 0
    one_line_error(sightline("backup", file), "copy.tar", "it exists", "--force")
    one_line_error(sightline("backup", tmp_path / "copy.zip"), "suffix", ".tar.gz")
    one_line_error(sightline("restore", file), str(home), "not empty", "--force")
    one_line_error(sightline("backup", tmp_path / "b.tar", at=tmp_path / "empty"), "no catalogue")
    file.write_bytes(file.read_bytes()[:-20])
    one_line_error(sightline("restore", file, "--force"), "copy.tar", "no backup")
    assert sightline("restore", tmp_path / "nowhere.tar").code == 2
    with open_library(home):
        assert sightline("backup", file, "--force").code == 0
        one_line_error(sightline("restore", file, "--force"), "another program is using it")


def test_doctor_reports_first_and_repairs_when_asked(sightline: Sightline, home: Path) -> None:
    assert sightline("doctor").code == 0
    damage(home, "DELETE FROM chunk_text WHERE rowid = 1")
    (home / "index" / "x.index.1.part").write_bytes(b"")
    report = sightline("doctor")
    assert report.code == 1
    assert "problem  catalogue: 1 entries of the full text are wrong" in report.out
    assert "run: sightline doctor --repair" in report.out
    assert "note     leftovers: 1 files that nothing needs" in report.out
    assert (home / "index" / "x.index.1.part").exists()
    repaired = sightline("doctor", "--repair")
    assert repaired.code == 0
    assert "repaired full text of passages: 1 entered" in repaired.out
    assert "repaired removed 1 unfinished or damaged files" in repaired.out
    assert "ok       catalogue: sound, 2 documents" in repaired.out


def test_doctor_json_lists_findings_and_what_was_repaired(sightline: Sightline, home: Path) -> None:
    damage(home, "DELETE FROM embedding WHERE chunk_id = 1")
    report = json.loads(sightline("doctor", "--json", "--repair").out)
    assert report["repaired"] == ["marked 1 incomplete documents to be read again"]
    assert report["healthy"] is False
    findings = {each["subject"]: each for each in report["findings"]}
    assert set(findings) == {
        "catalogue", "uploads", "runs", "leftovers", "index", "files", "text encoder",
        "clip encoder", "reranker", "answers", "text in pictures", "parsers", "sqlite",
        "disk",
    }  # fmt: skip
    assert findings["catalogue"]["advice"] == "run sightline index on their folder"
    assert findings["sqlite"]["ok"] is True


def test_doctor_tells_missing_files_from_changed_ones(
    sightline: Sightline, home: Path, tmp_path: Path
) -> None:
    note = tmp_path / "notes" / "note 1.txt"
    note.write_text("The lake is shallow.")
    changed = sightline("doctor")
    assert changed.code == 0
    assert "1 have changed since they were read, such as" in changed.out
    note.unlink()
    missing = sightline("doctor")
    assert missing.code == 1
    assert "1 are gone, such as" in missing.out


def test_doctor_speaks_about_a_catalogue_that_cannot_be_opened(
    sightline: Sightline, home: Path
) -> None:
    (home / "catalog.sqlite").write_bytes(b"this is not a database, " * 400)
    for words in (("doctor",), ("doctor", "--repair")):
        report = sightline(*words)
        assert report.code == 1
        assert "problem  catalogue" in report.out
        assert "sightline restore" in report.out
        assert "disk:" in report.out
        assert report.err == ""


def test_doctor_survives_vectors_of_another_length(sightline: Sightline, home: Path) -> None:
    damage(home, "UPDATE embedding SET vector = x'0000' WHERE chunk_id = 1")
    for path in (home / "index").iterdir():
        path.unlink()
    report = sightline("doctor")
    assert report.code == 1
    assert "2 vectors are damaged" in report.out
    assert "problem  index: cannot be built" in report.out
    assert "ok       index: agrees with the catalogue" in sightline("doctor", "--repair").out


def test_doctor_warns_of_a_sqlite_with_the_bug_of_the_log(
    sightline: Sightline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finding(*version: int) -> dict[str, Any]:
        monkeypatch.setattr("sqlite3.sqlite_version_info", version)
        report = json.loads(sightline("doctor", "--json").out)
        return next(each for each in report["findings"] if each["subject"] == "sqlite")

    for sound in ((3, 51, 3), (3, 53, 0), (3, 50, 7), (3, 44, 6)):
        assert finding(*sound)["advice"] == ""
    for unsound in ((3, 51, 2), (3, 50, 6), (3, 45, 0), (3, 40, 1)):
        assert "3.51.3" in finding(*unsound)["advice"]


def test_remove_takes_paths_and_ids(sightline: Sightline, home: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "notes" / "note 0.txt", tmp_path / "notes" / "note 1.txt"
    removed = json.loads(sightline("remove", "--json", second).out)
    assert removed == {"removed": [{"collection": "main", "path": str(second)}]}
    (kept,) = home.glob("uploads/*/*/*")
    gone = sightline("remove", kept.parent.name[:16], "--collection", "main")
    assert gone.out.splitlines() == [f"removed from main: {path}" for path in (kept, first)]
    assert first.exists()
    assert not kept.exists()
    one_line_error(sightline("remove", first), str(first), "no such file, folder or document")
    assert sightline("remove").code == 2


def test_a_collection_whose_indexing_was_killed_is_told_how_to_be_removed(
    sightline: Sightline, home: Path
) -> None:
    with open_library(home) as library:
        library.catalog.start_job(library.catalog.collection("main"), total=1)
    done = sightline("remove", "--all", "-c", "main", "--yes")
    one_line_error(done, "it is being indexed; cancel that", "run: sightline doctor --repair")


def test_a_whole_collection_is_removed_after_a_question(
    sightline: Sightline, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sightline("remove", "--all").code == 2
    assert sightline("remove", "--all", "--collection", "main", "x").code == 2
    one_line_error(sightline("remove", "--all", "-c", "nowhere"), "no such collection")
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "n")
    assert sightline("remove", "--all", "-c", "main").code == 130
    assert state_of(home)[0]
    done = sightline("remove", "--all", "-c", "main", "--yes")
    assert (done.code, done.out) == (0, "collection main removed, 2 documents\n")
    assert not list(home.glob("uploads/*/*/*"))


def test_export_writes_lines_to_a_file_or_to_the_terminal(
    sightline: Sightline, tmp_path: Path
) -> None:
    file = tmp_path / "all.jsonl"
    assert json.loads(sightline("export", file, "--json").out)["documents"] == 2
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [line["chunks"][0]["text"] for line in lines] == [
        "The barn is red.",
        "The lake is deep.",
    ]
    one_line_error(sightline("export", file), "all.jsonl", "--force")
    printed = sightline("export", "-", "--vectors")
    assert [json.loads(line)["id"] for line in printed.out.splitlines()] == [
        line["id"] for line in lines
    ]
    assert "vectors" in printed.out
