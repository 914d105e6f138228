"""What the first bytes of a file say about its format."""

import codecs
import re
from dataclasses import dataclass

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"GIF87a", ".gif"),
    (b"GIF89a", ".gif"),
    (b"II*\0\x10\0\0\0CR", ".cr2"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
    (b"FUJIFILMCCD-RAW", ".raf"),
    (b"IIRO", ".orf"),
    (b"IIRS", ".orf"),
    (b"MMOR", ".orf"),
    (b"IIU\0", ".rw2"),
)
# The brands of the ISO base media format that are pictures; the first that is named counts.
_BRANDS = {b"avif": ".avif", b"avis": ".avif", b"crx ": ".cr3"}
_BRANDS |= dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), ".heic"
)
_BRANDS_BYTES = 64
# RAW files that begin as a TIFF: only their names tell them apart.
_LIKE_TIFF = frozenset({".dng", ".nef", ".nrw", ".arw", ".pef", ".srw", ".cr2", ".raf", ".rw2"})
_HTML = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.S | re.I
)
# Formats made of printable characters whose source is not what a reader sees.
_MARKUP = re.compile(rb"\s*(?:\{\\rtf|%!PS|<\?xml|<svg|-----BEGIN |MIME-Version:)", re.I)
_CONTROL = frozenset(range(32)) - {7, 8, 9, 10, 11, 12, 13, 27}


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A suffix that stands for the format ("" if none); ``certain`` if a signature says so.

    ``relatives`` are the suffixes of other formats that begin in the same way.
    """

    suffix: str
    certain: bool
    relatives: frozenset[str] = frozenset()


def format_of(head: bytes) -> Format:
    """The format that a file starting with ``head`` (4096 bytes, or the whole file) has."""
    # The PDF reference lets a few bytes precede the marker.
    if b"%PDF-" in head[:1024]:
        return Format(suffix=".pdf", certain=head.startswith(b"%PDF-"))
    for magic, suffix in _MAGIC:
        if head.startswith(magic):
            relatives = _LIKE_TIFF if suffix == ".tif" else frozenset()
            return Format(suffix=suffix, certain=True, relatives=relatives)
    if head[4:8] == b"ftyp":
        return _of_brand(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Format(suffix=".webp", certain=True)
    # Two letters prove little: the reserved zeros of the header must be there too.
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return Format(suffix=".bmp", certain=True)
    if _HTML.match(head):
        return Format(suffix=".html", certain=False)
    if head and not _MARKUP.match(head) and looks_like_text(head):
        return Format(suffix=".txt", certain=False)
    return Format(suffix="", certain=False)


def _of_brand(head: bytes) -> Format:
    size = min(int.from_bytes(head[:4], "big"), _BRANDS_BYTES)
    # The major brand, its version, then the compatible ones.
    for brand in (head[start : start + 4] for start in range(8, size, 4)):
        if brand in _BRANDS:
            return Format(suffix=_BRANDS[brand], certain=True)
    return Format(suffix="", certain=False)


def looks_like_text(head: bytes) -> bool:
    """Whether ``head`` has a byte order mark or is UTF-8 (cut anywhere) without control bytes."""
    if head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    if any(byte in _CONTROL for byte in head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
