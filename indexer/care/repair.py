"""What the doctor looks at in a home, and what it can put right."""

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from indexer.care import Tell, silence
from indexer.care.leftovers import Leftovers, find_leftovers, kept_files, sweep
from indexer.library import Library
from indexer.settings import IndexerSettings
from indexer.store.upkeep import Ailments, Upkeep

# A run says every second how far it is, except while it waits for one page or batch.
_SILENT_SECONDS = 900.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """The state of a home's data.

    ``damage`` is what SQLite says about its file; the rest is only looked at in a sound one.
    ``waiting`` are paths of documents that the next ``sightline index`` reads again; ``moved``
    counts uploads that the catalogue has in another home and that are in this one;
    ``silent_jobs`` are runs that ended without a word.
    """

    damage: tuple[str, ...] = ()
    ailments: Ailments = field(default_factory=Ailments)
    waiting: tuple[str, ...] = ()
    moved: int = 0
    silent_jobs: int = 0
    leftovers: Leftovers = field(default_factory=Leftovers)


def examine(library: Library) -> Condition:
    """Look at catalogue, uploads and cache, and change nothing."""
    settings = library.settings
    with Upkeep(settings.catalog_path, settings.store) as upkeep:
        damage = upkeep.damage()
        if damage:
            return Condition(damage=tuple(damage))
        return Condition(
            ailments=upkeep.ailments(),
            waiting=tuple(upkeep.waiting()),
            moved=_moved(upkeep, settings).total(),
            silent_jobs=upkeep.silent_jobs(_silent_since(library)),
            leftovers=find_leftovers(library, upkeep),
        )


def repair(library: Library, tell: Tell = silence) -> list[str]:
    """Put right what :func:`examine` finds; what was done, one line each.

    A catalogue that stays damaged is left as it is.
    """
    settings = library.settings
    done: list[str] = []
    with Upkeep(settings.catalog_path, settings.store) as upkeep:
        tell("checking the catalogue", 0, 0)
        if upkeep.damage():
            if not upkeep.reindex():
                return []
            done.append("built the catalogue's own indexes anew")
        tell("repairing the catalogue", 0, 0)
        done += upkeep.mend()
        for old, count in _moved(upkeep, settings).items():
            upkeep.move_files(old, f"{settings.upload_folder}/")
            done.append(f"found {count} uploads in this home that the catalogue had in {old}")
        ended = upkeep.end_silent_jobs(_silent_since(library))
        if ended:
            done.append(f"marked {ended} runs as interrupted that had ended without a word")
        tell("checking the index", 0, 0)
        collections = library.catalog.collections()
        done += library.indexes.verify(collections)
        # Before the indexes are saved, which clears away some of them without a word.
        tell("looking through the home", 0, 0)
        leftovers = find_leftovers(library, upkeep)
        library.indexes.save(collections)
        done += sweep(settings, leftovers)
    return done


def _silent_since(library: Library) -> float:
    """Whoever has the home to himself knows that no run goes on."""
    return time.time() - (0.0 if library.hold.is_alone() else _SILENT_SECONDS)


def _moved(upkeep: Upkeep, settings: IndexerSettings) -> Counter[str]:
    """Uploads that came along with a home that was moved, by the folder they were in before."""
    found: Counter[str] = Counter()
    for folder, inner in kept_files(upkeep):
        here = settings.upload_folder / inner
        if folder != f"{settings.upload_folder}/" and here.is_file():
            found[folder] += not Path(folder, inner).exists()
    return +found
