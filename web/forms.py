"""What a request asks for, checked. Reads Flask's request; calls nothing else."""

import re
from pathlib import PurePosixPath
from typing import cast, get_args

from flask import request
from werkzeug.datastructures import FileStorage

from indexer.domain import BoundingBox, ItemKind
from indexer.errors import InvalidInput, LimitExceeded
from indexer.filters import FIELDS, Filters
from indexer.library import DEFAULT_COLLECTION
from web.settings import WebSettings

MAX_WORDS = 2000  # characters of a question
MAX_NAME = 100  # characters of a collection name
MAX_BOXES = 64
MAX_JSON_BYTES = 1024 * 1024
_CONVERSATION = re.compile(r"[A-Za-z0-9_-]{1,64}")


def words(*names: str) -> str:
    """The first of these fields that is filled in, trimmed."""
    for name in names:
        if text := request.values.get(name, "").strip():
            return checked_words(text)
    return ""


def checked_words(text: str) -> str:
    if len(text) > MAX_WORDS:
        raise LimitExceeded(
            "question",
            cause=f"it has {len(text)} characters, more than {MAX_WORDS}",
            remedy="shorten it",
        )
    # JSON can hold halves of characters, which no database takes.
    return text.encode(errors="replace").decode().replace("\x00", " ")


def integer(name: str, default: int, *, low: int = 0, high: int = 2**31) -> int:
    raw = request.values.get(name, "").strip()
    if not raw:
        return default
    wanted = f"use {low} to {high}" if high < 2**31 else f"use {low} or more"
    try:
        value = int(raw)
    except ValueError:
        raise InvalidInput(
            name, cause=f"{raw[:40]!r} is not a whole number", remedy=wanted
        ) from None
    if value > high >= 2**31:
        wanted = "use a smaller number"
    if not low <= value <= high:
        raise InvalidInput(name, cause=f"{value} is out of range", remedy=wanted)
    return value


def crop_ids(name: str) -> list[int]:
    """The ids of indexed pictures in every field ``name``."""
    found = [raw.strip() for raw in request.values.getlist(name) if raw.strip()]
    for raw in found:
        if not (raw.isascii() and raw.isdecimal() and 0 < int(raw) < 2**63):
            raise InvalidInput(
                name, cause=f"{raw[:40]!r} is not the id of a picture", remedy="use a hit's id"
            )
    return [int(raw) for raw in found]


def limit(default: int = 10) -> int:
    return integer("k", default, low=1, high=200)


def kind() -> ItemKind | None:
    raw = request.values.get("kind", "").strip()
    if raw in {"", "all"}:
        return None
    if raw not in get_args(ItemKind):
        raise InvalidInput("kind", cause=f"{raw[:40]!r} is unknown", remedy="use chunk or crop")
    return cast(ItemKind, raw)


def by_document() -> bool:
    """Whether results are wanted one to a document: ``group=document``."""
    raw = request.values.get("group", "").strip()
    if raw not in {"", "document"}:
        raise InvalidInput("group", cause=f"{raw[:40]!r} is unknown", remedy="use document")
    return bool(raw)


def collections() -> tuple[str, ...]:
    return tuple(name for name in request.values.getlist("collection") if name)


def filters() -> Filters:
    return Filters.parse(filter_values())


def filter_values() -> dict[str, tuple[str, ...]]:
    """The filters that are filled in, as they were written."""
    given = {name: request.values.getlist(name) for name in FIELDS}
    filled = {name: tuple(filter(str.strip, values)) for name, values in given.items()}
    return {name: values for name, values in filled.items() if values}


def parse_box(raw: str, name: str = "box") -> BoundingBox:
    """Read ``x0,y0,x1,y1``. InvalidInput unless it is a rectangle inside the page."""
    try:
        x0, y0, x1, y1 = (float(part) for part in raw.split(","))
        return BoundingBox(x0=x0, y0=y0, x1=x1, y1=y1)
    except ValueError:
        raise InvalidInput(
            name,
            cause=f"{raw[:60]!r} is not a rectangle inside the picture",
            remedy="use x0,y0,x1,y1 with 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1",
        ) from None


def box(name: str = "box") -> BoundingBox | None:
    raw = request.values.get(name, "").strip()
    return parse_box(raw, name) if raw else None


