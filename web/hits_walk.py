"""From one hit to the next inside the viewer: its address carries the search that led there."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from flask import request

from web import forms, shapes
from web.serialize import Json

PAGES = frozenset({"search", "similar"})
# A search by a photo that was sent along has no address; the browser remembers its hits.
UNADDRESSED = "-"


def lead(page: str, hits: Sequence[shapes.Hit]) -> None:
    """Make the ``url`` of each hit of the present request to ``page`` say which of them it is."""
    walk = UNADDRESSED
    if request.method == "GET":
        walk = f"{page}?{urlencode(list(request.args.items(multi=True)))}"
    for number, hit in enumerate(hits, start=1):
        hit["url"] = _with(hit["url"], {"walk": walk, "hit": number, "of": len(hits)})


def steps() -> Json | None:
    """Where the viewer's request stands among the hits, and the addresses around it.

    None for a page that was not opened from a list of hits. ``previous``, ``next`` and ``back``
    are None where there is none or only the browser knows it.
    """
    walk, number, total = forms.words("walk"), forms.integer("hit", 0), forms.integer("of", 0)
    page, _, fields = walk.partition("?")
    if not 1 <= number <= total or not (page in PAGES or walk == UNADDRESSED):
        return None
    known = page in PAGES
    # Written anew, so that nothing but fields can come out of it.
    query = urlencode(parse_qsl(fields))
    return {
        "walk": walk,
        "hit": number,
        "of": total,
        "local": not known,
        "previous": f"/{page}/hits/{number - 1}?{query}" if known and number > 1 else None,
        "next": f"/{page}/hits/{number + 1}?{query}" if known and number < total else None,
        "back": f"/{page}?{query}" if known else None,
    }


def _with(url: str, fields: dict[str, object]) -> str:
    address, mark, place = url.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode(fields)}{mark}{place}"
