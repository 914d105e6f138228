from pathlib import Path

from indexer.domain import BoundingBox, Chunk, Span
from indexer.spool import Spool
from indexer.store.records import Embedded

BOX = BoundingBox(x0=0.1, y0=0.2, x1=0.6, y1=0.3)


def chunk(number: int) -> Embedded[Chunk]:
    text = f"passage {number} " * 20
    span = Span(start=0, end=len(text), box=BOX)
    made = Chunk(ordinal=number, page_number=1, kind="paragraph", text=text, spans=(span,))
    return Embedded(made, (bytes([number % 256]) * 64, b"\xff\x00"))


def test_values_come_back_in_order_and_equal_beyond_memory() -> None:
    spool: Spool[Embedded[Chunk]] = Spool(Embedded[Chunk], memory_bytes=1000)
    for number in range(200):
        spool.append(chunk(number))
    assert len(spool) == 200
    assert list(spool) == [chunk(number) for number in range(200)]
    assert list(spool) == [chunk(number) for number in range(200)]
    spool.close()


def test_nothing_with_a_name_lies_on_the_disk(tmp_path: Path) -> None:
    import tempfile

    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path)
    try:
        spool: Spool[Embedded[Chunk]] = Spool(Embedded[Chunk], memory_bytes=10)
        spool.append(chunk(1))
        assert list(tmp_path.iterdir()) == []
        spool.close()
    finally:
        tempfile.tempdir = before
