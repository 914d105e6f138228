"""Office Math (OMML, ISO/IEC 29500-1, 22.1) as LaTeX with Unicode symbols, in one line."""

from collections.abc import Callable

from lxml import etree

from indexer.parsers._formula import ACCENTS, NEW_ROW, braced, matrix, plain_signs

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
# Deeper formulas are made to exhaust the stack; their text follows without structure.
_MAX_DEPTH = 40
_Row = Callable[[etree._Element | None], str]
"""Shows the content of an element, nothing for None."""


def math_text(formula: etree._Element) -> str:
    r"""What ``m:oMath`` or ``m:oMathPara`` shows, such as ``x=\frac{-b ± \sqrt{d}}{2a}``.

    The formulas of a paragraph are separated by spaces.
    """
    if formula.tag == M + "oMathPara":
        parts = [_row(child, 0) for child in formula.iterchildren(M + "oMath")]
    else:
        parts = [_row(formula, 0)]
    return " ".join(" ".join(parts).split())


def _row(parent: etree._Element | None, depth: int) -> str:
    children = () if parent is None else parent.iterchildren("*")
    return "".join(_one(child, depth + 1) for child in children)


def _one(element: etree._Element, depth: int) -> str:
    name = element.tag.rpartition("}")[2]
    if name.endswith("Pr") or name in {"del", "moveFrom", "instrText", "delText"}:
        return ""
    if name == "t" or depth > _MAX_DEPTH:
        return plain_signs("".join(map(str, element.itertext())))
    if name == "r":
        text = _row(element, depth)
        # A name of several upright letters is a function or a word.
        is_word = len(text) > 1 and text.isalpha() and _property(element, "sty", "") == "p"
        return f" {text} " if is_word else text
    build = _BUILDERS.get(name)
    if build is None:
        return _row(element, depth)
    return build(element, lambda part: _row(part, depth).strip())


def _property(element: etree._Element, name: str, default: str) -> str:
    """The value of a property, ``default`` if it is not given."""
    for properties in element.iterchildren("*"):
        if properties.tag.endswith("Pr"):
            found = properties.find(M + name)
            if found is not None:
                return found.get(M + "val", "on")
    return default


def _is_on(element: etree._Element, name: str, default: str) -> bool:
    return _property(element, name, default) in {"on", "1", "true"}


def _base(element: etree._Element, text: str) -> str:
    """The base of an index, in braces unless it is a name, a number or in parentheses."""
    content = element.find(M + "e")
    kinds = [] if content is None else [child.tag for child in content.iterchildren("*")]
    plain = text.strip()
    whole = kinds == [M + "d"] or plain.isalnum() or len(plain) <= 1
    return plain if whole else f"{{{plain}}}"


def _fraction(element: etree._Element, row: _Row) -> str:
    kind = _property(element, "type", "bar")
    top, bottom = row(element.find(M + "num")), row(element.find(M + "den"))
    if kind in {"lin", "skw"}:
        return f"{top}/{bottom}"
    return f"\\{'binom' if kind == 'noBar' else 'frac'}{{{top}}}{{{bottom}}}"


def _root(element: etree._Element, row: _Row) -> str:
    degree = "" if _is_on(element, "degHide", "off") else row(element.find(M + "deg"))
    return f"\\sqrt{f'[{degree}]' if degree else ''}{{{row(element.find(M + 'e'))}}}"


def _marks(element: etree._Element, row: _Row) -> str:
    """The indices of ``element``, the lower ones first."""
    limit = "_" if element.tag == M + "limLow" else "^"
    text = ""
    for mark, name in (("_", "sub"), ("^", "sup"), (limit, "lim")):
        content = row(element.find(M + name))
        if content and not _is_on(element, f"{name}Hide", "off"):
            text += mark + braced(content)
    return text


def _indexed(element: etree._Element, row: _Row) -> str:
    return _base(element, row(element.find(M + "e"))) + _marks(element, row)


def _prescript(element: etree._Element, row: _Row) -> str:
    return f"{{}}{_marks(element, row)}{row(element.find(M + 'e'))}"


def _nary(element: etree._Element, row: _Row) -> str:
    operator = _property(element, "chr", "∫")
    return f"{operator}{_marks(element, row)} {row(element.find(M + 'e'))}"


def _delimited(element: etree._Element, row: _Row) -> str:
    inner = _property(element, "sepChr", "|").join(map(row, element.iterchildren(M + "e")))
    return f"{_property(element, 'begChr', '(')}{inner}{_property(element, 'endChr', ')')}"


def _function(element: etree._Element, row: _Row) -> str:
    name, argument = row(element.find(M + "fName")).strip(), row(element.find(M + "e"))
    return name + ("" if argument.startswith(("(", "[", "{")) else " ") + argument


def _accent(element: etree._Element, row: _Row) -> str:
    command = ACCENTS.get(_property(element, "chr", ""), "hat")
    return f"\\{command}{{{row(element.find(M + 'e'))}}}"


def _bar(element: etree._Element, row: _Row) -> str:
    side = "over" if _property(element, "pos", "bot") == "top" else "under"
    return f"\\{side}line{{{row(element.find(M + 'e'))}}}"


def _group(element: etree._Element, row: _Row) -> str:
    char = _property(element, "chr", "⏟")
    side = "over" if _property(element, "pos", "bot") == "top" else "under"
    command = f"{side}brace" if char in {"⏞", "⏟"} else f"{side}set{{{char}}}"
    return f"\\{command}{{{row(element.find(M + 'e'))}}}"


def _matrix(element: etree._Element, row: _Row) -> str:
    return matrix(
        [
            " & ".join(map(row, line.iterchildren(M + "e")))
            for line in element.iterchildren(M + "mr")
        ]
    )


def _equations(element: etree._Element, row: _Row) -> str:
    # An ampersand aligns the lines.
    lines = (row(line).replace("&", "") for line in element.iterchildren(M + "e"))
    return f" {NEW_ROW} ".join(lines)


def _phantom(element: etree._Element, row: _Row) -> str:
    return row(element.find(M + "e")) if _is_on(element, "show", "on") else ""


_BUILDERS: dict[str, Callable[[etree._Element, _Row], str]] = {
    "f": _fraction,
    "rad": _root,
    "sSup": _indexed,
    "sSub": _indexed,
    "sSubSup": _indexed,
    "limLow": _indexed,
    "limUpp": _indexed,
    "sPre": _prescript,
    "nary": _nary,
    "d": _delimited,
    "func": _function,
    "acc": _accent,
    "bar": _bar,
    "groupChr": _group,
    "m": _matrix,
    "eqArr": _equations,
    "phant": _phantom,
}
