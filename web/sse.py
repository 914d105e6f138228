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
from web.language import said

MEDIA_TYPE = "text/event-stream"
EVENTS = {
    "draft": shapes.Draft,
    "statement": shapes.Statement,
    "answer": shapes.Answer,
    "error": shapes.Problem,
}

Event = tuple[str, Mapping[str, Any]]


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
    return send(_told(events, shown))


def send(events: Iterator[Event]) -> Response:
    """The same for events that have their names and objects already."""
    first = next(events)
    return Response(
        stream_with_context(_sent(first, events)),
        mimetype=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _sent(first: Event, events: Iterator[Event]) -> Generator[bytes, None, None]:
    try:
        yield _event(*first)
        for event in events:
            yield _event(*event)
    except SightlineError as error:
        yield _event("error", problem(status_of(error), type(error).__name__, said(str(error))))
    except Exception as error:
        current_app.logger.error("%s failed while streaming", request.path, exc_info=error)
        detail = "server: something went wrong; see its log, then ask again"
        yield _event("error", problem(500, "", said(detail)))
    finally:
        if isinstance(events, Generator):
            events.close()


def _told(
    events: Iterator[AnswerEvent], shown: Callable[[Answer], Mapping[str, Any]]
) -> Iterator[Event]:
    try:
        for event in events:
            if isinstance(event, Draft):
                yield "draft", {"text": event.text}
            elif isinstance(event, Answer):
                yield "answer", shown(event)
            else:
                yield "statement", serialize.statement_json(event)
    finally:
        if isinstance(events, Generator):
            events.close()


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    # JSON on one line: a line feed would end the field.
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
