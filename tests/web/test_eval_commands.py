"""``sightline eval`` as a user gives it: tables, JSON, HTML, errors in one line."""

import json
import re
import sys
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser

from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings
from tests.fakes import ColourEncoder, HashEncoder
from web.cli import main


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Sightline = Callable[..., Ran]

QUESTIONS = """\
question,file
pressure of the boiler,boiler.md
when were the apple trees planted,garden.txt
depth of the well <script>alert(1)</script>,garden.txt
blue,lake.jpg
"""


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "own.csv"
    path.write_text(QUESTIONS)
    return path


@pytest.fixture
def sightline(
    tmp_path: Path,
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Sightline:
    """Run the command in this process, on an indexed archive and encoders without weights."""
    fakes = partial(Library, load_text=lambda _: HashEncoder(), load_clip=lambda _: ColourEncoder())
    monkeypatch.setattr("web.eval_commands.Library", fakes)
    monkeypatch.setenv("SIGHTLINE_RERANK_MODEL", "none")
    monkeypatch.setenv("SIGHTLINE_PARSER_OCR_ENGINE", "off")
    monkeypatch.setenv("COLUMNS", "200")
    home = tmp_path / "home"
    with fakes(IndexerSettings(home=home)) as library:
        index_paths(library, [archive], "main")

    def run(*words: object, at: Path = home) -> Ran:
        command = ["sightline", "--home", str(at), "eval", *map(str, words)]
        monkeypatch.setattr(sys, "argv", command)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return run


def one_line_error(ran: Ran, *words: str) -> None:
    assert ran.code == 1
    (line,) = ran.err.splitlines()
    assert line.startswith("error: ")
    for word in words:
        assert word in line


def test_table_has_a_row_per_system_and_a_verdict(sightline: Sightline, questions: Path) -> None:
    ran = sightline(
        questions, "--config", "bare:SIGHTLINE_SEARCH_CANDIDATES=1", "--measure", "hit@1"
    )
    assert ran.code == 0
    assert "words → passages, Latin script  3 questions" in ran.out
    assert re.search(r"^current +0\.667 *\d* *$", ran.out, re.MULTILINE)
    assert "bare" in ran.out
    assert "hit@1, p" in ran.out or "do not differ" in ran.out
    assert "3 independent questions can hardly show a difference: ask 20 or more" in ran.out


def test_json_holds_figures_configurations_and_every_question(
    sightline: Sightline, questions: Path, tmp_path: Path
) -> None:
    assert sightline(questions, "--json", tmp_path / "out.json", "--single").code == 0
    body: dict[str, Any] = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert body["format"] == 1
    assert body["decides"] == "ndcg@10"
    assert body["configurations"] == [{"name": "current", "changes": {}}]
    passages, photos = body["sections"]
    assert (passages["kind"], photos["kind"]) == ("words-passage", "words-photo")
    search = passages["systems"][0]
    assert search["measures"]["hit@1"]["mean"] == pytest.approx(2 / 3)
    assert len(search["found_by"]) == body["depth"] == 100
    lake = body["questions"][3]
    assert lake["place"] == "own.csv row 5"
    assert lake["ranks"]["search"] == 1
    assert Path(next(iter(lake["wanted"]))).name == "lake.jpg"


class _Outside(HTMLParser):
    """Collects what a page would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "link", "img", "iframe", "object"}:
            self.found.append(tag)
        self.found += [name for name, _ in attrs if name in {"src", "href"} or name[:2] == "on"]


def test_html_needs_nothing_beside_it_and_runs_nothing(
    sightline: Sightline, questions: Path, tmp_path: Path
) -> None:
    assert sightline(questions, "--html", tmp_path / "out.html", "--depth", 1).code == 0
    page = (tmp_path / "out.html").read_text("utf-8")
    outside = _Outside()
    outside.feed(page)
    assert outside.found == []
    assert "url(" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<svg") > 5


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_html_fits_phone_and_desktop_without_a_request(
    sightline: Sightline, questions: Path, tmp_path: Path, browser: Browser, width: int
) -> None:
    sightline(
        questions, "--html", tmp_path / "out.html", "--single",
        "--config", "a configuration with a long name:SIGHTLINE_SEARCH_CANDIDATES=1",
    )  # fmt: skip
    page = browser.new_page(viewport={"width": width, "height": 800})
    requests: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.goto((tmp_path / "out.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.get_by_role("heading", level=2).count() == 3
    assert page.get_by_role("img").first.bounding_box()["width"] > 150  # type: ignore[index]
    assert (len(requests), messages) == (1, [])
    page.close()


def test_passages_of_a_file_are_a_corpus(sightline: Sightline, tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1", "text": "Hide glue softens."}\n')
    (tmp_path / "qrels").write_text("1 0 d1 1\n")
    (tmp_path / "topics").write_text("1\thide glue\n")
    ran = sightline(tmp_path / "qrels", "--corpus", tmp_path / "corpus.jsonl", "--measure", "mrr")
    assert ran.code == 0
    assert "1.000" in ran.out


def test_file_that_is_not_indexed_is_refused_by_row(sightline: Sightline, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("question,file\nx,boiler.md\ny,cellar.pdf\n")
    one_line_error(
        sightline(tmp_path / "own.csv"), "own.csv row 3: cellar.pdf is not indexed; index it"
    )


def test_misspelt_setting_of_a_configuration_is_refused_with_the_nearest(
    sightline: Sightline, questions: Path
) -> None:
    one_line_error(
        sightline(questions, "--config", "a:SIGHTLINE_SEARCH_RRFK=1"),
        "did you mean SIGHTLINE_SEARCH_RRF_K?",
    )


def test_nothing_indexed_is_said(sightline: Sightline, questions: Path, tmp_path: Path) -> None:
    one_line_error(
        sightline(questions, at=tmp_path / "empty"),
        "nothing is indexed here; run sightline index first",
    )


def test_set_with_a_corpus_takes_no_other(sightline: Sightline, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text('{"_id": "d1", "text": "a"}\n')
    (folder / "queries.jsonl").write_text('{"_id": "q1", "text": "a"}\n')
    (folder / "qrels.tsv").write_text("q1\td1\t1\n")
    one_line_error(sightline(folder, "--corpus", tmp_path), "set has its own corpus")


def test_report_that_cannot_be_written_is_refused_before_the_work(
    sightline: Sightline, questions: Path, tmp_path: Path
) -> None:
    ran = sightline(questions, "--json", tmp_path / "gone" / "out.json")
    one_line_error(ran, "out.json: there is no folder", "gone; make it first")
    assert ran.out == ""


# -- answers -----------------------------------------------------------------------------------

ANSWERS = """\
question,file,answer
When were the apple trees planted?,garden.txt,1987
When was the boiler serviced <script>alert(1)</script>,boiler.md,12 March 2021
Who composed the opera Aida?,,
"""


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS)
    return path


def test_answers_have_a_row_per_measure_and_a_column_per_configuration(
    sightline: Sightline, answers: Path
) -> None:
    ran = sightline(
        answers, "--answers", "--config", "short:SIGHTLINE_ANSWER_SENTENCES=1"
    )  # fmt: skip
    assert ran.code == 0
    assert "answers, Latin script  3 questions, 2 answerable" in ran.out
    assert re.search(r"^ +current +short *$", ran.out, re.MULTILINE)
    assert re.search(
        r"^answer in the first sentence +1\.000  1\.00–1\.00 +1\.000 ", ran.out, re.MULTILINE
    )
    assert re.search(r"^refused of the unanswerable +1\.000 +1\.000", ran.out, re.MULTILINE)
    assert "current and short do not differ (token F1)" in ran.out


def test_json_of_answers_holds_figures_and_what_was_said(
    sightline: Sightline, answers: Path, tmp_path: Path
) -> None:
    assert sightline(answers, "--answers", "--json", tmp_path / "out.json").code == 0
    body: dict[str, Any] = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert body["format"] == 1
    assert body["compared"] == ["f1", "sentence_hit"]
    (section,) = body["sections"]
    measures = section["systems"][0]["measures"]
    assert (measures["sentence_hit"]["mean"], measures["sentence_hit"]["of"]) == (1, 2)
    trees, _, opera = body["questions"]
    assert trees["answers"] == ["1987"]
    assert "1987" in trees["given"]["current"]["said"]
    assert Path(trees["given"]["current"]["cited"][0]).name == "garden.txt"
    assert opera["given"]["current"]["refused"]
    assert not opera["answerable"]


def test_html_of_answers_needs_nothing_beside_it_and_lists_what_was_missed(
    sightline: Sightline, tmp_path: Path
) -> None:
    path = tmp_path / "own.csv"
    path.write_text("question,file,answer\nWhen were <b>the</b> apple trees planted?,,1066\n")
    assert sightline(path, "--answers", "--html", tmp_path / "out.html").code == 0
    page = (tmp_path / "out.html").read_text("utf-8")
    outside = _Outside()
    outside.feed(page)
    assert outside.found == []
    assert "url(" not in page
    assert "&lt;b&gt;the" in page
    assert "1 question that current answered wrongly" in page
    assert "1066" in page


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_html_of_answers_fits_phone_and_desktop(
    sightline: Sightline, answers: Path, tmp_path: Path, browser: Browser, width: int
) -> None:
    sightline(
        answers, "--answers", "--html", tmp_path / "out.html",
        "--config", "a configuration with a long name:SIGHTLINE_ANSWER_SENTENCES=1",
    )  # fmt: skip
    page = browser.new_page(viewport={"width": width, "height": 800})
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto((tmp_path / "out.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.get_by_role("heading", level=2).count() == 2
    assert messages == []
    page.close()


@pytest.mark.parametrize("option", [("--single",), ("--measure", "mrr"), ("--depth", "3")])
def test_options_of_rankings_are_refused_with_answers(
    sightline: Sightline, answers: Path, option: tuple[str, ...]
) -> None:
    one_line_error(
        sightline(answers, "--answers", *option),
        f"{option[0]}: it is about rankings, and answers are measured; leave it",
    )
