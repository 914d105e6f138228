"""A measurement of rankings as JSON and as one HTML file, which needs nothing beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log
from pathlib import Path
from typing import Any

from retriever.evaluation.answer_report import AnswerSection
from retriever.evaluation.domain import KIND_NAMES, Judged
from retriever.evaluation.report import (
    ALL_LANGUAGES,
    Change,
    Difference,
    Estimate,
    Outcome,
    Report,
    Section,
)

Json = dict[str, Any]

FORMAT = 1
FEW = 20  # independent questions; fewer hardly ever show a difference

LANGUAGES = {"en": "Latin script", "ru": "Cyrillic script", ALL_LANGUAGES: "all languages"}
MISSED = 100  # questions listed in the HTML
_SPAN = 0.04  # the least that an axis shows
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_INTERVALS = 4
_ROUNDING = 1e-9
_FOUND_WITHIN = 10  # a right item further down counts as missed there


def section_title(section: Section | Difference) -> str:
    """What was asked for what, and in which script."""
    parts = (KIND_NAMES[section.kind], LANGUAGES.get(section.language, ""))
    return ", ".join(filter(None, parts))


def verdict(label: str, difference: Change) -> str:
    """One sentence on a difference. Mean differences have the sign of the better system."""
    mean = difference.estimate.mean
    better, worse = difference.second, difference.first
    if mean < 0:
        better, worse = worse, better
    size = f"{abs(mean):.3f} {label}, p {difference.corrected:.2g}"
    if difference.beyond_noise:
        return f"{better} is better than {worse} ({size})"
    if mean == 0:
        return f"{worse} and {better} do not differ ({label})"
    return f"{worse} and {better}: no difference beyond noise ({size})"


def caution(section: Section | AnswerSection) -> str:
    """What keeps a section from telling much; "" if nothing does."""
    if section.independent >= FEW:
        return ""
    counted = f"{section.independent} independent question{'s' * (section.independent != 1)}"
    return f"{counted} can hardly show a difference: ask {FEW} or more"


# -- JSON --------------------------------------------------------------------------------------


def report_json(report: Report) -> Json:
    return {
        "format": FORMAT,
        "name": report.name,
        "measures": [measure.name for measure in report.measures],
        "decides": report.measures[0].name,
        "depth": report.depth,
        "seed": report.seed,
        "documents": report.documents,
        "unreadable": report.unreadable,
        "without_answer": report.without_answer,
        "models": dict(report.models),
        "configurations": [
            {"name": each.name, "changes": dict(each.changes)} for each in report.configurations
        ],
        "sections": [_section_json(section) for section in report.sections],
        "differences": [
            {
                "kind": each.kind,
                "language": each.language,
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


def _section_json(section: Section) -> Json:
    return {
        "kind": section.kind,
        "language": section.language,
        "questions": section.questions,
        "independent": section.independent,
        "systems": [
            {
                "name": system.name,
                "measures": {
                    name: estimate_json(estimate) for name, estimate in system.estimates.items()
                },
                "found_by": [round(share, 6) for share in system.found_by],
                "milliseconds": system.milliseconds,
                "weak": system.weak,
            }
            for system in section.systems
        ],
    }


def estimate_json(estimate: Estimate) -> Json:
    """A mean with the ends of its interval."""
    return {"mean": estimate.mean, "low": estimate.low, "high": estimate.high}


def _outcome_json(outcome: Outcome) -> Json:
    question = outcome.judged.question
    return {
        "id": question.id,
        "place": question.place,
        "text": question.text,
        "image": None if question.image is None else str(question.image),
        "kind": outcome.judged.kind,
        "language": outcome.judged.language,
        "wanted": dict(outcome.judged.relevant),
        "ranks": dict(outcome.ranks),
        "first": dict(outcome.first),
    }


# -- HTML --------------------------------------------------------------------------------------


def report_html(report: Report) -> str:
    """One page: no scripts, no addresses; its plots are SVG."""
    return render(
        "eval.html",
        report=report,
        sections=[_section_view(report, section) for section in report.sections],
    )


def render(template: str, **values: object) -> str:
    """A template of measurements with its values."""
    # Every command would wait for this import.
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("web"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["number"] = _number
    return environment.get_template(template).render(**values)


@dataclass(frozen=True, slots=True)
class _Axis:
    """A linear axis: ``at`` gives a place in percent of its length."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        return round(100 * (value - self.low) / (self.high - self.low), 2)


