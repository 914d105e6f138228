"""What a search may find at all: folders, types, dates, places, cameras, languages, sizes.

Values of one field widen each other, fields narrow each other; the sizes must all hold. Fields are
written alike everywhere (``FIELDS``): on the command line, in an address, in a form.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any, Literal, TypeVar, cast, get_args

from indexer.analysis import words
from indexer.errors import InvalidInput

Orientation = Literal["landscape", "portrait", "square"]

FIELDS = (
    "folder", "type", "after", "before", "place", "near", "camera", "language", "min_size",
    "max_size", "orientation",
)  # fmt: skip

# Media types by the name people have for them; a star stands for any ending.
KINDS: Mapping[str, tuple[str, ...]] = {
    "pdf": ("application/pdf",),
    "photo": ("image/*",),
    "office": (
        "application/msword",
        "application/rtf",
        "application/vnd.ms-excel*",
        "application/vnd.ms-powerpoint*",
        "application/vnd.ms-word*",
        "application/vnd.oasis.opendocument.*",
        "application/vnd.openxmlformats-officedocument.*",
    ),
    "text": ("text/*", "application/x-subrip"),
    "mail": ("message/*", "application/mbox", "application/vnd.ms-outlook"),
    "web": ("text/html", "application/xhtml+xml"),
    "book": ("application/epub+zip",),
    "archive": ("application/zip", "application/x-tar"),
}

MAX_KM = 500.0
MIN_KM = 1.0  # smaller circles would tell where a photo was taken
_MAX_VALUES = 32  # of one field
_MAX_CHARACTERS = 1000  # of one value

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+_-]*/(\*|[a-z0-9][a-z0-9.+_-]*\*?)")
_ENDING = re.compile(r"\.[^\W_]{1,12}(\.[^\W_]{1,12})?")
_SHORT_ENDING = re.compile(r"[a-z0-9]{2,4}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_PIXELS = re.compile(r"(\d{1,6})\s*[x×*х]\s*(\d{1,6})")  # also the Cyrillic letter
_MEASURE = re.compile(r"(\d{1,12}(?:[.,]\d{1,6})?)\s*([a-zа-я]*)")
_BYTES = {
    "": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20,
    "gib": 2**30, "б": 1, "кб": 10**3, "мб": 10**6, "гб": 10**9,
}  # fmt: skip
_MEGAPIXELS = frozenset({"mp", "mpx", "мп", "мпикс"})

_Value = TypeVar("_Value")


@dataclass(frozen=True, kw_only=True, slots=True)
class Near:
    """At most ``km`` kilometres from a point in degrees."""

    latitude: float
    longitude: float
    km: float

    def __post_init__(self) -> None:
        numbers = (self.latitude, self.longitude, self.km)
        if not all(map(isfinite, numbers)) or not (
            -90 <= self.latitude <= 90
            and -180 <= self.longitude <= 180
            and MIN_KM <= self.km <= MAX_KM
        ):
            raise InvalidInput(
                "near",
                cause="it is not a circle on the earth",
                remedy="use latitude,longitude,km such as 48.86,2.35,10, "
                f"with {MIN_KM:g} to {MAX_KM:g} km",
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """Which items a search may find; the default admits everything.

    ``folders``: an absolute path stands for itself and all below it, also inside a container
    (``/mail/box.zip``, ``/mail/box.zip!/2019``); other text is one or more whole folder names in a
    row, anywhere in a path. Any path of identical files counts. ``types``: a name of ``KINDS``, a
    media type (``image/png``, ``image/*``) or an ending (``.docx``). ``after`` and ``before`` are
    days that both count: the day a photo was taken, else the document's own date (sent,
    published, modified, created, the first of these it has), else the day its file was last
    changed. ``places`` and ``cameras``: every word of one of them. ``languages``: of a passage; a
    picture counts by the passages of its page. Bytes are those of the file; pixels are a photo's,
    so that with a limit on them only photos are left.
    InvalidInput for values that make no sense.
    """

    folders: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None
    places: tuple[str, ...] = ()
    near: Near | None = None
    cameras: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    min_bytes: int = 0
    max_bytes: int | None = None
    min_width: int = 0
    min_height: int = 0
    min_megapixels: float = 0.0
    orientation: Orientation | None = None

    def __post_init__(self) -> None:
        for folder in self.folders:
            if not folder.strip("/"):
                raise InvalidInput(
                    "folder",
                    cause=f"{folder!r} names no folder",
                    remedy="name one, or leave it out",
                )
        for kind in self.types:
            _check_type(kind)
        if self.after and self.before and self.before < self.after:
            raise InvalidInput(
                "before",
                cause=f"{self.before} comes before {self.after}",
                remedy="give the earlier day as after",
            )
        for name, values in (("place", self.places), ("camera", self.cameras)):
            for value in values:
                if not words(value):
                    raise InvalidInput(
                        name, cause=f"{value!r} holds no word", remedy="use letters or digits"
                    )
        for language in self.languages:
            if not _LANGUAGE.fullmatch(language):
                raise InvalidInput(
                    "language",
                    cause=f"{language!r} is not a code",
                    remedy="use two letters such as en or ru",
                )
        if self.max_bytes is not None and self.max_bytes < self.min_bytes:
            raise InvalidInput(
                "max_size",
                cause=f"{self.max_bytes} bytes are fewer than {self.min_bytes}",
                remedy="give the smaller size as min_size",
            )
        if self.orientation not in {None, *get_args(Orientation)}:
            raise InvalidInput(
                "orientation",
                cause=f"{self.orientation!r} is unknown",
                remedy=f"use {_or(get_args(Orientation))}",
            )

    def __bool__(self) -> bool:
        """Whether anything may be left out."""
        return self != NO_FILTERS

    @classmethod
    def parse(cls, fields: Mapping[str, Sequence[str]]) -> "Filters":
        """Filters from text, by the names of ``FIELDS``; empty values say nothing.

        ``after`` and ``before`` are a day, a month or a year (2021-03-05, 2021-03, 2021): its first
        day and its last one. Sizes are bytes (200kB, 2 MB), and for ``min_size`` also pixels
        (1920x1080, 5MP). InvalidInput, in one line, for what cannot be read.
        """
        unknown = [name for name in fields if name not in FIELDS]
        if unknown:
            raise InvalidInput(unknown[0], cause="no such filter", remedy=f"use {_or(FIELDS)}")
        given = {name: _values(name, fields.get(name, ())) for name in FIELDS}

        def one(name: str, read: Callable[[str, str], _Value]) -> _Value | None:
            if len(given[name]) > 1:
                raise InvalidInput(name, cause="it is given twice", remedy="give it once")
            return read(name, given[name][0]) if given[name] else None

        def turned(_: str, value: str) -> Orientation:
            return cast(Orientation, value.lower())  # checked when the filters are made

        return cls(
            folders=given["folder"],
            types=tuple(map(_type, given["type"])),
            after=one("after", lambda name, value: _period(name, value)[0]),
            before=one("before", lambda name, value: _period(name, value)[1]),
            places=given["place"],
            near=one("near", _near),
            cameras=given["camera"],
            languages=tuple(value.lower() for value in given["language"]),
            max_bytes=one("max_size", _bytes),
            orientation=one("orientation", turned),
            **_least(given["min_size"]),
        )

    def fields(self) -> dict[str, tuple[str, ...]]:
        """The fields that are filled in, as text of which :meth:`parse` makes the same filters."""
        near = self.near
        sizes = [f"{self.min_bytes}B"] if self.min_bytes else []
        if self.min_width or self.min_height:
            sizes.append(f"{self.min_width}x{self.min_height}")
        if self.min_megapixels:
            sizes.append(f"{self.min_megapixels:.6f}MP")
        found = {
            "folder": self.folders,
            "type": self.types,
            "after": (self.after.isoformat(),) if self.after else (),
            "before": (self.before.isoformat(),) if self.before else (),
            "place": self.places,
            "near": (f"{near.latitude!r},{near.longitude!r},{near.km!r}",) if near else (),
            "camera": self.cameras,
            "language": self.languages,
            "min_size": tuple(sizes),
            "max_size": () if self.max_bytes is None else (f"{self.max_bytes}B",),
            "orientation": (self.orientation,) if self.orientation else (),
        }
        return {name: values for name, values in found.items() if values}

    def holds(self, path: str) -> bool:
        """Whether ``path`` lies in one of the folders; true if there are none."""
        return not self.folders or any(_lies_in(path, folder) for folder in self.folders)


NO_FILTERS = Filters()


def bounds(folder: str) -> tuple[tuple[str, str], ...]:
    """The ranges ``[low, high)`` in the order of code points that hold every path below a folder.

    Below it in the file system, and below it as a container.
    """
    plain = folder.rstrip("/").removesuffix("!")
    # "0" follows "/": nothing else lies between them.
    return tuple((f"{plain}{mark}/", f"{plain}{mark}0") for mark in ("", "!"))


def _lies_in(path: str, folder: str) -> bool:
    if folder.startswith("/"):
        inside = any(low <= path < high for low, high in bounds(folder))
        return inside or path == folder.rstrip("/").removesuffix("!")
    return any(part in _folded(f"{path}/") for part in names(folder))


def names(folder: str) -> tuple[str, ...]:
    """What a path with "/" at its end holds, small ASCII letters, if folders of it are so named."""
    plain = _folded(folder.strip("/").removesuffix("!"))
    return (f"/{plain}/", f"/{plain}!/")


def _folded(text: str) -> str:
    # As databases do that know no other alphabets.
    return "".join(char.lower() if char.isascii() else char for char in text)


def _values(name: str, given: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(value.strip() for value in given if value.strip()))
    if len(found) > _MAX_VALUES:
        raise InvalidInput(name, cause=f"{len(found)} values", remedy=f"give at most {_MAX_VALUES}")
    for value in found:
        if len(value) > _MAX_CHARACTERS or "\x00" in value:
            raise InvalidInput(
                name,
                cause="it is longer than a value can be, or holds a null",
                remedy=f"use at most {_MAX_CHARACTERS} characters",
            )
    return found


def _type(value: str) -> str:
    lowered = value.lower()
    short = lowered not in KINDS and _SHORT_ENDING.fullmatch(lowered)
    return f".{lowered}" if short else lowered


def _check_type(value: str) -> None:
    if value not in KINDS and not _MEDIA_TYPE.fullmatch(value) and not _ENDING.fullmatch(value):
        raise InvalidInput(
            "type",
            cause=f"{value[:40]!r} is unknown",
            remedy=f"use {', '.join(KINDS)}, an ending such as .docx, or a media type",
        )


def _period(name: str, value: str) -> tuple[date, date]:
    """First and last day of a year, a month or a day."""
    try:
        match = _DAY.fullmatch(value)
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else 0 for part in match.groups())
        if match[3]:
            return date(year, month, day), date(year, month, day)
        if match[2]:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError:
        raise InvalidInput(
            name,
            cause=f"{value[:40]!r} is not a date",
            remedy="use a day, a month or a year such as 2021-03-05, 2021-03 or 2021",
        ) from None


def _near(name: str, value: str) -> Near:
    try:
        latitude, longitude, km = (float(part) for part in value.split(","))
    except ValueError:
        raise InvalidInput(
            name,
            cause="it is not three numbers",
            remedy="use latitude,longitude,km such as 48.86,2.35,10",
        ) from None
    return Near(latitude=latitude, longitude=longitude, km=km)


def _bytes(name: str, value: str) -> int:
    number, unit = _measure(name, value)
    if unit not in _BYTES:
        raise _not_a_size(name, value)
    return round(number * _BYTES[unit])


def _least(values: Sequence[str]) -> dict[str, Any]:
    """The limits below which sizes may not be: the largest of each kind, by field."""
    found: dict[str, float] = {}

    def at_least(name: str, limit: float) -> None:
        found[name] = max(limit, found.get(name, 0))

    for value in values:
        if match := _PIXELS.fullmatch(value.lower()):
            at_least("min_width", int(match[1]))
            at_least("min_height", int(match[2]))
            continue
        number, unit = _measure("min_size", value)
        if unit in _MEGAPIXELS:
            at_least("min_megapixels", number)
        else:
            at_least("min_bytes", _bytes("min_size", value))
    return found


def _measure(name: str, value: str) -> tuple[float, str]:
    match = _MEASURE.fullmatch(value.lower())
    if match is None:
        raise _not_a_size(name, value)
    return float(match[1].replace(",", ".")), match[2]


def _not_a_size(name: str, value: str) -> InvalidInput:
    pixels = ", or pixels such as 1920x1080 or 5MP" if name == "min_size" else ""
    return InvalidInput(
        name,
        cause=f"{value[:40]!r} is not a size",
        remedy=f"use bytes such as 200kB or 2MB{pixels}",
    )


def _or(choices: Sequence[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"
