"""Models already on this machine: folders, and the Hugging Face cache. Never the network."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from indexer.encoders._runtime import once
from indexer.errors import EncoderUnavailable

_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".npz", ".onnx")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_DIGEST_LENGTH = 12  # hex digits of a file's or commit's name kept in a space's revision
_BROAD = 8  # languages on a model card from which it counts as broadly multilingual

_offline_lock = RLock()


@contextmanager
def loading(name: object) -> Iterator[None]:
    """Surrounds the loading of the model ``name``: nothing is looked up, no bars are drawn.

    Whatever a library raises becomes EncoderUnavailable. Their exceptions have no common
    base: damaged or hostile weights raise private types of safetensors, pickle and others.
    """
    with _offline():
        try:
            yield
        except EncoderUnavailable:
            raise
        except Exception as exc:
            text = re.sub(r"\x1b\[[0-9;]*m", "", str(exc)).strip() or "no reason given"
            raise EncoderUnavailable(
                name,
                cause=f"it cannot be loaded ({type(exc).__name__}: {text.splitlines()[0][:200]})",
                remedy="fetch the model again, or choose another",
            ) from exc


@contextmanager
def _offline() -> Iterator[None]:
    """Keep the Hugging Face libraries from looking anything up.

    Some of them take no "local only" argument; all of them honour this one switch, which
    they read from the environment when they are imported.
    """
    from huggingface_hub import constants
    from transformers.utils import logging

    logging.disable_progress_bar()  # a model of ours loads in a second or two
    with _offline_lock:
        before = constants.HF_HUB_OFFLINE
        constants.HF_HUB_OFFLINE = True
        try:
            yield
        finally:
            constants.HF_HUB_OFFLINE = before


def cached_file(repository: str, names: Iterable[str]) -> Path | None:
    """The first of a repository's files ``names`` that is in the Hugging Face cache."""
    from huggingface_hub import try_to_load_from_cache

    for name in names:
        found = try_to_load_from_cache(repository, name)
        if isinstance(found, str):
            return Path(found)
    return None


def model_folder(name: str, marker: str) -> Path:
    """The folder called ``name``, or the cached snapshot of the repository called so.

    ``marker`` is a file the model cannot do without. Raises EncoderUnavailable if neither
    is on the machine.
    """
    folder = Path(name).expanduser()
    if (folder / marker).is_file():
        return folder
    if folder.is_dir():
        raise EncoderUnavailable(
            name, cause=f"the folder has no {marker}", remedy="name a model's own folder"
        )
    found = cached_file(name, (marker,)) if re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name) else None
    if found is None:
        raise EncoderUnavailable(
            name,
            cause="it is not on this machine",
            remedy=f"fetch it with: hf download {name}, or name a local folder",
        )
    return found.parent


@once
def revision(path: Path) -> str:
    """A short name for the state of a weights file or model folder.

    The commit for files in the Hugging Face cache, else the start of the SHA-256 over the
    weights (of the file, or directly in the folder).
    """
    for part in reversed(path.parts):
        if _COMMIT.fullmatch(part):
            return part[:_DIGEST_LENGTH]
    files = [path] if path.is_file() else sorted(path.iterdir())
    digest = hashlib.sha256()
    for file in files:
        if file.suffix in _WEIGHTS:
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:_DIGEST_LENGTH]


def card_languages(folder: Path) -> frozenset[str]:
    """The languages its model card declares; {"*"} for many, empty where it declares none."""
    try:
        card = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    header = re.match(r"---\s*\n(.*?)\n---\s*(\n|$)", card, flags=re.DOTALL)
    # Read by hand: a YAML parser takes the code of Norwegian for the word "no".
    listed = re.search(
        r"^languages?:[ \t]*(.*(?:\n[ \t]*-.*)*)",
        header.group(1) if header else "",
        flags=re.MULTILINE,
    )
    codes = set(re.findall(r"[a-z]{2,}", listed.group(1).lower())) if listed else set()
    if "multilingual" in codes or len(codes) >= _BROAD:
        return frozenset({"*"})
    return frozenset(codes)
