"""Full disks: nothing acknowledged is lost, the error is one line, the next run completes.

Run ``python -m benchmarks.disk_full``. The command runs on a small tmpfs of its own, with the fake
encoders of the tests and with its temporary files on the same disk, which is full at one size
after the other: while indexing, while saving indexes, during a backup. Needs Linux and the right
to mount in a namespace of its own (``unshare -Urm``); exits with 2 where that is refused.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.durability import audit
from tests.durability.child import COLLECTION, library_at
from tests.durability.world import World, contents_of

_INSIDE = "--inside"
_LARGE = 4 << 30  # bytes of a disk that is not full
_PAGE = 4096
_JOURNAL = 40 * _PAGE  # what SQLite needs beside the catalogue to write one short document
_REMEDIES = ("free", "has room")


@dataclass
class Event:
    """One full disk: what ran, what it said, what was wrong afterwards."""

    name: str
    room: int
    code: int = 0
    said: str = ""
    problems: list[str] = field(default_factory=list)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--points", type=int, default=24)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(_INSIDE, type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.inside is None:
        sys.exit(_in_a_namespace())
    console = Console()
    events = Disk(chosen.inside, random.Random(chosen.seed)).fill(chosen.points)
    table = Table("while", "room", "exit", "said", "problems")
    for event in events:
        room = f"{event.room >> 10} KiB"
        table.add_row(event.name, room, str(event.code), event.said, str(len(event.problems)))
    console.print(table)
    for event in events:
        for problem in event.problems:
            console.print(f"{event.name}, {event.room >> 10} KiB: {problem}", markup=False)
    full = sum(event.code == 1 for event in events)
    failed = sum(bool(event.problems) for event in events)
    console.print(f"{len(events)} disks, {full} of them full in time, {failed} with problems")
    sys.exit(1 if failed or full < 20 else 0)


def _in_a_namespace() -> int:
    """Run this program again where it may mount; 2 if it may not."""
    with tempfile.TemporaryDirectory(prefix="disk-") as folder:
        disk = Path(folder) / "disk"
        disk.mkdir()
        inner = ["unshare", "-Urm", "sh", "-c", 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"']
        try:
            probe = subprocess.run(
                [*inner, str(disk), "true"], capture_output=True, text=True, check=False
            )
        except OSError as exc:
            probe = subprocess.CompletedProcess([], 1, "", str(exc))
        if probe.returncode:
            print(f"no disk of our own can be mounted here: {probe.stderr.strip()}")
            return 2
        again = [sys.executable, "-m", "benchmarks.disk_full", *sys.argv[1:], _INSIDE, folder]
        return subprocess.run([*inner, str(disk), *again], check=False).returncode


class Disk:
    """A tmpfs at ``base``/disk with a home on it; the files to index lie elsewhere."""

    def __init__(self, base: Path, rng: random.Random) -> None:
        self._disk = base / "disk"
        self._home = self._disk / "home"
        self._temporary = self._disk / "tmp"
        self._log = base / "acknowledged.jsonl"
        self._rng = rng
        self._world = World(base / "files", rng)
        self._world.fill()
        self._events: list[Event] = []

    def fill(self, points: int) -> list[Event]:
        """Let the disk be full at ``points`` sizes."""
        backups, saving, later = points // 6, points // 6, points // 4
        first = points - backups - saving - later
        self._fresh()
        self._resize(_LARGE)
        self._run(Event("setting up", _LARGE), "index", str(self._world.folder))
        whole = self._used()
        smallest = 24 * _PAGE
        for number in range(first):
            self._fresh()
            room = smallest + (whole - smallest) * number // first
            self._event(Event("indexing", room), "index", str(self._world.folder))
        for number in range(later):
            self._world.change(3)
            (self._world.folder / f"late {number}.txt").write_text(self._world.words(3000))
            room = self._used() + _PAGE * self._rng.choice((1, 8, 30, 60, 90, 120, 200))
            self._event(Event("indexing more", room), "index", str(self._world.folder))
        index = self._home / "index"
        for number in range(saving):
            size = sum(path.stat().st_size for path in index.iterdir())
            shutil.rmtree(index)
            (self._world.folder / f"last {number}.txt").write_text(self._world.words(5))
            room = self._used() + _JOURNAL + size * number // saving
            self._event(Event("saving indexes", room), "index", str(self._world.folder))
        for number in range(backups):
            room = self._used() + (whole * number) // backups + _PAGE
            self._backup(Event("backup", room))
        return self._events

    def _backup(self, event: Event) -> None:
        file = self._disk / "backup.tar"
        self._resize(event.room)
        self._run(event, "backup", str(file))
        left = [path.name for path in self._disk.iterdir() if path.name not in {"home", "tmp"}]
        if event.code and left:
            event.problems.append(f"left behind: {left}")
        self._resize(_LARGE)
        again = self._run(Event("backup", _LARGE), "backup", "--force", str(file))
        if again.code:
            event.problems.append(f"the next backup: {again.said}")
        file.unlink(missing_ok=True)
        self._events.append(event)

    def _event(self, event: Event, *arguments: str) -> None:
        self._log.unlink(missing_ok=True)
        before = audit.states(self._home) if self._home.exists() else {}
        self._resize(event.room)
        self._run(event, *arguments)
        self._resize(_LARGE)
        self._home.mkdir(exist_ok=True)
        found = audit.states(self._home)
        wanted, on_the_way, _ = audit.acknowledged(self._log, before)
        lost = audit.differences(wanted, found)
        if lost and audit.differences(on_the_way, found):
            event.problems += lost
        if found:
            event.problems += audit.structure(self._home)
        self._complete(event, *arguments)
        self._events.append(event)

    def _complete(self, event: Event, *arguments: str) -> None:
        """The same command once more, with room."""
        again = self._run(Event("again", _LARGE), *arguments)
        if again.code:
            event.problems.append(f"the next run: {again.said}")
            return
        held = audit.states(self._home)[COLLECTION]
        files = contents_of(self._world.folder)
        wanted = {path: digest if good else None for path, (digest, _, good) in files.items()}
        event.problems += audit.differences({COLLECTION: wanted}, {COLLECTION: held})
        event.problems += audit.structure(self._home)
        with library_at(self._home) as library:
            event.problems += library.catalog.check()
            event.problems += library.indexes.verify(library.catalog.collections())

    def _run(self, event: Event, *arguments: str) -> Event:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.durability.cli",
                self._log,
                "--home",
                self._home,
                *arguments,
            ],
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "TMPDIR": str(self._temporary),
                "NO_COLOR": "1",
                "SIGHTLINE_ENCODER_BATCH_SIZE": "4",
            },
            check=False,
        )
        event.code = done.returncode
        errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        event.said = errors[0] if errors else (done.stdout or done.stderr).strip()[-300:]
        if event.code not in {0, 1} or "Traceback" in done.stderr:
            event.problems.append(f"exit {event.code}: {done.stderr[-1500:]}")
        elif event.code and (len(errors) != 1 or not any(word in errors[0] for word in _REMEDIES)):
            event.problems.append(f"not one line with a remedy: {done.stderr[-500:]}")
        return event

    def _fresh(self) -> None:
        self._resize(_LARGE)
        for path in self._disk.iterdir():
            shutil.rmtree(path)
        self._temporary.mkdir()

    def _resize(self, size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", self._disk], check=True)

    def _used(self) -> int:
        state = os.statvfs(self._disk)
        return (state.f_blocks - state.f_bfree) * state.f_frsize


if __name__ == "__main__":
    main()
