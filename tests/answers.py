"""Evidence and tasks made by hand, for tests of generators."""

from collections.abc import Iterable, Sequence

from indexer.domain import BoundingBox, Span
from retriever.domain import (
    Answer,
    AnswerEvent,
    DocumentRef,
    Draft,
    Evidence,
    Hit,
    ItemKey,
    Query,
    Statement,
)  # fmt: skip
from retriever.generators import Task
from retriever.support import StemWeights


def passage(text: str, *, number: int = 1, title: str = "", heading: str = "") -> Hit:
    """A passage whose lines are its spans, so that quotes have boxes."""
    spans, offset = [], 0
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if line:
            box = BoundingBox(x0=0, y0=index / len(lines), x1=1, y1=(index + 1) / len(lines))
            spans.append(Span(start=offset, end=offset + len(line), box=box))
        offset += len(line) + 1
    return Hit(
        rank=number, key=ItemKey("chunk", number), score=1.0, document=document(number, title),
        page=1, box=BoundingBox.whole(), text=text, caption="", spans=tuple(spans),
        heading_path=(heading,) if heading else (),
    )  # fmt: skip


def picture(caption: str, *, number: int = 90) -> Hit:
    return Hit(
        rank=number, key=ItemKey("crop", number), score=1.0, document=document(number, ""),
        page=1, box=BoundingBox(x0=0.1, y0=0.1, x1=0.9, y1=0.9), text="", caption=caption,
    )  # fmt: skip


def document(number: int, title: str) -> DocumentRef:
    return DocumentRef(
        id=f"d{number}", path=f"/archive/{number}.txt", title=title, media_type="text/plain",
        collection="main",
    )  # fmt: skip


def task(question: str, *hits: Hit) -> Task:
    return Task(
        evidence=Evidence(query=Query(text=question), hits=hits),
        weights=StemWeights({}),
        picture=lambda hit: b"\xff\xd8 picture " + str(hit.key.id).encode(),
    )


def last(events: Iterable[AnswerEvent]) -> Answer:
    answer = list(events)[-1]
    assert isinstance(answer, Answer)
    return answer


def drafts(events: Sequence[AnswerEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Draft))


def statements(events: Sequence[AnswerEvent]) -> list[Statement]:
    return [event for event in events if isinstance(event, Statement)]


def is_sound(answer: Answer, hits: Sequence[Hit]) -> bool:
    """Whether every citation is verbatim in the evidence, and only supported sentences cite."""
    texts = {hit.key: hit.text for hit in hits}
    numbers = [citation.n for citation in answer.citations]
    return (
        numbers == list(range(1, len(numbers) + 1))
        and all(each.key in texts and each.quote in texts[each.key] for each in answer.citations)
        and all(set(each.citations) <= set(numbers) for each in answer.sentences)
        and all(bool(each.citations) == each.supported for each in answer.sentences)
    )
