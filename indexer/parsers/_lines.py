"""Lines of word-processor paragraphs: prose loses its layout, listings keep theirs."""

import re
from collections.abc import Iterator

from indexer.domain import BlockKind
from indexer.parsers._flow import FlowBlock
from indexer.parsers._numbers import BULLET

PAGE_BREAK = "\f"
"""Stands for a page break among the characters of a paragraph."""

_MONOSPACED = re.compile(
    r"(?:courier.*|consolas|menlo|monaco|lucida console|andale mono|.*\bmono\b.*|cascadia code"
    r"|source code pro|fira code|fixedsys|terminal)\d*",
    re.I,
)
# A typewriter's letter is no listing: code has signs that prose has not.
_CODE_SIGN = re.compile(r"[{}\[\]<>=;$\\|_]|\w\(|::|->|^\s{2,}\S|^\s*(?://|#)", re.M)
# Soft hyphens and zero-width spaces only say where a word may break.
_BREAK_HINTS = dict.fromkeys((0xAD, 0x200B, 0x2060, 0xFEFF))

_HALF = re.compile("[\ud800-\udfff]")
# Longer ones are paragraphs whose author liked the looks of a heading.
_MAX_HEADING_CHARS = 400

CODE_STYLES = frozenset(
    {"source code", "code", "code block", "html preformatted", "preformatted text", "macro text"}
)


def is_monospaced(font: str) -> bool:
    return _MONOSPACED.fullmatch(font.strip("'\" ")) is not None


def looks_like_code(text: str) -> bool:
    """Whether ``text``, all of it in a monospaced font, has the signs of a listing."""
    return _CODE_SIGN.search(text) is not None


def without_hints(text: str) -> str:
    return text.translate(_BREAK_HINTS)


def whole(text: str) -> str:
    """``text`` with the halves of characters beyond 16 bits joined."""
    if not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def paragraph_blocks(
    raw: str,
    *,
    level: int = 0,
    number: str = "",
    prefix: str | None = None,
    is_code: bool = False,
    is_caption: bool = False,
) -> Iterator[FlowBlock]:
    """A paragraph's block, or the blocks between its page breaks; none without text.

    ``level`` above 0 makes a heading, which shows its ``number``; ``prefix`` makes a list item,
    which begins with it.
    """
    is_code = is_code and not level
    for index, piece in enumerate(raw.split(PAGE_BREAK)):
        text = code_lines(piece) if is_code else prose_lines(piece)
        if not text:
            continue
        kind: BlockKind = "caption" if is_caption else "paragraph"
        is_heading = level > 0 and len(text) <= _MAX_HEADING_CHARS
        if is_code:
            kind = "code"
        elif is_heading:
            shown = "" if number == BULLET else number
            kind, text = "heading", " ".join(f"{shown} {text}".split())
        elif prefix is not None:
            kind, text = "list", prefix + text
        yield FlowBlock(kind=kind, text=text, level=level if is_heading else 0, new_page=index > 0)
        number, prefix = "", None if prefix is None else " " * len(prefix)


def prose_lines(text: str) -> str:
    """One space between words, no empty lines."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def code_lines(text: str) -> str:
    """Spaces at the starts of lines kept, tabs as four."""
    lines = (line.rstrip() for line in text.expandtabs(4).split("\n"))
    return "\n".join(lines).strip("\n")
