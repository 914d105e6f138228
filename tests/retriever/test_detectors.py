"""Detectors one by one: the library's own boxes arrive unchanged, and words mean what they say."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.domain import BoundingBox
from indexer.encoders._torchvision import make_importable
from retriever.detectors import dfine, grounding_dino, owlv2, packaged
from retriever.detectors._kinds import kinds_named
from retriever.errors import UnknownThing
from retriever.settings import FindSettings
from tests import local_detectors, local_models

SAMPLES = Path(__file__).parents[2] / "samples" / "photos"
LANDSCAPE = local_models.pictures()[0]


def corners(boxes: list[list[float]], scale: tuple[float, float]) -> list[tuple[float, ...]]:
    """Centre, width and height of the input, as clipped corners in those of a picture."""
    across, down = scale
    made = []
    for x, y, width, height in boxes:
        edges = (
            (x - width / 2) * across,
            (y - height / 2) * down,
            (x + width / 2) * across,
            (y + height / 2) * down,
        )
        made.append(BoundingBox.clamped(*edges).as_tuple())
    return sorted(made)


@pytest.mark.models
def test_owlv2_boxes_are_shares_of_the_picture_not_of_its_padded_square(tmp_path: Path) -> None:
    folder = local_detectors.owlv2(tmp_path)
    found = owlv2.build(str(folder), FindSettings()).look_for("Dog")(LANDSCAPE)
    make_importable()
    import torch
    from transformers import Owlv2ForObjectDetection, Owlv2Processor

    inputs = Owlv2Processor.from_pretrained(folder)(
        text=[["a photo of a dog"]], images=LANDSCAPE, return_tensors="pt"
    )
    with torch.inference_mode():
        raw = Owlv2ForObjectDetection.from_pretrained(folder)(**inputs)
    kept = raw.logits.sigmoid()[0, :, 0] > 0.02
    expected = corners(raw.pred_boxes[0][kept].tolist(), (1.0, LANDSCAPE.width / LANDSCAPE.height))
    np.testing.assert_allclose(sorted(each.box.as_tuple() for each in found), expected, atol=1e-4)


@pytest.mark.models
def test_grounding_dino_boxes_are_the_librarys_own(tmp_path: Path) -> None:
    folder = local_detectors.grounding_dino(tmp_path)
    found = grounding_dino.build(str(folder), FindSettings()).look_for("Red. Dog")(LANDSCAPE)
    make_importable()
    import torch
    from transformers import GroundingDinoForObjectDetection, GroundingDinoProcessor

    inputs = GroundingDinoProcessor.from_pretrained(folder)(
        text="red dog.", images=LANDSCAPE, return_tensors="pt"
    )
    with torch.inference_mode():
        raw = GroundingDinoForObjectDetection.from_pretrained(folder)(**inputs)
    kept = raw.logits.sigmoid().max(dim=-1).values[0] > 0.02
    expected = corners(raw.pred_boxes[0][kept].tolist(), (1.0, 1.0))
    np.testing.assert_allclose(sorted(each.box.as_tuple() for each in found), expected, atol=1e-4)


@pytest.mark.models
def test_a_closed_detector_shows_only_what_was_named(tmp_path: Path) -> None:
    folder = local_detectors.dfine(tmp_path)
    detector = dfine.build(str(folder), FindSettings())
    make_importable()
    import torch
    from transformers import DFineForObjectDetection, RTDetrImageProcessor

    processor = RTDetrImageProcessor.from_pretrained(folder)
    with torch.inference_mode():
        raw = DFineForObjectDetection.from_pretrained(folder)(
            **processor(images=LANDSCAPE, return_tensors="pt")
        )
    size = [(LANDSCAPE.height, LANDSCAPE.width)]
    (every,) = processor.post_process_object_detection(raw, threshold=0.02, target_sizes=size)
    for number, label in local_detectors.LABELS.items():
        expected = sorted(every["scores"][every["labels"] == number].tolist(), reverse=True)
        scores = [each.score for each in detector.look_for(label)(LANDSCAPE)]
        np.testing.assert_allclose(scores, expected, atol=1e-5)


@pytest.mark.models
def test_a_closed_detector_says_what_it_knows(tmp_path: Path) -> None:
    folder = local_detectors.dfine(tmp_path)
    with pytest.raises(UnknownThing, match="name one of: bear, dining table, person, teddy bear"):
        dfine.build(str(folder), FindSettings()).look_for("harpsichord")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("bear", {2}),
        ("brown teddy bears", {3}),
        ("table", {1}),
        ("a person at the dining table", {0, 1}),
        ("harpsichord", set()),
        ("the", set()),
    ],
)
def test_words_name_labels_by_their_stems(words: str, expected: set[int]) -> None:
    assert dfine.labels_named(words, local_detectors.LABELS) == expected


@pytest.mark.parametrize("words", ["dog", "Dogs", "a puppy", "собака", "собаки", "щенок"])
def test_a_general_name_stands_for_all_its_classes_in_both_languages(words: str) -> None:
    named = kinds_named(words)
    assert named is not None
    assert named.classes == frozenset(range(151, 269))


def test_of_names_inside_one_another_the_longer_counts() -> None:
    named = kinds_named("a wild cat")
    assert named is not None
    assert named.classes == frozenset(range(286, 294))
    assert named.alone
    assert kinds_named("harpsichord") is None


def cat_in(background: str, box: BoundingBox) -> Image.Image:
    """A cat's photo pasted into another photo."""
    picture = Image.open(SAMPLES / background).convert("RGB").resize((640, 480))
    left, top, right, bottom = box.pixels(*picture.size)
    cat = (
        Image.open(SAMPLES / "cat_chelsea.png").convert("RGB").resize((right - left, bottom - top))
    )
    picture.paste(cat, (left, top))
    return picture


@pytest.mark.models
@pytest.mark.parametrize("words", ["cat", "кошка", "Egyptian cat"])
def test_the_packaged_detector_places_a_cat(words: str) -> None:
    place = BoundingBox(x0=0.5, y0=0.4, x1=0.95, y1=0.85)
    look = packaged.build("", FindSettings()).look_for(words)
    best = look(cat_in("forest_stream.jpg", place))[0]
    assert best.score >= packaged.PackagedDetector.floor
    assert best.box.iou(place) > 0.5


@pytest.mark.models
@pytest.mark.parametrize("words", ["school bus", "banana", "слон", "laptop"])
def test_the_packaged_detector_does_not_see_what_is_not_there(words: str) -> None:
    place = BoundingBox(x0=0.5, y0=0.4, x1=0.95, y1=0.85)
    look = packaged.build("", FindSettings()).look_for(words)
    found = look(cat_in("forest_stream.jpg", place))
    assert all(each.score < packaged.PackagedDetector.floor for each in found)


@pytest.mark.models
@pytest.mark.parametrize("words", ["person", "people", "лицо", "dreidel", "дрейдл"])
def test_what_the_packaged_network_was_never_shown_is_said(words: str) -> None:
    with pytest.raises(UnknownThing, match="SIGHTLINE_FIND_DETECTOR"):
        packaged.build("", FindSettings()).look_for(words)
