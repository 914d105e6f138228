"""Lists that are given out stretch by stretch, each with the address of the next."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from web import forms, links

DEFAULT_LIMIT = 50
MOST = 500  # of one stretch
MOST_HITS = 200  # of one ranking


def stretch() -> tuple[int, int]:
    """``offset`` and ``limit`` of the request."""
    return (
        forms.integer("offset", 0),
        forms.integer("limit", DEFAULT_LIMIT, low=1, high=MOST),
    )


def stretch_of(name: str, items: Sequence[Any]) -> dict[str, Any]:
    """The stretch of ``items`` that the request wants, under ``name``."""
    offset, limit = stretch()
    return paged({"total": len(items), name: items[offset : offset + limit]}, offset, limit)


def paged(listing: Mapping[str, Any], offset: int, limit: int) -> dict[str, Any]:
    """A listing that has its ``total``, told which stretch it is: ``shapes.Paged`` in the answer.

    The address of the next stretch asks for what this request asked for.
    """
    after = offset + limit
    following = None
    if after < listing["total"]:
        given = {**request.args.to_dict(flat=False), "offset": after, "limit": limit}
        following = links.with_fields(request.path, **given)
    rest = {name: value for name, value in listing.items() if name != "total"}
    return {
        "total": listing["total"],
        "offset": offset,
        "limit": limit,
        "next": following,
        **rest,
    }


def hits_stretch() -> tuple[int, int]:
    """``offset`` and ``k`` of a request for hits."""
    return forms.integer("offset", 0, high=MOST_HITS - 1), forms.limit()


def ranked(found: Mapping[str, Any], offset: int, limit: int) -> dict[str, Any]:
    """A stretch of a ranking, of whose length no more is known than was looked at."""
    after = offset + limit
    hits = found["hits"]
    following = None
    if len(hits) >= after and after < MOST_HITS:
        given = {**request.args.to_dict(flat=False), "offset": after}
        following = links.with_fields(request.path, **given)
    return {**found, "hits": hits[offset:after], "next": following}
