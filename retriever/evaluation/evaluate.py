"""From a question set and configurations to a report, of rankings or of answers."""

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Generic, TypeVar

from indexer.errors import InvalidInput, SpaceMismatch
from indexer.library import Library
from indexer.pipeline import Progress
from indexer.settings import IndexerSettings
from retriever.calibration import Calibration
from retriever.domain import Query
from retriever.evaluation import targets
from retriever.evaluation.answer_report import AnswerReport, answer_report
from retriever.evaluation.answers import ask_all
from retriever.evaluation.corpus import Bench, indexed
from retriever.evaluation.domain import Corpus, Judged, Question, QuestionSet
from retriever.evaluation.measures import DEFAULT, Measure, measure
from retriever.evaluation.report import Report, report
from retriever.evaluation.runs import Run, RunOptions, run
from retriever.evaluation.settings import Configuration, distinct
from retriever.evaluation.statistics import SEED
from retriever.generators import load_generator
from retriever.pipeline import Engine

OpenLibrary = Callable[[IndexerSettings], Library]
Tell = Callable[[int], None]  # hears how many questions are done
Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to measure. ``limit`` takes that many questions at random (0: all of them).

    ``home`` is where the user's own files are indexed (None: as set), ``keep`` where a set's own
    corpus is, to find it there the next time (None: it goes away). The configurations are compared
    to the settings in force.
    """

    measures: tuple[Measure, ...] = tuple(measure(name) for name in DEFAULT)
    configurations: tuple[Configuration, ...] = ()
    collections: tuple[str, ...] = ()
    home: Path | None = None
    keep: Path | None = None
    limit: int = 0
    seed: int = SEED
    run: RunOptions = field(default_factory=RunOptions)
    on_index: Callable[[Progress], None] | None = None
    on_asked: Callable[[str, int, int], None] = field(default=lambda *_: None)


def evaluate(questions: QuestionSet, plan: Plan, *, open_library: OpenLibrary = Library) -> Report:
    """Search for every question in every configuration.

    InvalidInput for what cannot be measured.
    """
    answerable = _sample([each for each in questions.questions if each.wanted], plan)
    if not answerable:
        raise InvalidInput(
            questions.name,
            cause="none of its questions says what should be found",
            remedy="name a file or an item for some",
        )

    def search(engine: Engine, bench: Bench, judged: Sequence[Judged], tell: Tell) -> Run:
        return run(engine, bench, judged, plan.run, tell)

    asked = _ask(questions, answerable, plan, open_library, search)
    made = report(
        questions.name,
        plan.measures,
        asked.judged,
        asked.runs,
        depth=plan.run.depth,
        without_answer=sum(not each.wanted for each in questions.questions),
        seed=plan.seed,
    )
    return replace(
        made, documents=asked.documents, unreadable=asked.unreadable, models=asked.models
    )


def evaluate_answers(
    questions: QuestionSet, plan: Plan, *, open_library: OpenLibrary = Library
) -> AnswerReport:
    """Have every question answered in every configuration, also those that nothing answers.

    InvalidInput for what cannot be measured, GeneratorUnavailable for a model that is not there.
    What the plan says of rankings does not count.
    """
    for configuration in (Configuration(), *plan.configurations):
        # Its quotes in place of a model would be measured under the model's name.
        load_generator(configuration.retriever().answer, None).check()
    chosen = _sample(questions.questions, plan)
    asked = _ask(questions, chosen, plan, open_library, ask_all)
    made = answer_report(questions.name, asked.judged, asked.runs, seed=plan.seed)
    return replace(
        made, documents=asked.documents, unreadable=asked.unreadable, models=asked.models
    )


def calibrate(
    questions: QuestionSet, plan: Plan, *, open_library: OpenLibrary = Library
) -> Calibration:
    """Fit the cut-offs of refusal to questions that the user's collections answer.

    InvalidInput for questions of another corpus, and for too few.
    """
    if questions.corpus is not None:
        raise InvalidInput(
            questions.name,
            cause="cut-offs are for the files that you have indexed, and these have a corpus",
            remedy="give questions about your own files",
        )
    asked = [each for each in questions.questions if each.wanted and each.image is None]
    with open_library(Configuration().indexer(plan.home)) as library:
        engine = Engine(library, Configuration().retriever())
        return engine.calibrate(
            [Query(text=each.text, collections=plan.collections) for each in _sample(asked, plan)]
        )


@dataclass(frozen=True, slots=True)
class _Asked(Generic[Found]):
    """What came of the questions in each configuration, and what they were asked of."""

    judged: list[Judged]
    runs: list[tuple[Configuration, Found]]
    documents: int
    unreadable: int
    models: Mapping[str, str]


def _ask(
    questions: QuestionSet,
    chosen: Sequence[Question],
    plan: Plan,
    open_library: OpenLibrary,
    ask: Callable[[Engine, Bench, Sequence[Judged], Tell], Found],
) -> _Asked[Found]:
    """``ask`` the chosen questions in every configuration."""
    configurations = distinct([Configuration(), *plan.configurations])
    settings = [each.retriever() for each in configurations]  # refuses bad values before work
    runs = []
    with _benches(questions, configurations, plan, open_library) as benches:
        judged = targets.judged(chosen, benches[0])
        for configuration, retrieval, bench in zip(configurations, settings, benches, strict=True):
            tell = partial(_tell, plan, configuration.name, len(judged))
            engine = Engine(bench.library, retrieval)
            runs.append((configuration, ask(engine, bench, judged, tell)))
        status = Engine(benches[0].library, settings[0]).status()
        return _Asked(judged, runs, status.documents, benches[0].unreadable, dict(status.models))


def _sample(questions: Sequence[Question], plan: Plan) -> list[Question]:
    if not plan.limit or plan.limit >= len(questions):
        return list(questions)
    # The same questions every time, and all kinds of them.
    rows = random.Random(plan.seed).sample(range(len(questions)), plan.limit)  # noqa: S311
    return [questions[row] for row in sorted(rows)]


def _tell(plan: Plan, name: str, total: int, done: int) -> None:
    plan.on_asked(name, done, total)


@contextmanager
def _benches(
    questions: QuestionSet,
    configurations: Sequence[Configuration],
    plan: Plan,
    open_library: OpenLibrary,
) -> Iterator[list[Bench]]:
    """A bench for each configuration; those that index alike share one."""
    with ExitStack() as stack:
        if questions.corpus is None:
            for configuration in configurations:
                _refuse_indexing(configuration)
            library = stack.enter_context(open_library(Configuration().indexer(plan.home)))
            yield [_of_user(library, plan)] * len(configurations)
            return
        root = plan.keep
        if root is None:
            root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sightline-eval-")))
        made: dict[IndexerSettings, Bench] = {}
        benches = []
        for configuration in configurations:
            # Each set, and each way to index it, has a home of its own.
            settings = configuration.indexer(root)
            if settings not in made:
                folder = root / f"{_plain(questions.name)}-{_mark(questions, settings)}"
                inside = replace(settings, home=folder.absolute() / "home")
                made[settings] = _of_set(
                    questions.corpus, folder, inside, plan, open_library, stack
                )
            benches.append(made[settings])
        yield benches


def _of_set(
    corpus: Corpus,
    folder: Path,
    settings: IndexerSettings,
    plan: Plan,
    open_library: OpenLibrary,
    stack: ExitStack,
) -> Bench:
    folder.mkdir(parents=True, exist_ok=True)
    library = stack.enter_context(open_library(settings))
    try:
        return indexed(library, corpus, folder, plan.on_index)
    except SpaceMismatch:
        # Kept from a version with other encoders.
        library.close()
    shutil.rmtree(settings.home)
    return indexed(stack.enter_context(open_library(settings)), corpus, folder, plan.on_index)


def _refuse_indexing(configuration: Configuration) -> None:
    for variable in configuration.of_indexing:
        raise InvalidInput(
            f"configuration {configuration.name!r}",
            cause=f"{variable} changes how files are indexed, and yours already are",
            remedy="give the files with --corpus to have them indexed for the measurement",
        )


def _of_user(library: Library, plan: Plan) -> Bench:
    if not library.catalog.counts().documents:
        raise InvalidInput(
            library.settings.home,
            cause="nothing is indexed here",
            remedy="run sightline index first, or give the files with --corpus",
        )
    for name in plan.collections:
        library.catalog.collection(name)  # NotFound for one that is not there
    return Bench(library=library, collections=plan.collections)


def _mark(questions: QuestionSet, settings: IndexerSettings) -> str:
    return sha256(repr((questions.name, replace(settings, home=Path()))).encode()).hexdigest()[:8]


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)[:40]
