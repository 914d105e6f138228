"""Patents of the USPTO in XML: grants and applications since 2001, in its three vocabularies."""

import re
from collections.abc import Iterator
from typing import Any

from indexer.parsers._flow import FlowBlock
from indexer.parsers._xml_walk import Handler, Walker, flat, heading, name_of, tidy

_TITLES = ("invention-title", "title-of-invention", "b540")
_BIBLIOGRAPHY = (
    "us-bibliographic-data-application",
    "us-bibliographic-data-grant",
    "subdoc-bibliographic-information",
    "sdobi",
)
_DRAWINGS = frozenset({"drawings", "subdoc-drawings", "sdodr", "us-sequence-list-doc"})
_GIVEN = ("first-name", "given-name", "fnm")
_FAMILY = ("last-name", "family-name", "snm")
_PEOPLE = ("inventor", "us-applicant", "applicant", "first-named-inventor", "b721")
_OWNERS = ("assignee", "b731", "b732us")
_ORGANISATION = ("orgname", "organization-name", "onm")


def blocks(root: Any) -> Iterator[FlowBlock]:
    """Title, number and people, then abstract, description and claims as they come."""
    handlers: dict[str, Handler] = dict.fromkeys(_BIBLIOGRAPHY, _bibliography)
    walker = Walker(handlers, skipped=_DRAWINGS | {"number"})

    def titled(title: str) -> Handler:
        def read(element: Any, level: int) -> Iterator[FlowBlock]:
            yield from heading(title, level + 1)
            yield from walker.blocks(element, level + 1)

        return read

    handlers |= dict.fromkeys(("abstract", "subdoc-abstract", "sdoab"), titled("Abstract"))
    handlers |= dict.fromkeys(("claims", "subdoc-claims", "sdocl"), titled("Claims"))
    return walker.blocks(root, 1)


def title_of(root: Any) -> str:
    return _first(root, _TITLES)


def metadata_of(root: Any) -> dict[str, str]:
    facts = _facts(root)
    return {"number": facts["Patent"], "published": facts["Date"], "author": facts["Inventors"]}


def _bibliography(element: Any, level: int) -> Iterator[FlowBlock]:
    yield from heading(title_of(element), level)
    lines = (f"{name}: {value}" for name, value in _facts(element).items() if value)
    yield FlowBlock(kind="paragraph", text="\n".join(lines))


def _facts(root: Any) -> dict[str, str]:
    """Number, date, inventors and owners, "" for what is not stated."""
    place = _element(root, ("publication-reference", "document-id", "b100"))
    number = date = ""
    if place is not None:
        country = _first(place, ("country", "b190"))
        kind = _first(place, ("kind", "kind-code", "b130"))
        number = tidy(f"{country} {_first(place, ('doc-number', 'b110'))} {kind}")
        date = re.sub(
            r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3", _first(place, ("date", "document-date", "b140"))
        )
    return {
        "Patent": number,
        "Date": date,
        "Inventors": "; ".join(_people(root)),
        "Owners": "; ".join(_owners(root)),
    }


def _people(root: Any) -> list[str]:
    names = (
        tidy(f"{_first(each, _GIVEN)} {_first(each, _FAMILY)}") for each in _all(root, _PEOPLE)
    )
    return list(dict.fromkeys(filter(None, names)))


def _owners(root: Any) -> list[str]:
    names = (_first(each, _ORGANISATION) for each in _all(root, (*_OWNERS, *_PEOPLE)))
    return list(dict.fromkeys(filter(None, names)))


def _all(root: Any, names: tuple[str, ...]) -> list[Any]:
    return [each for each in root.iter("{*}*") if name_of(each) in names]


def _element(root: Any, names: tuple[str, ...]) -> Any:
    return next((each for each in root.iter("{*}*") if name_of(each) in names), None)


def _first(root: Any, names: tuple[str, ...]) -> str:
    found = _element(root, names)
    return "" if found is None else flat(found)
