"""From words to boxes: a detector that knows colours, over photos with coloured things in them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.domain import BoundingBox
from indexer.library import Library
from indexer.pipeline import index_paths
from retriever import finding
from retriever.detectors import Detection, Look
from retriever.domain import FindResult, Hit, Query
from retriever.errors import UnknownThing
from retriever.finding import distinct
from retriever.pipeline import Engine
from retriever.settings import FindSettings, RerankSettings, RetrieverSettings

COLOURS = {"red": (220, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 220)}
FLOOR = 0.5


class ColourDetector:
    """The box around all pixels of a colour; its score is the share of them in that box."""

    name = "colour"
    languages = frozenset({"en"})
    floor = FLOOR

    def look_for(self, words: str) -> Look:
        if words not in COLOURS:
            raise UnknownThing(words, cause="it is no colour", remedy="name a colour")

        def look(image: Image.Image) -> list[Detection]:
            distance = np.abs(np.asarray(image, np.int32) - COLOURS[words]).sum(axis=2)
            mask = distance < 60
            if not mask.any():
                return []
            rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
            box = BoundingBox.clamped(
                columns[0] / image.width,
                rows[0] / image.height,
                (columns[-1] + 1) / image.width,
                (rows[-1] + 1) / image.height,
            )
            inside = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            return [
                Detection(box=box, score=float(inside.mean())),
                Detection(box=box, score=float(inside.mean()) / 2),
            ]

        return look


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, parts in {
        "ball": [("red", (300, 200, 400, 300))],
        "flag": [("red", (0, 0, 640, 160)), ("blue", (0, 320, 640, 480))],
        "lawn": [("green", (0, 240, 640, 480))],
    }.items():
        image = Image.new("RGB", (640, 480), "white")
        for colour, place in parts:
            image.paste(COLOURS[colour], place)
        image.save(folder / f"{name}.png")
    return folder


@pytest.fixture
def engine(library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    index_paths(library, [photos], "main")
    monkeypatch.setattr("retriever.pipeline.load_detector", lambda _: ColourDetector())
    return Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))


def found(result: FindResult) -> dict[str, list[tuple[float, ...]]]:
    boxes: dict[str, list[tuple[float, ...]]] = {}
    for hit in result.hits:
        boxes.setdefault(Path(hit.document.path).stem, []).append(hit.box.as_tuple())
    return boxes


def test_each_photo_with_the_thing_comes_with_its_place(engine: Engine) -> None:
    boxes = found(engine.find(Query(text="red")))
    assert set(boxes) == {"ball", "flag"}
    assert boxes["ball"][0] == pytest.approx((300 / 640, 200 / 480, 400 / 640, 300 / 480), abs=0.01)
    assert boxes["flag"][0] == pytest.approx((0, 0, 1, 1 / 3), abs=0.01)


def test_a_place_is_shown_once_however_often_it_was_detected(engine: Engine) -> None:
    assert [len(boxes) for boxes in found(engine.find(Query(text="red"))).values()] == [1, 1]


def test_ranks_follow_scores_and_hits_are_of_the_whole_photo(
    engine: Engine, library: Library
) -> None:
    hits = engine.find(Query(text="red")).hits
    assert [hit.rank for hit in hits] == [1, 2]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert {library.crop(hit.key.id).crop.kind for hit in hits} == {"photo"}


def test_a_thing_that_is_nowhere_gives_nothing_and_names_the_nearest(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (photos / "flag.png").unlink()
    index_paths(library, [photos], "main")
    monkeypatch.setattr("retriever.pipeline.load_detector", lambda _: ColourDetector())
    result = Engine(library, RetrieverSettings()).find(Query(text="blue"))
    assert result.hits == ()
    assert {Path(hit.document.path).stem for hit in result.nearest} == {"ball", "lawn"}
    assert (result.candidates, result.looked_at, result.note) == (2, 2, "")


def test_a_thing_the_detector_does_not_know_is_said_without_an_error(engine: Engine) -> None:
    result = engine.find(Query(text="harpsichord"))
    assert result.hits == ()
    assert result.note == "it is no colour; name a colour"


def test_russian_words_are_put_into_english_for_a_detector_that_needs_it(engine: Engine) -> None:
    assert set(found(engine.find(Query(text="красный")))) == {"ball", "flag"}


@pytest.mark.parametrize("words", ["дрейдл", "狗"])
def test_words_the_detector_cannot_understand_are_said(engine: Engine, words: str) -> None:
    result = engine.find(Query(text=words))
    assert result.hits == ()
    assert "language" in result.note


def test_the_limit_counts_photos(engine: Engine) -> None:
    assert len(found(engine.find(Query(text="red", limit=1)))) == 1


def candidates(engine: Engine, text: str) -> list[Hit]:
    return list(engine.search(Query(text=text, kind="crop")).hits)


def test_when_the_time_is_up_the_rest_is_left_and_that_is_said(
    engine: Engine, library: Library
) -> None:
    clock = iter([0.0, 1.0, 11.0, 12.0])
    result = finding.find(
        "red",
        candidates(engine, "red"),
        10,
        library=library,
        detector=ColourDetector(),
        settings=FindSettings(seconds=10),
        now=lambda: next(clock),
    )
    assert result.looked_at == 1
    assert result.note.startswith("1 of 3 pictures were looked at in 10 seconds")
    assert len(result.hits) == 1


def test_a_photo_that_is_gone_is_passed_over(engine: Engine, photos: Path) -> None:
    (photos / "ball.png").unlink()
    assert set(found(engine.find(Query(text="red")))) == {"flag"}


def test_a_figure_is_looked_at_by_itself_and_placed_on_its_page(
    engine: Engine, library: Library
) -> None:
    photo = next(hit for hit in candidates(engine, "blue") if "flag" in hit.document.path)
    # The lower half of the page, as if it were a figure of a document.
    figure = replace(
        photo,
        box=BoundingBox(x0=0, y0=0.5, x1=1, y1=1),
        document=replace(photo.document, media_type="application/pdf"),
    )
    result = finding.find(
        "blue", [figure], 1, library=library, detector=ColourDetector(), settings=FindSettings()
    )
    assert result.hits[0].box.as_tuple() == pytest.approx((0, 2 / 3, 1, 1), abs=0.01)
    assert result.hits[0].key == figure.key


def test_of_overlapping_places_the_best_stays() -> None:
    places = [
        Detection(box=BoundingBox(x0=0.1, y0=0.1, x1=0.5, y1=0.5), score=0.6),
        Detection(box=BoundingBox(x0=0.12, y0=0.1, x1=0.5, y1=0.52), score=0.9),
        Detection(box=BoundingBox(x0=0.5, y0=0.5, x1=0.9, y1=0.9), score=0.3),
    ]
    assert [place.score for place in distinct(places, 0.5)] == [0.9, 0.3]
