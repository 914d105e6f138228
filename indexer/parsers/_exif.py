"""EXIF and IPTC of a picture that Pillow has opened, or of a camera's RAW file.

Sources: CIPA DC-008 (Exif 3.0); IPTC-NAA Information Interchange Model 4.2.
"""

import math
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from PIL import ExifTags, Image

from indexer.parsers._photo_facts import (
    MAX_KEYWORDS,
    PhotoFacts,
    camera,
    caption,
    lens,
    moment,
    plain,
    position,
    rating,
    unique,
    word,
)
from indexer.parsers._raster import DAMAGE

_Directory = Mapping[int, Any] | Image.Exif
_Tag = ExifTags.Base
_Gps = ExifTags.GPS

_ASCII, _UNICODE = b"ASCII\0\0\0", b"UNICODE\0"
_MAX_COMMENT = 20_000  # bytes
_MAX_FSTOP = 100.0
_RATING = 0x4746

_PHOTOSHOP_IPTC = 0x0404
_TIFF_IPTC = 33723
_MAX_DATASETS = 1000
_IPTC_TITLE, _IPTC_HEADLINE, _IPTC_CAPTION = (2, 5), (2, 105), (2, 120)
_IPTC_KEYWORD, _IPTC_CITY, _IPTC_STATE, _IPTC_COUNTRY = (2, 25), (2, 90), (2, 95), (2, 101)
_IPTC_DATE, _IPTC_TIME = (2, 55), (2, 60)


def exif_facts(exif: Image.Exif) -> PhotoFacts:
    """What EXIF says; a value that is damaged is as good as none."""
    details, gps = _directory(exif, ExifTags.IFD.Exif), _directory(exif, ExifTags.IFD.GPSInfo)
    return tag_facts(exif, details, gps)


def tag_facts(main: _Directory, details: _Directory, gps: _Directory) -> PhotoFacts:
    """What EXIF's directories say: that of the picture, of the exposure, and of the position."""
    dates = (
        _value(details, _Tag.DateTimeOriginal),
        _value(details, _Tag.DateTimeDigitized),
        _value(main, _Tag.DateTime),
    )
    wide = (_utf16(_value(main, tag)) for tag in (_Tag.XPTitle, _Tag.XPComment))
    descriptions = (
        _value(main, _Tag.ImageDescription),
        _comment(_value(details, _Tag.UserComment)),
        *wide,
    )
    return PhotoFacts(
        taken=next(filter(None, map(moment, dates)), ""),
        camera=camera(_value(main, _Tag.Make), _value(main, _Tag.Model)),
        lens=lens(_value(details, _Tag.LensModel))
        or _zoom(_value(details, _Tag.LensSpecification)),
        descriptions=unique(map(caption, descriptions)),
        keywords=unique(map(word, _utf16(_value(main, _Tag.XPKeywords)).split(";")))[:MAX_KEYWORDS],
        position=position(
            _degrees(_value(gps, _Gps.GPSLatitude), _value(gps, _Gps.GPSLatitudeRef), "NS"),
            _degrees(_value(gps, _Gps.GPSLongitude), _value(gps, _Gps.GPSLongitudeRef), "EW"),
        ),
        rating=rating(_value(main, _RATING)),
    )


def _directory(exif: Image.Exif, tag: int) -> Mapping[int, Any]:
    with suppress(*DAMAGE):
        return exif.get_ifd(tag)
    return {}


def _value(directory: _Directory, tag: int) -> Any:
    # Pillow decodes a value when it is asked for, and may fail then.
    with suppress(*DAMAGE):
        return directory.get(tag)
    return None


def _utf16(value: object) -> str:
    """Windows' own tags: UTF-16 in bytes."""
    if isinstance(value, tuple) and all(isinstance(byte, int) for byte in value):
        with suppress(ValueError):
            value = bytes(value[:_MAX_COMMENT])
    if not isinstance(value, bytes):
        return ""
    return value[:_MAX_COMMENT].decode("utf-16-le", errors="ignore").split("\0")[0]


