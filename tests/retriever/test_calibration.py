"""Cut-offs fitted to questions, kept in the home, and told from a background set."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import InvalidInput
from indexer.library import Library
from indexer.pipeline import index_paths
from retriever import calibration
from retriever.background import PHRASES, QUESTIONS
from retriever.calibration import Quality
from retriever.domain import Query
from retriever.floors import Floors
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings
from retriever.support import THRESHOLDS, Support


def signs(*coverages: float) -> list[Support]:
    return [Support(logits=None, coverages=(coverage,)) for coverage in coverages]


KNOWN = signs(*np.linspace(0.62, 0.95, 30).tolist())
FOREIGN = signs(*np.linspace(0.05, 0.58, 30).tolist())


def test_the_cut_off_lies_between_the_two_halves() -> None:
    fitted = calibration.fit(KNOWN, FOREIGN)
    assert 0.58 < fitted.coverage_alone <= 0.62
    assert calibration.quality(KNOWN, FOREIGN, fitted) == Quality(precision=1.0, recall=1.0)
    usual = calibration.quality(KNOWN, FOREIGN, THRESHOLDS)
    assert usual.recall < 1.0


def test_logits_are_cut_together_with_coverage() -> None:
    known = [Support(logits=(5.0,), coverages=(0.3,)), Support(logits=(0.0,), coverages=(0.9,))]
    foreign = [Support(logits=(0.0,), coverages=(0.3,)), Support(logits=(-5.0,), coverages=(0.9,))]
    fitted = calibration.fit(known, foreign)
    assert calibration.quality(known, foreign, fitted).f1 == 1.0
    assert fitted.coverage_alone == THRESHOLDS.coverage_alone


def test_signs_that_tell_nothing_apart_are_worth_little_on_held_out_halves() -> None:
    dice = np.random.default_rng(5)
    known, foreign = (signs(*dice.random(40).tolist()) for _ in range(2))
    fitted = calibration.fit(known, foreign)
    assert calibration.held_out(known, foreign).precision < 0.7
    assert calibration.quality(known, foreign, fitted).recall > 0.5


def test_fitted_cut_offs_are_kept_for_the_same_reranker_alone(tmp_path: Path) -> None:
    assert calibration.load(tmp_path, "one") == THRESHOLDS
    changed = replace(THRESHOLDS, coverage_alone=0.6)
    path = calibration.save(tmp_path, "one", changed)
    assert calibration.load(tmp_path, "one") == changed
    assert calibration.load(tmp_path, "other") == THRESHOLDS
    path.write_text("{}")
    with pytest.raises(InvalidInput, match="delete it, or run: sightline eval"):
        calibration.load(tmp_path, "one")


def test_too_few_questions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there are 3, too few"):
        calibration.calibrate(signs(1, 1, 1), FOREIGN, home=tmp_path, reranker="none")
    assert list(tmp_path.iterdir()) == []


def test_a_library_fits_its_own_cut_offs(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    things = "boiler barn ladder orchard tractor cellar mill harbour quarry tannery".split()
    places = ("north", "south", "west")
    for thing in things:
        for place in places:
            text = f"The {thing} of the {place} farm was painted by Alder in spring."
            (folder / f"{thing}-{place}.txt").write_text(text)
    index_paths(library, [folder], "main")
    engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
    questions = [
        Query(text=f"Who painted the {thing} of the {place} farm?")
        for thing in things
        for place in places
    ]
    fitted = engine.calibrate(questions)
    assert (fitted.known, fitted.foreign) == (30, len(QUESTIONS["en"]))
    assert fitted.held_out.precision > 0.9
    assert fitted.held_out.recall > 0.9
    assert engine.support(questions[0]).thresholds == fitted.thresholds
    assert engine.ask(Query(text="Which river flows through Vienna?")).refused
    assert not engine.ask(questions[0]).refused


def test_background_questions_are_many_and_all_different() -> None:
    for questions in (*QUESTIONS.values(), PHRASES):
        assert len(set(questions)) == len(questions) >= 60


def test_scores_far_from_the_crowd_reach_the_floor() -> None:
    crowd = np.random.default_rng(3).normal(0.2, 0.02, 100).astype(np.float32)
    floor = calibration.unrelated_floor(crowd)
    assert floor is not None
    assert 0.22 < floor < 0.29
    assert calibration.unrelated_floor(crowd[:19]) is None


def test_a_missing_floor_is_measured_once_for_all_commands(library: Library, archive: Path) -> None:
    index_paths(library, [archive], "main")
    (collection,) = library.catalog.collections()
    encoder = library.clip_encoder(collection)

    class WithoutFloor:
        word_floor = image_floor = None
        asked = 0

        def encode_texts(self, texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
            WithoutFloor.asked += 1
            return encoder.encode_texts(texts)

    floors = Floors(library)
    measured = floors.words(WithoutFloor(), [collection])  # type: ignore[arg-type]
    again = floors.words(WithoutFloor(), [collection])  # type: ignore[arg-type]
    assert measured is not None
    later = Floors(library).words(WithoutFloor(), [collection])  # type: ignore[arg-type]
    assert measured == again == later
    assert WithoutFloor.asked == 1
    assert floors.pictures(WithoutFloor(), [collection]) is None  # two photos tell nothing


def test_an_encoders_own_floor_rises_where_foreign_phrases_score_above_it(
    library: Library, archive: Path
) -> None:
    index_paths(library, [archive], "main")
    (collection,) = library.catalog.collections()
    encoder = library.clip_encoder(collection)

    class WithFloor:
        def __init__(self, word_floor: float) -> None:
            self.word_floor = word_floor

        def encode_texts(self, texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
            return encoder.encode_texts(texts)

    floors = Floors(library)
    raised = floors.words(WithFloor(-1.0), [collection])  # type: ignore[arg-type]
    assert raised is not None
    assert raised > -1.0
    assert floors.words(WithFloor(0.99), [collection]) == 0.99  # type: ignore[arg-type]
    (library.settings.home / "floors.json").write_text("{damaged")
    assert Floors(library).words(WithFloor(-1.0), [collection]) == raised  # type: ignore[arg-type]


def test_a_share_of_the_scores_stays_below_its_floor() -> None:
    scores = np.arange(100, dtype=np.float32)
    floor = calibration.share_floor(scores, 0.6)
    assert floor is not None
    assert (scores < floor).mean() == 0.6
    assert calibration.share_floor(scores[:19], 0.6) is None
