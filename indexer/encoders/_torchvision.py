"""Lets ``import torchvision`` succeed where its compiled extension does not fit torch.

A CPU-only torch is often installed beside the default (CUDA) build of torchvision. Its
extension then fails to load, which torchvision tolerates, but on import it also attaches
shape functions to two operators of that extension, and that raises RuntimeError because the
operators do not exist. Nothing here calls either operator: timm, open_clip and transformers
only need torchvision's Python code. So the two are declared, without an implementation,
before the first import. Calling one still fails, with torchvision's own message.

A torchvision whose extension loads is left alone.
"""

import sys
from contextlib import suppress
from importlib.machinery import PathFinder
from importlib.util import find_spec
from typing import TYPE_CHECKING

from indexer.encoders._runtime import once

if TYPE_CHECKING:
    from torch.library import Library

_OPERATORS = ("nms", "qnms")
_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


@once
def make_importable() -> "Library | None":
    """Declare the missing operators; call this before anything imports torchvision.

    Returns the library that owns the declarations (they vanish with it, so ``once`` keeps
    it), or None where nothing is missing: torchvision is absent, imported, or sound.
    """
    spec = None if "torchvision" in sys.modules else find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        return None
    import torch

    extension = PathFinder.find_spec("_C", list(spec.submodule_search_locations))
    if extension is not None and extension.origin is not None:
        # A failure means that it was built for another torch: the case this module is for.
        with suppress(OSError, ImportError):
            torch.ops.load_library(extension.origin)  # type: ignore[no-untyped-call]
    missing = [name for name in _OPERATORS if not hasattr(torch.ops.torchvision, name)]
    if not missing:
        return None
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in missing:
        library.define(name + _SCHEMA)  # type: ignore[no-untyped-call]
    return library
