"""Pages for formats without a layout: blocks of lines, one below the other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.domain import (
    Block,
    BlockKind,
    BoundingBox,
    Figure,
    Header,
    Page,
    ParsedDocument,
    Raster,
    Span,
)
from indexer.errors import UnreadableDocument
from indexer.settings import ParserSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowBlock:
    """A block before it has a place; ``new_page`` asks for a page of its own to start with it.

    A block with a ``picture`` becomes a figure; its text, which may be empty, is the caption.
    A function is called when its page is asked for, so that many pictures do not hold up the
    first page; it gives None for a picture that turns out to be damaged.
    """

    kind: BlockKind
    text: str
    level: int = 0
    new_page: bool = False
    picture: Raster | Callable[[], Raster | None] | None = None


def flow_document(
    path: Path,
    blocks: Iterable[FlowBlock],
    settings: ParserSettings,
    *,
    media_type: str,
    title: str = "",
    metadata: dict[str, str] | None = None,
    warnings: tuple[str, ...] = (),
) -> ParsedDocument:
    """Lay ``blocks`` out on pages of about ``settings.text_page_chars`` characters.

    Without ``title`` the first heading is the title, else the file's stem.
    Raises UnreadableDocument when no block holds text or a picture.
    """
    layout = paginate(blocks, settings.text_page_chars)
    if not layout:
        raise UnreadableDocument(path, cause="no text in it", remedy="check the file's content")
    heading = next((b.text for b in layout[0] if b.kind == "heading"), "")
    header = Header(
        title=" ".join((title or heading).split())[:300] or path.stem,
        media_type=media_type,
        page_count=len(layout),
        metadata=metadata or {},
        warnings=warnings,
    )
    return ParsedDocument(header=header, pages=_placed(layout))


def paginate(blocks: Iterable[FlowBlock], target: int) -> list[list[FlowBlock]]:
    """Group ``blocks`` into pages of about ``target`` characters, empty ones left out.

    A page breaks between blocks; a block longer than ``target`` is cut at line ends, and a
    line longer than that between words. No character but the one at the cut is lost.
    """
    pages: list[list[FlowBlock]] = []
    current: list[FlowBlock] = []
    length = 0
    for block in blocks:
        if not block.text.strip() and block.picture is None:
            continue
        for piece in _pieces(block, target):
            if current and (piece.new_page or length + len(piece.text) > target):
                pages.append(current)
                current, length = [], 0
            current.append(piece)
            length += len(piece.text)
    if current:
        pages.append(current)
    return pages


def _pieces(block: FlowBlock, target: int) -> Iterator[FlowBlock]:
    text = block.text
    if len(text) <= target:
        yield block
        return
    start, first = 0, True
    while start < len(text):
        end = _cut(text, start, target)
        piece = replace(
            block,
            text=text[start:end],
            new_page=block.new_page and first,
            picture=block.picture if first else None,
        )
        if piece.text.strip():
            yield piece
            first = False
        start = end + 1 if end < len(text) and text[end] in "\n " else end


def _cut(text: str, start: int, target: int) -> int:
    limit = start + target
    if limit >= len(text):
        return len(text)
    for separator in "\n ":
        end = text.rfind(separator, start + 1, limit + 1)
        if end > start:
            return end
    return limit


def _placed(layout: Sequence[Sequence[FlowBlock]]) -> Iterator[Page]:
    for number, blocks in enumerate(layout, start=1):
        # One blank line between blocks.
        count = sum(block.text.count("\n") + 1 for block in blocks) + len(blocks) - 1
        placed: list[Block] = []
        figures: list[Figure] = []
        line = 0
        for block in blocks:
            spans: list[Span] = []
            start, first = 0, line
            for text in block.text.split("\n"):
                if text:
                    box = BoundingBox(x0=0.0, y0=line / count, x1=1.0, y1=(line + 1) / count)
                    spans.append(Span(start=start, end=start + len(text), box=box))
                start += len(text) + 1
                line += 1
            raster = block.picture() if callable(block.picture) else block.picture
            if raster is not None:
                place = BoundingBox(x0=0.0, y0=first / count, x1=1.0, y1=line / count)
                figures.append(Figure(kind="figure", box=place, caption=block.text, raster=raster))
            line += 1
            if spans:
                placed.append(
                    Block(kind=block.kind, text=block.text, spans=tuple(spans), level=block.level)
                )
        yield Page(
            number=number,
            width=1.0,
            height=float(count),
            blocks=tuple(placed),
            figures=tuple(figures),
        )
