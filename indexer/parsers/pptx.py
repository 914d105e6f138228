"""PowerPoint presentations: a page for each slide, with notes, comments, charts and pictures."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers._drawingml import Drawing, box_of, comment_blocks, line_text, text_blocks
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._ooxml import Element, OfficePackage, attribute, child, children, settle
from indexer.parsers._sheet import flat
from indexer.parsers._slide_order import Box
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".pptx", ".pptm", ".ppsx", ".ppsm", ".potx"})

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml", re.I)
POOR_TITLE = re.compile(
    r"(powerpoint )?presentation( ?\d+)?|презентация( powerpoint| ?\d+)?|(slide|слайд) ?\d+", re.I
)
_TITLES = frozenset({"title", "ctrTitle"})
_FURNITURE = frozenset({"dt", "sldNum", "hdr"})  # dates and numbers at a slide's edge
# Kinds of placeholders that the master has only one style for.
_TEXT_STYLES = {"title": "titleStyle", "ftr": "otherStyle"}
_MASTER_KINDS = {"ctrTitle": "title", "subTitle": "body", "obj": "body", "": "body"}


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Every slide, hidden ones too, in the order of the show.

    The title is a heading; notes, under a heading of their own, and comments follow the slide.
    A slide without any text is named by its number, so that pages and slides agree. Raises
    UnreadableDocument for a damaged or encrypted file and one without content, LimitExceeded
    for one that unpacks to more than ``settings.output_bytes``.
    """
    with OfficePackage(path, settings) as package:
        show = _Show(package, settings)
        slides = show.slides()
        if not slides:
            raise UnreadableDocument(
                path, cause="no slides in it", remedy="save it again in its program"
            )
        blocks = [block for number, part in slides for block in show.slide(number, part)]
        metadata = package.properties()
        warnings = (*show.warnings, *package.warnings)
    title = metadata.pop("title", "")
    return flow_document(
        path,
        blocks,
        settings,
        media_type=_MEDIA_TYPE,
        title="" if POOR_TITLE.fullmatch(title) else title,
        metadata=metadata,
        warnings=warnings,
    )


