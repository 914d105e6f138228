"""Pages that show first results at once, and in the same response the final ones when they come.

A page is drawn twice. The early one is sent up to its mark; what follows the mark in the final one
comes later and takes the place of the first results (``app.css``), with or without scripts. Should
the final one fail, the early page is ended as it is.
"""

from collections.abc import Callable, Iterator

from flask import Response, current_app, request, stream_with_context
from markupsafe import Markup

MARK = Markup("<!-- what is final follows -->")


def wanted() -> bool:
    """Whether the page is for a person to look at while it comes, not for a script or program."""
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"


def respond(early: str, final: Callable[[], str]) -> Response:
    """Both pages as one response."""
    return Response(
        stream_with_context(_sent(early, final)), headers={"X-Accel-Buffering": "no"}
    )  # fmt: skip


def _sent(early: str, final: Callable[[], str]) -> Iterator[str]:
    shown, _, rest = early.partition(MARK)
    yield shown
    try:
        rest = final().partition(MARK)[2]
    except Exception as error:
        # Whatever it is, half a page is worse; the rest of the early one says what it is.
        current_app.logger.error("%s failed after its first results", request.path, exc_info=error)
    yield rest
