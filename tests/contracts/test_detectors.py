"""What every file of ``retriever/detectors/`` promises, whatever the model behind it."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest

from indexer.errors import EncoderUnavailable, UnknownAdapter
from retriever.detectors import Detector, available, load_detector
from retriever.settings import FindSettings
from tests import local_detectors, local_models

pytestmark = pytest.mark.models

WORDS = "bear"


@pytest.fixture(scope="module", params=available())
def named(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str]:
    kind: str = request.param
    if kind == "packaged":
        return kind, ""
    return kind, str(getattr(local_detectors, kind)(tmp_path_factory.mktemp(kind)))


def detector(named: tuple[str, str]) -> Detector:
    build = import_module(f"retriever.detectors.{named[0]}").build
    return build(named[1], FindSettings())  # type: ignore[no-any-return]


def test_detections_come_best_first_with_scores_of_0_to_1(named: tuple[str, str]) -> None:
    look = detector(named).look_for(WORDS)
    for picture in local_models.pictures():
        scores = [found.score for found in look(picture)]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)


def test_the_same_picture_gives_the_same_detections(named: tuple[str, str]) -> None:
    picture = local_models.pictures()[0]
    with ThreadPoolExecutor(2) as threads:
        one, two = threads.map(lambda _: detector(named).look_for(WORDS)(picture), range(2))
    assert one == two


def test_the_name_says_the_file_and_the_model(named: tuple[str, str]) -> None:
    assert detector(named).name == ":".join(filter(None, named))
    assert 0 < detector(named).floor < 1
    assert "en" in detector(named).languages


def test_a_folder_without_a_model_is_one_clear_line(named: tuple[str, str], tmp_path: Path) -> None:
    kind, _ = named
    if kind == "packaged":
        return
    with pytest.raises(EncoderUnavailable, match=r"config\.json"):
        detector((kind, str(tmp_path))).look_for(WORDS)


def test_weights_that_could_run_code_are_not_read(named: tuple[str, str], tmp_path: Path) -> None:
    kind, model = named
    if kind == "packaged":
        return
    for file in Path(model).iterdir():
        name = file.name.replace("model.safetensors", "pytorch_model.bin")
        (tmp_path / name).write_bytes(file.read_bytes())
    with pytest.raises(EncoderUnavailable, match="safetensors"):
        detector((kind, str(tmp_path))).look_for(WORDS)


def test_damaged_weights_are_one_clear_line(named: tuple[str, str], tmp_path: Path) -> None:
    kind, model = named
    if kind == "packaged":
        return
    for file in Path(model).iterdir():
        content = file.read_bytes()
        (tmp_path / file.name).write_bytes(content[:100] if "safetensors" in file.name else content)
    with pytest.raises(EncoderUnavailable, match="cannot be loaded"):
        detector((kind, str(tmp_path))).look_for(WORDS)


def test_an_unknown_detector_is_refused_with_the_choices() -> None:
    with pytest.raises(UnknownAdapter, match="dfine, grounding_dino, owlv2, packaged"):
        load_detector(FindSettings(detector="yolo"))
