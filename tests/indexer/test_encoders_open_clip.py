"""open_clip models made on the spot: the library's own numbers must arrive unchanged."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.encoders import open_clip as adapter
from indexer.errors import EncoderUnavailable
from indexer.settings import EncoderSettings
from tests import local_models

pytestmark = pytest.mark.models

SETTINGS = EncoderSettings()
TEXTS = ["a red chair", "a long walk in the green hills " * 20, ""]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return local_models.clip_model(tmp_path_factory.mktemp("architecture"))


def library_vectors(model: Any, mean: Any = None, std: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and texts as open_clip itself embeds them."""
    import open_clip
    import torch

    preprocess = open_clip.image_transform(
        32, is_train=False, mean=mean, std=std, resize_mode="squash"
    )
    tokenizer = open_clip.get_tokenizer(local_models.CLIP_NAME)
    with torch.inference_mode():
        pixels = torch.stack([preprocess(image) for image in local_models.pictures()])
        images = model.encode_image(pixels, normalize=True)
        texts = model.encode_text(tokenizer(TEXTS), normalize=True)
    return images.numpy(), texts.numpy()


def test_a_checkpoint_gives_the_librarys_vectors(model: Any, tmp_path: Path) -> None:
    encoder = adapter.build_clip(local_models.clip_checkpoint(tmp_path, model), SETTINGS)
    images, texts = library_vectors(model)
    found = encoder.encode_images(local_models.pictures())[encoder.space]
    np.testing.assert_allclose(found, images, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), texts, atol=1e-5)
    assert encoder.space.dim == 16
    assert encoder.image_space == encoder.space


def test_a_local_folder_gives_them_with_its_own_preprocessing(model: Any, tmp_path: Path) -> None:
    folder = local_models.clip_folder(tmp_path / "model", model)
    encoder = adapter.build_clip(f"local-dir:{folder}", SETTINGS)
    images, texts = library_vectors(model, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    found = encoder.encode_images(local_models.pictures())[encoder.space]
    np.testing.assert_allclose(found, images, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), texts, atol=1e-5)


def test_a_cached_hub_repository_loads_without_the_network(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    commit = "ab" * 20
    repository = tmp_path / "cache" / "models--some--clip"
    local_models.clip_folder(repository / "snapshots" / commit, model)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit, encoding="utf-8")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    encoder = adapter.build_clip("hf-hub:some/clip", SETTINGS)
    assert encoder.space.revision == commit[:12]
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), library_vectors(model)[1], atol=1e-5)


def test_other_weights_make_another_space(model: Any, tmp_path: Path) -> None:
    import torch

    first = adapter.build_clip(local_models.clip_checkpoint(tmp_path, model), SETTINGS).space
    changed = {name: tensor + 1 for name, tensor in model.state_dict().items()}
    torch.save(changed, tmp_path / "other.pt")
    other = adapter.build_clip(f"{local_models.CLIP_NAME}/{tmp_path / 'other.pt'}", SETTINGS).space
    assert first.revision != other.revision


def test_a_checkpoint_that_would_run_code_is_refused(model: Any, tmp_path: Path) -> None:
    import torch

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    torch.save({"logit_scale": Trap()}, tmp_path / "trap.pt")
    encoder = adapter.build_clip(f"{local_models.CLIP_NAME}/{tmp_path / 'trap.pt'}", SETTINGS)
    with pytest.raises(EncoderUnavailable, match="cannot be loaded"):
        encoder.encode_texts(["red"])
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("ViT-B-32-SigLIP2-256/webli", "hf download timm/ViT-B-32-SigLIP2-256"),
        ("ViT-B-32/nonsense", "choose one of: openai"),
        ("ViT-B-99/webli", "no such model"),
        ("ViT-B-32", "names no weights"),
        ("ViT-B-32/absent.pt", "no such file"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    name: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(EncoderUnavailable, match=line) as caught:
        adapter.build_clip(name, SETTINGS).encode_texts(["red"])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "languages"),
    [
        ("ViT-B-32-SigLIP2-256/webli", {"*"}),
        ("xlm-roberta-base-ViT-B-32/laion5b_s13b_b90k", {"*"}),
        ("nllb-clip-base/v1", {"*"}),
        ("ViT-B-32/openai", {"en"}),
    ],
)
def test_languages_follow_the_models_name(name: str, languages: set[str]) -> None:
    assert adapter.build_clip(name, SETTINGS).languages == languages


def test_installed_names_the_strongest_complete_model_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert adapter.installed() is None
    for size, files in (
        ("32", ("open_clip_model.safetensors", "tokenizer.json")),
        ("16", ("open_clip_model.safetensors",)),
    ):
        repository = tmp_path / f"models--timm--ViT-B-{size}-SigLIP2-256"
        snapshot = repository / "snapshots" / ("cd" * 20)
        snapshot.mkdir(parents=True)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text("cd" * 20, encoding="utf-8")
        for file in files:
            (snapshot / file).touch()
    assert adapter.installed() == "ViT-B-32-SigLIP2-256/webli"  # the other lacks its tokenizer
