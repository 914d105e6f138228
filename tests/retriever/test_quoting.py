from retriever.quoting import row_in_words

TABLE = "Timber | Thickness, mm | Boards | Price\nEuropean oak | 27 | 14 | £38.50\nAsh | 52 | | £33"


def told(row: str, question: str = "") -> str:
    start = TABLE.index(row)
    return row_in_words(TABLE, start, start + len(row), question)


def test_cells_of_a_row_are_told_with_their_headings() -> None:
    row = "European oak | 27 | 14 | £38.50"
    assert told(row) == "European oak: Thickness, mm 27; Boards 14; Price £38.50"


def test_only_the_columns_that_are_asked_for_are_told() -> None:
    row = "European oak | 27 | 14 | £38.50"
    assert told(row, "What is the price of oak?") == "European oak: Price £38.50"


def test_empty_cells_are_left_out() -> None:
    assert told("Ash | 52 | | £33") == "Ash | 52 | | £33"  # not as many cells as headings
    text = "Timber | Boards | Price\nAsh |  | £33"
    assert row_in_words(text, text.index("Ash"), len(text)) == "Ash: Price £33"


def test_heading_row_and_plain_sentences_stay_as_they_are() -> None:
    assert told("Timber | Thickness, mm | Boards | Price").startswith("Timber | Thickness")
    assert row_in_words("Oak is dear.", 0, 12) == "Oak is dear."
