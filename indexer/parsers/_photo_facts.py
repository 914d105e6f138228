"""What is known of a photo besides its pixels, whichever file or standard says so."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

_MAX_TEXT = 2000
_MAX_WORDS = 100  # of a name or keyword, characters
MAX_KEYWORDS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class PhotoFacts:
    """What one source says; empty where it says nothing.

    ``taken`` is ISO 8601 without a zone: the clock where the photo was taken. ``position`` is
    latitude and longitude in degrees. ``keywords`` include the names of people.
    """

    taken: str = ""
    camera: str = ""
    lens: str = ""
    descriptions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    town: str = ""
    region: str = ""
    country: str = ""
    position: tuple[float, float] | None = None
    rating: str = ""


def merged(sources: Sequence[PhotoFacts]) -> PhotoFacts:
    """One answer from several, the first source that knows something winning.

    Descriptions and keywords are gathered from all, repetitions left out. Town, region and
    country come from one source: the first that names a town, else the first with any of them.
    """
    placed = [source for source in sources if source.town] or [
        source for source in sources if source.region or source.country
    ]
    place = placed[0] if placed else PhotoFacts()
    return PhotoFacts(
        taken=next((source.taken for source in sources if source.taken), ""),
        camera=next((source.camera for source in sources if source.camera), ""),
        lens=next((source.lens for source in sources if source.lens), ""),
        descriptions=_without_repetitions(chain(*(source.descriptions for source in sources))),
        keywords=unique(chain(*(source.keywords for source in sources)))[:MAX_KEYWORDS],
        town=place.town,
        region=place.region,
        country=place.country,
        position=next((source.position for source in sources if source.position), None),
        rating=next((source.rating for source in sources if source.rating), ""),
    )


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Non-empty ``texts`` in order, those that differ only in capitals once."""
    seen: dict[str, str] = {}
    for text in texts:
        if text:
            seen.setdefault(text.casefold(), text)
    return tuple(seen.values())


def _without_repetitions(texts: Iterable[str]) -> tuple[str, ...]:
    """Titles are often the beginning of the description: the longer text stays."""
    kept: list[str] = []
    for text in texts:
        folded = text.casefold()
        if any(folded in other.casefold() for other in kept):
            continue
        kept = [other for other in kept if other.casefold() not in folded]
        kept.append(text)
    return tuple(kept)


def plain(value: object, limit: int = _MAX_TEXT) -> str:
    """One line of printable text of at most ``limit`` characters, "" for what is not text.

    Bytes are taken as UTF-8 or, failing that, Windows-1251 or Latin-1, and so is text that was
    decoded as Latin-1 before: EXIF has no place for an encoding.
    """
    if isinstance(value, bytes):
        value = value[: 4 * limit].decode("latin-1")
    if not isinstance(value, str):
        return ""
    text = _redecoded(value[: 4 * limit].split("\0")[0])
    kept = "".join(char for char in text if char.isprintable() or char.isspace())
    return " ".join(kept.split())[:limit].strip()


def word(value: object) -> str:
    """A name, keyword or camera: as ``plain``, but short and with a letter or digit in it."""
    text = plain(value, _MAX_WORDS)
    return text if any(char.isalnum() for char in text) else ""


def _redecoded(text: str) -> str:
    if text.isascii() or any(char > "\xff" for char in text):
        return text
    data = text.encode("latin-1")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Cut inside a letter, or not UTF-8.
        lenient = data.decode("utf-8", errors="ignore")
    if sum(char > "\x7f" for char in lenient) * 2 >= sum(char > "\x7f" for char in text) - 3 > 0:
        return lenient
    russian = data.decode("cp1251", errors="replace")
    words = [word for word in re.findall(r"\w+", russian) if not word.isascii()]
    # Accents stand among Latin letters, Russian letters among their like.
    if words and all(re.fullmatch("[А-яЁё]+", word) for word in words):
        return russian if max(map(len, words)) > 2 else text
    return text