def _comment(value: object) -> object:
    """The user's comment without the eight bytes that name its encoding."""
    if not isinstance(value, bytes):
        return value
    mark, text = value[:8], value[8:_MAX_COMMENT]
    if mark == _UNICODE:
        # Of either byte order, whatever that of the file.
        both = (text.decode(codec, errors="ignore") for codec in ("utf-16-le", "utf-16-be"))
        return max(both, key=lambda read: sum(char < "\u0500" for char in read))
    if mark == _ASCII or not any(mark):
        return text
    return value if mark.isascii() and mark.decode().isprintable() else ""


def _number(value: object) -> float:
    """A rational or plain number, NaN for anything else."""
    with suppress(*DAMAGE):
        return float(value)  # type: ignore[arg-type]
    return math.nan


def _degrees(value: object, reference: object, directions: str) -> float | None:
    """Degrees, minutes and seconds; None without the letter that says which half of the globe."""
    letter = plain(reference, 2).upper()[:1]
    if not isinstance(value, tuple) or not 1 <= len(value) <= 3 or letter not in [*directions]:
        return None
    degrees = math.fsum(_number(part) / 60.0**power for power, part in enumerate(value))
    return -degrees if letter == directions[1] else degrees


def _zoom(value: object) -> str:
    """Focal lengths and apertures such as "24-70mm f/2.8", "" unless all make sense."""
    if not isinstance(value, tuple) or len(value) != 4:
        return ""
    shortest, longest, wide, tele = map(_number, value)
    if not (0 < shortest <= longest < 10_000 and 0 < wide < _MAX_FSTOP and 0 < tele < _MAX_FSTOP):
        return ""
    return f"{_span(shortest, longest)}mm f/{_span(wide, tele)}"


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"


def iptc_facts(image: Image.Image) -> PhotoFacts | None:
    """What IPTC says in a JPEG or TIFF, None if there is none."""
    data = _iptc(image)
    if not data:
        return None
    found: dict[tuple[int, int], list[bytes]] = {}
    for key, text in _datasets(data):
        found.setdefault(key, []).append(text)

    def first(key: tuple[int, int]) -> bytes:
        return found.get(key, [b""])[0]

    descriptions = map(first, (_IPTC_TITLE, _IPTC_HEADLINE, _IPTC_CAPTION))
    return PhotoFacts(
        taken=_iptc_moment(first(_IPTC_DATE), first(_IPTC_TIME)),
        descriptions=unique(map(caption, descriptions)),
        keywords=unique(map(word, found.get(_IPTC_KEYWORD, [])))[:MAX_KEYWORDS],
        town=word(first(_IPTC_CITY)),
        region=word(first(_IPTC_STATE)),
        country=word(first(_IPTC_COUNTRY)),
    )


def _iptc(image: Image.Image) -> bytes:
    with suppress(*DAMAGE, struct.error):
        resources = image.info.get("photoshop") or {}
        block = resources.get(_PHOTOSHOP_IPTC, b"")
        if not block and hasattr(image, "tag_v2"):
            block = image.tag_v2.get(_TIFF_IPTC, b"")
            if isinstance(block, tuple):  # declared as numbers of four bytes, in either order
                block = struct.pack(f"<{len(block)}L", *block)
                if block[:4].endswith(b"\x1c"):
                    block = b"".join(block[i : i + 4][::-1] for i in range(0, len(block), 4))
        return block if isinstance(block, bytes) else b""
    return b""


def _datasets(data: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Record and dataset numbers with their text, up to the first thing that is no dataset."""
    start = 0
    for _ in range(_MAX_DATASETS):
        if data[start : start + 1] != b"\x1c" or start + 5 > len(data):
            return
        record, dataset, length = struct.unpack_from(">BBH", data, start + 1)
        if length & 0x8000:  # longer than any text
            return
        yield (record, dataset), data[start + 5 : start + 5 + length]
        start += 5 + length


def _iptc_moment(day: bytes, time: bytes) -> str:
    date, clock = plain(day, 8), plain(time, 6)
    if not (len(date) == 8 and date.isdecimal()):
        return ""
    text = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    if len(clock) == 6 and clock.isdecimal():
        text += f"T{clock[:2]}:{clock[2:4]}:{clock[4:]}"
    return moment(text)
