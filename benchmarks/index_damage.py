"""Damaged index files: each is found out, and searches are as those of indexes made anew.

Run ``python -m benchmarks.index_damage``. A folder is indexed with the fake encoders of the tests;
then its index files are damaged in one way after the other, and opened again.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.store.indexes import IndexCache
from tests.durability import audit
from tests.durability.child import COLLECTION, library_at
from tests.durability.world import COLOURS, ENGLISH, RUSSIAN, World

_QUERIES = (*COLOURS, *ENGLISH[:3], *RUSSIAN[:3])
_NOBODY = 65534


@dataclass(frozen=True)
class Case:
    """An index folder to damage: one of its files, another one, and an older state of all."""

    file: Path
    other: Path
    older: Path
    rng: random.Random

    @property
    def manifest(self) -> Path:
        return self.file.with_suffix(".json")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--damages", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="damage-") as folder:
        failures, counts = damage(Path(folder), chosen.damages, random.Random(chosen.seed))
    table = Table("damage", "times", "found out", "searches as from anew")
    for name, (times, named, equal) in counts.items():
        seen = f"{named}" if name in _SEEN else "nothing to find out"
        table.add_row(name, str(times), seen, str(equal))
    console.print(table)
    for failure in failures:
        console.print(failure, markup=False, highlight=False)
    console.print(f"{chosen.damages} damages, {len(failures)} failures")
    sys.exit(1 if failures else 0)


def damage(
    base: Path, count: int, rng: random.Random
) -> tuple[list[str], dict[str, tuple[int, int, int]]]:
    """Failures, and per kind of damage: times, found out, searches equal."""
    world = World(base / "files", rng)
    world.fill()
    failures: list[str] = []
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    with library_at(base / "home", text="r0") as library:
        index_paths(library, [world.folder], COLLECTION)
        folder = library.settings.index_folder
        shutil.copytree(folder, base / "older")
        world.change(4)
        world.delete()
        (world.folder / "late.txt").write_text(world.words(40))
    with library_at(base / "home") as library:
        index_paths(library, [world.folder], COLLECTION)
        shutil.copytree(folder, base / "sound")
        shutil.rmtree(folder)
        wanted = _searches(library)
        for number in range(count):
            name = list(_DAMAGES)[number % len(_DAMAGES)]
            _restore(base / "sound", folder)
            files = sorted(folder.glob("*.index"))
            file, other = rng.sample(files, 2)
            case = Case(file=file, other=other, older=base / "older", rng=rng)
            _DAMAGES[name](case)
            named, found = _opened(library, restricted=name in _RESTRICTED)
            equal = found == wanted
            seen = any(file.name in line for line in named)
            counts[name][0] += 1
            counts[name][1] += seen
            counts[name][2] += equal
            if not equal:
                failures.append(f"{number} {name} {file.name}: searches differ; {named}")
            if seen != (name in _SEEN):
                failures.append(f"{number} {name} {file.name}: problems are {named}")
            failures += _saved_again(library, number, name)
    return failures, {name: (a, b, c) for name, (a, b, c) in counts.items()}


def _restore(sound: Path, folder: Path) -> None:
    if folder.exists():
        folder.chmod(0o700)
        shutil.rmtree(folder)
    shutil.copytree(sound, folder)


def _searches(library: Library) -> dict[str, Any]:
    library.indexes = IndexCache(library.catalog, library.settings.index_folder, "flat")
    return audit.rankings(library, COLLECTION, _QUERIES, weigh_words=True)


def _opened(library: Library, *, restricted: bool) -> tuple[list[str], dict[str, Any]]:
    with _as_nobody(library.settings.index_folder) if restricted else nullcontext():
        found = _searches(library)
        return library.indexes.verify(library.catalog.collections()), found


def _saved_again(library: Library, number: int, name: str) -> list[str]:
    """After the next save, nothing is wrong any more."""
    folder = library.settings.index_folder
    folder.chmod(0o700)
    library.indexes.save(library.catalog.collections())
    cache = IndexCache(library.catalog, folder, "flat")
    return [
        f"{number} {name}: still {line}" for line in cache.verify(library.catalog.collections())
    ]


@contextmanager
def _as_nobody(folder: Path) -> Iterator[None]:
    """Permissions mean nothing to root."""
    if os.geteuid() != 0:
        yield
        return
    for path in (folder, *folder.iterdir()):
        os.chown(path, _NOBODY, _NOBODY)
    folder.parent.parent.chmod(0o755)
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def _truncated(case: Case) -> None:
    data = case.file.read_bytes()
    case.file.write_bytes(data[: case.rng.randrange(1, len(data))])


def _flipped(case: Case) -> None:
    data = bytearray(case.file.read_bytes())
    for _ in range(case.rng.randint(1, 8)):
        data[case.rng.randrange(len(data))] ^= 1 << case.rng.randrange(8)
    case.file.write_bytes(data)


def _extended(case: Case) -> None:
    with case.file.open("ab") as handle:
        handle.write(case.rng.randbytes(100))


def _emptied(case: Case) -> None:
    case.file.write_bytes(b"")


def _random(case: Case) -> None:
    case.file.write_bytes(case.rng.randbytes(case.file.stat().st_size))


def _random_with_its_checksum(case: Case) -> None:
    import hashlib

    _random(case)
    _rewrite(case, sha256=hashlib.sha256(case.file.read_bytes()).hexdigest())


def _swapped(case: Case) -> None:
    _exchange(case.file, case.other)


def _swapped_with_manifests(case: Case) -> None:
    _exchange(case.file, case.other)
    _exchange(case.manifest, case.other.with_suffix(".json"))


def _without_index(case: Case) -> None:
    case.file.unlink()


def _without_both(case: Case) -> None:
    case.file.unlink()
    case.manifest.unlink()


def _without_manifest(case: Case) -> None:
    case.manifest.unlink()


def _manifest_cut_off(case: Case) -> None:
    data = case.manifest.read_bytes()
    case.manifest.write_bytes(data[: case.rng.randrange(len(data))])


def _manifest_of_nonsense(case: Case) -> None:
    case.manifest.write_bytes(
        case.rng.choice((b"{}", b"[]", b"null", b"\xff\xfe\x00", b'{"format": "1"}', b"9" * 5000))
    )


def _manifest_of_another_count(case: Case) -> None:
    _rewrite(case, count=case.rng.randrange(10**6, 10**7))


def _manifest_from_the_future(case: Case) -> None:
    _rewrite(case, generation=10**9)


def _manifest_of_another_format(case: Case) -> None:
    _rewrite(case, **case.rng.choice(({"format": 99}, {"backend": "other"}, {"space": "x"})))


def _older_manifest(case: Case) -> None:
    shutil.copy(case.older / case.manifest.name, case.manifest)


def _older_index(case: Case) -> None:
    shutil.copy(case.older / case.file.name, case.file)


def _older_both(case: Case) -> None:
    _older_index(case)
    _older_manifest(case)


def _unreadable(case: Case) -> None:
    case.rng.choice((case.file, case.manifest)).chmod(0)


def _unreadable_in_a_closed_folder(case: Case) -> None:
    case.file.chmod(0)
    case.file.parent.chmod(0o555)


def _closed_folder(case: Case) -> None:
    case.file.parent.chmod(0)


def _a_folder(case: Case) -> None:
    case.file.unlink()
    case.file.mkdir()


def _a_broken_link(case: Case) -> None:
    case.file.unlink()
    case.file.symlink_to("nowhere")


def _rewrite(case: Case, **changes: Any) -> None:
    manifest = {**msgspec.json.decode(case.manifest.read_bytes()), **changes}
    case.manifest.write_bytes(msgspec.json.encode(manifest))


def _exchange(one: Path, other: Path) -> None:
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)


_DAMAGES: dict[str, Callable[[Case], None]] = {
    "truncated": _truncated,
    "bits flipped": _flipped,
    "longer": _extended,
    "emptied": _emptied,
    "random bytes": _random,
    "random bytes with their checksum": _random_with_its_checksum,
    "swapped between spaces": _swapped,
    "swapped with their manifests": _swapped_with_manifests,
    "index missing": _without_index,
    "index and manifest missing": _without_both,
    "manifest missing": _without_manifest,
    "manifest cut off": _manifest_cut_off,
    "manifest of nonsense": _manifest_of_nonsense,
    "manifest with another count": _manifest_of_another_count,
    "manifest from the future": _manifest_from_the_future,
    "manifest of another format": _manifest_of_another_format,
    "manifest of an older generation": _older_manifest,
    "index of an older generation": _older_index,
    "both of an older generation": _older_both,
    "permission denied": _unreadable,
    "permission denied, folder too": _unreadable_in_a_closed_folder,
    "folder without any permission": _closed_folder,
    "a folder in its place": _a_folder,
    "a broken link in its place": _a_broken_link,
}
_RESTRICTED = {
    "permission denied",
    "permission denied, folder too",
    "folder without any permission",
}
# An older pair is sound: what has changed since is replayed. Nothing can be said of no files.
_SEEN = set(_DAMAGES) - {"index and manifest missing", "both of an older generation"}


if __name__ == "__main__":
    main()
