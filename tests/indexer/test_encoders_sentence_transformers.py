"""A text model made on the spot: the library's own numbers must arrive unchanged."""

from pathlib import Path

import numpy as np
import pytest

from indexer.encoders import sentence_transformers as adapter
from indexer.errors import EncoderUnavailable
from indexer.settings import EncoderSettings
from tests import local_models

pytestmark = pytest.mark.models

TEXTS = ["red chair", "where is the green house?", "house " * 200, ""]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return local_models.text_model(tmp_path_factory.mktemp("text"))


def test_vectors_and_prompts_are_the_librarys_own(folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    library = SentenceTransformer(str(folder), device="cpu")
    encoder = adapter.build_text(str(folder), EncoderSettings(batch_size=2))
    passages = library.encode_document(TEXTS, normalize_embeddings=True)
    questions = library.encode_query(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), passages, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_queries(TEXTS), questions, atol=1e-5)
    assert np.abs(passages - questions).max() > 1e-3  # the query prompt was used
    assert encoder.space.dim == library.get_embedding_dimension()
    assert encoder.max_tokens == 62


def test_the_space_is_known_without_loading(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*arguments: object) -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr(adapter, "_load", forbidden)
    space = adapter.build_text(str(folder), EncoderSettings()).space
    assert (space.encoder, space.model, space.dim) == ("sentence_transformers", str(folder), 32)


def test_a_damaged_model_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = local_models.text_model(tmp_path)
    (folder / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(EncoderUnavailable, match="SafetensorError") as caught:
        adapter.build_text(str(folder), EncoderSettings()).encode_passages(["red"])
    assert "\n" not in str(caught.value)


def test_installed_wants_the_whole_recommended_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / ("models--" + adapter.RECOMMENDED.replace("/", "--"))
    snapshot = repository / "snapshots" / ("ef" * 20)
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("ef" * 20, encoding="utf-8")
    for file in ("config.json", "tokenizer.json"):
        (snapshot / file).write_text("{}", encoding="utf-8")
    assert adapter.installed() is None
    (snapshot / "model.safetensors").touch()
    assert adapter.installed() == adapter.RECOMMENDED
    encoder = adapter.build_text("", EncoderSettings())
    assert encoder.languages == {"*"}
