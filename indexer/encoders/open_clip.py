"""CLIP-like models run by open_clip: weights that are already on the machine, never fetched.

Source: CLIP, Radford et al. 2021, arXiv:2103.00020; SigLIP 2, Tschannen et al. 2025,
arXiv:2502.14786.

A model's name takes one of these forms:

- ``ViT-B-32-SigLIP2-256/webli``: an architecture and one of open_clip's pretrained tags
- ``ViT-B-32/path/to/checkpoint.pt``: an architecture and a file (.pt, .pth, .bin, .safetensors)
- ``hf-hub:org/name``: a repository in the Hugging Face cache
- ``local-dir:/path``: a folder with ``open_clip_config.json`` and weights
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL.Image import Image

from indexer.domain import BoundingBox, EmbeddingSpace
from indexer.encoders import Vectors
from indexer.encoders._local import cached_file, loading, model_folder, revision
from indexer.encoders._runtime import once, thread_count
from indexer.encoders._torchvision import make_importable
from indexer.errors import EncoderUnavailable
from indexer.settings import EncoderSettings

# Permissively licensed, strongest first among those a CPU can index with; each with the
# repository that holds its weights and tokenizer.
RECOMMENDED: Mapping[str, str] = {
    "ViT-B-16-SigLIP2-256/webli": "timm/ViT-B-16-SigLIP2-256",
    "ViT-B-32-SigLIP2-256/webli": "timm/ViT-B-32-SigLIP2-256",
}

_DEFAULT = "ViT-B-32-SigLIP2-256/webli"
_CONFIG = "open_clip_config.json"
_HUB_WEIGHTS = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
)
_CHECKPOINTS = (".pt", ".pth", ".bin", ".safetensors")
_MULTILINGUAL = re.compile(r"siglip2|i18n|xlm|nllb|multilingual", re.IGNORECASE)


def build_clip(name: str, settings: EncoderSettings) -> "OpenClipEncoder":
    """The model called ``name``, in one of the module's forms. Loads nothing."""
    return OpenClipEncoder(name or _DEFAULT, settings)


def installed() -> str | None:
    """The strongest recommended model in the Hugging Face cache, tokenizer included, else None."""
    for name, repository in RECOMMENDED.items():
        if cached_file(repository, _HUB_WEIGHTS) and cached_file(repository, ("tokenizer.json",)):
            return name
    return None


class OpenClipEncoder:
    """A CLIP model: one space for words and pictures."""

    def __init__(self, name: str, settings: EncoderSettings) -> None:
        self._name = name
        self._threads = thread_count(settings.threads)
        self._batch_size = settings.batch_size

    @property
    def space(self) -> EmbeddingSpace:
        """Read from the model's files, without loading it. EncoderUnavailable if there are none."""
        source = _find(self._name)
        return EmbeddingSpace(
            encoder="open_clip",
            model=self._name,
            revision=revision(source.weights),
            dim=int(source.config["embed_dim"]),
        )

    @property
    def image_space(self) -> EmbeddingSpace:
        return self.space

    @property
    def languages(self) -> frozenset[str]:
        return frozenset({"*" if _MULTILINGUAL.search(self._name) else "en"})

    def understands(self, text: str) -> bool:
        """Its tokens cover every text."""
        return bool(text.strip())

    @property
    def word_floor(self) -> None:
        """Unknown: it differs from model to model."""

    @property
    def image_floor(self) -> None:
        """Unknown: it differs from model to model."""

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), space.dim), L2-normalised; cut at the context length.

        Raises EncoderUnavailable if the weights cannot be loaded.
        """
        import torch

        batches = [np.zeros((0, self.space.dim), dtype=np.float32)]
        for start in range(0, len(texts), self._batch_size):
            loaded = _load(self._name, self._threads)
            tokens = loaded.tokenizer(list(texts[start : start + self._batch_size]))
            with torch.inference_mode():
                batches.append(loaded.model.encode_text(tokens, normalize=True).numpy())
        return np.concatenate(batches)

    def encode_images(self, images: Sequence[Image]) -> Mapping[EmbeddingSpace, Vectors]:
        """RGB pictures to float32 (len(images), space.dim), L2-normalised.

        The whole picture is squashed to the model's square: nothing at its edges is lost.
        Raises EncoderUnavailable if the weights cannot be loaded.
        """
        import torch

        batches = [np.zeros((0, self.space.dim), dtype=np.float32)]
        for start in range(0, len(images), self._batch_size):
            loaded = _load(self._name, self._threads)
            pixels = torch.stack(
                [loaded.preprocess(image) for image in images[start : start + self._batch_size]]
            )
            with torch.inference_mode():
                batches.append(loaded.model.encode_image(pixels, normalize=True).numpy())
        return {self.space: np.concatenate(batches)}

    def objects(self, image: Image, limit: int) -> list[BoundingBox]:  # noqa: ARG002
        """Always empty: these models say what a picture shows, not where."""
        return []


@dataclass(frozen=True, kw_only=True)
class _Source:
    """Where a model lies: what open_clip calls it, its ``model_cfg``, weights, and tag settings."""

    model: str
    config: Mapping[str, Any]
    weights: Path
    tag: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Loaded:
    model: Any
    preprocess: Any
    tokenizer: Any


@once
def _find(name: str) -> _Source:
    """Locate a model's files without loading them. EncoderUnavailable says what is missing."""
    schema, colon, rest = name.partition(":")
    if colon and schema in {"hf-hub", "local-dir"}:
        return _in_folder(model_folder(rest, _CONFIG), name)
    architecture, slash, choice = name.partition("/")
    config = _architecture(architecture)
    if not slash or not choice:
        raise EncoderUnavailable(
            name, cause="it names no weights", remedy="use MODEL/TAG, or MODEL/path/to/checkpoint"
        )
    if choice.endswith(_CHECKPOINTS):
        return _Source(model=architecture, config=config, weights=_checkpoint(choice), tag={})
    return _tagged(architecture, choice, config)


