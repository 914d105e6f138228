"""The server under load: speed, what is turned away, memory, and how soon pages show something.

An archive of the passages of all text sets is served by ``sightline serve`` in a process of its
own. Clients ask questions of these sets, each in its own connection, one after another: searching
and asking, with real embeddings. Bounds: no errors; during ingest (files uploaded all the while)
the 95th percentile at most twice that of the idle server; of 64 clients, whoever is turned away
hears so within a second; memory grows by at most 5% over 5,000 questions; Ask and Search show
something within a second, in at most 300 KB. Run:
python -m benchmarks.load [--data FOLDER] [--home FOLDER] [--seconds 60] [--parts idle ingest …]
"""

import http.client
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks import corpus, data

FILES = 6500  # some ten thousand passages
CROWD = 64
QUESTIONS = 5000  # over which memory is watched
WARM = 500  # before that
MOST_SLOWDOWN = 2.0
MOST_GROWTH = 0.05
MOST_REFUSAL_SECONDS = 1.0
MOST_PAINT_SECONDS = 1.0
MOST_PAGE_BYTES = 300_000
SEED = 6


@dataclass
class Outcome:
    """Seconds of each request by what was asked for, and what came back."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    refused: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Client:
    """One connection that asks one question after another."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._connection = http.client.HTTPConnection(self._host, timeout=120)

    def get(self, path: str) -> tuple[int, bytes]:
        self._connection.request("GET", path)
        response = self._connection.getresponse()
        return response.status, response.read()

    def upload(self, files: Sequence[tuple[str, str]], collection: str) -> None:
        """Hand files in, and wait until they are indexed."""
        boundary = "benchmark"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"'
            f"\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
            for name, text in files
        ]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="collection"\r\n\r\n'
            f"{collection}\r\n--{boundary}--\r\n"
        )
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        self._connection.request("POST", "/api/v1/documents", "".join(parts).encode(), headers)
        response = self._connection.getresponse()
        job = json.loads(response.read())["job"]
        while job["open"] or job["state"] in {"queued", "running"}:
            time.sleep(0.2)
            job = json.loads(self.get(f"/api/v1/jobs/{job['id']}")[1])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("The server under load")
    parser.add_argument("--home", type=Path, help="keep the indexed library here")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    options = parser.parse_args(arguments)
    root = data.require(options.data / "textqa" / options.half)
    sets = [data.text_set(folder) for folder in sorted(root.iterdir()) if folder.is_dir()]
    passages = {f"{each.name}-{key}": text for each in sets for key, text in each.passages.items()}
    passages = dict(sorted(passages.items())[:FILES])
    questions = [text for each in sets for text in each.questions.values()]
    random.Random(SEED).shuffle(questions)
    with tempfile.TemporaryDirectory() as temporary:
        home = options.home or Path(temporary)
        with corpus.indexed_passages(passages, home) as library:
            print(f"{library.catalog.counts().chunks} passages")
        good = []
        for part, measure in PARTS.items():
            if part in options.parts:
                with served(home / "home") as (address, process):
                    load = Load(
                        address=address,
                        process=process,
                        clients=options.clients,
                        seconds=options.seconds,
                        questions=questions,
                        passages=passages,
                    )
                    good.append(measure(load))
    sys.exit(0 if all(good) else 1)


_IDLE: dict[str, float] = {}  # the 95th percentile by what was asked for


@dataclass(frozen=True, kw_only=True)
class Load:
    """A served archive and what is asked of it."""

    address: str
    process: int
    clients: int
    seconds: float
    questions: list[str]
    passages: dict[str, str]


def idle(load: Load) -> bool:
    found = asked(load, clients=load.clients, seconds=load.seconds)
    _IDLE.update(_print(f"{load.clients} clients", found))
    return not found.errors


def ingest(load: Load) -> bool:
    stop = threading.Event()
    added: list[int] = []
    feeder = threading.Thread(target=_feed, args=(load, stop, added))
    feeder.start()
    try:
        found = asked(load, clients=load.clients, seconds=load.seconds)
    finally:
        stop.set()
        feeder.join()
    slow = _print(f"{load.clients} clients, {sum(added)} files indexed meanwhile", found)
    ratios = {name: slow[name] / _IDLE[name] for name in slow if name in _IDLE}
    for name, ratio in ratios.items():
        print(f"  {name}: 95th percentile {ratio:.2f} times that of the idle server")
    return not found.errors and all(ratio <= MOST_SLOWDOWN for ratio in ratios.values())


def _feed(load: Load, stop: threading.Event, added: list[int]) -> None:
    """Upload new texts, made of the words of known ones, until told to stop."""
    dice = random.Random(SEED)
    texts = list(load.passages.values())
    client = Client(load.address)
    while not stop.is_set():
        words = " ".join(dice.sample(texts, 8)).split()
        dice.shuffle(words)
        size = len(words) // 8
        files = [
            (f"{time.time_ns()}-{n}.txt", " ".join(words[n * size : (n + 1) * size]) + ".")
            for n in range(8)
        ]
        client.upload(files, "ingested")
        added.append(len(files))


