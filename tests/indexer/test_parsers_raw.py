"""RAW photos: the camera's preview or the developed sensor, upright, with what is told of them."""

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.domain import BoundingBox, Page, Raster
from indexer.errors import LimitExceeded, UnreadableDocument
from indexer.parsers import image, parser_for, raw
from indexer.settings import ParserSettings
from tests.contracts.made.raw import dng, scene

SETTINGS = ParserSettings(raster_side=256)
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (240, 240, 240)
# numpy's turns that undo an orientation: quarters counterclockwise of the upright picture.
STORED = {1: 0, 3: 2, 6: 1, 8: 3}


def only_page(path: Path) -> Page:
    (page,) = raw.parse(path, SETTINGS).pages
    return page


def corners(raster: Raster | None) -> list[str]:
    """The strongest channel near the left top, right top, left bottom and right bottom."""
    assert raster is not None
    with Image.open(BytesIO(raster.jpeg)) as picture:
        assert picture.size == (raster.width, raster.height)
        left, top = picture.width // 4, picture.height // 4
        found = []
        for x, y in ((left, top), (-left, top), (left, -top), (-left, -top)):
            colour = picture.getpixel((x % picture.width, y % picture.height))
            assert isinstance(colour, tuple)
            found.append("white" if min(colour) > 200 else "rgb"[colour.index(max(colour))])
    return found


def negative(tmp_path: Path, data: bytes, name: str = "photo.dng") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("with_preview", [True, False])
@pytest.mark.parametrize("orientation", sorted(STORED))
def test_sensor_and_preview_come_out_upright(
    tmp_path: Path, orientation: int, with_preview: bool
) -> None:
    stored = np.rot90(scene(), STORED[orientation]).copy()
    preview = Image.fromarray(stored).resize((stored.shape[1] * 2, stored.shape[0] * 2))
    data = dng(stored, orientation=orientation, preview=preview if with_preview else None)
    page = only_page(negative(tmp_path, data))
    assert (page.width, page.height) == (320, 200)
    assert corners(page.raster) == ["r", "g", "b", "white"]


def test_a_preview_that_the_camera_turned_is_not_turned_again(tmp_path: Path) -> None:
    stored = np.rot90(scene(200, 320), 1).copy()  # wider than high, as sensors are
    upright = Image.fromarray(scene(400, 640))
    page = only_page(negative(tmp_path, dng(stored, orientation=6, preview=upright)))
    assert (page.width, page.height) == (200, 320)
    assert corners(page.raster) == ["r", "g", "b", "white"]


def test_a_large_preview_is_taken_and_a_tiny_one_is_not(tmp_path: Path) -> None:
    grey = Image.new("RGB", (640, 400), (128, 128, 128))
    taken = only_page(negative(tmp_path, dng(scene(), preview=grey)))
    assert corners(taken.raster) == ["r"] * 4  # all channels alike
    tiny = only_page(negative(tmp_path, dng(scene(640, 400), preview=grey.resize((64, 40)))))
    assert corners(tiny.raster) == ["r", "g", "b", "white"]
    assert tiny.raster is not None
    assert tiny.raster.width == 256


def test_a_tiny_preview_is_better_than_a_sensor_that_cannot_be_read(tmp_path: Path) -> None:
    data = dng(scene(), preview=Image.fromarray(scene(64, 40)), size=(4000, 3000))
    page = only_page(negative(tmp_path, data))
    assert page.raster is not None
    assert page.raster.width == 64


def test_camera_date_place_and_description_are_told(tmp_path: Path) -> None:
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
        b'syntax-ns#" xmlns:exif="http://ns.adobe.com/exif/1.0/"><rdf:Description '
        b'exif:GPSLatitude="59,56.06N" exif:GPSLongitude="30,20.1E"/></rdf:RDF></x:xmpmeta>'
    )
    extra = (
        (270, 2, "Мост через Неву".encode() + b"\0"),
        (306, 2, b"2019:07:14 18:05:00\0"),
        (700, 1, xmp),
    )
    parsed = raw.parse(negative(tmp_path, dng(scene(), extra=extra)), SETTINGS)
    told = parsed.header.metadata
    assert told["camera"] == "Acme Raw 1"
    assert told["date_taken"] == "2019-07-14T18:05:00"
    assert told["description"] == "Мост через Неву"
    assert told["place"] == "Saint Petersburg, Russia"
    assert (told["format"], told["width"], told["height"]) == ("DNG", "320", "200")
    assert parsed.header.media_type == "image/x-adobe-dng"
    texts = [block.text for block in next(parsed.pages).blocks]
    assert texts[0] == "Мост через Неву"
    assert "Санкт-Петербург" in texts[1]
    assert "59" not in " ".join(texts)


