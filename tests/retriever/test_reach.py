"""What one person may see: nothing else shows through, in any answer of the engine."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from PIL import Image

from indexer.errors import InvalidInput, NotFound
from indexer.library import Library
from indexer.pipeline import index_paths
from retriever.conversation import WITHHELD
from retriever.domain import Example, Query, Reach
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings

SECRET = "The quillon of the abbey weighs seven pounds and was forged in Toledo."


@pytest.fixture
def engine(library: Library, tmp_path: Path) -> Engine:
    """Two collections that hold one file in common, alike photos, and one secret."""
    for name, colour in (("open", (200, 30, 30)), ("closed", (30, 30, 200))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "common.txt").write_text("The common note tells of the orchard and its gate.")
        Image.new("RGB", (320, 240), colour).save(folder / f"{name}-photo.png")
    (tmp_path / "closed" / "secret.txt").write_text(SECRET)
    (tmp_path / "closed" / "damaged.pdf").write_bytes(b"%PDF-1.7 nothing")
    (tmp_path / "open" / "gate.txt").write_text("The gate of the orchard was painted green.")
    for name in ("open", "closed"):
        index_paths(library, [tmp_path / name], name)
    return Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))


@pytest.fixture
def narrowed(engine: Engine) -> Engine:
    return engine.within(Reach(collections=frozenset({"open"}), owner=7))


def document_named(engine: Engine, name: str) -> str:
    listed = engine.documents(None, 0, 100).documents
    return next(each.ref.id for each in listed if each.ref.path.endswith(name))


def test_counts_lists_and_failures_are_of_what_may_be_seen(
    engine: Engine, narrowed: Engine
) -> None:
    assert engine.status().documents == 6
    status = narrowed.status()
    assert (status.documents, status.failed) == (3, ())
    assert [each.name for each in status.collections] == ["open"]
    assert engine.status().failed
    assert "closed" not in str(asdict(status))
    listed = narrowed.documents(None, 0, 100)
    assert listed.total == 3
    assert {each.ref.collection for each in listed.documents} == {"open"}
    assert "closed" not in str(narrowed.duplicates())
    with pytest.raises(NotFound):
        narrowed.documents("closed", 0, 10)


def test_no_search_finds_what_is_hidden(engine: Engine, narrowed: Engine) -> None:
    question = "quillon of the abbey"
    assert any(SECRET in hit.text for hit in engine.search(Query(text=question)).hits)
    for query in (
        Query(text=question),
        Query(text='"forged in Toledo"'),
        Query(text="quilon"),
        Query(text="secret.txt"),
        Query(text="blue"),
        Query(text="common note", by_document=True),
    ):
        shown = narrowed.search(query)
        assert {hit.document.collection for hit in shown.hits} <= {"open"}
        assert "closed" not in str(asdict(shown))
        assert "closed" not in str(asdict(narrowed.find(query)))
    with pytest.raises(NotFound):
        narrowed.search(Query(text=question, collections=("closed",)))


def test_a_refusal_reads_the_same_whether_or_not_the_hidden_knows(
    narrowed: Engine, engine: Engine
) -> None:
    known = narrowed.ask(Query(text="How much does the quillon of the abbey weigh?"))
    unknown = narrowed.ask(Query(text="How much does the zyqqon of the abbey weigh?"))
    assert known.refused
    assert unknown.refused
    assert known.text.replace("quillon", "zyqqon") == unknown.text
    assert [each.key for each in known.citations] == [each.key for each in unknown.citations]
    assert not engine.ask(Query(text="How much does the quillon of the abbey weigh?")).refused


def test_a_file_that_is_also_hidden_elsewhere_is_shown_from_the_visible_place(
    engine: Engine, narrowed: Engine
) -> None:
    document = document_named(narrowed, "common.txt")
    for _ in range(2):
        shown = narrowed.document(document)
        assert shown.ref.collection == "open"
        assert "closed" not in str(asdict(shown))
    other = engine.within(Reach(collections=frozenset({"closed"}), owner=8)).document(document)
    assert other.ref.collection == "closed"


def test_ids_of_hidden_things_lead_nowhere(engine: Engine, narrowed: Engine) -> None:
    secret = document_named(engine, "secret.txt")
    photo = document_named(engine, "closed-photo.png")
    crop = engine.page_crops(photo, 1)[0].id
    engine.page_image(photo, 1, 240)  # now it lies in the cache
    engine.thumbnail(crop)
    attempts: list[Callable[[], object]] = [
        lambda: narrowed.document(secret),
        lambda: narrowed.page(secret, 1),
        lambda: narrowed.original(secret),
        lambda: narrowed.page_image(photo, 1, 240),
        lambda: narrowed.page_crops(photo, 1),
        lambda: narrowed.thumbnail(crop),
        lambda: narrowed.crop_source(crop),
        lambda: narrowed.similar(Query(text="", examples=(Example(crop=crop),))),
        lambda: narrowed.similar(Query(text="", examples=(Example(document=photo),))),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()


def test_pictures_alike_to_a_visible_one_stay_hidden(engine: Engine, narrowed: Engine) -> None:
    mine = engine.page_crops(document_named(engine, "open-photo.png"), 1)[0].id
    assert len(engine.similar(Query(text="", examples=(Example(crop=mine),))).hits) == 2
    hits = narrowed.similar(Query(text="", examples=(Example(crop=mine),))).hits
    assert [hit.document.collection for hit in hits] == ["open"]


def test_uploads_reach_no_hidden_collection(narrowed: Engine, tmp_path: Path) -> None:
    file = tmp_path / "new.txt"
    file.write_text("something new")
    with pytest.raises(InvalidInput, match="it is not one of yours"):
        narrowed.upload("closed", [("new.txt", file)])


def test_conversations_belong_to_who_asked(engine: Engine, narrowed: Engine) -> None:
    question = Query(text="What colour was the gate of the orchard painted?")
    kept = narrowed.ask(question, conversation="new").conversation
    assert kept
    assert narrowed.conversation(kept).turns[0].question == question.text
    other = engine.within(Reach(collections=frozenset({"open"}), owner=8))
    for stranger in (engine, other):
        assert stranger.conversations(0, 10).total == 0
        assert stranger.delete_conversations() == 0
        for attempt in (
            lambda who=stranger: who.conversation(kept),
            lambda who=stranger: who.delete_conversation(kept),
            lambda who=stranger: who.ask(question, conversation=kept),
        ):
            with pytest.raises(NotFound):
                attempt()
    assert narrowed.conversations(0, 10).total == 1


def test_words_of_a_withdrawn_collection_leave_old_conversations(engine: Engine) -> None:
    both = engine.within(Reach(collections=frozenset({"open", "closed"}), owner=7))
    answer = both.ask(
        Query(text="How much does the quillon of the abbey weigh?"), conversation="new"
    )
    assert SECRET in answer.text
    assert SECRET in both.conversation(answer.conversation).turns[0].answer.text
    less = engine.within(Reach(collections=frozenset({"open"}), owner=7))
    told = less.conversation(answer.conversation).turns[0].answer
    assert told.text == WITHHELD
    assert "Toledo" not in str(asdict(told))
    assert "secret.txt" not in str(asdict(told))