def crowd(load: Load) -> bool:
    found = asked(load, clients=CROWD, seconds=load.seconds / 2)
    _print(f"{CROWD} clients", found)
    worst = max(found.refused, default=0.0)
    print(f"  {len(found.refused)} turned away, the slowest after {worst:.3f} s")
    return not found.errors and worst <= MOST_REFUSAL_SECONDS


def memory(load: Load) -> bool:
    asked(load, clients=load.clients, count=WARM)
    before = resident(load.process)
    asked(load, clients=load.clients, count=QUESTIONS)
    after = resident(load.process)
    growth = after / before - 1
    print(
        f"memory: {before / 2**20:.0f} MiB after {WARM} questions, {after / 2**20:.0f} MiB "
        f"after {QUESTIONS} more, {growth:+.1%}"
    )
    return growth <= MOST_GROWTH


def resident(process: int) -> int:
    """Bytes of a process that are in memory."""
    fields = Path(f"/proc/{process}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def asked(
    load: Load,
    *,
    clients: int,
    seconds: float = 1e9,
    count: int = 10**9,
) -> Outcome:
    """Let clients ask for so long, or so many questions: searches, every fourth an answer."""
    found = Outcome()
    lock = threading.Lock()
    end = time.monotonic() + seconds
    numbers = iter(range(count))

    def ask() -> None:
        client = Client(load.address)
        while time.monotonic() < end:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            question = load.questions[number % len(load.questions)]
            name = "ask" if number % 4 == 3 else "search"
            fields = {"question" if name == "ask" else "q": question}
            began = time.monotonic()
            try:
                status, body = client.get(f"/api/v1/{name}?{urlencode(fields)}")
            except OSError as exc:
                with lock:
                    found.errors.append(f"{question}: {exc!r}")
                client = Client(load.address)
                continue
            took = time.monotonic() - began
            with lock:
                found.statuses[status] += 1
                if status == 200:
                    found.seconds.setdefault(name, []).append(took)
                elif status == 503:
                    found.refused.append(took)
                else:
                    found.errors.append(f"{question}: {status} {body[:200]!r}")
            if status == 503:
                time.sleep(0.5)

    runners = [threading.Thread(target=ask) for _ in range(clients)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    return found


def _print(title: str, found: Outcome) -> dict[str, float]:
    """Tell of an outcome; the 95th percentile by what was asked for, in seconds."""
    print(f"{title}: {dict(found.statuses)}, {len(found.errors)} errors")
    for error in found.errors[:5]:
        print(f"  {error}")
    slow = {}
    for name, seconds in sorted(found.seconds.items()):
        slow[name] = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
        print(
            f"  {name}: {len(seconds)} answers, median {1000 * median(seconds):.0f} ms, "
            f"95th percentile {1000 * slow[name]:.0f} ms"
        )
    return slow


def pages(load: Load) -> bool:
    """First paint in a Chromium that has been there before, and what it had to fetch."""
    from playwright.sync_api import sync_playwright

    good = True
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--headless", "--no-sandbox", "--disable-gpu"],
        )
        for name, addresses in (
            ("Ask", ["/"] * 6),
            ("Search, nothing asked", ["/search"] * 6),
            ("Search, a new question each time", _searches(load.questions[:6])),
            ("Search, the same question again", _searches(load.questions[:1] * 6)),
        ):
            page = browser.new_context().new_page()
            fetched: Counter[str] = Counter()
            page.on("response", lambda response, fetched=fetched: _weigh(response, fetched))
            page.goto(load.address + addresses[0], wait_until="networkidle")
            weight = sum(fetched.values())
            paints = []
            for path in addresses[1:]:
                page.goto(load.address + path, wait_until="networkidle")
                entries = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
                paints.append(page.evaluate(entries) / 1000)
            print(
                f"{name}: first paint after {median(paints):.2f} s "
                f"(slowest {max(paints):.2f}), {weight / 1000:.0f} KB"
            )
            good &= max(paints) <= MOST_PAINT_SECONDS and weight <= MOST_PAGE_BYTES
        browser.close()
    return good


def _searches(questions: Sequence[str]) -> list[str]:
    return [f"/search?{urlencode({'q': question})}" for question in questions]


def _weigh(response: Any, fetched: Counter[str]) -> None:
    kind = response.request.resource_type
    if response.ok and kind != "image":
        fetched[kind] += len(response.body())


@contextmanager
def served(home: Path) -> Iterator[tuple[str, int]]:
    """A server of its own over ``home``, ready to search: its address and process."""
    command = [str(Path(sys.executable).parent / "sightline"), "--home", str(home)]
    with subprocess.Popen(
        [*command, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1].rstrip("/")
            while Client(address).get("/healthz")[0] != 200:
                time.sleep(0.2)
            yield address, process.pid
        finally:
            process.terminate()


PARTS: dict[str, Callable[[Load], bool]] = {
    "idle": idle,
    "ingest": ingest,
    "crowd": crowd,
    "memory": memory,
    "pages": pages,
}


if __name__ == "__main__":
    main()
