"""`sightline watch` as a user runs it, until Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.models


def test_watch_prints_a_line_per_sync_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text("The well was cleaned in May.")
    process = subprocess.Popen(
        [sys.executable, "-m", "web", "--home", str(tmp_path / "home"), "watch", "--json",
         str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    assert first["indexed"] == [str(folder / "a.txt")]
    (folder / "b.txt").write_text("The gate was painted in June.")
    assert json.loads(process.stdout.readline())["indexed"] == [str(folder / "b.txt")]
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
