"""A measurement of answers as JSON and as one HTML file, which needs nothing beside it."""

from itertools import groupby

from retriever.evaluation.answer_report import (
    AnswerChange,
    AnswerFigures,
    AnswerOutcome,
    AnswerReport,
    AnswerSection,
)
from retriever.evaluation.answers import COMPARED, MEASURES, Marked
from retriever.evaluation.report import ALL_LANGUAGES
from web.eval_report import (
    LANGUAGES,
    MISSED,
    Json,
    asked,
    axis,
    bounds,
    caution,
    estimate_json,
    names,
    render,
    verdict,
)

FORMAT = 1


def section_title(section: AnswerSection) -> str:
    """What was measured, and the script of the questions."""
    script = LANGUAGES.get(section.language, "")
    return f"answers, {script}" if script else "answers"


def changes_of(report: AnswerReport, section: AnswerSection) -> list[AnswerChange]:
    """The differences that belong to a section."""
    return [each for each in report.differences if each.language == section.language]


def otherwise(system: AnswerFigures, questions: int) -> list[str]:
    """What went otherwise than asked, such as a model that did not answer; none if nothing did."""
    return [
        f"{system.name}: {count} of {questions} answers came otherwise than asked: {note}"
        for note, count in system.otherwise.items()
    ]


# -- JSON --------------------------------------------------------------------------------------


def answers_json(report: AnswerReport) -> Json:
    return {
        "format": FORMAT,
        "name": report.name,
        "measures": [measure.name for measure in MEASURES],
        "compared": [measure.name for measure in COMPARED],
        "seed": report.seed,
        "documents": report.documents,
        "unreadable": report.unreadable,
        "models": dict(report.models),
        "configurations": [
            {"name": each.name, "changes": dict(each.changes)} for each in report.configurations
        ],
        "sections": [_section_json(section) for section in report.sections],
        "differences": [
            {
                "language": each.language,
                "measure": each.measure.name,
                "first": each.first,
                "second": each.second,
                **estimate_json(each.estimate),
                "p": each.p,
                "p_corrected": each.corrected,
                "beyond_noise": each.beyond_noise,
            }
            for each in report.differences
        ],
        "questions": [_outcome_json(outcome) for outcome in report.outcomes],
    }


def _section_json(section: AnswerSection) -> Json:
    return {
        "language": section.language,
        "questions": section.questions,
        "answerable": section.answerable,
        "independent": section.independent,
        "systems": [
            {
                "name": system.name,
                "measures": {
                    name: {**estimate_json(estimate), "of": system.counts[name]}
                    for name, estimate in system.estimates.items()
                },
                "milliseconds": system.milliseconds,
                "otherwise": dict(system.otherwise),
            }
            for system in section.systems
        ],
    }


def _outcome_json(outcome: AnswerOutcome) -> Json:
    question = outcome.judged.question
    return {
        "id": question.id,
        "place": question.place,
        "text": question.text,
        "image": None if question.image is None else str(question.image),
        "language": outcome.judged.language,
        "answerable": question.answerable,
        "answers": list(question.answers),
        "wanted": dict(outcome.judged.relevant),
        "given": {name: _marked_json(marked) for name, marked in outcome.answers.items()},
    }


def _marked_json(marked: Marked) -> Json:
    return {
        "refused": marked.refused,
        "said": marked.said,
        "cited": list(marked.cited),
        "exact_match": marked.exact,
        "f1": marked.f1,
        "sentence_hit": marked.sentence_hit,
        "groundedness": marked.groundedness,
        "verbatim": list(marked.verbatim),
        "note": marked.note,
        "milliseconds": marked.milliseconds,
    }


# -- HTML --------------------------------------------------------------------------------------


def answers_html(report: AnswerReport) -> str:
    """One page: no scripts, no addresses; its plots are SVG."""
    return render(
        "eval_answers.html",
        report=report,
        sections=[_section_view(report, section) for section in report.sections],
    )


def _section_view(report: AnswerReport, section: AnswerSection) -> Json:
    estimates = [estimate for system in section.systems for estimate in system.estimates.values()]
    changes = sorted(changes_of(report, section), key=lambda each: each.measure.name)
    return {
        "section": section,
        "title": section_title(section),
        "caution": caution(section),
        "otherwise": [
            line for system in section.systems for line in otherwise(system, section.questions)
        ],
        "verdicts": [
            {"text": verdict(each.measure.label, each), "sure": each.beyond_noise}
            for each in changes
        ],
        "measures": [
            measure
            for measure in MEASURES
            if any(measure.name in system.estimates for system in section.systems)
        ],
        "axis": axis([bound for each in estimates for bound in bounds(each)], within=(0, 1)),
        "changes": [list(some) for _, some in groupby(changes, lambda each: each.measure.name)],
        "change_axis": axis([0.0, *(bound for each in changes for bound in bounds(each.estimate))]),
        "missed": _missed(report, section),
    }


def _missed(report: AnswerReport, section: AnswerSection) -> Json:
    """The questions of the section that the first configuration did not answer rightly."""
    system = section.systems[0].name
    rows = [
        outcome
        for outcome in report.outcomes
        if section.language in {outcome.judged.language, ALL_LANGUAGES}
        and outcome.answers[system].missed
    ]
    return {
        "system": system,
        "total": len(rows),
        "rows": [
            {
                "asked": asked(outcome.judged),
                "wanted": " / ".join(outcome.judged.question.answers)
                or names(list(outcome.judged.relevant)),
                "said": outcome.answers[system].said,
            }
            for outcome in rows[:MISSED]
        ],
    }
