"""Words → the likeliest pictures → the places of the named thing in them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO

from PIL import Image

from indexer.cropping import cut
from indexer.domain import BoundingBox
from indexer.encoders._russian import in_english
from indexer.errors import LimitExceeded, NotFound, UnreadableDocument
from indexer.library import Library
from retriever.detectors import Detection, Detector, Look
from retriever.domain import FindResult, Hit, ItemKey
from retriever.errors import UnknownThing
from retriever.search import query_language, speaks
from retriever.settings import FindSettings

_NEAREST = 3  # pictures named where nothing is found
_FIGURE_SCALE = 2  # pages are drawn larger: a figure is only a part of one

_Seen = tuple[Hit, list[Detection]]


def find(
    words: str,
    candidates: Sequence[Hit],
    limit: int,
    *,
    library: Library,
    detector: Detector,
    settings: FindSettings,
    now: Callable[[], float] = time.monotonic,
) -> FindResult:
    """The places of a thing in ``candidates``, the pictures likeliest to show it, best first.

    At most ``limit`` pictures, by the score of their best place. When ``settings.seconds`` have
    passed, what was found so far is the result. EncoderUnavailable if the detector's weights
    cannot be loaded.
    """
    result = FindResult(
        query=words,
        hits=(),
        nearest=tuple(candidates[:_NEAREST]),
        detector=detector.name,
        candidates=len(candidates),
    )
    try:
        look = _look(detector, words)
    except UnknownThing as exc:
        return replace(result, note=f"{exc.cause}; {exc.remedy}")
    deadline = now() + settings.seconds
    seen: list[_Seen] = []
    missing = 0
    for candidate in candidates:
        if now() >= deadline:
            break
        try:
            seen.append((candidate, _places(candidate, look, library, settings)))
        except (NotFound, UnreadableDocument, LimitExceeded):
            missing += 1  # gone or changed since it was indexed: the next sync will say so
    seen.sort(key=_best, reverse=True)
    floor = settings.min_score or detector.floor
    shown = [pair for pair in seen if _best(pair) >= floor][:limit]
    hits = [
        hit
        for candidate, places in shown
        for hit in _hits(candidate, [place for place in places if place.score >= floor], library)
    ]
    return replace(
        result,
        hits=tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1)),
        nearest=() if hits else tuple(candidate for candidate, _ in seen[:_NEAREST]),
        looked_at=len(seen),
        note=_note(len(seen) + missing, len(candidates), settings.seconds),
    )


def distinct(places: Sequence[Detection], overlap: float) -> list[Detection]:
    """Best first, without those that overlap a better one by more than ``overlap`` (IoU)."""
    kept: list[Detection] = []
    for place in sorted(places, key=lambda place: -place.score):
        if all(place.box.iou(better.box) <= overlap for better in kept):
            kept.append(place)
    return kept


def _look(detector: Detector, words: str) -> Look:
    """Words of a language that the detector does not speak are put into English if they can be."""
    if speaks(detector.languages, query_language(words)):
        return detector.look_for(words)
    english = in_english(words).strip() if query_language(words) == "ru" else ""
    if not english:
        raise UnknownThing(
            words, cause="the detector knows no words of this language", remedy="use English words"
        )
    return detector.look_for(english)


def _places(
    candidate: Hit, look: Look, library: Library, settings: FindSettings
) -> list[Detection]:
    """What is found in a photo or figure, in fractions of it, best first."""
    document = candidate.document
    if _is_photo(candidate):
        jpeg = library.page_image(document.id, candidate.page, settings.side)
        return distinct(look(_decoded(jpeg)), settings.overlap)
    jpeg = library.page_image(document.id, candidate.page, settings.side * _FIGURE_SCALE)
    return distinct(look(cut(_decoded(jpeg), candidate.box)), settings.overlap)


def _hits(candidate: Hit, places: Sequence[Detection], library: Library) -> list[Hit]:
    """One hit per place, of the whole photo or of the figure."""
    photo = _is_photo(candidate)
    key = _whole_photo(candidate, library) if photo else candidate.key
    outer = BoundingBox.whole() if photo else candidate.box
    return [
        replace(candidate, key=key, score=place.score, box=place.box.inside(outer))
        for place in places
    ]


def _whole_photo(candidate: Hit, library: Library) -> ItemKey:
    """The crop that is the whole photo, whichever part of it was the candidate."""
    owner = library.crop(candidate.key.id).owner
    for stored in library.catalog.crops_of(owner.id):
        if stored.crop.kind == "photo" and stored.crop.page_number == candidate.page:
            return ItemKey("crop", stored.id)
    return candidate.key


def _is_photo(candidate: Hit) -> bool:
    return candidate.document.media_type.startswith("image/")


def _decoded(jpeg: bytes) -> Image.Image:
    """Our own JPEG."""
    return Image.open(BytesIO(jpeg), formats=("JPEG",)).convert("RGB")


def _best(pair: _Seen) -> float:
    return max((place.score for place in pair[1]), default=0.0)


def _note(looked_at: int, candidates: int, seconds: float) -> str:
    if looked_at == candidates:
        return ""
    return (
        f"{looked_at} of {candidates} pictures were looked at in {seconds:g} seconds; "
        "set SIGHTLINE_FIND_SECONDS to look longer"
    )
