"""The pictures that belong to an answer: those it cites, and the figures beside its quotes."""

from collections.abc import Iterator

from indexer.domain import BoundingBox
from indexer.errors import NotFound
from retriever.domain import Answer, Citation
from web import links
from web.engine import Engine
from web.serialize import Json

_MOST = 10
# Tiles and objects are cuts of a picture that is shown whole.
_KINDS = frozenset({"figure", "photo", "table"})


def pictures(engine: Engine, answer: Answer) -> list[Json]:
    """At most ten, cited ones first; ``n`` is the number of the citation, None for the others."""
    citations = [citation for citation in answer.citations if not citation.stale]
    found = [
        _picture(each, each.key.id, each.box, each.caption, each.n)
        for each in citations
        if each.key.kind == "crop"
    ]
    shown = {each["id"] for each in found}
    found += [each for each in _beside(engine, citations) if each["id"] not in shown]
    return found[:_MOST]


def _beside(engine: Engine, citations: list[Citation]) -> Iterator[Json]:
    """The figures of every page that is quoted from."""
    quoted = {(each.document.id, each.page): each for each in citations if each.key.kind == "chunk"}
    for citation in quoted.values():
        if not citation.document.visual or citation.document.media_type.startswith("image/"):
            continue
        try:
            crops = engine.page_crops(citation.document.id, citation.page)
        except NotFound:  # gone since the answer was made
            continue
        for crop in crops:
            if crop.kind in _KINDS and not links.is_whole(crop.box):
                yield _picture(citation, crop.id, crop.box, crop.caption, None)


def _picture(
    citation: Citation, crop_id: int, box: BoundingBox, caption: str, n: int | None
) -> Json:
    return {
        "id": crop_id,
        "n": n,
        "image": links.thumbnail(crop_id),
        "title": citation.document.title,
        "caption": caption,
        "url": links.page_view(citation.document.id, citation.page, box, kind="crop"),
    }
