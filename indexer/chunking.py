"""Pages to chunks: pure functions.

A chunk ends where a paragraph, list item, sentence, code line or table row ends, and holds at
most the token budget of the collection's text encoder. Only a single sentence or word run longer
than the whole budget is cut at a word; a table row never is.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from indexer.analysis import language_of, sentence_spans
from indexer.domain import Block, BlockKind, Chunk, Page, Span
from indexer.settings import ChunkSettings

_WORD = re.compile(r"\S+")

TokenEnds = Callable[[str], list[int]]
"""Character offsets where the tokens of a text end, ascending."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """An uncuttable part of a block."""

    kind: BlockKind
    text: str
    spans: tuple[Span, ...]
    tokens: int
    level: int = 0
    starts_block: bool = True


def token_budget(settings: ChunkSettings, encoder_limit: int) -> int:
    """Tokens a chunk may hold; some of the encoder's limit is left for the heading path."""
    if settings.max_tokens:
        return min(settings.max_tokens, encoder_limit)
    return min(settings.preferred_tokens, encoder_limit)


def chunk_pages(
    pages: Iterable[Page], *, budget: int, min_tokens: int, token_ends: TokenEnds
) -> Iterator[Chunk]:
    """Chunks of at most ``budget`` tokens in reading order; the heading path spans pages.

    A chunk never crosses a page, so that it has one page number and boxes on it.
    """
    path: tuple[tuple[int, str], ...] = ()
    ordinal = 0
    for page in pages:
        for kind, pieces, headings in _pack(page, path, budget, min_tokens, token_ends):
            text, spans = _join(pieces)
            yield Chunk(
                ordinal=ordinal,
                page_number=page.number,
                kind=kind,
                text=text,
                spans=spans,
                heading_path=tuple(title for _, title in headings),
                language=language_of(text),
            )
            ordinal += 1
        for block in page.blocks:
            if block.kind == "heading":
                path = _enter(path, block.level, block.text)


def word_ends(text: str) -> list[int]:
    """Character offset where each word of ``text`` ends: tokens of a language no model knows."""
    return [match.end() for match in _WORD.finditer(text)]


def passage_text(chunk: Chunk) -> str:
    """What the text encoder reads: the heading path where the chunk does not show it itself."""
    missing = [title for title in chunk.heading_path if title not in chunk.text]
    return " › ".join(missing) + "\n" + chunk.text if missing else chunk.text


_Headings = tuple[tuple[int, str], ...]


def _pack(
    page: Page, path: _Headings, budget: int, min_tokens: int, token_ends: TokenEnds
) -> Iterator[tuple[BlockKind, list[_Piece], _Headings]]:
    """Greedy packing: a heading starts a new chunk unless the current one is still tiny."""
    current: list[_Piece] = []
    size = 0
    start_path = path
    for block in page.blocks:
        pieces = list(_pieces(block, budget, token_ends))
        if block.kind == "heading":
            path = _enter(path, block.level, block.text)
            if _has_body(current) and size >= min_tokens:
                yield _kind(current), current, start_path
                current, size = [], 0
        for piece in pieces:
            if current and size + piece.tokens > budget:
                # A heading must not be left behind at the end of a chunk.
                tail = _trailing_headings(current)
                head = current[: len(current) - len(tail)]
                if head:
                    yield _kind(head), head, start_path
                    current = tail
                else:
                    yield _kind(current), current, start_path
                    current = []
                size = sum(part.tokens for part in current)
            if not current or not _has_body(current):
                start_path = path
            current.append(piece)
            size += piece.tokens
    if current:
        yield _kind(current), current, start_path


def _has_body(pieces: list[_Piece]) -> bool:
    return any(piece.kind != "heading" for piece in pieces)


def _trailing_headings(pieces: list[_Piece]) -> list[_Piece]:
    count = 0
    while count < len(pieces) and pieces[-1 - count].kind == "heading":
        count += 1
    return pieces[len(pieces) - count :]


def _kind(pieces: list[_Piece]) -> BlockKind:
    """The kind of most of the chunk's text."""
    body = [piece for piece in pieces if piece.kind != "heading"] or pieces
    return max(body, key=lambda piece: len(piece.text)).kind


