"""``sightline eval``: how well search and answers do on questions whose answers are known."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from rich.progress import BarColumn, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from indexer.errors import InvalidInput, OutOfResources
from indexer.library import Library
from indexer.pipeline import Progress
from retriever.calibration import Calibration
from retriever.evaluation.answer_report import AnswerReport, AnswerSection
from retriever.evaluation.answers import MEASURES
from retriever.evaluation.datasets import ReadOptions, read
from retriever.evaluation.datasets.beir import passages
from retriever.evaluation.domain import Corpus, QuestionSet
from retriever.evaluation.evaluate import Plan, evaluate, evaluate_answers
from retriever.evaluation.evaluate import calibrate as fit_cutoffs
from retriever.evaluation.measures import DEFAULT, measure
from retriever.evaluation.report import Estimate, Report, Section
from retriever.evaluation.runs import DEPTH, RunOptions
from retriever.evaluation.settings import Configuration
from retriever.evaluation.statistics import SEED
from web import completing, show
from web.eval_answers import answers_html, answers_json, changes_of, otherwise
from web.eval_answers import section_title as answers_title
from web.eval_report import caution, report_html, report_json, section_title, verdict
from web.settings import check_environment
from web.terminal import Terminal

_err = Terminal(stderr=True, highlight=False, soft_wrap=True)

_folder = click.Path(path_type=Path, file_okay=False)
_file = click.Path(path_type=Path, dir_okay=False)


def register(cli: click.Group) -> None:
    """Add the command to the command line."""
    cli.add_command(eval_command)


@click.command(name="eval")
@click.argument("questions", type=click.Path(path_type=Path))
@click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    help="Files or passages (JSON lines) to index for this measurement and to ask.",
)
@click.option("--keep", type=_folder, help="Keep what is indexed for the measurement here.")
@click.option(
    "--collection",
    "-c",
    "collections",
    multiple=True,
    shell_complete=completing.collections,
    help="Only this collection of yours (may be repeated).",
)
@click.option(
    "--config",
    "configurations",
    multiple=True,
    metavar="NAME:VARIABLE=VALUE,…",
    help="Compare to these settings (may be repeated).",
)
@click.option("--answers", is_flag=True, help="Measure answers instead of rankings.")
@click.option("--single", is_flag=True, help="Measure the single rankings of a search as well.")
@click.option("--mixed", is_flag=True, help="Search passages and photos together.")
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="NAME",
    help=f"ndcg@K, recall@K, hit@K, p@K, mrr, map (default {', '.join(DEFAULT)}); "
    "the first decides which is better.",
)
@click.option(
    "--depth", type=click.IntRange(1, 200), default=DEPTH, show_default=True,
    help="How many results are looked at.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1), help="Ask this many questions, drawn at random.")
@click.option("--split", help="Part of a divided set (default test).")
@click.option("--topics", type=_file, help="The questions of TREC judgements.")
@click.option("--images", type=_folder, help="The photos of a Karpathy-split JSON.")
@click.option(
    "--calibrate", is_flag=True,
    help="Fit what is refused as not answered here to these questions, and keep it.",
)  # fmt: skip
@click.option("--seed", type=int, default=SEED, show_default=True,
              help="Of what is drawn at random.")  # fmt: skip
@click.option("--json", "json_file", type=_file, help="Write everything here as JSON.")
@click.option("--html", "html_file", type=_file, help="Write a report with plots here.")
@click.pass_context
def eval_command(
    context: click.Context,
    questions: Path,
    corpus: Path | None,
    keep: Path | None,
    collections: tuple[str, ...],
    configurations: tuple[str, ...],
    answers: bool,
    single: bool,
    mixed: bool,
    measures: tuple[str, ...],
    depth: int,
    limit: int | None,
    split: str | None,
    topics: Path | None,
    images: Path | None,
    calibrate: bool,
    seed: int,
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Measure search, or answers, on questions with known answers.

    \b
    QUESTIONS is one of:
      a CSV of your own: question,file,page,answer (file as indexed, or the end of its path)
      a SQuAD JSON, version 1.1 or 2.0
      a BEIR folder: corpus.jsonl, queries.jsonl, qrels/
      TREC judgements, with their topics
      a Karpathy-split JSON of COCO or Flickr30k
      a folder with captions.jsonl or instances.jsonl and the photos

    \b
    Examples:
      sightline eval questions.csv --html report.html
      sightline eval questions.csv --config lexical:SIGHTLINE_SEARCH_DENSE_WEIGHT=0
      sightline eval scifact/ --single --keep ~/measured
      sightline eval questions.csv --answers --config model:SIGHTLINE_ANSWER_GENERATOR=gguf:FILE
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    if answers:
        _refuse_rankings(context)
    for place in filter(None, (json_file, html_file)):
        if not place.absolute().parent.is_dir():
            raise InvalidInput(
                place,
                cause=f"there is no folder {place.parent}",
                remedy="make it first, or choose another",
            )
    compared = tuple(map(Configuration.parse, configurations))
    for configuration in compared:
        check_environment(configuration.changes)
    wanted = tuple(dict.fromkeys(map(measure, measures or DEFAULT)))
    found = read(questions, ReadOptions(split=split, topics=topics, images=images))
    if corpus is not None:
        found = _with_corpus(found, corpus)
    with _progress() as (on_index, on_asked):
        plan = Plan(
            measures=wanted,
            configurations=compared,
            collections=collections,
            home=context.obj,
            keep=keep,
            limit=limit or 0,
            seed=seed,
            run=RunOptions(depth=depth, single=single, mixed=mixed),
            on_index=on_index,
            on_asked=on_asked,
        )
        fitted = fit_cutoffs(found, plan, open_library=Library) if calibrate else None
        measured = (_answers if answers else _rankings)(found, plan)
    measured.show()
    if fitted is not None:
        show_calibration(fitted)
    if json_file is not None:
        body = json.dumps(measured.json(), ensure_ascii=False, indent=2)
        _write(json_file, body + "\n")
    if html_file is not None:
        _write(html_file, measured.html())


@dataclass(frozen=True, slots=True)
class _Measured:
    """A measurement in the forms that it is given out."""

    show: Callable[[], None]
    json: Callable[[], dict[str, Any]]
    html: Callable[[], str]


def _rankings(questions: QuestionSet, plan: Plan) -> _Measured:
    report = evaluate(questions, plan, open_library=Library)
    return _Measured(
        partial(show_report, report), partial(report_json, report), partial(report_html, report)
    )


def _answers(questions: QuestionSet, plan: Plan) -> _Measured:
    report = evaluate_answers(questions, plan, open_library=Library)
    return _Measured(
        partial(show_answers, report), partial(answers_json, report), partial(answers_html, report)
    )


def _refuse_rankings(context: click.Context) -> None:
    """Options of rankings with answers would do nothing."""
    for name in ("single", "mixed", "measures", "depth"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise InvalidInput(
                f"--{name.removesuffix('s')}",
                cause="it is about rankings, and answers are measured",
                remedy="leave it or --answers out",
            )


def _with_corpus(questions: QuestionSet, corpus: Path) -> QuestionSet:
    if questions.corpus is not None:
        raise InvalidInput(
            corpus, cause=f"{questions.name} has its own corpus", remedy="leave --corpus out"
        )
    if not corpus.exists():
        raise InvalidInput(corpus, cause="there is no such file or folder", remedy="check the path")
    if {".jsonl"} & set(corpus.suffixes):
        return replace(
            questions,
            corpus=Corpus(passages=passages(corpus)),
            questions=tuple(replace(each, kind="words-passage") for each in questions.questions),
        )
    return replace(questions, corpus=Corpus(files=(corpus,)))


@contextmanager
def _progress() -> Iterator[tuple[Callable[[Progress], None], Callable[[str, int, int], None]]]:
    """A line on standard error that says what is being done and how far it is."""
    with Bar(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        console=_err,
        transient=True,
        disable=not _err.is_terminal,
    ) as bar:
        task = bar.add_task("", total=None, visible=False)

        def show_line(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total, visible=True)

        yield (
            lambda progress: show_line("indexing the corpus", progress.done, progress.total),
            lambda name, done, total: show_line(f"asking ({name})", done, total),
        )


def show_calibration(fitted: Calibration) -> None:
    """What refusing was worth with the cut-offs until now, and is with the new ones."""
    show.out.print(
        Text.assemble(
            ("\nRefusal", "bold"),
            (f"  {fitted.known} questions answered here, {fitted.foreign} not", "dim"),
        )
    )
    for name, one in (("before", fitted.before), ("fitted, on held-out halves", fitted.held_out)):
        show.out.print(f"  {name}: precision {one.precision:.3f}, recall {one.recall:.3f}")
    show.out.print(Text(f"  kept in {fitted.path}; delete it to go back", "dim"))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise OutOfResources.because(exc, path) from exc


def show_report(report: Report) -> None:
    """Tables and verdicts for people."""
    for number, section in enumerate(report.sections):
        if number:
            show.out.print()
        counted = f"{section.questions} question{'s' * (section.questions != 1)}"
        if section.independent != section.questions:
            counted += f", {section.independent} independent"
        show.out.print(Text.assemble((section_title(section), "bold"), (f"  {counted}", "dim")))
        show.out.print(_table(report, section))
        differences = [
            each
            for each in report.differences
            if (each.kind, each.language) == (section.kind, section.language)
        ]
        for each in differences:
            style = "green" if each.beyond_noise else "dim"
            show.out.print(Text(verdict(report.measures[0].label, each), style=style))
        if caution(section):
            show.out.print(Text(caution(section), style="yellow"))
    if report.without_answer:
        show.out.print(
            Text(f"\n{report.without_answer} questions that nothing answers are left out", "dim")
        )
    _show_unreadable(report.unreadable)


def show_answers(report: AnswerReport) -> None:
    """Tables and verdicts for people."""
    for number, section in enumerate(report.sections):
        if number:
            show.out.print()
        counted = f"{section.questions} question{'s' * (section.questions != 1)}"
        counted += f", {section.answerable} answerable"
        show.out.print(Text.assemble((answers_title(section), "bold"), (f"  {counted}", "dim")))
        show.out.print(_answers_table(section))
        for each in changes_of(report, section):
            style = "green" if each.beyond_noise else "dim"
            show.out.print(Text(verdict(each.measure.label, each), style=style))
        for system in section.systems:
            for line in otherwise(system, section.questions):
                show.out.print(Text(line, style="yellow"))
        if caution(section):
            show.out.print(Text(caution(section), style="yellow"))
    _show_unreadable(report.unreadable)


def _answers_table(section: AnswerSection) -> Table:
    """A row per measure and a column per configuration."""
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for system in section.systems:
        table.add_column(Text(system.name), justify="right", no_wrap=True)
    for each in MEASURES:
        estimates = [system.estimates.get(each.name) for system in section.systems]
        if any(estimates):
            table.add_row(each.label, *map(_cell, estimates))
    table.add_row("ms", *(f"{system.milliseconds:.0f}" for system in section.systems))
    return table


def _cell(estimate: Estimate | None) -> Text:
    if estimate is None:
        return Text("")
    cell = Text(f"{estimate.mean:.3f}")
    if estimate.low is not None and estimate.high is not None:
        cell.append(f"  {estimate.low:.2f}–{estimate.high:.2f}", style="dim")
    return cell


def _show_unreadable(count: int) -> None:
    if count:
        show.out.print(Text(f"{count} files of the corpus could not be read", style="yellow"))


def _table(report: Report, section: Section) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("system")
    for each in report.measures:
        table.add_column(each.label, justify="right", no_wrap=True)
    table.add_column("ms", justify="right", no_wrap=True)
    for system in section.systems:
        cells = []
        for each in report.measures:
            estimate = system.estimates[each.name]
            cell = Text(f"{estimate.mean:.3f}")
            if estimate.low is not None and estimate.high is not None:
                cell.append(f"\n{estimate.low:.2f}–{estimate.high:.2f}", style="dim")
            cells.append(cell)
        spent = "" if system.milliseconds is None else f"{system.milliseconds:.0f}"
        table.add_row(Text(system.name), *cells, Text(spent))
    return table
