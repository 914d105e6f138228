"""Questions about long PDFs: is the cited page the right one, does the cited box hold the answer?

Run ``python -m benchmarks.mmqa [--data FOLDER] [--home FOLDER] [--limit N] [--within]``. All PDFs
are indexed, and every question is put to all of them, or with ``--within`` to its own. Printed, for
all answerable questions and by what the evidence is (a question may have several kinds): the share
whose first citation, and any citation, is on a page of the evidence; and the share where such a
citation's box also holds the answer, by the words that PyMuPDF finds in it (on scans, those that
OCR found). A refusal is a miss. Numbers are compared by value (73.20% is 73.2); of a list every
part has to be there. "elsewhere" is the share of questions whose answer no page of the evidence
holds in these words: it has to be counted, computed or seen, and no box can hold it. At the end,
refusals of the questions that nothing answers.
"""

import ast
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pymupdf

from benchmarks import corpus, data
from benchmarks.answers import mean
from indexer.domain import BoundingBox
from indexer.filters import NO_FILTERS, Filters
from retriever.domain import Answer, Query
from retriever.evaluation.answers import holds, is_verbatim
from retriever.pipeline import Engine

_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?!\d|\.\d)")
_WHOLE_PAGE = BoundingBox(x0=0, y0=0, x1=1, y1=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """``answers`` are the texts that must all be there; none where nothing answers."""

    text: str
    document: str
    answers: tuple[str, ...]
    numeric: bool
    answerable: bool
    pages: frozenset[int]
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """``page`` and ``region``: whether the first citation, and whether any, is right."""

    question: Question
    refused: bool
    page: tuple[bool, bool]
    region: tuple[bool, bool]
    elsewhere: bool


class Papers:
    """The PDFs of a half, and the library they are indexed in."""

    def __init__(self, root: Path, engine: Engine) -> None:
        self._folder = root / "pdf"
        self._engine = engine
        listed = engine.documents(None, 0, 10_000).documents
        self._ids = {each.ref.path: each.ref.id for each in listed}

    def path(self, question: Question) -> str:
        return str(self._folder / question.document)

    def text(self, path: str, page: int, box: BoundingBox = _WHOLE_PAGE) -> str:
        """The words whose middle lies in the box, in reading order."""
        return " ".join(
            word
            for word, at in self._words(path, page)
            if box.x0 <= (at.x0 + at.x1) / 2 <= box.x1 and box.y0 <= (at.y0 + at.y1) / 2 <= box.y1
        )

    def _words(self, path: str, number: int) -> Iterator[tuple[str, BoundingBox]]:
        with pymupdf.open(path) as document:
            page = document[number - 1]
            width, height = page.rect.width, page.rect.height
            found = page.get_text("words")
            for x0, y0, x1, y1, word, *_ in found:
                at = pymupdf.Rect(x0, y0, x1, y1) * page.rotation_matrix
                yield (
                    word,
                    BoundingBox.clamped(
                        at.x0 / width, at.y0 / height, at.x1 / width, at.y1 / height
                    ),
                )
        if not found and path in self._ids:
            for block in self._engine.page(self._ids[path], number).blocks:
                for span in block.spans:
                    yield block.text[span.start : span.end], span.box


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Answers from long PDFs with tables, charts and figures")
    parser.add_argument("--home", type=Path, help="keep the indexed library here")
    parser.add_argument("--limit", type=int, default=0, help="this many questions, at random")
    parser.add_argument("--within", action="store_true", help="ask the question's own PDF only")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "mmqa" / options.half).resolve()
    asked = questions(root)
    if options.limit and options.limit < len(asked):
        asked = random.Random(7).sample(asked, options.limit)
    with corpus.indexed_files([root / "pdf"], options.home) as (library, report):
        for failed in (*report.failed, *report.failed_before):
            print(f"not read: {failed.path}: {failed.cause}")
        engine = corpus.engine(library)
        papers = Papers(root, engine)
        wrong, quotes, outcomes = 0, 0, []
        for question in asked:
            answer = ask(engine, question, papers, within=options.within)
            outcomes.append(judge(answer, question, papers))
            for citation in filter(lambda each: each.quote, answer.citations):
                quotes += 1
                page = engine.page(citation.document.id, citation.page)
                wrong += not is_verbatim(citation, page)
    show(outcomes)
    print(f"quotes not verbatim in the cited box: {wrong} of {quotes}")


