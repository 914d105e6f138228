"""Lists that are given out stretch by stretch, each with the address of the next."""

from collections.abc import Mapping
from typing import Any

from flask import request

from web import forms, links

DEFAULT_LIMIT = 50
MOST = 500  # of one stretch


def stretch() -> tuple[int, int]:
    """``offset`` and ``limit`` of the request."""
    return (
        forms.integer("offset", 0),
        forms.integer("limit", DEFAULT_LIMIT, low=1, high=MOST),
    )


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
