"""Answers written by a language model and checked against the evidence, sentence by sentence.

A model is a small port, :class:`LanguageModel`; ``openai.py``, ``gguf.py`` and ``transformers.py``
implement it. Everything else is here, once: what the model is asked, what of its words is shown,
which sentences are supported, and what happens when it fails.

- A supported sentence cites the quotes that support it; another cites nothing, and is marked or
  dropped by the setting ``unsupported``. None is shown before a supported one that is about the
  question has come: if none comes, the answer is the quotes of the extractive generator, with a
  note.
- A model refuses only by saying so, and only if nothing that it says besides is supported.
- A model that cannot be reached, fails or is too slow: what of it was supported so far is the
  answer, else the quotes are, with a note that says why.
"""

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Protocol

from indexer.analysis import content_stems, stems
from retriever import facts
from retriever.addressed import asks_about_models
from retriever.containment import REMOVED, plain, plain_so_far
from retriever.domain import Answer, AnswerEvent, Citation, Draft, Hit, Sentence, Statement, Turn
from retriever.errors import GeneratorUnavailable
from retriever.generators import Task, _prompt
from retriever.generators.extractive import ExtractiveGenerator
from retriever.grounding import (
    Checker,
    Claim,
    Quote,
    Relevance,
    SentenceStream,
    read_claim,
    without_markers,
)
from retriever.quoting import cite_picture, cite_quote
from retriever.rerankers import Reranker
from retriever.settings import AnswerSettings

Message = _prompt.Message

_REPEATS = 3  # of one sentence, after which a model is in a loop
_LONGEST_QUESTION = 300  # characters of a follow-up made to stand alone
_LONGEST_TEXT = 16  # characters for each token that a model may write; more is no language
_KNOWN_SHARE = 0.6  # of the words of a rewritten question, that stood in the conversation
_SHARES = (1.0, 0.5, 0.25)  # of the context, when a prompt proves too long

_REFUSES = re.compile(
    rf"\b{_prompt.REFUSAL}\b|"
    r"\b(?:evidence|documents?|passages?|sources?|context|text|information|files?)\b.{0,30}"
    r"\b(?:do(?:es)?(?: not|n't)|cannot|can't|is not|are not|isn't|aren't|lacks?) (?:\w+ )?"
    r"(?:contain|mention|answer|provide|say|state|specify|include|give|tell|enough|sufficient|information|discuss|address|"
    r"relevant|available|cover)|"
    r"\bthere is (?:no|not enough|insufficient) (?:information|evidence|answer|mention)|"
    r"\b(?:i|we) (?:cannot|can't|do not|don't|am unable to|could not) "
    r"(?:answer|know|find|determine|have)|"
    r"\b(?:в|из) (?:\w+ ){0,3}(?:документ\w*|источник\w*|фрагмент\w*|текст\w*|данных|материал\w*|"
    r"свидетельств\w*)\b.{0,40}\b(?:нет|не (?:содерж|упомина|указан|говорит|найден|сказан|привод))|"
    r"\b(?:документы|источники|фрагменты|текст|данные)\b.{0,20}"
    r"\bне (?:содерж|отвеча|упомина|указыва)|"
    r"\b(?:нет (?:ответа|информации|сведений|данных)|не могу (?:ответить|найти)|ответа нет)\b",
    re.IGNORECASE,
)


class PromptTooLong(GeneratorUnavailable):
    """A prompt that does not fit into the model's context."""


class LanguageModel(Protocol):
    """Something that continues a conversation."""

    @property
    def name(self) -> str: ...

    def sees(self) -> bool:
        """Whether it takes pictures. GeneratorUnavailable if it must be reached to tell."""
        ...

    def complete(self, messages: Sequence[Message], images: Sequence[bytes]) -> Iterator[str]:
        """Its reply in pieces. ``images`` are JPEGs that belong to the last message.

        Closing the iterator cancels the work. Raises GeneratorUnavailable when the model cannot be
        loaded or reached, fails, or is too slow; PromptTooLong when it cannot take so much.
        """
        ...

    def check(self) -> str:
        """What is there, in a few words; GeneratorUnavailable if it cannot be used."""
        ...


