"""Questions about a photo: what it shows, and what the documents say of that."""

from pathlib import Path

import pytest

from indexer.library import Library
from indexer.pipeline import index_paths
from retriever.domain import Query
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings
from tests.retriever.test_engine import photo

RED = photo(("red", (0, 0, 80, 60)))


@pytest.fixture
def engine(library: Library, archive: Path) -> Engine:
    (archive / "log.txt").write_text(
        "Workshop log\n\nThe barn was painted by Anna Holm in 1961. It leaks since last spring."
    )
    (archive / "houses.txt").write_text("The mill was painted by Olaf Berg in 1958.")
    index_paths(library, [archive], "main")
    return Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))


def test_photo_and_words_are_answered_from_what_documents_say_of_it(engine: Engine) -> None:
    answer = engine.ask(Query(text="Who painted it?", image=RED))
    assert answer.sentences[0].text == "The barn was painted by Anna Holm in 1961."
    assert answer.question == "Who painted it?"
    assert answer.searched == "Who painted it? barn"
    pictures = [Path(c.document.path).name for c in answer.citations if c.key.kind == "crop"]
    assert pictures == ["barn.png"]


def test_photo_alone_brings_what_documents_say_of_it(engine: Engine) -> None:
    answer = engine.ask(Query(image=RED))
    assert "Anna Holm" in answer.text
    assert answer.searched == "barn"


def test_photo_of_which_nothing_is_written_is_answered_by_its_likes(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "IMG_0001.png").write_bytes(RED)
    index_paths(library, [folder], "main")
    engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
    answer = engine.ask(Query(text="What is it?", image=RED))
    assert [Path(c.document.path).name for c in answer.citations] == ["IMG_0001.png"]
    assert answer.searched == ""


def test_refusal_names_what_no_document_speaks_of(engine: Engine) -> None:
    answer = engine.ask(Query(text="Who painted the Kremlin?"))
    assert answer.refused
    assert "speaks of “Kremlin”" in answer.text
    assert answer.groundedness is None
    russian = engine.ask(Query(text="Кто построил Останкино?"))
    assert "ничего не говорится про «Останкино»" in russian.text