def boxes(name: str) -> tuple[BoundingBox, ...]:
    return tuple(parse_box(raw, name) for raw in request.values.getlist(name)[:MAX_BOXES])


def photo(settings: WebSettings) -> bytes | None:
    """Bytes of the first uploaded ``image``, undecoded; None when no file was chosen."""
    return next(iter(photos("image", settings)), None)


def photos(name: str, settings: WebSettings) -> list[bytes]:
    """Bytes of the files uploaded as ``name``, undecoded, in their order."""
    found = [_photo(file, settings) for file in request.files.getlist(name)]
    return [data for data in found if data]


def _photo(file: FileStorage, settings: WebSettings) -> bytes:
    data = file.stream.read(settings.max_image_bytes + 1)
    if len(data) > settings.max_image_bytes:
        raise LimitExceeded(
            file_name(file) or "photo",
            cause=f"it is larger than {settings.max_image_bytes // (1024 * 1024)} MiB",
            remedy="make it smaller",
        )
    if not data and file.filename:
        raise InvalidInput(file_name(file), cause="the file is empty", remedy="choose another")
    return data


def weight(name: str) -> float:
    """A field's number, 1 when it is empty; the query checks its range."""
    raw = request.values.get(name, "").strip()
    try:
        return float(raw or 1)
    except ValueError:
        raise InvalidInput(
            name, cause=f"{raw[:40]!r} is not a number", remedy="use a number such as 0.5"
        ) from None


def file_name(file: FileStorage) -> str:
    """The last part of an uploaded file's name, without anything that is not printable."""
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name
    name = "".join(character for character in name if character.isprintable()).strip()
    return name[-200:] if name not in {".", ".."} else ""


def upload_name(file: FileStorage) -> str:
    """The same with the folders that the file was uploaded with."""
    name = (file.filename or "").replace("\\", "/")
    *folders, _ = name.split("/")
    plain = ["".join(filter(str.isprintable, folder)).strip()[-200:] for folder in folders]
    last = file_name(file)
    return (
        "/".join([*(part for part in plain if part not in {"", ".", ".."}), last]) if last else ""
    )


def flag(name: str) -> bool:
    """Whether a field is switched on."""
    raw = request.values.get(name, "").strip().lower()
    if raw not in {"", "0", "1", "true", "false"}:
        raise InvalidInput(name, cause=f"{raw[:40]!r} is no switch", remedy="use 1 or 0")
    return raw in {"1", "true"}


def collection_name() -> str:
    """The collection that uploads go to: the new name, the chosen one, or the default."""
    typed = request.form.get("new_collection") or request.form.get("collection")
    name = " ".join((DEFAULT_COLLECTION if typed is None else typed).split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidInput(
            "collection",
            cause="it needs a name" if not name else "its name is too long or not printable",
            remedy=f"type at most {MAX_NAME} letters",
        )
    return name


def conversation() -> str | None:
    """The conversation that a question belongs to: its id, "new", or None."""
    return checked_conversation(request.values.get("conversation", "").strip())


def checked_conversation(value: str) -> str | None:
    if value and not _CONVERSATION.fullmatch(value):
        raise InvalidInput(
            "conversation",
            cause=f"{value[:40]!r} is not the id of one",
            remedy="send the id that an answer came with, or new",
        )
    return value or None


def json_body() -> object:
    """What the request's JSON says; None where it is not JSON."""
    request.max_content_length = MAX_JSON_BYTES
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def json_object() -> dict[str, object]:
    body = json_body()
    if not isinstance(body, dict):
        raise InvalidInput(
            "request", cause="its body is not a JSON object", remedy='send {"question": "…"}'
        )
    return body


def json_text(body: dict[str, object], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise InvalidInput(name, cause="it is not text", remedy="send a string")
    return checked_words(value.strip())


def json_collections(body: dict[str, object]) -> tuple[str, ...]:
    return json_texts(body, "collection")


def json_filters(body: dict[str, object]) -> Filters:
    return Filters.parse({name: json_texts(body, name) for name in FIELDS})


def json_texts(body: dict[str, object], name: str) -> tuple[str, ...]:
    """A field that may be one text or a list of them."""
    value = body.get(name, [])
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InvalidInput(name, cause="it is not text or a list of texts", remedy="send a string")
    return tuple(texts)
