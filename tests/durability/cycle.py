"""One kill and everything that must be true after it."""

import hashlib
import multiprocessing
import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from indexer.library import Library
from indexer.pipeline import index_paths, reembed
from indexer.store.records import StoredChunk
from retriever import health
from retriever.settings import RerankSettings, RetrieverSettings
from tests.durability import audit
from tests.durability.child import COLLECTION, Job, library_at, work
from tests.durability.points import POINTS
from tests.durability.schema import to_first_schema
from tests.durability.world import COLOURS, ENGLISH, RUSSIAN, World, contents_of

_KILLED = -9
_GIVE_UP_SECONDS = 120.0
_SETTINGS = RetrieverSettings(rerank=RerankSettings(model="none"))
SHADOW = f"{COLLECTION} (reembedding)"


@dataclass(kw_only=True)
class Outcome:
    """What one cycle showed; ``problems`` is empty when nothing was lost."""

    number: int
    point: str
    struck: bool
    acknowledged: int
    set_aside: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


class Killer:
    """A library and its folder below ``base`` that live through one kill after the other.

    ``quick`` makes the folder small and lets the killed process read it itself.
    """

    def __init__(self, base: Path, seed: int, *, quick: bool = False) -> None:
        self._quick = quick
        self.base = base
        self.home = base / "home"
        self.folder = base / "files"
        self._seed = seed
        self._rng = random.Random(seed)
        # Forked from a process that has imported everything and opened nothing.
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["tests.durability.child"])
        World(self.folder, self._rng, small=quick).fill()
        self._words: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        with library_at(self.home, text="r0") as library:
            index_paths(library, [self.folder], COLLECTION)

    def cycle(self, number: int, point: str = "", *, compare: bool = True) -> Outcome:
        """Kill a child at ``point``, or at a random moment for "", and look at what is left."""
        started = time.monotonic()
        upgraded = self._prepare(point) == "old schema"
        before = audit.states(self.home)
        job = Job(
            home=self.home,
            folder=self.folder,
            log=self.base / f"acknowledged-{number}.jsonl",
            seed=self._seed * 10_000 + number,
            point=point,
            rounds=8 if point else 1000,
            quick=self._quick,
        )
        seen, status = self._run(job)
        outcome = Outcome(number=number, point=point, struck=status == _KILLED, acknowledged=0)
        if status not in (_KILLED, 0):
            outcome.problems.append(f"the child ended with {status} (seed {job.seed})")
        self._look(outcome, job, before, seen)
        self._go_on(outcome, compare=compare and not upgraded)
        if upgraded:
            # What the first release did not know of its files, it cannot have: begin anew.
            shutil.rmtree(self.home)
            self._begin()
        if not outcome.problems:
            job.log.unlink(missing_ok=True)
        return replace(outcome, seconds=time.monotonic() - started)

    def _prepare(self, point: str) -> str:
        """Give the library what ``point`` needs; what that is."""
        need = next((each.need for each in POINTS if each.name == point), "")
        if need == "old schema":
            to_first_schema(self.home / "catalog.sqlite")
        if need == "damaged index":
            for path in (self.home / "index").glob("*.index"):
                path.write_bytes(path.read_bytes()[:-1])
        return need

    def _run(self, job: Job) -> tuple[int, int | None]:
        """The highest generation that a reader saw committed, and how the child ended."""
        child = self._processes.Process(target=work, args=(job,))
        child.start()
        with _Watch(self.home) as watch:
            if job.point:
                child.join(_GIVE_UP_SECONDS)
            else:
                self._wait_for_work(job, child)
                child.join(self._rng.uniform(0.0, 2.5))
            child.kill()
            child.join()
        return watch.seen, child.exitcode

    @staticmethod
    def _wait_for_work(job: Job, child: ForkServerProcess) -> None:
        deadline = time.monotonic() + _GIVE_UP_SECONDS
        while child.is_alive() and not job.log.exists() and time.monotonic() < deadline:
            time.sleep(0.01)

    def _look(self, outcome: Outcome, job: Job, before: audit.States, seen: int) -> None:
        """Straight after the kill, before anything is written."""
        with library_at(self.home) as library:
            found = audit.states(self.home)
            wanted, on_the_way, lies = audit.acknowledged(job.log, before)
            outcome.acknowledged = sum(len(paths) for paths in wanted.values())
            outcome.problems += lies
            lost = audit.differences(wanted, found)
            if lost and audit.differences(on_the_way, found):
                outcome.problems += lost
            if seen > library.catalog.generation():
                outcome.problems.append(
                    f"generation {seen} was seen committed, {library.catalog.generation()} is left"
                )
            outcome.problems += audit.structure(self.home)
            outcome.problems += library.catalog.check()
            # The first to open the index files sets aside what it does not trust.
            outcome.set_aside = len(library.indexes.verify(library.catalog.collections()))
            outcome.problems += audit.index_problems(library)
            outcome.problems += _found_by_words(library, found.get(COLLECTION, {}))

    def _go_on(self, outcome: Outcome, *, compare: bool) -> None:
        """The next run brings everything in step, as if nothing had happened."""
        with library_at(self.home) as library:
            index_paths(library, [self.folder], COLLECTION)
        if SHADOW in audit.states(self.home) and self._rng.random() < 0.5:
            with library_at(self.home, text=_encoder_of(self.home, SHADOW)) as library:
                reembed(library, COLLECTION)
        with library_at(self.home) as library:
            outcome.problems += [
                f"doctor: {finding.subject}: {finding.detail}"
                for finding in health.examine(library, _SETTINGS)
                if not finding.ok
            ]
            again = index_paths(library, [self.folder], COLLECTION)
            if again.indexed or again.removed or again.failed:
                outcome.problems.append(f"a second run still found something to do: {again}")
            outcome.problems += self._against_disk(library)
            if compare:
                outcome.problems += self._against_fresh(library)

    def _against_disk(self, library: Library) -> list[str]:
        """The collection holds the files that there are, and a word finds the texts with it."""
        files = contents_of(self.folder)
        held = audit.states(self.home)[COLLECTION]
        problems = [
            f"{path} is {held.get(path)}, on the disk it is {digest}"
            for path, (digest, _, readable) in files.items()
            if held.get(path) != (digest if readable else None)
        ]
        problems += [f"{path} is left over" for path in held if path not in files]
        wanted: dict[str, set[str]] = {}
        for digest, text, readable in files.values():
            for word in filter(_is_unique, text.split() if readable else ()):
                wanted.setdefault(word, set()).add(digest)
        gone = sorted(self._words - set(wanted))
        self._words = set(wanted)
        there = self._rng.sample(sorted(wanted), min(25, len(wanted)))
        for word in (*there, *gone[:25]):
            found = {
                stored.owner.document.id
                for stored in _passages_with(library, word)
                if word in stored.chunk.text
            }
            if not wanted.get(word, set()) <= found:
                problems.append(f"{word!r} finds {found}, not {wanted[word]}")
            if word in gone and found:
                problems.append(f"{word!r} is gone from the folder and finds {found}")
        return problems

    def _against_fresh(self, library: Library) -> list[str]:
        home = self.base / "fresh"
        shutil.rmtree(home, ignore_errors=True)
        with library_at(home, text=_encoder_of(self.home, COLLECTION)) as fresh:
            index_paths(fresh, [self.folder], COLLECTION)
            problems = audit.compared(
                audit.contents(self.home, COLLECTION), audit.contents(home, COLLECTION)
            )
            queries = [*COLOURS, *ENGLISH[:3], *RUSSIAN[:3], f"{ENGLISH[4]} {ENGLISH[5]}"]
            # The weights of words come from all collections.
            words = SHADOW not in audit.states(self.home)
            have = audit.rankings(library, COLLECTION, queries, weigh_words=words)
            want = audit.rankings(fresh, COLLECTION, queries, weigh_words=words)
        problems += [
            f"search for {name}: {_first_difference(have[name], want[name])}"
            for name in want
            if have[name] != want[name]
        ]
        return problems


