"""Saying that nothing answers, what is missing, and what came nearest. Pure functions."""

from collections.abc import Sequence

from indexer.analysis import STOP_WORDS, stem, words
from retriever.domain import Answer, Hit, Query
from retriever.names import missing, names_of
from retriever.search import query_language

_NEAREST = 3  # documents that a refusal names
_MOST_UNKNOWN = 3


def refusal(query: Query, passages: Sequence[Hit], generator: str) -> Answer:
    """A refusal in the language of the question. ``passages``: what came nearest, best first."""
    russian = query_language(query.text) == "ru"
    unknown = [f"«{word}»" if russian else f"“{word}”" for word in _unknown(query.text, passages)]
    text = (_in_russian if russian else _in_english)(_where(query, russian=russian), unknown)
    nearest = dict.fromkeys(
        f"{hit.document.title} ({'стр.' if russian else 'page'} {hit.page})" for hit in passages
    )
    if nearest:
        names = ", ".join(list(nearest)[:_NEAREST])
        text += f" Ближе всего: {names}." if russian else f" Nearest: {names}."
    return Answer(
        question=query.text,
        refused=True,
        text=text,
        sentences=(),
        citations=(),
        generator=generator,
    )


def _where(query: Query, *, russian: bool) -> str:
    if query.filters:
        left = "документах, которые оставили фильтры,"
        return left if russian else "documents that the filters leave"
    if query.collections:
        names = ", ".join(query.collections)
        return f"документах коллекции {names}" if russian else f"documents of {names}"
    return "проиндексированных документах" if russian else "indexed documents"


def _in_english(where: str, unknown: Sequence[str]) -> str:
    if unknown:
        return f"Nothing in the {where} speaks of {' or '.join(unknown)}."
    return f"Nothing in the {where} answers this."


def _in_russian(where: str, unknown: Sequence[str]) -> str:
    if unknown:
        return f"В {where} ничего не говорится про {' и '.join(unknown)}."
    return f"В {where} ответа на это нет."


def _unknown(question: str, passages: Sequence[Hit]) -> list[str]:
    """Names of the question, or else its other words, that no passage has, as they were typed."""
    text = " ".join(
        f"{hit.document.title} {' '.join(hit.heading_path)} {hit.text}" for hit in passages
    )
    names = names_of(question)
    asked = names or tuple(word for word in words(question) if word not in STOP_WORDS)
    lacking = {stem(word) for word in asked if missing((word,), text)}
    # All of several words missing says no more than that nothing was found.
    if not lacking or (not names and len(lacking) == len(asked) > 1):
        return []
    typed = (word.strip(".,;:!?\"'«»“”„()[]") for word in question.split())
    return [
        word for word in dict.fromkeys(typed) if any(stem(part) in lacking for part in words(word))
    ][:_MOST_UNKNOWN]
