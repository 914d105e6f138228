"""The pictures that belong to an answer: those it cites, and the figures beside its quotes."""

from collections.abc import Iterator

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
    cited = [each for each in citations if each.key.kind == "crop"]
    shown = {each.key.id for each in cited}
    found = [
        _picture(
            each, each.key.id, links.page_view(each.document.id, each.page, each.box, kind="crop")
        )
        | {"n": each.n, "caption": each.caption}
        for each in cited
    ]
    found += [each for each in _beside(engine, citations) if each["id"] not in shown]
    return found[:_MOST]


def _beside(engine: Engine, citations: list[Citation]) -> Iterator[Json]:
    """The figures of every page that is quoted from."""
    quoted = {(each.document.id, each.page): each for each in citations if each.key.kind == "chunk"}
    for citation in quoted.values():
        if not citation.document.visual or citation.document.media_type.startswith("image/"):
            continue
        for crop in engine.page_crops(citation.document.id, citation.page):
            if crop.kind in _KINDS and not links.is_whole(crop.box):
                url = links.page_view(citation.document.id, citation.page, crop.box, kind="crop")
                yield _picture(citation, crop.id, url) | {"n": None, "caption": crop.caption}


def _picture(citation: Citation, crop_id: int, url: str) -> Json:
    return {
        "id": crop_id,
        "image": links.thumbnail(crop_id),
        "title": citation.document.title,
        "url": url,
    }
