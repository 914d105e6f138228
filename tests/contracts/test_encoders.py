"""What every file of ``indexer/encoders/`` promises, whatever the model behind it."""

import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from indexer.encoders import ClipEncoder, TextEncoder, Vectors, available
from indexer.errors import EncoderUnavailable
from indexer.settings import EncoderSettings
from tests import local_models

pytestmark = pytest.mark.models

TEXTS = [
    "A red chair stands in the house.",
    "green?",
    "",
    "The committee met on 14 May to discuss the annual budget of the town library. " * 3,
    "house",
]
LONG = "The red house has a green chair. Where is it? " * 200


def _name(kind: str, role: str, folder: Path) -> str:
    """The model to contract-test a file with: its packaged one, or one made in ``folder``."""
    if kind == "packaged":
        return ""
    if kind == "sentence_transformers":
        return str(local_models.text_model(folder))
    if kind == "open_clip":
        return local_models.clip_checkpoint(folder, local_models.clip_model(folder))
    raise AssertionError(f"add a model for {kind} ({role}) here")


def _build(kind: str, role: str, name: str, settings: EncoderSettings) -> object:
    return getattr(import_module(f"indexer.encoders.{kind}"), f"build_{role}")(name, settings)


@pytest.fixture(scope="module", params=available("text"))
def text_name(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str]:
    return request.param, _name(request.param, "text", tmp_path_factory.mktemp("text"))


@pytest.fixture(scope="module", params=available("clip"))
def clip_name(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str]:
    return request.param, _name(request.param, "clip", tmp_path_factory.mktemp("clip"))


def text_encoder(name: tuple[str, str], settings: EncoderSettings | None = None) -> TextEncoder:
    return _build(name[0], "text", name[1], settings or EncoderSettings())  # type: ignore[return-value]


def clip_encoder(name: tuple[str, str], settings: EncoderSettings | None = None) -> ClipEncoder:
    return _build(name[0], "clip", name[1], settings or EncoderSettings())  # type: ignore[return-value]


def assert_vectors(vectors: Vectors, count: int, dim: int) -> None:
    assert vectors.shape == (count, dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), np.ones(count), atol=1e-5)


def test_text_vectors_are_unit_float32_of_the_space(text_name: tuple[str, str]) -> None:
    encoder = text_encoder(text_name)
    assert encoder.space.encoder == text_name[0]
    assert_vectors(encoder.encode_passages(TEXTS), len(TEXTS), encoder.space.dim)
    assert_vectors(encoder.encode_queries(TEXTS), len(TEXTS), encoder.space.dim)


def test_no_texts_give_no_vectors(text_name: tuple[str, str]) -> None:
    encoder = text_encoder(text_name)
    assert_vectors(encoder.encode_passages([]), 0, encoder.space.dim)
    assert_vectors(encoder.encode_queries([]), 0, encoder.space.dim)


def test_a_text_has_the_same_vector_in_any_batch(text_name: tuple[str, str]) -> None:
    encoder = text_encoder(text_name, EncoderSettings(batch_size=2))
    together = encoder.encode_passages(TEXTS)
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together[::-1], encoder.encode_passages(TEXTS[::-1]), atol=1e-5)


def test_encoding_twice_gives_the_same_bytes(text_name: tuple[str, str]) -> None:
    encoder = text_encoder(text_name)
    assert encoder.encode_passages(TEXTS).tobytes() == encoder.encode_passages(TEXTS).tobytes()


@pytest.mark.parametrize("text", [*TEXTS, LONG, "naïve café — «дом» 🦄 x²", "   ", "ends. \n"])
def test_token_ends_ascend_and_reach_the_last_visible_character(
    text_name: tuple[str, str], text: str
) -> None:
    ends = text_encoder(text_name).token_ends(text)
    assert ends == sorted(ends)
    assert (ends[-1] if ends else 0) == len(text.rstrip())
    assert len(ends) <= len(text)


