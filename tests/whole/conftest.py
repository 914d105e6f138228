"""The samples, indexed once with the packaged weights, and a server over them."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings
from retriever.pipeline import Engine
from retriever.settings import RetrieverSettings

SAMPLES = Path(__file__).parent.parent.parent / "samples"

Sightline = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the samples in the collection "main"."""
    folder = tmp_path_factory.mktemp("home")
    with Library(IndexerSettings(home=folder)) as library:
        report = index_paths(library, [SAMPLES], "main")
    assert report.failed == ()
    return folder


@pytest.fixture(scope="session")
def engine(home: Path) -> Iterator[Engine]:
    with Library(IndexerSettings(home=home)) as library:
        yield Engine(library, RetrieverSettings())


@pytest.fixture
def sightline(home: Path) -> Sightline:
    """Run the command as a user does; gives its exit code and both outputs."""

    def run(*words: str, at: Path = home, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "web", "--home", str(at), *words],
            capture_output=True,
            text=True,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **environment},
            timeout=180,
            check=False,
        )

    return run


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """`sightline serve` on an empty home: its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "web", "--home", str(tmp_path / "empty"), "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    # A pipe that nobody reads would stop the server once it is full.
    drain = threading.Thread(target=process.stderr.read, daemon=True)
    drain.start()
    line = process.stdout.readline()
    assert "http://127.0.0.1:" in line, line
    yield line.split()[-1].rstrip("/")
    process.terminate()
    assert process.wait(timeout=30) == 0
    drain.join(timeout=5)
    process.stdout.close()
    process.stderr.close()
