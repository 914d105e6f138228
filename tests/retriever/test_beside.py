"""Pictures are found by what is written in them, said of them, or stands around them."""

from io import BytesIO
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from indexer.domain import BoundingBox
from indexer.library import Library
from indexer.pipeline import index_paths
from retriever.beside import _gap
from retriever.domain import Hit, Query
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings

_MAKE, _MODEL, _DESCRIPTION = 0x010F, 0x0110, 0x010E


@pytest.fixture
def engine(library: Library, archive: Path) -> Engine:
    photo = Image.new("RGB", (400, 300), (20, 160, 60))
    facts = Image.Exif()
    facts[_MAKE], facts[_MODEL] = "Zenith", "Kestrel 12"
    facts[_DESCRIPTION] = "Grandmother waters the peonies"
    photo.save(archive / "IMG_0001.jpg", exif=facts)
    _report(archive / "report.pdf")
    index_paths(library, [archive], "main")
    return Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))


def _report(path: Path) -> None:
    """A page with a picture between two passages and its caption, and far below a third."""
    picture = BytesIO()
    Image.new("RGB", (300, 200), (150, 90, 40)).save(picture, "PNG")
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        page.insert_text((72, 90), "The bellows of the old smithy were restored in spring.")
        page.insert_image(pymupdf.Rect(72, 110, 372, 310), stream=picture.getvalue())
        page.insert_text((72, 326), "Figure 1: Bellows seen from the yard")
        page.insert_text((72, 780), "Unrelated: the orchard accounts were audited by Palgrave.")
        document.save(path)


def pictures(engine: Engine, text: str) -> list[Hit]:
    return [
        hit
        for hit in engine.search(Query(text=text, kind="crop")).hits
        if {ranked.name for ranked in hit.rankings} & {"name", "page"}
    ]


@pytest.mark.parametrize("text", ["peonies", "Zenith Kestrel"])
def test_a_photo_is_found_by_its_caption_and_by_its_camera(engine: Engine, text: str) -> None:
    (hit,) = pictures(engine, text)
    assert Path(hit.document.path).name == "IMG_0001.jpg"
    assert hit.box == BoundingBox.whole()
    assert engine.search(Query(text=text, kind="crop")).hits[0].key == hit.key


@pytest.mark.parametrize("text", ["figure of the bellows seen from the yard", "restored smithy"])
def test_a_figure_is_found_by_its_caption_and_by_the_text_around_it(
    engine: Engine, text: str
) -> None:
    hit = pictures(engine, text)[0]
    assert (Path(hit.document.path).name, hit.page) == ("report.pdf", 1)
    assert hit.box.y0 == pytest.approx(110 / 842, abs=0.02)


def test_text_far_from_a_figure_says_nothing_of_it(engine: Engine) -> None:
    assert pictures(engine, "orchard accounts audited") == []


def test_passages_that_hold_little_of_the_query_say_nothing_of_their_pictures(
    engine: Engine,
) -> None:
    found = pictures(engine, "smithy hammers glowing horseshoes anvil apprentices")
    assert not any(ranked.name == "page" for hit in found for ranked in hit.rankings)


def test_mixed_results_show_the_passage_itself_and_not_its_picture_again(engine: Engine) -> None:
    hits = engine.search(Query(text="restored smithy")).hits
    assert hits[0].key.kind == "chunk"
    assert not any(ranked.name == "page" for hit in hits for ranked in hit.rankings)


def test_the_gap_is_the_height_between_two_boxes() -> None:
    upper = BoundingBox(x0=0, y0=0.1, x1=1, y1=0.2)
    lower = BoundingBox(x0=0, y0=0.5, x1=1, y1=0.6)
    assert _gap(upper, lower) == _gap(lower, upper) == pytest.approx(0.3)
    assert _gap(upper, BoundingBox(x0=0, y0=0.15, x1=1, y1=0.9)) == 0
