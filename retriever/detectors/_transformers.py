"""Detection models in the transformers format, from a folder on this machine."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL.Image import Image

from indexer.domain import BoundingBox
from indexer.encoders._local import loading, model_folder
from indexer.encoders._runtime import once, thread_count
from indexer.encoders._torchvision import make_importable
from indexer.errors import EncoderUnavailable
from retriever.detectors import Detection

# Of the scores a model gives: below it lie hundreds of boxes that nobody will look at.
LEAST_SCORE = 0.02
_MARKER = "config.json"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A model in evaluation mode, and what prepares its input and reads its output."""

    model: Any
    processor: Any


def load(name: str, threads: int, *, auto_model: str, auto_processor: str) -> Loaded:
    """The model in the folder, or of the cached repository, called ``name``.

    Only safetensors are read and no code of the folder is run. EncoderUnavailable if the model
    is not there, is damaged, or is of another kind than ``auto_model``.
    """
    return _load(model_folder(name, _MARKER), thread_count(threads), auto_model, auto_processor)


def detections(found: Iterable[tuple[float, Iterable[float]]], image: Image) -> list[Detection]:
    """(score, corners in pixels) as detections, best first; what lies outside is cut off."""
    made = []
    for score, corners in found:
        x0, y0, x1, y1 = corners
        box = BoundingBox.clamped(
            x0 / image.width, y0 / image.height, x1 / image.width, y1 / image.height
        )
        made.append(Detection(box=box, score=score))
    return sorted(made, key=lambda detection: -detection.score)


@once
def _load(folder: Path, threads: int, auto_model: str, auto_processor: str) -> Loaded:
    make_importable()
    import torch
    import transformers

    if not any(folder.glob("*.safetensors")):
        raise EncoderUnavailable(
            folder,
            cause="it has no weights in the safetensors format, the only one that is read",
            remedy="fetch the model with its .safetensors files",
        )
    torch.set_num_threads(threads)
    with loading(folder):
        processor = getattr(transformers, auto_processor).from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False
        )
        model = getattr(transformers, auto_model).from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False, use_safetensors=True
        )
    return Loaded(model=model.eval(), processor=processor)
