"""Detectors place named things in pictures: one file each, chosen by name.

A file defines ``build(name, settings) -> Detector``; the file's name is the settings value,
optionally followed by ":" and the model. Building is cheap: weights load on first use.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from PIL.Image import Image

from indexer.domain import BoundingBox
from indexer.errors import UnknownAdapter
from retriever.settings import FindSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Detection:
    """A place in a picture, in fractions of it; ``score`` 0 to 1, higher is surer."""

    box: BoundingBox
    score: float


Look = Callable[[Image], list[Detection]]


class Detector(Protocol):
    """Finds things by their names in pictures."""

    @property
    def name(self) -> str: ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the words it understands; {"*"} if broadly multilingual."""
        ...

    @property
    def floor(self) -> float:
        """Score from which the thing is most likely there."""
        ...

    def look_for(self, words: str) -> Look:
        """What finds ``words`` in an RGB picture: detections of any score, best first.

        Raises UnknownThing if it cannot know such a thing, EncoderUnavailable if its weights
        cannot be loaded, now or when a picture is looked at.
        """
        ...


def available() -> list[str]:
    return [info.name for info in iter_modules(__path__) if not info.name.startswith("_")]


@lru_cache(maxsize=4)
def load_detector(settings: FindSettings) -> Detector:
    """The detector named by ``settings.detector``. UnknownAdapter for an unknown name."""
    kind, _, model = settings.detector.partition(":")
    if kind not in available():
        raise UnknownAdapter(kind, package="retriever.detectors", choices=available())
    module = import_module(f"{__name__}.{kind}")
    return cast(Detector, module.build(model, settings))