class _Watch:
    """A reader in another process than the writer: what it saw committed must stay."""

    def __init__(self, home: Path) -> None:
        self.seen = 0
        self._home = home
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        with audit.opened(self._home) as connection:
            while not self._stop.wait(0.02):
                try:
                    self.seen = max(self.seen, audit.generation(connection))
                except sqlite3.OperationalError:  # locked by a checkpoint
                    continue


def _encoder_of(home: Path, collection: str) -> str:
    with audit.opened(home) as connection:
        row = connection.execute(
            "SELECT text_encoder FROM collection WHERE name = ?", (collection,)
        ).fetchone()
    return str(row[0])


def _found_by_words(library: Library, paths: dict[str, str | None]) -> list[str]:
    """Every text that is still as it was indexed is found by a word that only it has."""
    problems = []
    for path, digest in paths.items():
        file = Path(path)
        if digest is None or file.suffix not in {".txt", ".md"} or not file.is_file():
            continue
        data = file.read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            continue
        for word in list(filter(_is_unique, data.decode().split()))[:1]:
            owners = {each.owner.document.id for each in _passages_with(library, word)}
            if digest not in owners:
                problems.append(f"{path} is not found by {word!r}")
    return problems


def _passages_with(library: Library, word: str) -> list[StoredChunk]:
    collection = library.catalog.collection(COLLECTION)
    hits = library.catalog.lexical_search("chunk", [word], 100, [collection])
    return list(library.catalog.chunks([item for item, _ in hits]).values())


def _is_unique(word: str) -> bool:
    return len(word) == 13 and word.startswith("w") and word.isascii()


def _first_difference(have: Sequence[object], want: Sequence[object]) -> str:
    extra = [each for each in have if each not in want][:1]
    missing = [each for each in want if each not in have][:1]
    return f"{len(have)} hits for {len(want)}, extra {extra}, missing {missing}"[:600]
