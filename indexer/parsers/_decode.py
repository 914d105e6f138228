"""Bytes of a text file to characters, whatever the encoding."""

import codecs
import re
from pathlib import Path

from charset_normalizer import from_bytes

from indexer.errors import UnreadableDocument

# UTF-32 first: its little-endian mark starts with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")
# The ten commonest letters of Russian text, about two thirds of it.
_COMMON = frozenset("оеаинтсрвл")
_RUN = re.compile("[Ѐ-ӿ]{3,}")
_CONTROL = {chr(code) for code in range(32)} - set("\a\b\t\n\v\f\r\x1b")
_SAMPLE = 65_536
_MAX_CONTROL_SHARE = 0.01


def read_text(path: Path, *, declared: str = "") -> str:
    """The file's text with line feeds at line ends. Raises UnreadableDocument as ``decode``."""
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise UnreadableDocument(
            path, cause=f"cannot be opened ({exc.strerror})", remedy="check that it may be read"
        ) from exc
    return decode(data, path, declared=declared)


def decode(data: bytes, path: Path, *, declared: str = "") -> str:
    """Decode by byte order mark, UTF-8, the ``declared`` codec, then by the look of the text.

    Line ends become line feeds. Raises UnreadableDocument for bytes that are not text.
    """
    text = _decoded(data, declared)
    if text is None or _is_binary(text[:_SAMPLE]):
        raise UnreadableDocument(
            path, cause="binary data, not text", remedy="give it the suffix of its format"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes, declared: str) -> str | None:
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data.decode(codec, errors="replace")
    if b"\0" in data[:_SAMPLE]:
        return _wide(data)
    for codec in ("utf-8", declared):
        text = _try(data, codec)
        if text is not None:
            return text
    sample = data[:_SAMPLE]
    cyrillic = _cyrillic_codec(sample)
    if cyrillic:
        return data.decode(cyrillic, errors="replace")
    # One stray byte should not turn a page of UTF-8 into mojibake.
    lenient = data.decode("utf-8", errors="replace")
    high = sum(byte > 127 for byte in sample)
    if high and lenient[:_SAMPLE].count("\ufffd") < high * 0.05:
        return lenient
    guess = from_bytes(sample).best()
    return data.decode(guess.encoding if guess else "cp1252", errors="replace")


def _try(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec) if codec else None
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _wide(data: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of Latin or Cyrillic text is the same."""
    sample = data[: _SAMPLE // 2 * 2]
    half = max(1, len(sample) // 2)
    for offset, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        if sum(byte <= 4 for byte in sample[offset::2]) / half > 0.7:
            text = data.decode(codec, errors="replace")
            if sum(char.isprintable() or char.isspace() for char in text[:2000]) > 0.9 * min(
                2000, len(text)
            ):
                return text
    return None


def _cyrillic_codec(sample: bytes) -> str:
    """The codec that makes ``sample`` read as Russian, "" if none does.

    The letter frequencies tell apart codecs that all decode without an error.
    """
    best, best_score = "", 0.0
    for codec in _CYRILLIC:
        text = sample.decode(codec, errors="replace")
        foreign = [char for char in text if ord(char) > 127]
        letters = [char for char in foreign if "Ѐ" <= char <= "ӿ"]
        # Russian letters stand together; accents of other languages stand alone.
        together = sum(map(len, _RUN.findall(text)))
        if len(letters) < 0.85 * len(foreign) or together < 0.6 * len(letters):
            continue
        score = sum((char.lower() in _COMMON) + 0.25 * char.islower() for char in letters) / max(
            1, len(foreign)
        )
        if score > best_score:
            best, best_score = codec, score
    return best if best_score > 0.4 else ""


def _is_binary(text: str) -> bool:
    return sum(char in _CONTROL for char in text) > _MAX_CONTROL_SHARE * len(text)
