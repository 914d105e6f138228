"""Word documents (Office Open XML, transitional and strict), read from their XML."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers._album import Album
from indexer.parsers._docx_drawing import R
from indexer.parsers._docx_parts import core_properties, element_tree, relations
from indexer.parsers._docx_story import Shared, Story
from indexer.parsers._docx_styles import W, is_on, value_of
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._notes import finished, once
from indexer.parsers._package import Package
from indexer.settings import ParserSettings

_OOXML = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_MEDIA_TYPES = {
    ".docx": f"{_OOXML}.document",
    ".docm": "application/vnd.ms-word.document.macroEnabled.12",
    ".dotx": f"{_OOXML}.template",
    ".dotm": "application/vnd.ms-word.template.macroEnabled.12",
}

SUFFIXES = frozenset(_MEDIA_TYPES)


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Text, tables and pictures of a Word document in the order of its file.

    Notes and comments stand at the end of their section; the headers of a section stand before
    and its footers behind it, each text once. Deleted text of tracked changes is left out, and
    nothing outside the file is fetched. Explicit page breaks start new pages.
    Raises UnreadableDocument for a damaged or encrypted file and for one without content,
    LimitExceeded for one that unpacks to more than ``settings.output_bytes``.
    """
    with Package(path, settings) as package:
        related = {relation.kind: relation.target for relation in relations(package, "")}
        main_part = related.get("officeDocument", "word/document.xml")
        if main_part not in package:
            raise UnreadableDocument(
                path, cause="no Word document in it", remedy="save it again in its program"
            )
        properties = core_properties(package, related.get("core-properties", "docProps/core.xml"))
        album = Album(settings)
        shared = Shared.of(package, main_part, album)
        sections = list(_sections(shared))
        blocks = list(finished(shared.notes.placed(_blocks(shared, sections))))
        warnings = dict.fromkeys((*package.warnings, *shared.warnings, *album.warnings))
    core_title = properties.pop("title", "")
    return flow_document(
        path,
        blocks,
        settings,
        media_type=_MEDIA_TYPES.get(path.suffix.lower(), _MEDIA_TYPES[".docx"]),
        title=shared.title or core_title,
        metadata=properties,
        warnings=tuple(warnings),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Section:
    """Relations of the headers and footers of a section, and whether it continues a page."""

    headers: tuple[str, ...] = ()
    footers: tuple[str, ...] = ()
    continuous: bool = False


def _sections(shared: Shared) -> Iterator[_Section]:
    parts = shared.relations_of(shared.main_part)
    has_even = is_on(element_tree(shared.package, parts, "settings"), "evenAndOddHeaders")
    references: dict[tuple[str, str], str] = {}  # what a section does not set stays
    for element in shared.package.children(shared.main_part, W + "body"):
        properties = next(element.iter(W + "sectPr"), None)
        if properties is None:
            continue
        for reference in properties.iterchildren(W + "headerReference", W + "footerReference"):
            kind = reference.get(W + "type", "default")
            references[reference.tag, kind] = reference.get(R + "id", "")
        shown = {"first": is_on(properties, "titlePg"), "default": True, "even": has_even}
        types = [kind for kind, is_shown in shown.items() if is_shown]
        yield _Section(
            headers=tuple(references.get((W + "headerReference", kind), "") for kind in types),
            footers=tuple(references.get((W + "footerReference", kind), "") for kind in types),
            continuous=value_of(properties, "type") == "continuous",
        )


def _blocks(shared: Shared, sections: list[_Section]) -> Iterator[FlowBlock]:
    for block in _in_sections(shared, sections):
        if block.text or block.picture:
            is_new = shared.new_page or (block.new_page and shared.has_begun)
            yield replace(block, new_page=is_new)
            shared.new_page = False


def _in_sections(shared: Shared, sections: list[_Section]) -> Iterator[FlowBlock]:
    """The body between the headers and footers of its sections."""
    furniture = _Furniture(shared)
    story = Story(shared, shared.main_part)
    following = iter(sections)
    section = next(following, _Section())
    yield from furniture.blocks(section.headers)
    for element in shared.package.children(shared.main_part, W + "body"):
        yield from story.blocks([element])
        if next(element.iter(W + "sectPr"), None) is not None:
            yield from shared.notes.flush()
            yield from furniture.blocks(section.footers)
            section = next(following, _Section(continuous=True))
            shared.new_page |= shared.has_begun and not section.continuous
            yield from furniture.blocks(section.headers)


class _Furniture:
    """Headers and footers, each part and each text once."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._targets = {
            relation.id: relation.target for relation in shared.relations_of(shared.main_part)
        }
        self._seen: set[object] = set()

    def blocks(self, references: tuple[str, ...]) -> Iterator[FlowBlock]:
        for reference in references:
            part = self._targets.pop(reference, "")
            root = self._shared.package.tree(part) if part else None
            if root is not None:
                story = Story(self._shared, part, is_note=True)
                yield from once(story.blocks(root.iterchildren("*")), self._seen)
