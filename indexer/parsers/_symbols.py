"""Characters of the fonts Symbol and Wingdings, which number their glyphs in their own way.

Source of the Symbol table: Adobe Symbol Encoding to Unicode, unicode.org
(MAPPINGS/VENDORS/ADOBE/symbol.txt).
"""

import re

from indexer.parsers._numbers import BULLET

_SYMBOL_LOW = (
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_"
    "‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
)
_SYMBOL_HIGH = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…│─↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪"
_SYMBOL_TOP = "〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
_SYMBOL = {
    **{0x20 + index: char for index, char in enumerate(_SYMBOL_LOW)},
    **{0xA0 + index: char for index, char in enumerate(_SYMBOL_HIGH)},
    **{0xF1 + index: char for index, char in enumerate(_SYMBOL_TOP)},
}
_WINGDINGS = {
    0x28: "☎", 0x2A: "✉", 0x4A: "☺", 0x4C: "☹", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x75: "◆",
    0x76: "❖", 0xA1: "○", 0xA8: "☐", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔",
    0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_WINGDINGS_2 = {
    0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "●", 0xA3: "☐",
}  # fmt: skip
_PRIVATE = re.compile("[\uf020-\uf0ff]")


def symbol(code: int, font: str) -> str:
    """The Unicode character of glyph ``code`` (with or without the 0xF000 of symbol fonts)."""
    lowered = font.lower()
    if 0xF000 <= code <= 0xF0FF:
        code -= 0xF000
    if lowered.startswith(("wingdings 2", "wingdings 3")):
        return _WINGDINGS_2.get(code, BULLET)
    if lowered.startswith(("wingdings", "webdings")):
        return _WINGDINGS.get(code, BULLET)
    if lowered.startswith("symbol") or lowered == "":
        return _SYMBOL.get(code, "")
    return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000 else ""


def plain_symbols(text: str, font: str) -> str:
    """``text`` with the private characters of symbol fonts replaced."""
    if not _PRIVATE.search(text):
        return text
    family = font if font.lower().startswith(("wingdings", "webdings")) else "Symbol"
    return _PRIVATE.sub(lambda found: symbol(ord(found[0]), family), text)