def questions(root: Path) -> list[Question]:
    return [
        Question(
            text=row["question"],
            document=row["doc_id"],
            answers=_parts(row["answer"], row["answer_format"]) if row["answerable"] else (),
            numeric=row["answer_format"] in {"Int", "Float"},
            answerable=row["answerable"],
            pages=frozenset(row["evidence_pages"]),
            sources=tuple(row["evidence_sources"]),
        )
        for row in data.rows(root / "questions.jsonl")
    ]


def _parts(answer: str, kind: str) -> tuple[str, ...]:
    if kind != "List":
        return (str(answer).strip(),)
    try:
        return tuple(map(str, ast.literal_eval(answer)))
    except (SyntaxError, ValueError):  # an apostrophe inside quotes
        return tuple(part.strip(" '\"") for part in answer.strip("[] ").split(","))


def ask(engine: Engine, question: Question, papers: Papers, *, within: bool) -> Answer:
    # Among the folders of a filter, a file stands for itself.
    filters = Filters(folders=(papers.path(question),)) if within else NO_FILTERS
    return engine.ask(Query(text=question.text, filters=filters))


def judge(answer: Answer, question: Question, papers: Papers) -> Outcome:
    path = papers.path(question)
    right = [
        each.document.path == path and each.page in question.pages for each in answer.citations
    ]
    texts = [
        papers.text(path, each.page, each.box) if is_right else ""
        for each, is_right in zip(answer.citations, right, strict=True)
    ]
    evidence = [papers.text(path, page) for page in sorted(question.pages)]
    return Outcome(
        question=question,
        refused=answer.refused,
        page=(any(right[:1]), any(right)),
        region=(says(texts[:1], question), says(texts, question)),
        elsewhere=not says(evidence, question),
    )


def says(texts: Iterable[str], question: Question) -> bool:
    """Whether the texts together hold every part of the answer."""
    text = "\n".join(texts)
    if question.numeric and (wanted := _values(question.answers[0])):
        return wanted[0] in _values(text)
    return all(holds(text, [part]) for part in question.answers)


def _values(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in _NUMBER.findall(text)]


def show(outcomes: Sequence[Outcome]) -> None:
    answerable = [each for each in outcomes if each.question.answerable]
    sources = sorted({source for each in answerable for source in each.question.sources})
    rows = {"all": answerable, "all that were answered": [e for e in answerable if not e.refused]}
    for source in sources:
        rows[source] = [each for each in answerable if source in each.question.sources]
    print(f"{'':28}{'n':>5}  page 1st   any  region 1st   any  refused  elsewhere")
    for name, chosen in rows.items():
        print(
            f"{name:28}{len(chosen):5}"
            f"{mean([each.page[0] for each in chosen]):10.3f}"
            f"{mean([each.page[1] for each in chosen]):6.3f}"
            f"{mean([each.region[0] for each in chosen]):12.3f}"
            f"{mean([each.region[1] for each in chosen]):6.3f}"
            f"{mean([each.refused for each in chosen]):9.3f}"
            f"{mean([each.elsewhere for each in chosen]):11.3f}"
        )
    strange = [each for each in outcomes if not each.question.answerable]
    refused = [each for each in outcomes if each.refused]
    print(
        f"questions that nothing answers: {len(strange)}, refused "
        f"{mean([each.refused for each in strange]):.3f}; refusal precision "
        f"{mean([not each.question.answerable for each in refused]):.3f} of {len(refused)}"
    )


if __name__ == "__main__":
    main()