def test_token_ends_count_what_max_tokens_limits(text_name: tuple[str, str]) -> None:
    encoder = text_encoder(text_name)
    ends = encoder.token_ends(LONG)
    assert 16 <= encoder.max_tokens < len(ends)
    whole, first = LONG, LONG[: ends[encoder.max_tokens - 1]]
    np.testing.assert_allclose(
        encoder.encode_passages([whole]), encoder.encode_passages([first]), atol=1e-5
    )
    shorter = LONG[: ends[encoder.max_tokens - 2]]
    assert (
        np.abs(encoder.encode_passages([shorter]) - encoder.encode_passages([first])).max() > 1e-6
    )


def test_text_languages_are_codes(text_name: tuple[str, str]) -> None:
    languages = text_encoder(text_name).languages
    assert languages
    assert all(code == "*" or (code.islower() and 2 <= len(code) <= 3) for code in languages)


def test_clip_vectors_are_unit_float32_of_their_spaces(clip_name: tuple[str, str]) -> None:
    encoder = clip_encoder(clip_name)
    images = local_models.pictures()
    assert_vectors(encoder.encode_texts(TEXTS), len(TEXTS), encoder.space.dim)
    vectors = encoder.encode_images(images)
    assert set(vectors) == {encoder.space, encoder.image_space}
    for space, rows in vectors.items():
        assert_vectors(rows, len(images), space.dim)


def test_no_pictures_and_no_words_give_no_vectors(clip_name: tuple[str, str]) -> None:
    encoder = clip_encoder(clip_name)
    assert_vectors(encoder.encode_texts([]), 0, encoder.space.dim)
    for space, rows in encoder.encode_images([]).items():
        assert_vectors(rows, 0, space.dim)


def test_a_picture_has_the_same_vectors_in_any_batch(clip_name: tuple[str, str]) -> None:
    encoder = clip_encoder(clip_name, EncoderSettings(batch_size=2))
    images = local_models.pictures()
    together = encoder.encode_images(images)
    for number, image in enumerate(images):
        for space, rows in encoder.encode_images([image]).items():
            np.testing.assert_allclose(rows[0], together[space][number], atol=1e-5)


def test_the_edges_of_a_wide_picture_count(clip_name: tuple[str, str]) -> None:
    encoder = clip_encoder(clip_name)
    wide = local_models.pictures()[0].resize((300, 60))
    other = wide.copy()
    other.paste((255, 120, 0), (0, 0, 40, 60))
    for rows in encoder.encode_images([wide, other]).values():
        assert np.abs(rows[0] - rows[1]).max() > 1e-4


def test_objects_are_at_most_as_many_as_asked(clip_name: tuple[str, str]) -> None:
    encoder = clip_encoder(clip_name)
    image = local_models.pictures()[0]
    assert encoder.objects(image, 0) == []
    assert len(encoder.objects(image, 2)) <= 2


@pytest.mark.parametrize("kind", sorted({*available("text"), *available("clip")}))
def test_threads_that_race_for_a_model_load_it_once(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = "text" if kind in available("text") else "clip"
    name = _name(kind, role, tmp_path)
    settings = EncoderSettings(batch_size=3, threads=3)  # of no other test: not loaded yet
    opened: list[str] = []

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and watching and str(arguments[0]).endswith(_WEIGHTS):
            opened.append(str(arguments[0]))

    watching = True
    sys.addaudithook(watch)
    encoders = [_build(kind, role, name, settings) for _ in range(4)]
    assert opened == []
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda encoder: _encode(encoder, role), encoders))
    watching = False
    assert all(result.tobytes() == results[0].tobytes() for result in results)
    assert len(opened) <= 2 * len(set(opened))  # at most: once for its sum, once to load


_WEIGHTS = ("model.onnx", ".safetensors", ".pt", ".pth")


def _encode(encoder: object, role: str) -> Vectors:
    if role == "text":
        return encoder.encode_passages(["red house"])  # type: ignore[attr-defined,no-any-return]
    return encoder.encode_texts(["red house"])  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("kind", ["sentence_transformers", "open_clip"])
def test_a_model_that_is_not_here_is_refused_with_the_way_to_get_it(kind: str) -> None:
    role = "text" if kind == "sentence_transformers" else "clip"
    name = "hf-hub:nobody/absent" if role == "clip" else "nobody/absent"
    encoder = _build(kind, role, name, EncoderSettings())
    with pytest.raises(EncoderUnavailable, match="hf download nobody/absent"):
        _encode(encoder, role)
