"""What items are filtered by: the columns made for it, and filters as one condition on rows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import cos, radians
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased

from indexer.analysis import words
from indexer.domain import ItemKind
from indexer.filters import KINDS, Filters, Near, bounds, names
from indexer.store.tables import ChunkRow, CropRow, DocumentRow, FileRow

# A document's own date, the first that it has; what was begun is later changed.
_DATES = ("date_taken", "date", "published", "modified", "created")
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:$|[T ])")
_SQUARE = 0.03  # difference of the sides that still looks square, as with parsers of photos
_KM_PER_DEGREE = 111.195  # of a great circle, on a sphere of radius 6371.0 km
_EPOCH = date(1970, 1, 1)
_MAX_NS = 2**63 - 1


def columns(metadata: Mapping[str, str]) -> dict[str, str | None]:
    """Columns of a document that only filters read: its day, and words between spaces."""
    places = (metadata.get("place"), metadata.get("place_ru"))
    return {
        "dated": next(filter(None, (_day(metadata.get(name)) for name in _DATES)), None),
        "place_words": _spaced(" ".join(filter(None, places))),
        "camera_words": _spaced(metadata.get("camera") or ""),
    }


def documents(filters: Filters, collection_ids: Sequence[int] | None) -> ColumnElement[bool]:
    """Rows of ``DocumentRow`` that hold what the filters admit, in all collections for None."""
    of_language: list[ColumnElement[bool]] = []
    if filters.languages:
        spoken = sa.and_(
            ChunkRow.document_id == DocumentRow.id, ChunkRow.language.in_(filters.languages)
        )
        of_language.append(sa.exists().where(spoken))
    return sa.and_(*_of_document(filters, collection_ids), *of_language)


def items(kind: ItemKind, filters: Filters, collection_ids: Sequence[int]) -> ColumnElement[bool]:
    """Rows of ``ChunkRow`` or ``CropRow``, joined to ``DocumentRow``, that the filters admit."""
    of_language: list[ColumnElement[bool]] = []
    if filters.languages and kind == "chunk":
        of_language.append(ChunkRow.language.in_(filters.languages))
    elif filters.languages:
        beside = aliased(ChunkRow)
        spoken = sa.and_(
            beside.document_id == CropRow.document_id,
            beside.page_number == CropRow.page_number,
            beside.language.in_(filters.languages),
        )
        of_language.append(sa.exists().where(spoken))
    return sa.and_(*_of_document(filters, collection_ids), *of_language)


def _of_document(
    filters: Filters, collection_ids: Sequence[int] | None
) -> Iterator[ColumnElement[bool]]:
    yield sa.true() if collection_ids is None else DocumentRow.collection_id.in_(collection_ids)
    if filters.folders:
        yield _has_file(sa.or_(*(_below(folder) for folder in filters.folders)))
    if filters.types:
        yield sa.or_(*(_of_type(kind) for kind in filters.types))
    if filters.after or filters.before:
        yield _dated(filters.after, filters.before)
    for column, values in (
        (DocumentRow.place_words, filters.places),
        (DocumentRow.camera_words, filters.cameras),
    ):
        if values:
            yield sa.or_(*(_has_words(column, value) for value in values))
    if filters.near:
        yield _within(filters.near)
    yield from _of_size(filters)


def _has_file(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return sa.exists().where(FileRow.document_id == DocumentRow.id, condition)


def _below(folder: str) -> ColumnElement[bool]:
    """Ranges, not patterns: exact in every alphabet, and the index on paths serves them."""
    path = FileRow.path
    if folder.startswith("/"):
        ranges = (sa.and_(path >= low, path < high) for low, high in bounds(folder))
        return sa.or_(path == folder.rstrip("/").removesuffix("!"), *ranges)
    ended = sa.func.lower(path).concat("/")
    return sa.or_(*(ended.contains(part, autoescape=True) for part in names(folder)))


def _of_type(kind: str) -> ColumnElement[bool]:
    if kind.startswith("."):
        return _has_file(sa.func.lower(FileRow.path).endswith(kind, autoescape=True))
    return sa.or_(*map(_of_media_type, KINDS.get(kind, (kind,))))


def _of_media_type(pattern: str) -> ColumnElement[bool]:
    media_type = sa.func.lower(DocumentRow.media_type)
    if pattern.endswith("*"):
        return media_type.startswith(pattern.removesuffix("*").lower(), autoescape=True)
    return media_type == pattern


def _dated(after: date | None, before: date | None) -> ColumnElement[bool]:
    own: list[ColumnElement[bool]] = []
    changed: list[ColumnElement[bool]] = []
    if after:
        own.append(DocumentRow.dated >= after.isoformat())
        changed.append(FileRow.mtime_ns >= _nanoseconds(after))
    if before:
        own.append(DocumentRow.dated <= before.isoformat())
        changed.append(FileRow.mtime_ns < _nanoseconds(before, days=1))
    undated = sa.and_(DocumentRow.dated.is_(None), _has_file(sa.and_(*changed)))
    return sa.or_(sa.and_(*own), undated)


def _has_words(column: Any, value: str) -> ColumnElement[bool]:
    return sa.and_(*(column.contains(f" {word} ", autoescape=True) for word in words(value)))


def _within(near: Near) -> ColumnElement[bool]:
    """By arithmetic that every database has: the sides of a right triangle on the middle parallel.

    Against the great circle it is wrong by less than a thousandth of the distance below 70° of
    latitude and 500 km.
    """
    north = DocumentRow.latitude - near.latitude
    east = DocumentRow.longitude - near.longitude
    east = sa.case((east > 180, east - 360), (east < -180, east + 360), else_=east)
    # cos(φ + δ/2) with δ the difference in latitude, as its Taylor polynomial of the third degree.
    half = north * radians(0.5)
    cosine, sine = cos(radians(near.latitude)), cos(radians(90 - near.latitude))
    shrunk = cosine * (1 - half * half / 2) - sine * (half - half * half * half / 6)
    width = east * shrunk
    return north * north + width * width <= (near.km / _KM_PER_DEGREE) ** 2


def _of_size(filters: Filters) -> Iterator[ColumnElement[bool]]:
    width, height = DocumentRow.width, DocumentRow.height
    if filters.min_bytes:
        yield DocumentRow.size >= filters.min_bytes
    if filters.max_bytes is not None:
        yield DocumentRow.size <= filters.max_bytes
    if filters.min_width:
        yield width >= filters.min_width
    if filters.min_height:
        yield height >= filters.min_height
    if filters.min_megapixels:
        yield width * height >= filters.min_megapixels * 1e6
    # Without the absolute value, which no two databases call alike for every type.
    longer = sa.case((width > height, width), else_=height)
    difference = sa.case((width > height, width - height), else_=height - width)
    match filters.orientation:
        case "square":
            yield difference <= _SQUARE * longer
        case "landscape":
            yield sa.and_(width > height, difference > _SQUARE * longer)
        case "portrait":
            yield sa.and_(height > width, difference > _SQUARE * longer)


def _nanoseconds(day: date, *, days: int = 0) -> int:
    """When the day begins here, or ``days`` later, as files tell their times."""
    try:
        moment = datetime.combine(day + timedelta(days=days), datetime.min.time())
        seconds = round(moment.timestamp())
    except (OverflowError, ValueError, OSError):  # years that no clock has
        seconds = ((day - _EPOCH).days + days) * 86_400
    return max(-_MAX_NS, min(_MAX_NS, seconds * 10**9))


def _day(text: str | None) -> str | None:
    """The day that a date begins with, the first one where it is a month or a year."""
    match = _DAY.match(text or "")
    if match is None:
        return None
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _spaced(text: str) -> str | None:
    found = words(text)
    return f" {' '.join(found)} " if found else None
