"""Photo search on every photo set: words → photo, photo → photo, room → the things in it.

All photos go through the pipeline users run, crops included, under names that say nothing: those
of these sets would give the answer away. Run:
python -m benchmarks.photos [--data FOLDER] [--only flickr8k …] [--json FILE]
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

from benchmarks import data
from retriever.evaluation.datasets import ReadOptions, read
from retriever.evaluation.evaluate import Plan, evaluate
from retriever.evaluation.measures import measure
from retriever.evaluation.report import Report
from retriever.evaluation.runs import SEARCH

SETS = (
    "flickr8k",
    "coco_cc",
    "tuxpaint",
    "imagenet_samples",
    "ikea_catalog",
    "ikea_products",
    "grocery",
)

# Bare packaged models, whole-photo vectors, on the dev half: what any change must not fall below.
FLOOR = {
    "flickr8k R@1": 0.11,
    "flickr8k R@10": 0.39,
    "coco_cc R@1": 0.54,
    "coco_cc R@10": 0.96,
    "tuxpaint R@1": 0.29,
    "tuxpaint R@10": 0.56,
    "imagenet_samples R@1": 0.80,
    "imagenet_samples R@10": 0.95,
    "ikea_catalog R@1": 0.03,
    "ikea_catalog R@10": 0.27,
    "ikea_products mAP@10": 0.276,
    "ikea_products P@1": 0.79,
    "grocery mAP@10": 0.450,
    "grocery P@1": 0.73,
    "rooms recall@10": 0.27,
}

# What the product is to reach with the packaged models.
TARGET = {
    "flickr8k R@10": 0.48,
    "flickr8k ru R@10": 0.30,
    "coco_cc R@1": 0.60,
    "coco_cc R@10": 0.98,
    "tuxpaint R@10": 0.66,
    "tuxpaint ru R@10": 0.50,
    "imagenet_samples R@1": 0.825,
    "imagenet_samples R@10": 0.963,
    "ikea_catalog R@10": 0.40,
    "ikea_products mAP@10": 0.33,
    "grocery mAP@10": 0.50,
    "rooms recall@10": 0.38,
}

# By photo: what is measured of each set, and what it is called.
BY_PHOTO = {
    "ikea_catalog": {"recall@10": "rooms recall@10"},
    "ikea_products": {"map@10": "ikea_products mAP@10", "hit@1": "ikea_products P@1"},
    "grocery": {"map@10": "grocery mAP@10", "hit@1": "grocery P@1"},
}
MEASURES = tuple(measure(name) for name in ("map@10", "hit@1", "hit@10", "recall@10"))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Photo search by words and by photo")
    parser.add_argument("--home", type=Path, help="keep the indexed libraries here")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "photos" / options.half)
    plan = Plan(measures=MEASURES, keep=options.home)
    found: dict[str, float] = {}
    print(f"{'measure':26}{'ours':>8}{'bare':>8}{'target':>8}")
    for name in SETS:
        if options.only and name not in options.only:
            continue
        report = evaluate(read(root / name, ReadOptions()), plan)
        for key, value in (*by_words(name, report), *by_photo(name, report)):
            known = "".join(
                f"{table[key]:8.3f}" if key in table else f"{'':8}" for table in (FLOOR, TARGET)
            )
            print(f"{key:26}{value:8.3f}{known}".rstrip(), flush=True)
            found[key] = value
    for name, table in (("the bare models", FLOOR), ("the target", TARGET)):
        below = {key for key, value in found.items() if value < table.get(key, 0.0)}
        print(f"below {name}: " + (", ".join(sorted(below)) or "nothing"))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


def by_words(name: str, report: Report) -> Iterator[tuple[str, float]]:
    """R@1 and R@10 per language: share of captions with a right photo among the first."""
    ranks: dict[str, list[int]] = {}
    for outcome in report.outcomes:
        if outcome.judged.kind == "words-photo":
            language = " ru" if outcome.judged.language == "ru" else ""
            ranks.setdefault(language, []).append(outcome.ranks[SEARCH] or report.depth + 1)
    for language, found in sorted(ranks.items()):
        for k in (1, 10):
            yield f"{name}{language} R@{k}", fmean(rank <= k for rank in found)


def by_photo(name: str, report: Report) -> Iterator[tuple[str, float]]:
    """Photos of the same thing, the query left out; or the things in a room."""
    for section in report.sections:
        if section.kind == "photo-photo":
            for measured, key in BY_PHOTO[name].items():
                yield key, section.systems[0].estimates[measured].mean


if __name__ == "__main__":
    main()
