"""The JSON shape itself, for every caller."""

import json
from dataclasses import replace

from indexer.domain import BoundingBox, Recognition
from retriever.domain import Citation, DocumentRef, Hit, ItemKey, JobStatus
from web import links, serialize

REF = DocumentRef(
    id="ab" * 32, path="a.pdf", title="A", media_type="application/pdf", collection="c"
)


def hit(score: float, box: BoundingBox) -> Hit:
    return Hit(
        rank=1, key=ItemKey("chunk", 3), score=score, document=REF, page=2, box=box, text="t",
        caption="",
    )  # fmt: skip


def test_boxes_are_rounded_to_five_decimals() -> None:
    box = BoundingBox(x0=1 / 3, y0=0.0, x1=2 / 3, y1=1.0)
    assert serialize.box_json(box) == [0.33333, 0.0, 0.66667, 1.0]


def test_infinite_scores_become_null_since_json_has_no_infinity() -> None:
    body = serialize.hit_json(hit(float("-inf"), BoundingBox.whole()))
    assert body["score"] is None
    json.dumps(body, allow_nan=False)


def test_hit_links_to_its_outlined_region() -> None:
    box = BoundingBox(x0=0.1, y0=0.2, x1=0.3, y1=0.4)
    url = serialize.hit_json(hit(1.0, box))["url"]
    assert url == f"/documents/{REF.id}?page=2&box=0.1,0.2,0.3,0.4#region"


def test_picture_is_outlined_without_marking_lines_inside_it() -> None:
    box = BoundingBox(x0=0.1, y0=0.2, x1=0.3, y1=0.4)
    citation = Citation(
        n=1, key=ItemKey("crop", 4), document=REF, page=2, box=box, boxes=(box,), quote=""
    )
    assert "line=" not in serialize.citation_json(citation)["url"]


def test_whole_photo_is_not_outlined() -> None:
    url = links.page_view(REF.id, 1, BoundingBox.whole(), kind="crop")
    assert url == f"/documents/{REF.id}?page=1"


def test_recognised_text_says_how_sure_the_reading_is() -> None:
    plain = hit(1.0, BoundingBox.whole())
    read = Recognition(engine="tesseract eng", confidence=0.8714, angle=90.0)
    assert serialize.hit_json(plain)["ocr"] is None
    assert serialize.hit_json(replace(plain, recognition=read))["ocr"] == {
        "engine": "tesseract eng",
        "confidence": 0.871,
        "angle": 90.0,
    }


def test_a_job_tells_its_rate_and_how_long_it_will_take() -> None:
    job = JobStatus(
        collection="c", done=30, waiting=60, failed=1, pages=90, chunks=200, crops=5,
        current="a.pdf", seconds=15.0, stalled=False,
    )  # fmt: skip
    body = serialize.job_json(job)
    assert (body["files_per_second"], body["eta"], body["waiting"]) == (2.0, 30, 60)
    assert serialize.job_json(replace(job, stalled=True))["eta"] is None
    assert serialize.job_json(replace(job, done=0, seconds=0.0))["eta"] is None
