"""Answers without a language model: the answer in the first quote, and refusals.

Run ``python -m benchmarks.answers [--data FOLDER] [--only xquad-en] [--questions N]``. Every
question is put to the whole corpus of its set. Three kinds: those the corpus answers; questions of
another set's documents; and answerable ones with a name or year exchanged for one that the corpus
does not know. Printed: the share of answerable questions whose first quoted sentence holds the gold
answer (a refusal counts as a miss), the mean number of sentences of that quote, quotes that do not
stand letter by letter on the cited page, and precision and recall of the refusals.
"""

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import corpus, data
from indexer.analysis import sentence_spans, words
from retriever.domain import Answer, Query
from retriever.evaluation.answers import first_sentence_holds, is_verbatim
from retriever.pipeline import Engine

# The indexed set, and the set whose questions have no answer in it.
PAIRS = (("xquad-en", "scifact"), ("xquad-ru", "tydiqa-ru"))
BOUNDS = {"xquad-en": 0.88, "xquad-ru": 0.75}
_NAME = re.compile(
    r"(?<!^)(?<![.?!] )\b[A-ZА-ЯЁ][\w'’-]+(?:\s+[A-ZА-ЯЁ][\w'’-]+)*|\b(?:1\d{3}|20\d\d)\b"
)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Answers that quote, and refusals")
    parser.add_argument("--home", type=Path, help="keep the indexed libraries here")
    parser.add_argument("--questions", type=int, default=200, help="of each kind")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "textqa" / options.half)
    for name, foreign in PAIRS:
        if options.only and name not in options.only:
            continue
        own, other = data.text_set(root / name), data.text_set(root / foreign)
        home = options.home / name if options.home else None
        with corpus.indexed_passages(own.passages, home) as library:
            measure(corpus.engine(library), own, other, options.questions)


def measure(engine: Engine, own: data.TextSet, other: data.TextSet, count: int) -> None:
    dice = random.Random(7)
    known = [key for key in sorted(own.relevant) if own.answers[key]]
    known = dice.sample(known, min(count, len(known)))
    answers = [(key, ask(engine, own.questions[key])) for key in known]
    held = [first_sentence_holds(answer, own.answers[key]) for key, answer in answers]
    lengths = [
        len(sentence_spans(answer.sentences[0].text)) for _, answer in answers if answer.sentences
    ]
    bound = BOUNDS[own.name]
    print(f"{own.name}: answer in the first quote {mean(held):.3f} of {len(held)} (bound {bound})")
    print(f"{own.name}: sentences in the first quote {mean(lengths):.2f}")
    citations = [citation for _, answer in answers for citation in answer.citations]
    wrong = sum(
        not is_verbatim(citation, engine.page(citation.document.id, citation.page))
        for citation in citations
        if citation.quote
    )
    print(f"{own.name}: quotes not verbatim in the cited box {wrong} of {len(citations)}")
    wrongly = mean([answer.refused for _, answer in answers])
    strange = [key for key in sorted(other.relevant) if other.questions[key]]
    kinds = {
        "of other documents": [
            other.questions[key] for key in dice.sample(strange, min(count, len(strange)))
        ],
        "with another name": list(altered(own, other, known, dice)),
    }
    for kind, questions in kinds.items():
        rightly = mean([ask(engine, question).refused for question in questions])
        precision = rightly / (rightly + wrongly) if rightly + wrongly else 0.0
        print(
            f"{own.name}: questions {kind} ({len(questions)}): refusal precision {precision:.3f}, "
            f"recall {rightly:.3f}, wrongly refused {wrongly:.3f}",
            flush=True,
        )


def ask(engine: Engine, question: str) -> Answer:
    return engine.ask(Query(text=question))


def mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def altered(
    own: data.TextSet, other: data.TextSet, keys: Sequence[str], dice: random.Random
) -> Iterator[str]:
    """Questions with one of their names, or a year, exchanged for one that no passage has."""
    everything = " ".join(words(" ".join(own.passages.values())))
    names = {name for text in other.passages.values() for name in _NAME.findall(text)}
    strange = [name for name in sorted(names) if " ".join(words(name)) not in everything]
    years = [name for name in strange if name.isdigit()] or ["1387"]
    strange = [name for name in strange if not name.isdigit() and len(name) > 3]
    for key in keys:
        question = own.questions[key]
        found = _NAME.findall(question)
        if found:
            name = dice.choice(found)
            yield question.replace(name, dice.choice(years if name.isdigit() else strange))


if __name__ == "__main__":
    main()
