"""Search by photo, whole and in part, and queries composed of several wishes; fake encoders."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from indexer.domain import BoundingBox
from indexer.errors import NotFound
from indexer.library import Library
from indexer.pipeline import index_paths
from retriever.domain import Example, Hit, Query
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings

COLOURS = {
    "red": (220, 10, 10),
    "blue": (10, 10, 220),
    "green": (10, 220, 10),
    "purple": (150, 10, 150),
    "teal": (10, 150, 150),
}


def photo(*colours: str) -> bytes:
    """Upright stripes of equal width."""
    image = Image.new("RGB", (400, 300))
    width = 400 // len(colours)
    for number, colour in enumerate(colours):
        image.paste(COLOURS[colour], (number * width, 0, (number + 1) * width, 300))
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def engine(library: Library, tmp_path: Path) -> Engine:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, colour in enumerate(COLOURS):
        (folder / f"p{number}.png").write_bytes(photo(colour))
    index_paths(library, [folder], "main")
    return Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))


def hits(engine: Engine, **query: object) -> dict[str, Hit]:
    """Hits by the colour of their photo, best first."""
    found = engine.similar(Query(**query)).hits  # type: ignore[arg-type]
    names = list(COLOURS)
    return {names[int(Path(hit.document.path).stem[1:])]: hit for hit in found}


def colours(engine: Engine, **query: object) -> list[str]:
    return list(hits(engine, **query))


def crop_of(engine: Engine, colour: str) -> Hit:
    return hits(engine, image=photo(colour))[colour]


def test_photo_and_word_find_what_is_like_both(engine: Engine) -> None:
    assert colours(engine, image=photo("red"))[0] == "red"
    assert colours(engine, image=photo("red"), text="blue")[0] == "purple"


def test_weight_of_the_words_decides_how_far_they_pull(engine: Engine) -> None:
    assert colours(engine, image=photo("red"), text="blue", text_weight=0.1)[0] == "red"
    assert colours(engine, image=photo("red"), text="blue", text_weight=10.0)[0] == "blue"


def test_words_to_avoid_move_down_what_shows_them(engine: Engine) -> None:
    before = colours(engine, image=photo("purple"))
    after = colours(engine, image=photo("purple"), without="red")
    assert after.index("red") > before.index("red")
    assert after.index("blue") < after.index("red")


def test_nothing_is_lost_to_what_should_be_avoided(engine: Engine) -> None:
    found = colours(
        engine,
        image=photo("red"),
        examples=(Example(image=photo("red"), weight=-5.0),),
        without="red",
    )
    assert sorted(found) == sorted(COLOURS)


def test_two_photos_find_what_both_share(engine: Engine) -> None:
    both = (Example(image=photo("red")), Example(image=photo("blue")))
    assert colours(engine, examples=both)[0] == "purple"


def test_example_to_avoid_moves_down_what_is_like_it(engine: Engine) -> None:
    unlike = (Example(image=photo("green"), weight=-1.0),)
    assert colours(engine, image=photo("teal"), examples=unlike)[:2] == ["teal", "blue"]
    unlike = (Example(image=photo("blue"), weight=-1.0),)
    assert colours(engine, image=photo("teal"), examples=unlike)[:2] == ["teal", "green"]


def test_indexed_pictures_and_documents_are_examples_too(engine: Engine) -> None:
    red, blue = crop_of(engine, "red"), crop_of(engine, "blue")
    by_crops = (Example(crop=red.key.id), Example(crop=blue.key.id))
    assert colours(engine, examples=by_crops)[0] == "purple"
    assert colours(engine, examples=(Example(document=blue.document.id),))[0] == "blue"


def test_example_that_is_not_indexed_is_refused_in_one_line(engine: Engine) -> None:
    for example in (Example(crop=10**6), Example(document="ab" * 32)):
        with pytest.raises(NotFound) as refused:
            colours(engine, examples=(example,))
        assert "\n" not in str(refused.value)


def test_words_alone_may_be_told_what_to_avoid(engine: Engine) -> None:
    plain = engine.search(Query(text="blue", kind="crop")).hits
    steered = engine.search(Query(text="blue", without="green", kind="crop")).hits
    assert Path(plain[0].document.path).stem == "p1"
    assert len(steered) == len(plain)
    assert Path(steered[-1].document.path).stem == "p2"


def test_hit_shows_which_part_of_the_query_photo_it_is_like(engine: Engine) -> None:
    found = hits(engine, image=photo("red", "blue"))
    left, right = found["red"].query_box, found["blue"].query_box
    assert left is not None
    assert right is not None
    assert left.x1 <= 0.51
    assert right.x0 >= 0.49


def test_hit_shows_the_drawn_box_when_one_was_drawn(engine: Engine) -> None:
    drawn = BoundingBox(x0=0.5, y0=0, x1=1, y1=1)
    hit = hits(engine, image=photo("red", "blue"), box=drawn)["blue"]
    assert hit.rank == 1
    assert hit.query_box == drawn


def test_hit_by_words_has_no_part_of_a_query_photo(engine: Engine) -> None:
    found = engine.search(Query(text="blue", kind="crop")).hits
    assert {hit.query_box for hit in found} == {None}


def test_hit_says_which_wishes_found_it(engine: Engine) -> None:
    hit = hits(
        engine,
        image=photo("red"),
        examples=(Example(image=photo("blue")), Example(image=photo("green"), weight=-1.0)),
        text="blue",
        without="green",
    )["purple"]
    assert {entry.name for entry in hit.rankings} == {
        "image-image",
        "image-image-2",
        "unlike-image",
        "words-image",
        "unlike-words-image",
    }
