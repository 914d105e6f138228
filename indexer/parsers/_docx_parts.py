"""Parts of an Open Packaging Conventions package and how they relate (ISO/IEC 29500-2)."""

from dataclasses import dataclass
from posixpath import dirname, join, normpath, split
from urllib.parse import unquote

from lxml import etree

from indexer.parsers._package import Package

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_PROPERTIES = {
    "title": _DC + "title",
    "author": _DC + "creator",
    "subject": _DC + "subject",
    "keywords": _CORE + "keywords",
    "description": _DC + "description",
    "category": _CORE + "category",
    "last_modified_by": _CORE + "lastModifiedBy",
    "created": _TERMS + "created",
    "modified": _TERMS + "modified",
}
_MAX_CHARS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """``kind`` is the last part of the type's address; ``target`` a part's name or an address."""

    id: str
    kind: str
    target: str
    external: bool


def relations(package: Package, part: str) -> list[Relation]:
    """What ``part`` refers to, in the order of the file; "" stands for the package itself."""
    folder, name = split(part)
    root = package.tree(join(folder, "_rels", f"{name}.rels"))
    found = []
    for element in () if root is None else root.iter(_RELATION):
        target = element.get("Target", "")
        external = element.get("TargetMode") == "External"
        if not external:
            plain = unquote(target).replace("\\", "/")
            target = normpath(join("/", dirname(part), plain)).lstrip("/")
        kind = element.get("Type", "").rpartition("/")[2]
        found.append(
            Relation(id=element.get("Id", ""), kind=kind, target=target, external=external)
        )
    return found


def core_properties(package: Package, part: str) -> dict[str, str]:
    """Title, author, subject, keywords, dates (as YYYY-MM-DD) and the like, where they are set."""
    root = package.tree(part)
    found: dict[str, str] = {}
    if root is None:
        return found
    for key, tag in _PROPERTIES.items():
        text = " ".join((root.findtext(tag) or "").split())[:_MAX_CHARS]
        if text:
            found[key] = text.partition("T")[0] if key in {"created", "modified"} else text
    return found


def element_tree(package: Package, parts: list[Relation], kind: str) -> etree._Element | None:
    """The root of the first related part of ``kind``."""
    target = next((part.target for part in parts if part.kind == kind), "")
    return package.tree(target) if target else None
