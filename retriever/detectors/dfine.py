"""D-FINE and any other detector of a fixed list of things that transformers can load.

RT-DETR, DETR, YOLOS and their kin come through the same door. Source of the recommended one:
D-FINE, Peng et al. 2024, arXiv:2410.13842.
"""

from collections.abc import Mapping

from PIL.Image import Image

from indexer.analysis import content_stems, stems
from retriever.detectors import Detection, Look
from retriever.detectors._transformers import LEAST_SCORE, detections, load
from retriever.errors import UnknownThing
from retriever.settings import FindSettings

RECOMMENDED = "ustc-community/dfine-nano-coco"

_FLOOR = 0.4


def build(name: str, settings: FindSettings) -> "ClosedSetDetector":
    """The model in the folder, or of the cached repository, called ``name``. Loads nothing."""
    return ClosedSetDetector(name or RECOMMENDED, settings)


class ClosedSetDetector:
    """One model that knows the things of its label list, and no others."""

    languages = frozenset({"en"})
    floor = _FLOOR

    def __init__(self, name: str, settings: FindSettings) -> None:
        self._name = name
        self._threads = settings.threads

    @property
    def name(self) -> str:
        return f"dfine:{self._name}"

    def look_for(self, words: str) -> Look:
        """Detections of the labels that ``words`` name. UnknownThing if they name none."""
        loaded = load(
            self._name,
            self._threads,
            auto_model="AutoModelForObjectDetection",
            auto_processor="AutoImageProcessor",
        )
        labels: Mapping[int, str] = loaded.model.config.id2label
        wanted = labels_named(words, labels)
        if not wanted:
            known = sorted(set(labels.values()))
            raise UnknownThing(
                words,
                cause=f"the detector knows {len(known)} kinds of things and this is none of them",
                remedy=f"name one of: {', '.join(known)}",
            )

        def look(image: Image) -> list[Detection]:
            import torch

            inputs = loaded.processor(images=image, return_tensors="pt")
            with torch.inference_mode():
                outputs = loaded.model(**inputs)
            (found,) = loaded.processor.post_process_object_detection(
                outputs, threshold=LEAST_SCORE, target_sizes=[(image.height, image.width)]
            )
            rows = zip(
                found["scores"].tolist(),
                found["labels"].tolist(),
                found["boxes"].tolist(),
                strict=True,
            )
            return detections(
                [(score, corners) for score, label, corners in rows if label in wanted], image
            )

        return look


def labels_named(words: str, labels: Mapping[int, str]) -> frozenset[int]:
    """The labels that words name: all the words of a label, else labels with all of the words.

    "a brown teddy bear" names "teddy bear" (and not "bear"), "table" names "dining table".
    """
    asked = set(content_stems(words))
    by_stems = {number: set(stems(label)) for number, label in labels.items()}
    held = {number: own for number, own in by_stems.items() if own and own <= asked}
    if held:
        return frozenset(
            number
            for number, own in held.items()
            if not any(own < other for other in held.values())
        )
    return frozenset(number for number, own in by_stems.items() if asked and asked <= own)
