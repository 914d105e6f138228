"""Near-duplicate photos are one result; identical files are one document with several paths."""

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from indexer.library import Library
from indexer.pipeline import index_paths
from retriever.domain import Query
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings


def barn(side: int) -> Image.Image:
    image = Image.new("RGB", (640, 480), (200, 20, 20))
    draw = ImageDraw.Draw(image)
    draw.rectangle((200, 150, 440, 460), fill=(120, 10, 10))
    draw.polygon([(180, 150), (320, 40), (460, 150)], fill=(250, 60, 60))
    return image.resize((side, side * 3 // 4))


@pytest.fixture
def engine(library: Library, tmp_path: Path) -> Engine:
    folder = tmp_path / "album"
    folder.mkdir()
    barn(640).save(folder / "barn.png")
    barn(320).save(folder / "barn small.png")
    shutil.copy(folder / "barn.png", folder / "barn copy.png")
    Image.new("RGB", (400, 300), (20, 20, 200)).save(folder / "lake.png")
    (folder / "note.txt").write_text("The barn was painted in 1987.\n")
    shutil.copy(folder / "note.txt", folder / "note again.txt")
    index_paths(library, [folder], "main")
    return Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))


def names(paths: tuple[str, ...]) -> list[str]:
    return sorted(Path(path).name for path in paths)


def test_near_and_identical_photos_are_one_hit_that_names_the_others(engine: Engine) -> None:
    hits = engine.search(Query(text="red", kind="crop")).hits
    barns = [hit for hit in hits if "barn" in hit.document.path]
    assert len(barns) == 1
    together = (barns[0].document.path, *barns[0].duplicates)
    assert names(together) == ["barn copy.png", "barn small.png", "barn.png"]


def test_an_identical_note_is_found_once_under_both_paths(engine: Engine) -> None:
    (hit, *rest) = engine.search(Query(text="barn painted", kind="chunk")).hits
    assert rest == []
    assert names((hit.document.path, *hit.duplicates)) == ["note again.txt", "note.txt"]


def test_duplicates_are_listed_with_what_they_share(engine: Engine) -> None:
    identical = [group for group in engine.duplicates() if group.identical]
    near = [group for group in engine.duplicates() if not group.identical]
    assert sorted(names(group.paths) for group in identical) == [
        ["barn copy.png", "barn.png"],
        ["note again.txt", "note.txt"],
    ]
    assert [names(group.paths) for group in near] == [["barn copy.png", "barn small.png"]]
