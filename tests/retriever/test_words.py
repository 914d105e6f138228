"""Identifiers, phrases and words in a library that also ranks by meaning."""

from pathlib import Path

import pytest
from PIL import Image

from indexer.library import Library
from indexer.pipeline import index_paths
from retriever.domain import Query
from retriever.pipeline import Engine
from retriever.ranker import Ranker
from retriever.settings import RerankSettings, RetrieverSettings

TEXTS = {
    "manual": "Replace the filter cartridge every six months. Order the part by its number.",
    "invoice": "Delivered: three pumps, serial ZX-48213-QP, on the second of May.",
    "invoice-2": "Delivered: three pumps, serial ZX-48214-QP, on the third of May.",
    "poem": "The red door of the old house is never locked.",
    "house": "The old door of the red house is always locked.",
    "дача": "Колодец на даче глубиной девять метров.",
    "code": "Set maxUnpackedBytes before the parser starts, or the number is the default.",
}


@pytest.fixture
def engine(library: Library, tmp_path: Path) -> Engine:
    for name, text in TEXTS.items():
        (tmp_path / "notes").mkdir(exist_ok=True)
        (tmp_path / "notes" / f"{name}.txt").write_text(text, "utf-8")
    index_paths(library, [tmp_path / "notes"], "main")
    return Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))


def first(engine: Engine, text: str) -> str:
    return Path(engine.search(Query(text=text, kind="chunk")).hits[0].document.path).stem


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("ZX-48213-QP", "invoice"),
        ("zx-48214-qp", "invoice-2"),
        ("when must the part with serial number ZX-48214-QP be ordered", "invoice-2"),
        ("what number is the default of maxUnpackedBytes for a part", "code"),
        ('"red door" of the house', "poem"),
        ('"old door"', "house"),
        ("колодц* на дачах", "дача"),
        ("cartrigde", "manual"),
    ],
)
def test_what_was_written_is_found_first(engine: Engine, query: str, name: str) -> None:
    assert first(engine, query) == name


def test_a_hit_says_that_it_holds_the_identifier(engine: Engine) -> None:
    hits = engine.search(Query(text="ZX-48213-QP", kind="chunk")).hits
    assert "exact" in {entry.name for entry in hits[0].rankings}
    assert all("exact" not in {entry.name for entry in hit.rankings} for hit in hits[1:])


def test_a_picture_is_found_by_the_number_in_its_name(
    library: Library, archive: Path, engine: Engine
) -> None:
    (archive / "barn.png").rename(archive / "IMG-20240817-0042.png")
    index_paths(library, [archive], "main")
    hits = engine.search(Query(text="IMG-20240817-0042", kind="crop")).hits
    assert Path(hits[0].document.path).name == "IMG-20240817-0042.png"


def test_a_hit_says_which_of_its_words_matched(engine: Engine) -> None:
    hit = engine.search(Query(text="depth of колодцев and doors", kind="chunk")).hits
    matched = {Path(each.document.path).stem: each.matched for each in hit}
    assert matched["дача"] == ("колодец",)
    assert matched["poem"] == ("door",)
    assert matched["manual"] == ()


def test_a_hit_says_by_what_score_each_ranking_found_it(engine: Engine) -> None:
    hits = engine.search(Query(text="the red door", kind="chunk")).hits
    scores = [each.score for hit in hits for each in hit.rankings if each.name == "bm25"]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0


def test_results_are_grouped_by_document_when_asked(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    sections = [f"# Section {n}\n\nThe boiler of hall {n}. {'Steam rises. ' * 150}" for n in "abc"]
    (folder / "long.md").write_text("\n\n".join(sections), "utf-8")
    (folder / "short.md").write_text("# Note\n\nA boiler is here.", "utf-8")
    index_paths(library, [folder], "main")
    engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
    apart = engine.search(Query(text="boiler", kind="chunk", limit=50)).hits
    together = engine.search(Query(text="boiler", kind="chunk", by_document=True)).hits
    titles = [hit.document.title for hit in apart]
    assert len(titles) > len(set(titles)) == 2
    assert [hit.document.title for hit in together] == list(dict.fromkeys(titles))
    assert [hit.more for hit in together] == [
        titles.count(hit.document.title) - 1 for hit in together
    ]
    assert [hit.rank for hit in together] == [1, 2]


def test_names_count_by_the_share_of_the_query_that_they_hold(
    library: Library, tmp_path: Path
) -> None:
    for name, colour in (("red_barn", "red"), ("green_meadow", "green"), ("IMG_0001", "blue")):
        Image.new("RGB", (64, 48), colour).save(tmp_path / f"{name}.png")
    index_paths(library, [tmp_path], "main")
    ranker = Ranker(library, RetrieverSettings())
    named = {
        text: ranker.rankings(Query(text=text, kind="crop"))["name"].items[0].score
        for text in ("red barn", "the barn", "a barn by a quiet river where children swim")
    }
    assert named["red barn"] == named["the barn"] == 1.0
    assert named["a barn by a quiet river where children swim"] < 0.25


def test_a_photo_and_what_is_said_of_it_are_one_result(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, colour in enumerate(("red", "green", "blue")):
        Image.new("RGB", (64, 48), colour).save(folder / f"IMG_{number}.jpg")
        (folder / f"IMG_{number}.jpg.json").write_text(
            f'{{"description": "Whiskers, day {number}"}}'
        )
    (tmp_path / "photos" / "diary.md").write_text("Whiskers caught a mouse.", encoding="utf-8")
    index_paths(library, [folder], "main")
    engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
    hits = engine.search(Query(text="Whiskers")).hits
    assert sorted(Path(hit.document.path).name for hit in hits) == [
        "IMG_0.jpg", "IMG_1.jpg", "IMG_2.jpg", "diary.md",
    ]  # fmt: skip
    assert {hit.key.kind for hit in hits if hit.document.path.endswith(".jpg")} == {"crop"}
    passages = engine.search(Query(text="Whiskers", kind="chunk")).hits
    assert len(passages) == 4


def test_what_is_said_of_a_photo_lifts_it_no_higher_than_it_stands(
    library: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    Image.new("RGB", (64, 48), "red").save(folder / "IMG_1.jpg")
    (folder / "IMG_1.jpg.json").write_text('{"description": "A smithy, seen from the yard"}')
    (folder / "smithy.md").write_text("The old smithy was restored in spring.", encoding="utf-8")
    index_paths(library, [folder], "main")
    engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
    first, second = engine.search(Query(text="when was the old smithy restored")).hits[:2]
    assert Path(first.document.path).name == "smithy.md"
    assert second.key.kind == "crop"
