"""Checking of sentences against evidence: true ones that are kept, false ones that are found out.

True sentences are those of the passages, their clauses, and questions turned into statements with
their answer put in (the words of people who paraphrased the passage). False ones are the same with
another answer, number or name, with a negation more or less, and sentences of other passages.
Run: python -m benchmarks.grounding [--data FOLDER]
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from benchmarks import data
from indexer.analysis import sentence_spans, stems, words
from indexer.domain import BoundingBox
from retriever.domain import DocumentRef, Hit, ItemKey
from retriever.grounding import Checker, Claim
from retriever.rerankers import load_reranker
from retriever.settings import RerankSettings
from retriever.support import StemWeights

SETS = ("xquad-en", "xquad-ru", "squad2")
_ASKED = re.compile(
    r"\b(?:(?:in|on|at|of|by|for|to|from|with) )?(?:how (?:many|much|long|old|often|far)|what|"
    r"which|who|whom|whose|when|where|why|how)\b|"
    r"\b(?:(?:в|на|о|с|к|из|от|по|за|у|под|для) )?(?:сколько|как(?:ой|ая|ое|ие|их|ого|ому|им|ими|"
    r"ом|ую)|кто|кого|кому|кем|что|чего|чем|когда|где|куда|откуда|почему|как)\b",
    re.IGNORECASE,
)
_EVIDENCE = 4  # passages in one evidence


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser(__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--show", type=int, default=0, help="print so many mistakes of each kind")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "textqa" / options.half)
    print(f"{'set':10} {'sentences':24} {'true':>5} {'supported':>10} {'of':>6}")
    for name in options.only or SETS:
        kept: Counter[tuple[bool, str]] = Counter()
        seen: Counter[tuple[bool, str]] = Counter()
        wrong = defaultdict(list)
        for kind, true, text, hits, checker in cases(data.text_set(root / name), options.questions):
            quotes = checker.support(Claim(text, frozenset()))
            seen[true, kind] += 1
            kept[true, kind] += bool(quotes)
            if bool(quotes) is not true:
                wrong[kind].append((text, [quote.text for quote in quotes] or hits[0].text))
        for true, kind in sorted(seen, reverse=True):
            share = kept[true, kind] / seen[true, kind]
            print(f"{name:10} {kind:24} {true!s:>5} {share:10.3f} {seen[true, kind]:6}", flush=True)
        for kind, mistakes in wrong.items():
            for text, quotes in mistakes[: options.show]:
                print(f"  {kind}: {text}\n      {quotes}")


def cases(texts: data.TextSet, limit: int) -> Iterator[tuple[str, bool, str, list[Hit], Checker]]:
    """(kind, whether it is true, sentence, evidence, its checker); the same in every run."""
    random.seed(5)
    reranker = load_reranker(RerankSettings())
    rarity = rarity_of(list(texts.passages.values()))
    asked: dict[str, list[str]] = defaultdict(list)
    for question, answers in texts.answers.items():
        for passage in texts.relevant.get(question, {}):
            if answers:
                asked[passage].append(question)
    passages = list(texts.passages)
    chosen = random.sample([q for each in asked.values() for q in each], k=limit)
    home = {question: passage for passage, each in asked.items() for question in each}
    for question in chosen:
        passage = home[question]
        others = random.sample([each for each in passages if each != passage], k=_EVIDENCE)
        hits = [hit(texts.passages[each]) for each in (passage, *others[1:])]
        checker = Checker(hits, reranker, rarity)
        answer = texts.answers[question][0]
        text = texts.passages[passage]
        sentences = [text[start:end] for start, end in sentence_spans(text)]
        source = next((each for each in sentences if answer in each), None)
        if source is None:
            continue
        made = [
            ("a sentence", True, source),
            ("of another passage", False, foreign(texts, others[0])),
        ]
        made += [("its clause", True, clause) for clause in clauses(source, answer)]
        statement = _ASKED.sub(
            answer.replace("\\", ""), texts.questions[question].rstrip("? "), count=1
        )
        if answer in statement:
            made.append(("question as statement", True, f"{statement}."))
            swaps = [texts.answers[each][0] for each in asked[passage] if each != question]
            for swap in [each for each in swaps if not set(words(each)) & set(words(answer))][:1]:
                made.append(("another answer put in", False, f"{statement.replace(answer, swap)}."))
        made += [(kind, False, altered) for kind, altered in alterations(source, texts)]
        for kind, true, sentence in made:
            yield kind, true, sentence, hits, checker


def rarity_of(passages: Sequence[str]) -> Callable[[str], StemWeights]:
    counts: Counter[str] = Counter()
    for passage in passages:
        counts.update(set(stems(passage)))
    return lambda text: StemWeights.of({each: counts[each] for each in stems(text)}, len(passages))


def hit(text: str) -> Hit:
    title, _, body = text.partition("\n\n")
    document = DocumentRef(
        id=title, path=f"{title}.txt", title=title if body else "", media_type="text/plain",
        collection="main",
    )  # fmt: skip
    return Hit(
        rank=1, key=ItemKey("chunk", hash(text) % 10**9), score=1.0, document=document, page=1,
        box=BoundingBox.whole(), text=body or title, caption="",
    )  # fmt: skip


def foreign(texts: data.TextSet, passage: str) -> str:
    body = texts.passages[passage].rpartition("\n\n")[2]
    return max((body[start:end] for start, end in sentence_spans(body)), key=len)


def clauses(sentence: str, answer: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"[,;] ", sentence)]
    found = [part for part in parts if answer in part and len(part.split()) >= 6]
    return [f"{part[0].upper()}{part[1:]}" for part in found if len(found) < len(parts)][:1]


def alterations(sentence: str, texts: data.TextSet) -> Iterator[tuple[str, str]]:
    number = re.search(r"\b\d{2,4}\b", sentence)
    if number:
        other = str(int(number.group()) + random.choice((1, 3, 10)))
        yield "another number", f"{sentence[: number.start()]}{other}{sentence[number.end() :]}"
    name = re.search(r"(?<=[a-zа-я,] )[A-ZА-Я][a-zа-я]{3,}\b", sentence)
    if name:
        every = re.findall(
            r"(?<=[a-zа-я] )[A-ZА-Я][a-zа-я]{4,}\b", " ".join(texts.passages.values())
        )
        other = random.choice([each for each in every if each not in sentence])
        yield "another name", f"{sentence[: name.start()]}{other}{sentence[name.end() :]}"
    for old, new in ((" is ", " is not "), (" was ", " was not "), (" were ", " were not "),
                     (" can ", " cannot "), (" является ", " не является "), (" был ", " не был "),
                     (" была ", " не была "), (" были ", " не были "), (" не ", " ")):  # fmt: skip
        if old in sentence:
            yield "a negation", sentence.replace(old, new, 1)
            break


if __name__ == "__main__":
    main()
