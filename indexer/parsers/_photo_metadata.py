"""What is told of a photo: metadata under fixed keys, and words that searches find it by.

The keys: width, height, format, orientation, colours, colours_ru; where known date_taken
(ISO 8601, the clock where it was taken), camera, lens, description, keywords, place, place_ru,
rating; and latitude and longitude in degrees, which are never shown or searched as words.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from PIL import Image

from indexer.domain import Block, BoundingBox, Span
from indexer.parsers import _places, _sidecars
from indexer.parsers._exif import exif_facts, iptc_facts
from indexer.parsers._palette import colours
from indexer.parsers._photo_facts import PhotoFacts, caption, merged, unique
from indexer.parsers._raster import DAMAGE
from indexer.parsers._xmp import xmp_facts

# Texts of PNG; comments of JPEG and GIF.
_TEXTS = ("Title", "Description", "Comment", "title", "description", "comment")
_MAX_DESCRIPTION = 4000
_SQUARE = 0.03  # difference of the sides that still looks square
_CYRILLIC = re.compile("[А-яЁё]")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_MONTHS_RU = (
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
).split()


def embedded(image: Image.Image) -> list[PhotoFacts]:
    """What a decoded picture says of itself, the most believed first."""
    sources: list[PhotoFacts | None] = []
    with suppress(*DAMAGE):
        sources.append(exif_facts(image.getexif()))
    sources += [iptc_facts(image), xmp_facts(image.info.get("xmp") or b"")]
    texts = unique(caption(image.info.get(key)) for key in _TEXTS)
    return [*filter(None, sources), PhotoFacts(descriptions=texts)]


def photo_metadata(
    path: Path,
    told: Sequence[PhotoFacts],
    picture: Image.Image,
    *,
    width: int,
    height: int,
    format_name: str,
) -> dict[str, str]:
    """Metadata of the photo at ``path``, whose sidecars are read here.

    ``told`` is what the file says of itself, ``picture`` the upright photo in RGB at any scale,
    ``width`` and ``height`` its own pixels. XMP beside the photo is believed before the file.
    """
    beside = [(file.suffix.lower(), _sidecars.read(file)) for file in _sidecars.find(path)]
    edited = [facts for suffix, read in beside if suffix == ".xmp" for facts in read]
    others = [facts for suffix, read in beside if suffix != ".xmp" for facts in read]
    facts = merged([*edited, *told, *others])
    place, place_ru = _place(facts)
    latitude, longitude = map(_decimal, facts.position) if facts.position else ("", "")
    names, names_ru = colours(picture)
    metadata = {
        "width": str(width),
        "height": str(height),
        "format": format_name,
        "orientation": _orientation(width, height),
        "colours": ", ".join(names),
        "colours_ru": ", ".join(names_ru),
        "date_taken": facts.taken,
        "camera": facts.camera,
        "lens": facts.lens,
        "description": _joined(facts.descriptions),
        "keywords": ", ".join(facts.keywords),
        "place": place,
        "place_ru": place_ru,
        "latitude": latitude,
        "longitude": longitude,
        "rating": facts.rating,
    }
    return {key: value for key, value in metadata.items() if value}


def caption_blocks(metadata: dict[str, str]) -> tuple[Block, ...]:
    """The description, then a line of facts in English and Russian, each placed on all the photo.

    Nothing for a photo of which neither date, place, camera, keywords nor a description is known:
    colours alone say too little. Coordinates are never among the words.
    """
    facts = ""
    if any(metadata.get(key) for key in ("date_taken", "place", "camera", "keywords")):
        facts = f"{_facts_in_english(metadata)} {_facts_in_russian(metadata)}"
    return tuple(
        Block(
            kind="caption",
            text=text,
            spans=(Span(start=0, end=len(text), box=BoundingBox.whole()),),
        )
        for text in (metadata.get("description", ""), facts)
        if text
    )


def _orientation(width: int, height: int) -> str:
    if abs(width - height) <= _SQUARE * max(width, height):
        return "square"
    return "landscape" if width > height else "portrait"


def _decimal(degrees: float) -> str:
    return f"{degrees:.6f}".rstrip("0").rstrip(".")


def _joined(texts: Sequence[str]) -> str:
    sentences = [text if text[-1] in ".!?…:;" else f"{text}." for text in texts[:-1]]
    return " ".join((*sentences, *texts[-1:]))[:_MAX_DESCRIPTION].strip()


def _place(facts: PhotoFacts) -> tuple[str, str]:
    """Where the photo was taken, in English (or as the file says) and in Russian.

    The file's own town, region and country win over those found by its position, and are
    completed from the gazetteer where that knows the town beyond doubt.
    """
    here = _places.nearest(*facts.position) if facts.position else None
    country = facts.country or (here.country if here else "")
    if not facts.town:
        known = here or (_places.named("", country) if country else None)
        town, region = (here.town, here.region) if here else ("", "")
        return _parts(town, facts.region or region, country), known.name_ru if known else ""
    if here and facts.town.casefold() in {here.town.casefold(), here.town_ru.casefold()}:
        known = here
    else:
        known = _places.named(facts.town, country) if country else None
    if known is None:
        # A town of that name may lie in several countries: only its own name is translated.
        namesake = _places.named(facts.town)
        return _parts(facts.town, facts.region, country), namesake.town_ru if namesake else ""
    if _CYRILLIC.search(facts.town):
        return known.name, known.name_ru
    return _parts(facts.town, facts.region or known.region, country), known.name_ru


def _parts(*names: str) -> str:
    return ", ".join(unique(names))


def _facts_in_english(metadata: dict[str, str]) -> str:
    place, place_ru = metadata.get("place", ""), metadata.get("place_ru", "")
    where = f"{place} ({place_ru})" if place_ru not in ("", place) else place
    taken = _day(metadata, _MONTHS)
    told = [f"taken {taken}" if taken else "", where and f"in {where}"]
    camera = metadata.get("camera", "")
    sentences = [
        " ".join(filter(None, ("Photo", *told, camera and f"with {camera}"))),
        _listed("Colours", metadata.get("colours")),
        _listed("Keywords", metadata.get("keywords")),
    ]
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def _facts_in_russian(metadata: dict[str, str]) -> str:
    camera = metadata.get("camera", "")
    told = (_day(metadata, _MONTHS_RU), metadata.get("place_ru", ""), camera and f"камера {camera}")
    known = ", ".join(filter(None, told))
    sentences = [
        f"Фото: {known}" if known else "Фото",
        _listed("Цвета", metadata.get("colours_ru")),
        _listed("Ключевые слова", metadata.get("keywords")),
    ]
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def _listed(name: str, values: str | None) -> str:
    return f"{name}: {values}" if values else ""


def _day(metadata: dict[str, str], months: Sequence[str]) -> str:
    if "date_taken" not in metadata:
        return ""
    time = datetime.fromisoformat(metadata["date_taken"])
    return f"{time.day} {months[time.month - 1]} {time.year}"
