"""Pieces of formulas as LaTeX with Unicode symbols, shared by the readers of OMML and MathML."""

import unicodedata

ACCENTS = {
    "\u0300": "grave", "\u0301": "acute", "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar",
    "\u0305": "bar", "\u0306": "breve", "\u0307": "dot", "\u0308": "ddot", "\u030c": "check",
    "\u20d7": "vec", "\u00af": "bar", "\u203e": "overline", "^": "hat", "~": "tilde",
    "\u2192": "vec", "\u02d9": "dot", "\u00a8": "ddot",
}  # fmt: skip
NEW_ROW = "\\\\"


def plain_signs(text: str) -> str:
    """Without the mathematical italics and the invisible operators of Unicode."""
    return "".join(
        unicodedata.normalize("NFKC", char) if "\U0001d400" <= char <= "\U0001d7ff" else char
        for char in text
        if not "\u2061" <= char <= "\u2064"
    )


def braced(text: str) -> str:
    """In braces unless it is one sign."""
    return text if len(text) == 1 else f"{{{text}}}"


def matrix(rows: list[str]) -> str:
    return f"\\begin{{matrix}} {f' {NEW_ROW} '.join(rows)} \\end{{matrix}}"
