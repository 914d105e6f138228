"""A user's own questions as CSV.

Columns: ``question``, ``file`` or ``answer`` or both, and optionally ``page`` (from 1), ``image``
(a photo to search by, relative to the CSV) and ``grade``. A file is named by its path, any end of
it, or its name. Rows with the same question name further right files and answers. Neither file nor
answer means that nothing is right.
Commas, semicolons or tabs separate; any encoding is read.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from indexer.errors import InvalidInput, UnreadableDocument
from indexer.parsers._decode import read_text
from retriever.evaluation.datasets import ReadOptions
from retriever.evaluation.datasets._files import grade, place
from retriever.evaluation.domain import Question, QuestionSet, Wanted

WHAT = "a CSV with the columns question and file or answer"

_COLUMNS = ("question", "file", "page", "answer", "image", "grade")


def recognises(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in {".csv", ".tsv"}


def read(path: Path, _: ReadOptions) -> QuestionSet:
    questions: dict[tuple[str, Path | None], Question] = {}
    for number, row in _rows(path):
        where = place(path, number, "row")
        text, image = row["question"], _image(path, row["image"], where)
        wanted = _wanted(row, where)
        answers = (row["answer"],) if row["answer"] else ()
        key = (text, image)
        if key in questions:
            before = questions[key]
            questions[key] = replace(
                before,
                wanted=tuple(dict.fromkeys((*before.wanted, *wanted))),
                answers=tuple(dict.fromkeys((*before.answers, *answers))),
            )
        else:
            questions[key] = Question(
                id=str(number),
                place=where,
                text=text,
                image=image,
                wanted=wanted,
                answers=answers,
                kind=None if image is None else "photo-photo",
                group=str(number),
            )
    return QuestionSet(name=path.stem, questions=tuple(questions.values()))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by column with their numbers; the header is row 1, as in a spreadsheet."""
    try:
        text = read_text(path)
    except UnreadableDocument as exc:
        raise InvalidInput(path, cause=exc.cause, remedy="save it as CSV") from exc
    header = text.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        _check(path, names)
        for number, values in enumerate(reader, start=2):
            if len(values) > len(names):
                raise InvalidInput(
                    place(path, number, "row"),
                    cause=f"{len(values)} values in {len(names)} columns",
                    remedy="put quotes around values that hold the separator",
                )
            row = dict.fromkeys(_COLUMNS, "")
            row.update(zip(names, (value.strip() for value in values), strict=False))
            if any(row.values()):
                yield number, row
    except csv.Error as exc:
        raise InvalidInput(path, cause=f"not CSV: {exc}", remedy="save it as CSV") from exc


def _check(path: Path, names: list[str]) -> None:
    if not {"file", "answer"} & set(names) or not {"question", "image"} & set(names):
        raise InvalidInput(
            place(path, 1, "row"),
            cause="it does not name the columns question and file or answer",
            remedy="begin the file with the line question,file,page",
        )
    unknown = [name for name in names if name and name not in _COLUMNS]
    if unknown:
        raise InvalidInput(
            place(path, 1, "row"),
            cause=f"there is no column {unknown[0]!r}",
            remedy=f"use {', '.join(_COLUMNS)}",
        )


def _image(path: Path, name: str, where: str) -> Path | None:
    if not name:
        return None
    image = path.parent / Path(name).expanduser()
    if not image.is_file():
        raise InvalidInput(where, cause=f"there is no photo {image}", remedy="correct its path")
    return image


def _wanted(row: dict[str, str], where: str) -> tuple[Wanted, ...]:
    value = grade(row["grade"], where) if row["grade"] else 1
    page = row["page"]
    if page and not (page.isdecimal() and int(page) > 0):
        raise InvalidInput(
            where, cause=f"the page {page!r} is not a number from 1", remedy="correct or empty it"
        )
    if not row["file"] or value < 1:
        return ()
    return (Wanted(item=row["file"], page=int(page) if page else None, grade=value),)
