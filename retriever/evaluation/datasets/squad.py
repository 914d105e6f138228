"""Questions on paragraphs as SQuAD has them, versions 1.1 and 2.0, and sets made like it (XQuAD).

One JSON file: ``data`` holds articles (``title``, ``paragraphs``), a paragraph its ``context`` and
``qas``, a question its ``id``, ``question`` and ``answers`` (``text``). One with ``is_impossible``
has no answer in the set. The paragraphs are the corpus.

Source: Rajpurkar et al., EMNLP 2016, arXiv:1606.05250; ACL 2018, arXiv:1806.03822.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.errors import InvalidInput
from retriever.evaluation.datasets import ReadOptions
from retriever.evaluation.datasets._files import string, texts
from retriever.evaluation.domain import Corpus, Question, QuestionSet, Wanted

WHAT = "a SQuAD JSON"

_HEAD = 1 << 16


def recognises(path: Path) -> bool:
    if not path.is_file() or path.suffix.lower() != ".json":
        return False
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    return b'"data"' in head and b'"paragraphs"' in head


def read(path: Path, _: ReadOptions) -> QuestionSet:
    passages: dict[str, str] = {}
    questions: dict[str, Question] = {}
    for where, title, paragraph in _paragraphs(path):
        context = string(paragraph, where, "context")
        item = where.removeprefix(f"{path.name} ")
        passages[item] = f"{title}\n\n{context}" if title else context
        for number, row in enumerate(_list(paragraph, where, "qas"), start=1):
            question = _question(row, f"{where} question {number}", item)
            if question.id in questions:
                raise InvalidInput(
                    question.place,
                    cause=f"its id {question.id} is that of {questions[question.id].place}",
                    remedy="give each question an id of its own",
                )
            questions[question.id] = question
    return QuestionSet(
        name=path.stem, questions=tuple(questions.values()), corpus=Corpus(passages=passages)
    )


def _paragraphs(path: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Paragraphs with where they are and the title of their article ("" if it has none)."""
    for number, article in enumerate(_list(_whole(path), path.name, "data"), start=1):
        where = f"{path.name} article {number}"
        title = str(article.get("title") or "").replace("_", " ").strip()
        for row, paragraph in enumerate(_list(article, where, "paragraphs"), start=1):
            yield f"{where} paragraph {row}", title, paragraph


def _whole(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError as exc:
        raise InvalidInput(path, cause=f"not JSON: {exc}", remedy="correct the file") from exc
    except (OSError, RecursionError) as exc:
        cause = getattr(exc, "strerror", None) or "it is nested too deeply"
        raise InvalidInput(path, cause=cause, remedy="check the file") from exc
    if not isinstance(found, dict):
        raise InvalidInput(path, cause="not a JSON object", remedy='begin it with {"data": [')
    return found


def _list(row: dict[str, Any], where: str, key: str) -> list[dict[str, Any]]:
    found = row.get(key)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise InvalidInput(
            where, cause=f"{key!r} is not a list of objects", remedy='write [{"…": …}]'
        )
    return found


def _question(row: dict[str, Any], where: str, item: str) -> Question:
    impossible = row.get("is_impossible", False)
    if not isinstance(impossible, bool):
        raise InvalidInput(
            where, cause="'is_impossible' is neither true nor false", remedy="write one of them"
        )
    answers: tuple[str, ...] = ()
    if not impossible:
        golds = [string(each, where, "text") for each in _list(row, where, "answers")]
        answers = texts({"answers": golds}, where, "answers")
        if not answers:
            raise InvalidInput(
                where, cause="it has no answer", remedy='add one, or "is_impossible": true'
            )
    return Question(
        id=string(row, where, "id"),
        place=where,
        text=string(row, where, "question"),
        wanted=(Wanted(item=item),) if answers else (),
        answers=answers,
        kind="words-passage",
        group=string(row, where, "id"),
    )
