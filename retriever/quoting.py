"""Stretches of evidence as citations: pure functions."""

from indexer.analysis import sentence_spans
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


def in_context(hit: Hit, sentence: str) -> str:
    """A sentence under its headings, which often name what it speaks of."""
    return "\n".join((*hit.heading_path, sentence))


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
