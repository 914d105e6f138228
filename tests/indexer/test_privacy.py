"""Libraries that would tell others about their use are kept from it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.models
def test_onnxruntime_reports_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    # It keeps what it is about to send, and who it is, below the home and temporary folders.
    program = (
        "from indexer.encoders import load_text_encoder\n"
        "from indexer.settings import EncoderSettings\n"
        "load_text_encoder(EncoderSettings(text='packaged')).encode_queries(['a harbour'])\n"
    )
    kept = {
        name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}
    }
    home = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", program], env={**kept, **home}, check=True)
    assert [path.name for path in tmp_path.rglob("*")] == []
