from indexer.domain import BoundingBox
from retriever.domain import DocumentRef, Hit, ItemKey
from retriever.evidence import lines_of, select

DOCUMENT = DocumentRef(id="d", path="/d.txt", title="d", media_type="text/plain", collection="main")


def passage(number: int, text: str) -> Hit:
    return hit(number, ItemKey("chunk", number), text, BoundingBox.whole())


def picture(number: int, box: BoundingBox, page: int = 1) -> Hit:
    return hit(number, ItemKey("crop", number), "", box, page)


def hit(number: int, key: ItemKey, text: str, box: BoundingBox, page: int = 1) -> Hit:
    return Hit(
        rank=number, key=key, score=1, document=DOCUMENT, page=page, box=box, text=text, caption=""
    )


def ranks(hits: tuple[Hit, ...]) -> list[int]:
    return [each.rank for each in hits]


def test_near_copy_of_a_better_passage_is_dropped() -> None:
    text = "The boiler in the cellar was serviced on the twelfth of March by Ada Brown."
    copies = [
        passage(1, text),
        passage(2, text.upper() + " Again."),
        passage(3, "Prune the trees."),
    ]
    assert ranks(select(copies, 5)) == [1, 3]


def test_passages_that_share_words_in_another_order_are_kept() -> None:
    assert ranks(
        select([passage(1, "dog bites man today"), passage(2, "man today bites dog")], 5)
    ) == [
        1,
        2,
    ]


def test_regions_of_one_place_are_shown_once_but_other_pages_are_kept() -> None:
    box = BoundingBox(x0=0.1, y0=0.1, x1=0.5, y1=0.5)
    near = BoundingBox(x0=0.12, y0=0.1, x1=0.52, y1=0.5)
    assert ranks(select([picture(1, box), picture(2, near), picture(3, box, page=2)], 5)) == [1, 3]


def test_no_more_than_the_limit_is_taken() -> None:
    hits = [passage(number, f"word{number} alone") for number in range(9)]
    assert len(select(hits, 4)) == 4


def test_words_of_a_line_become_one_box_and_lines_stay_apart() -> None:
    def box(x0: float, y0: float, x1: float) -> BoundingBox:
        return BoundingBox(x0=x0, y0=y0, x1=x1, y1=y0 + 0.02)

    words = [box(0.1, 0.1, 0.2), box(0.21, 0.102, 0.3), box(0.1, 0.13, 0.2), box(0.6, 0.13, 0.7)]
    assert lines_of(words) == (
        BoundingBox(x0=0.1, y0=0.1, x1=0.3, y1=0.122),
        words[2],
        words[3],
    )
