"""Office Open XML: relationships, properties and pictures of a package, and its elements.

Elements are named by their local name, so that the strict and the transitional namespaces read
alike. Parts are read one by one: a damaged or strange one does not lose the others, which the
libraries for these formats do not promise. Source: ECMA-376 Part 2.
"""

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import unquote

from lxml import etree

from indexer.domain import Raster
from indexer.parsers._package import Package
from indexer.parsers._pictures import embedded_picture
from indexer.parsers._signatures import format_of
from indexer.settings import ParserSettings

Element = Any
"""An lxml element; its stubs know wildcards in names only as comments and functions."""

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What reading a damaged archive raises."""

_PICTURES = frozenset({".jpg", ".png", ".gif", ".tif", ".webp", ".bmp"})
_PROPERTIES = {
    "title": "title",
    "creator": "author",
    "subject": "subject",
    "keywords": "keywords",
    "description": "description",
    "created": "created",
    "modified": "modified",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """A part that another one uses: ``kind`` such as "image"; ``target`` is the part's name."""

    kind: str
    target: str


class OfficePackage(Package):
    """A package of Office Open XML; part names have no leading slash and any case."""

    def __init__(self, path: Path, settings: ParserSettings) -> None:
        super().__init__(path, settings)
        self._path = path
        self._settings = settings

    def names(self) -> list[str]:
        """The names of all parts, in lower case."""
        return list(self._entries)

    def xml(self, name: str) -> Element | None:
        """The root of a part, as much of it as is sound; None for one that is missing."""
        return self.tree(name)

    def elements(self, name: str, *names: str) -> Iterator[Element]:
        """The elements with these local names as they end; each is emptied after its turn.

        Raises one of ``BROKEN``, for damaged XML after the elements that could be read.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            raise ValueError(f"no part {name}")
        with self._file.open(entry) as part:
            yield from elements_of(part, *names)

    def relations(self, name: str) -> dict[str, Relation]:
        """What the part ``name`` ("" for the package) refers to, by id, inside the package."""
        folder, file = posixpath.split(name)
        root = self.xml(posixpath.join(folder, "_rels", f"{file}.rels"))
        found: dict[str, Relation] = {}
        for item in () if root is None else children(root, "Relationship"):
            if item.get("TargetMode") == "External":
                continue
            target = unquote(item.get("Target") or "").replace("\\", "/")
            joined = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = (item.get("Type") or "").rsplit("/", 1)[-1]
            found[item.get("Id") or ""] = Relation(kind, joined)
        return found

    def related(self, name: str, kind: str) -> list[str]:
        """The parts that ``name`` refers to in the role ``kind``, in the file's order."""
        return [
            item.target
            for item in self.relations(name).values()
            if item.kind.lower() == kind.lower()
        ]

    def picture(self, name: str) -> Callable[[], Raster | None] | None:
        """A function that decodes the picture in part ``name``, None where there is none to show.

        Only the first bytes are read now: a presentation may hold hundreds of photos.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            return None
        with suppress(*BROKEN), self._file.open(entry) as part:
            if format_of(part.read(64)).suffix in _PICTURES:
                return partial(_decoded, self._path, entry, self._settings)
        return None

    def properties(self) -> dict[str, str]:
        """Title, author and such; empty ones are left out."""
        found: dict[str, str] = {}
        for name in self.related("", "core-properties") or ["docProps/core.xml"]:
            root = self.xml(name)
            for item in () if root is None else root:
                key = _PROPERTIES.get(local(item))
                text = " ".join((item.text or "").split())[:1000]
                if key and text:
                    found[key] = text[:10] if key in {"created", "modified"} else text
        return found


def elements_of(source: IO[bytes], *names: str) -> Iterator[Element]:
    """The elements with these local names as they end; each is emptied after its turn.

    Raises ValueError for damaged XML, after the elements that could be read.
    """
    found = etree.iterparse(
        source,
        tag=[f"{{*}}{name}" for name in names],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, element in found:
            yield element
            element.clear()
            parent = element.getparent()
            while parent is not None and parent[0] is not element:
                del parent[0]
    except etree.XMLSyntaxError as exc:
        raise ValueError(str(exc)) from exc
    if found.error_log:
        raise ValueError(found.error_log[0].message)


def _decoded(path: Path, entry: zipfile.ZipInfo, settings: ParserSettings) -> Raster | None:
    with suppress(*BROKEN), zipfile.ZipFile(path) as file:
        return embedded_picture(file.read(entry), settings)
    return None


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, name: str) -> Iterator[Element]:
    """The children with this local name."""
    return cast(Iterator[Element], element.iterchildren(f"{{*}}{name}"))


def child(element: Element | None, *names: str) -> Element | None:
    """The first descendant along a path of local names, None where it breaks off."""
    for name in names:
        element = None if element is None else next(children(element, name), None)
    return element


def settle(root: Element) -> None:
    """Replace each choice between a new and an old form of the same content by one that is read."""
    for choice in list(root.iter("{*}AlternateContent")):
        parent = choice.getparent()
        if parent is None:
            continue
        taken = next((form for form in choice if local(form) == "Choice" and _is_read(form)), None)
        if taken is None:
            taken = child(choice, "Fallback")
        place = parent.index(choice)
        parent[place : place + 1] = [] if taken is None else list(taken)


def _is_read(form: Element) -> bool:
    return any(local(item) in {"t", "blip", "chart", "relIds"} for item in form.iter("{*}*"))


def attribute(element: Element | None, name: str) -> str:
    """An attribute by its local name, such as "id" for "r:id"; "" where there is none.

    One with a namespace goes first: "id" alone often is another number.
    """
    found = ""
    for key, value in () if element is None else element.attrib.items():
        space, _, plain = str(key).rpartition("}")
        if plain == name:
            found = str(value)
            if space:
                break
    return found
