"""Files beside a picture are found, told from documents, and read without trusting them."""

import json
from pathlib import Path

import pytest

from indexer.parsers import _sidecars as sidecars
from indexer.parsers._photo_facts import PhotoFacts

XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
  xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
 <rdf:Description rdf:about="" xmp:Rating="4">
  <dc:description><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:description>
 </rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff")
    return path


def beside(photo: Path, name: str, content: str = "x") -> Path:
    path = photo.with_name(name)
    path.write_text(content, encoding="utf-8")
    return path


def only(path: Path) -> PhotoFacts:
    (facts,) = sidecars.read(path)
    return facts


def test_every_kind_is_found_in_the_order_of_belief(photo: Path) -> None:
    names = ["photo.jpg.xmp", "photo.xmp", "photo.jpg.txt", "photo.txt", "photo.jpg.json"]
    written = [beside(photo, name) for name in reversed(names)]
    assert list(sidecars.find(photo)) == list(reversed(written))


@pytest.mark.parametrize("name", ["photo.XMP", "photo.jpg.Xmp", "photo.TXT", "photo.jpg.JSON"])
def test_capitals_of_the_suffix_do_not_matter(photo: Path, name: str) -> None:
    path = beside(photo, name)
    assert sidecars.find(photo) == (path,)


def test_links_folders_and_long_files_are_no_sidecars(photo: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("secret")
    photo.with_name("photo.xmp").symlink_to(elsewhere)
    photo.with_name("photo.jpg.txt").mkdir()
    beside(photo, "photo.txt", "a" * 65_537)
    assert sidecars.find(photo) == ()


def test_only_pictures_have_sidecars(tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_text("x")
    (tmp_path / "paper.pdf").write_text("x")
    assert sidecars.find(tmp_path / "paper.pdf") == ()
    raw = tmp_path / "paper.CR2"
    raw.write_text("x")
    assert sidecars.find(raw) == (tmp_path / "paper.txt",)


def test_names_that_takeout_cut_are_found(tmp_path: Path) -> None:
    photo = tmp_path / "PXL_20230101_123456789.jpg"
    photo.write_bytes(b"\xff\xd8\xff")
    cut = tmp_path / "PXL_20230101_123456789.jpg.supplemental-metada.json"
    cut.write_text("{}")
    assert len(cut.stem) == 46
    assert sidecars.find(photo) == (cut,)
    assert sidecars.is_sidecar(cut)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("photo.xmp", True),
        ("photo.jpg.xmp", True),
        ("photo.jpg.XMP", True),
        ("photo.jpg.json", True),
        ("photo.jpg.supplemental-metadata.json", True),
        ("photo.txt", False),
        ("photo.jpg.txt", False),
        ("photo.json", False),
        ("other.xmp", False),
        ("other.jpg.json", False),
        ("photo.jpg", False),
    ],
)
def test_sidecars_are_told_from_documents(photo: Path, name: str, expected: bool) -> None:
    path = photo if name == photo.name else beside(photo, name)
    assert sidecars.is_sidecar(path) is expected


def test_a_picture_with_a_suffix_in_capitals_has_sidecars_too(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.JPG").write_bytes(b"\xff\xd8\xff")
    assert sidecars.is_sidecar(beside(tmp_path / "IMG_1.JPG", "IMG_1.xmp"))


def test_xmp_beside_a_picture_is_read(photo: Path) -> None:
    facts = only(beside(photo, "photo.xmp", XMP % "Закат над Невой"))
    assert (facts.descriptions, facts.rating) == (("Закат над Невой",), "4")


def test_a_caption_is_read_in_any_encoding(photo: Path) -> None:
    path = photo.with_name("photo.txt")
    path.write_bytes("Мост через реку\nи старая башня".encode("cp1251"))
    assert only(path).descriptions == ("Мост через реку и старая башня",)


def test_takeout_tells_description_time_place_and_people(photo: Path) -> None:
    told = {
        "title": "photo.jpg",
        "description": "At the lake",
        "photoTakenTime": {"timestamp": "1563120300"},
        "geoData": {"latitude": 45.98, "longitude": 9.25},
        "people": [{"name": "Anna"}, {"name": "Пётр"}],
    }
    assert only(beside(photo, "photo.jpg.json", json.dumps(told))) == PhotoFacts(
        taken="2019-07-14T16:05:00",
        descriptions=("At the lake",),
        keywords=("Anna", "Пётр"),
        position=(45.98, 9.25),
    )


@pytest.mark.parametrize(
    "told",
    [
        '{"geoData": {"latitude": 0.0, "longitude": 0.0}}',
        '{"geoData": {"latitude": NaN, "longitude": 9}, "people": [1, null]}',
        '{"geoData": [], "people": {}, "photoTakenTime": 5, "description": ["x"]}',
        '{"photoTakenTime": {"timestamp": "1e999"}}',
        '{"photoTakenTime": {"timestamp": 99999999999999999999}}',
    ],
)
def test_nonsense_from_takeout_tells_nothing(photo: Path, told: str) -> None:
    assert only(beside(photo, "photo.jpg.json", told)) == PhotoFacts()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.jpg.json", "[" * 60_000),
        ("photo.jpg.json", "[1, 2]"),
        ("photo.jpg.json", "not JSON"),
        ("photo.xmp", "not XML"),
        ("photo.txt", "\0\1\2\3"),
        ("photo.txt", "12345"),
    ],
)
def test_damaged_sidecars_tell_nothing(photo: Path, name: str, content: str) -> None:
    assert not sidecars.read(beside(photo, name, content))


def test_a_sidecar_that_vanished_tells_nothing(photo: Path) -> None:
    assert sidecars.read(photo.with_name("photo.xmp")) == ()


def test_xmp_cannot_reach_other_files(photo: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret words", encoding="utf-8")
    declared = f'<!DOCTYPE x [<!ENTITY stolen SYSTEM "{secret.as_uri()}">]>'
    facts = sidecars.read(beside(photo, "photo.xmp", declared + XMP.split("?>\n")[1] % "&stolen;"))
    assert all("secret" not in " ".join(told.descriptions) for told in facts)


def test_entities_do_not_grow(photo: Path) -> None:
    lines = ['<!ENTITY a0 "lol lol lol lol">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    bomb = f"<!DOCTYPE x [{''.join(lines)}]>{XMP.split('?>' + chr(10))[1] % '&a9;'}"
    facts = sidecars.read(beside(photo, "photo.xmp", bomb))
    assert all(len(" ".join(told.descriptions)) < 100 for told in facts)
