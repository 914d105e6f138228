"""The results of the Search and Photos pages, also for whoever steps through them."""

from dataclasses import dataclass, replace

from flask import request

from indexer.domain import ItemKind
from indexer.filters import KINDS
from retriever.domain import Query
from web import forms, hits_walk, serialize, shapes
from web.engine import Engine
from web.queries import PictureSource, similar_query
from web.settings import WebSettings

SEARCH_STEP = 20
SIMILAR_STEP = 24
MAX_HITS = 200
TYPING = "X-Typing"  # a header of requests whose words are not finished
OBJECTS = "objects"  # the kind of result that is a place in a picture
# Kinds of picture by the documents that they stand in.
_PICTURES = {"photo": ("photo",), "figure": tuple(kind for kind in KINDS if kind != "photo")}


@dataclass(frozen=True, kw_only=True)
class Found:
    """``kind`` as the address has it; without a ``query`` nothing was asked."""

    kind: str
    limit: int
    query: Query | None = None
    result: shapes.Search | shapes.Find | None = None
    source: PictureSource | None = None

    def more(self, step: int) -> int | None:
        """A larger limit where this one was exhausted."""
        if self.result is None or len(self.result["hits"]) < self.limit or self.limit >= MAX_HITS:
            return None
        return min(MAX_HITS, self.limit + step)


def search(
    engine: Engine, settings: WebSettings, *, at_least: int = 0, quick: bool = False
) -> Found:
    """What the Search page's fields find: at least so many hits, if there are so many.

    ``quick`` leaves out what is slow, as do requests that say that somebody is typing.
    """
    text = forms.words("q")
    image = forms.photo(settings)
    shown = forms.words("kind")
    objects = shown == OBJECTS and bool(text) and image is None
    limit = max(forms.limit(SEARCH_STEP), at_least)
    kind, filters = _kind(shown, with_photo=image is not None), forms.filters()
    if shown in _PICTURES and not filters.types:
        filters = replace(filters, types=_PICTURES[shown])
    if not text and image is None:
        return Found(kind=shown if kind else "", limit=limit)
    query = Query(
        text=text,
        image=image,
        box=forms.box() if image else None,
        kind=kind,
        collections=forms.collections(),
        filters=filters,
        limit=limit,
        by_document=forms.by_document() and not objects,
        quick=quick or request.headers.get(TYPING) == "1",
    )
    result: shapes.Search | shapes.Find
    if objects:
        result = serialize.find_json(engine.find(query))
    else:
        result = serialize.search_json(engine.search(query))
    hits_walk.lead("search", result["hits"])
    return Found(kind=shown if objects or kind else "", limit=limit, query=query, result=result)


def _kind(shown: str, *, with_photo: bool) -> ItemKind | None:
    if shown in _PICTURES:
        return "crop"
    # A photo names no thing whose places could be found.
    return None if shown == OBJECTS and not with_photo else forms.kind()


def similar(engine: Engine, settings: WebSettings, *, at_least: int = 0) -> Found:
    """What the Photos page's fields find, likewise."""
    limit = max(forms.limit(SIMILAR_STEP), at_least)
    query, source = similar_query(engine, settings, kind="crop", limit=limit, words_suffice=True)
    result = serialize.search_json(engine.similar(query))
    hits_walk.lead("similar", result["hits"])
    return Found(kind="crop", limit=limit, query=query, result=result, source=source)
