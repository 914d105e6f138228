from indexer.chunking import chunk_pages, passage_text, token_budget
from indexer.domain import Block, BlockKind, BoundingBox, Chunk, Page, Span
from indexer.settings import ChunkSettings
from tests.fakes import HashEncoder

tokens = HashEncoder().token_ends


def line_box(number: int, of: int = 20) -> BoundingBox:
    return BoundingBox(x0=0, y0=number / of, x1=1, y1=(number + 1) / of)


def block(kind: BlockKind, text: str, first_line: int = 0, level: int = 0) -> Block:
    spans, start = [], 0
    for number, line in enumerate(text.split("\n")):
        spans.append(Span(start=start, end=start + len(line), box=line_box(first_line + number)))
        start += len(line) + 1
    return Block(kind=kind, text=text, spans=tuple(spans), level=level)


def page(*blocks: Block, number: int = 1) -> Page:
    return Page(number=number, width=1, height=20, blocks=blocks)


def chunks(*pages: Page, budget: int = 10, min_tokens: int = 2) -> list[Chunk]:
    return list(chunk_pages(pages, budget=budget, min_tokens=min_tokens, token_ends=tokens))


def test_no_chunk_is_over_budget_and_no_word_is_lost() -> None:
    text = " ".join(f"Word{n} and {n} more." for n in range(30))
    found = chunks(page(block("paragraph", text)))
    assert all(len(tokens(chunk.text)) <= 10 for chunk in found)
    assert " ".join(chunk.text for chunk in found).split() == text.split()


def test_paragraph_is_cut_at_sentence_ends() -> None:
    found = chunks(
        page(block("paragraph", "One two three four five six. Seven eight nine ten eleven."))
    )
    assert [chunk.text for chunk in found] == [
        "One two three four five six.",
        "Seven eight nine ten eleven.",
    ]


def test_sentence_longer_than_the_budget_is_cut_at_words() -> None:
    text = " ".join(f"w{n}" for n in range(25))
    found = chunks(page(block("paragraph", text)))
    assert [len(chunk.text.split()) for chunk in found] == [10, 10, 5]


def test_table_row_is_never_cut_and_its_header_is_repeated() -> None:
    rows = ["Name | Height | Year", *(f"Tower {n} | {n * 10} m | 19{n}0" for n in range(1, 5))]
    table = block("table", "\n".join(rows), first_line=3)
    found = chunks(page(table), budget=18)
    assert len(found) > 1
    for chunk in found:
        lines = chunk.text.split("\n")
        assert lines[0] == rows[0]
        assert all(line in rows for line in lines)
    later = found[1]
    row = later.text.split("\n")[1]
    start = later.text.index(row)
    assert later.boxes_of(start, start + len(row)) == (line_box(3 + rows.index(row)),)


def test_row_longer_than_the_budget_stays_whole() -> None:
    row = " | ".join(f"cell {n}" for n in range(20))
    assert chunks(page(block("table", row)))[0].text == row


def test_spans_place_every_line_of_the_chunk() -> None:
    found = chunks(
        page(block("heading", "Title", 0, level=1), block("paragraph", "First line\nsecond.", 2))
    )
    (chunk,) = found
    start = chunk.text.index("second")
    assert chunk.boxes_of(start, start + 6) == (line_box(3),)
    assert chunk.boxes_of(0, 5) == (line_box(0),)
    assert chunk.box == BoundingBox.enclosing([line_box(0), line_box(3)])


def test_heading_path_follows_levels_across_pages() -> None:
    found = chunks(
        page(
            block("heading", "Book", level=1),
            block("heading", "Part one", level=2),
            block("paragraph", "Text of part one is here."),
        ),
        page(block("paragraph", "It goes on here."), number=2),
        page(
            block("heading", "Part two", level=2),
            block("paragraph", "Another text stands here."),
            number=3,
        ),
    )
    assert [(chunk.page_number, chunk.heading_path) for chunk in found] == [
        (1, ("Book", "Part one")),
        (2, ("Book", "Part one")),
        (3, ("Book", "Part two")),
    ]
    assert passage_text(found[1]) == "Book › Part one\nIt goes on here."


def test_heading_is_not_left_at_the_end_of_a_chunk() -> None:
    found = chunks(
        page(
            block("paragraph", "One two three four five six seven."),
            block("heading", "Next", level=1),
            block("paragraph", "Eight nine ten eleven."),
        )
    )
    assert found[0].text == "One two three four five six seven."
    assert found[1].text.startswith("Next")


def test_chunk_never_crosses_a_page() -> None:
    found = chunks(page(block("paragraph", "One.")), page(block("paragraph", "Two."), number=2))
    assert [chunk.page_number for chunk in found] == [1, 2]


def test_budget_never_exceeds_what_the_encoder_reads() -> None:
    assert token_budget(ChunkSettings(preferred_tokens=200), 64) == 64
    assert token_budget(ChunkSettings(max_tokens=500), 254) == 254
    assert token_budget(ChunkSettings(max_tokens=50), 254) == 50
