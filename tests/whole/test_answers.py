"""Facts that stand in the samples, asked in English and Russian with the packaged weights."""

from pathlib import Path

import pymupdf
import pytest

from retriever.domain import Query
from retriever.pipeline import Engine
from tests.whole.conftest import SAMPLES

pytestmark = pytest.mark.models

CHAIRS = {
    "IMG_0007", "oak_spindle_chair_left", "IMG_0012", "IMG_0015", "caned_chair_teal_wall",
    "IMG_0016", "cross_back_chair", "IMG_0021", "IMG_0022", "bentwood_armchair", "IMG_0027",
    "IMG_0028", "banquet_chair_red", "IMG_0031", "dining_corner", "study", "IMG_0063",
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "file", "page", "said"),
    [
        (
            "Above what temperature does hide glue lose its strength?",
            "chair_restoration_handbook.pdf",
            4,
            "Above 65 °C the glue loses its strength",
        ),
        (
            "To what torque are the seat bolts tightened?",
            "chair_restoration_handbook.pdf",
            7,
            "4.5 newton metres",
        ),
        (
            "When did chair 47 arrive, and from where?",
            "chair_restoration_handbook.pdf",
            8,
            "14 March 2019 from the council chamber",
        ),
        ("Which bus goes to the workshop?", "visitor_information.html", 1, "bus 14"),
        (
            "Сколько времени пропаривают заготовку толщиной 25 мм?",
            "venskij_stul.pdf",
            2,
            "ровно час",
        ),
        (
            "Сколько разобранных стульев помещалось в ящик?",
            "venskij_stul.pdf",
            1,
            "тридцать шесть разобранных стульев",
        ),
        ("Сколько платят взрослые за кружок?", "kruzhok_verstak.html", 1, "1800 рублей в месяц"),
    ],
)
def test_fact_is_answered_from_the_right_page_and_region(
    engine: Engine, question: str, file: str, page: int, said: str
) -> None:
    answer = engine.ask(Query(text=question))
    assert not answer.refused
    assert said in " ".join(answer.sentences[0].text.split())
    citation = next(each for each in answer.citations if each.n in answer.sentences[0].citations)
    assert Path(citation.document.path).name == file
    assert citation.page == page
    if file.endswith(".pdf"):
        assert said in words_in_region(Path(citation.document.path), page, citation.box.as_tuple())


def words_in_region(path: Path, number: int, box: tuple[float, float, float, float]) -> str:
    """What stands inside the box, read from the file by itself."""
    with pymupdf.open(path) as document:
        page = document[number - 1]
        width, height = page.rect.width, page.rect.height
        clip = pymupdf.Rect(
            box[0] * width - 1, box[1] * height - 1, box[2] * width + 1, box[3] * height + 1
        )
        return " ".join(page.get_text("text", clip=clip).split())


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of Mongolia?",
        "Who won the football world cup in 1998?",
        "How does photosynthesis turn light into sugar?",
        "Какова высота Эйфелевой башни?",
        "Кто написал роман «Война и мир»?",
    ],
)
def test_question_the_samples_cannot_answer_is_refused(engine: Engine, question: str) -> None:
    answer = engine.ask(Query(text=question))
    assert answer.refused, answer.text
    assert answer.citations == ()


@pytest.mark.parametrize(
    "photo", ["cross_back_chair.jpg", "IMG_0015.jpg", "oak_spindle_chair_left.jpg", "IMG_0031.jpg"]
)
def test_photo_of_a_chair_finds_chairs_first(engine: Engine, photo: str) -> None:
    image = (SAMPLES / "photos" / photo).read_bytes()
    hits = engine.similar(Query(image=image, limit=6)).hits
    stems = [Path(hit.document.path).stem for hit in hits]
    assert stems[0] == Path(photo).stem
    found = [hit for hit in hits[1:] if hit.document.media_type.startswith("image/")][:3]
    assert found
    assert all(Path(hit.document.path).stem in CHAIRS for hit in found), stems


def test_drawn_box_finds_the_thing_inside_it(engine: Engine) -> None:
    """In a room, the box around a chair finds that chair's other photos."""
    source = (SAMPLES / "photos" / "study.jpg").read_bytes()
    page = engine.page_crops(
        next(hit.document.id for hit in engine.similar(Query(image=source, limit=1)).hits),
        1,
    )
    assert len(page) > 1
    part = page[1].box
    hits = engine.similar(Query(image=source, box=part, limit=3)).hits
    assert Path(hits[0].document.path).stem == "study"
    assert hits[0].box.iou(part) > 0.5


@pytest.mark.parametrize(
    ("words", "stems"),
    [
        ("a cat", {"cat_chelsea"}),
        ("rocket launch", {"rocket_launch"}),
        ("table lamp", {"IMG_0040", "IMG_0042", "pleated_table_lamp", "brass_desk_lamp"}),
        ("sofa", {"chesterfield_sofa", "beige_sofa", "IMG_0034", "IMG_0036", "IMG_0060"}),
    ],
)
def test_words_find_photos(engine: Engine, words: str, stems: set[str]) -> None:
    hits = engine.search(Query(text=words, kind="crop", limit=3)).hits
    assert Path(hits[0].document.path).stem in stems
