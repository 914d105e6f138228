"""Answers as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

The events of ``POST /api/v1/ask`` with ``Accept: text/event-stream``, each with one JSON object:
``draft`` (words of a model as they come, not yet checked), ``statement`` (a finished sentence, with
the citations that it is the first to use), ``answer`` (all of it, as without streaming) and, should
something fail on the way, ``error`` (problem details).
"""

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from flask import Response, current_app, request, stream_with_context

from indexer.errors import SightlineError
from retriever.domain import Answer, AnswerEvent, Draft
from web import serialize, shapes
from web.errors import problem, status_of

MEDIA_TYPE = "text/event-stream"
EVENTS = {
    "draft": shapes.Draft,
    "statement": shapes.Statement,
    "answer": shapes.Answer,
    "error": shapes.Problem,
}


def wanted() -> bool:
    """Whether the request asks for events rather than for one JSON object."""
    types = request.accept_mimetypes
    return types.best_match(["application/json", MEDIA_TYPE]) == MEDIA_TYPE


def respond(
    events: Iterator[AnswerEvent],
    shown: Callable[[Answer], Mapping[str, Any]] = serialize.answer_json,
) -> Response:
    """Send ``events`` as they come; what fails before the first one is an ordinary error.

    ``shown`` makes the last event's object. The events are closed when the browser goes away.
    """
    first = next(events)
    return Response(
        stream_with_context(_sent(first, events, shown)),
        mimetype=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _sent(
    first: AnswerEvent, events: Iterator[AnswerEvent], shown: Callable[[Answer], Mapping[str, Any]]
) -> Generator[bytes, None, None]:
    try:
        yield _line(first, shown)
        for event in events:
            yield _line(event, shown)
    except SightlineError as error:
        yield _event("error", problem(status_of(error), type(error).__name__, str(error)))
    except Exception as error:
        current_app.logger.error("%s failed while streaming", request.path, exc_info=error)
        detail = "server: something went wrong; see its log, then ask again"
        yield _event("error", problem(500, "", detail))
    finally:
        if isinstance(events, Generator):
            events.close()


def _line(event: AnswerEvent, shown: Callable[[Answer], Mapping[str, Any]]) -> bytes:
    if isinstance(event, Draft):
        return _event("draft", {"text": event.text})
    if isinstance(event, Answer):
        return _event("answer", shown(event))
    return _event("statement", serialize.statement_json(event))


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    # JSON on one line: a line feed would end the field.
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
