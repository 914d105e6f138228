"""Grounding DINO: any thing that words can describe, from weights on this machine.

Source: Grounding DINO, Liu et al. 2023, arXiv:2303.05499.
"""

from PIL.Image import Image

from retriever.detectors import Detection, Look
from retriever.detectors._transformers import LEAST_SCORE, detections, load
from retriever.settings import FindSettings

RECOMMENDED = "IDEA-Research/grounding-dino-tiny"

_FLOOR = 0.35


def build(name: str, settings: FindSettings) -> "GroundingDinoDetector":
    """The model in the folder, or of the cached repository, called ``name``. Loads nothing."""
    return GroundingDinoDetector(name or RECOMMENDED, settings)


class GroundingDinoDetector:
    """One Grounding DINO model (or its sibling MM Grounding DINO)."""

    languages = frozenset({"en"})
    floor = _FLOOR

    def __init__(self, name: str, settings: FindSettings) -> None:
        self._name = name
        self._threads = settings.threads

    @property
    def name(self) -> str:
        return f"grounding_dino:{self._name}"

    def look_for(self, words: str) -> Look:
        """Detections of one phrase, in a pass per picture."""
        loaded = load(
            self._name,
            self._threads,
            auto_model="AutoModelForZeroShotObjectDetection",
            auto_processor="AutoProcessor",
        )
        # It was trained on phrases in small letters that end in a full stop: a stop inside
        # would make two of one.
        prompt = " ".join(words.lower().replace(".", " ").split()) + "."

        def look(image: Image) -> list[Detection]:
            import torch

            inputs = loaded.processor(
                text=prompt, images=image, return_tensors="pt", truncation=True
            )
            with torch.inference_mode():
                outputs = loaded.model(**inputs)
            (found,) = loaded.processor.post_process_grounded_object_detection(
                outputs,
                inputs["input_ids"],
                threshold=LEAST_SCORE,
                text_threshold=LEAST_SCORE,
                target_sizes=[(image.height, image.width)],
            )
            return detections(
                zip(found["scores"].tolist(), found["boxes"].tolist(), strict=True), image
            )

        return look
