"""A search with filters finds what it would find if nothing else were indexed."""

from io import BytesIO

import pytest
from PIL import Image

from indexer.filters import NO_FILTERS, Filters
from indexer.library import Library
from indexer.store.records import StoredDocument
from retriever.domain import ItemKey, Query
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings, SearchSettings
from tests.fakes import ColourEncoder, HashEncoder
from tests.filtered import CASES, THINGS, Thing, fill, photo

WORDS = "red boiler котёл tower"
BY_WORDS = {"bm25", "name"}
RANKINGS = BY_WORDS | {"dense", "words-image", "image-image", "image-text"}
NO_RERANKER = RerankSettings(model="none")


@pytest.fixture
def engine(library: Library, text_encoder: HashEncoder, clip_encoder: ColourEncoder) -> Engine:
    fill(library, text_encoder, clip_encoder)
    return Engine(library, RetrieverSettings(rerank=NO_RERANKER))


def red_photo() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (40, 30), (210, 40, 40)).save(buffer, "PNG")
    return buffer.getvalue()


def ranked(
    engine: Engine, filters: Filters, collections: tuple[str, ...] = ()
) -> dict[str, dict[ItemKey, float]]:
    """Items and scores of every ranking, by words and by a photo."""
    found: dict[str, dict[ItemKey, float]] = {}
    for query in (
        Query(text=WORDS, filters=filters, collections=collections),
        Query(image=red_photo(), filters=filters, collections=collections),
    ):
        for name, ranking in engine.rankings(query, rerank=False).items():
            if name in RANKINGS:
                scores = [item.score for item in ranking.items]
                assert scores == sorted(scores, reverse=True)
                found[name] = {item.key: item.score for item in ranking.items}
    return found


@pytest.mark.parametrize("case", CASES)
def test_every_ranking_is_that_of_a_library_of_the_permitted_alone(
    engine: Engine, case: str
) -> None:
    filters, rule = CASES[case]
    permitted = {min(thing.paths) for thing in THINGS if rule(thing)}
    unfiltered, filtered = ranked(engine, NO_FILTERS), ranked(engine, filters)
    assert set(unfiltered) == RANKINGS
    for name, scores in unfiltered.items():
        places = engine.paths(list(scores))
        wanted = {key: score for key, score in scores.items() if places[key] in permitted}
        if name in BY_WORDS:
            # A score by words also tells how long the passage is among those that were found.
            assert set(filtered.get(name, {})) == set(wanted), name
        else:
            assert filtered.get(name, {}) == pytest.approx(wanted), name


@pytest.mark.parametrize("case", CASES)
def test_listed_documents_are_those_the_filters_admit(engine: Engine, case: str) -> None:
    filters, rule = CASES[case]
    listing = engine.documents(None, 0, 100, filters)
    permitted = [thing for thing in THINGS if rule(thing)]
    assert listing.total == len(listing.documents) == len(permitted)
    shown = {summary.ref.path for summary in listing.documents}
    assert shown == {
        min(path for path in thing.paths if filters.holds(path)) for thing in permitted
    }


def test_filters_hold_beside_collections(
    engine: Engine, library: Library, text_encoder: HashEncoder, clip_encoder: ColourEncoder
) -> None:
    other = [Thing(paths=("/docs/other.txt",), text="red boiler elsewhere")]
    fill(library, text_encoder, clip_encoder, other, "other")
    filters = Filters(folders=("/docs",))
    found = ranked(engine, filters, ("other",))
    assert set(found) == {"bm25", "dense", "image-text"}
    for scores in found.values():
        assert set(engine.paths(list(scores)).values()) == {"/docs/other.txt"}
    assert len(ranked(engine, filters)["dense"]) == 1 + sum(map(CASES["folder"][1], THINGS))