def _enter(path: _Headings, level: int, title: str) -> _Headings:
    level = max(1, level)
    return (*(item for item in path if item[0] < level), (level, title))


def _join(pieces: list[_Piece]) -> tuple[str, tuple[Span, ...]]:
    text = ""
    spans: list[Span] = []
    for piece in pieces:
        if text:
            text += "\n\n" if piece.starts_block else _glue(piece.kind)
        offset = len(text)
        text += piece.text
        spans.extend(
            replace(span, start=span.start + offset, end=span.end + offset) for span in piece.spans
        )
    return text, tuple(spans)


def _glue(kind: BlockKind) -> str:
    return "\n" if kind in {"table", "code", "list"} else " "


def _pieces(block: Block, budget: int, token_ends: TokenEnds) -> Iterator[_Piece]:
    """Cut a block that is over budget; pieces keep the spans of their lines."""
    ends = token_ends(block.text)
    if len(ends) <= budget:
        yield _Piece(block.kind, block.text, block.spans, len(ends), block.level)
        return
    groups = list(_grouped(_units(block, ends, budget), ends, budget, block))
    header = _header_row(block)
    for number, (start, end) in enumerate(groups):
        piece = _cut(block, start, end, ends, starts_block=number == 0)
        if number and header is not None:
            piece = _with_header(block, header, piece, ends)
        yield piece


def _units(block: Block, ends: list[int], budget: int) -> Iterator[tuple[int, int]]:
    """Spans of the block that must stay whole where they fit."""
    if block.kind in {"table", "code"}:
        yield from _lines(block.text)
        return
    for start, end in sentence_spans(block.text):
        if _count(ends, start, end) <= budget:
            yield start, end
        else:
            yield from _words_within(block.text, start, end, ends, budget)


def _grouped(
    units: Iterable[tuple[int, int]], ends: list[int], budget: int, block: Block
) -> Iterator[tuple[int, int]]:
    header = _header_row(block)
    reserve = _count(ends, *header) if header else 0
    group: tuple[int, int] | None = None
    for start, end in units:
        if group is None:
            group = (start, end)
        elif _count(ends, group[0], end) + (reserve if group[0] else 0) <= budget:
            group = (group[0], end)
        else:
            yield group
            group = (start, end)
    if group is not None:
        yield group


def _header_row(block: Block) -> tuple[int, int] | None:
    """The first row of a table, repeated above each later part so that cells keep a meaning."""
    if block.kind != "table":
        return None
    return next(_lines(block.text), None)


def _with_header(block: Block, header: tuple[int, int], piece: _Piece, ends: list[int]) -> _Piece:
    top = _cut(block, *header, ends, starts_block=False)
    shift = len(top.text) + 1
    return _Piece(
        piece.kind,
        f"{top.text}\n{piece.text}",
        top.spans
        + tuple(
            replace(span, start=span.start + shift, end=span.end + shift) for span in piece.spans
        ),
        top.tokens + piece.tokens,
        starts_block=False,
    )


def _cut(block: Block, start: int, end: int, ends: list[int], *, starts_block: bool) -> _Piece:
    spans = tuple(
        Span(start=max(span.start, start) - start, end=min(span.end, end) - start, box=span.box)
        for span in block.spans
        if span.start < end and start < span.end
    )
    return _Piece(
        block.kind,
        block.text[start:end],
        spans,
        _count(ends, start, end),
        block.level,
        starts_block,
    )


def _count(ends: list[int], start: int, end: int) -> int:
    return bisect_right(ends, end) - bisect_right(ends, start)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield start, start + len(line)
        start += len(line) + 1


def _words_within(
    text: str, start: int, end: int, ends: list[int], budget: int
) -> Iterator[tuple[int, int]]:
    """Cut an over-long sentence after a word; a single over-long word at a token."""
    while start < end:
        first = bisect_right(ends, start)
        last = first + budget - 1
        stop = ends[last] if last < len(ends) and ends[last] < end else end
        if stop < end:
            blank = text.rfind(" ", start + 1, stop + 1)
            stop = blank if blank > start else stop
        yield start, stop
        start = stop
        while start < end and text[start].isspace():
            start += 1
