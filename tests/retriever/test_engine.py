"""The whole way from a folder to hits and answers, on fake encoders with real parsers."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from indexer.domain import BoundingBox
from indexer.errors import InvalidInput, NotFound, SightlineError, SpaceMismatch
from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings
from retriever.domain import Answer, Query
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings
from tests.fakes import ColourEncoder, HashEncoder, OverlapReranker


@pytest.fixture
def engine(library: Library, archive: Path) -> Engine:
    index_paths(library, [archive], "main")
    return Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))


def photo(*parts: tuple[str, tuple[int, int, int, int]], size: tuple[int, int] = (80, 60)) -> bytes:
    image = Image.new("RGB", size, "white")
    for colour, place in parts:
        image.paste(colour, place)
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def names(engine: Engine, query: Query) -> list[str]:
    return [Path(hit.document.path).name for hit in engine.search(query).hits]


def test_passage_is_found_by_words_with_page_box_and_reasons(engine: Engine) -> None:
    hit = engine.search(Query(text="pressure of the boiler", kind="chunk")).hits[0]
    assert hit.document.title == "Boiler"
    assert "1.4 bar" in hit.text
    assert {entry.name for entry in hit.rankings} == {"bm25", "dense"}
    page = engine.page(hit.document.id, hit.page)
    lines = "\n\n".join(block.text for block in page.blocks).split("\n")
    shown = lines[round(hit.box.y0 * page.height) : round(hit.box.y1 * page.height)]
    assert any("1.4 bar" in line for line in shown)


def test_encoder_that_does_not_know_the_language_is_left_out(engine: Engine) -> None:
    hit = engine.search(Query(text="глубина колодца", kind="chunk")).hits[0]
    assert Path(hit.document.path).name == "дача.txt"
    assert [entry.name for entry in hit.rankings] == ["bm25"]


def test_words_find_photos_by_their_looks(engine: Engine) -> None:
    assert names(engine, Query(text="blue", kind="crop"))[0] == "lake.jpg"
    assert names(engine, Query(text="красный", kind="crop"))[0] == "barn.png"


def test_words_that_say_nothing_to_the_picture_encoder_rank_no_pictures(
    engine: Engine, clip_encoder: ColourEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clip_encoder, "understands", lambda text: "красный" in text)
    assert names(engine, Query(text="красный", kind="crop"))[0] == "barn.png"
    assert names(engine, Query(text="квазар", kind="crop")) == []


def test_words_find_photos_by_their_file_name(engine: Engine) -> None:
    assert names(engine, Query(text="barn", kind="crop"))[0] == "barn.png"


def test_photo_finds_the_photo_like_it_once(engine: Engine) -> None:
    found = names(engine, Query(image=photo(("blue", (0, 0, 80, 60))), kind="crop"))
    assert found == ["lake.jpg", "barn.png"]


def test_box_on_the_query_photo_decides_what_is_searched(engine: Engine) -> None:
    both = photo(("red", (0, 0, 40, 60)), ("blue", (40, 0, 80, 60)))
    left = BoundingBox(x0=0, y0=0, x1=0.5, y1=1)
    right = BoundingBox(x0=0.5, y0=0, x1=1, y1=1)
    assert names(engine, Query(image=both, box=left, kind="crop"))[0] == "barn.png"
    assert names(engine, Query(image=both, box=right, kind="crop"))[0] == "lake.jpg"


def test_unknown_collection_is_refused(engine: Engine) -> None:
    with pytest.raises(NotFound, match="no such collection"):
        engine.search(Query(text="boiler", collections=("other",)))


def test_query_photo_that_is_none_is_refused_in_one_line(engine: Engine) -> None:
    with pytest.raises(SightlineError) as refused:
        engine.similar(Query(image=b"not a photo \x00\x01", kind="crop"))
    assert str(refused.value).startswith("the photo: ")


def test_empty_query_is_refused() -> None:
    with pytest.raises(InvalidInput, match="empty"):
        Query(text="  ")


def quoted(answer: Answer) -> list[str]:
    assert not answer.refused
    return [citation.quote for citation in answer.citations if citation.quote]


@pytest.mark.parametrize(
    ("question", "quote", "document"),
    [
        (
            "When was the boiler serviced?",
            "The boiler was serviced on 12 March 2021 by Ada Brown.",
            "boiler.md",
        ),
        ("В каком году выкопали колодец?", "Колодец выкопали в 1974 году.", "дача.txt"),
    ],
)
def test_answer_quotes_the_sentence_and_cites_its_place(
    engine: Engine, archive: Path, question: str, quote: str, document: str
) -> None:
    answer = engine.ask(Query(text=question))
    assert quoted(answer)[0] == quote
    citation = answer.citations[0]
    assert Path(citation.document.path).name == document
    assert quote in (archive / document).read_text("utf-8")
    assert answer.sentences[0].citations == (citation.n,)
    page = engine.page(citation.document.id, citation.page)
    inside = [
        block.text[span.start : span.end]
        for block in page.blocks
        for span in block.spans
        if span.box.intersection_area(citation.box) > 0
    ]
    assert quote in " ".join(inside)


def test_question_the_archive_cannot_answer_is_refused_with_the_nearest(engine: Engine) -> None:
    answer = engine.ask(Query(text="Who painted the zeppelin ceiling fresco?"))
    assert answer.refused
    assert answer.sentences == ()
    assert answer.citations == ()
    assert "Nothing" in answer.text


def test_russian_refusal_is_in_russian(engine: Engine) -> None:
    answer = engine.ask(Query(text="Кто расписал потолок дирижабля?"))
    assert answer.refused
    assert "ответа на это нет" in answer.text


def test_near_copies_are_cited_once(engine: Engine, library: Library, archive: Path) -> None:
    text = (archive / "boiler.md").read_text()
    (archive / "boiler copy.md").write_text(text.replace("# Boiler", "# Boiler again"))
    index_paths(library, [archive], "main")
    quotes = quoted(engine.ask(Query(text="When was the boiler serviced?")))
    assert len(quotes) == len(set(quotes))


def test_deleted_document_is_never_a_hit(engine: Engine, library: Library, archive: Path) -> None:
    assert "boiler.md" in names(engine, Query(text="boiler"))
    (archive / "boiler.md").unlink()
    index_paths(library, [archive], "main")
    assert "boiler.md" not in names(engine, Query(text="boiler"))


def test_uploaded_file_is_searchable_under_its_name(engine: Engine, tmp_path: Path) -> None:
    source = tmp_path / "upload"
    source.write_text("The stove pipe was swept in October.")
    bad = tmp_path / "bad"
    bad.write_bytes(b"\x00\x01\x02")
    report = engine.upload("inbox", [("stove.txt", source), ("bad.png", bad)])
    assert report.indexed == ("stove.txt",)
    assert [failure.path for failure in report.failed] == ["bad.png"]
    assert names(engine, Query(text="stove pipe", collections=("inbox",))) == ["stove.txt"]


def test_status_counts_and_names_models(engine: Engine) -> None:
    status = engine.status()
    assert (status.documents, status.failed) == (5, ())
    assert set(status.models) == {"clip", "text", "reranker", "generator", "detector"}
    assert [collection.name for collection in status.collections] == ["main"]


def test_warm_engine_answers_without_loading_more(
    engine: Engine, text_encoder: HashEncoder, clip_encoder: ColourEncoder
) -> None:
    encoded = clip_encoder.pictures
    engine.warm_up()
    assert clip_encoder.pictures == encoded + 1
    assert names(engine, Query(text="boiler"))[0] == "boiler.md"


def test_warm_up_leaves_a_broken_model_to_the_request_that_needs_it(
    settings: IndexerSettings, archive: Path
) -> None:
    with Library(
        settings, load_text=lambda _: HashEncoder(), load_clip=lambda _: ColourEncoder()
    ) as library:
        index_paths(library, [archive], "main")
    with Library(
        settings, load_text=lambda _: HashEncoder(revision="2"), load_clip=lambda _: ColourEncoder()
    ) as library:
        engine = Engine(library, RetrieverSettings())
        engine.warm_up()
        with pytest.raises(SpaceMismatch):
            engine.search(Query(text="boiler"))


def test_reranker_out_of_time_leaves_the_rest_as_it_was(library: Library, archive: Path) -> None:
    for number in range(12):
        (archive / f"note{number}.txt").write_text(f"The boiler was looked at, visit {number}.")
    index_paths(library, [archive], "main")

    def judged(seconds: float) -> list[str]:
        settings = RerankSettings(model="none", seconds=seconds)
        engine = Engine(library, RetrieverSettings(rerank=settings))
        engine._ranker.reranker = OverlapReranker  # type: ignore[method-assign]
        rankings = engine.rankings(Query(text="boiler visit", kind="chunk"))
        assert len(rankings["reranked"].items) == len(rankings["fused"].items) > 10
        return [str(item.key.id) for item in rankings["rerank"].items]

    assert len(judged(1e-9)) == 5
    assert len(judged(60.0)) > 10


def test_a_quick_search_does_without_the_reranker(library: Library, archive: Path) -> None:
    index_paths(library, [archive], "main")
    engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
    engine._ranker.reranker = OverlapReranker  # type: ignore[method-assign]

    def looked_by(*, quick: bool) -> set[str]:
        found = engine.search(Query(text="boiler pressure", kind="chunk", quick=quick))
        assert not found.weak
        return {ranking.name for hit in found.hits for ranking in hit.rankings}

    assert looked_by(quick=False) - looked_by(quick=True) == {"rerank"}


def test_title_of_a_document_is_no_answer_about_what_it_names(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "chair.md").write_text(
        "# The bentwood chair: its history and its repair\n\n"
        "The history of the bentwood chair begins with Michael Thonet, who bent beech rods.\n",
        encoding="utf-8",
    )
    index_paths(library, [folder], "main")
    engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
    quotes = quoted(engine.ask(Query(text="What is the history of the bentwood chair?")))
    assert quotes
    assert all("Thonet" in quote for quote in quotes)
