"""A CrossEncoder made on the spot: the library's own logits must arrive unchanged."""

from pathlib import Path

import numpy as np
import pytest

from indexer.encoders._torchvision import make_importable
from indexer.errors import EncoderUnavailable
from retriever.rerankers import sentence_transformers as adapter
from retriever.settings import RerankSettings
from tests import local_models

pytestmark = pytest.mark.models

PASSAGES = ["red chair", "the green house.", "house " * 200]


def test_scores_are_the_librarys_raw_logits(tmp_path: Path) -> None:
    make_importable()
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    folder = local_models.cross_encoder(tmp_path)
    library = CrossEncoder(str(folder), device="cpu")
    expected = library.predict(
        [("red?", passage) for passage in PASSAGES], activation_fn=Identity()
    )
    judge = adapter.build(str(folder), RerankSettings())
    np.testing.assert_allclose(judge.score("red?", PASSAGES), expected, atol=1e-5)


def test_a_model_with_several_outputs_is_refused(tmp_path: Path) -> None:
    folder = local_models.cross_encoder(tmp_path, outputs=3)
    with pytest.raises(EncoderUnavailable, match="3 values"):
        adapter.build(str(folder), RerankSettings()).score("red?", PASSAGES)
