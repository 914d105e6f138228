"""Speed as ratios within one run: parsing against bare PyMuPDF, ingest against its encoders.

Run ``python -m benchmarks.throughput``. For each born-digital PDF of ``documents/<half>`` (the
scans are left out) the pages are read in turns by our parser (blocks, boxes, headings, figures,
tables) and by bare ``page.get_text("dict")``; the median of the rounds counts. Then files and
photos are indexed with the packaged encoders, and what the encoders were given is given to them
again with nothing else going on: the ratio of the two times is the share of the encoder-bound rate.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymupdf
from PIL.Image import new as new_image
from rich.console import Console
from rich.table import Table

from benchmarks.data import parser, require, rows
from indexer.encoders import _passages
from indexer.library import Library
from indexer.parsers import parser_for
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings, ParserSettings

PARSE_BOUND, INGEST_BOUND = 0.3, 0.85
ROUNDS = 5


def seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def bare(path: Path) -> int:
    with pymupdf.open(path) as document:
        for page in document:
            page.get_text("dict")
        return len(document)


def ours(path: Path) -> bool:
    """Read every page; whether any of them was OCRed."""
    pages = parser_for(path).parse(path, ParserSettings()).pages
    return sum(page.recognition is not None for page in pages) > 0


def parsing(folder: Path, console: Console) -> float:
    """Print the ratio per file; the ratio over all."""
    table = Table("PDF", "pages", "bare pages/s", "ours pages/s", "ratio")
    total_bare = total_ours = 0.0
    for row in rows(folder / "expected.jsonl"):
        path = folder / row["file"]
        if path.suffix != ".pdf" or ours(path):
            continue
        pages = bare(path)
        times: list[tuple[float, float]] = []
        for _ in range(ROUNDS):
            times.append(
                (seconds(lambda path=path: bare(path)), seconds(lambda path=path: ours(path)))
            )
        one = statistics.median(each[0] for each in times)
        other = statistics.median(each[1] for each in times)
        total_bare, total_ours = total_bare + one, total_ours + other
        table.add_row(
            row["id"],
            str(pages),
            f"{pages / one:.0f}",
            f"{pages / other:.0f}",
            f"{one / other:.2f}",
        )
    console.print(table)
    return total_bare / total_ours


class Recorder:
    """An encoder that remembers what it was given, so that it can be given again."""

    METHODS = ("encode_passages", "encode_texts", "encode_images", "objects", "token_ends")

    def __init__(self, encoder: Any, calls: list[Callable[[], object]]) -> None:
        self._encoder = encoder
        self._calls = calls  # in the order of the run, whichever encoder was called
        self.items = 0

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._encoder, name)
        if name not in self.METHODS:
            return value

        def recorded(*arguments: Any) -> Any:
            kept = tuple(
                list(each) if isinstance(each, list | tuple) else each for each in arguments
            )
            self._calls.append(lambda: value(*kept))
            if name in {"encode_passages", "encode_images"}:
                self.items += len(arguments[0])
            return value(*arguments)

        return recorded


def ingest(files: Sequence[Path], console: Console, label: str) -> float:
    """Print and return the share of the encoder-bound rate."""
    with tempfile.TemporaryDirectory() as folder:
        settings = IndexerSettings.from_env(home=Path(folder) / "home")
        source = Path(folder) / "files"
        source.mkdir()
        for number, path in enumerate(files):
            shutil.copy(path, source / f"{number:05}{path.suffix}")
        with Library(settings) as library:
            # Loaded and warm before the clock starts.
            library.collection_for_writing("main")
            collection = library.catalog.collection("main")
            calls: list[Callable[[], object]] = []
            text = Recorder(library.text_encoder(collection), calls)
            clip = Recorder(library.clip_encoder(collection), calls)
            text._encoder.encode_passages(["warm"])
            clip._encoder.encode_texts(["warm"])
            clip._encoder.encode_images([new_image("RGB", (64, 64))])
            library.text_encoder = lambda _: text  # type: ignore[method-assign]
            library.clip_encoder = lambda _: clip  # type: ignore[method-assign]
            whole = seconds(lambda: index_paths(library, [source], "main"))
            _passages.forget()  # or what was encoded a moment ago would cost nothing
            alone = seconds(lambda: [call() for call in calls])
    items = text.items + clip.items
    console.print(
        f"{label}: {len(files)} files, {items} passages and crops; ingest {items / whole:.1f}/s, "
        f"encoders alone {items / alone:.1f}/s, ratio {alone / whole:.2f}"
    )
    return alone / whole


def main() -> None:
    options = parser(__doc__ or "")
    chosen = options.parse_args()
    documents = require(chosen.data / "documents" / chosen.half)
    photos = require(chosen.data / "photos" / chosen.half)
    console = Console(highlight=False)
    ratio = parsing(documents, console)
    console.print(f"parsing / bare get_text('dict'): {ratio:.2f} (bound {PARSE_BOUND})")
    born = [
        documents / row["file"]
        for row in rows(documents / "expected.jsonl")
        if row["format"] in {"pdf", "docx", "html", "md", "xlsx", "pptx"}
        and not (row["format"] == "pdf" and ours(documents / row["file"]))
    ]
    pictures = sorted(photos.rglob("*.jpg"))[::12][:150]
    shares = [
        ingest(born, console, "documents"),
        ingest(pictures, console, "photos"),
        ingest([*born, *pictures], console, "both"),
    ]
    sys.exit(ratio < PARSE_BOUND or min(shares) < INGEST_BOUND)


if __name__ == "__main__":
    main()
