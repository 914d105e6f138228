"""Refusal: precision and recall over answerable questions and questions of other documents.

Half of the questions belong to the indexed passages, half to passages that are not there. A
refusal is right for the second half. Run: python -m benchmarks.refusal [--data FOLDER]
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

from benchmarks import corpus, data
from retriever.domain import Query
from retriever.pipeline import Engine

# The indexed set, and the set whose questions have no answer in it.
PAIRS = (("xquad-en", "squad2"), ("xquad-ru", "tydiqa-ru"), ("tydiqa-ru", "xquad-ru"))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Refusal of questions that the archive cannot answer")
    parser.add_argument("--home", type=Path, help="keep the indexed libraries here")
    parser.add_argument("--questions", type=int, default=150, help="of each half")
    parser.add_argument("--dump", type=Path, help="write the signs behind each decision here")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "textqa" / options.half)
    signs: dict[str, list[dict[str, object]]] = {}
    print(f"{'set':12}{'foreign':12}{'precision':>10}{'recall':>8}{'wrongly refused':>17}")
    for name, foreign in PAIRS:
        if options.only and name not in options.only:
            continue
        own, other = data.text_set(root / name), data.text_set(root / foreign)
        with corpus.indexed_passages(
            own.passages, options.home / name if options.home else None
        ) as library:
            rows = decide(corpus.engine(library), own, other, options)
        signs[f"{name}/{foreign}"] = rows
        refused = [row for row in rows if row["refused"]]
        rightly = [row for row in refused if row["foreign"]]
        foreigners = sum(bool(row["foreign"]) for row in rows)
        precision = len(rightly) / max(1, len(refused))
        wrongly = (len(refused) - len(rightly)) / max(1, len(rows) - foreigners)
        print(
            f"{name:12}{foreign:12}{precision:10.3f}{len(rightly) / foreigners:8.3f}"
            f"{wrongly:17.3f}",
            flush=True,
        )
    if options.dump:
        options.dump.write_text(json.dumps(signs))


def decide(
    engine: Engine, own: data.TextSet, other: data.TextSet, options: argparse.Namespace
) -> list[dict[str, object]]:
    """Ask both halves; a fixed seed makes runs comparable."""
    shared = set(own.passages.values())
    strange = [
        question
        for question, relevant in other.relevant.items()
        if not any(other.passages[passage] in shared for passage in relevant)
    ]
    dice = random.Random(7)
    known = dice.sample(sorted(own.relevant), min(options.questions, len(own.relevant)))
    unknown = dice.sample(sorted(strange), min(options.questions, len(strange)))
    texts = [(own.questions[key], False) for key in known]
    texts += [(other.questions[key], True) for key in unknown]
    rows: list[dict[str, object]] = []
    for text, is_foreign in texts:
        support = engine.support(Query(text=text))
        rows.append(
            {
                "question": text,
                "foreign": is_foreign,
                "refused": not support.supported,
                "logits": support.logits,
                "coverages": support.coverages,
            }
        )
    return rows


if __name__ == "__main__":
    main()
