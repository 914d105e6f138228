import shutil
from pathlib import Path

import numpy as np
import pytest

from indexer.domain import EmbeddingSpace
from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.store.indexes import IndexCache
from indexer.store.records import Collection
from indexer.store.vectors import load_backend
from tests.fakes import ColourEncoder, HashEncoder, normalised


def fresh(library: Library) -> IndexCache:
    return IndexCache(library.catalog, library.settings.index_folder, "flat")


def find(cache: IndexCache, library: Library, encoder: HashEncoder, words: str) -> list[int]:
    collections = library.catalog.collections()
    query = encoder.encode_queries([words])[0]
    ids, scores = cache.search(encoder.space, "chunk", query, 3, collections, whole=True)
    assert list(scores) == sorted(scores, reverse=True)
    return [int(item) for item in ids]


@pytest.fixture
def collection(library: Library, archive: Path) -> Collection:
    index_paths(library, [archive], "main")
    return library.catalog.collection("main")


def index_file(library: Library) -> Path:
    return max(library.settings.index_folder.glob("chunk-*.index"), key=lambda p: p.stat().st_size)


def test_saved_index_finds_what_a_rebuilt_one_finds(
    library: Library, collection: Collection, text_encoder: HashEncoder
) -> None:
    saved = find(fresh(library), library, text_encoder, "boiler pressure")
    for path in library.settings.index_folder.iterdir():
        path.unlink()
    assert find(fresh(library), library, text_encoder, "boiler pressure") == saved
    assert saved


@pytest.mark.parametrize("damage", ["truncate", "flip", "swap", "manifest", "no manifest"])
def test_damaged_index_is_set_aside_and_rebuilt(
    library: Library, collection: Collection, text_encoder: HashEncoder, damage: str
) -> None:
    wanted = find(fresh(library), library, text_encoder, "boiler pressure")
    path = index_file(library)
    manifest = path.with_suffix(".json")
    content = path.read_bytes()
    match damage:
        case "truncate":
            path.write_bytes(content[: len(content) // 2])
        case "flip":
            middle = len(content) // 2
            path.write_bytes(
                content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
            )
        case "swap":
            other = next(library.settings.index_folder.glob("crop-*.index"))
            path.write_bytes(other.read_bytes())
        case "manifest":
            manifest.write_text("{}")
        case "no manifest":
            manifest.unlink()
    cache = fresh(library)
    # Both chunk indexes are opened, so the damaged one is met whichever it is.
    assert cache.verify([collection])
    assert find(cache, library, text_encoder, "boiler pressure") == wanted
    assert list(library.settings.index_folder.glob("*.damaged"))


def test_index_newer_than_the_catalogue_is_not_trusted(
    library: Library, collection: Collection
) -> None:
    manifest = index_file(library).with_suffix(".json")
    text = manifest.read_text()
    generation = library.catalog.generation()
    assert f'"generation":{generation}' in text
    manifest.write_text(text.replace(f'"generation":{generation}', '"generation":999'))
    cache = fresh(library)
    assert any("newer than the catalogue" in line for line in cache.verify([collection]))


def test_rows_newer_than_the_file_are_replayed_and_gone_ones_dropped(
    library: Library, collection: Collection, text_encoder: HashEncoder, archive: Path
) -> None:
    cache = fresh(library)
    boiler = find(cache, library, text_encoder, "boiler pressure")[0]
    (archive / "boiler.md").unlink()
    (archive / "stove.txt").write_text("The stove pipe was swept in October.\n")
    index_paths(library, [archive], "main")
    for opened in (cache, fresh(library)):
        assert boiler not in find(opened, library, text_encoder, "boiler pressure")
        stove = find(opened, library, text_encoder, "stove pipe swept")[0]
        assert "stove" in library.catalog.chunks([stove])[stove].chunk.text


def test_filter_ranks_as_if_nothing_else_were_there(
    library: Library, collection: Collection, text_encoder: HashEncoder
) -> None:
    cache = fresh(library)
    ids = library.catalog.item_ids(text_encoder.space, "chunk", [collection])
    assert len(ids) > 2
    index = cache._current(text_encoder.space, "chunk")
    query = text_encoder.encode_queries(["boiler pressure"])[0]
    allowed = ids[1:]
    found, _ = index.search(query, 10, allowed)
    exact = [int(item) for item in index.search(query, 10)[0] if item in set(allowed.tolist())]
    assert [int(item) for item in found] == exact
    none, _ = index.search(query, 10, np.empty(0, np.int64))
    assert len(none) == 0


def test_filter_is_exact_whatever_the_ids_and_however_many_are_left() -> None:
    rng = np.random.default_rng(1)
    space = EmbeddingSpace(encoder="fake", model="any", revision="1", dim=16)
    index = load_backend("flat").build(space)
    ids = np.sort(rng.choice(100_000, 700, replace=False)).astype(np.int64)
    vectors = normalised(rng.standard_normal((700, 16)).astype(np.float32))
    index.add(ids, vectors)
    for left in (1, 7, 8, 9, 70, 350, 700):
        chosen = np.sort(rng.choice(700, left, replace=False))
        # Ids that the index does not hold, one of them above all others, change nothing.
        allowed = np.append(ids[chosen], 1_000_003)
        found, scores = index.search(vectors[3], 10, allowed)
        cosines = vectors[chosen] @ vectors[3]
        best = np.argsort(-cosines)[:10]
        assert found.tolist() == ids[chosen][best].tolist()
        assert scores == pytest.approx(cosines[best], abs=1e-6)


def test_indexes_of_a_catalogue_that_was_moved_away_are_not_trusted(
    library: Library, collection: Collection, text_encoder: HashEncoder, archive: Path
) -> None:
    settings = library.settings
    before = library.catalog.generation()
    library.close()
    for path in settings.home.glob("catalog.sqlite*"):
        path.rename(path.with_suffix(".old"))
    (archive / "an attic.txt").write_text("The attic was swept in May.\n")
    with Library(
        settings, load_text=lambda _: text_encoder, load_clip=lambda _: ColourEncoder()
    ) as anew:
        index_paths(anew, [archive], "main")
        assert anew.catalog.generation() >= before
        found = find(fresh(anew), anew, text_encoder, "attic swept")
        assert anew.catalog.chunks(found)[found[0]].chunk.text == "The attic was swept in May."
        shutil.rmtree(settings.index_folder)
        assert find(fresh(anew), anew, text_encoder, "attic swept") == found
        assert any("another catalogue" in line for line in anew.indexes.problems)


def test_indexes_of_a_catalogue_that_was_put_back_from_a_copy_are_not_trusted(
    library: Library, collection: Collection, text_encoder: HashEncoder, archive: Path
) -> None:
    settings = library.settings
    library.close()
    copy = settings.home / "copy"
    shutil.copy(settings.catalog_path, copy)
    for number, word in enumerate(("attic", "cellar", "stable", "loft")):
        if word == "cellar":
            copy.replace(settings.catalog_path)
        (archive / f"{word}.txt").write_text(f"The {word} was swept in May {number}.\n")
        with Library(
            settings, load_text=lambda _: text_encoder, load_clip=lambda _: ColourEncoder()
        ) as opened:
            if word == "cellar":
                (archive / "attic.txt").unlink()
                (archive / "shed.txt").write_text("The shed was swept.\n")
            index_paths(opened, [archive], "main")
            found = find(fresh(opened), opened, text_encoder, f"{word} swept")
            assert word in opened.catalog.chunks(found)[found[0]].chunk.text
