"""Searches for photos that are not there: precision and recall of saying so.

Half of the searches are for photos of the indexed set, by caption or by another photo of the same
thing, half for photos of a set that is not indexed. A result that is marked weak is right for the
second half. Run: python -m benchmarks.refusal_photos [--data FOLDER] [--only tuxpaint]
"""

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import corpus, data
from retriever.domain import Query
from retriever.evaluation.corpus import indexed
from retriever.evaluation.datasets import ReadOptions, read
from retriever.evaluation.domain import Question
from retriever.pipeline import Engine

# The indexed set, and the one whose photos are not there.
PAIRS = (
    ("tuxpaint", "flickr8k"),
    ("coco_cc", "tuxpaint"),
    ("imagenet_samples", "flickr8k"),
    ("ikea_products", "grocery"),
    ("grocery", "ikea_products"),
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
            for kind in ("words", "photo"):
                known = drawn(own.questions, kind, options.questions)
                strange = drawn(other.questions, kind, options.questions)
                if not known or not strange:
                    continue
                wrongly = weak_share(engine, known)
                rightly = weak_share(engine, strange)
                total = wrongly + rightly
                print(
                    f"{name:18}{foreign:18}{kind:8}{rightly / total if total else 0:10.3f}"
                    f"{rightly:8.3f}{wrongly:14.3f}",
                    flush=True,
                )


def drawn(questions: Sequence[Question], kind: str, count: int) -> list[Question]:
    """Questions by English words, or by a photo; the same ones in every run."""
    chosen = [
        each
        for each in questions
        if (each.image is not None if kind == "photo" else each.image is None and is_english(each))
    ]
    return random.Random(3).sample(chosen, min(count, len(chosen)))


def is_english(question: Question) -> bool:
    return question.text.isascii()


def weak_share(engine: Engine, questions: Sequence[Question]) -> float:
    """Share of searches whose result is marked weak. A query photo is not there itself."""
    results = []
    for each in questions:
        image = None if each.image is None else each.image.read_bytes()
        query = Query(text=each.text if image is None else "", image=image, kind="crop")
        results.append(engine.search(query).weak)
    return sum(results) / len(results)


if __name__ == "__main__":
    main()