class ModelGenerator:
    """See :class:`retriever.generators.Generator`."""

    def __init__(
        self, model: LanguageModel, settings: AnswerSettings, reranker: Reranker | None
    ) -> None:
        self._model = model
        self._settings = settings
        self._reranker = reranker
        self._quoting = ExtractiveGenerator(settings, reranker)

    @property
    def name(self) -> str:
        return self._model.name

    def check(self) -> str:
        """See :meth:`LanguageModel.check`."""
        return self._model.check()

    def stream(self, task: Task) -> Iterator[AnswerEvent]:
        if not task.evidence.query.text.strip():
            yield from self._quoting.stream(task)  # a photo alone asks nothing
            return
        writing = _Writing(task, self._settings, self._reranker)
        failure: GeneratorUnavailable | None = None
        try:
            yield from self._write(task, writing)
        except GeneratorUnavailable as exc:
            failure = exc
        if writing.answers:
            yield writing.answer(self.name, note=_note(failure, "the answer may be incomplete"))
        elif writing.refused and failure is None:
            yield _refusal(task, self.name)
        else:
            yield from self._quotes(task, failure or self._unsupported(writing))

    def standalone(self, question: str, history: Sequence[Turn]) -> str | None:
        said = ""
        try:
            with closing(
                _closable(self._model.complete(_prompt.standing_alone(question, history), ()))
            ) as parts:
                for part in parts:
                    said += part
                    if len(said) > _LONGEST_TEXT * _LONGEST_QUESTION:
                        break
        except GeneratorUnavailable:
            return None
        return _as_question(said, question, history)

    def _write(self, task: Task, writing: "_Writing") -> Iterator[AnswerEvent]:
        """Let the model write: drafts and statements. A prompt that is too long is shortened."""
        sees = self._sees(task)
        for attempt, share in enumerate(_SHARES, 1):
            prompt = _prompt.answering(
                task.evidence.query.text, task.evidence.hits, self._settings, sees=sees, share=share
            )
            if not prompt.hits:
                return
            writing.begin(prompt.hits)
            images = [task.picture(hit) for hit in prompt.pictures]
            try:
                with closing(_closable(self._model.complete(prompt.messages, images))) as parts:
                    yield from writing.read(parts)
                return
            except PromptTooLong:
                if attempt == len(_SHARES) or writing.said:
                    raise

    def _sees(self, task: Task) -> bool:
        if self._settings.sees != "auto":
            return self._settings.sees == "yes"
        return any(hit.key.kind == "crop" for hit in task.evidence.hits) and self._model.sees()

    def _unsupported(self, writing: "_Writing") -> GeneratorUnavailable:
        said = "it said nothing"
        if writing.states:
            said = "what it said does not answer the question"
        elif writing.said:
            said = "nothing that it said is supported by the evidence"
        return GeneratorUnavailable(self.name, cause=said, remedy="a larger model may do better")

    def _quotes(self, task: Task, failure: GeneratorUnavailable) -> Iterator[AnswerEvent]:
        for event in self._quoting.stream(task):
            if isinstance(event, Answer):
                yield replace(event, note=_note(failure, "these are quotes instead"))
            else:
                yield event


