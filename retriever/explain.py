"""Why a hit is there, and how hits of one document are told as one: pure functions."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from indexer.analysis import stem, words
from retriever.domain import Hit

_MOST_WORDS = 12


def matched_words(hit: Hit, forms: Collection[str]) -> tuple[str, ...]:
    """The words of a hit, its title and its headings that stand for words of the query."""
    shown = " ".join((hit.text, hit.caption, *hit.heading_path, hit.document.title))
    found = dict.fromkeys(word for word in words(shown) if stem(word) in forms or word in forms)
    return tuple(found)[:_MOST_WORDS]


def by_document(hits: Sequence[Hit], limit: int) -> tuple[Hit, ...]:
    """The best hit of each document, with the number of the others among ``hits``."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.document.id, []).append(hit)
    return tuple(
        replace(group[0], rank=rank, more=len(group) - 1)
        for rank, group in enumerate(list(groups.values())[:limit], start=1)
    )
