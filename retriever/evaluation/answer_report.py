"""What the answers of the configurations come to: figures with intervals, and which differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from statistics import median

import numpy as np

from retriever.evaluation.answers import COMPARED, MEASURES, OF_REFUSALS, AnswerMeasure, Marked
from retriever.evaluation.domain import Judged
from retriever.evaluation.report import (
    ALL_LANGUAGES,
    OWN_SECTION,
    Change,
    Estimate,
    estimates,
)
from retriever.evaluation.settings import Configuration
from retriever.evaluation.statistics import SEED, holm, randomisation_p


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerFigures:
    """One configuration in one section.

    A measure that nothing adds a value to is in neither ``estimates`` nor ``counts``, which are
    the numbers of values. ``otherwise`` counts answers that came otherwise than asked, by their
    note, such as those of a model that did not answer. ``milliseconds`` is the median.
    """

    name: str
    estimates: Mapping[str, Estimate]
    counts: Mapping[str, int]
    milliseconds: float
    otherwise: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerSection:
    """The questions of one language ("en", "ru", "" or "all"). ``answerable`` counts those."""

    language: str
    questions: int
    answerable: int
    independent: int  # groups of questions that stand or fall together
    systems: tuple[AnswerFigures, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerChange(Change):
    """By one of the measures that configurations are tested in."""

    measure: AnswerMeasure


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerOutcome:
    """One question and what each configuration's answer is worth."""

    judged: Judged
    answers: Mapping[str, Marked]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerReport:
    """A measurement of answers."""

    name: str
    seed: int
    configurations: tuple[Configuration, ...]
    sections: tuple[AnswerSection, ...]
    differences: tuple[AnswerChange, ...]
    outcomes: tuple[AnswerOutcome, ...]
    documents: int = 0
    unreadable: int = 0
    models: Mapping[str, str] = field(default_factory=dict)


def answer_report(
    name: str,
    judged: Sequence[Judged],
    runs: Sequence[tuple[Configuration, Sequence[Marked]]],
    *,
    seed: int = SEED,
) -> AnswerReport:
    """Figures of every configuration, per language, and their differences.

    The same runs and seed give the same report.
    """
    sections: list[AnswerSection] = []
    differences: list[AnswerChange] = []
    for language, rows in _strata(judged):
        groups = [judged[row].question.group or judged[row].question.id for row in rows]
        chosen = {configuration.name: [marks[row] for row in rows] for configuration, marks in runs}
        sections.append(
            AnswerSection(
                language=language,
                questions=len(rows),
                answerable=sum(judged[row].question.answerable for row in rows),
                independent=len(set(groups)),
                systems=tuple(
                    _figures(system, marks, groups, seed) for system, marks in chosen.items()
                ),
            )
        )
        differences += _changes(language, chosen, groups, seed)
    corrected = holm([each.p for each in differences])
    return AnswerReport(
        name=name,
        seed=seed,
        configurations=tuple(configuration for configuration, _ in runs),
        sections=tuple(sections),
        differences=tuple(
            replace(each, corrected=p) for each, p in zip(differences, corrected, strict=True)
        ),
        outcomes=tuple(
            AnswerOutcome(
                judged=each,
                answers={configuration.name: marks[row] for configuration, marks in runs},
            )
            for row, each in enumerate(judged)
        ),
    )


def _strata(judged: Sequence[Judged]) -> list[tuple[str, list[int]]]:
    """Row numbers, and also per language where enough questions of several were asked."""
    languages: dict[str, list[int]] = {}
    for row, each in enumerate(judged):
        languages.setdefault(each.language, []).append(row)
    if len(languages) == 1:
        return list(languages.items())
    many = sorted((each, rows) for each, rows in languages.items() if len(rows) >= OWN_SECTION)
    return [(ALL_LANGUAGES, list(range(len(judged)))), *(many if len(many) > 1 else ())]


def _figures(name: str, marks: Sequence[Marked], groups: Sequence[str], seed: int) -> AnswerFigures:
    found: dict[str, Estimate] = {}
    counts: dict[str, int] = {}
    refusable = any(not each.answerable for each in marks)
    for measure in MEASURES:
        if measure in OF_REFUSALS and not refusable:
            continue  # no refusal could have been right
        # Values of one question are drawn together: a mean over citations is one over questions.
        values = [
            (value, group)
            for each, group in zip(marks, groups, strict=True)
            for value in measure.values(each)
        ]
        if values:
            column = np.array([[value] for value, _ in values])
            (found[measure.name],) = estimates(column, [group for _, group in values], seed)
            counts[measure.name] = len(values)
    notes = [each.note for each in marks if each.note]
    return AnswerFigures(
        name=name,
        estimates=found,
        counts=counts,
        milliseconds=median(each.milliseconds for each in marks),
        otherwise={note: notes.count(note) for note in dict.fromkeys(notes)},
    )


def _changes(
    language: str, chosen: Mapping[str, Sequence[Marked]], groups: Sequence[str], seed: int
) -> list[AnswerChange]:
    found = []
    for (first, before), (second, after) in combinations(chosen.items(), 2):
        for measure in COMPARED:
            # Whether an answer has a value lies in its question, so that these are pairs.
            pairs = [
                (new - old, group)
                for one, other, group in zip(before, after, groups, strict=True)
                for old, new in zip(measure.values(one), measure.values(other), strict=True)
            ]
            if not pairs:
                continue
            change = np.array([[difference] for difference, _ in pairs])
            drawn = [group for _, group in pairs]
            p = randomisation_p(change[:, 0], drawn, seed=seed)
            found.append(
                AnswerChange(
                    language=language,
                    measure=measure,
                    first=first,
                    second=second,
                    estimate=estimates(change, drawn, seed)[0],
                    p=p,
                    corrected=p,
                )
            )
    return found
