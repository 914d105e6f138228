"""A library of things of every kind, made without parsers, and what each filter should leave."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from PIL import Image

from indexer.domain import BoundingBox, Chunk, Crop, Document, Page, Span
from indexer.filters import Filters, Near
from indexer.library import Library
from indexer.store.records import Embedded, FileState, NewDocument
from tests.fakes import ColourEncoder, HashEncoder, Vectors


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A document with one passage, or a photo with one picture; the first path names it."""

    paths: tuple[str, ...]
    text: str = ""
    colour: tuple[int, int, int] | None = None
    media_type: str = "text/plain"
    size: int = 1000
    changed: str = "2015-06-01"
    language: str = "en"
    metadata: dict[str, str] = field(default_factory=dict)


def photo(path: str, colour: tuple[int, int, int], *copies: str, **rest: object) -> Thing:
    metadata = {key: str(value) for key, value in rest.items()}
    return Thing(
        paths=(path, *copies), colour=colour, media_type="image/jpeg", size=500_000,
        metadata={"width": "4000", "height": "3000", **metadata},
    )  # fmt: skip


PARIS = {"place": "Paris, Île-de-France, France", "place_ru": "Париж, Франция",
         "latitude": "48.8584", "longitude": "2.2945"}  # fmt: skip
VERSAILLES = {"place": "Versailles, France", "place_ru": "Версаль, Франция",
              "latitude": "48.8049", "longitude": "2.1204"}  # fmt: skip

THINGS = (
    Thing(paths=("/docs/boiler.pdf",), text="red boiler manual", media_type="application/pdf",
          size=90_000, metadata={"created": "2019-11"}),
    Thing(paths=("/docs/boiler (old).pdf", "/backup/boiler.pdf"), text="blue boiler manual, old",
          media_type="application/pdf", metadata={"created": "2011-01-02"}),
    Thing(paths=("/docs/boiler.docx",), text="The red boiler offer lies in the drawer.",
          media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
          metadata={"created": "2013-12-23", "modified": "2021-03-05"}),
    Thing(paths=("/docs/письмо.eml",), text="красный котёл починили", language="ru",
          media_type="message/rfc822", metadata={"date": "2021-03-05T23:59:00+03:00"}),
    Thing(paths=("/docs/note.txt",), text="red boiler note", changed="2021-03-05"),
    Thing(paths=("/docs/box.zip!/in/note.txt",), text="green boiler note", changed="2010-01-01"),
    Thing(paths=("/docs/box.zip",), text="red list of the box", media_type="application/zip"),
    Thing(paths=("/docs2/note_1%.txt",), text="blue boiler note", size=0),
    Thing(paths=("/docs/%_'\";--.txt",), text="blue boiler drop table", language=""),
    Thing(paths=("/docs/page.html",), text="красный котёл и red boiler", language="ru",
          media_type="text/html", metadata={"published": "2021-03-05T10:00:00"}),
    photo("/photos/2019/tower.jpg", (200, 30, 30), date_taken="2019-07-14T12:00:00",
          camera="Canon EOS 5D Mark II", **PARIS),
    photo("/photos/2019/palace.jpg", (30, 200, 30), "/backup/palace.jpg",
          date_taken="2021-03-05T00:00:00", camera="NIKON D5300", **VERSAILLES),
    photo("/photos/2020/street.jpg", (30, 30, 200), date_taken="2020-02-29T08:00:00",
          camera="Apple iPhone 12", width="3000", height="4000", place="Новый Уренгой, Россия"),
    photo("/photos/2020/square.png", (180, 180, 20), width="1000", height="1010"),
    photo("/photos/small.jpg", (220, 10, 10), width="320", height="240", place="Parisville"),
    photo("/photos/fiji.jpg", (10, 220, 220), latitude="-16.85", longitude="179.99"),
)  # fmt: skip

Rule = Callable[[Thing], bool]


def _near(*names: str) -> Rule:
    return lambda thing: thing.paths[0].rsplit("/", 1)[-1] in names


def _kind(*starts: str) -> Rule:
    return lambda thing: thing.media_type.startswith(starts)


