"""What a language model says, as plain text: pure functions.

A document may tell a model to write a link, an image or HTML, and a model may obey. Nothing of that
kind is left of its text: pages and terminals show words and nothing that can be fetched or clicked.
Detection works on a shadow of the text in which look-alike characters are what they imitate.
"""

import html
import re
import unicodedata

REMOVED = "[…]"  # stands where an address was

_ROUNDS = 8  # what is removed may bring together what was apart

# Full-width ASCII, and other characters that stand for the marks of an address. One for one, so
# that a place in the shadow is the same place in the text.
_LOOK_ALIKE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(one): ord(other)
    for ones, other in (
        ("\u2024\u3002\uff61\ufe52\u0701\u0702", "."),
        ("\u2044\u2215\u29f8\u2571\u1735\u3033\ufe68\u29f9\uff3c", "/"),
        ("\u2236\ua789\u02d0\u05c3\ufe55\ufe13\u0589\u205a\u02f8", ":"),
        ("\u3000\u00a0\u2007\u202f\u2009\u200a\u2002\u2003", " "),
        ("\ufe64\u2039\u276e\u3008\u27e8", "<"),
        ("\ufe65\u203a\u276f\u3009\u27e9", ">"),
    )
    for one in ones
}
_UNUSUAL = re.compile(r"[^\x20-\x7e\n\tЀ-ӿ«»—–“”‘’…№]")
# Cyrillic and Greek letters that look Latin, where they stand among Latin ones.
_HOMOGLYPHS = str.maketrans(
    "аеорсухіјѕԁһӏвкмнтАЕОРСУХІЈЅВКМНТοραεικνυχ", "aeopcyxijsdhlbkmhtAEOPCYXIJSBKMHTopaeiknux"
)
_MIXED = re.compile(r"\w*(?:[A-Za-z][Ͱ-ӿ]|[Ͱ-ӿ][A-Za-z])\w*")

_TOP_LEVEL = (
    "com|net|org|io|ru|su|рф|xn--[a-z0-9-]+|info|biz|dev|app|xyz|icu|cc|tk|ml|gq|ly|onion|localhost"
)
_PART = r"[\w-]{1,63}"  # of the name of a host
_REST = r"[^\s<>\"]*"
_ADDRESS = re.compile(
    "|".join(
        (
            rf"\b[a-z][a-z0-9+.-]{{0,30}}\s?:\s?[/\\]{{2}}{_REST}",  # any scheme with an authority
            rf"\b(?:https?|wss?|ftps?|sftp|ipfs|gopher):(?=\S){_REST}",  # as browsers take it too
            r"\b(?:javascript|vbscript|livescript|mocha)\s*:\s*\S*",
            r"\bdata\s?:\s?[\w.+-]{0,40}/?[\w.+-]{0,40}(?:;[\w=.+-]+)*[;,]\S*",
            r"\b(?:blob|about|view-source|jar|intent|filesystem|ms-[\w-]+|x-[\w-]+)\s?:\S+",
            r"\b(?:mailto|tel|sms|magnet|file|urn|cid|skype|whatsapp|tg|steam)\s?:\S+",
            rf"(?<![:\w/\\])[/\\]{{2}}{_PART}(?:\.{_PART})*\S*",  # protocol-relative, and shares
            r"\bwww\d?\s?\.\s?\S+",
            r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?/\S*",
            rf"(?<![\w.-]){_PART}(?:\.{_PART}){{0,8}}\.[a-z]{{2,24}}(?::\d+)?[/?#]{_REST}",
            rf"(?<![@\w.-])(?:{_PART}(?:\.|\[\.\]|\(\.\)|\s?\[dot\]\s?)){{1,8}}"
            rf"(?:{_TOP_LEVEL})\b(?!\.\w){_REST}",
        )
    ),
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"<(script|style|iframe|svg|object|template|noscript|math)\b.*?</\1\s*>",
    re.IGNORECASE | re.DOTALL,
)
_COMMENT = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
_TAG = re.compile(r"</?[a-z!][^<>]*>", re.IGNORECASE)
_OPEN_TAG = re.compile(r"</?[a-z!][^<>]*$|<$|&#?\w{0,9}$", re.IGNORECASE)
_TARGET = r"\([^()]{0,2000}(?:\([^()]{0,200}\)[^()]{0,200}){0,3}\)"
_IMAGE = re.compile(rf"!\[([^\[\]]*)\]\s?(?:{_TARGET}|\[[^\[\]]*\])")
_LINK = re.compile(rf"(?<!\])\[([^\[\]]*)\](?:{_TARGET}|\[(?!\d)[^\[\]]+\])")
_EMPHASIS = re.compile(r"(\*\*|__|~~|`+)(?=\S)(.+?)(?<=\S)\1")
_LINE_MARKS = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+)", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_LONG_SPACE = re.compile(r"[ \t]{2,}")


def visible(text: str) -> str:
    """``text`` without what is not seen.

    That is control characters but tabs and line feeds, zero-width and bidirectional marks, tag
    characters, variation selectors, fillers, lone surrogates and private characters.
    """
    if _UNUSUAL.search(text) is None:
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    return "".join(char for char in lines if char in "\n\t" or not _unseen(char))


def _unseen(char: str) -> bool:
    return (
        unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zp"}
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
        or char in "\u115f\u1160\u3164\uffa0\u034f\u2800"
    )


def shadow(text: str) -> str:
    """``text`` with look-alike characters as what they imitate; same length, same places."""
    folded = text.translate(_LOOK_ALIKE)
    return _MIXED.sub(lambda word: word.group().translate(_HOMOGLYPHS), folded)


def holds_an_address(text: str) -> bool:
    """Whether something in ``text`` could be taken for an address to fetch."""
    return _ADDRESS.search(shadow(visible(text))) is not None


def plain(text: str) -> str:
    """``text`` without HTML, Markdown, addresses of any scheme, and characters that are not seen.

    The words of links and images stay; ``REMOVED`` stands for an address.
    """
    for _ in range(_ROUNDS):
        cleaned = _cleaned(text)
        if cleaned == text:
            return cleaned.strip()
        text = cleaned
    return ""  # made to be cleaned without end: nothing of it is worth showing


def plain_so_far(text: str) -> str:
    """The same for text that is still coming, without a tag or word that is not complete."""
    whole = text[: max(text.rfind(" "), text.rfind("\n")) + 1]
    return _OPEN_TAG.sub("", plain(_OPEN_TAG.sub("", whole)))


def _cleaned(text: str) -> str:
    for _ in range(_ROUNDS):  # "&amp;lt;" is "<" to whoever unescapes twice
        text = html.unescape(text)
    text = visible(text)
    for pattern in (_COMMENT, _BLOCK, _TAG):
        text = _without(pattern, text, "")
    text = _FENCE.sub("", text)
    for pattern in (_IMAGE, _LINK):
        text = pattern.sub(lambda found: found.group(1), text)
    text = _without(_ADDRESS, text, REMOVED)
    text = _EMPHASIS.sub(lambda found: found.group(2), text)
    return _LONG_SPACE.sub(" ", _LINE_MARKS.sub("", text))


def _without(pattern: re.Pattern[str], text: str, instead: str) -> str:
    """``text`` with ``instead`` for what ``pattern`` finds in its shadow."""
    kept, end = [], 0
    for found in pattern.finditer(shadow(text)):
        kept += [text[end : found.start()], instead]
        end = found.end()
    return "".join((*kept, text[end:]))
