"""A digital negative (DNG) for the contract suite, put together tag by tag.

Source of the tags: Adobe, Digital Negative Specification 1.7.
"""

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

SUFFIX = ".dng"
HAS_TEXT = False

_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _SIGNED_RATIONAL = 1, 2, 3, 4, 5, 10
_SIZES = {_BYTE: 1, _ASCII: 1, _SHORT: 2, _LONG: 4, _RATIONAL: 8, _SIGNED_RATIONAL: 8}
_CODES = {_BYTE: "B", _SHORT: "H", _LONG: "L", _RATIONAL: "L", _SIGNED_RATIONAL: "l"}

Tag = tuple[int, int, bytes | list[int]]


def make(path: Path) -> None:
    path.write_bytes(dng(scene(), model=""))  # a named camera would be text to search by


def scene(width: int = 320, height: int = 200) -> np.ndarray:
    """Red, green over blue, white in quarters: (height, width, 3), 0 to 255."""
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    middle, centre = height // 2, width // 2
    picture[:middle, :centre] = (220, 30, 30)
    picture[:middle, centre:] = (30, 200, 30)
    picture[middle:, :centre] = (30, 30, 220)
    picture[middle:, centre:] = (240, 240, 240)
    return picture


def dng(
    picture: np.ndarray,
    *,
    model: str = "Acme Raw 1",
    orientation: int = 1,
    preview: Image.Image | None = None,
    size: tuple[int, int] | None = None,
    extra: tuple[Tag, ...] = (),
) -> bytes:
    """``picture`` (height, width, 3) as the raw values of a sensor below an RGGB filter.

    ``preview`` is stored beside it as a JPEG, as cameras do. ``size`` lies about width and height;
    ``extra`` tags join those of the first directory.
    """
    height, width = picture.shape[:2]
    values = np.empty((height, width), dtype="<u2")
    linear = (picture.astype(float) / 255) ** 2.2 * 60000
    values[0::2, 0::2] = linear[0::2, 0::2, 0]
    values[0::2, 1::2] = linear[0::2, 1::2, 1]
    values[1::2, 0::2] = linear[1::2, 0::2, 1]
    values[1::2, 1::2] = linear[1::2, 1::2, 2]
    claimed_width, claimed_height = size or (width, height)
    camera: list[Tag] = [
        (271, _ASCII, b"Acme\0" if model else b"\0"),
        (272, _ASCII, model.encode() + b"\0"),
        (274, _SHORT, [orientation]),
        (50706, _BYTE, [1, 4, 0, 0]),
        (50707, _BYTE, [1, 1, 0, 0]),
        (50708, _ASCII, b"Acme Raw 1\0"),
        # The sensor sees sRGB: the matrix from XYZ to linear sRGB.
        (50721, _SIGNED_RATIONAL, _ratios(
            [3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570])),
        (50728, _RATIONAL, _ratios([1, 1, 1])),
        (50778, _SHORT, [21]),
        *extra,
    ]  # fmt: skip
    sensor: list[Tag] = [
        (254, _LONG, [0]),
        (256, _LONG, [claimed_width]),
        (257, _LONG, [claimed_height]),
        (258, _SHORT, [16]),
        (259, _SHORT, [1]),
        (262, _SHORT, [32803]),
        (277, _SHORT, [1]),
        (278, _LONG, [claimed_height]),
        (33421, _SHORT, [2, 2]),
        (33422, _BYTE, [0, 1, 1, 2]),
        (50717, _LONG, [60000]),
    ]
    if preview is None:
        return _tiff([([*camera, *sensor], values.tobytes())], None)
    buffer = BytesIO()
    preview.save(buffer, "JPEG", quality=90, exif=preview.info.get("exif", b""))
    jpeg = buffer.getvalue()
    # Cameras write Exif at once, Pillow a JFIF segment before it.
    jpeg = jpeg[:2] + jpeg[4 + int.from_bytes(jpeg[4:6], "big") :]
    shown: list[Tag] = [
        (254, _LONG, [1]),
        (256, _LONG, [preview.width]),
        (257, _LONG, [preview.height]),
        (258, _SHORT, [8, 8, 8]),
        (259, _SHORT, [7]),
        (262, _SHORT, [6]),
        (277, _SHORT, [3]),
        (278, _LONG, [preview.height]),
    ]
    return _tiff([([*camera, *shown], jpeg), (sensor, values.tobytes())], 330)


def _ratios(numbers: list[float]) -> list[int]:
    return [part for number in numbers for part in (round(number * 10000), 10000)]


def _tiff(directories: list[tuple[list[Tag], bytes]], child: int | None) -> bytes:
    """Little-endian TIFF whose first directory points to the second by the tag ``child``."""
    blob = bytearray(struct.pack("<2sHL", b"II", 42, 0))
    starts: list[int] = []
    for tags, pixels in reversed(directories):
        strip = len(blob)
        blob += pixels + b"\0" * (len(pixels) % 2)
        tags = [*tags, (273, _LONG, [strip]), (279, _LONG, [len(pixels)])]
        if child is not None and starts:
            tags.append((child, _LONG, [starts[0]]))
        entries = bytearray()
        for number, kind, value in sorted(tags, key=lambda tag: tag[0]):
            data = value if isinstance(value, bytes) else struct.pack(
                f"<{len(value)}{_CODES[kind]}", *value)  # fmt: skip
            count = len(data) // _SIZES[kind]
            if len(data) > 4:
                entries += struct.pack("<HHLL", number, kind, count, len(blob))
                blob += data + b"\0" * (len(data) % 2)
            else:
                entries += struct.pack("<HHL", number, kind, count) + data.ljust(4, b"\0")
        starts.insert(0, len(blob))
        blob += struct.pack("<H", len(tags)) + entries + struct.pack("<L", 0)
    struct.pack_into("<L", blob, 4, starts[0])
    return bytes(blob)
