"""The tokens of Rich Text Format 1.9.1, and the codecs of its fonts."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,40})(-?[0-9]{1,10})? ?"
    rb"|\\'([0-9a-fA-F]{2})"
    rb"|\\(.)"
    rb"|([{}])"
    rb"|[\r\n\0]+"
    rb"|([^\\{}\r\n\0]+)"
    rb"|\\",
    re.S,
)
# 0 is Windows' Latin, 1 what the file says.
_CHARSETS = {
    0: "cp1252", 77: "mac-roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk",
    136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256",
    186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 255: "cp437",
}  # fmt: skip
SYMBOL_CHARSET = 2
# Words about the looks of text, the greater part of most files.
_LOOKS = frozenset(
    b"rtlch ltrch fcs af afs alang hich loch dbch insrsid charrsid pararsid delrsid sectrsid "
    b"lang langfe langnp langfenp cgrid noproof fs b ab i ai ul ulnone strike sub super "
    b"nosupersub cf cb highlight kerning expnd expndtw charscalex ql qr qc qj li ri fi lin rin "
    b"culi curi sb sa sbauto saauto sl slmult widctlpar nowidctlpar wrapdefault aspalpha "
    b"aspnum faauto adjustright contextualspace keep keepn ltrpar rtlpar hyphpar tx tqc tqr "
    b"tql brdrb brdrt brdrl brdrr brdrs brdrw brdrcf brsp clvertalt clvertalc clbrdrt clbrdrl "
    b"clbrdrb clbrdrr cltxlrtb clftsWidth clwWidth clshdrawnil tblind tblindtype".split()
)


class Token(NamedTuple):
    """``kind`` is a control word, "{", "}", "hex" for one escaped byte, "text" or "bin".

    A control symbol (a backslash and a sign) is a word of that one sign.
    """

    kind: str
    number: int | None = None
    data: bytes = b""


def tokens(data: bytes) -> Iterator[Token]:
    """The tokens of a file in order, without line ends and words about the looks of text."""
    position, end = 0, len(data)
    match = _TOKEN.match
    while position < end:
        found = match(data, position)
        if found is None:
            return
        position = found.end()
        word, number, escaped, sign, brace, text = found.groups()
        if text is not None:
            yield Token("text", data=text)
        elif word is not None:
            if word in _LOOKS:
                continue
            value = None if number is None else int(number)
            if word == b"bin":
                length = max(0, value or 0)
                yield Token("bin", data=data[position : position + length])
                position += length
            else:
                yield Token(word.decode("ascii"), value)
        elif escaped is not None:
            yield Token("hex", data=bytes([int(escaped, 16)]))
        elif brace is not None:
            yield Token(brace.decode("ascii"))
        elif sign is not None and sign in b"\\{}":
            yield Token("text", data=sign)
        elif sign is not None:
            yield Token(sign.decode("latin-1"))


def codec_of_page(page: int) -> str:
    """The codec of a Windows code page, cp1252 for one that is not known."""
    name = {10000: "mac-roman", 10007: "mac-cyrillic", 65001: "utf-8", 936: "gbk"}.get(
        page, f"cp{page}"
    )
    try:
        b"".decode(name)
    except LookupError:
        return "cp1252"
    return name


def codec_of_charset(charset: int, default: str) -> str:
    """The codec of a font's character set; ``default`` for those that leave it open."""
    return _CHARSETS.get(charset, default)
