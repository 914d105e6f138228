"""Stretches of evidence as citations: pure functions."""

from indexer.analysis import STOP_WORDS, sentence_spans, stems
from indexer.domain import BoundingBox
from retriever.domain import Citation, Hit
from retriever.evidence import lines_of

# Shorter sentences, and unpunctuated lines of few words, are headings and labels.
_MIN_LETTERS = 12
_MIN_WORDS_UNPUNCTUATED = 5


def units(text: str) -> list[tuple[int, int]]:
    """``[start, end)`` of each sentence; a line that is a table row stands for itself."""
    found: list[tuple[int, int]] = []
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        if " | " not in sentence:
            found.append((start, end))
            continue
        offset = start
        for line in sentence.split("\n"):
            if line.strip():
                found.append((offset, offset + len(line)))
            offset += len(line) + 1
    return found


def says_something(sentence: str) -> bool:
    """Whether a sentence could answer: not a heading, a label or itself a question."""
    if sum(char.isalnum() for char in sentence) < _MIN_LETTERS:
        return False
    bare = sentence.rstrip("\"'»”’)]")
    if bare.endswith("?"):
        return False
    complete = bare.endswith((".", "!", "…", ":", ";")) or " | " in sentence
    return complete or len(sentence.split()) >= _MIN_WORDS_UNPUNCTUATED


def names_only(hit: Hit, start: int, end: int) -> bool:
    """Whether a stretch of a passage is but the title of its document, or one of its headings."""
    called = _folded(hit.text[start:end])
    return called in {_folded(name) for name in (hit.document.title, *hit.heading_path)}


def _folded(text: str) -> str:
    return " ".join(text.split()).rstrip(".:").casefold()


def in_context(hit: Hit, start: int, end: int) -> str:
    """A sentence under its headings, which often name what it speaks of; a row with its own."""
    return "\n".join((*hit.heading_path, row_in_words(hit.text, start, end)))


def row_in_words(text: str, start: int, end: int, question: str = "") -> str:
    """A table row as "row: heading cell; heading cell", by the first row above it.

    Of the columns, only those that ``question`` names, if it names any. Anything but a row with
    headings stays as it is.
    """
    row = text[start:end]
    cells, headings = _cells(row), _headings(text, start)
    if "\n" in row or len(cells) < 2 or len(cells) != len(headings):
        return row
    asked = {word for word in stems(question) if word not in STOP_WORDS}
    columns = range(1, len(cells))
    named = [column for column in columns if asked & set(stems(headings[column]))]
    told = [f"{headings[n]} {cells[n]}".strip() for n in named or columns if cells[n]]
    return f"{cells[0]}: {'; '.join(told)}" if told else row


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split(" | ")]


def _headings(text: str, start: int) -> list[str]:
    """The cells of the first of the table rows above ``start``, which names the columns."""
    headings: list[str] = []
    for line in reversed(text[:start].split("\n")[:-1]):
        if " | " not in line:
            break
        headings = _cells(line)
    return headings


def cite_quote(number: int, hit: Hit, start: int, end: int) -> Citation:
    """The characters ``[start, end)`` of a passage, with the lines they stand on."""
    boxes = lines_of([span.box for span in hit.spans if span.start < end and start < span.end])
    return Citation(
        n=number,
        key=hit.key,
        document=hit.document,
        page=hit.page,
        box=BoundingBox.enclosing(boxes) if boxes else hit.box,
        boxes=boxes,
        quote=hit.text[start:end],
        recognition=hit.recognition,
    )


def cite_picture(number: int, hit: Hit) -> Citation:
    """A picture as a whole."""
    return Citation(
        n=number,
        key=hit.key,
        document=hit.document,
        page=hit.page,
        box=hit.box,
        boxes=(hit.box,),
        quote="",
        caption=hit.caption,
    )
