"""Moments at which a process kills itself, made by patching the product in that process only."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from indexer import library as library_module
from indexer import pipeline
from indexer.store import indexes
from indexer.store.catalog import Catalog
from indexer.store.database import Database
from indexer.store.vectors.flat import FlatIndex

Need = Literal["", "repack", "delete", "reembed", "old schema", "damaged index"]
"""What the process must do, or find, so that the moment comes."""


class Strike:
    """Ends this process without a word at its ``nth`` call."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Point:
    """A moment by name; ``arm`` patches, ``most`` bounds the occurrence that is struck."""

    name: str
    arm: Callable[[Strike], None]
    most: int = 1
    need: Need = field(default="")


_When = Callable[..., bool]


def _always(*_: Any, **__: Any) -> bool:
    return True


def _before(owner: Any, name: str, when: _When = _always) -> Callable[[Strike], None]:
    def arm(strike: Strike) -> None:
        real = getattr(owner, name)

        def patched(*args: Any, **kwargs: Any) -> Any:
            if when(*args, **kwargs):
                strike()
            return real(*args, **kwargs)

        setattr(owner, name, patched)

    return arm


def _after(owner: Any, name: str, when: _When = _always) -> Callable[[Strike], None]:
    def arm(strike: Strike) -> None:
        real = getattr(owner, name)

        def patched(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            if when(*args, **kwargs):
                strike()
            return result

        setattr(owner, name, patched)

    return arm


def _statement(*beginnings: str, inside: str = "") -> Callable[[Strike], None]:
    """Before a statement that begins so; ``inside`` a method of the catalogue, if named."""

    def arm(strike: Strike) -> None:
        depth = [0]
        if inside:
            real = getattr(Catalog, inside)

            def entered(*args: Any, **kwargs: Any) -> Any:
                depth[0] += 1
                try:
                    return real(*args, **kwargs)
                finally:
                    depth[0] -= 1

            setattr(Catalog, inside, entered)

        def listen(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.lstrip().startswith(beginnings) and (not inside or depth[0]):
                strike()

        sa.event.listen(sa.Engine, "before_cursor_execute", listen)

    return arm


def _commit(*, after: bool) -> Callable[[Strike], None]:
    def arm(strike: Strike) -> None:
        real = Database.write

        @contextmanager
        def write(self: Database) -> Iterator[sa.Connection]:
            with real(self) as connection:
                yield connection
                if not after:
                    strike()
            if after:
                strike()

        Database.write = write  # type: ignore[method-assign]

    return arm


def _half_an_index(strike: Strike) -> None:
    real = FlatIndex.save

    def save(self: FlatIndex, path: Path) -> None:
        real(self, path)
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        strike()
        path.write_bytes(data)

    FlatIndex.save = save  # type: ignore[method-assign]


def _cached_picture(strike: Strike) -> None:
    real = library_module._replacing

    @contextmanager
    def replacing(path: Path) -> Iterator[Path]:
        with real(path) as temporary:
            yield temporary
            strike()

    library_module._replacing = replacing


def _renamed(suffix: str) -> Callable[[Strike], None]:
    """Before a path is given a name that ends in ``suffix``."""
    return _before(Path, "replace", lambda _self, target: str(target).endswith(suffix))


def _is_container(_self: Any, _collection: Any, new: Any) -> bool:
    return not new.file.container and new.file.path.endswith(".zip")


def _is_member(_self: Any, begin: Any, *_: Any) -> bool:
    return bool(begin.state.container)


def _published(suffix: str) -> _When:
    return lambda _temporary, path: path.name.endswith(suffix)


POINTS: tuple[Point, ...] = (
    Point("before a commit", _commit(after=False), 25),
    Point("after a commit", _commit(after=True), 25),
    Point("document begun", _statement("INSERT INTO page"), 12),
    Point("pages written", _statement("INSERT INTO chunk ("), 12),
    Point("passages written", _statement("INSERT INTO chunk_text"), 12),
    Point("words of passages written", _statement("INSERT INTO embedding"), 20),
    Point("pictures written", _statement("INSERT INTO crop_text"), 6),
    Point("document written, path not", _statement("INSERT INTO file"), 12),
    Point("all written, generation not", _statement("UPDATE state"), 12),
    Point("path gone, document not", _statement("DELETE FROM document"), 2, "delete"),
    Point("words gone, document not", _statement("DELETE FROM crop_text"), 2, "delete"),
    Point("before a document", _before(Catalog, "add_document"), 12),
    Point("after a document", _after(Catalog, "add_document"), 12),
    Point("before a link", _before(Catalog, "link_file")),
    Point("after a link", _after(Catalog, "link_file")),
    Point("before a failure is noted", _before(Catalog, "record_failure")),
    Point("between members", _before(pipeline._Run, "_one", _is_member), 6, "repack"),
    Point(
        "members written, container not",
        _before(Catalog, "add_document", _is_container),
        1,
        "repack",
    ),
    Point(
        "container written, old members there",
        _after(Catalog, "add_document", _is_container),
        2,
        "repack",
    ),
    Point("before files are removed", _before(Catalog, "remove_files"), 1, "delete"),
    Point(
        "while files are removed",
        _statement("DELETE FROM file", inside="remove_files"),
        2,
        "delete",
    ),
    Point("after files are removed", _after(Catalog, "remove_files"), 1, "delete"),
    Point("before photos are grouped", _before(Catalog, "set_groups")),
    Point("while photos are grouped", _statement("UPDATE document", inside="set_groups")),
    Point("after photos are grouped", _after(Catalog, "set_groups")),
    Point("before a run is finished", _before(Catalog, "finish_job")),
    Point("after a run is finished", _after(Catalog, "finish_job")),
    Point("half an index file", _half_an_index, 4),
    Point("before an index file", _before(indexes, "_publish", _published(".index")), 4),
    Point("index file there, manifest not", _after(indexes, "_publish", _published(".index")), 4),
    Point("after a manifest", _after(indexes, "_publish", _published(".json")), 4),
    Point("damaged index half set aside", _renamed(".json.damaged"), 1, "damaged index"),
    Point("a cached picture", _cached_picture, 6),
    Point("before reembedded takes over", _before(Catalog, "replace_collection"), 1, "reembed"),
    Point(
        "while reembedded takes over",
        _statement("DELETE", "UPDATE", inside="replace_collection"),
        8,
        "reembed",
    ),
    Point("after reembedded took over", _after(Catalog, "replace_collection"), 1, "reembed"),
    Point("while reembedding", _after(Catalog, "add_document"), 20, "reembed"),
    Point(
        "while an old catalogue is upgraded",
        _statement("ALTER", "CREATE", "UPDATE"),
        20,
        "old schema",
    ),
    Point("old catalogue upgraded, not committed", _commit(after=False), 1, "old schema"),
    Point("old catalogue upgraded", _commit(after=True), 1, "old schema"),
)


def strike_at(point: Point, rng: random.Random) -> None:
    """Patch this process so that it dies at ``point``."""
    point.arm(Strike(rng.randint(1, point.most)))
