"""Groups of an RTF file that are read as a whole: fonts, styles, properties, pictures, formulas."""

import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from indexer.parsers._docx_math import M, math_text
from indexer.parsers._lines import whole
from indexer.parsers._rtf_tokens import (
    SYMBOL_CHARSET,
    Token,
    codec_of_charset,
    codec_of_page,
)
from indexer.parsers._symbols import plain_symbols, symbol

CHARACTERS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "softline": "\n", "emdash": "—", "endash": "–",
    "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "emspace": " ", "enspace": " ", "qmspace": " ", "~": " ", "_": "-", "\t": "\t",
}  # fmt: skip
"""Control words that stand for characters."""

_PROPERTIES = {
    "title": "title",
    "author": "author",
    "subject": "subject",
    "keywords": "keywords",
    "doccomm": "description",
    "operator": "last_modified_by",
    "category": "category",
}
_DATES = {"creatim": "created", "revtim": "modified"}
_MAX_CHARS = 1000
_MATH_SWITCHES = frozenset({"mscr", "msty", "mnor", "mlit", "maln", "mbrk"})
_MATH_NAME = re.compile(r"m[a-zA-Z]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Font:
    """A font's name and the codec of its text; a ``symbol`` font numbers glyphs its own way."""

    name: str = ""
    codec: str = ""
    symbol: bool = False


class Decoder:
    """Bytes and Unicode escapes to text; one after the other, since characters have several."""

    def __init__(self) -> None:
        self.pending = bytearray()  # not yet decoded
        self._to_skip = 0

    def take(self, token: Token) -> None:
        """Bytes, as text or escaped, unless they stand in for a Unicode escape before them."""
        skipped = min(self._to_skip, len(token.data))
        self._to_skip -= skipped
        self.pending += token.data[skipped:]

    def end_skip(self) -> None:
        """What follows stands for itself."""
        self._to_skip = 0

    def flush(self, font: Font, default: str) -> str:
        """The text of the bytes taken so far."""
        self._to_skip = 0
        if not self.pending:
            return ""
        data = bytes(self.pending)
        self.pending.clear()
        if font.symbol:
            return "".join(symbol(byte, font.name) if byte > 32 else chr(byte) for byte in data)
        return data.decode(font.codec or default, errors="replace")

    def unicode(self, token: Token, font: Font, skip_count: int) -> str:
        """The character of a Unicode escape; the ``skip_count`` after it stand in for it."""
        self._to_skip = skip_count
        return plain_symbols(chr((token.number or 0) % 65536), font.name)


def text_of(tokens: Iterable[Token], codec: str) -> str:
    """The characters of a group, those of starred groups in it left out."""
    decoder, parts, font = Decoder(), [], Font()
    depth, hidden = 0, 0
    skip_count = 1
    for token in tokens:
        kind = token.kind
        if kind in {"text", "hex"}:
            if not hidden:
                decoder.take(token)
            continue
        parts.append(decoder.flush(font, codec))
        if kind == "{":
            depth += 1
        elif kind == "}":
            depth -= 1
            hidden = 0 if depth < hidden else hidden
        elif kind == "*" and depth and not hidden:
            hidden = depth
        elif hidden:
            continue
        elif kind == "u":
            parts.append(decoder.unicode(token, font, skip_count))
        elif kind == "uc":
            skip_count = token.number or 0
        else:
            parts.append(CHARACTERS.get(kind, ""))
    parts.append(decoder.flush(font, codec))
    return whole("".join(parts))


def groups(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens inside each group at the top of ``tokens``."""
    depth, start = 0, 0
    for index, token in enumerate(tokens):
        if token.kind == "{":
            depth += 1
            start = index + 1 if depth == 1 else start
        elif token.kind == "}" and depth:
            depth -= 1
            if depth == 0:
                yield list(tokens[start:index])


def fonts_of(tokens: Sequence[Token], codec: str) -> dict[int, Font]:
    """The fonts of a font table by number, with or without a group for each."""
    entries = list(groups(tokens)) or _divided(tokens)
    numbers = [{token.kind: token.number for token in entry} for entry in entries]
    # A file whose fonts all claim Latin although it is in another code page claims it wrongly.
    honest = any(codec_of_charset(words.get("fcharset") or 0, "") == codec for words in numbers)
    found: dict[int, Font] = {}
    for entry, words in zip(entries, numbers, strict=True):
        charset = words.get("fcharset")
        own = codec
        if charset is not None and (charset or honest):
            own = codec_of_charset(charset, codec)
        if words.get("cpg"):
            own = codec_of_page(words["cpg"] or 0)
        name = text_of(entry, own).partition(";")[0].strip()
        is_symbol = charset == SYMBOL_CHARSET
        found[words.get("f") or 0] = Font(name=name, codec=own, symbol=is_symbol)
    return found


def _divided(tokens: Iterable[Token]) -> list[list[Token]]:
    """Entries of an old table without groups, which end with semicolons."""
    entries: list[list[Token]] = [[]]
    for token in tokens:
        entries[-1].append(token)
        if token.kind == "text" and b";" in token.data:
            entries.append([])
    return [entry for entry in entries if entry]


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """A paragraph style: its name in lower case and its outline level, None if it has none."""

    name: str
    outline: int | None


def styles_of(tokens: Sequence[Token], codec: str) -> dict[int, Style]:
    """The paragraph styles of a style sheet by number."""
    found: dict[int, Style] = {}
    for entry in groups(tokens):
        words = {token.kind: token.number for token in entry}
        if "*" not in words:
            name = text_of(entry, codec).partition(";")[0].strip().lower()
            found[words.get("s") or 0] = Style(name=name, outline=words.get("outlinelevel"))
    return found


def properties_of(tokens: Sequence[Token], codec: str) -> dict[str, str]:
    """Title, author, subject, keywords, dates (as YYYY-MM-DD) and the like, where they are set."""
    found: dict[str, str] = {}
    for entry in groups(tokens):
        kinds = [token.kind for token in entry]
        first = next((kind for kind in kinds if kind != "*"), "")
        if first in _PROPERTIES:
            text = " ".join(text_of(entry, codec).split())[:_MAX_CHARS]
            if text:
                found.setdefault(_PROPERTIES[first], text)
        elif first in _DATES:
            parts = {token.kind: token.number or 0 for token in entry}
            if parts.get("yr"):
                date = f"{parts['yr']:04}-{parts.get('mo', 1):02}-{parts.get('dy', 1):02}"
                found[_DATES[first]] = date
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """The bytes of a PNG or JPEG (none for other formats) and its alternative text."""

    data: bytes
    alt: str


def picture_of(tokens: Sequence[Token], codec: str) -> Picture:
    """The picture of a ``pict`` group."""
    depth, kinds = 0, set()
    digits = bytearray()
    data = b""
    for token in tokens:
        depth += (token.kind == "{") - (token.kind == "}")
        if depth:
            continue
        kinds.add(token.kind)
        if token.kind == "text":
            digits += token.data
        elif token.kind == "bin":
            data = token.data
    alt = ""
    for group in groups(tokens):
        for inner in groups(group):
            name, value = shape_property(inner, codec)
            alt = value if name in {"wzDescription", "wzName"} and value else alt
    if not kinds & {"pngblip", "jpegblip"}:
        return Picture(data=b"", alt=alt)
    return Picture(data=data or _from_hex(bytes(digits)), alt=alt)


def _from_hex(digits: bytes) -> bytes:
    plain = bytes(digits.translate(None, b" \t"))
    try:
        return binascii.unhexlify(plain[: len(plain) // 2 * 2])
    except binascii.Error:
        return b""


def shape_property(tokens: Sequence[Token], codec: str) -> tuple[str, str]:
    """Name and value of a shape's property, the content of an ``sp`` group."""
    found = {"sn": "", "sv": ""}
    for group in groups(tokens):
        if group and group[0].kind in found:
            found[group[0].kind] = text_of(group, codec).strip()
    return found["sn"], found["sv"]


def formula_of(tokens: Iterable[Token], codec: str) -> str:
    """A ``moMath`` group, whose words are those of Office Math, as LaTeX in one line."""
    root = etree.Element(M + "oMath")
    stack: list[etree._Element] = [root]
    fresh = False
    content: list[Token] = []
    for token in tokens:
        if token.kind in {"{", "}"} or _MATH_NAME.fullmatch(token.kind):
            _fill(stack[-1], text_of(content, codec))
            content = []
        if token.kind == "{":
            stack.append(stack[-1])
            fresh = True
        elif token.kind == "}":
            if len(stack) > 1:
                stack.pop()
        elif _MATH_NAME.fullmatch(token.kind) and token.kind not in _MATH_SWITCHES:
            if fresh or len(stack) == 1:
                stack[-1] = etree.SubElement(stack[-1], M + token.kind[1:])
            fresh = False
        else:
            content.append(token)
    _fill(stack[-1], text_of(content, codec))
    return math_text(root)


def _fill(element: etree._Element, text: str) -> None:
    """Put ``text`` where Office Math has it: a run's into a child, a property's into its value."""
    text = "".join(char for char in text if char.isprintable())
    if not text:
        return
    if element.tag == M + "r":
        etree.SubElement(element, M + "t").text = text
    elif text.strip():
        element.set(M + "val", text.strip())