class _Writing:
    """An answer as it comes to be."""

    def __init__(self, task: Task, settings: AnswerSettings, reranker: Reranker | None) -> None:
        self._task = task
        self._settings = settings
        self._reranker = reranker
        self._checker: Checker | None = None
        self._hits: tuple[Hit, ...] = ()
        self._sentences: list[Sentence] = []
        self._citations: dict[tuple[object, int, int], Citation] = {}
        self._held: list[Statement] = []
        self._seen: dict[str, int] = {}
        self._dropped = 0
        self._relevance: Relevance | None = None
        self.answers = False  # whether a supported sentence about the question has come
        self.refused = False
        self.said = False

    @property
    def states(self) -> bool:
        """Whether some of what was said is supported, if not about the question."""
        return any(sentence.supported for sentence in self._sentences)

    def begin(self, hits: Sequence[Hit]) -> None:
        """Check from now on against ``hits``, in the order of their numbers."""
        self._checker = Checker(
            hits,
            self._reranker,
            self._task.rarity,
            to_models=asks_about_models(self._task.evidence.query.text),
        )
        self._hits = tuple(hits)
        self._relevance = None

    def read(self, parts: Iterator[str]) -> Iterator[AnswerEvent]:
        """Drafts and statements of what a model says; ends early when it goes in circles."""
        stream = SentenceStream()
        drafted = ""
        left = _LONGEST_TEXT * self._settings.max_tokens
        for part in parts:
            self.said = self.said or bool(part.strip())
            left -= len(part)
            finished, thought = stream.feed(part)
            if thought:
                self._forget()
            for sentence in finished:
                yield from self._state(sentence)
            if finished:
                drafted = ""
            shown = plain_so_far(without_markers(stream.pending))
            if shown.startswith(drafted) and len(shown) > len(drafted):
                yield Draft(text=shown[len(drafted) :])
                drafted = shown
            if left < 0 or max(self._seen.values(), default=0) >= _REPEATS:
                return
        for sentence in stream.finish():
            yield from self._state(sentence)

    def answer(self, generator: str, *, note: str) -> Answer:
        """The whole answer, pictures of the evidence beside it."""
        sentences = tuple(self._sentences)
        words = [(len(each.text.split()), each.supported) for each in sentences]
        held = sum(count for count, supported in words if supported)
        citations = list(self._citations.values())
        for hit in self._task.evidence.hits:
            pictured = hit.key.kind == "crop" and all(each.key != hit.key for each in citations)
            if pictured and sum(not each.quote for each in citations) < self._settings.figures:
                citations.append(cite_picture(len(citations) + 1, hit))
        if self._dropped and not note:
            count = self._dropped
            note = f"{generator}: {count} unsupported sentence{'s' * (count > 1)} left out"
        return Answer(
            question=self._task.evidence.query.text,
            refused=False,
            text=" ".join(sentence.text for sentence in sentences),
            sentences=sentences,
            citations=tuple(citations),
            generator=generator,
            groundedness=held / max(1, sum(count for count, _ in words)),
            note=note,
        )

    def _state(self, sentence: str) -> Iterator[Statement]:
        """Check a sentence; hand it out once a supported one has come."""
        claim = read_claim(sentence)
        if not _claims_something(claim):
            return
        folded = " ".join(stems(claim.text))
        self._seen[folded] = self._seen.get(folded, 0) + 1
        if self._seen[folded] > 1 or self._checker is None:
            return
        quotes = self._checker.support(claim)
        if not quotes and _REFUSES.search(claim.text):
            self.refused = True
            return
        if not quotes and self._settings.unsupported == "drop":
            self._dropped += 1
            return
        statement = self._statement(claim, quotes)
        self._sentences.append(statement.sentence)
        self._held.append(statement)
        self.answers = self.answers or (bool(quotes) and self._is_relevant(claim, quotes))
        if self.answers:
            yield from self._held
            self._held = []

    def _is_relevant(self, claim: Claim, quotes: Sequence[Quote]) -> bool:
        if self._relevance is None:
            self._relevance = Relevance(
                self._task.evidence.query.text, self._task.weights, self._hits, self._reranker
            )
        return self._relevance.holds(claim.text, quotes)

    def _statement(self, claim: Claim, quotes: Sequence[Quote]) -> Statement:
        numbers, new = [], []
        for quote in quotes:
            key = (quote.hit.key, quote.start, quote.end)
            if key not in self._citations:
                number = len(self._citations) + 1
                self._citations[key] = _cited(number, quote)
                new.append(self._citations[key])
            numbers.append(self._citations[key].n)
        return Statement(
            sentence=Sentence(text=claim.text, citations=tuple(numbers), supported=bool(quotes)),
            citations=tuple(new),
        )

    def _forget(self) -> None:
        """What was said so far was but thought."""
        self._sentences.clear()
        self._citations.clear()
        self._held.clear()
        self._seen.clear()
        self._dropped = 0
        self.answers = self.refused = False


def _cited(number: int, quote: Quote) -> Citation:
    if quote.hit.key.kind == "crop":
        return cite_picture(number, quote.hit)
    return cite_quote(number, quote.hit, quote.start, quote.end)


def _claims_something(claim: Claim) -> bool:
    """Whether a sentence is more than a removed address or a heading that leads to others."""
    bare = claim.text.replace(REMOVED, "").strip(" .,:;!?—–-*")
    if not any(char.isalnum() for char in bare):
        return False
    leads = claim.text.endswith(":") and not claim.cited
    return not (leads and not any(char.isdigit() for char in bare))


def _refusal(task: Task, generator: str) -> Answer:
    """A refusal without words: these are the same whoever refuses."""
    return Answer(
        question=task.evidence.query.text,
        refused=True,
        text="",
        sentences=(),
        citations=(),
        generator=generator,
    )


def _note(failure: GeneratorUnavailable | None, consequence: str) -> str:
    return "" if failure is None else f"{failure}; {consequence}"


def _as_question(said: str, question: str, history: Sequence[Turn]) -> str | None:
    """What a model made of a follow-up, if it is a question and only of words it was told."""
    stream = SentenceStream()
    stream.feed(said)
    lines = [line for line in plain(stream.pending or said).split("\n") if line.strip()]
    if len(lines) != 1 or REMOVED in lines[0]:
        return None
    found = re.sub(r"^\W*(?:question|вопрос)\W*:\s*", "", lines[0], flags=re.IGNORECASE).strip(
        " \"'"
    )
    told = " ".join((question, *(f"{turn.question} {turn.answer.text}" for turn in history)))
    known = frozenset(stems(told))
    content = content_stems(found)
    if not 3 <= len(found) <= _LONGEST_QUESTION or not content:
        return None
    share = sum(facts.held_in(word, known) for word in content) / len(content)
    stated = facts.facts_of(found)
    sound = all(facts.held_in(name, known) for name in stated.names) and all(
        facts.holds_number(number, facts.numbers_in(told)) for number in stated.numbers
    )
    return found if share >= _KNOWN_SHARE and sound else None


def _closable(parts: Iterator[str]) -> Generator[str, None, None]:
    """``parts`` as a generator, closed with it."""
    try:
        yield from parts
    finally:
        close: Callable[[], None] | None = getattr(parts, "close", None)
        if close is not None:
            close()
