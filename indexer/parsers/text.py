"""Plain text in any encoding, kept as it is written."""

import re
from collections.abc import Iterator
from pathlib import Path

from indexer.domain import ParsedDocument
from indexer.parsers._decode import read_text
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".txt", ".text", ".log", ".rst", ".asc"})

_UNDERLINE = re.compile(r"([=\-~^\"'`#*+_])\1{2,}")


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Paragraphs between blank lines, verbatim; a form feed starts a new page.

    A short line underlined with punctuation is a heading. Raises UnreadableDocument for
    binary data and for a file without text.
    """
    text = read_text(path)
    return flow_document(path, _blocks(text), settings, media_type="text/plain")


def _blocks(text: str) -> Iterator[FlowBlock]:
    levels: dict[str, int] = {}
    for page_index, page in enumerate(text.split("\f")):
        new_page = page_index > 0
        for paragraph in _paragraphs(page):
            for block in _headed(paragraph, levels):
                yield FlowBlock(
                    kind=block.kind, text=block.text, level=block.level, new_page=new_page
                )
                new_page = False


def _paragraphs(page: str) -> Iterator[str]:
    lines: list[str] = []
    for line in page.split("\n"):
        if line.strip():
            lines.append(line)
        elif lines:
            yield "\n".join(lines)
            lines = []
    if lines:
        yield "\n".join(lines)


def _headed(paragraph: str, levels: dict[str, int]) -> Iterator[FlowBlock]:
    """Split an underlined first line off as a heading; underlines rank by first appearance."""
    lines = paragraph.split("\n")
    overlined = len(lines) > 2 and lines[0] == lines[2] and _UNDERLINE.fullmatch(lines[0].rstrip())
    if overlined:
        lines = lines[1:]
    if len(lines) > 1 and _is_underline(lines[1], lines[0]):
        mark = ("over" if overlined else "") + lines[1][0]
        level = levels.setdefault(mark, min(6, len(levels) + 1))
        yield FlowBlock(kind="heading", text=lines[0].strip(), level=level)
        lines = lines[2:]
        if lines:
            yield FlowBlock(kind="paragraph", text="\n".join(lines))
        return
    yield FlowBlock(kind="paragraph", text=paragraph)


def _is_underline(line: str, title: str) -> bool:
    length = len(title.strip())
    return (
        _UNDERLINE.fullmatch(line.rstrip()) is not None
        and title.strip()[0].isalnum()
        and length <= 120
        and abs(len(line.rstrip()) - length) <= max(2, length // 5)
    )
