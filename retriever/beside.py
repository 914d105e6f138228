"""Pictures by the words on their page: read in a photo, said of it, or around a figure.

A photo's own page holds the text read from it, its date, camera and place. A figure is found by
the lines above, below and beside it.
"""

from collections.abc import Sequence
from dataclasses import replace

from indexer.analysis import stems
from indexer.domain import BoundingBox, Chunk
from indexer.library import Library
from indexer.store.records import Collection, StoredChunk
from retriever.domain import ItemKey, Query, Ranking
from retriever.fusion import by_score
from retriever.lexical import covered
from retriever.words import WordSearch

_COVERED = 0.6  # share of the query's weight that lines must hold to speak for a picture
_REACH = 0.25  # heights of the page between a line and a figure that it speaks of


def by_page(
    library: Library,
    words: WordSearch,
    query: Query,
    collections: Sequence[Collection],
    candidates: int,
) -> Ranking:
    """Photos, figures and tables near lines that hold most of a query.

    The score is the share of the query's weight that lines of one passage near the picture hold.
    """
    terms = words.terms("chunk", query.text)
    forms = [form for term in terms for form in term.forms]
    catalog = library.catalog
    rows = catalog.lexical_search("chunk", forms, candidates, collections, query.filters)
    stored = catalog.stored_stems("chunk", [number for number, _ in rows])
    speaking = [
        number
        for number, (text, context) in stored.items()
        if covered(terms, {*text, *context}) >= _COVERED
    ]
    pages: dict[tuple[int, int], list[StoredChunk]] = {}
    for passage in catalog.chunks(speaking).values():
        pages.setdefault((passage.owner.id, passage.chunk.page_number), []).append(passage)
    scores: dict[ItemKey, float] = {}
    for crop in catalog.crops_on(list(pages)):
        # A photo's text is all about it.
        reach = 1.0 if crop.crop.kind == "photo" else _REACH
        share = max(
            covered(terms, {*_near(passage.chunk, crop.crop.box, reach), *stored[passage.id][1]})
            for passage in pages[crop.owner.id, crop.crop.page_number]
        )
        if share >= _COVERED:
            scores[ItemKey("crop", crop.id)] = share
    return replace(by_score("page", scores), zero=0.0, full=1.0)


def _near(chunk: Chunk, box: BoundingBox, reach: float) -> set[str]:
    """The stems of the lines of a passage that lie within ``reach`` of ``box``."""
    lines = (
        chunk.text[span.start : span.end] for span in chunk.spans if _gap(span.box, box) <= reach
    )
    return {found for line in lines for found in stems(line)}


def _gap(one: BoundingBox, other: BoundingBox) -> float:
    """Heights of the page between two boxes; 0 where they share a height."""
    return max(0.0, one.y0 - other.y1, other.y0 - one.y1)
