from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from indexer.duplicates import near_pairs, picture_hash
from indexer.library import Library
from indexer.pipeline import index_paths


def scene(seed: int) -> Image.Image:
    """A picture with large shapes, different for every seed."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (640, 480), tuple(random.integers(0, 255, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = random.integers(0, 560), random.integers(0, 400)
        size = random.integers(40, 240)
        draw.ellipse((x, y, x + size, y + size), fill=tuple(random.integers(0, 255, 3).tolist()))
    return image


def test_saved_and_scaled_copies_hash_alike_and_other_pictures_do_not() -> None:
    original = scene(1)
    copy = original.resize((320, 240)).convert("RGB")
    hashes = [picture_hash(each) for each in (original, copy, scene(2), scene(3))]
    assert near_pairs(hashes).tolist() == [[0, 1]]
    assert all(-(2**63) <= value < 2**63 for value in hashes)


def test_pairs_are_those_of_comparing_every_two(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    hashes = random.integers(-(2**63), 2**63 - 1, 60, dtype=np.int64)
    hashes[40:] = hashes[:20] ^ (1 << random.integers(0, 62, 20))
    monkeypatch.setattr("indexer.duplicates._COMPARISONS", 500)
    wanted = {
        (i, j)
        for i in range(60)
        for j in range(i + 1, 60)
        if bin(int(hashes[i] ^ hashes[j]) & (2**64 - 1)).count("1") <= 10
    }
    assert {tuple(pair) for pair in near_pairs(hashes.tolist()).tolist()} == wanted


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    scene(1).save(folder / "a.png")
    scene(1).resize((320, 240)).save(folder / "a small.jpg", quality=70)
    scene(2).save(folder / "b.png")
    return folder


def groups(library: Library) -> dict[str, int | None]:
    stored = library.catalog.documents(None)[1]
    return {Path(each.document.path).name: each.group for each in stored}


def test_near_copies_share_a_group_and_lose_it_with_the_last_copy(
    library: Library, album: Path
) -> None:
    index_paths(library, [album], "main")
    found = groups(library)
    assert found["a.png"] is not None
    assert found["a.png"] == found["a small.jpg"]
    assert found["b.png"] is None
    (album / "a small.jpg").unlink()
    index_paths(library, [album], "main")
    assert groups(library) == {"a.png": None, "b.png": None}


def test_duplicates_lists_identical_and_near_copies(library: Library, album: Path) -> None:
    (album / "b again.png").write_bytes((album / "b.png").read_bytes())
    index_paths(library, [album], "main")
    found = library.catalog.duplicates(None)
    assert [Path(each.document.path).name for each in found] == [
        "a small.jpg",
        "a.png",
        "b again.png",
    ]
    assert [Path(path).name for path in found[-1].copies] == ["b.png"]