def test_what_the_preview_tells_is_used_too(tmp_path: Path) -> None:
    preview = Image.fromarray(scene(640, 400))
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA434] = "EF24-70mm f/2.8L"
    preview.info["exif"] = exif.tobytes()
    path = negative(tmp_path, dng(scene(), preview=preview))
    assert raw.parse(path, SETTINGS).header.metadata["lens"] == "EF24-70mm f/2.8L"


def test_raw_files_that_begin_as_a_tiff_are_told_by_their_name(tmp_path: Path) -> None:
    data = dng(scene())
    for name in ("photo.nef", "photo.ARW", "photo.dng", "photo.pef", "photo.srw"):
        assert parser_for(negative(tmp_path, data, name)) is raw
    assert parser_for(negative(tmp_path, data, "photo.tif")) is image
    Image.fromarray(scene()).save(tmp_path / "photo.jpeg")
    named_wrongly = (tmp_path / "photo.jpeg").rename(tmp_path / "photo.cr2")
    assert parser_for(named_wrongly) is image


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"II*\0\x10\0\0\0CR\x02\0", raw),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", raw),
        (b"FUJIFILMCCD-RAW 0201", raw),
        (b"IIRO\x08\0\0\0", raw),
        (b"IIU\0\x18\0\0\0", raw),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", image),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1miaf", image),
    ],
)
def test_formats_with_first_bytes_of_their_own_need_no_name(
    tmp_path: Path, head: bytes, expected: object
) -> None:
    assert parser_for(negative(tmp_path, head + bytes(100), "photo")) is expected


def test_too_many_pixels_are_refused_before_developing(tmp_path: Path) -> None:
    path = negative(tmp_path, dng(scene(), size=(30_000, 20_000)))
    with pytest.raises(LimitExceeded, match="30000 x 20000 pixels"):
        raw.parse(path, SETTINGS)


def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path) -> None:
    path = negative(tmp_path, b"II*\0" + bytes(range(256)) * 20)
    with pytest.raises(UnreadableDocument, match="cannot be developed") as caught:
        raw.parse(path, SETTINGS)
    assert "\n" not in str(caught.value)


def test_a_box_is_rendered_from_the_photo(tmp_path: Path) -> None:
    path = negative(tmp_path, dng(scene()))
    lower_left = BoundingBox(x0=0.0, y0=0.5, x1=0.5, y1=1.0)
    raster = raw.render(path, 1, 50, lower_left, SETTINGS)
    assert (raster.width, raster.height) == (50, 31)
    assert corners(raster) == ["b"] * 4
    with pytest.raises(UnreadableDocument, match="no page 2"):
        raw.render(path, 2, 50, None, SETTINGS)


def test_the_boxes_of_a_cr3_tell_camera_date_and_place(tmp_path: Path) -> None:
    def box(name: bytes, exif: Image.Exif) -> bytes:
        content = exif.tobytes().removeprefix(b"Exif\0\0")
        return struct.pack(">L4s", 8 + len(content), name) + content

    main, details, gps = Image.Exif(), Image.Exif(), Image.Exif()
    main[271], main[272] = "Canon", "Canon EOS R5"
    details[0x9003] = "2021:06:05 10:11:12"
    gps[1], gps[2], gps[3], gps[4] = "N", (43.0, 46.0, 12.0), "E", (11.0, 15.0, 0.0)
    data = struct.pack(">L4s4s", 16, b"ftyp", b"crx ") + bytes(4)
    data += box(b"CMT1", main) + box(b"CMT2", details) + box(b"CMT4", gps)
    (facts,) = raw.own_facts(negative(tmp_path, data, "photo.cr3"))
    assert (facts.camera, facts.taken) == ("Canon EOS R5", "2021-06-05T10:11:12")
    assert facts.position == pytest.approx((43.77, 11.25))