@dataclass(slots=True)
class _Show:
    """A presentation and what its slides share."""

    package: OfficePackage
    settings: ParserSettings
    part: str = ""
    authors: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)  # pictures and footers that were shown
    _models: dict[tuple[str, str, str], list[Element | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = self.package.related("", "officeDocument")
        self.part = parts[0] if parts else "ppt/presentation.xml"
        for kind in ("commentAuthors", "authors"):
            for part in self.package.related(self.part, kind):
                root = self.package.xml(part)
                for person in () if root is None else root:
                    self.authors[person.get("id") or ""] = _author(person)

    def slides(self) -> list[tuple[int, str]]:
        """Number and part of each slide in the order of the show, or as named if there is none."""
        root = self.package.xml(self.part)
        relations = self.package.relations(self.part)
        listed = () if root is None else root.iterfind("{*}sldIdLst/{*}sldId")
        found = [relations.get(attribute(item, "id")) for item in listed]
        parts = [relation.target for relation in found if relation is not None]
        if not parts:
            named = [match for name in self.package.names() if (match := _SLIDE.fullmatch(name))]
            parts = [match[0] for match in sorted(named, key=lambda match: int(match[1]))]
        return list(enumerate(parts, start=1))

    def slide(self, number: int, part: str) -> Iterator[FlowBlock]:
        """The blocks of a slide; the first one asks for a page of its own."""
        root = self.package.xml(part)
        body: list[FlowBlock] = []
        if root is None:
            self.warnings.append(f"slide {number} is damaged or missing")
        else:
            settle(root)
            body = [*self._drawn(root, part), *self._notes(part), *self._comments(part)]
        body = [block for block in body if block.text or block.picture is not None]
        if not any(block.text for block in body):
            body.insert(0, FlowBlock(kind="heading", text=f"Slide {number}", level=1))
        yield replace(body[0], new_page=True)
        yield from body[1:]

    def _drawn(self, root: Element, part: str) -> Iterator[FlowBlock]:
        shapes = child(root, "cSld", "spTree")
        if shapes is None:
            return
        for shape in list(children(shapes, "sp")):
            kind = _placeholder(shape)[0]
            if kind in _TITLES:
                yield FlowBlock(kind="heading", text=_one_line(shape), level=1)
            footer = f"footer:{_one_line(shape)}" if kind == "ftr" else ""
            if kind in _TITLES | _FURNITURE or footer in self.seen:
                shapes.remove(shape)
            elif footer:
                # What every slide repeats is read once.
                self.seen.add(footer)
        layouts = self.package.related(part, "slideLayout")
        layout = layouts[0] if layouts else ""
        yield from Drawing(
            self.package,
            part,
            self.settings,
            chart_data=True,
            place=lambda shape: self._place(layout, shape),
            styles=lambda shape: self._inherited(layout, *_placeholder(shape)),
            seen=self.seen,
        ).blocks(shapes)

    def _place(self, layout: str, shape: Element) -> Box | None:
        """Where a shape stands: a placeholder may leave that to its layout or master."""
        kind, index = _placeholder(shape)
        chain = [shape, *self._counterparts(layout, kind, index)]
        return next((box for each in chain if (box := box_of(each)) is not None), None)

    def _inherited(self, layout: str, kind: str | None, index: str) -> Sequence[Element]:
        """The list styles of a placeholder: of its layout, its master, and the master's own."""
        models = self._counterparts(layout, kind, index)
        styles = [child(model, "txBody", "lstStyle") for model in models[:-1]]
        return [style for style in (*styles, *models[-1:]) if style is not None]

    def _counterparts(self, layout: str, kind: str | None, index: str) -> Sequence[Element | None]:
        """The placeholder's models in its layout and master, and the master's text style."""
        if kind is None or not layout:
            return ()
        key = (layout, kind, index)
        if key not in self._models:
            masters = self.package.related(layout, "slideMaster")
            master = self.package.xml(masters[0]) if masters else None
            general = _MASTER_KINDS.get(kind, kind)
            self._models[key] = [
                _model(self.package.xml(layout), {kind}, index),
                _model(master, {kind, general}, ""),
                child(master, "txStyles", _TEXT_STYLES.get(general, "bodyStyle")),
            ]
        return self._models[key]

    def _notes(self, part: str) -> Iterator[FlowBlock]:
        for notes in self.package.related(part, "notesSlide"):
            root = self.package.xml(notes)
            if root is None:
                continue
            settle(root)
            bodies = [
                body
                for shape in root.iter("{*}sp")
                if _placeholder(shape)[0] not in {*_FURNITURE, "ftr", "sldImg"}
                for body in children(shape, "txBody")
            ]
            found = [block for body in bodies for block in text_blocks(body)]
            if found:
                yield FlowBlock(kind="heading", text="Notes", level=2)
                yield from found

    def _comments(self, part: str) -> Iterator[FlowBlock]:
        for comments in self.package.related(part, "comments"):
            root = self.package.xml(comments)
            for item in () if root is None else root.iter("{*}cm", "{*}reply"):
                author = self.authors.get(attribute(item, "authorId"), "")
                when = attribute(item, "dt") or attribute(item, "created")
                plain, rich = child(item, "text"), child(item, "txBody")
                lines = [] if rich is None else [line_text(p) for p in children(rich, "p")]
                text = flat(" ".join(lines) if plain is None else plain.text or "")
                yield from comment_blocks(flat(author), when, text)


def _author(person: Element) -> str:
    """A name with its initials, where they say more than the name."""
    name, initials = flat(person.get("name") or ""), flat(person.get("initials") or "")
    return f"{name} ({initials})" if name and initials and initials not in name else name


def _placeholder(shape: Element) -> tuple[str | None, str]:
    """Kind ("" if none is given) and index of a placeholder; None for another shape."""
    properties = next(shape.iter("{*}nvPr"), None)
    place = child(properties, "ph")
    return (None, "") if place is None else (attribute(place, "type"), attribute(place, "idx"))


def _one_line(shape: Element) -> str:
    body = child(shape, "txBody")
    return "" if body is None else flat(" ".join(line_text(p) for p in children(body, "p")))


def _model(root: Element | None, kinds: set[str], index: str) -> Element | None:
    """The placeholder with this index or, without one, of these kinds."""
    for shape in () if root is None else root.iter("{*}sp"):
        kind, place = _placeholder(shape)
        if kind is not None and (place == index if index else kind in kinds):
            return shape
    return None
