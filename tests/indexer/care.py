"""Small homes for the tests of backup, restore and repair."""

from dataclasses import replace
from pathlib import Path

from indexer import scan
from indexer.library import Library, sha256_of
from indexer.settings import IndexerSettings, ParserSettings
from tests.fakes import ColourEncoder, HashEncoder
from tests.indexer.test_catalog import CLIP, TEXT, document

Found = list[tuple[str, str]]


def settings_of(home: Path) -> IndexerSettings:
    return IndexerSettings(home=home, parser=ParserSettings(processes=1))


def open_library(home: Path) -> Library:
    return Library(
        settings_of(home),
        load_text=lambda _: HashEncoder(),
        load_clip=lambda _: ColourEncoder(),
    )


def fill(library: Library, folder: Path, *texts: str) -> list[Path]:
    """Enter a file per text without parsing it, and keep an upload of the first."""
    catalog = library.catalog
    collection = catalog.ensure_collection("main", TEXT, CLIP, encoders=("fake", "fake"))
    folder.mkdir(exist_ok=True)
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"note {number}.txt"
        path.write_text(text, encoding="utf-8")
        new = document(path.stem, text)
        state = replace(scan.stat(path), sha256=sha256_of(path), indexed=True)
        owner = replace(new.document, id=state.sha256, path=state.path, size=state.size)
        catalog.add_document(collection, replace(new, document=owner, file=state))
        paths.append(path)
    kept = library.keep_upload("записка.txt", paths[0])
    catalog.link_file(collection, replace(scan.stat(kept), sha256=sha256_of(kept), indexed=True))
    return [*paths, kept]


def state_of(home: Path) -> tuple[Found, list[str]]:
    """What a search finds, and the kept files; opening the home settles it."""
    with open_library(home) as library:
        assert library.catalog.check() == []
        found = search(library, "barn lake колодец")
        return found, sorted(path.name for path in home.glob("uploads/*/*/*"))


def search(library: Library, words: str) -> Found:
    """Passages by meaning, then by words, best first: each with its document's id."""
    collections = library.catalog.collections()
    query = TEXT.encode_queries([words])[0]
    ids, _ = library.indexes.search(TEXT.space, "chunk", query, 50, collections, whole=True)
    by_word = library.catalog.lexical_search("chunk", words.split(), 50, collections)
    order = [*map(int, ids), *(item for item, _ in by_word)]
    stored = library.catalog.chunks(order)
    return [(stored[item].owner.document.id, stored[item].chunk.text) for item in order]
