"""News feeds: RSS and Atom."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from indexer.parsers._flow import FlowBlock
from indexer.parsers._xml_walk import flat, heading, name_of
from indexer.parsers.html import blocks_of, page_of, text_in

ROOTS = frozenset({"rss", "rdf", "feed"})

_ENTRIES = frozenset({"item", "entry"})
_TEXTS = ("encoded", "content", "description", "summary")  # the fullest first
_FACTS = {
    "pubdate": "Date",
    "published": "Date",
    "updated": "Date",
    "date": "Date",
    "author": "Author",
    "creator": "Author",
    "category": "Category",
    "link": "Link",
}


def is_feed(root: Any) -> bool:
    return name_of(root) in ROOTS and any(name_of(each) in _ENTRIES for each in root.iter("{*}*"))


def blocks(root: Any) -> Iterator[FlowBlock]:
    """The feed's title, then each entry with its facts and its text."""
    channel = next((each for each in root if name_of(each) == "channel"), root)
    yield from _described(channel, 1)
    for entry in root.iter("{*}item", "{*}entry"):
        yield from _described(entry, 2)


def _described(element: Any, level: int) -> Iterator[FlowBlock]:
    children = {name_of(child): child for child in reversed(element)}
    title = children.get("title")
    if title is not None:
        yield from heading(flat_markup(title), level)
    if level > 1:
        lines = dict.fromkeys(
            f"{_FACTS[name_of(child)]}: {value}"
            for child in element
            if name_of(child) in _FACTS and (value := _fact(child))
        )
        yield FlowBlock(kind="paragraph", text="\n".join(lines))
    text = next((children[name] for name in (*_TEXTS, "subtitle") if name in children), None)
    if text is not None:
        inner = "".join(text.itertext()) if len(text) == 0 else _markup(text)
        for block in blocks_of(page_of(inner)):
            deeper = min(6, block.level + level) if block.level else 0
            yield replace(block, level=deeper)


def flat_markup(element: Any) -> str:
    """The text of a title, which may hold HTML as text."""
    return text_in(flat(element))


def _fact(element: Any) -> str:
    return flat(element) or str(element.get("href") or element.get("term") or "")


def _markup(element: Any) -> str:
    from lxml import etree

    return "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)
