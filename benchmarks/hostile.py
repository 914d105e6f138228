"""What a folder of broken, encrypted and malicious files does to an indexing run.

Run ``python -m benchmarks.hostile``: the files of ``hostile/<half>``, traps made on the spot and
fifty good files are shuffled into one folder and indexed by ``sightline index`` in a process of
its own, whose memory and progress are watched; afterwards each file is parsed alone and timed.
Prints every figure beside its target and ends with 1 if one is missed. Needs Linux's /proc.
"""

import json
import os
import random
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.data import parser, require, rows
from benchmarks.hostile_files import MARKER, Trap, hostile_files, misnamed, no_files, odd_names
from benchmarks.hostile_good import good_files, ordinary_files
from indexer.errors import SightlineError
from indexer.library import to_image
from indexer.parsers._frames import FOLDER_PREFIX
from indexer.parsers.sandbox import ParserProcess
from indexer.settings import ParserSettings

SEED = 20
_PARENT_GROWTH = 200  # MiB
_SLOW_SECONDS, _HUNGRY = 30.0, 1024  # seconds and MiB of one file
_UNSUPPORTED = "no parser reads"
_ENCRYPTED = re.compile(r"password|encrypt", re.I)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ORIENTED = re.compile(r"((?:portrait|landscape)_)\d")


@dataclass(frozen=True, eq=False)
class Case:
    """One file: ``kind`` is data, trap, odd or good; ``row`` what the data set says of it."""

    path: Path
    name: str
    kind: str
    row: dict[str, Any] = field(default_factory=dict)
    words: str = ""

    @property
    def reference(self) -> dict[str, Any]:
        found: dict[str, Any] = self.row.get("reference") or {}
        return found


@dataclass(frozen=True)
class Run:
    """The indexing process: its end, what it reported and what was seen of it meanwhile."""

    status: int
    seconds: float
    indexed: tuple[str, ...]
    failed: dict[str, str]
    complaints: tuple[str, ...]
    errors: str
    growth: tuple[float, str]  # MiB above the first good files, and the file of that moment
    children: float  # MiB, all children together, at most
    standstill: tuple[float, str]  # longest time without progress, and the file of that moment


@dataclass(frozen=True)
class Stored:
    """What the catalogue holds of one path, members of containers included."""

    characters: int
    crops: int
    warnings: int


@dataclass(frozen=True)
class Check:
    name: str
    figure: str
    target: str
    met: bool


# -- the folder --------------------------------------------------------------------------------


def fill(folder: Path, data: Path, trap: Trap) -> list[Case]:
    """Everything in one folder under numbers that shuffle it; odd names keep theirs."""
    loose: list[tuple[str, str, bytes, dict[str, Any], str]] = [
        (Path(row["file"]).name, "data", (data / row["file"]).read_bytes(), row, "")
        for row in rows(data / "expected.jsonl")
    ]
    loose += [(name, "trap", content, {}, "") for name, content in hostile_files(trap)]
    loose += [(name, "good", content, {}, words) for name, content, words in good_files(SEED)]
    random.Random(SEED).shuffle(loose)
    # The encoders are loaded, and their buffers filled, before memory is measured.
    warm: list[tuple[str, str, bytes, dict[str, Any], str]] = [
        (f"warm-{name}", "good", content, {}, words)
        for name, content, words in ordinary_files(SEED)
    ]
    cases = []
    for number, (name, kind, content, row, words) in enumerate([*warm, *loose]):
        path = folder / f"{number:04}-{name}"
        path.write_bytes(content)
        cases.append(Case(path, name, kind, row, words))
    odd = folder / "odd"
    odd.mkdir()
    cases += [Case(path, path.name, "odd") for path in odd_names(odd)]
    cases.append(Case(misnamed(odd), "not UTF-8", "trap"))
    no_files(odd)
    return cases


@contextmanager
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server's address, and what connected to it."""
    visits: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            with suppress(OSError):
                while True:
                    visitor, _ = server.accept()
                    visits.append(visitor.recv(200).decode(errors="replace").split("\r")[0])
                    visitor.close()

        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", visits


# -- the run -----------------------------------------------------------------------------------


