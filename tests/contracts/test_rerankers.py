"""What every file of ``retriever/rerankers/`` promises, whatever the model behind it."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import EncoderUnavailable
from retriever.rerankers import Reranker, available
from retriever.settings import RerankSettings
from tests import local_models

pytestmark = pytest.mark.models

QUERY = "Where is the red chair?"
PASSAGES = [
    "The red chair is in the house.",
    "",
    "A green house. " * 200,
    "Bread is baked at 220 degrees for half an hour.",
]


@pytest.fixture(scope="module", params=available())
def named(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str]:
    kind: str = request.param
    if kind == "sentence_transformers":
        return kind, str(local_models.cross_encoder(tmp_path_factory.mktemp("cross")))
    return kind, ""


def reranker(named: tuple[str, str], settings: RerankSettings | None = None) -> Reranker:
    build = import_module(f"retriever.rerankers.{named[0]}").build
    return build(named[1], settings or RerankSettings())  # type: ignore[no-any-return]


def test_one_float32_score_for_each_passage(named: tuple[str, str]) -> None:
    scores = reranker(named).score(QUERY, PASSAGES)
    assert scores.shape == (len(PASSAGES),)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()


def test_no_passages_give_no_scores(named: tuple[str, str]) -> None:
    scores = reranker(named).score(QUERY, [])
    assert scores.shape == (0,)
    assert scores.dtype == np.float32


def test_a_score_depends_on_its_own_passage_only(named: tuple[str, str]) -> None:
    judge = reranker(named)
    together = judge.score(QUERY, PASSAGES)
    alone = np.concatenate([judge.score(QUERY, [passage]) for passage in PASSAGES])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together[::-1], judge.score(QUERY, PASSAGES[::-1]), atol=1e-5)


def test_scoring_twice_gives_the_same_scores(named: tuple[str, str]) -> None:
    judge = reranker(named)
    assert judge.score(QUERY, PASSAGES).tobytes() == judge.score(QUERY, PASSAGES).tobytes()


def test_long_queries_and_passages_are_cut_not_refused(named: tuple[str, str]) -> None:
    assert reranker(named).score("red house? " * 300, ["green chair. " * 500]).shape == (1,)


def test_threads_may_share_a_reranker(named: tuple[str, str]) -> None:
    judges = [reranker(named, RerankSettings(threads=3)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda judge: judge.score(QUERY, PASSAGES), judges))
    assert all(result.tobytes() == results[0].tobytes() for result in results)


def test_it_has_a_name_and_languages(named: tuple[str, str]) -> None:
    judge = reranker(named)
    assert judge.name.startswith(named[0])
    assert judge.languages


def test_a_model_that_is_not_there_is_refused_when_it_is_used(
    named: tuple[str, str], tmp_path: Path
) -> None:
    judge = reranker((named[0], str(tmp_path / "absent")))
    with pytest.raises(EncoderUnavailable, match="absent"):
        judge.score(QUERY, PASSAGES)