@pytest.mark.parametrize("rare", [Filters(folders=("/rare",)), Filters(cameras=("rare",))])
def test_what_is_rare_is_found_behind_many_better_matches(
    library: Library, text_encoder: HashEncoder, clip_encoder: ColourEncoder, rare: Filters
) -> None:
    """Three candidates an index; the permitted item comes after forty that are not."""
    things = [Thing(paths=(f"/many/{n}.txt",), text="red boiler") for n in range(40)]
    things += [photo(f"/many/{n}.jpg", (250, 0, 0)) for n in range(40)]
    marked = {"camera": "rare"}
    things.append(Thing(paths=("/rare/t.txt",), text="an old red house", metadata=marked))
    things.append(photo("/rare/red p.jpg", (90, 60, 60), camera="rare"))
    fill(library, text_encoder, clip_encoder, things)
    settings = RetrieverSettings(rerank=NO_RERANKER, search=SearchSettings(candidates=3))
    engine = Engine(library, settings)
    found = ranked(engine, rare)
    assert set(found) == RANKINGS
    for name, scores in found.items():
        assert {path.startswith("/rare/") for path in engine.paths(list(scores)).values()} == {
            True
        }, name


def test_result_is_shown_under_the_path_inside_the_folder_and_no_other(engine: Engine) -> None:
    filters = Filters(folders=("/backup",))
    (hit,) = engine.search(Query(text="palace", kind="crop", filters=filters)).hits
    assert (hit.document.path, hit.duplicates) == ("/backup/palace.jpg", ())
    everywhere = engine.search(Query(text="palace", kind="crop")).hits[0]
    assert everywhere.document.path == "/backup/palace.jpg"
    assert everywhere.duplicates == ("/photos/2019/palace.jpg",)


def test_near_duplicates_that_the_filters_leave_out_are_not_told(
    engine: Engine, library: Library
) -> None:
    collection = library.catalog.collection("main")
    stored: list[StoredDocument] = library.catalog.documents(collection)[1]
    alike = {each.id for each in stored if each.document.path.endswith(("tower.jpg", "street.jpg"))}
    library.catalog.set_groups(collection, dict.fromkeys(alike, min(alike)))
    hit = engine.search(Query(text="tower", kind="crop")).hits[0]
    assert {hit.document.path, *hit.duplicates} == {
        "/photos/2019/tower.jpg",
        "/photos/2020/street.jpg",
    }
    filters = Filters(folders=("2019",))
    hit = engine.search(Query(text="tower", kind="crop", filters=filters)).hits[0]
    assert (hit.document.path, hit.duplicates) == ("/photos/2019/tower.jpg", ())


def test_new_and_changed_documents_are_seen_at_once(
    engine: Engine, library: Library, text_encoder: HashEncoder, clip_encoder: ColourEncoder
) -> None:
    filters = Filters(folders=("/new",))
    assert not ranked(engine, filters)
    new = [Thing(paths=("/new/a.txt",), text="red boiler"), photo("/new/b.jpg", (250, 0, 0))]
    fill(library, text_encoder, clip_encoder, new)
    assert set(ranked(engine, filters)) == RANKINGS - {"name"}
    library.catalog.remove_files(library.catalog.collection("main"), ["/new/a.txt"])
    assert set(ranked(engine, filters)) == {"image-image", "words-image"}


def test_answer_draws_only_on_what_the_filters_leave(engine: Engine) -> None:
    question = "Where is the red boiler offer?"
    answer = engine.ask(Query(text=question, filters=Filters(types=("office",))))
    assert {citation.document.path for citation in answer.citations} == {"/docs/boiler.docx"}
    answer = engine.ask(Query(text=question, filters=Filters(types=("book",))))
    assert answer.refused
    assert answer.text == "Nothing in the documents that the filters leave answers this."


def test_search_that_the_filters_leave_nothing_for_is_weak_and_empty(engine: Engine) -> None:
    result = engine.search(Query(text="red boiler", filters=CASES["nothing"][0]))
    assert (result.hits, result.weak) == ((), True)


def test_no_result_tells_a_coordinate(engine: Engine) -> None:
    listing = engine.documents(None, 0, 100, CASES["near"][0])
    (summary,) = listing.documents
    assert not {"latitude", "longitude"} & set(summary.metadata)
    hits = engine.search(Query(text="red", filters=CASES["near"][0])).hits
    assert hits
    assert "48.8" not in repr(hits)
