"""From question sets to reports, through the real pipeline on fake encoders."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from indexer.errors import InvalidInput, InvalidSettings, NotFound
from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings
from retriever.evaluation.domain import Corpus, Question, QuestionSet, Wanted
from retriever.evaluation.evaluate import Plan, evaluate
from retriever.evaluation.measures import measure
from retriever.evaluation.report import Estimate, Report
from retriever.evaluation.runs import RunOptions
from retriever.evaluation.settings import Configuration
from tests.fakes import ColourEncoder, HashEncoder

Measure = Callable[..., Report]

RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


@pytest.fixture
def measured(tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> Measure:
    """Evaluate questions; those without a corpus are asked of the indexed archive."""
    monkeypatch.setenv("SIGHTLINE_RERANK_MODEL", "none")
    monkeypatch.setenv("SIGHTLINE_PARSER_OCR_ENGINE", "off")
    monkeypatch.setenv("SIGHTLINE_PARSER_PROCESSES", "1")
    opened = partial(
        Library, load_text=lambda _: HashEncoder(), load_clip=lambda _: ColourEncoder()
    )
    with opened(IndexerSettings.from_env(home=tmp_path / "home")) as library:
        index_paths(library, [archive], "main")

    def run(*questions: Question, corpus: Corpus | None = None, **plan: object) -> Report:
        chosen = Plan(home=tmp_path / "home", **plan)  # type: ignore[arg-type]
        made = QuestionSet(name="tiny", questions=questions, corpus=corpus)
        return evaluate(made, chosen, open_library=opened)

    return run


def ask(text: str, *items: str | Wanted, row: int = 2, **rest: object) -> Question:
    wanted = tuple(Wanted(item=item) if isinstance(item, str) else item for item in items)
    return Question(
        id=str(row),
        place=f"own.csv row {row}",
        text=text,
        wanted=wanted,
        **rest,  # type: ignore[arg-type]
    )


def means(report: Report, name: str) -> dict[str, float]:
    """The measure of the first section by system."""
    return {system.name: system.estimates[name].mean for system in report.sections[0].systems}


def photos(folder: Path, **colours: tuple[int, int, int]) -> dict[str, Path]:
    folder.mkdir()
    for name, colour in colours.items():
        Image.new("RGB", (300, 300), colour).save(folder / f"{name}.png")
    return {name: folder / f"{name}.png" for name in colours}


# -- the user's own files ----------------------------------------------------------------------


def test_file_is_found_by_name_end_of_path_or_whole_path(measured: Measure, archive: Path) -> None:
    report = measured(
        ask("pressure of the boiler", "boiler.md", row=2),
        ask("when were apple trees planted", "archive\\garden.txt", row=3),
        ask("prune apple trees", str(archive / "garden.txt"), row=4),
        ask("boiler serviced", "boiler", row=5),
    )
    assert [outcome.ranks for outcome in report.outcomes] == [{"search": 1}] * 4
    assert report.sections[0].kind == "words-passage"


def test_what_is_wanted_decides_whether_photos_are_searched(measured: Measure) -> None:
    report = measured(ask("blue", "lake.jpg"), ask("depth of the well", "garden.txt", row=3))
    assert [section.kind for section in report.sections] == ["words-photo", "words-passage"]
    assert report.outcomes[0].ranks == {"search": 1}


def test_only_the_page_that_is_wanted_is_right(measured: Measure, archive: Path) -> None:
    book = archive / "book.txt"
    book.write_text("The lamp is brass.\n\fThe hinge is iron.\n")
    report = measured(
        ask("hinge iron", Wanted(item="book.txt", page=2), row=2),
        ask("lamp brass", Wanted(item="book.txt", page=2), row=3),
        ask("lamp brass", Wanted(item="book.txt"), row=4),
        corpus=Corpus(files=(book,)),
    )
    assert [outcome.ranks["search"] for outcome in report.outcomes] == [1, 2, 1]


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        (Wanted(item="boilers.md"), "row 2: boilers.md is not indexed; did you mean boiler.md?"),
        (Wanted(item="cellar.pdf"), "row 2: cellar.pdf is not indexed; index it, or correct"),
        (Wanted(item="garden.txt", page=3), "row 2: it names page 3 of garden.txt, which has one"),
    ],
)
def test_file_that_is_not_there_is_refused_by_row(
    measured: Measure, wanted: Wanted, line: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        measured(ask("x", wanted))
    assert line in str(raised.value)


def test_further_bad_rows_are_counted(measured: Measure) -> None:
    with pytest.raises(InvalidInput, match=r"row 2: .* \(2 more like this\)"):
        measured(ask("x", "a.pdf"), ask("y", "b.pdf", row=3), ask("z", "c.pdf", row=4))


def test_name_of_several_files_is_refused_until_it_says_more(
    measured: Measure, archive: Path
) -> None:
    for folder in ("old", "new"):
        (archive / folder).mkdir()
        (archive / folder / "note.txt").write_text(f"A {folder} note on gutters.\n")
    corpus = Corpus(files=(archive,))
    with pytest.raises(InvalidInput, match=r"note\.txt is the name of 2 indexed files; write more"):
        measured(ask("gutters", "note.txt"), corpus=corpus)
    report = measured(ask("old gutters", "old/note.txt"), corpus=corpus)
    assert report.outcomes[0].ranks["search"] == 1


def test_copy_of_a_file_is_as_right_as_the_file(measured: Measure, archive: Path) -> None:
    copy = archive / "zz copy of garden.txt"
    copy.write_bytes((archive / "garden.txt").read_bytes())
    report = measured(ask("apple trees", copy.name), corpus=Corpus(files=(archive,)))
    assert report.outcomes[0].ranks["search"] == 1


def test_indexed_photo_to_search_by_does_not_find_itself(
    measured: Measure, archive: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (400, 300), (60, 60, 200)).save(archive / "pond.png")
    corpus = Corpus(files=(archive,))
    asked = ask("", "lake.jpg", image=archive / "pond.png", kind="photo-photo")
    (outcome,) = measured(asked, corpus=corpus).outcomes
    assert outcome.ranks["search"] == 1
    itself = ask("", "pond.png", image=archive / "pond.png", kind="photo-photo")
    (outcome,) = measured(itself, corpus=corpus).outcomes
    assert outcome.ranks["search"] == 1


def test_unknown_collection_is_refused(measured: Measure) -> None:
    with pytest.raises(NotFound, match="no such collection"):
        measured(ask("x", "garden.txt"), collections=("other",))


def test_questions_that_nothing_answers_are_counted_and_left_out(measured: Measure) -> None:
    report = measured(ask("apple trees", "garden.txt"), ask("who is the king", row=3))
    assert report.without_answer == 1
    assert report.sections[0].questions == 1
    with pytest.raises(InvalidInput, match="none of its questions says what should be found"):
        measured(ask("who is the king"))


def test_mixed_search_finds_passages_and_photos_in_one_list(measured: Measure) -> None:
    wanted = ask("boiler pressure blue", "boiler.md", "lake.jpg")
    apart = measured(wanted)
    together = measured(wanted, run=RunOptions(mixed=True))
    assert means(apart, "recall@10")["search"] == 0.5
    assert means(together, "recall@10")["search"] == 1


# -- sets with their own corpus ----------------------------------------------------------------

PASSAGES = {
    "one": "Oak is a hard wood.",
    "two": "Glue made of hide softens in heat.",
    "три": "Клей размягчается в тепле.",
    "same": "Oak is a hard wood.",
}


def passage_question(text: str, *items: str, row: int = 2) -> Question:
    return ask(text, *items, row=row, kind="words-passage")


def test_passages_are_asked_in_a_corpus_of_their_own(measured: Measure) -> None:
    report = measured(
        passage_question("hide glue", "two"),
        passage_question("клей в тепле", "три", row=3),
        passage_question("hard oak wood", "one", "same", row=4),
        corpus=Corpus(passages=PASSAGES),
    )
    assert report.documents == 3  # two passages are the same file
    assert means(report, "recall@10") == {"search": 1}
    assert means(report, "ndcg@10") == {"search": 1}


def test_right_passage_that_the_corpus_lacks_lowers_recall(measured: Measure) -> None:
    report = measured(
        passage_question("hide glue", "two", "gone"), corpus=Corpus(passages=PASSAGES)
    )
    assert means(report, "recall@10") == {"search": 0.5}


def test_names_of_photos_do_not_help_to_find_them(measured: Measure, tmp_path: Path) -> None:
    corpus = Corpus(photos=photos(tmp_path / "set", parrot=GREEN, house=BLUE))
    report = measured(
        ask("parrot", "parrot", kind="words-photo"),
        corpus=corpus,
        run=RunOptions(single=True),
    )
    assert "name" not in means(report, "mrr")


def test_words_and_photos_find_photos(measured: Measure, tmp_path: Path) -> None:
    found = photos(
        tmp_path / "set", a1=RED, a2=(170, 60, 50), b1=BLUE, b2=(50, 70, 160), leaf=GREEN
    )
    report = measured(
        ask("red", "a1", kind="words-photo"),
        ask("", "a2", row=3, image=found["a1"], kind="photo-photo", ignored=frozenset({"a1"})),
        corpus=Corpus(photos=found),
    )
    words, by_photo = report.sections
    assert (words.kind, by_photo.kind) == ("words-photo", "photo-photo")
    assert [outcome.ranks["search"] for outcome in report.outcomes] == [1, 1]
    assert "a1" not in report.outcomes[1].first.values()


def test_kept_corpus_is_not_indexed_again(measured: Measure, tmp_path: Path) -> None:
    question = passage_question("hide glue", "two")
    corpus = Corpus(passages=PASSAGES)
    seen: list[int] = []
    for _ in range(2):
        measured(
            question,
            corpus=corpus,
            keep=tmp_path / "kept",
            on_index=lambda progress: seen.append(progress.done),
        )
        seen.append(-1)
    assert seen[-2:] == [-1, -1]
    assert max(seen) == len(PASSAGES)


def test_kept_corpus_of_other_encoders_is_indexed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_RERANK_MODEL", "none")
    plan = Plan(keep=tmp_path / "kept")
    question = passage_question("hide glue", "two")
    made = QuestionSet(
        name="tiny", questions=(question,), corpus=Corpus(passages={"two": PASSAGES["two"]})
    )
    seen = []
    for revision in ("1", "2"):
        encoder = HashEncoder(revision=revision)

        def opened(settings: IndexerSettings, encoder: HashEncoder = encoder) -> Library:
            return Library(
                settings, load_text=lambda _: encoder, load_clip=lambda _: ColourEncoder()
            )

        evaluate(made, plan, open_library=opened)
        seen.append(encoder.passages)
    assert seen == [["Glue made of hide softens in heat."]] * 2


def test_corpus_that_is_not_kept_goes_away(
    measured: Measure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    measured(passage_question("hide glue", "two"), corpus=Corpus(passages=PASSAGES))
    assert not list((tmp_path / "temporary").glob("sightline-eval-*"))


# -- configurations and statistics -------------------------------------------------------------


def test_single_rankings_stand_beside_the_whole_search(measured: Measure) -> None:
    report = measured(
        passage_question("hide glue heat", "two"),
        corpus=Corpus(passages=PASSAGES),
        run=RunOptions(single=True),
    )
    # Here the dense and the fused order are that of the search itself, and not shown again.
    assert list(means(report, "mrr")) == ["search", "bm25"]


def test_ranking_that_finds_nothing_in_a_language_is_left_out(measured: Measure) -> None:
    report = measured(
        passage_question("клей", "три"),
        corpus=Corpus(passages=PASSAGES),
        run=RunOptions(single=True),
    )
    assert list(means(report, "mrr")) == ["search"]


def test_configuration_is_compared_to_the_settings_in_force(measured: Measure) -> None:
    configuration = Configuration.parse("no names:SIGHTLINE_SEARCH_NAME_WEIGHT=0")
    wanted = [ask(name, f"{name}.{end}", row=row) for row, (name, end) in
              enumerate((("barn", "png"), ("lake", "jpg")), 2)]  # fmt: skip
    report = measured(*wanted, configurations=(configuration,))
    found = means(report, "mrr")
    assert list(found) == ["current", "no names"]
    assert found["current"] == 1
    assert found["no names"] < 1
    (difference,) = report.differences
    assert (difference.first, difference.second) == ("current", "no names")
    assert difference.estimate.mean < 0
    assert not difference.beyond_noise  # two questions cannot tell


def test_difference_in_many_questions_is_beyond_noise(measured: Measure) -> None:
    passages = {f"p{n}": f"The number of lamp x{n} is known." for n in range(24)}
    configuration = Configuration.parse("one:SIGHTLINE_SEARCH_CANDIDATES=1")
    corpus = Corpus(passages=passages)
    questions = [
        passage_question(f"lamp x{n}", f"p{n}", f"p{(n + 1) % 24}", row=n) for n in range(24)
    ]
    report = measured(
        *questions, corpus=corpus, configurations=(configuration,), measures=(measure("recall@30"),)
    )
    (difference,) = report.differences
    assert difference.estimate.mean < 0
    assert difference.beyond_noise
    assert difference.corrected < 0.001


def test_corpus_is_indexed_anew_for_settings_of_indexing(measured: Measure) -> None:
    configuration = Configuration.parse(
        "short:SIGHTLINE_CHUNK_MAX_TOKENS=4,SIGHTLINE_CHUNK_MIN_TOKENS=1"
    )
    report = measured(
        passage_question("hide glue", "two"),
        corpus=Corpus(passages=PASSAGES),
        configurations=(configuration,),
    )
    assert means(report, "recall@10") == {"current": 1, "short": 1}
    with pytest.raises(InvalidInput, match=r"changes how files are indexed, .* give .*--corpus"):
        measured(ask("apple", "garden.txt"), configurations=(configuration,))


def test_questions_of_two_languages_are_measured_apart(measured: Measure) -> None:
    report = measured(
        *(passage_question("hide glue", "two", row=row) for row in range(10)),
        *(passage_question("клей", "три", row=row) for row in range(10, 20)),
        passage_question("oak", "one", row=20),
        corpus=Corpus(passages=PASSAGES),
    )
    sections = [(each.language, each.questions) for each in report.sections]
    assert sections == [("all", 21), ("en", 11), ("ru", 10)]


def test_limit_asks_the_same_questions_every_time(measured: Measure) -> None:
    questions = [passage_question(f"oak {n}", "one", row=n) for n in range(10)]
    first, second = (
        [
            outcome.judged.question.id
            for outcome in measured(*questions, corpus=Corpus(passages=PASSAGES), limit=4).outcomes
        ]
        for _ in range(2)
    )
    assert first == second
    assert len(first) == 4


def test_one_question_has_a_mean_without_an_interval(measured: Measure) -> None:
    report = measured(ask("apple trees", "garden.txt"))
    estimate = report.sections[0].systems[0].estimates["mrr"]
    assert estimate == Estimate(mean=1, low=None, high=None)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SIGHTLINE_SEARCH_RRF_K=3", "it does not begin with a name and a colon"),
        ("a:RRF_K=3", "'RRF_K=3' sets nothing of searching or indexing"),
        ("a:SIGHTLINE_WEB_PORT=3", "sets nothing of searching or indexing"),
    ],
)
def test_configuration_that_cannot_be_read_is_refused(text: str, line: str) -> None:
    with pytest.raises(InvalidInput, match=line):
        Configuration.parse(text)


def test_two_configurations_of_one_name_are_refused(measured: Measure) -> None:
    same = Configuration.parse("current:SIGHTLINE_SEARCH_RRF_K=3")
    with pytest.raises(InvalidSettings, match="two have this name"):
        measured(ask("apple", "garden.txt"), configurations=(same,))


def test_bad_value_is_refused_before_anything_is_indexed(measured: Measure) -> None:
    bad = Configuration.parse("bad:SIGHTLINE_SEARCH_RRF_K=none")
    with pytest.raises(InvalidSettings, match="'none' is not a int"):
        measured(ask("apple", "garden.txt"), configurations=(bad,))