def _section_view(report: Report, section: Section) -> Json:
    estimates = [estimate for system in section.systems for estimate in system.estimates.values()]
    differences = [
        each
        for each in report.differences
        if (each.kind, each.language) == (section.kind, section.language)
    ]
    return {
        "section": section,
        "title": section_title(section),
        "caution": caution(section),
        "verdicts": [
            {"text": verdict(report.measures[0].label, each), "sure": each.beyond_noise}
            for each in differences
        ],
        "axis": axis([bound for each in estimates for bound in bounds(each)], within=(0, 1)),
        "differences": differences,
        "difference_axis": axis(
            [0.0, *(bound for each in differences for bound in bounds(each.estimate))]
        ),
        "curves": [
            {"name": system.name, "points": _curve(system.found_by)} for system in section.systems
        ],
        "curve_ticks": [
            {"k": k, "at": _log_place(k, report.depth)}
            for k in (1, 2, 5, 10, 20, 50, 100, 200)
            if k <= report.depth
        ],
        "missed": _missed(report, section),
    }


def bounds(estimate: Estimate) -> list[float]:
    """What an axis has to show of it."""
    return [bound for bound in (estimate.low, estimate.mean, estimate.high) if bound is not None]


def axis(values: Sequence[float], within: tuple[float, float] | None = None) -> _Axis:
    """An axis that shows all values, from one round number to another, inside ``within``."""
    low, high = min(values), max(values)
    span = max(high - low, _SPAN)
    step = next(step for step in _STEPS if span <= _INTERVALS * step)
    first = floor(low / step + _ROUNDING)
    last = max(ceil(high / step - _ROUNDING), first + ceil(_SPAN / step))
    if within is not None:
        last = min(last, round(within[1] / step))
        first = max(round(within[0] / step), min(first, last - ceil(_SPAN / step)))
    ticks = tuple(round(number * step, 4) for number in range(first, last + 1))
    return _Axis(ticks[0], ticks[-1], ticks)


def _curve(found_by: Sequence[float]) -> str:
    """Points of a polyline in a square of 100 by 100: first k on a logarithmic axis, share up."""
    depth = len(found_by)
    return " ".join(
        f"{_log_place(k, depth)},{round(100 - 100 * share, 2)}"
        for k, share in enumerate(found_by, start=1)
    )


def _log_place(k: int, depth: int) -> float:
    return round(100 * log(k) / log(max(depth, 2)), 2)


def _missed(report: Report, section: Section) -> Json:
    """The questions of the section that the first system answers late or not at all."""
    system = section.systems[0].name
    rows = [
        outcome
        for outcome in report.outcomes
        if outcome.judged.kind == section.kind
        and section.language in {outcome.judged.language, ALL_LANGUAGES}
        and not 1 <= (outcome.ranks[system] or 0) <= _FOUND_WITHIN
    ]
    rows.sort(key=lambda outcome: -(outcome.ranks[system] or report.depth + 1))
    return {
        "system": system,
        "within": _FOUND_WITHIN,
        "total": len(rows),
        "rows": [
            {
                "asked": asked(outcome.judged),
                "wanted": names(list(outcome.judged.relevant)),
                "rank": outcome.ranks[system],
                "first": _short(outcome.first[system]),
            }
            for outcome in rows[:MISSED]
        ],
    }


def asked(judged: Judged) -> str:
    """The question, by its words or the name of its photo."""
    question = judged.question
    return question.text or (question.image.name if question.image else "")


def names(items: Sequence[str]) -> str:
    """The first of the items, by the names of their files."""
    shown = ", ".join(map(_short, items[:3]))
    return shown if len(items) <= 3 else f"{shown} and {len(items) - 3} more"


def _short(item: str) -> str:
    return Path(item).name


def _number(value: float) -> str:
    return f"{value:.3f}"
