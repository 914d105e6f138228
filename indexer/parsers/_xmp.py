"""XMP, inside a picture or beside it: a small part of RDF, read without following anything.

Source: ISO 16684-1, and the property names of Exif, Photoshop, IPTC and the Metadata Working
Group, Guidelines for Handling Image Metadata 2.0.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from lxml.etree import _Element

# Editors append their history; more than this is nothing that a person wrote.
_MAX_BYTES = 4 * 1024 * 1024
_MAX_ITEMS = 200  # of one list

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_AUX = "{http://ns.adobe.com/exif/1.0/aux/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_EXIF_EX = "{http://cipa.jp/exif/1.0/}"
_IPTC = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
_IPTC_EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_MICROSOFT_REGION = "{http://ns.microsoft.com/photo/1.2/t/Region#}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_REGIONS = "{http://www.metadataworkinggroup.com/schemas/regions/}"
_TIFF = "{http://ns.adobe.com/tiff/1.0/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"

_DATES = (
    f"{_EXIF}DateTimeOriginal",
    f"{_PHOTOSHOP}DateCreated",
    f"{_EXIF}DateTimeDigitized",
    f"{_XMP}CreateDate",
)
_DESCRIPTIONS = (
    f"{_DC}title",
    f"{_PHOTOSHOP}Headline",
    f"{_DC}description",
    f"{_EXIF}UserComment",
    f"{_IPTC_EXT}AltTextAccessibility",
    f"{_IPTC}AltTextAccessibility",
)
_LENSES = (f"{_EXIF_EX}LensModel", f"{_AUX}Lens", f"{_EXIF}LensModel")


def xmp_facts(data: bytes | str) -> PhotoFacts | None:
    """What an XMP packet says of its photo; None for one that is damaged or too long."""
    from lxml import etree

    if isinstance(data, str):
        data = data.encode("utf-8", errors="ignore")
    if len(data) > _MAX_BYTES:
        return None
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data.strip(b"\0 \r\n\t"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return None if root is None else _facts(_Properties(root))


class _Properties:
    """The properties of the packet's own resource: elements or attributes of the outer
    ``rdf:Description``; those of ingredients and history lie deeper and are not seen.
    """

    def __init__(self, root: "_Element") -> None:
        outer = root if root.tag == f"{_RDF}RDF" else root.find(f".//{_RDF}RDF")
        self._resources = [] if outer is None else outer.findall(f"{_RDF}Description")

    def elements(self, name: str) -> "Iterator[_Element]":
        for resource in self._resources:
            yield from resource.findall(name)

    def texts(self, name: str) -> Iterator[str]:
        """The items of a list, the default one of language alternatives first, or the value."""
        for resource in self._resources:
            value = resource.get(name)
            if value:
                yield value
        for element in self.elements(name):
            items = list(islice(element.iterfind(f"*/{_RDF}li"), _MAX_ITEMS))
            items.sort(key=lambda item: item.get(_LANG) not in {None, "x-default"})
            for item in items or [element]:
                if item.text:
                    yield item.text

    def first(self, *names: str) -> str:
        return next((text for name in names for text in self.texts(name) if text.strip()), "")

    def parts(self, container: str, part: str) -> Iterator[str]:
        """Every ``part``, element or attribute, at any depth inside the ``container`` elements."""
        for element in self.elements(container):
            for inner in islice(element.iter(), 50 * _MAX_ITEMS):
                value = inner.text if inner.tag == part else inner.get(part)
                if value:
                    yield value


def _facts(xmp: _Properties) -> PhotoFacts:
    dates = (moment(text) for name in _DATES for text in xmp.texts(name))
    descriptions = (caption(xmp.first(name)) for name in _DESCRIPTIONS)
    lenses = (lens(xmp.first(name)) for name in _LENSES)
    town, region, country = _place(xmp)
    return PhotoFacts(
        taken=next(filter(None, dates), ""),
        camera=camera(xmp.first(f"{_TIFF}Make"), xmp.first(f"{_TIFF}Model")),
        lens=next(filter(None, lenses), ""),
        descriptions=unique(descriptions),
        keywords=unique(map(word, _keywords(xmp)))[:MAX_KEYWORDS],
        town=town,
        region=region,
        country=country,
        position=position(
            _degrees(xmp.first(f"{_EXIF}GPSLatitude")), _degrees(xmp.first(f"{_EXIF}GPSLongitude"))
        ),
        rating=rating(xmp.first(f"{_XMP}Rating")),
    )


def _keywords(xmp: _Properties) -> Iterator[str]:
    yield from xmp.texts(f"{_DC}subject")
    yield from xmp.texts(f"{_IPTC_EXT}PersonInImage")
    yield from xmp.parts(f"{_REGIONS}Regions", f"{_REGIONS}Name")
    region_info = "{http://ns.microsoft.com/photo/1.2/}RegionInfo"
    yield from xmp.parts(region_info, f"{_MICROSOFT_REGION}PersonDisplayName")


def _place(xmp: _Properties) -> tuple[str, str, str]:
    place = (
        xmp.first(f"{_PHOTOSHOP}City"),
        xmp.first(f"{_PHOTOSHOP}State"),
        xmp.first(f"{_PHOTOSHOP}Country"),
    )
    if not place[0]:
        # What is shown before where the camera stood.
        for container in ("LocationShown", "LocationCreated"):
            parts = [
                next(xmp.parts(f"{_IPTC_EXT}{container}", f"{_IPTC_EXT}{part}"), "")
                for part in ("City", "ProvinceState", "CountryName")
            ]
            if parts[0]:
                place = (parts[0], parts[1], parts[2])
                break
    return word(place[0]), word(place[1]), word(place[2])


_DEGREES = re.compile(r"(\d{1,3}),(\d{1,2}(?:\.\d{1,12})?)(?:,(\d{1,2}(?:\.\d{1,12})?))?([NSEW])")


def _degrees(text: str) -> float | None:
    """Degrees from "48,51.504N" or "48,51,30N", south and west negative."""
    match = _DEGREES.fullmatch(plain(text, 40).upper())
    if match is None:
        return None
    degrees = int(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
    return -degrees if match[4] in "SW" else degrees
