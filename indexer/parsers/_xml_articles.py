"""Scientific articles in XML (JATS): title, authors, abstract, sections, references."""

from collections.abc import Iterator
from typing import Any

from indexer.parsers._flow import FlowBlock
from indexer.parsers._xml_walk import Walker, flat, heading, name_of, tidy, topmost

_CITATIONS = frozenset("element-citation mixed-citation citation nlm-citation".split())
_IDENTIFIERS = {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "arxiv": "arXiv", "isbn": "ISBN"}
_TITLES = ("article-title", "chapter-title", "data-title", "part-title", "trans-title")


def blocks(root: Any) -> Iterator[FlowBlock]:
    """The article's text; what names it comes first."""
    walker = Walker(
        {"front": _front, "front-stub": _front, "ref-list": _references}, skipped={"journal-meta"}
    )
    return walker.blocks(root, 1)


def title_of(root: Any) -> str:
    found = next(root.iter("{*}article-title"), None)
    return "" if found is None else flat(found, {"fn", "xref"})


def metadata_of(root: Any) -> dict[str, str]:
    front = next(root.iter("{*}front"), None)
    if front is None:
        return {}
    dates = [_first(each, "year") for each in front.iter("{*}pub-date")]
    ids = [each for each in front.iter("{*}article-id") if each.get("pub-id-type") == "doi"]
    return {
        "author": "; ".join(_authors(front)),
        "journal": _first(front, "journal-title"),
        "published": min(filter(None, dates), default=""),
        "doi": flat(ids[0]) if ids else "",
    }


def _front(front: Any, level: int) -> Iterator[FlowBlock]:
    meta = next((each for each in front if name_of(each) == "article-meta"), front)
    yield from heading(title_of(meta), level)
    for subtitle in topmost(meta, {"subtitle"}):
        yield FlowBlock(kind="paragraph", text=flat(subtitle))
    yield FlowBlock(kind="paragraph", text=", ".join(_authors(meta)))
    places = [_place(each) for each in topmost(meta, {"aff"})]
    yield FlowBlock(kind="paragraph", text="; ".join(dict.fromkeys(filter(None, places))))
    for abstract in topmost(meta, {"abstract", "trans-abstract"}):
        if not any(name_of(child) == "title" for child in abstract):
            yield from heading("Abstract", level + 1)
        yield from Walker().blocks(abstract, level + 1)
    for group in topmost(meta, {"kwd-group"}):
        words = "; ".join(flat(each) for each in topmost(group, {"kwd"}))
        label = _first(group, "title") or "Keywords"
        if words:
            yield FlowBlock(kind="paragraph", text=f"{label.rstrip(':')}: {words}")


def _authors(meta: Any) -> list[str]:
    """Names of the authors; of all contributors where none is said to be an author."""
    groups = topmost(meta, {"contrib"})
    authors = [each for each in groups if each.get("contrib-type", "author") == "author"]
    names = (next(iter(_names(each)), "") for each in authors or groups)
    return [name for name in names if name]


def _names(element: Any) -> list[str]:
    found = []
    for each in topmost(element, {"name", "string-name", "collab"}):
        family, given = _first(each, "surname"), _first(each, "given-names")
        is_citation = name_of(element) != "contrib"
        parts = (family, given) if is_citation else (given, family)
        found.append(" ".join(filter(None, parts)) or flat(each, {"contrib-group", "contrib"}))
    return found


def _place(affiliation: Any) -> str:
    texts = [flat(child) for child in affiliation if name_of(child) not in {"label", "sup"}]
    if (affiliation.text or "").strip() or any((c.tail or "").strip(" ,;\n") for c in affiliation):
        return flat(affiliation, {"label", "sup", "institution-id"})
    return ", ".join(filter(None, texts))


def _references(element: Any, level: int) -> Iterator[FlowBlock]:
    yield from heading(_own_title(element) or "References", level + 1)
    for child in element:
        name = name_of(child)
        if name == "ref":
            citations = topmost(child, _CITATIONS)
            text = tidy(" ".join(map(_citation, citations))) if citations else flat(child)
            yield FlowBlock(kind="list", text=f"• {text}" if text else "")
        elif name == "ref-list":
            yield from _references(child, level + 1)
        elif name != "title":
            yield FlowBlock(kind="paragraph", text=flat(child))


def _citation(element: Any) -> str:
    """``Names. Title. Source 5(2):10–12 (1999). DOI: …`` of a citation in parts."""
    if name_of(element) != "element-citation" and (
        (element.text or "").strip() or any((child.tail or "").strip() for child in element)
    ):
        return flat(element)
    names = _names(element) + (["et al."] if _first(element, "etal") else [])
    title = next(filter(None, (_first(element, name) for name in _TITLES)), "")
    issue = _first(element, "issue")
    pages = "–".join(filter(None, (_first(element, "fpage"), _first(element, "lpage"))))
    pages = pages or _first(element, "elocation-id")
    volume = _first(element, "volume") + (f"({issue})" if issue else "")
    year = _first(element, "year")
    place = " ".join(filter(None, (_first(element, "source"), volume)))
    place += (":" if volume and pages else " " if pages else "") + pages
    publisher = _first(element, "publisher-name")
    sentences = [", ".join(names), title, place, publisher]
    text = " ".join(
        each if each.endswith((".", "?", "!")) else f"{each}." for each in sentences if each
    )
    if year:
        text = f"{text.removesuffix('.')} ({year})."
    numbers = [
        f"{_IDENTIFIERS[kind]}: {flat(each)}"
        for each in topmost(element, {"pub-id"})
        if (kind := each.get("pub-id-type", "").lower()) in _IDENTIFIERS
    ]
    links = [flat(each) for each in topmost(element, {"ext-link", "uri"})]
    return " ".join(filter(None, (text, ", ".join(numbers + links))))


def _own_title(element: Any) -> str:
    return next((flat(child) for child in element if name_of(child) == "title"), "")


def _first(element: Any, name: str) -> str:
    found = next(element.iter("{*}" + name), None)
    return "" if found is None else flat(found) or (name if name == "etal" else "")
