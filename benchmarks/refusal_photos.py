"""Searches for photos that are not there: precision and recall of saying so.

Half of the searches are for photos of the indexed set, by caption or by the photo of a room with
such things in it, half for photos of a set that is not indexed. A result that is marked weak is
right for the second half. Run: python -m benchmarks.refusal_photos [--data FOLDER] [--only NAME]
"""

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import corpus, data
from retriever.domain import Query
from retriever.evaluation.corpus import indexed
from retriever.evaluation.datasets import ReadOptions, read
from retriever.evaluation.domain import QuestionSet
from retriever.pipeline import Engine

# The indexed set, and the one whose photos are not there.
PAIRS = (
    ("tuxpaint", "flickr8k"),
    ("coco_cc", "tuxpaint"),
    ("imagenet_samples", "flickr8k"),
    ("ikea_catalog", "flickr8k"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Refusal of searches for photos that are not there")
    parser.add_argument("--home", type=Path, help="keep the indexed libraries here")
    parser.add_argument("--questions", type=int, default=80, help="of each half")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "photos" / options.half)
    print(f"{'set':18}{'foreign':18}{'by':8}{'precision':>10}{'recall':>8}{'wrongly weak':>14}")
    for name, foreign in PAIRS:
        if options.only and name not in options.only:
            continue
        own, other = read(root / name, ReadOptions()), read(root / foreign, ReadOptions())
        with (
            tempfile.TemporaryDirectory() as temporary,
            corpus.open_library((options.home or Path(temporary)) / name) as library,
        ):
            folder = (options.home or Path(temporary)) / name
            assert own.corpus is not None
            indexed(library, own.corpus, folder)
            engine = corpus.engine(library)
            for kind, known, strange in (
                ("words", captions(own), captions(other)),
                ("photo", rooms(own), photos(other)),
            ):
                if not known or not strange:
                    continue
                wrongly = weak_share(engine, drawn(known, options.questions))
                rightly = weak_share(engine, drawn(strange, options.questions))
                total = wrongly + rightly
                print(
                    f"{name:18}{foreign:18}{kind:8}{rightly / total if total else 0:10.3f}"
                    f"{rightly:8.3f}{wrongly:14.3f}",
                    flush=True,
                )


def captions(questions: QuestionSet) -> list[Query]:
    """English ones."""
    return [
        Query(text=each.text, kind="crop")
        for each in questions.questions
        if each.image is None and each.text.isascii()
    ]


def rooms(questions: QuestionSet) -> list[Query]:
    """Photos to search by that are not indexed themselves."""
    assert questions.corpus is not None
    known = set(questions.corpus.photos.values())
    return [
        Query(image=each.image.read_bytes(), kind="crop")
        for each in questions.questions
        if each.image is not None and each.image not in known
    ]


def photos(questions: QuestionSet) -> list[Query]:
    assert questions.corpus is not None
    return [
        Query(image=path.read_bytes(), kind="crop")
        for path in sorted(questions.corpus.photos.values())[:200]
    ]


def drawn(queries: Sequence[Query], count: int) -> list[Query]:
    """The same ones in every run."""
    return random.Random(3).sample(queries, min(count, len(queries)))


def weak_share(engine: Engine, queries: Sequence[Query]) -> float:
    """Share of searches whose result is marked weak."""
    return sum(engine.search(query).weak for query in queries) / len(queries)


if __name__ == "__main__":
    main()
