"""Photo search on every photo set: words → photo, photo → photo, room → the things in it.

All photos go through the pipeline users run, crops included. Run:
python -m benchmarks.photos [--data FOLDER] [--only flickr8k …] [--json FILE]
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from benchmarks import corpus, data
from retriever.domain import Query
from retriever.metrics import average_precision_at, recall_at
from retriever.pipeline import Engine

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

Rows = list[dict[str, object]]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Photo search by words and by photo")
    parser.add_argument("--home", type=Path, help="keep the indexed libraries here")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "photos" / options.half)
    figures: dict[str, float] = {}
    measures: dict[str, Callable[[Path, Engine], dict[str, float]]] = {
        "flickr8k": all_captions,
        "coco_cc": all_captions,
        "tuxpaint": one_caption,
        "imagenet_samples": labels,
        "ikea_catalog": furniture,
        "ikea_products": products,
        "grocery": groceries,
    }
    print(f"{'measure':26}{'ours':>8}{'bare':>8}")
    for name, measure in measures.items():
        if options.only and name not in options.only:
            continue
        home = options.home / name if options.home else None
        with corpus.indexed_files([root / name / "images"], home) as (library, _):
            found = measure(root / name, corpus.engine(library))
        for key, value in found.items():
            floor = FLOOR.get(key)
            print(f"{key:26}{value:8.3f}" + (f"{floor:8.3f}" if floor else ""), flush=True)
        figures |= found
    below = {key for key, value in figures.items() if value < FLOOR.get(key, 0.0)}
    print("below the bare models: " + (", ".join(sorted(below)) or "nothing"))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


def all_captions(folder: Path, engine: Engine) -> dict[str, float]:
    """Every English caption is a query for its photo; Russian ones where people wrote some."""
    rows = list(data.rows(folder / "captions.jsonl"))
    english = [(text, {Path(row["image"]).stem}) for row in rows for text in row["captions_en"]]
    russian = [
        (row["caption_ru"], {Path(row["image"]).stem}) for row in rows if row.get("caption_ru")
    ]
    found = by_words(folder.name, engine, english)
    if russian:
        found |= by_words(f"{folder.name} ru", engine, russian)
    return found


def one_caption(folder: Path, engine: Engine) -> dict[str, float]:
    """Photos with the same caption are all right."""
    rows = list(data.rows(folder / "captions.jsonl"))
    found: dict[str, float] = {}
    for key, name in (("caption_en", folder.name), ("caption_ru", f"{folder.name} ru")):
        groups: dict[str, set[str]] = {}
        for row in rows:
            if row.get(key):
                groups.setdefault(row[key], set()).add(row["id"])
        queries = [(text, ids) for text, ids in groups.items() for _ in ids]
        found |= by_words(name, engine, queries)
    return found


def labels(folder: Path, engine: Engine) -> dict[str, float]:
    rows = list(data.rows(folder / "captions.jsonl"))
    return by_words(folder.name, engine, [(row["label"], {row["id"]}) for row in rows])


def furniture(folder: Path, engine: Engine) -> dict[str, float]:
    """Catalogue captions (any row of that type and colour is right), and rooms."""
    rows = list(data.rows(folder / "captions.jsonl"))
    alike: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        alike.setdefault((row["type"], row["color"]), set()).add(row["id"])
    queries = [(row["caption_en"], alike[row["type"], row["color"]]) for row in rows]
    recalls = []
    for scene in data.rows(folder / "scenes.jsonl"):
        ranked = stems(
            engine, Query(image=(folder / scene["image"]).read_bytes(), kind="crop", limit=10)
        )
        recalls.append(recall_at(ranked, dict.fromkeys(scene["relevant_items"], 1.0), 10))
    return {**by_words(folder.name, engine, queries), "rooms recall@10": fmean(recalls)}


def products(folder: Path, engine: Engine) -> dict[str, float]:
    """Leave one out: the other photos of the same product."""
    rows = list(data.rows(folder / "instances.jsonl"))
    return by_photo(folder, engine, rows, rows)


def groceries(folder: Path, engine: Engine) -> dict[str, float]:
    """Shelf photos find other shelf photos of the same product; shop pictures do not count."""
    rows = list(data.rows(folder / "instances.jsonl"))
    natural = [row for row in rows if row["role"] == "natural"]
    return by_photo(folder, engine, natural, natural)


def by_words(
    name: str, engine: Engine, queries: Sequence[tuple[str, set[str]]]
) -> dict[str, float]:
    """R@1 and R@10: share of queries with a right photo among the first.

    Only looks count: file names of these sets would give the answer away.
    """
    first, ten = [], []
    for text, right in queries:
        ranking = engine.rankings(Query(text=text, kind="crop")).get("words-image")
        ranked: list[str] = []
        if ranking is not None:
            keys = [item.key for item in ranking.items[:10]]
            paths = engine.paths(keys)
            ranked = [Path(paths[key]).stem for key in keys]
        first.append(bool(ranked[:1]) and ranked[0] in right)
        ten.append(bool(right & set(ranked)))
    return {f"{name} R@1": fmean(first), f"{name} R@10": fmean(ten)}


def by_photo(folder: Path, engine: Engine, queries: Rows, pool: Rows) -> dict[str, float]:
    """mAP@10 and P@1 over the pool, the query itself left out."""
    instance = {str(row["id"]): row["instance_id"] for row in pool}
    precisions, first = [], []
    for row in queries:
        own = str(row["id"])
        wanted = {
            other: 1.0
            for other, name in instance.items()
            if name == row["instance_id"] and other != own
        }
        if not wanted:
            continue
        query = Query(
            image=(folder / str(row["image"])).read_bytes(),
            kind="crop",
            limit=len(instance) if len(instance) < 200 else 200,
        )
        ranked = [name for name in stems(engine, query) if name in instance and name != own]
        precisions.append(average_precision_at(ranked, wanted, 10))
        first.append(bool(ranked) and ranked[0] in wanted)
    return {f"{folder.name} mAP@10": fmean(precisions), f"{folder.name} P@1": fmean(first)}


def stems(engine: Engine, query: Query) -> list[str]:
    return [Path(hit.document.path).stem for hit in engine.similar(query).hits]


if __name__ == "__main__":
    main()
