"""Folders as BEIR has them: passages, queries and judgements.

``corpus.jsonl``, ``queries.jsonl`` (``_id``, ``title``, ``text``) and ``qrels/*.tsv``; or
``passages.jsonl``, ``queries.jsonl`` (``id``, ``title``, ``text``) and ``qrels.tsv``. Files may be
gzipped. A query may also have ``answers``, a list of texts, and ``answerable``, false where nothing
is right.

Source: Thakur et al., NeurIPS 2021, arXiv:2104.08663.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from indexer.errors import InvalidInput
from retriever.evaluation.datasets import ReadOptions
from retriever.evaluation.datasets._files import (
    grade,
    lines,
    objects,
    place,
    plain_or_packed,
    string,
    texts,
)
from retriever.evaluation.domain import Corpus, Question, QuestionSet, Wanted

WHAT = "a folder with corpus.jsonl, queries.jsonl and qrels"

_PASSAGES = ("corpus.jsonl", "passages.jsonl")


def recognises(path: Path) -> bool:
    return path.is_dir() and plain_or_packed(path, "queries.jsonl") is not None


def read(path: Path, options: ReadOptions) -> QuestionSet:
    source = next(filter(None, (plain_or_packed(path, name) for name in _PASSAGES)), None)
    queries = plain_or_packed(path, "queries.jsonl")
    if source is None or queries is None:
        raise InvalidInput(
            path, cause=f"it has no {' or '.join(_PASSAGES)}", remedy="add the passages"
        )
    judgements = _qrels(path, options.split)
    wanted = _wanted(judgements)
    questions = []
    for number, row in objects(queries):
        where = place(queries, number)
        query_id = string(row, where, "_id", "id")
        # A query that no judgement names belongs to another split, unless there is but one.
        if query_id in wanted or judgements.parent == path:
            answerable = _answerable(row, where)
            questions.append(
                Question(
                    id=query_id,
                    place=where,
                    text=string(row, where, "text"),
                    wanted=wanted.get(query_id, ()) if answerable else (),
                    answers=texts(row, where, "answers") if answerable else (),
                    kind="words-passage",
                    group=query_id,
                )
            )
    return QuestionSet(
        name=path.resolve().name,
        questions=tuple(questions),
        corpus=Corpus(passages=passages(source)),
    )


def _answerable(row: Mapping[str, Any], where: str) -> bool:
    found = row.get("answerable", True)
    if not isinstance(found, bool):
        raise InvalidInput(
            where, cause="'answerable' is neither true nor false", remedy="write one of them"
        )
    return found


def passages(path: Path) -> Mapping[str, str]:
    """Passages by id from lines of JSON; a title stands above its text."""
    found: dict[str, str] = {}
    for number, row in objects(path):
        parts = (str(row.get(key) or "").strip() for key in ("title", "text"))
        found[string(row, place(path, number), "_id", "id")] = "\n\n".join(filter(None, parts))
    return found


def _qrels(path: Path, split: str | None) -> Path:
    """The file of judgements: the only one, or that of the split."""
    single = path / "qrels.tsv"
    if split is None and single.is_file():
        return single
    chosen = path / "qrels" / f"{split or 'test'}.tsv"
    if chosen.is_file():
        return chosen
    there = sorted(each.stem for each in (path / "qrels").glob("*.tsv"))
    raise InvalidInput(
        chosen if there else path,
        cause="there is no such file" if there else "it has no judgements",
        remedy=f"give --split {' or '.join(there)}" if there else "add qrels/test.tsv",
    )


def _wanted(path: Path) -> dict[str, tuple[Wanted, ...]]:
    """What each query should find, from lines of query, passage and grade; a header is skipped."""
    found: dict[str, tuple[Wanted, ...]] = {}
    for number, line in lines(path):
        where = place(path, number)
        parts = line.split("\t")
        if len(parts) != 3:
            raise InvalidInput(
                where,
                cause=f"{len(parts)} columns instead of 3",
                remedy="write query, passage and grade, with tabs between",
            )
        if number == 1 and not parts[2].strip().lstrip("-").replace(".", "").isdigit():
            continue
        value = grade(parts[2], where)
        found.setdefault(parts[0], ())
        if value > 0:
            found[parts[0]] += (Wanted(item=parts[1], grade=value),)
    return found
