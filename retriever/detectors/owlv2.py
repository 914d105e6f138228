"""OWLv2 and OWL-ViT: any thing that words can name, from weights on this machine.

Source: Scaling Open-Vocabulary Object Detection, Minderer et al. 2023, arXiv:2306.09683.
"""

from PIL.Image import Image

from retriever.detectors import Detection, Look
from retriever.detectors._transformers import LEAST_SCORE, detections, load
from retriever.settings import FindSettings

RECOMMENDED = "google/owlv2-base-patch16-ensemble"

_PROMPT = "a photo of a {}"  # the template these models were trained with
_FLOOR = 0.2


def build(name: str, settings: FindSettings) -> "Owlv2Detector":
    """The model in the folder, or of the cached repository, called ``name``. Loads nothing."""
    return Owlv2Detector(name or RECOMMENDED, settings)


class Owlv2Detector:
    """One OWLv2 model; its scores are low even for things plainly seen."""

    languages = frozenset({"en"})
    floor = _FLOOR

    def __init__(self, name: str, settings: FindSettings) -> None:
        self._name = name
        self._threads = settings.threads

    @property
    def name(self) -> str:
        return f"owlv2:{self._name}"

    def look_for(self, words: str) -> Look:
        """Detections of one phrase, in a pass per picture."""
        loaded = load(
            self._name,
            self._threads,
            auto_model="AutoModelForZeroShotObjectDetection",
            auto_processor="AutoProcessor",
        )
        prompt = _PROMPT.format(words.strip().lower())

        def look(image: Image) -> list[Detection]:
            import torch

            inputs = loaded.processor(
                text=[[prompt]], images=image, return_tensors="pt", truncation=True
            )
            with torch.inference_mode():
                outputs = loaded.model(**inputs)
            (found,) = loaded.processor.post_process_grounded_object_detection(
                outputs, threshold=LEAST_SCORE, target_sizes=[(image.height, image.width)]
            )
            return detections(
                zip(found["scores"].tolist(), found["boxes"].tolist(), strict=True), image
            )

        return look