def _day(thing: Thing) -> str:
    metadata = thing.metadata
    names = ("date_taken", "date", "published", "modified", "created")
    own = next((metadata[name] for name in names if name in metadata), thing.changed)
    return own[:10] if len(own) >= 10 else f"{own}-01"


def _side(thing: Thing, name: str) -> int:
    return int(thing.metadata.get(name, 0))


CASES: dict[str, tuple[Filters, Rule]] = {
    "folder": (
        Filters(folders=("/docs",)),
        lambda thing: any(path.startswith("/docs/") for path in thing.paths),
    ),
    "folder of a copy": (
        Filters(folders=("/backup/",)),
        lambda thing: any(path.startswith("/backup") for path in thing.paths),
    ),
    "container": (
        Filters(folders=("/docs/box.zip",)),
        lambda thing: thing.paths[0].startswith("/docs/box.zip"),
    ),
    "folder in a container": (Filters(folders=("/docs/box.zip!/in",)), lambda t: "!" in t.paths[0]),
    "folder by name": (Filters(folders=("2019",)), lambda t: "/2019/" in t.paths[0]),
    "folders": (
        Filters(folders=("/docs2", "2020")),
        lambda thing: thing.paths[0].startswith(("/docs2/", "/photos/2020/")),
    ),
    "pdf": (Filters(types=("pdf",)), _kind("application/pdf")),
    "photo": (Filters(types=("photo",)), _kind("image/")),
    "office": (Filters(types=("office",)), _kind("application/vnd.openxml")),
    "text": (Filters(types=("text",)), _kind("text/")),
    "mail": (Filters(types=("mail",)), _kind("message/")),
    "media type": (Filters(types=("text/html",)), _kind("text/html")),
    "ending": (Filters(types=(".txt",)), lambda t: t.paths[0].endswith(".txt")),
    "ending with a wildcard in reach": (Filters(types=(".png",)), _near("square.png")),
    "types": (Filters(types=("pdf", ".eml")), _kind("application/pdf", "message/")),
    "after": (Filters(after=date(2019, 7, 14)), lambda t: _day(t) >= "2019-07-14"),
    "before": (Filters(before=date(2019, 11, 1)), lambda t: _day(t) <= "2019-11-01"),
    "day": (
        Filters(after=date(2021, 3, 5), before=date(2021, 3, 5)),
        lambda thing: _day(thing) == "2021-03-05",
    ),
    "place": (Filters(places=("paris",)), _near("tower.jpg")),
    "place in Russian": (Filters(places=("ВЕРСАЛЬ",)), _near("palace.jpg")),
    "place of several words": (
        Filters(places=("France Ile de",)), _near("tower.jpg"),
    ),
    "places": (
        Filters(places=("версаль", "уренгой новый")), _near("palace.jpg", "street.jpg"),
    ),
    "near": (
        Filters(near=Near(latitude=48.85, longitude=2.35, km=6)), _near("tower.jpg"),
    ),
    "not so near": (
        Filters(near=Near(latitude=48.85, longitude=2.35, km=25)),
        _near("tower.jpg", "palace.jpg"),
    ),
    "over the date line": (
        Filters(near=Near(latitude=-16.85, longitude=-179.99, km=5)), _near("fiji.jpg"),
    ),
    "camera": (Filters(cameras=("canon 5d",)), _near("tower.jpg")),
    "cameras": (Filters(cameras=("D5300", "iphone")), _near("palace.jpg", "street.jpg")),
    "language": (
        Filters(languages=("ru",)), lambda t: t.language == "ru" and t.colour is None,
    ),
    "bytes": (Filters(min_bytes=90_000, max_bytes=499_999), lambda t: t.size == 90_000),
    "no bytes": (Filters(max_bytes=0), lambda t: t.size == 0),
    "pixels": (
        Filters(min_width=3500, min_height=1), lambda t: _side(t, "width") >= 3500,
    ),
    "megapixels": (
        Filters(min_megapixels=1.0),
        lambda thing: _side(thing, "width") * _side(thing, "height") >= 1_000_000,
    ),
    "landscape": (
        Filters(orientation="landscape"),
        lambda thing: _side(thing, "width") > 1.05 * _side(thing, "height"),
    ),
    "portrait": (Filters(orientation="portrait"), _near("street.jpg")),
    "square": (Filters(orientation="square"), _near("square.png")),
    "photos of a year in a folder": (
        Filters(folders=("/photos",), types=("photo",), after=date(2019, 1, 1),
                before=date(2019, 12, 31), places=("france",), cameras=("canon",)),
        _near("tower.jpg"),
    ),
    "russian mail of a day": (
        Filters(types=("mail",), languages=("ru",), after=date(2021, 3, 5), folders=("docs",)),
        _near("письмо.eml"),
    ),
    "nothing": (Filters(places=("paris",), cameras=("nikon",)), lambda _: False),
    # Nothing in these is a wildcard or syntax; each names just what it spells.
    "folder with wildcards": (Filters(folders=("/doc_",)), lambda _: False),
    "folder of wildcards": (Filters(folders=("%",)), lambda _: False),
    "file with all that means something": (
        Filters(folders=("/docs/%_'\";--.txt",)), lambda t: "drop" in t.text,
    ),
    "place with wildcards": (Filters(places=("p%ris", "par_s")), lambda _: False),
    "place with quotes": (Filters(places=("paris' OR '1'='1",)), lambda _: False),
    "camera with syntax of the word index": (
        Filters(cameras=('canon" OR "nikon', "canon*", "NEAR(canon eos)")), _near("tower.jpg"),
    ),
    "ending that holds for a name": (Filters(types=(".t",)), lambda _: False),
}  # fmt: skip


