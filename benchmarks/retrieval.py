"""nDCG@10 of BM25, dense, fused and reranked retrieval on every text set.

Every passage is a file, indexed by the pipeline users run; documents are ranked by their best
passage. Run: python -m benchmarks.retrieval [--data FOLDER] [--only xquad-en …] [--json FILE]
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import data
from retriever.evaluation.datasets import ReadOptions, read
from retriever.evaluation.evaluate import Plan, evaluate
from retriever.evaluation.measures import measure
from retriever.evaluation.report import Report
from retriever.evaluation.runs import SEARCH, RunOptions

SINGLE = ("bm25", "dense")
COLUMNS = (*SINGLE, "fused", "reranked")
MEASURES = (measure("ndcg@10"), measure("recall@10"))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Text retrieval, nDCG@10 and recall@10")
    parser.add_argument("--home", type=Path, help="keep the indexed libraries here")
    parser.add_argument("--limit", type=int, default=0, help="at most this many questions a set")
    parser.add_argument("--no-rerank", action="store_true")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "textqa" / options.half)
    columns = COLUMNS[:3] if options.no_rerank else COLUMNS
    if options.no_rerank:
        os.environ["SIGHTLINE_RERANK_MODEL"] = "none"
    plan = Plan(
        measures=MEASURES, keep=options.home, limit=options.limit, run=RunOptions(single=True)
    )
    table: dict[str, dict[str, float]] = {}
    print(f"{'nDCG@10':12}" + "".join(f"{column:>10}" for column in columns) + "   questions")
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        if options.only and folder.name not in options.only:
            continue
        found = figures(evaluate(read(folder, ReadOptions()), plan))
        table[folder.name] = found
        print(
            f"{folder.name:12}"
            + "".join(f"{found.get(column, 0.0):10.3f}" for column in columns)
            + f"   {found['questions']:.0f}"
            + f"   (recall@10 {found['recall@10']:.3f}, {found['milliseconds']:.0f} ms each)",
            flush=True,
        )
    worst = min(
        found["fused"] - max(found.get(column, 0.0) for column in SINGLE)
        for found in table.values()
    )
    print(f"fused against the best single ranking, worst set: {worst:+.4f} (bound -0.005)")
    if options.json:
        options.json.write_text(json.dumps(table, indent=2))
    sys.exit(0 if worst >= -0.005 else 1)


def figures(report: Report) -> dict[str, float]:
    """nDCG@10 by column over all questions, and recall@10 and the time of the whole search."""
    section = report.sections[0]
    systems = {system.name: system for system in section.systems}
    search = systems.pop(SEARCH)
    ndcg = search.estimates["ndcg@10"].mean
    found = {name: system.estimates["ndcg@10"].mean for name, system in systems.items()}
    # Where nothing is reranked, the fused order is the search itself.
    return {
        "fused": ndcg,
        **found,
        "reranked": ndcg,
        "recall@10": search.estimates["recall@10"].mean,
        "milliseconds": search.milliseconds or 0.0,
        "questions": float(section.questions),
    }


if __name__ == "__main__":
    main()