def index(folder: Path, home: Path, temporary: Path, warm: int) -> Run:
    """``sightline index`` with the packaged encoders and default limits."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGHTLINE_")}
    environment |= {
        "TMPDIR": str(temporary),
        "SIGHTLINE_ENCODER_TEXT": "packaged",
        "SIGHTLINE_ENCODER_CLIP": "packaged",
    }
    started = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "web", "--home", str(home), "index", str(folder), "--json"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=environment,
        )
        watch = _Watch(process.pid, home / "catalog.sqlite", warm)
        while process.poll() is None:
            watch.look()
            time.sleep(0.1)
        seconds = time.monotonic() - started
        out.seek(0)
        err.seek(0)
        printed, errors = out.read().decode(), err.read().decode(errors="replace")
    try:
        report = json.loads(printed)
    except ValueError:
        report = {"indexed": [], "failed": []}
    lines = [(each["path"], each["cause"], each["remedy"]) for each in report["failed"]]
    return Run(
        status=process.returncode,
        seconds=seconds,
        indexed=tuple(report["indexed"]),
        failed={path: cause for path, cause, _ in lines},
        complaints=tuple(
            f"{path}: {cause}; {remedy}"
            for path, cause, remedy in lines
            if not (cause and remedy) or _CONTROL.search(cause + remedy)
        ),
        errors=errors,
        growth=(watch.peak[0] - watch.base, watch.peak[1]),
        children=watch.children,
        standstill=watch.standstill,
    )


class _Watch:
    """Samples of one process: memory of it and its children in MiB, and how its job moves."""

    def __init__(self, pid: int, catalog: Path, warm: int) -> None:
        self._pid = pid
        self._catalog = catalog
        self._warm = warm
        self._last: tuple[Any, ...] = ()
        self._moved = self._asked = time.monotonic()
        self.base = self.children = 0.0
        self.peak = self.standstill = (0.0, "")

    def look(self) -> None:
        own = resident(self._pid)
        self.children = max(self.children, sum(map(resident, descendants(self._pid))))
        now = time.monotonic()
        if now - self._asked > 0.5:
            self._asked = now
            self._progress(now, own)
        if self.base and own > self.peak[0]:
            self.peak = (own, self._last[-1])

    def _progress(self, now: float, own: float) -> None:
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"file:{self._catalog}?mode=ro", uri=True)) as catalog,
        ):
            if not self.base:
                (count,) = catalog.execute("SELECT count(*) FROM document").fetchone()
                if count >= self._warm:
                    self.base = own
            job = catalog.execute("SELECT done, pages, chunks, crops, current FROM job").fetchone()
            if job != self._last:
                self._last, self._moved = job, now
            elif now - self._moved > self.standstill[0]:
                self.standstill = (now - self._moved, job[-1])


def resident(pid: int, key: str = "VmRSS") -> float:
    """MiB that a process occupies, 0 once it is gone."""
    with suppress(OSError):
        found = re.search(rf"{key}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def descendants(pid: int) -> list[int]:
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


# -- each file alone ---------------------------------------------------------------------------


def alone(cases: list[Case], settings: ParserSettings) -> dict[Path, tuple[float, float]]:
    """Seconds and peak MiB of the child for each file, read whole and its members listed.

    A child that ended with the file, because of a limit or a crash, has no peak: 0.
    """
    measured = {}
    with ParserProcess(settings) as child:
        for case in cases:
            if child.pid is not None:
                with suppress(OSError):
                    Path(f"/proc/{child.pid}/clear_refs").write_text("5")  # the peak starts anew
            started = time.monotonic()
            with suppress(SightlineError):
                for _ in child.members(case.path):
                    pass
            with suppress(SightlineError):
                for _ in child.parse(case.path).pages:
                    pass
            peak = resident(child.pid, "VmHWM") if child.pid is not None else 0.0
            measured[case.path] = (time.monotonic() - started, peak)
    return measured


# -- what became of it -------------------------------------------------------------------------


def stored(catalog: sqlite3.Connection) -> dict[str, Stored]:
    """By the path on the disk: text, pictures and warnings of it and all that is inside it."""
    found: dict[str, Stored] = {}
    for path, characters, crops, warnings in catalog.execute(
        """
        SELECT CASE container WHEN '' THEN path ELSE container END,
               (SELECT coalesce(sum(length(text)), 0) FROM chunk WHERE document_id = document.id),
               (SELECT count(*) FROM crop WHERE document_id = document.id),
               json_array_length(warnings)
        FROM file JOIN document ON document.id = file.document_id
        """
    ):
        before = found.get(path, Stored(0, 0, 0))
        found[path] = Stored(
            before.characters + characters, before.crops + crops, before.warnings + warnings
        )
    return found


def sentences(catalog: sqlite3.Connection) -> dict[str, str]:
    """All text of each path on the disk."""
    return dict(
        catalog.execute(
            """
            SELECT CASE container WHEN '' THEN path ELSE container END, group_concat(text, ' ')
            FROM file JOIN chunk ON chunk.document_id = file.document_id GROUP BY 1
            """
        )
    )


def orientation(cases: list[Case]) -> list[tuple[str, float]]:
    """For each picture that is there in several orientations: how alike the least alike two are.

    The correlation of their shades in 32 x 32 cells: a number is drawn on each, which the encoders
    see as another thing (cosines from 0.85), while a turned or mirrored one correlates below 0.7.
    """
    sets: dict[str, list[np.ndarray[Any, Any]]] = {}
    with ParserProcess(ParserSettings()) as child:
        for case in cases:
            if case.kind == "data" and (match := _ORIENTED.search(case.name)):
                for page in child.parse(case.path).pages:
                    assert page.raster is not None
                    shades = to_image(page.raster).convert("L").resize((32, 32))
                    sets.setdefault(match[1], []).append(np.asarray(shades).ravel())
    return [
        (name, min(float(np.corrcoef(pair)[0, 1]) for pair in combinations(pictures, 2)))
        for name, pictures in sorted(sets.items())
        if len(pictures) > 1
    ]


def must_be_encrypted(case: Case) -> bool:
    reference = case.reference
    if case.kind != "data":
        return False
    return reference.get("status") == "needs-password" or (
        case.row["class"] == "encrypted" and reference.get("encrypted", True)
    )


def judge(
    cases: list[Case],
    run: Run,
    catalog: sqlite3.Connection,
    times: dict[Path, tuple[float, float]],
    settings: ParserSettings,
) -> tuple[list[Check], list[str]]:
    """Every check, and a line for each file that misses something."""
    held, text, notes = stored(catalog), sentences(catalog), list[str]()

    def share(label: str, chosen: list[Case], bad: list[Case], least: float) -> Check:
        notes.extend(
            f"{label}: {case.name!r}: {run.failed.get(str(case.path), 'indexed')}" for case in bad
        )
        good = len(chosen) - len(bad)
        part = good / len(chosen) if chosen else 1.0
        target = "all" if least == 1 else f">= {least:.0%}"
        return Check(label, f"{good} of {len(chosen)} ({part:.1%})", target, part >= least)

    def at(case: Case) -> Stored:
        return held.get(str(case.path), Stored(0, 0, 0))

    def refused(case: Case) -> str:
        return run.failed.get(str(case.path), "")

    outcomes = Counter([*run.indexed, *run.failed])
    data = [case for case in cases if case.kind == "data"]
    known = [case for case in data if _UNSUPPORTED not in refused(case)]
    fine = [case for case in known if case.reference.get("status") == "ok"]
    locked = [case for case in known if must_be_encrypted(case)]
    worded = [
        case
        for case in fine
        if case.reference.get("text_chars_first5", 0) > 0 and not must_be_encrypted(case)
    ]
    pictures = [case for case in fine if case.row["kind"] == "image"]
    good = [case for case in cases if case.kind == "good"]
    slow = [case for case in cases if times[case.path][0] > _SLOW_SECONDS]
    hungry = [case for case in cases if times[case.path][1] > _HUNGRY]
    whole = settings.document_seconds + settings.page_seconds
    limit = settings.page_seconds + 15
    notes += [
        f"slow or hungry: {case.name!r}: {times[case.path][0]:.1f} s, {times[case.path][1]:.0f} MiB"
        for case in dict.fromkeys([*slow, *hungry])
    ]
    notes += [f"not one plain line: {line!r}" for line in run.complaints]
    standstill, place = run.standstill
    growth, peak = run.growth
    checks = [
        Check("the run ends by itself", f"status {run.status}", "status 0", run.status == 0),
        share(
            "one outcome each",
            cases,
            [case for case in cases if outcomes[str(case.path)] != 1],
            1,
        ),
        share(
            "indexed with something in it, or a warning",
            [case for case in cases if not refused(case)],
            [case for case in cases if not refused(case) and at(case) == Stored(0, 0, 0)],
            1,
        ),
        Check(
            "failures in one line with cause and remedy",
            f"{len(run.failed) - len(run.complaints)} of {len(run.failed)}",
            "all",
            not run.complaints,
        ),
        share(
            "good files indexed with their content",
            good,
            [
                case
                for case in good
                if case.words not in text.get(str(case.path), "")
                or (not case.words and not at(case).crops)
            ],
            1,
        ),
        share("odd names indexed", odd := [c for c in cases if c.kind == "odd"],
              [case for case in odd if not at(case).characters], 1),
        share("text recovered", worded, [c for c in worded if not at(c).characters], 0.95),
        share("pictures indexed", pictures, [c for c in pictures if not at(c).crops], 0.98),
        share("encrypted ones named so", locked,
              [case for case in locked if not _ENCRYPTED.search(refused(case))], 1),
        Check("longest time without progress", f"{standstill:.0f} s at {Path(place).name!r}",
              f"<= {limit:.0f} s", standstill <= limit),
        Check("longest time of a file alone", f"{max(t for t, _ in times.values()):.0f} s",
              f"<= {whole:.0f} s", max(t for t, _ in times.values()) <= whole),
        share(f"alone within {_SLOW_SECONDS:.0f} s and {_HUNGRY} MiB", cases,
              list(dict.fromkeys([*slow, *hungry])), 0.0),
        Check("growth of the indexing process", f"{growth:.0f} MiB at {Path(peak).name!r}",
              f"<= {_PARENT_GROWTH} MiB", 0 < growth <= _PARENT_GROWTH),
    ]  # fmt: skip
    for name, likeness in orientation(cases):
        checks.append(
            Check(f"{name}* stand upright", f"{likeness:.3f}", ">= 0.95", likeness >= 0.95)
        )
    quoted = [path for path, words in text.items() if MARKER in words]
    checks.append(Check("secret file quoted", str(len(quoted)), "0", not quoted))
    notes += [f"quotes the secret: {path}" for path in quoted]
    return checks, notes


def left_behind(root: Path, temporary: Path, trap: Trap, visits: list[str]) -> list[Check]:
    """What the run must not leave: files outside its folders, processes, connections."""
    strange = [*trap.outside.iterdir(), *temporary.glob(f"{FOLDER_PREFIX}*")]
    strange += [path for path in root.iterdir() if path.name not in {"files", "home"}
                and path not in {trap.outside, trap.secret, temporary}]  # fmt: skip
    running = [
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/environ")
        if _environment(path).startswith(f"TMPDIR={temporary}/{FOLDER_PREFIX}")
    ]
    return [
        Check("files outside", ", ".join(path.name for path in strange) or "0", "0", not strange),
        Check("processes left", ", ".join(running) or "0", "0", not running),
        Check("connections made", "; ".join(visits) or "0", "0", not visits),
    ]


def _environment(path: Path) -> str:
    with suppress(OSError):
        found = path.read_bytes().decode(errors="replace").split("\0")
        return next((line for line in found if line.startswith("TMPDIR=")), "")
    return ""


def show(checks: list[Check], notes: list[str], run: Run, cases: list[Case]) -> None:
    console = Console(highlight=False)
    for note in notes:
        console.print(note, markup=False)
    if run.errors.strip():
        console.print(run.errors[-3000:], markup=False)
    reasons = Counter(re.sub(r"\d+", "0", cause)[:70] for cause in run.failed.values())
    for reason, count in reasons.most_common(25):
        console.print(f"{count:5} {reason}", markup=False)
    console.print(
        f"{len(cases)} files, {len(run.indexed)} documents, {len(run.failed)} refusals in "
        f"{run.seconds:.0f} s; children at most {run.children:.0f} MiB together"
    )
    table = Table("", "measured", "target", "")
    for check in checks:
        table.add_row(check.name, check.figure, check.target, "ok" if check.met else "MISSED")
    console.print(table)


def main() -> None:
    options = parser(__doc__ or "")
    options.add_argument("--keep", type=Path, help="work in this folder and leave it")
    chosen = options.parse_args()
    data = require(chosen.data / "hostile" / chosen.half)
    settings = ParserSettings()
    with (
        tempfile.TemporaryDirectory(prefix="hostile-") as scratch,
        canary() as (url, visits),
    ):
        root = chosen.keep or Path(scratch)
        trap = Trap(secret=root / "secret.txt", url=url, outside=root / "outside")
        files, temporary = root / "files", root / "temporary"
        for folder in (files, temporary, trap.outside):
            folder.mkdir(parents=True)
        trap.secret.write_text(MARKER)
        cases = fill(files, data, trap)
        if chosen.only:
            wanted = [case for case in cases if any(part in case.name for part in chosen.only)]
            for case in set(cases) - set(wanted):
                case.path.unlink(missing_ok=True)
            cases = wanted
        warm = sum(case.name.startswith("warm-") for case in cases)
        run = index(files, root / "home", temporary, warm)
        times = alone(cases, settings)
        with closing(sqlite3.connect(root / "home" / "catalog.sqlite")) as catalog:
            checks, notes = judge(cases, run, catalog, times, settings)
        checks += left_behind(root, temporary, trap, visits)
    show(checks, notes, run, cases)
    sys.exit(not all(check.met for check in checks))


if __name__ == "__main__":
    main()
