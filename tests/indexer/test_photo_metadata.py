"""What camera, editor and sidecars tell of a photo: kept where it makes sense, never trusted."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, TiffImagePlugin

from indexer.domain import BoundingBox
from indexer.parsers import image as parser
from indexer.parsers._photo_facts import PhotoFacts, camera, caption, merged, moment, position
from indexer.parsers._photo_metadata import caption_blocks
from indexer.parsers._xmp import xmp_facts
from indexer.settings import ParserSettings

SETTINGS = ParserSettings(raster_side=256)
EXIF, GPS = 0x8769, 0x8825
NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}


def xmp(content: str, attributes: str = "") -> bytes:
    declared = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {declared}>'
        f"<rdf:Description {attributes}>{content}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def alternative(name: str, text: str) -> str:
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></{name}>'


def bag(name: str, *texts: str) -> str:
    items = "".join(f"<rdf:li>{text}</rdf:li>" for text in texts)
    return f"<{name}><rdf:Bag>{items}</rdf:Bag></{name}>"


def iptc(*datasets: tuple[int, bytes]) -> bytes:
    """An APP13 segment as Photoshop writes it."""
    records = b"".join(
        struct.pack(">BBBH", 0x1C, 2, number, len(text)) + text for number, text in datasets
    )
    block = b"8BIM" + struct.pack(">H2sL", 0x0404, b"\0\0", len(records)) + records
    block = b"Photoshop 3.0\0" + block + b"\0" * (len(records) % 2)
    return b"\xff\xed" + struct.pack(">H", len(block) + 2) + block


def photo(
    folder: Path,
    *,
    main: dict[int, Any] | None = None,
    details: dict[int, Any] | None = None,
    gps: dict[int, Any] | None = None,
    segment: bytes = b"",
    **saved: Any,
) -> Path:
    path = folder / "photo.jpg"
    exif = Image.Exif()
    exif.update(main or {})
    exif.get_ifd(EXIF).update(details or {})
    exif.get_ifd(GPS).update(gps or {})
    Image.new("RGB", (64, 48), "red").save(path, exif=exif, **saved)
    data = path.read_bytes()
    path.write_bytes(data[:2] + segment + data[2:])
    return path


def told(path: Path) -> dict[str, str]:
    """The metadata but for what the pixels say."""
    seen = {"width", "height", "format", "orientation", "colours", "colours_ru"}
    metadata = parser.parse(path, SETTINGS).header.metadata
    return {key: value for key, value in metadata.items() if key not in seen}


def texts(path: Path) -> list[str]:
    return [block.text for block in next(parser.parse(path, SETTINGS).pages).blocks]


def at(latitude: tuple[Any, ...], longitude: tuple[Any, ...], refs: str = "NE") -> dict[int, Any]:
    return {1: refs[0], 2: latitude, 3: refs[1], 4: longitude}


PARIS = at((48.0, 51.0, 30.24), (2.0, 17.0, 40.2))


# Dates


def test_the_moment_of_exposure_wins_over_scanning_and_saving(tmp_path: Path) -> None:
    details = {0x9004: "2018:02:02 02:02:02"}
    saved = {306: "2020:01:01 01:01:01"}
    assert told(photo(tmp_path, main=saved))["date_taken"] == "2020-01-01T01:01:01"
    path = photo(tmp_path, main=saved, details=details)
    assert told(path)["date_taken"] == "2018-02-02T02:02:02"
    details[0x9003] = "2019:07:14 18:05:00"
    path = photo(tmp_path, main=saved, details=details)
    assert told(path)["date_taken"] == "2019-07-14T18:05:00"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2019:07:14 18:05:00", "2019-07-14T18:05:00"),
        ("2019-07-14T18:05:00+02:00", "2019-07-14T18:05:00"),
        ("2019-07-14T18:05:00.123Z", "2019-07-14T18:05:00"),
        ("2019-07-14T18:05", "2019-07-14T18:05:00"),
        ("2019-07-14", "2019-07-14T00:00:00"),
        ("0000:00:00 00:00:00", ""),
        ("    :  :     :  :  ", ""),
        ("2019:02:30 10:00:00", ""),
        ("2019:07:14 25:00:00", ""),
        ("9999:12:31 23:59:59", ""),
        ("1970:01:01 00:00:00", ""),
        ("yesterday", ""),
        (None, ""),
        (20190714, ""),
    ],
)
def test_only_real_dates_are_kept(written: object, expected: str) -> None:
    assert moment(written) == expected


def test_a_garbage_date_gives_way_to_the_next_source(tmp_path: Path) -> None:
    path = photo(
        tmp_path,
        details={0x9003: "0000:00:00 00:00:00"},
        xmp=xmp("", 'xmp:CreateDate="2017-03-04T05:06:07+03:00"'),
    )
    assert told(path)["date_taken"] == "2017-03-04T05:06:07"


# Camera and lens


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("OLYMPUS IMAGING CORP.  ", "E-M1", "OLYMPUS E-M1"),
        ("Apple", "iPhone 11", "Apple iPhone 11"),
        ("", "Lumix", "Lumix"),
        ("Acme\0junk", "\0", "Acme"),
        (None, 5, ""),
    ],
)
def test_the_maker_is_said_once(make: object, model: object, expected: str) -> None:
    assert camera(make, model) == expected


def test_the_lens_is_named_or_described(tmp_path: Path) -> None:
    zoom = tuple(map(TiffImagePlugin.IFDRational, (24, 70)))
    bright = (TiffImagePlugin.IFDRational(28, 10),) * 2
    path = photo(tmp_path, details={0xA432: (*zoom, *bright)})
    assert told(path)["lens"] == "24-70mm f/2.8"
    path = photo(tmp_path, details={0xA432: (*zoom, *bright), 0xA434: "EF24-70mm f/2.8L"})
    assert told(path)["lens"] == "EF24-70mm f/2.8L"
    unknown = (TiffImagePlugin.IFDRational(0, 0),) * 4
    assert told(photo(tmp_path, details={0xA432: unknown, 0xA434: "----"})) == {}


# Descriptions


@pytest.mark.parametrize(
    "default",
    [
        "OLYMPUS DIGITAL CAMERA",
        "SONY DSC",
        "Exif_JPEG_PICTURE",
        "DCIM\\100MEDIA\\DJI_0001.JPG",
        "IMG_20190714_180500",
        "DSC00012.JPG",
        "Created with GIMP",
        "CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90",
        "oppo_32",
        "hw-jpeg;auto=1",
        "1234567890",
        "A" * 100,
        "?????????",
        "",
    ],
)
def test_what_cameras_and_programs_put_there_is_no_description(default: str) -> None:
    assert caption(default) == ""


@pytest.mark.parametrize(
    "written", ["A red boat", "Закат над Невой", "Smart car: red", "東京の夜", "Foto di Anna"]
)
def test_what_people_write_is_a_description(written: str) -> None:
    assert caption(written) == written


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_a_russian_description_in_exif_is_read(tmp_path: Path, encoding: str) -> None:
    path = photo(tmp_path, main={270: "Закат над Невой".encode(encoding)})
    assert told(path)["description"] == "Закат над Невой"


@pytest.mark.parametrize(
    "comment",
    [
        b"ASCII\0\0\0A red boat",
        bytes(8) + b"A red boat",
        b"UNICODE\0" + "A red boat".encode("utf-16-le"),
        b"UNICODE\0" + "A red boat".encode("utf-16-be"),
    ],
)
def test_the_comment_is_read_in_each_of_its_encodings(tmp_path: Path, comment: bytes) -> None:
    assert told(photo(tmp_path, details={0x9286: comment}))["description"] == "A red boat"


def test_the_tags_of_windows_are_read(tmp_path: Path) -> None:
    wide = {
        tag: f"{text}\0".encode("utf-16-le")
        for tag, text in ((0x9C9B, "Прогулка"), (0x9C9C, "По набережной"), (0x9C9E, "лето;река"))
    }
    found = told(photo(tmp_path, main=wide))
    assert found == {"description": "Прогулка. По набережной", "keywords": "лето, река"}


def test_descriptions_of_all_sources_are_joined_without_repetition(tmp_path: Path) -> None:
    path = photo(
        tmp_path,
        main={270: "Regatta"},
        segment=iptc((120, b"Regatta on the lake")),
        xmp=xmp(alternative("dc:title", "Summer") + alternative("dc:description", "regatta")),
    )
    assert told(path)["description"] == "Regatta on the lake. Summer"


# Keywords, people, rating


def test_keywords_of_iptc_and_xmp_and_people_are_gathered(tmp_path: Path) -> None:
    regions = (
        "<mwg-rs:Regions><rdf:Description><mwg-rs:RegionList><rdf:Bag>"
        '<rdf:li><rdf:Description mwg-rs:Name="Anna" mwg-rs:Type="Face"/></rdf:li>'
        "<rdf:li><rdf:Description><mwg-rs:Name>Пётр</mwg-rs:Name></rdf:Description></rdf:li>"
        "</rdf:Bag></mwg-rs:RegionList></rdf:Description></mwg-rs:Regions>"
    )
    microsoft = (
        "<MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag><rdf:li>"
        '<rdf:Description MPReg:PersonDisplayName="Olga"/>'
        "</rdf:li></rdf:Bag></MPRI:Regions></rdf:Description></MP:RegionInfo>"
    )
    content = bag("dc:subject", "Beach", "family") + regions + microsoft
    path = photo(
        tmp_path,
        segment=iptc((25, b"beach"), (25, "море".encode())),
        xmp=xmp(content, 'xmp:Rating="5"'),
    )
    assert told(path) == {
        "keywords": "beach, море, family, Anna, Пётр, Olga",
        "rating": "5",
    }


@pytest.mark.parametrize("stars", ["0", "-1", "7", "many", ""])
def test_ratings_that_are_no_stars_are_left_out(stars: str) -> None:
    facts = xmp_facts(xmp("", f'xmp:Rating="{stars}"'))
    assert facts is not None
    assert facts.rating == ""


# Places


def test_coordinates_become_a_place_in_two_languages(tmp_path: Path) -> None:
    assert told(photo(tmp_path, gps=PARIS)) == {
        "place": "Paris, Île-de-France, France",
        "place_ru": "Париж, Франция",
        "latitude": "48.8584",
        "longitude": "2.2945",
    }


def test_south_and_west_are_negative(tmp_path: Path) -> None:
    found = told(photo(tmp_path, gps=at((22.0, 54.0, 0.0), (43.0, 12.0, 0.0), "SW")))
    assert (found["latitude"], found["longitude"]) == ("-22.9", "-43.2")
    assert "Brazil" in found["place"]


NAN = TiffImagePlugin.IFDRational(0, 0)


@pytest.mark.parametrize(
    "gps",
    [
        at((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        at((NAN, NAN, NAN), (2.0, 17.0, 40.2)),
        at((148.0, 51.0, 30.24), (2.0, 17.0, 40.2)),
        at((48.0, 51.0, 30.24), (2.0, 17.0, 40.2), "XY"),
        {2: (48.0, 51.0, 30.24), 4: (2.0, 17.0, 40.2)},
        {1: "N", 2: (48.0, 51.0, 30.24)},
    ],
)
def test_positions_that_cannot_be_are_none(tmp_path: Path, gps: dict[int, Any]) -> None:
    assert told(photo(tmp_path, gps=gps)) == {}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 91.0, "48", None, 1e999])
def test_a_position_needs_numbers_on_the_globe(number: object) -> None:
    assert position(number, 2.0) is None


def test_the_position_in_xmp_is_read_when_exif_has_none(tmp_path: Path) -> None:
    path = photo(tmp_path, xmp=xmp("", 'exif:GPSLatitude="59,56.06N" exif:GPSLongitude="30,20,6E"'))
    assert told(path)["place"] == "Saint Petersburg, Russia"


def test_the_town_that_somebody_wrote_wins_over_the_position(tmp_path: Path) -> None:
    place = iptc((90, b"Versailles"), (101, b"France"))
    found = told(photo(tmp_path, gps=PARIS, segment=place))
    assert found["place"] == "Versailles, Île-de-France, France"
    assert found["place_ru"] == "Версаль, Франция"


def test_a_town_in_russian_is_found_in_english(tmp_path: Path) -> None:
    content = 'photoshop:City="Флоренция" photoshop:Country="Италия"'
    found = told(photo(tmp_path, xmp=xmp("", content)))
    assert (found["place"], found["place_ru"]) == (
        "Florence, Tuscany, Italy",
        "Флоренция, Италия",
    )


def test_a_town_without_country_is_not_put_into_one(tmp_path: Path) -> None:
    found = told(photo(tmp_path, segment=iptc((90, b"Cambridge"))))
    assert (found["place"], found["place_ru"]) == ("Cambridge", "Кембридж")


def test_an_unknown_town_is_kept_as_it_is_written(tmp_path: Path) -> None:
    found = told(photo(tmp_path, segment=iptc((90, b"Hobbiton"), (101, b"Narnia"))))
    assert found == {"place": "Hobbiton, Narnia"}


def test_a_country_alone_is_told(tmp_path: Path) -> None:
    found = told(photo(tmp_path, segment=iptc((101, b"France"))))
    assert found == {"place": "France", "place_ru": "Франция"}


# Order of sources


def test_xmp_beside_the_photo_wins_over_xmp_inside(tmp_path: Path) -> None:
    path = photo(
        tmp_path,
        details={0x9003: "2019:07:14 18:05:00"},
        xmp=xmp(alternative("dc:title", "Inside"), 'xmp:Rating="1"'),
    )
    beside = xmp(
        alternative("dc:title", "Beside") + bag("dc:subject", "lake"),
        'xmp:Rating="4" exif:DateTimeOriginal="2019-07-15T10:00:00"',
    )
    path.with_suffix(".xmp").write_bytes(beside)
    assert told(path) == {
        "date_taken": "2019-07-15T10:00:00",
        "description": "Beside. Inside",
        "keywords": "lake",
        "rating": "4",
    }


def test_takeout_and_captions_fill_what_the_file_leaves_open(tmp_path: Path) -> None:
    path = photo(tmp_path, details={0x9003: "2019:07:14 18:05:00"})
    takeout = {
        "photoTakenTime": {"timestamp": "0"},
        "geoData": {"latitude": 48.8584, "longitude": 2.2945},
        "people": [{"name": "Anna"}],
    }
    path.with_name("photo.jpg.json").write_text(json.dumps(takeout))
    path.with_suffix(".txt").write_text("Вечер у башни\n", encoding="utf-8")
    found = told(path)
    assert found["date_taken"] == "2019-07-14T18:05:00"
    assert found["description"] == "Вечер у башни"
    assert found["keywords"] == "Anna"
    assert found["place"] == "Paris, Île-de-France, France"


def test_the_first_source_that_knows_wins() -> None:
    first = PhotoFacts(camera="One", region="Bavaria", keywords=("Lake",))
    second = PhotoFacts(camera="Two", lens="50mm", town="Kyoto", keywords=("lake", "sea"))
    both = merged([first, second])
    assert (both.camera, both.lens, both.keywords) == ("One", "50mm", ("Lake", "sea"))
    # Not a region of one country with a town of another.
    assert (both.town, both.region) == ("Kyoto", "")


# Words to search by


def test_the_page_says_in_two_languages_what_is_known(tmp_path: Path) -> None:
    path = photo(
        tmp_path,
        main={271: "Canon", 272: "Canon EOS 5D", 270: "At the tower"},
        details={0x9003: "2019:07:14 18:05:00"},
        gps=PARIS,
        xmp=xmp(bag("dc:subject", "beach", "family")),
    )
    page = next(parser.parse(path, SETTINGS).pages)
    assert [block.text for block in page.blocks] == [
        "At the tower",
        "Photo taken 14 July 2019 in Paris, Île-de-France, France (Париж, Франция) "
        "with Canon EOS 5D. Colours: red. Keywords: beach, family. "
        "Фото: 14 июля 2019, Париж, Франция, камера Canon EOS 5D. Цвета: красный. "
        "Ключевые слова: beach, family.",
    ]
    for block in page.blocks:
        (span,) = block.spans
        assert (block.kind, span.start, span.end) == ("caption", 0, len(block.text))
        assert span.box == BoundingBox.whole()


def test_coordinates_are_never_among_the_words(tmp_path: Path) -> None:
    words = " ".join(texts(photo(tmp_path, gps=PARIS)))
    assert "Paris" in words
    assert not any(char.isdigit() for char in words)


def test_colours_alone_are_no_words(tmp_path: Path) -> None:
    assert texts(photo(tmp_path)) == []
    assert texts(photo(tmp_path, main={270: "A red boat"})) == ["A red boat"]


def test_keywords_alone_are_words() -> None:
    (block,) = caption_blocks({"keywords": "море, sun", "colours": "blue", "colours_ru": "синий"})
    assert block.text == (
        "Photo. Colours: blue. Keywords: море, sun. Фото. Цвета: синий. Ключевые слова: море, sun."
    )


# Pixels


@pytest.mark.parametrize(
    ("size", "expected"),
    [((64, 48), "landscape"), ((48, 64), "portrait"), ((64, 64), "square"), ((64, 63), "square")],
)
def test_orientation_is_that_of_the_upright_photo(
    tmp_path: Path, size: tuple[int, int], expected: str
) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", size, "white").save(path)
    assert parser.parse(path, SETTINGS).header.metadata["orientation"] == expected


@pytest.mark.parametrize(
    ("colour", "english", "russian"),
    [
        ("red", "red", "красный"),
        ((20, 30, 90), "dark blue", "тёмно-синий"),
        ((245, 220, 30), "yellow", "жёлтый"),
        ("white", "white", "белый"),
        ((135, 190, 235), "light blue", "голубой"),
    ],
)
def test_colours_are_named(tmp_path: Path, colour: Any, english: str, russian: str) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (40, 40), colour).save(path)
    metadata = parser.parse(path, SETTINGS).header.metadata
    assert (metadata["colours"], metadata["colours_ru"]) == (english, russian)


def test_the_commonest_colours_come_first_and_traces_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    picture = Image.new("RGB", (100, 100), "white")
    picture.paste((200, 20, 30), (0, 0, 20, 60))
    picture.paste("black", (0, 98, 100, 100))
    picture.save(path)
    assert parser.parse(path, SETTINGS).header.metadata["colours"] == "white, red"


# Hostile files


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\0" * 100,
        b"<x:xmpmeta",
        b"<" * 100_000,
        b"<a>" * 100_000,
        b"\xff\xfe<\0a\0",
        xmp("<dc:subject>" * 5000 + "</dc:subject>" * 5000),
        xmp("", 'exif:GPSLatitude="999999999999,1N" exif:GPSLongitude="1E"'),
    ],
)
def test_a_broken_packet_tells_nothing(packet: bytes) -> None:
    assert xmp_facts(packet) in (None, PhotoFacts())


def test_giant_values_are_cut() -> None:
    words = [f"word{number}" for number in range(5000)]
    facts = xmp_facts(
        xmp(bag("dc:subject", *words) + alternative("dc:description", "long text " * 10_000))
    )
    assert facts is not None
    assert len(facts.keywords) <= 60
    assert len(facts.descriptions[0]) <= 2000


def test_entities_of_a_packet_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret words", encoding="utf-8")
    declared = f'<!DOCTYPE x [<!ENTITY stolen SYSTEM "{secret.as_uri()}">]>'.encode()
    facts = xmp_facts(declared + xmp(alternative("dc:title", "&stolen;")))
    assert facts in (None, PhotoFacts())


def test_properties_of_ingredients_are_not_those_of_the_photo() -> None:
    inner = alternative("dc:title", "Another picture")
    facts = xmp_facts(
        xmp(f"<xmpMM:Ingredients><rdf:Description>{inner}</rdf:Description></xmpMM:Ingredients>")
    )
    assert facts == PhotoFacts()


def test_damaged_exif_and_iptc_leave_the_photo(tmp_path: Path) -> None:
    path = photo(tmp_path, main={271: "Acme", 270: "A red boat"}, gps=PARIS)
    whole = path.read_bytes()
    start = whole.index(b"Exif\0\0")
    end = start - 2 + int.from_bytes(whole[start - 2 : start], "big")
    for place in range(start + 6, end - 2, 3):
        path.write_bytes(whole[:place] + b"\xff\xff" + whole[place + 2 :])
        page = next(parser.parse(path, SETTINGS).pages)
        assert page.raster is not None
    segment = iptc((120, b"x" * 50))
    for place in range(18, len(segment), 3):
        broken = segment[:place] + b"\xff" + segment[place + 1 :]
        page = next(parser.parse(photo(tmp_path, segment=broken), SETTINGS).pages)
        assert page.raster is not None


def test_every_value_can_be_sent_on(tmp_path: Path) -> None:
    path = photo(
        tmp_path,
        main={270: b"half a pair \xed\xa0\x80 and \x01\x02 control", 271: b"\xff\xfe\x80"},
        segment=iptc((25, b"\x80\x81\xff"), (90, b"\x00\x01")),
    )
    for key, value in parser.parse(path, SETTINGS).header.metadata.items():
        assert value.encode()
        assert value.isprintable(), key
