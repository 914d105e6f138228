"""nDCG@10 of BM25, dense, fused and reranked retrieval on every text set.

Every passage is a file, indexed by the pipeline users run; documents are ranked by their best
passage. Run: python -m benchmarks.retrieval [--data FOLDER] [--only xquad-en …] [--json FILE]
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from benchmarks import corpus, data
from retriever.domain import ItemKey, Query, Ranking
from retriever.metrics import ndcg_at, recall_at
from retriever.pipeline import Engine

COLUMNS = ("bm25", "dense", "fused", "reranked")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Text retrieval, nDCG@10 and recall@10")
    parser.add_argument("--home", type=Path, help="keep the indexed libraries here")
    parser.add_argument("--limit", type=int, default=0, help="at most this many questions a set")
    parser.add_argument("--no-rerank", action="store_true")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "textqa" / options.half)
    columns = COLUMNS[:3] if options.no_rerank else COLUMNS
    table: dict[str, dict[str, float]] = {}
    print(f"{'nDCG@10':12}" + "".join(f"{column:>10}" for column in columns) + "   questions")
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        if options.only and folder.name not in options.only:
            continue
        judged = data.text_set(folder)
        home = options.home / folder.name if options.home else None
        with corpus.indexed_passages(judged.passages, home) as library:
            engine = corpus.engine(library)
            table[folder.name] = measure(engine, judged, columns, options.limit)
        figures = table[folder.name]
        print(
            f"{folder.name:12}"
            + "".join(f"{figures[column]:10.3f}" for column in columns)
            + f"   {figures['questions']:.0f}"
            + f"   ({figures['seconds_per_question'] * 1000:.0f} ms each)",
            flush=True,
        )
    worst = min(
        figures["fused"] - max(figures["bm25"], figures["dense"]) for figures in table.values()
    )
    print(f"fused against the best single ranking, worst set: {worst:+.4f} (bound -0.005)")
    if options.json:
        options.json.write_text(json.dumps(table, indent=2))
    sys.exit(0 if worst >= -0.005 else 1)


def measure(
    engine: Engine, judged: data.TextSet, columns: Sequence[str], limit: int
) -> dict[str, float]:
    """Mean nDCG@10 per column, recall@10 of the fused one, over answerable questions."""
    names: dict[int, str] = {}
    scores: dict[str, list[float]] = {column: [] for column in columns}
    recalls: list[float] = []
    answerable = [question for question in judged.questions if question in judged.relevant]
    started = time.perf_counter()
    for question in answerable[: limit or None]:
        relevant = judged.relevant[question]
        rankings = engine.rankings(
            Query(text=judged.questions[question], kind="chunk"), rerank="reranked" in columns
        )
        for column in columns:
            ranked = documents(engine, rankings.get(column), names)
            scores[column].append(ndcg_at(ranked, relevant, 10))
            if column == "fused":
                recalls.append(recall_at(ranked, relevant, 10))
    seconds = time.perf_counter() - started
    means = {column: fmean(values) for column, values in scores.items()}
    return {
        **means,
        "recall@10": fmean(recalls),
        "questions": float(len(recalls)),
        "seconds_per_question": seconds / len(recalls),
    }


def documents(engine: Engine, ranking: Ranking | None, names: dict[int, str]) -> list[str]:
    """The ranking's documents by file stem, each at its best passage."""
    if ranking is None:
        return []
    keys = [item.key for item in ranking.items[:40]]
    unknown = [key for key in keys if key.id not in names]
    names.update(_stems(engine, unknown))
    return list(dict.fromkeys(names[key.id] for key in keys))


def _stems(engine: Engine, keys: list[ItemKey]) -> dict[int, str]:
    return {key.id: Path(path).stem for key, path in engine.paths(keys).items()}


if __name__ == "__main__":
    main()
