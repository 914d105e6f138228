"""Questions that follow others, as questions that need no others.

"And how tall is it?" becomes "How tall is the Eiffel Tower?". One file for each language; what
stands by itself is left as it is.
"""

from collections.abc import Sequence
from types import ModuleType

from indexer.analysis import language_of, script_of
from retriever.domain import Turn
from retriever.followups import english, russian
from retriever.followups.before import Before

_LONGEST = 300  # characters of a question that is completed, before and after


def complete(question: str, history: Sequence[Turn]) -> str:
    """``question`` with what it leaves out taken from the last of ``history``, oldest first.

    The same words always give the same question. Without history, and for a question that stands
    by itself, the question as it is.
    """
    if not history or len(question) > _LONGEST:
        return question
    earlier = before(history[-1])
    if len(earlier.question) > _LONGEST:
        return question
    found = _rules(question, earlier).complete(question, earlier)
    return question if found is None or len(found) > _LONGEST else found


def _rules(question: str, earlier: Before) -> ModuleType:
    """By the question's language; "А E7?" has as much of one as of the other."""
    mixed = script_of("".join(question.split())) == "cyrillic"
    if language_of(question) == "ru" or (mixed and language_of(earlier.question) == "ru"):
        return russian
    return english


def before(turn: Turn) -> Before:
    """What the next question may lean on."""
    answer = turn.answer
    told = "" if answer.refused else answer.text
    if answer.sentences:
        told = answer.sentences[0].text
    return Before(
        question=answer.searched or turn.question,
        answer=told[:_LONGEST],
        title=answer.citations[0].document.title if answer.citations else "",
    )
