"""The process that is killed: it changes a folder, indexes it, and logs what was acknowledged."""

import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer import readahead
from indexer.errors import SightlineError
from indexer.library import Library
from indexer.pipeline import index_paths, reembed
from indexer.settings import EncoderSettings, IndexerSettings, ParserSettings
from indexer.store.catalog import Catalog
from tests.durability.points import POINTS, strike_at
from tests.durability.quick import ParserHere
from tests.durability.world import World
from tests.fakes import ColourEncoder, HashEncoder

COLLECTION = "main"


@dataclass(frozen=True)
class Job:
    """What one child does until it is killed; ``point`` is a name of ``POINTS`` or "" for none."""

    home: Path
    folder: Path
    log: Path
    seed: int
    point: str = ""
    rounds: int = 100
    quick: bool = False  # a small folder, read in the child itself


def library_at(home: Path, text: str = "auto", *, processes: int = 1) -> Library:
    """A library on fake encoders; ``text`` names a revision of the text encoder."""

    def load_text(settings: EncoderSettings) -> HashEncoder:
        return HashEncoder(revision=settings.text)

    # A small batch lets documents of one run be written one by one, in many transactions.
    settings = IndexerSettings(
        home=home,
        parser=ParserSettings(processes=processes),
        encoder=EncoderSettings(text=text, clip="colours", batch_size=4),
    )
    return Library(settings, load_text=load_text, load_clip=lambda _: ColourEncoder())


def work(job: Job) -> None:
    """Change, index, and again; dies at the point it was given."""
    rng = random.Random(job.seed)
    if job.quick:
        readahead.ParserProcess = ParserHere  # type: ignore[misc, assignment]
    point = next((each for each in POINTS if each.name == job.point), None)
    acknowledge(job.log)
    if point is not None:
        strike_at(point, rng)
    need = point.need if point else rng.choice(("", "", "reembed"))
    world = World(job.folder, rng, small=job.quick)
    processes = rng.choice((1, 2))
    for _ in range(job.rounds):
        with library_at(job.home, processes=processes) as library:
            for _ in range(rng.randint(1, 3)):
                world.change(rng.randint(1, 4))
                if need == "repack":
                    world.repack()
                if need == "delete":
                    world.delete()
                _log_report(job.log, index_paths(library, [job.folder], COLLECTION))
        if need == "reembed":
            with library_at(job.home, text=f"r{rng.getrandbits(16)}") as library:
                reembed(library, COLLECTION)


def _log_report(log: Path, report: Any) -> None:
    _write(log, {"report": list(report.indexed), "removed": list(report.removed)})


def _write(log: Path, entry: dict[str, Any]) -> None:
    with log.open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(entry) + "\n")
        handle.flush()
        os.fsync(handle.fileno())


def acknowledge(log: Path) -> None:
    """Log every write of the catalogue before it begins and after it has returned."""

    def logged(name: str, effect: Callable[..., dict[str, Any]]) -> None:
        real = getattr(Catalog, name)

        def patched(self: Catalog, *args: Any) -> Any:
            _write(log, {"begin": effect(*args)})
            try:
                result = real(self, *args)
            except SightlineError:
                _write(log, {"end": False})
                raise
            _write(log, {"end": result is not False})
            return result

        setattr(Catalog, name, patched)

    def paths(collection: str, states: dict[str, str | None], gone: list[str]) -> dict[str, Any]:
        return {"collection": collection, "states": states, "gone": gone}

    logged("add_document", lambda to, new: paths(to.name, {new.file.path: new.document.id}, []))
    logged("link_file", lambda to, state: paths(to.name, {state.path: state.sha256}, []))
    logged("record_failure", lambda to, state: paths(to.name, {state.path: None}, []))
    logged("remove_files", lambda to, gone: paths(to.name, {}, list(gone)))
    logged("replace_collection", lambda old, new, _: {"drop": old.name, "rename": new.name})
