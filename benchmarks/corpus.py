"""A throw-away library filled through the real pipeline."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from indexer.library import Library
from indexer.pipeline import IndexReport, index_paths
from indexer.settings import IndexerSettings
from retriever.pipeline import Engine
from retriever.settings import RetrieverSettings


@contextmanager
def indexed_passages(passages: Mapping[str, str], home: Path | None) -> Iterator[Library]:
    """Each passage as a text file named by its id, indexed like any user's folder.

    ``home`` keeps the library for the next run; without it, it goes away afterwards.
    """
    with tempfile.TemporaryDirectory() as temporary:
        root = home or Path(temporary)
        folder = root / "passages"
        folder.mkdir(parents=True, exist_ok=True)
        for passage_id, text in passages.items():
            path = folder / f"{passage_id}.txt"
            if not path.exists():
                path.write_text(text, encoding="utf-8")
        with open_library(root) as library:
            index_paths(library, [folder], "main")
            yield library


@contextmanager
def indexed_files(
    paths: Sequence[Path], home: Path | None
) -> Iterator[tuple[Library, IndexReport]]:
    """Files and folders indexed as they are."""
    with (
        tempfile.TemporaryDirectory() as temporary,
        open_library(home or Path(temporary)) as library,
    ):
        yield library, index_paths(library, paths, "main")


@contextmanager
def open_library(root: Path) -> Iterator[Library]:
    with Library(IndexerSettings.from_env(home=root / "home")) as library:
        yield library


def engine(library: Library) -> Engine:
    return Engine(library, RetrieverSettings.from_env())
