"""The packaged models: right weights, known answers, colours and boxes."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from indexer.encoders import _conse, _network
from indexer.encoders._boxes import salient_boxes
from indexer.encoders._colours import (
    PLAIN_GAIN,
    TERMS,
    colours_named,
    colours_of_subject,
    colours_shown,
)
from indexer.encoders.packaged import build_clip, build_text
from indexer.errors import EncoderUnavailable
from indexer.settings import EncoderSettings

PHOTOS = Path(__file__).parents[2] / "samples" / "photos"
SETTINGS = EncoderSettings()


def photo(name: str) -> Image.Image:
    with Image.open(PHOTOS / name) as image:
        return image.convert("RGB")


@pytest.mark.models
def test_questions_find_their_answers_among_passages() -> None:
    encoder = build_text("", SETTINGS)
    passages = encoder.encode_passages(
        [
            "The library opens at nine and closes at six, except on Sundays.",
            "Sourdough needs a long rise; bake it in a covered pot.",
            "The treaty was signed in Vienna in 1815.",
        ]
    )
    questions = encoder.encode_queries(["When is the library open?", "How do I bake bread?"])
    assert (questions @ passages.T).argmax(axis=1).tolist() == [0, 1]


@pytest.mark.models
def test_the_network_is_timms_with_the_wheels_weights_in_their_order() -> None:
    from indexer.encoders._torchvision import make_importable

    make_importable()
    import timm
    import torch

    weights = _network.packaged_weights()
    plain = timm.create_model("tf_efficientnet_lite2", pretrained=False)
    plain.load_state_dict(_network.in_order(weights, plain.state_dict()))
    plain.eval()
    for given, taken in zip(weights.values(), plain.state_dict().values(), strict=True):
        assert torch.equal(given, taken)
    image = photo("espresso.jpg")
    network = _network.load_network(0)
    pixels = _network._pixels(image, _network._shape(image, _network.SIDE))
    with torch.inference_mode():
        expected = plain(torch.from_numpy(pixels[None]))[0].numpy()
    (seen,) = network.see([image])
    np.testing.assert_allclose(seen.logits, expected, atol=1e-3)


@pytest.mark.models
@pytest.mark.parametrize(
    ("name", "classes"),
    [("espresso.jpg", {967}), ("cat_chelsea.png", {281, 282, 283, 284, 285})],
)
def test_the_network_knows_what_these_photos_show(name: str, classes: set[int]) -> None:
    (seen,) = _network.load_network(0).see([photo(name)])
    assert int(seen.logits.argmax()) in classes


def test_weights_of_another_network_are_refused() -> None:
    import torch

    with pytest.raises(EncoderUnavailable, match="timm"):
        _network.in_order({"a": torch.zeros(2)}, {"b": torch.zeros(3)})


@pytest.mark.models
def test_the_shipped_class_vectors_are_those_of_the_packaged_text_encoder() -> None:
    numbers = [0, 134, 281, 559, 967]
    with np.load(_conse._DATA, allow_pickle=False) as stored:
        shipped, told = stored["vectors"], stored["told"]
    assert shipped.shape == told.shape == (1000, 384)
    fresh = _conse.class_vectors(numbers, build_text("", SETTINGS))
    # Half precision, and integer kernels that differ a little between processors.
    assert (shipped[numbers].astype(np.float32) * fresh).sum(axis=1).min() > 0.99
    fresh = _conse.told_vectors(numbers, fresh, build_text("", SETTINGS))
    assert (told[numbers].astype(np.float32) * fresh).sum(axis=1).min() > 0.99


@pytest.mark.models
def test_words_find_photos_and_photos_find_their_kind() -> None:
    names = ["espresso.jpg", "cat_chelsea.png", "chesterfield_sofa.jpg", "mountain_path.jpg"]
    encoder = build_clip("", SETTINGS)
    photos = encoder.encode_images([photo(name) for name in names])
    words = encoder.encode_texts(
        ["a cup of coffee", "a kitten looking at the camera", "couch", "hiking in the alps"]
    )
    assert (words @ photos[encoder.space].T).argmax(axis=1).tolist() == [0, 1, 2, 3]
    russian = encoder.encode_texts(
        ["чашка кофе", "котёнок смотрит в камеру", "кожаный диван", "поход в горы"]
    )
    assert (russian @ photos[encoder.space].T).argmax(axis=1).tolist() == [0, 1, 2, 3]
    half = photo("chesterfield_sofa.jpg")
    half = half.crop((0, 0, half.width * 2 // 3, half.height))
    looks = encoder.encode_images([half])[encoder.image_space] @ photos[encoder.image_space].T
    assert int(looks.argmax()) == 2


@pytest.mark.models
def test_words_reach_the_floor_for_what_is_shown_and_not_for_what_cannot_be_seen() -> None:
    names = ["espresso.jpg", "cat_chelsea.png", "chesterfield_sofa.jpg", "mountain_path.jpg"]
    encoder = build_clip("", SETTINGS)
    photos = encoder.encode_images([photo(name) for name in names])[encoder.space]
    shown = ["a cup of coffee", "cat", "a leather sofa", "чашка кофе", "кошка", "диван"]
    assert (encoder.encode_texts(shown) @ photos.T).max(axis=1).min() >= encoder.word_floor
    unseen = ["quarterly amortisation", "the fiscal policy of 1987", "justice", "x", ""]
    assert (encoder.encode_texts(unseen) @ photos.T).max(axis=1).max() < encoder.word_floor


def test_russian_without_a_known_word_is_not_understood() -> None:
    encoder = build_clip("", SETTINGS)
    assert encoder.languages == {"en", "ru"}
    assert encoder.understands("рыжая кошка")
    assert encoder.understands("amortisation")
    assert not encoder.understands("амортизация")
    assert not encoder.understands(" ")


@pytest.mark.models
def test_colour_words_choose_between_photos_of_one_thing() -> None:
    sofa = photo("chesterfield_sofa.jpg")
    bands = sofa.split()
    green = Image.merge("RGB", (bands[1], bands[0], bands[2]))
    encoder = build_clip("", SETTINGS)
    photos = encoder.encode_images([sofa, green])[encoder.space]
    scores = encoder.encode_texts(["red sofa", "green sofa"]) @ photos.T
    assert scores.argmax(axis=1).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("name", "rgb"),
    [
        ("red", (200, 30, 30)),
        ("green", (40, 140, 60)),
        ("blue", (40, 80, 190)),
        ("pink", (240, 140, 180)),
    ],
)
def test_a_plain_picture_shows_its_colour_most(name: str, rgb: tuple[int, int, int]) -> None:
    image = Image.new("RGB", (60, 40), "white")
    ImageDraw.Draw(image).rectangle((10, 5, 50, 35), fill=rgb)
    shown = colours_shown(image)
    assert TERMS[int(shown.argmax())] == name
    assert np.linalg.norm(shown) == pytest.approx(1, abs=1e-5)
    assert TERMS[int(colours_named(f"a {name.upper()} chair").argmax())] == name


def test_the_colour_of_a_thing_counts_and_not_that_of_the_even_ground_behind_it() -> None:
    image = Image.new("RGB", (60, 40), "white")
    ImageDraw.Draw(image).rectangle((25, 15, 35, 25), fill=(200, 30, 30))
    shown = colours_of_subject(image)
    assert TERMS[int(shown.argmax())] == "red"
    assert np.linalg.norm(shown) == pytest.approx(PLAIN_GAIN, abs=1e-5)
    assert shown[TERMS.index("white")] < colours_shown(image)[TERMS.index("white")]
    plain = Image.new("RGB", (60, 40), (40, 80, 190))
    np.testing.assert_allclose(colours_of_subject(plain), colours_shown(plain), atol=1e-6)


def test_a_text_without_colour_words_names_none() -> None:
    assert not colours_named("a wooden chair, hardly coloured: reddish?").any()
    assert colours_named("gray").argmax() == colours_named("grey").argmax()


@pytest.mark.models
def test_a_photo_of_two_things_gets_a_box_around_each() -> None:
    canvas = Image.new("RGB", (760, 360), (200, 200, 190))
    canvas.paste(photo("cat_chelsea.png").resize((320, 320)), (20, 20))
    canvas.paste(photo("espresso.jpg").resize((320, 320)), (420, 20))
    boxes = build_clip("", SETTINGS).objects(canvas, 4)
    centres = [(box.x0 + box.x1) / 2 for box in boxes]
    assert any(centre < 0.45 for centre in centres)
    assert any(centre > 0.55 for centre in centres)
    assert {centre > 0.5 for centre in centres[:2]} == {True, False}
    assert all(box.area < 0.5 for box in boxes)


def test_boxes_enclose_the_cells_that_vote_for_a_class() -> None:
    maps = np.zeros((2, 8, 8), dtype=np.float32)
    maps[0, 1:3, 1:3] = 9
    maps[1, 5:7, 4:7] = 8
    classifier = np.eye(3, 2, dtype=np.float32)
    first, second = salient_boxes(maps, classifier, 5)
    assert {type(edge) for edge in (*first.as_tuple(), *second.as_tuple())} == {float}
    assert first.x0 < 0.15 < 0.3 < first.x1 < 0.55
    assert second.x0 > 0.35
    assert second.y0 > 0.5
    assert salient_boxes(maps, classifier, 1) == [first]


def test_an_even_map_has_no_boxes() -> None:
    maps = np.ones((2, 8, 8), dtype=np.float32)
    assert salient_boxes(maps, np.eye(3, 2, dtype=np.float32), 5) == []


@pytest.mark.models
def test_many_passages_do_not_fill_the_memory() -> None:
    import tracemalloc

    encoder = build_text("", SETTINGS)
    encoder.encode_passages(["warm"])
    tracemalloc.start()
    encoder.encode_passages(["The red house stands on a hill. " * 30] * 40)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Every token's state of every passage would be 40 x 240 x 384 x 4 bytes, 15 MB.
    assert peak < 4_000_000