def fill(
    library: Library,
    text: HashEncoder,
    clip: ColourEncoder,
    things: Sequence[Thing] = THINGS,
    collection: str = "main",
) -> None:
    """Enter the things into a new collection, each with its true vectors."""
    chosen = library.catalog.ensure_collection(collection, text, clip, encoders=("fake", "fake"))
    for thing in things:
        new = _new(thing, text, clip)
        library.catalog.add_document(chosen, new)
        for path in thing.paths[1:]:
            library.catalog.link_file(chosen, _state(thing, path, new.document.id))


def _new(thing: Thing, text: HashEncoder, clip: ColourEncoder) -> NewDocument:
    path = thing.paths[0]
    sha256 = hashlib.sha256(path.encode()).hexdigest()
    chunks: list[Embedded[Chunk]] = []
    crops: list[Embedded[Crop]] = []
    if thing.colour is None:
        span = Span(start=0, end=len(thing.text), box=BoundingBox.whole())
        chunk = Chunk(
            ordinal=0, page_number=1, kind="paragraph", text=thing.text, spans=(span,),
            language=thing.language,
        )  # fmt: skip
        vectors = (text.encode_passages([thing.text]), clip.encode_texts([thing.text]))
        chunks.append(Embedded(chunk, _bytes(*vectors)))
    else:
        crop = Crop(ordinal=0, page_number=1, kind="photo", box=BoundingBox.whole())
        encoded = clip.encode_images([Image.new("RGB", (2, 2), thing.colour)])
        crops.append(Embedded(crop, _bytes(encoded[clip.space], encoded[clip.image_space])))
    return NewDocument(
        document=Document(
            id=sha256, path=path, title=Path(path).stem, media_type=thing.media_type,
            size=thing.size, page_count=1, metadata=thing.metadata,
        ),
        file=_state(thing, path, sha256),
        pages=[Page(number=1, width=100, height=100)],
        chunks=chunks,
        crops=crops,
        chunk_spaces=(text.space, clip.space),
        crop_spaces=(clip.space, clip.image_space),
    )  # fmt: skip


def _state(thing: Thing, path: str, sha256: str) -> FileState:
    # Noon, wherever these tests run.
    changed = datetime.fromisoformat(f"{thing.changed}T12:00:00").astimezone(UTC)
    return FileState(
        path=path, size=thing.size, mtime_ns=int(changed.timestamp()) * 10**9, sha256=sha256,
        indexed=True,
    )  # fmt: skip


def _bytes(*vectors: Vectors) -> tuple[bytes, ...]:
    return tuple(each[0].astype("<f4").tobytes() for each in vectors)
