"""Conversations: completed, kept, and read again after the archive has changed."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from indexer.errors import CatalogUnavailable, NotFound
from indexer.filters import Filters
from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings
from indexer.store.conversations import ConversationStore
from retriever.domain import NEW_CONVERSATION, Answer, Query, Turn
from retriever.generators import Generator, Task
from retriever.generators.extractive import ExtractiveGenerator
from retriever.pipeline import Engine
from retriever.settings import AnswerSettings, RerankSettings, RetrieverSettings
from tests.fakes import ColourEncoder, HashEncoder

BARE = RetrieverSettings(rerank=RerankSettings(model="none"))
SERVICED = Query(text="When was the boiler serviced?")


@pytest.fixture
def engine(library: Library, archive: Path) -> Engine:
    index_paths(library, [archive], "main")
    return Engine(library, BARE)


def begin(engine: Engine, query: Query = SERVICED) -> str:
    name = engine.ask(query, conversation=NEW_CONVERSATION).conversation
    assert name
    return name


def test_a_question_alone_is_not_kept(engine: Engine) -> None:
    assert engine.ask(SERVICED).conversation == ""
    assert engine.conversations(0, 10).total == 0


def test_a_follow_up_is_completed_answered_and_kept(engine: Engine) -> None:
    name = begin(engine)
    answer = engine.ask(Query(text="And who serviced it?"), conversation=name)
    assert answer.question == "And who serviced it?"
    assert answer.searched == "Who serviced the boiler?"
    assert "Ada Brown" in answer.text
    assert answer.conversation == name
    kept = engine.conversation(name)
    assert [turn.id for turn in kept.turns] == [1, 2]
    assert kept.turns[1].answer == answer
    assert kept.turns[0].asked_at <= kept.turns[1].asked_at == kept.conversation.updated_at
    assert (kept.conversation.question, kept.conversation.turns) == (SERVICED.text, 2)


def test_an_answer_comes_back_from_the_disk_as_it_was_given(
    engine: Engine, library: Library
) -> None:
    for query in (
        SERVICED,
        Query(text="Какая глубина колодца?"),
        Query(text="barn"),
        Query(text="Who painted the ceiling of the chapel?"),
        Query(text="boiler", collections=("main",), filters=Filters(before=date(2999, 1, 1))),
    ):
        given = engine.ask(query, conversation=NEW_CONVERSATION)
        turn = Engine(library, BARE).conversation(given.conversation).turns[0]
        assert turn.answer == given
        assert (turn.collections, turn.filters) == (query.collections, query.filters)
        for citation in turn.answer.citations:
            page = engine.page(citation.document.id, citation.page)
            text = "\n\n".join(block.text for block in page.blocks)
            assert citation.quote in text


def test_only_a_finished_answer_is_kept(engine: Engine) -> None:
    events = engine.stream(SERVICED, conversation=NEW_CONVERSATION)
    assert not isinstance(next(events), Answer)
    events.close()  # type: ignore[attr-defined]
    assert engine.conversations(0, 10).total == 0
    *_, last = engine.stream(SERVICED, conversation=NEW_CONVERSATION)
    assert isinstance(last, Answer)
    assert engine.conversations(0, 10).total == 1


def test_cancelling_reaches_the_generator(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    plain = ExtractiveGenerator.stream

    def watched(self: ExtractiveGenerator, task: Task) -> Iterator[object]:
        try:
            yield from plain(self, task)
        finally:
            ended.append("ended")

    monkeypatch.setattr(ExtractiveGenerator, "stream", watched)
    events = engine.stream(SERVICED, conversation=NEW_CONVERSATION)
    next(events)
    assert not ended
    events.close()  # type: ignore[attr-defined]
    assert ended == ["ended"]


def test_an_unknown_conversation_is_refused_before_any_work(engine: Engine) -> None:
    with pytest.raises(NotFound, match="no such conversation"):
        engine.stream(SERVICED, conversation="nowhere")


def test_conversations_are_listed_and_forgotten(engine: Engine) -> None:
    first, second = begin(engine), begin(engine, Query(text="Where are the apple trees?"))
    listed = engine.conversations(0, 10)
    assert [each.id for each in listed.conversations] == [second, first]
    assert listed.conversations[0].question == "Where are the apple trees?"
    engine.delete_conversation(first)
    with pytest.raises(NotFound):
        engine.conversation(first)
    assert engine.delete_conversations() == 1
    assert engine.conversations(0, 10).total == 0


def test_without_history_nothing_is_kept_and_the_caller_may_remember(
    library: Library, archive: Path
) -> None:
    index_paths(library, [archive], "main")
    kept = begin(Engine(library, BARE))
    silent = Engine(library, replace(BARE, answer=AnswerSettings(history=False)))
    answer = silent.ask(SERVICED, conversation=NEW_CONVERSATION)
    assert answer.conversation == ""
    assert silent.ask(Query(text="Who serviced it?"), conversation=kept).conversation == ""
    assert len(silent.conversation(kept).turns) == 1
    earlier = [Turn(id=1, question=SERVICED.text, answer=answer)]
    follow_up = silent.ask(Query(text="Who serviced it?"), earlier=earlier)
    assert follow_up.searched == "Who serviced the boiler?"


def test_an_answer_that_cannot_be_kept_is_still_given(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise CatalogUnavailable("catalog", cause="the disk is full", remedy="free some space")

    monkeypatch.setattr(ConversationStore, "add_turn", full)
    answer = engine.ask(SERVICED, conversation=NEW_CONVERSATION)
    assert "12 March 2021" in answer.text
    assert (answer.conversation, answer.note) == (
        "",
        "not kept in the history: the disk is full",
    )


def test_a_citation_outlives_its_document_with_its_quote(
    engine: Engine, library: Library, archive: Path
) -> None:
    name = begin(engine)
    before = engine.conversation(name).turns[0].answer
    assert [each.stale for each in before.citations] == [False]
    (archive / "boiler.md").write_text("# Boiler\n\nIt was thrown away.\n")
    index_paths(library, [archive], "main")
    after = engine.conversation(name).turns[0].answer
    assert [each.stale for each in after.citations] == [True]
    assert after.citations[0].quote == before.citations[0].quote
    assert after.sentences == before.sentences


def test_a_citation_follows_its_document_to_another_place(
    engine: Engine, library: Library, archive: Path
) -> None:
    name = begin(engine)
    (archive / "old").mkdir()
    shutil.move(archive / "boiler.md", archive / "old" / "boiler.md")
    index_paths(library, [archive], "main")
    (citation,) = engine.conversation(name).turns[0].answer.citations
    assert not citation.stale
    assert citation.document.path == str(archive / "old" / "boiler.md")


def test_a_cited_photo_is_found_again_in_a_new_index(
    settings: IndexerSettings, archive: Path
) -> None:
    def opened(revision: str) -> Library:
        return Library(
            settings,
            load_text=lambda _: HashEncoder(),
            load_clip=lambda _: ColourEncoder(revision=revision),
        )

    with opened("1") as library:
        index_paths(library, [archive], "main")
        engine = Engine(library, BARE)
        name = begin(engine, Query(text="barn"))
        (old,) = engine.conversation(name).turns[0].answer.citations
        assert old.key.kind == "crop"
        library.catalog.drop_collection(library.catalog.collection("main"))
        (gone,) = engine.conversation(name).turns[0].answer.citations
        assert gone.stale
    with opened("2") as library:
        index_paths(library, [archive], "main")
        engine = Engine(library, BARE)
        (new,) = engine.conversation(name).turns[0].answer.citations
        assert not new.stale
        assert new.key != old.key
        assert engine.thumbnail(new.key.id).startswith(b"\xff\xd8")


def test_a_damaged_answer_costs_only_itself(engine: Engine, library: Library) -> None:
    name = begin(engine)
    engine.ask(Query(text="And who serviced it?"), conversation=name)
    with library.catalog._database.write() as connection:
        connection.exec_driver_sql("UPDATE turn SET answer = '{\"text\": 1' WHERE number = 1")
    first, second = engine.conversation(name).turns
    assert (first.question, first.answer.refused) == (SERVICED.text, True)
    assert "Ada Brown" in second.answer.text
    assert engine.ask(Query(text="Why?"), conversation=name).conversation == name


class Teller(ExtractiveGenerator):
    """A generator with a model that completes questions as it is told."""

    told: str | None = None
    asked: list[tuple[str, int]]

    def standalone(self, question: str, history: Sequence[Turn]) -> str | None:
        self.asked.append((question, len(history)))
        return self.told


@pytest.mark.parametrize(
    ("told", "searched"),
    [
        ("Who serviced the boiler?", "Who serviced the boiler?"),
        ("Who was it that serviced the boiler?", "Who was it that serviced the boiler?"),
        ("Who killed the president?", "Who serviced the boiler?"),
        ("Visit evil.example for more about who serviced it", "Who serviced the boiler?"),
        ("", "Who serviced the boiler?"),
        (None, "Who serviced the boiler?"),
    ],
)
def test_a_model_completes_questions_with_words_of_the_conversation_only(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, told: str | None, searched: str
) -> None:
    teller = Teller(BARE.answer, None)
    teller.told, teller.asked = told, []
    monkeypatch.setattr("retriever.answering.Answerer.generator", lambda _: _as_generator(teller))
    name = begin(engine)
    assert engine.ask(Query(text="Who serviced it?"), conversation=name).searched == searched
    assert teller.asked == [("Who serviced it?", 1)]
    whole = Query(text="Where were the apple trees planted in 1987?")
    assert engine.ask(whole, conversation=name).searched == ""
    assert len(teller.asked) == 1


def _as_generator(teller: Teller) -> Generator:
    return teller
