"""Time to reopen a library of 10,000 passages: open it, then the first search of every index.

Run ``python -m benchmarks.reopen``. Vectors are random, of the sizes of the packaged encoders, so
that reading them costs what it does in earnest; no model is loaded. Each figure is the median of
fresh processes, with the saved index files and without them.
"""

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

TARGET_SECONDS = 2.0
PASSAGES, PHOTOS = 10_000, 2_000
_PER_DOCUMENT = 50
_RUNS = 3
_DIMS = {"text": 384, "clip": 1395, "image": 1291}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--home", type=Path, help="time one reopening of this home, as JSON")
    chosen = options.parse_args()
    if chosen.home:
        print(json.dumps(reopen(chosen.home)))
        return
    sys.exit(0 if measure(Console()) else 1)


def measure(console: Console) -> bool:
    """Print the table; whether the target is met with saved files."""
    with tempfile.TemporaryDirectory(prefix="reopen-") as folder:
        home = Path(folder)
        make(home)
        saved = [_in_a_process(home) for _ in range(_RUNS)]
        without = []
        for _ in range(_RUNS):
            shutil.rmtree(home / "index", ignore_errors=True)
            without.append(_in_a_process(home))
    table = Table(f"{PASSAGES:,} passages, {PHOTOS:,} pictures", "with index files", "without")
    for part in saved[0]:
        table.add_row(part, *(f"{_median(runs, part):.2f} s" for runs in (saved, without)))
    console.print(table)
    met = _median(saved, "open and search") <= TARGET_SECONDS
    if not met:
        console.print(f"target missed: open and search within {TARGET_SECONDS:g} s")
    return met


def _median(runs: list[dict[str, float]], part: str) -> float:
    return statistics.median(run[part] for run in runs)


def _in_a_process(home: Path) -> dict[str, float]:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.reopen", "--home", str(home)],
        capture_output=True,
        text=True,
        check=True,
    )
    whole = time.perf_counter() - started
    return {**json.loads(done.stdout), "whole process": whole}


def reopen(home: Path) -> dict[str, float]:
    """Seconds of each step, in this process."""
    started = time.perf_counter()
    from indexer.library import Library
    from indexer.settings import IndexerSettings

    imported = time.perf_counter()
    rng = np.random.default_rng(1)
    with Library(IndexerSettings(home=home)) as library:
        opened = time.perf_counter()
        (collection,) = library.catalog.collections()
        hits = library.catalog.lexical_search("chunk", ["boiler", "w4711"], 100, [collection])
        assert hits
        lexical = time.perf_counter()
        for space, kind in (
            (collection.text_space, "chunk"),
            (collection.clip_space, "chunk"),
            (collection.clip_space, "crop"),
            (collection.image_space, "crop"),
        ):
            query = _unit(rng, 1, space.dim)[0]
            ids, _ = library.indexes.search(space, kind, query, 100, [collection], whole=True)
            assert len(ids) == 100
        searched = time.perf_counter()
        assert not library.indexes.problems
    return {
        "imports": imported - started,
        "open the catalogue": opened - imported,
        "first search by words": lexical - opened,
        "first search of the four vector indexes": searched - lexical,
        "open and search": searched - imported,
    }


def make(home: Path) -> None:
    """A library with random vectors and its index files."""
    from indexer.domain import Document, EmbeddingSpace
    from indexer.library import Library
    from indexer.settings import IndexerSettings
    from indexer.store.records import FileState, NewDocument

    class Encoder:
        def __init__(self, role: str) -> None:
            self.space = EmbeddingSpace(encoder="made", model=role, revision="1", dim=_DIMS[role])
            self.image_space = EmbeddingSpace(
                encoder="made", model="image", revision="1", dim=_DIMS["image"]
            )

    text, clip = Encoder("text"), Encoder("clip")
    with Library(IndexerSettings(home=home)) as library:
        collection = library.catalog.ensure_collection(
            "main",
            text,  # type: ignore[arg-type]
            clip,  # type: ignore[arg-type]
            encoders=("made", "made"),
        )
        total = PASSAGES // _PER_DOCUMENT
        for number in range(total):
            name = f"{number:064x}"
            path = f"/archive/{number}.txt"
            library.catalog.add_document(
                collection,
                NewDocument(
                    document=Document(
                        id=name,
                        path=path,
                        title=f"document {number}",
                        media_type="text/plain",
                        size=1,
                        page_count=0,
                    ),
                    file=FileState(path=path, size=1, mtime_ns=1, sha256=name, indexed=True),
                    pages=(),
                    chunks=_chunks(number),
                    crops=_crops(number, PHOTOS // total),
                    chunk_spaces=(text.space, clip.space),
                    crop_spaces=(clip.space, clip.image_space),
                ),
            )
        library.indexes.save([collection])


def _chunks(document: int) -> "Iterator[object]":
    from indexer.domain import BoundingBox, Chunk, Span
    from indexer.store.records import Embedded

    rng = random.Random(document)
    vectors = np.random.default_rng(document)
    words = [f"w{number}" for number in range(5000)]
    for ordinal in range(_PER_DOCUMENT):
        text = " ".join([*rng.choices(words, k=150), "boiler" if ordinal == 0 else "barn"])
        yield Embedded(
            Chunk(
                ordinal=ordinal,
                page_number=1,
                kind="paragraph",
                text=text,
                spans=(Span(start=0, end=len(text), box=BoundingBox.whole()),),
            ),
            tuple(_unit(vectors, 1, _DIMS[role]).tobytes() for role in ("text", "clip")),
        )


def _crops(document: int, count: int) -> "Iterator[object]":
    from indexer.domain import BoundingBox, Crop
    from indexer.store.records import Embedded

    vectors = np.random.default_rng(10**6 + document)
    for ordinal in range(count):
        yield Embedded(
            Crop(ordinal=ordinal, page_number=1, kind="photo", box=BoundingBox.whole()),
            tuple(_unit(vectors, 1, _DIMS[role]).tobytes() for role in ("clip", "image")),
        )


def _unit(
    rng: np.random.Generator, count: int, dim: int
) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    vectors = rng.standard_normal((count, dim), np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