# What cameras, phones and programs write where a description belongs.
_NO_CAPTION = re.compile(
    r"""
    (?:[\w-]+\ )*digital\ (?:still\ )?camera
    | sony\ dsc | samsung | default | untitled | none | null | ascii | unicode | unknown | n/?a
    | exif[_ ]jpeg(?:[_ ]picture)? | jpeg | my\ beautiful\ picture | photo | image
    | (?:created|made|edited|processed)\ (?:with|by|in|using)\b.*
    | creator:\ .* | .*\(using\ ijg\ jpeg.* | lead\ technologies.* | file\ written\ by\ .*
    | lavc?\d.* | intel\(r\)\ .* | optimized\ (?:by|with)\ .* | compressed\ (?:by|with)\ .*
    | \*+ | (?:oppo|hw|mtk|edof|beauty|touch|file?ter|hisi|xmode)[\w-]*[:;=].* | oppo_\d+
    | [a-z]:\\.* | dcim[\\/].*
    | \S+\.(?:jpe?g|png|tiff?|gif|bmp|hei[cf]|webp|psd|mov|mp4)
    | \S+\.(?:dng|cr[23]|nef|arw|raf|orf|rw2|pef|srw)
    | (?:img|dscn?|dscf|dsc|pict|pxl|mvi|vid|wp|p|image|scan|picture|photo|foto|screenshot)?[\W\d_]*
    """,
    re.I | re.X,
)
_LONG_RUN = re.compile(r"[!-~]{80,}")


def caption(value: object) -> str:
    """A description that a person may have written, "" for what a camera or program puts there."""
    text = plain(value)
    letters = sum(char.isalpha() for char in text)
    if letters < 3 or letters < 0.4 * len(text.replace(" ", "")):
        return ""
    if _NO_CAPTION.fullmatch(text) or _LONG_RUN.search(text):
        return ""
    return text


_MOMENT = re.compile(
    r"\s*(\d{4})[-:/.](\d{1,2})[-:/.](\d{1,2})(?:[T\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?"
)
# What clocks show that were never set.
_UNSET = frozenset({"1904-01-01T00:00:00", "1970-01-01T00:00:00", "1980-01-01T00:00:00"})
_FIRST_PHOTO = 1826


def moment(value: object) -> str:
    """A date of EXIF or XMP as "2019-07-14T18:05:00", the zone left out; "" for no such time."""
    match = _MOMENT.match(plain(value, 40))
    if match is None:
        return ""
    try:
        time = datetime(*(int(group or 0) for group in match.groups()))  # type: ignore[arg-type]
    except ValueError:
        return ""
    written = time.isoformat()
    if written in _UNSET or not _FIRST_PHOTO <= time.year <= datetime.now().year + 1:
        return ""
    return written


def position(latitude: object, longitude: object) -> tuple[float, float] | None:
    """Degrees on the globe. None for other numbers, and for 0, 0: a receiver without a fix."""
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    if abs(latitude) < 1e-6 and abs(longitude) < 1e-6:
        return None
    return float(latitude), float(longitude)


# Parts of firms' names that nobody says.
_FIRM = frozenset(
    "corporation corp co ltd inc company imaging optical electronics technologies techwin "
    "communications mobile gmbh ag".split()
)


def camera(make: object, model: object) -> str:
    """Maker and model without saying the maker twice: "Canon EOS 5D", "NIKON D90"."""
    maker = [
        part
        for part in word(make).replace(",", " ").split()
        if part.strip(".").casefold() not in _FIRM
    ]
    name = word(model)
    first = name.split(" ")[0].casefold()
    if any(part.casefold() == first for part in maker) or not maker:
        return name
    return " ".join((*maker, name)).strip()


_NO_LENS = re.compile(r"[\W\d_]*|(?:unknown|none|n/?a|manual|no)\b.*|0(?:\.0)? ?mm.*", re.I)


def lens(value: object) -> str:
    text = word(value)
    return "" if _NO_LENS.fullmatch(text) else text


def rating(value: object) -> str:
    """One to five stars as a digit, "" for anything else."""
    text = plain(str(value) if isinstance(value, int) else value, 8).removesuffix(".0")
    return text if text in {"1", "2", "3", "4", "5"} else ""