def _in_folder(folder: Path, name: str) -> _Source:
    config = _read(folder / _CONFIG).get("model_cfg")
    if not isinstance(config, dict):
        raise EncoderUnavailable(
            folder / _CONFIG, cause="it has no model_cfg", remedy="fetch the model again"
        )
    found = [path for path in folder.iterdir() if path.suffix in _CHECKPOINTS]
    weights = next((folder / wanted for wanted in _HUB_WEIGHTS if folder / wanted in found), None)
    if weights is None:
        if len(found) != 1:
            raise EncoderUnavailable(
                name,
                cause=f"its folder has {len(found)} weights files",
                remedy=f"keep one, called {_HUB_WEIGHTS[0]}",
            )
        weights = found[0]
    return _Source(model=f"local-dir:{folder}", config=config, weights=weights, tag={})


def _architecture(name: str) -> Mapping[str, Any]:
    """open_clip's description of an architecture, read without importing open_clip."""
    import sys

    module = sys.modules.get("open_clip")
    if module is not None:  # may know architectures that were added while running
        config = module.get_model_config(name)
    else:
        spec = find_spec("open_clip")
        folders = spec.submodule_search_locations if spec else None
        path = Path(folders[0]) / "model_configs" / f"{name}.json" if folders else None
        config = _read(path) if path is not None and path.is_file() else None
    if config is None:
        raise EncoderUnavailable(
            name, cause="open_clip knows no such model", remedy="see open_clip.list_models()"
        )
    result: Mapping[str, Any] = config
    return result


def _checkpoint(choice: str) -> Path:
    # "MODEL/dir/file" may mean the absolute /dir/file or the relative dir/file.
    for path in (Path(choice).expanduser(), Path("/" + choice)):
        if path.is_file():
            return path
    raise EncoderUnavailable(choice, cause="there is no such file", remedy="correct the path")


def _tagged(architecture: str, tag: str, config: Mapping[str, Any]) -> _Source:
    make_importable()
    import open_clip

    known = open_clip.get_pretrained_cfg(architecture, tag)
    if not known:
        raise EncoderUnavailable(
            f"{architecture}/{tag}",
            cause="open_clip knows no such weights",
            remedy="choose one of: "
            + ", ".join(open_clip.list_pretrained_tags_by_model(architecture)),
        )
    repository, _, file = str(known.get("hf_hub", "")).rpartition("/")
    weights = None
    if repository:
        safe = re.sub(r"\.(bin|pth|pt)$", ".safetensors", file)
        weights = cached_file(repository, (safe, file) if file else _HUB_WEIGHTS)
        remedy = f"hf download {repository}" + (f" {safe}" if file else "")
    if known.get("url"):
        download = Path("~/.cache/clip").expanduser() / Path(known["url"]).name
        if weights is None and download.is_file():
            weights = download
        if not repository:
            remedy = f"curl -L --create-dirs -o {download} {known['url']}"
    if weights is None:
        raise EncoderUnavailable(
            f"{architecture}/{tag}",
            cause="its weights are not on this machine",
            remedy=f"fetch them with: {remedy}",
        )
    return _Source(model=architecture, config=config, weights=weights, tag=known)


@once
def _load(name: str, threads: int) -> _Loaded:
    source = _find(name)
    make_importable()
    import open_clip
    import torch

    torch.set_num_threads(threads)
    folder = source.model.startswith("local-dir:")
    with loading(name):
        model, preprocess = open_clip.create_model_from_pretrained(
            source.model,
            pretrained=None if folder else str(source.weights),
            force_quick_gelu=bool(source.tag.get("quick_gelu", False)),
            image_mean=source.tag.get("mean"),
            image_std=source.tag.get("std"),
            image_interpolation=source.tag.get("interpolation"),
            image_resize_mode="squash",
            weights_only=True,
        )
        tokenizer = open_clip.get_tokenizer(source.model)
    return _Loaded(model=model.eval(), preprocess=preprocess, tokenizer=tokenizer)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise EncoderUnavailable(
            path, cause=f"it cannot be read ({exc})", remedy="fetch the model again"
        ) from exc
