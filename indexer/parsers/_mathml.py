"""Presentation MathML 3 as LaTeX with Unicode symbols, in one line."""

from lxml import etree

from indexer.parsers._formula import ACCENTS, braced, matrix, plain_signs

MATHML = "{http://www.w3.org/1998/Math/MathML}"
# Deeper formulas are made to exhaust the stack; their text follows without structure.
_MAX_DEPTH = 40
_UNSEEN = frozenset({"annotation", "annotation-xml", "mphantom", "none", "mprescripts"})
_TOKENS = frozenset({"mi", "mn", "mo", "mtext", "ms"})


def mathml_text(formula: etree._Element) -> str:
    r"""What ``math`` shows, such as ``x=\frac{a}{b}``."""
    return " ".join(_shown(formula, 0).split())


def _shown(element: etree._Element, depth: int) -> str:
    name = element.tag.rpartition("}")[2]
    if name in _UNSEEN:
        return ""
    if name == "mspace":
        return " "
    if name in _TOKENS or depth > _MAX_DEPTH:
        text = plain_signs(" ".join("".join(map(str, element.itertext())).split()))
        # A name of several letters is a function or a word.
        is_word = name == "mtext" or (name != "mn" and len(text) > 1 and text.isalpha())
        return f" {text} " if is_word else text
    parts = [_shown(child, depth + 1) for child in element.iterchildren("*")]
    if name == "mtable":
        return matrix(parts)
    if name in {"mtr", "mlabeledtr"}:
        return " & ".join(parts)
    if name == "mfenced":
        inner = element.get("separators", ",")[:1].join(parts)
        return f"{element.get('open', '(')}{inner}{element.get('close', ')')}"
    if name == "msqrt":
        return f"\\sqrt{{{''.join(parts)}}}"
    return _scripted(name, [part.strip() for part in parts]) or "".join(parts)


def _scripted(name: str, parts: list[str]) -> str:
    """Elements whose children have fixed places, "" for others."""
    if len(parts) < 2:
        return ""
    base, second, third = (*parts, "")[:3]
    if name == "mfrac":
        return f"\\frac{{{base}}}{{{second}}}"
    if name == "mroot":
        return f"\\sqrt[{second}]{{{base}}}"
    if name == "mover" and second in ACCENTS:
        return f"\\{ACCENTS[second]}{{{base}}}"
    if name in {"msub", "munder"}:
        return _base(base) + _index("_", second)
    if name in {"msup", "mover"}:
        return _base(base) + _index("^", second)
    if name in {"msubsup", "munderover", "mmultiscripts"}:
        return _base(base) + _index("_", second) + _index("^", third)
    return ""


def _base(text: str) -> str:
    whole = len(text) <= 1 or text.isalnum() or (text[0] == "(" and text[-1] == ")")
    return text if whole else f"{{{text}}}"


def _index(mark: str, text: str) -> str:
    return mark + braced(text) if text else ""
