"""Asking a library the questions: what each system found, in order, and how long it took."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.domain import ItemKind
from indexer.errors import InvalidInput
from indexer.library import Library
from retriever.domain import Hit, ItemKey, Query, Ranking
from retriever.evaluation.corpus import Bench
from retriever.evaluation.domain import Judged, Question, page_item
from retriever.evaluation.targets import canonical
from retriever.pipeline import Engine

DEPTH = 100
SEARCH = "search"

_Place = tuple[tuple[str, ...], int]  # paths (of near copies too), page


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """``depth``: how many results are looked at. ``single``: the single rankings as well.

    ``mixed`` searches passages and photos together, as the search box does, whatever is wanted.
    """

    depth: int = DEPTH
    single: bool = False
    mixed: bool = False


@dataclass(slots=True)
class Run:
    """What the systems of one configuration found: a list of items for each question, by name.

    Of each question, ``milliseconds`` the whole search took, and whether search itself called its
    results ``weak``.
    """

    ranked: dict[str, list[list[str]]]
    milliseconds: list[float] = field(default_factory=list)
    weak: list[bool] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Found:
    search: list[_Place]
    single: Mapping[str, list[_Place]]
    weak: bool
    milliseconds: float


def run(
    engine: Engine,
    bench: Bench,
    judged: Sequence[Judged],
    options: RunOptions,
    tell: Callable[[int], None] = lambda _: None,
) -> Run:
    """Ask every question once. ``tell`` hears how many are done."""
    items = canonical(bench)
    made = Run(ranked={SEARCH: []})
    before: dict[tuple[str, Path | None, ItemKind | None], _Found] = {}
    for number, each in enumerate(judged, start=1):
        query = _query(each, bench, options)
        key = (each.question.text, each.question.image, query.kind)
        if key not in before:
            started = time.perf_counter()
            result = engine.search(query)
            milliseconds = (time.perf_counter() - started) * 1000
            single = _single(engine, bench.library, query) if options.single else {}
            places = [_place(hit) for hit in result.hits]
            before[key] = _Found(places, single, result.weak, milliseconds)
        found = before[key]
        made.weak.append(found.weak)
        made.milliseconds.append(found.milliseconds)
        for name, places in {SEARCH: found.search, **found.single}.items():
            lists = made.ranked.setdefault(name, [[] for _ in range(number - 1)])
            lists.append(_items(places, each, items))
        for lists in made.ranked.values():
            if len(lists) < number:
                lists.append([])
        tell(number)
    return made


def _query(judged: Judged, bench: Bench, options: RunOptions) -> Query:
    kinds: Mapping[str, ItemKind] = {
        "words-passage": "chunk",
        "words-photo": "crop",
        "photo-photo": "crop",
    }
    image = photo_of(judged.question)
    mixed = options.mixed and image is None
    return Query(
        text=judged.question.text,
        image=image,
        kind=None if mixed else kinds[judged.kind],
        collections=bench.collections,
        limit=options.depth,
    )


def photo_of(question: Question) -> bytes | None:
    """The photo to search by, None if there is none. InvalidInput if it cannot be read."""
    if question.image is None:
        return None
    try:
        return question.image.read_bytes()
    except OSError as exc:
        raise InvalidInput(
            question.place,
            cause=f"{question.image} cannot be read: {exc.strerror}",
            remedy="check its permissions",
        ) from exc


def item_at(path: str, page: int, judged: Judged, names: Mapping[str, str]) -> str:
    """What judgements call a place; ``names`` are those of ``targets.canonical``."""
    item = names.get(path, path)
    return page_item(item, page) if item in judged.paged else item


def _place(hit: Hit) -> _Place:
    return (hit.document.path, *hit.duplicates), hit.page


def _single(engine: Engine, library: Library, query: Query) -> dict[str, list[_Place]]:
    """The rankings that search is made of; "fused" is the order before the reranker."""
    rankings = engine.rankings(query, rerank=False)
    keys = {item.key for ranking in rankings.values() for item in ranking.items[: query.limit]}
    places = dict(_places(library, sorted(keys, key=lambda key: (key.kind, key.id))))
    return {name: _ordered(ranking, places, query.limit) for name, ranking in rankings.items()}


def _ordered(ranking: Ranking, places: Mapping[ItemKey, _Place], limit: int) -> list[_Place]:
    return [places[item.key] for item in ranking.items[:limit] if item.key in places]


def _places(library: Library, keys: Sequence[ItemKey]) -> Iterator[tuple[ItemKey, _Place]]:
    catalog = library.catalog
    chunks = catalog.chunks([key.id for key in keys if key.kind == "chunk"])
    for row, chunk in chunks.items():
        owner = chunk.owner
        paths = (owner.document.path, *owner.copies)
        yield ItemKey("chunk", row), (paths, chunk.chunk.page_number)
    crops = catalog.crops([key.id for key in keys if key.kind == "crop"])
    groups = {crop.owner.group for crop in crops.values()} - {None}
    members = catalog.group_members(group for group in groups if group is not None)
    for row, crop in crops.items():
        owner = crop.owner
        alike = members.get(owner.group, []) if owner.group is not None else []
        paths = tuple(
            dict.fromkeys(
                path for each in (owner, *alike) for path in (each.document.path, *each.copies)
            )
        )
        yield ItemKey("crop", row), (paths, crop.crop.page_number)


def _items(places: Sequence[_Place], judged: Judged, names: Mapping[str, str]) -> list[str]:
    """Distinct items, best first, without those that the question ignores."""
    found: dict[str, None] = {}
    for paths, page in places:
        for path in paths:
            if names.get(path, path) not in judged.question.ignored:
                found[item_at(path, page, judged, names)] = None
    return list(found)
