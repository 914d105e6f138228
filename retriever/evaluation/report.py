"""What the runs of the configurations come to: figures with intervals, and which differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from statistics import median

import numpy as np
from numpy.typing import NDArray

from retriever.evaluation.domain import Judged, QueryKind
from retriever.evaluation.measures import Measure, values
from retriever.evaluation.runs import SEARCH, Run
from retriever.evaluation.settings import Configuration
from retriever.evaluation.statistics import SEED, bootstrap, holm, randomisation_p

SIGNIFICANT = 0.05
ALL_LANGUAGES = "all"

OWN_SECTION = 10  # questions of one language, for figures of their own


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A mean over questions with its 95% interval: None where too few questions tell nothing."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemFigures:
    """One system in one section.

    ``found_by[k - 1]`` is the share of questions with a right item among the first k. Only whole
    searches have ``milliseconds`` (median) and ``weak``, the share of questions whose results
    search itself called unlikely although something right is there.
    """

    name: str
    estimates: Mapping[str, Estimate]
    found_by: tuple[float, ...]
    milliseconds: float | None = None
    weak: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """The questions of one kind and language ("en", "ru", "" or "all")."""

    kind: QueryKind
    language: str
    questions: int
    independent: int  # groups of questions that stand or fall together
    systems: tuple[SystemFigures, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """``second`` minus ``first`` by one measure.

    ``p`` is that of a paired randomisation test, ``corrected`` for all tests of the report (Holm).
    """

    language: str
    first: str
    second: str
    estimate: Estimate
    p: float
    corrected: float

    @property
    def beyond_noise(self) -> bool:
        return self.corrected < SIGNIFICANT


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference(Change):
    """By the measure that decides."""

    kind: QueryKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One question. ``ranks``: that of the first right item by system, None if not found.

    ``first`` is the item that each system put first, "" if it found nothing.
    """

    judged: Judged
    ranks: Mapping[str, int | None]
    first: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A measurement. ``measures[0]`` decides which system is better."""

    name: str
    measures: tuple[Measure, ...]
    depth: int
    seed: int
    configurations: tuple[Configuration, ...]
    sections: tuple[Section, ...]
    differences: tuple[Difference, ...]
    outcomes: tuple[Outcome, ...]
    without_answer: int  # questions that nothing answers: they have no value and are left out
    documents: int = 0
    unreadable: int = 0
    models: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _System:
    """Rows of ``values`` are questions, columns measures; a rank of 0 is nothing found."""

    name: str
    configuration: str
    ranking: str
    ranked: list[list[str]]
    values: NDArray[np.float64]
    ranks: NDArray[np.int64]
    run: Run | None  # of a whole search


def report(
    name: str,
    measures: Sequence[Measure],
    judged: Sequence[Judged],
    runs: Sequence[tuple[Configuration, Run]],
    *,
    depth: int,
    without_answer: int = 0,
    seed: int = SEED,
) -> Report:
    """Figures of every system, per kind and language of question, and all their differences.

    Each question needs a right item. The same runs and seed give the same report.
    """
    systems = list(_systems(measures, judged, runs))
    sections: list[Section] = []
    differences: list[Difference] = []
    for kind, language, rows in _strata(judged):
        present = [system for system in systems if any(system.ranked[row] for row in rows)]
        present = [each for each in present if not _repeats(each, present, rows)] or systems[:1]
        groups = [judged[row].question.group or judged[row].question.id for row in rows]
        sections.append(
            Section(
                kind=kind,
                language=language,
                questions=len(rows),
                independent=len(set(groups)),
                systems=tuple(
                    _figures(system, rows, groups, measures, depth, seed) for system in present
                ),
            )
        )
        for first, second in _compared(present):
            change = (second.values - first.values)[rows][:, :1]
            p = randomisation_p(change[:, 0], groups, seed=seed)
            differences.append(
                Difference(
                    kind=kind,
                    language=language,
                    first=first.name,
                    second=second.name,
                    estimate=estimates(change, groups, seed)[0],
                    p=p,
                    corrected=p,
                )
            )
    corrected = holm([each.p for each in differences])
    return Report(
        name=name,
        measures=tuple(measures),
        depth=depth,
        seed=seed,
        configurations=tuple(configuration for configuration, _ in runs),
        sections=tuple(sections),
        differences=tuple(
            replace(each, corrected=p) for each, p in zip(differences, corrected, strict=True)
        ),
        outcomes=tuple(_outcome(row, each, systems) for row, each in enumerate(judged)),
        without_answer=without_answer,
    )


def _systems(
    measures: Sequence[Measure],
    judged: Sequence[Judged],
    runs: Sequence[tuple[Configuration, Run]],
) -> Iterator[_System]:
    relevant = [each.relevant for each in judged]
    for configuration, run in runs:
        for ranking, ranked in run.ranked.items():
            whole = ranking == SEARCH
            if len(runs) == 1:
                name = ranking
            else:
                name = configuration.name if whole else f"{configuration.name}: {ranking}"
            ranks = [
                next((rank for rank, item in enumerate(items, 1) if item in right), 0)
                for items, right in zip(ranked, relevant, strict=True)
            ]
            yield _System(
                name,
                configuration.name,
                ranking,
                ranked,
                values(measures, ranked, relevant),
                np.array(ranks, np.int64),
                run if whole else None,
            )


def _strata(judged: Sequence[Judged]) -> Iterator[tuple[QueryKind, str, list[int]]]:
    """Row numbers per kind, and also per language where enough questions of several were asked."""
    kinds: dict[QueryKind, dict[str, list[int]]] = {}
    for row, each in enumerate(judged):
        kinds.setdefault(each.kind, {}).setdefault(each.language, []).append(row)
    for kind, languages in kinds.items():
        if len(languages) == 1:
            yield (kind, *next(iter(languages.items())))
            continue
        yield kind, ALL_LANGUAGES, sorted(row for rows in languages.values() for row in rows)
        many = {each: rows for each, rows in languages.items() if len(rows) >= OWN_SECTION}
        if len(many) > 1:
            yield from ((kind, language, rows) for language, rows in sorted(many.items()))


def _repeats(system: _System, systems: Sequence[_System], rows: Sequence[int]) -> bool:
    """Whether a single ranking is, item by item, its whole search or one shown already."""
    earlier = systems[: systems.index(system)]
    return system.run is None and any(
        all(other.ranked[row] == system.ranked[row] for row in rows)
        for other in earlier
        if other.ranking == system.ranking
        or (other.run is not None and other.configuration == system.configuration)
    )


def _compared(systems: Sequence[_System]) -> Iterator[tuple[_System, _System]]:
    """Whole searches with each other, and each single ranking with the search it is part of."""
    for first, second in combinations(systems, 2):
        if first.run is not None and (
            second.run is not None or second.configuration == first.configuration
        ):
            yield first, second


def _figures(
    system: _System,
    rows: Sequence[int],
    groups: Sequence[str],
    measures: Sequence[Measure],
    depth: int,
    seed: int,
) -> SystemFigures:
    ranks = system.ranks[rows]
    run = system.run
    return SystemFigures(
        name=system.name,
        estimates={
            measure.name: estimate
            for measure, estimate in zip(
                measures, estimates(system.values[rows], groups, seed), strict=True
            )
        },
        found_by=tuple(float(np.mean((ranks > 0) & (ranks <= k))) for k in range(1, depth + 1)),
        milliseconds=None if run is None else median(run.milliseconds[row] for row in rows),
        weak=None if run is None else float(np.mean([run.weak[row] for row in rows])),
    )


def estimates(columns: NDArray[np.float64], groups: Sequence[str], seed: int) -> list[Estimate]:
    """Mean and interval of each column of values, shape (rows, columns)."""
    low, high = bootstrap(columns, groups, seed=seed)
    return [
        Estimate(
            mean=float(mean),
            low=None if np.isnan(low[column]) else float(low[column]),
            high=None if np.isnan(high[column]) else float(high[column]),
        )
        for column, mean in enumerate(columns.mean(axis=0))
    ]


def _outcome(row: int, judged: Judged, systems: Sequence[_System]) -> Outcome:
    return Outcome(
        judged=judged,
        ranks={system.name: int(system.ranks[row]) or None for system in systems},
        first={system.name: next(iter(system.ranked[row]), "") for system in systems},
    )
