"""What answers are worth: texts, sources and refusals, alone and through the real pipeline."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from indexer.domain import Block, BoundingBox, Page, Span
from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings
from retriever.domain import Answer, Citation, DocumentRef, ItemKey, Sentence
from retriever.errors import GeneratorUnavailable
from retriever.evaluation.answer_report import AnswerReport, answer_report
from retriever.evaluation.answers import (
    Marked,
    exact_match,
    first_sentence_holds,
    is_verbatim,
    marked,
    prediction,
    token_f1,
    tokens,
)
from retriever.evaluation.domain import Corpus, Judged, Question, QuestionSet, Wanted
from retriever.evaluation.evaluate import Plan, evaluate_answers
from retriever.evaluation.settings import Configuration
from tests.fakes import ColourEncoder, HashEncoder

LINE = BoundingBox(x0=0.1, y0=0.2, x1=0.9, y1=0.22)


def citation(quote: str, *highlights: tuple[int, int], box: BoundingBox = LINE) -> Citation:
    return Citation(
        n=1,
        key=ItemKey("chunk", 1),
        document=DocumentRef(
            id="d", path="/a/barn.txt", title="barn", media_type="text/plain", collection="main"
        ),
        page=1,
        box=box,
        boxes=(box,),
        quote=quote,
        highlights=highlights,
    )


def said(text: str, *highlights: tuple[int, int]) -> Answer:
    return Answer(
        question="?",
        refused=False,
        text=text,
        sentences=(Sentence(text=text, citations=(1,), supported=True),),
        citations=(citation(text, *highlights),),
        generator="extractive",
        groundedness=1.0,
    )


REFUSAL = Answer(
    question="?", refused=True, text="Nothing.", sentences=(), citations=(), generator="extractive"
)


def question(*answers: str, wanted: tuple[str, ...] = (), group: str = "") -> Judged:
    return Judged(
        question=Question(
            id="1",
            place="own.csv row 2",
            text="when?",
            answers=answers,
            wanted=tuple(Wanted(item=item) for item in wanted),
            group=group,
        ),
        kind="words-passage",
        language="en",
        relevant=dict.fromkeys(wanted, 1),
    )


# -- texts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Denver Broncos", "denver broncos."),
        ("$1,000", "1000"),
        ("Beyoncé", "beyonce"),
        ("в 1912 году", "В 1912 году!"),
        ("Ёлка", "елка"),
        ("«правово́е госуда́рство»", "правовое государство"),
    ],
)
def test_case_signs_accents_and_articles_do_not_count(one: str, other: str) -> None:
    assert exact_match(one, ["nothing", other])


@pytest.mark.parametrize(
    ("one", "other"), [("мой", "мои"), ("1912", "1913"), ("C", "C++ language")]
)
def test_other_letters_and_words_count(one: str, other: str) -> None:
    assert not exact_match(one, [other])


def test_text_of_nothing_but_an_article_or_signs_is_still_compared() -> None:
    assert tokens("The") == ["the"]
    assert tokens("?!") == ["?!"]
    assert not exact_match("", [""])


def test_f1_is_that_of_the_best_right_text() -> None:
    golds = ["in the spring of 1912", "1912"]
    assert token_f1("spring 1912", golds) == pytest.approx(2 * 2 / (2 + 4))
    assert token_f1("1912", golds) == 1
    assert token_f1("autumn", golds) == 0
    assert token_f1("весной 1912", ["1912 год"]) == 0.5


def test_prediction_is_the_first_highlight_else_the_first_sentence() -> None:
    text = "It was planted in 1912 by Ida."
    assert prediction(said(text, (18, 22), (26, 29))) == "1912"
    assert prediction(said(text)) == text
    assert prediction(REFUSAL) == ""


def test_sentence_holds_whole_words_only() -> None:
    assert first_sentence_holds(said("Planted in 1912, by Ida."), ["ida", "x"])
    assert first_sentence_holds(said("Посажены Идой в 1912 году."), ["в 1912 году"])
    assert not first_sentence_holds(said("Planted in 19120."), ["1912"])
    assert not first_sentence_holds(said("Planted."), ["?"])
    assert not first_sentence_holds(REFUSAL, ["1912"])


# -- sources -----------------------------------------------------------------------------------


def page(*lines: str) -> Page:
    """A page of one block, each line with a box of its own."""
    text, spans = "", []
    for number, line in enumerate(lines):
        box = BoundingBox(x0=0.1, y0=0.1 * number, x1=0.9, y1=0.1 * number + 0.05)
        spans.append(Span(start=len(text), end=len(text) + len(line), box=box))
        text += f"{line}\n"
    block = Block(kind="paragraph", text=text.strip(), spans=tuple(spans))
    return Page(number=1, width=600, height=800, blocks=(block,))


def test_quote_is_verbatim_if_it_stands_where_its_box_is_drawn() -> None:
    shown = page("The well is nine", "metres deep.", "The barn is red.")
    upper = BoundingBox(x0=0.1, y0=0, x1=0.9, y1=0.15)
    lower = BoundingBox(x0=0.1, y0=0.2, x1=0.9, y1=0.25)
    assert is_verbatim(citation("well is nine metres", box=upper), shown)
    assert not is_verbatim(citation("well is nine metres", box=lower), shown)
    assert not is_verbatim(citation("The well is ten metres", box=upper), shown)


def test_citations_are_right_if_they_are_wanted() -> None:
    found = marked(question("1912", wanted=("a", "b")), said("In 1912."), cited=("c", "a"))
    assert found.right_citations == (False, True)
    assert found.wanted_cited is True
    assert found.exact == 0
    assert found.sentence_hit == 1


def test_refusal_of_an_answerable_question_is_worth_nothing() -> None:
    found = marked(question("1912", wanted=("a",)), REFUSAL)
    assert (found.exact, found.f1, found.sentence_hit, found.wanted_cited) == (0, 0, 0, False)
    assert found.right_citations == ()
    assert found.groundedness is None
    assert found.missed


def test_what_is_not_known_to_be_right_has_no_value() -> None:
    nothing = marked(question(), said("In 1912."), cited=("a",))
    assert (nothing.exact, nothing.f1, nothing.sentence_hit, nothing.wanted_cited) == (None,) * 4
    assert nothing.right_citations == ()
    assert nothing.missed  # it should have been refused
    assert not marked(question(), REFUSAL).missed


# -- figures -----------------------------------------------------------------------------------


def reported(*answers: tuple[Judged, Answer], **others: list[Marked]) -> AnswerReport:
    judged = [each for each, _ in answers]
    marks = [marked(each, answer, ("a",) * len(answer.citations)) for each, answer in answers]
    runs = {"current": marks, **others}
    return answer_report(
        "tiny", judged, [(Configuration(name=name), each) for name, each in runs.items()]
    )


def figures(report: AnswerReport, system: int = 0) -> dict[str, float]:
    estimates = report.sections[0].systems[system].estimates
    return {name: estimate.mean for name, estimate in estimates.items()}


def test_refusals_have_precision_and_recall() -> None:
    report = reported(
        (question("1912"), REFUSAL),
        (question(), REFUSAL),
        (question(), REFUSAL),
        (question(), said("In 1912.")),
    )
    found = figures(report)
    assert found["refusal_precision"] == pytest.approx(2 / 3)
    assert found["refusal_recall"] == pytest.approx(2 / 3)
    assert report.sections[0].answerable == 1


def test_without_unanswerable_questions_refusals_have_no_figures() -> None:
    assert "refusal_precision" not in figures(reported((question("1912"), REFUSAL)))


def test_measure_without_a_value_is_left_out() -> None:
    found = figures(reported((question(wanted=("a",)), said("In 1912."))))
    assert "f1" not in found
    assert found["citation_precision"] == found["citation_recall"] == 1


def test_citations_of_one_question_are_drawn_together() -> None:
    many = [
        marked(question(wanted=("a",), group=str(row)), said("x"), cited=(item,) * 5)
        for row, item in enumerate("ab")
    ]
    judged = [question(wanted=("a",), group=str(row)) for row in range(2)]
    report = answer_report("tiny", judged, [(Configuration(), many)])
    (system,) = report.sections[0].systems
    estimate = system.estimates["citation_precision"]
    assert (estimate.mean, estimate.low, estimate.high) == (0.5, 0, 1)
    assert system.counts["citation_precision"] == 10


def test_configurations_are_tested_in_f1_and_sentence_hits() -> None:
    asked = [question("1912", group=str(row)) for row in range(12)]
    right = [marked(each, said("In 1912.")) for each in asked]
    wrong = [marked(each, said("In spring.")) for each in asked]
    report = answer_report(
        "tiny", asked, [(Configuration(), wrong), (Configuration(name="new"), right)]
    )
    assert [each.measure.name for each in report.differences] == ["f1", "sentence_hit"]
    assert all(each.beyond_noise and each.estimate.mean > 0 for each in report.differences)
    assert (report.differences[0].first, report.differences[0].second) == ("current", "new")


# -- through the pipeline ----------------------------------------------------------------------

Measure = Callable[..., AnswerReport]


@pytest.fixture
def measured(tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> Measure:
    """Have questions answered; those without a corpus are asked of the indexed archive."""
    monkeypatch.setenv("SIGHTLINE_RERANK_MODEL", "none")
    monkeypatch.setenv("SIGHTLINE_PARSER_OCR_ENGINE", "off")
    monkeypatch.setenv("SIGHTLINE_PARSER_PROCESSES", "1")
    opened = partial(
        Library, load_text=lambda _: HashEncoder(), load_clip=lambda _: ColourEncoder()
    )
    with opened(IndexerSettings.from_env(home=tmp_path / "home")) as library:
        index_paths(library, [archive], "main")

    def run(*questions: Question, corpus: Corpus | None = None, **plan: object) -> AnswerReport:
        chosen = Plan(home=tmp_path / "home", **plan)  # type: ignore[arg-type]
        made = QuestionSet(name="tiny", questions=questions, corpus=corpus)
        return evaluate_answers(made, chosen, open_library=opened)

    return run


def ask(text: str, *answers: str, item: str = "", row: int = 2, **rest: object) -> Question:
    return Question(
        id=str(row),
        place=f"own.csv row {row}",
        text=text,
        answers=answers,
        wanted=(Wanted(item=item),) if item else (),
        **rest,  # type: ignore[arg-type]
    )


def test_own_files_are_asked_and_what_they_do_not_say_is_refused(measured: Measure) -> None:
    report = measured(
        ask("When were the apple trees planted?", "1987", item="garden.txt"),
        ask("Сколько метров глубина колодца?", "семь метров", item="дача.txt", row=3),
        ask("Who composed the opera Aida?", row=4),
    )
    trees, well, opera = (outcome.answers["current"] for outcome in report.outcomes)
    assert trees.sentence_hit == trees.wanted_cited == 1
    assert trees.verbatim[0] is True
    assert well.sentence_hit == 1
    assert opera.refused
    found = figures(report)
    assert found["refusal_recall"] == found["refusal_precision"] == 1
    assert found["verbatim"] == found["groundedness"] == 1
    assert report.documents == 5


def test_only_the_wanted_page_is_a_right_citation(measured: Measure, archive: Path) -> None:
    book = archive / "book.txt"
    book.write_text("The lamp of the hall is made of brass.\n\fThe hinge of the gate is iron.\n")
    hinge = Question(
        id="1",
        place="own.csv row 2",
        text="what is the hinge of the gate made of",
        wanted=(Wanted(item="book.txt", page=2),),
    )
    report = measured(hinge, corpus=Corpus(files=(book,)))
    (marks,) = report.outcomes[0].answers.values()
    assert marks.cited[0].endswith("book.txt page 2")
    assert marks.wanted_cited


def test_photo_to_ask_by_is_answered_by_photos(measured: Measure, archive: Path) -> None:
    by_photo = ask("", item="lake.jpg", image=archive / "lake.jpg")
    (outcome,) = measured(by_photo).outcomes
    assert outcome.answers["current"].wanted_cited


def test_passages_of_a_set_are_asked_in_every_configuration(measured: Measure) -> None:
    passages = {"one": "Oak is a hard wood.", "two": "Glue made of hide softens in heat."}
    glue = ask("What softens glue made of hide?", "heat", item="two", kind="words-passage")
    report = measured(
        glue,
        corpus=Corpus(passages=passages),
        configurations=(Configuration.parse("short:SIGHTLINE_ANSWER_SENTENCES=1"),),
    )
    assert figures(report, 0)["sentence_hit"] == figures(report, 1)["sentence_hit"] == 1
    assert report.outcomes[0].answers["short"].cited == ("two",)
    assert [each.p for each in report.differences] == [1, 1]


def test_questions_of_two_languages_have_figures_of_their_own(measured: Measure) -> None:
    report = measured(
        *(ask("When were the apple trees planted?", "1987", row=row) for row in range(10)),
        *(ask("Какова глубина колодца?", "семь метров", row=row) for row in range(10, 20)),
    )
    assert [(each.language, each.questions) for each in report.sections] == [
        ("all", 20), ("en", 10), ("ru", 10),
    ]  # fmt: skip


def test_model_that_is_not_there_is_refused_before_anything_is_asked(
    measured: Measure, tmp_path: Path
) -> None:
    asked: list[int] = []
    model = Configuration.parse(f"model:SIGHTLINE_ANSWER_GENERATOR=gguf:{tmp_path / 'no.gguf'}")
    with pytest.raises(GeneratorUnavailable, match=r"no\.gguf"):
        measured(
            ask("When?", "1987"),
            configurations=(model,),
            on_asked=lambda name, done, total: asked.append(done),
        )
    assert asked == []


def test_answers_that_came_otherwise_are_counted() -> None:
    fallen = replace(said("In 1912."), note="the model did not answer")
    report = reported((question("1912"), fallen), (question("1912"), said("In 1912.")))
    (system,) = report.sections[0].systems
    assert system.otherwise == {"the model did not answer": 1}


def test_limit_draws_from_all_questions(measured: Measure) -> None:
    questions = [ask(f"How deep is well number {row}?", row=row) for row in range(9)]
    assert len(measured(*questions, limit=4).outcomes) == 4
