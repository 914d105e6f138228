"""A set's own corpus, indexed through the pipeline that users run."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import InvalidInput
from indexer.library import DEFAULT_COLLECTION, Library
from indexer.pipeline import IndexReport, Progress, index_paths
from retriever.evaluation.domain import Corpus


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """A library to ask, and how its files are called in the judgements.

    ``items`` holds the id of each path; None where judgements name files of the user.
    """

    library: Library
    items: Mapping[str, str] | None = None
    collections: tuple[str, ...] = ()
    unreadable: int = 0  # items of the corpus that could not be indexed


def indexed(
    library: Library,
    corpus: Corpus,
    folder: Path,
    on_progress: Callable[[Progress], None] | None = None,
) -> Bench:
    """Index the corpus, of which ``folder`` takes the files; a second run finds nothing to do.

    Passages and photos become files with names that say nothing, because names are searched and
    those of published sets give the answer away. Raises InvalidInput for an empty corpus,
    KeyboardInterrupt when interrupted.
    """
    if corpus.files:
        report = index_paths(library, corpus.files, DEFAULT_COLLECTION, on_progress=on_progress)
        return _bench(library, report, None)
    items = {
        **_passages(corpus.passages, folder / "passages"),
        **_photos(corpus.photos, folder / "photos"),
    }
    if not items:
        raise InvalidInput("corpus", cause="it is empty", remedy="add passages or photos")
    folders = sorted({Path(path).parent for path in items})
    report = index_paths(library, folders, DEFAULT_COLLECTION, on_progress=on_progress)
    return _bench(library, report, items)


def _bench(library: Library, report: IndexReport, items: Mapping[str, str] | None) -> Bench:
    if report.interrupted:
        raise KeyboardInterrupt
    return Bench(
        library=library,
        items=items,
        collections=(DEFAULT_COLLECTION,),
        unreadable=len(report.failed) + len(report.failed_before),
    )


def _passages(passages: Mapping[str, str], folder: Path) -> dict[str, str]:
    items = {
        str(folder / f"p{number:07}.txt"): item for number, item in enumerate(passages, start=1)
    }
    _prepare(folder, items)
    for path, item in items.items():
        data = passages[item].encode()
        if not Path(path).is_file() or Path(path).read_bytes() != data:
            Path(path).write_bytes(data)
    return items


def _photos(photos: Mapping[str, Path], folder: Path) -> dict[str, str]:
    items = {
        str(folder / f"i{number:07}{photo.suffix.lower()}"): item
        for number, (item, photo) in enumerate(photos.items(), start=1)
    }
    _prepare(folder, items)
    for path, item in items.items():
        _place(photos[item], Path(path))
    return items


def _place(source: Path, target: Path) -> None:
    """A hard link where the disk allows it, otherwise a copy with the same time."""
    there, wanted = target.stat() if target.exists() else None, source.stat()
    if there and (there.st_size, there.st_mtime_ns) == (wanted.st_size, wanted.st_mtime_ns):
        return
    target.unlink(missing_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copy2(source, target)


def _prepare(folder: Path, items: Mapping[str, str]) -> None:
    if not items:
        shutil.rmtree(folder, ignore_errors=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if str(path) not in items:
            path.unlink()
