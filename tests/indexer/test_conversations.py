import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from indexer.care.backup import backup
from indexer.care.repair import examine, repair
from indexer.care.restore import restore
from indexer.errors import NotFound
from indexer.filters import Filters, Near
from indexer.settings import StoreSettings
from indexer.store.catalog import Catalog
from indexer.store.conversations import ConversationStore
from indexer.store.records import StoredTurn
from tests.indexer.care import open_library, settings_of
from tests.indexer.older import back_to_0003

BARN = StoredTurn(
    question="What colour is the barn?",
    answer='{"text": "The barn is red."}',
    asked_at=1000.25,
    collections=("main", "дача"),
    filters=Filters(
        folders=("letters/2019",), after=date(2019, 7, 14), near=Near(latitude=1, longitude=2, km=3)
    ),
)
LAKE = StoredTurn(
    question="And the lake?", searched="What colour is the lake?", answer="{}", asked_at=2000.0
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    opened = Catalog(path, StoreSettings())
    yield opened
    opened.close()


@pytest.fixture
def store(catalog: Catalog) -> ConversationStore:
    return catalog.conversations


def test_turns_come_back_as_they_went_in_and_in_their_order(store: ConversationStore) -> None:
    name = store.add_turn(None, BARN)
    assert store.add_turn(name, LAKE) == name
    assert store.turns(name) == [BARN, LAKE]
    assert store.turns(name, last=1) == [LAKE]
    told = store.conversation(name)
    assert (told.question, told.turns) == ("What colour is the barn?", 2)
    assert (told.started_at, told.updated_at) == (1000.25, 2000.0)


def test_the_conversation_last_spoken_in_is_listed_first(store: ConversationStore) -> None:
    first, second = store.add_turn(None, BARN), store.add_turn(None, LAKE)
    total, listed = store.conversations(0, 10)
    assert (total, [each.id for each in listed]) == (2, [second, first])
    store.add_turn(first, StoredTurn(question="Why?", answer="{}", asked_at=3000.0))
    assert [each.id for each in store.conversations(0, 1)[1]] == [first]
    assert [each.id for each in store.conversations(1, 10)[1]] == [second]


def test_ids_are_long_and_unlike_each_other(store: ConversationStore) -> None:
    names = {store.add_turn(None, BARN) for _ in range(50)}
    assert len(names) == 50
    # Neither may begin like an option of the command line.
    assert all(len(name) == 32 and name.isalnum() for name in names)
    assert len({name[:4] for name in names}) == 50


def test_an_unknown_conversation_is_refused_and_nothing_is_written(
    store: ConversationStore,
) -> None:
    for attempt in (
        lambda: store.add_turn("nowhere", BARN),
        lambda: store.turns("nowhere"),
        lambda: store.conversation("nowhere"),
        lambda: store.delete("nowhere"),
    ):
        with pytest.raises(NotFound, match="no such conversation"):
            attempt()
    assert store.conversations(0, 10) == (0, [])


def test_turns_that_are_asked_at_the_same_time_are_all_kept(store: ConversationStore) -> None:
    name = store.add_turn(None, BARN)
    threads = [threading.Thread(target=store.add_turn, args=(name, LAKE)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.turns(name) == [BARN, *[LAKE] * 8]


def test_what_is_deleted_leaves_no_words_in_the_home(
    catalog: Catalog, store: ConversationStore, path: Path
) -> None:
    kept = store.add_turn(None, LAKE)
    doomed = store.add_turn(None, BARN)
    assert store.turns(doomed) == [BARN]
    store.delete(doomed)
    assert [each.id for each in store.conversations(0, 10)[1]] == [kept]
    assert store.delete_all() == 1
    assert store.delete_all() == 0
    assert store.conversations(0, 10) == (0, [])
    left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert not any(words in left for words in (b"barn", b"lake", doomed.encode(), kept.encode()))
    assert catalog.check() == []


def test_talking_leaves_the_index_caches_as_they_are(catalog: Catalog) -> None:
    before = catalog.generation()
    catalog.conversations.delete(catalog.conversations.add_turn(None, BARN))
    assert catalog.generation() == before


def test_a_catalogue_from_before_conversations_gets_their_tables(path: Path) -> None:
    Catalog(path, StoreSettings()).close()
    with closing(sqlite3.connect(path)) as database:
        schema = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        newest = database.execute(schema).fetchall()
        back_to_0003(database)
        database.commit()
    catalog = Catalog(path, StoreSettings())
    name = catalog.conversations.add_turn(None, BARN)
    assert catalog.conversations.turns(name) == [BARN]
    catalog.close()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute(schema).fetchall() == newest


def test_a_backup_brings_conversations_to_another_home(tmp_path: Path) -> None:
    with open_library(tmp_path / "home") as library:
        name = library.catalog.conversations.add_turn(None, BARN)
        backup(settings_of(tmp_path / "home"), tmp_path / "copy.tar.gz")
    restore(settings_of(tmp_path / "other"), tmp_path / "copy.tar.gz")
    with open_library(tmp_path / "other") as library:
        assert library.catalog.conversations.turns(name) == [BARN]


def test_the_doctor_removes_turns_that_lost_their_conversation(tmp_path: Path) -> None:
    with open_library(tmp_path / "home") as library:
        kept = library.catalog.conversations.add_turn(None, BARN)
        lost = library.catalog.conversations.add_turn(None, LAKE)
    with closing(sqlite3.connect(tmp_path / "home" / "catalog.sqlite")) as database:
        database.execute("DELETE FROM conversation WHERE id = ?", (lost,))
        database.commit()
    with open_library(tmp_path / "home") as library:
        assert examine(library).ailments.dangling == 1
        assert "removed 1 rows that lacked their other half" in repair(library)
        assert examine(library).ailments.dangling == 0
        assert library.catalog.conversations.turns(kept) == [BARN]
