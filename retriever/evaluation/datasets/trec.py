"""TREC judgements (topic, iteration, document, grade) with their topics.

Documents are files of the user, by path, file name or name without its ending. Topics are lines
of number, tab and text, or TREC's own ``<top>`` blocks, of which the title is asked.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from indexer.errors import InvalidInput
from retriever.evaluation.datasets import ReadOptions
from retriever.evaluation.datasets._files import grade, lines, place
from retriever.evaluation.domain import Question, QuestionSet, Wanted

WHAT = "a TREC qrels file with its topics"

_LINE = re.compile(r"(\S+)\s+(\S+)\s+(\S.*?)\s+(-?\d+)\s*")
_TOPIC = re.compile(r"<top>(.*?)</top>", re.DOTALL | re.IGNORECASE)
_NUMBER = re.compile(r"<num>\s*(?:Number:)?\s*([^\s<]+)", re.IGNORECASE)
_TITLE = re.compile(r"<title>\s*(?:Topic:)?\s*([^<]+)", re.IGNORECASE)
_BESIDE = ("topics*", "queries*.tsv", "*.topics")


def recognises(path: Path) -> bool:
    if not path.is_file() or path.suffix.lower() in {".csv", ".json", ".jsonl"}:
        return False
    try:
        first = [line for _, line in islice(lines(path), 3)]
    except InvalidInput:
        return False
    return bool(first) and all(_LINE.fullmatch(line) for line in first)


def read(path: Path, options: ReadOptions) -> QuestionSet:
    wanted: dict[str, tuple[Wanted, ...]] = {}
    for number, line in lines(path):
        found = _LINE.fullmatch(line)
        if found is None:
            raise InvalidInput(
                place(path, number),
                cause="not a line of TREC judgements",
                remedy="write topic, 0, document and grade",
            )
        value = grade(found[4], place(path, number))
        wanted.setdefault(found[1], ())
        if value > 0:
            wanted[found[1]] += (Wanted(item=found[3], grade=value),)
    topics = options.topics or _beside(path)
    asked = dict(_topics(topics))
    missing = next((topic for topic in wanted if topic not in asked), None)
    if missing is not None:
        raise InvalidInput(
            topics, cause=f"it has no topic {missing}, which is judged", remedy="add it"
        )
    return QuestionSet(
        name=path.stem,
        questions=tuple(
            Question(
                id=topic,
                place=f"{topics.name} topic {topic}",
                text=asked[topic],
                wanted=items,
                group=topic,
            )
            for topic, items in wanted.items()
        ),
    )


def _beside(path: Path) -> Path:
    for pattern in _BESIDE:
        for found in sorted(path.parent.glob(pattern)):
            if found != path and found.is_file():
                return found
    raise InvalidInput(
        path, cause="no file of topics lies beside it", remedy="name it with --topics"
    )


def _topics(path: Path) -> Iterator[tuple[str, str]]:
    text = "\n".join(line for _, line in lines(path))
    blocks = _TOPIC.findall(text)
    for block in blocks:
        number, title = _NUMBER.search(block), _TITLE.search(block)
        if number and title:
            yield number[1], " ".join(title[1].split())
    if blocks:
        return
    for number_of_line, line in lines(path):
        parts = line.split("\t", 1)
        if len(parts) != 2 or not parts[1].strip():
            raise InvalidInput(
                place(path, number_of_line),
                cause="not a topic",
                remedy="write its number, a tab and its words",
            )
        yield parts[0].strip(), parts[1].strip()
