"""From a ranking to hits: items joined to their live rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from indexer.domain import BoundingBox
from indexer.filters import Filters
from indexer.store.catalog import Catalog
from indexer.store.records import StoredChunk, StoredCrop
from retriever import fusion, views
from retriever.domain import Hit, ItemKey, Ranking
from retriever.ranker import Found


def live_hits(catalog: Catalog, ranking: Ranking, limit: int, found: Found) -> tuple[Hit, ...]:
    """The first ``limit`` items that still have a live row."""
    head = ranking.items[: limit * 2]
    chunks = catalog.chunks([item.key.id for item in head if item.key.kind == "chunk"])
    crops = catalog.crops([item.key.id for item in head if item.key.kind == "crop"])
    ranks = fusion.ranks_by_item(found.rankings)
    places = _query_boxes(found.rankings)
    hits: list[Hit] = []
    for item in head:
        stored: StoredChunk | StoredCrop | None = (
            chunks.get(item.key.id) if item.key.kind == "chunk" else crops.get(item.key.id)
        )
        if stored is not None and len(hits) < limit:
            stored = replace(stored, owner=views.within(stored.owner, found.filters))
            hit = views.hit(len(hits) + 1, item, stored)
            hits.append(
                replace(hit, rankings=ranks.get(item.key, ()), query_box=places.get(item.key))
            )
    return _with_near_duplicates(catalog, hits, crops, found.filters)


def _with_near_duplicates(
    catalog: Catalog, hits: Sequence[Hit], crops: Mapping[int, StoredCrop], filters: Filters
) -> tuple[Hit, ...]:
    """Pictures with the paths of those that were folded into them."""
    groups = {
        hit.key: group
        for hit in hits
        if hit.key.kind == "crop" and (group := crops[hit.key.id].owner.group) is not None
    }
    if not groups:
        return tuple(hits)
    members = catalog.group_members(set(groups.values()), filters)
    shown: list[Hit] = []
    for hit in hits:
        alike = members[groups[hit.key]] if hit.key in groups else []
        alike = [views.within(each, filters) for each in alike]
        paths = [path for each in alike for path in (each.document.path, *each.copies)]
        paths = [path for path in paths if path != hit.document.path]
        shown.append(replace(hit, duplicates=tuple(paths)) if paths else hit)
    return tuple(shown)


def _query_boxes(rankings: Sequence[Ranking]) -> dict[ItemKey, BoundingBox]:
    """Which part of the first query photo met each item."""
    return {
        item.key: item.view
        for ranking in rankings
        if ranking.name == "image-image"
        for item in ranking.items
        if item.view is not None
    }
