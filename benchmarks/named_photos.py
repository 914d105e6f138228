"""Photos under telling names beside photos with cameras' names, in one archive, found by words.

A name that says it all must win over looks, and a name that shares a word with a long description
must not. Half of the set with cameras' names has a caption beside the photo, another one than is
asked for. Printed are the share of descriptions with their photo first and among the first ten:
ours, by looks alone, and by reciprocal rank fusion of the same rankings.
Run: python -m benchmarks.named_photos [--data FOLDER] [--home FOLDER]
"""

import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from benchmarks import corpus, data
from indexer.library import Library, sha256_of
from indexer.pipeline import index_paths
from retriever.domain import Query, Ranking
from retriever.fusion import reciprocal_rank_fusion
from retriever.ranker import Ranker
from retriever.settings import RetrieverSettings

NAMED, UNNAMED = "tuxpaint", "coco_cc"
DEPTH = 30

Described = list[tuple[str, str]]  # descriptions with the SHA-256 of their photo


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Photos under telling and under empty names")
    parser.add_argument("--home", type=Path, help="keep the indexed library here")
    parser.add_argument("--questions", type=int, default=160, help="of each set")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "photos" / options.half)
    with archive(root, options.home) as (library, descriptions):
        ranker = Ranker(library, RetrieverSettings.from_env())
        print(f"{'photos':10}{'by':18}{'R@1':>8}{'R@10':>8}")
        for name, described in descriptions.items():
            asked = random.Random(1).sample(described, min(options.questions, len(described)))
            found: dict[str, list[int]] = {}
            for text, wanted in asked:
                for by, ranking in rankings(ranker, text).items():
                    found.setdefault(by, []).append(rank_of(library, ranking, wanted))
            for by, ranks in found.items():
                shares = (fmean(rank <= k for rank in ranks) for k in (1, 10))
                print(f"{name:10}{by:18}" + "".join(f"{share:8.3f}" for share in shares))


@contextmanager
def archive(root: Path, home: Path | None) -> Iterator[tuple[Library, dict[str, Described]]]:
    """Both sets in one library, and the descriptions of each."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = home or Path(temporary)
        photos = folder / "photos"
        photos.mkdir(parents=True, exist_ok=True)
        described: dict[str, Described] = {"named": [], "unnamed": []}
        for row in data.rows(root / NAMED / "captions.jsonl"):
            source = root / NAMED / row["image"]
            shutil.copyfile(source, photos / source.name.split("__")[-1])
            described["named"].append((row["caption_en"], sha256_of(source)))
        for number, row in enumerate(data.rows(root / UNNAMED / "captions.jsonl")):
            source = root / UNNAMED / row["image"]
            path = photos / f"IMG_{number:04}.jpg"
            shutil.copyfile(source, path)
            *asked, beside = row["captions_en"]
            if number % 2:
                path.with_suffix(".txt").write_text(beside, encoding="utf-8")
            described["unnamed"] += [(text, sha256_of(source)) for text in asked]
        with corpus.open_library(folder) as library:
            index_paths(library, [photos], "main")
            yield library, described


def rankings(ranker: Ranker, text: str) -> dict[str, Ranking]:
    found = ranker.rankings(Query(text=text, kind="crop"), rerank=False)
    ours = found.pop("fused")
    equal = [replace(ranking, weight=1.0) for ranking in found.values()]
    return {
        "ours": ours,
        "looks alone": found["words-image"],
        "reciprocal ranks": reciprocal_rank_fusion(equal),
    }


def rank_of(library: Library, ranking: Ranking, wanted: str) -> int:
    """The rank of the photo among photos, from 1; a rank beyond ``DEPTH`` where it is not found."""
    stored = library.catalog.crops([item.key.id for item in ranking.items[:DEPTH]])
    photos = list(
        dict.fromkeys(stored[item.key.id].owner.document.id for item in ranking.items[:DEPTH])
    )
    return photos.index(wanted) + 1 if wanted in photos else DEPTH + 1


if __name__ == "__main__":
    main()
