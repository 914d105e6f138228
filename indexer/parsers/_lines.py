"""Lines of word-processor paragraphs: prose loses its layout, listings keep theirs."""

import re

_MONOSPACED = re.compile(
    r"(?:courier.*|consolas|menlo|monaco|lucida console|andale mono|.*\bmono\b.*|cascadia code"
    r"|source code pro|fira code|fixedsys|terminal)\d*",
    re.I,
)
# A typewriter's letter is no listing: code has signs that prose has not.
_CODE_SIGN = re.compile(r"[{}\[\]<>=;$\\|_]|\w\(|::|->|^\s{2,}\S|^\s*(?://|#)", re.M)
# Soft hyphens and zero-width spaces only say where a word may break.
_BREAK_HINTS = dict.fromkeys((0xAD, 0x200B, 0x2060, 0xFEFF))

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


def prose_lines(text: str) -> str:
    """One space between words, no empty lines."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def code_lines(text: str) -> str:
    """Spaces at the starts of lines kept, tabs as four."""
    lines = (line.rstrip() for line in text.expandtabs(4).split("\n"))
    return "\n".join(lines).strip("\n")
