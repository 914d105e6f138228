from pathlib import Path

import pytest

from indexer.care.removal import Removed, drop, remove
from indexer.care.repair import Condition, examine
from indexer.errors import InvalidInput, NotFound
from indexer.library import Library
from indexer.pipeline import index_paths
from tests.fakes import ColourEncoder, HashEncoder
from tests.indexer.care import fill, open_library, search


def paths_in(library: Library, collection: str = "main") -> set[str]:
    return {
        Path(path).name for path in library.catalog.files(library.catalog.collection(collection))
    }


def test_a_removed_file_leaves_searches_but_stays_on_the_disk(
    library: Library, archive: Path
) -> None:
    index_paths(library, [archive], "main")
    boiler = archive / "boiler.md"
    assert remove(library, [str(boiler)]) == [Removed("main", str(boiler))]
    assert boiler.exists()
    assert "boiler.md" not in paths_in(library)
    assert not any("boiler" in text for _, text in search(library, "boiler pressure"))
    assert examine(library) == Condition()


def test_a_folder_is_removed_with_everything_below_it_and_nothing_beside_it(
    library: Library, archive: Path
) -> None:
    for folder in ("old", "old barns"):
        (archive / folder).mkdir()
        (archive / folder / f"{folder}.txt").write_text(f"A note about {folder}.")
    index_paths(library, [archive], "main")
    removed = remove(library, [str(archive / "old")])
    assert [Path(each.path).name for each in removed] == ["old.txt"]
    assert "old barns.txt" in paths_in(library)


def test_a_document_is_removed_by_the_start_of_its_id_with_all_its_copies(tmp_path: Path) -> None:
    with open_library(tmp_path / "home") as library:
        note, _, kept = fill(library, tmp_path / "notes", "The barn is red.", "The lake.")
        sha256 = kept.parent.name
        removed = remove(library, [sha256[:12]])
        assert {each.path for each in removed} == {str(note), str(kept)}
        assert paths_in(library) == {"note 1.txt"}
        # The kept copy was ours, the note is not.
        assert note.exists()
        assert not (tmp_path / "home" / "uploads" / sha256[:2]).exists()


def test_pictures_of_a_removed_document_go_and_those_of_others_stay(
    library: Library, archive: Path
) -> None:
    index_paths(library, [archive], "main")
    thumbnails = library.settings.cache_folder / "thumbnails"
    before = {path.name[:64] for path in thumbnails.rglob("*.jpg")}
    barn = next(
        each.document
        for each in library.catalog.documents(None)[1]
        if each.document.path.endswith("barn.png")
    )
    remove(library, [barn.path])
    assert {path.name[:64] for path in thumbnails.rglob("*.jpg")} == before - {barn.id}


def test_what_another_collection_still_has_is_kept(tmp_path: Path) -> None:
    with open_library(tmp_path / "home") as library:
        *_, kept = fill(library, tmp_path / "notes", "The barn is red.")
        index_paths(library, [kept], "second")
        assert remove(library, [str(kept)], "main") == [Removed("main", str(kept))]
        assert kept.exists()
        assert remove(library, [str(kept)]) == [Removed("second", str(kept))]
        assert not kept.exists()


def test_an_unknown_target_is_refused_before_anything_is_removed(
    library: Library, archive: Path
) -> None:
    index_paths(library, [archive], "main")
    before = paths_in(library)
    for target in (str(archive / "nothing.txt"), "0123456789abcdef", "barn.png"):
        with pytest.raises(NotFound, match="no such file, folder or document"):
            remove(library, [str(archive / "boiler.md"), target])
    with pytest.raises(NotFound, match="no such collection"):
        remove(library, [str(archive)], "nowhere")
    assert paths_in(library) == before


def test_a_dropped_collection_leaves_no_trace_and_others_stay(tmp_path: Path) -> None:
    with open_library(tmp_path / "home") as library:
        *_, kept = fill(library, tmp_path / "notes", "The barn is red.", "The lake is deep.")
        catalog = library.catalog
        other = HashEncoder(revision="2")
        catalog.ensure_collection("second", other, ColourEncoder(), encoders=("fake", "fake"))
        library.indexes.save(catalog.collections())
        assert drop(library, "main") == 3
        assert [each.name for each in catalog.collections()] == ["second"]
        assert (catalog.counts().documents, catalog.counts().chunks) == (0, 0)
        assert not kept.exists()
        assert examine(library) == Condition()
        spaces = [path.read_text() for path in (tmp_path / "home" / "index").glob("*.json")]
        assert len(spaces) == 4
        assert not any("hash@1" in text for text in spaces)


def test_a_collection_that_is_being_indexed_is_not_dropped(tmp_path: Path) -> None:
    with open_library(tmp_path / "home") as library:
        fill(library, tmp_path / "notes", "The barn is red.")
        library.catalog.start_job(library.catalog.collection("main"), total=1)
        with pytest.raises(InvalidInput, match="being indexed"):
            drop(library, "main")
        assert library.catalog.counts().documents == 1
