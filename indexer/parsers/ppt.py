"""PowerPoint 97 to 2003: a page for each slide, with tables, pictures, notes and comments."""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from indexer.domain import ParsedDocument, Raster
from indexer.errors import UnreadableDocument
from indexer.parsers import _ppt_records as kinds
from indexer.parsers import pptx
from indexer.parsers._compound import compound_file, is_compound, properties_of
from indexer.parsers._drawingml import comment_blocks
from indexer.parsers._flow import FlowBlock, flow_document
from indexer.parsers._package import password_protected
from indexer.parsers._pictures import embedded_picture
from indexer.parsers._ppt_records import Record, Stream, is_encrypted, stream_of
from indexer.parsers._ppt_text import NOTES_TEXT, TITLES, Text, blocks_of, one_line, texts_of
from indexer.parsers._sheet import flat, table_blocks
from indexer.parsers._slide_order import Box, reading_order
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".ppt", ".pps", ".pot"})

_MEDIA_TYPE = "application/vnd.ms-powerpoint"
_FURNITURE = frozenset({7, 8, 10})  # placeholders of the date, the slide's number and the header
_FOOTER = 9
_PICTURE, _IS_TABLE = 0x104, 0x39F  # options of a shape
_MASTER_UNIT = 8  # 576 units an inch: eight a point
_SLIDES, _NOTES = 0, 2  # instances of the list of slides
_MAX_DEPTH = 30
_SLACK = 4  # units between edges that are meant to be one
_PHOTO_TYPES = frozenset({5, 6, 0x11, 0x12})  # JPEG, PNG, TIFF, JPEG of printers
_STREAM, _OLDER = "PowerPoint Document", "PP97_DUALSTORAGE/"


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Every slide in the order of the show: its title as a heading, text, tables and pictures.

    Notes, under a heading of their own, and comments follow the slide. Raises UnreadableDocument
    for a damaged or encrypted file and one without slides.
    """
    if not is_compound(path):
        # Newer files under the older name open in PowerPoint as well.
        return pptx.parse(path, settings)
    with compound_file(path) as file:
        folder = next((name for name in ("", _OLDER) if file.exists(f"{name}{_STREAM}")), None)
        if folder is None:
            raise UnreadableDocument(
                path, cause="no slides in it", remedy="give it the suffix of its format"
            )
        user = f"{folder}Current User"
        current_user = file.openstream(user).read() if file.exists(user) else b""
        if is_encrypted(current_user):
            raise password_protected(path)
        stream = stream_of(file.openstream(f"{folder}{_STREAM}").read(), current_user)
        metadata = properties_of(file)
    show = _Show(path, settings, stream)
    blocks = [
        block
        for number, (slide, texts) in enumerate(show.slides(), start=1)
        for block in show.slide(number, slide, texts)
    ]
    title = metadata.pop("title", "")
    return flow_document(
        path,
        blocks,
        settings,
        media_type=_MEDIA_TYPE,
        title="" if pptx.POOR_TITLE.fullmatch(title) else title,
        metadata=metadata,
    )


_Slide = tuple[Record, list[Text]]
"""A slide and the texts that the outline keeps for it."""


@dataclass(slots=True)
class _Show:
    """A presentation and what its slides share."""

    path: Path
    settings: ParserSettings
    stream: Stream
    seen: set[str] = field(default_factory=set)  # footers and pictures that were shown
    _notes: dict[int, Record] = field(default_factory=dict)
    _pictures: list[int | None] = field(default_factory=list)

    def slides(self) -> list[_Slide]:
        """The slides in order; where the file's directory is broken, all that can be found."""
        stream = self.stream
        objects = (stream.object(number) for number in stream.offsets)
        document = next((item for item in objects if item and item.kind == kinds.DOCUMENT), None)
        if document is None:
            found = stream.records(0, len(stream.data))
            return [(item, []) for item in found if item.kind == kinds.SLIDE]
        self._pictures = list(self._stored(document))
        self._notes = {number: notes for number, notes, _ in self._listed(document, _NOTES)}
        return [(slide, texts) for _, slide, texts in self._listed(document, _SLIDES)]

    def _listed(self, document: Record, instance: int) -> Iterator[tuple[int, Record, list[Text]]]:
        """Id, object and outline texts of each entry in a list of slides."""
        stream = self.stream
        for listing in stream.inside(document):
            if listing.kind != kinds.SLIDE_LIST or listing.instance != instance:
                continue
            entries = list(stream.inside(listing))
            starts = [at for at, item in enumerate(entries) if item.kind == kinds.SLIDE_PERSIST]
            for start, end in pairwise([*starts, len(entries)]):
                entry = entries[start]
                item = stream.object(stream.number(entry, 0))
                if item is not None and item.kind in {kinds.SLIDE, kinds.NOTES}:
                    texts = list(texts_of(stream, entries[start + 1 : end]))
                    yield stream.number(entry, 12), item, texts

    def _stored(self, document: Record) -> Iterator[int | None]:
        """Where each picture of the file begins in its stream, None for one that is not shown."""
        store = self.stream.first(document, kinds.DRAWING_GROUP, 0xF000, kinds.BLIP_STORE)
        for entry in () if store is None else self.stream.inside(store):
            shown = self.stream.number(entry, 0, 1) in _PHOTO_TYPES
            yield self.stream.number(entry, 28) if shown else None

    def slide(self, number: int, slide: Record, texts: list[Text]) -> Iterator[FlowBlock]:
        """The blocks of a slide; the first one asks for a page of its own."""
        body = list(self._drawn(slide, texts))
        notes = self._notes.get(self.stream.number(self._atom(slide), 16))
        remarks = [] if notes is None else list(self._noted(notes))
        if remarks:
            body += [FlowBlock(kind="heading", text="Notes", level=2), *remarks]
        body += self._comments(slide)
        if not any(block.text for block in body):
            body.insert(0, FlowBlock(kind="heading", text=f"Slide {number}", level=1))
        # The title leads, wherever it was drawn.
        body.sort(key=lambda block: block.kind != "heading" or block.level != 1)
        yield replace(body[0], new_page=True)
        yield from body[1:]

    def _atom(self, slide: Record) -> Record | None:
        return self.stream.first(slide, kinds.SLIDE_ATOM)

    def _drawn(self, slide: Record, texts: list[Text]) -> Iterator[FlowBlock]:
        group = self.stream.first(slide, kinds.DRAWING, 0xF002, kinds.GROUP)
        if group is not None:
            yield from self._group(group, texts, 0)

    def _group(self, group: Record, texts: list[Text], depth: int) -> Iterator[FlowBlock]:
        members = [
            item for item in self.stream.inside(group) if item.kind in {kinds.SHAPE, kinds.GROUP}
        ]
        if not members or depth > _MAX_DEPTH:
            return
        # The first shape stands for the group itself.
        if self._options(members[0]).get(_IS_TABLE, 0) & 1:
            rows = self._rows(members[1:])
            yield from table_blocks(rows, self.settings.text_page_chars)
            return
        members = members[1:]
        for number in reading_order([self._box(item) for item in members]):
            item = members[number]
            if item.kind == kinds.GROUP:
                yield from self._group(item, texts, depth + 1)
            else:
                yield from self._shape(item, texts)

    def _shape(self, shape: Record, texts: list[Text]) -> Iterator[FlowBlock]:
        data = self.stream.first(shape, kinds.CLIENT_DATA)
        placeholder = self.stream.first(data, kinds.PLACEHOLDER)
        kind = self.stream.number(placeholder, 4, 1)
        yield from self._picture(shape)
        if kind in _FURNITURE:
            return
        styles = () if data is None else self.stream.within(data, kinds.TEXT_STYLE_9)
        numbering = self.stream.content(next(iter(styles), None))
        for text in self._texts(shape, texts):
            line = one_line(text)
            if text.kind in TITLES and line:
                yield FlowBlock(kind="heading", text=line, level=1)
            elif kind != _FOOTER or line not in self.seen:
                yield from blocks_of(text, numbering)
            if kind == _FOOTER:
                # What every slide repeats is read once.
                self.seen.add(line)

    def _texts(self, shape: Record, outline: list[Text]) -> Iterator[Text]:
        box = self.stream.first(shape, kinds.TEXT_BOX)
        if box is None:
            return
        reference = self.stream.first(box, kinds.OUTLINE_REFERENCE)
        if reference is None:
            yield from texts_of(self.stream, self.stream.inside(box))
        else:
            yield from outline[self.stream.number(reference, 0) :][:1]

    def _picture(self, shape: Record) -> Iterator[FlowBlock]:
        index = self._options(shape).get(_PICTURE, 0)
        offset = self._pictures[index - 1] if 0 < index <= len(self._pictures) else None
        anchor = self._box(shape) if self.stream.first(shape, kinds.ANCHOR) else None
        if anchor is not None:
            side = min(anchor[2] - anchor[0], anchor[3] - anchor[1]) / _MASTER_UNIT
            if side < self.settings.min_figure_side:
                return
        if offset is not None and f"picture:{offset}" not in self.seen:
            self.seen.add(f"picture:{offset}")
            picture = partial(_decoded, self.path, offset, self.settings)
            yield FlowBlock(kind="caption", text="", picture=picture)

    def _rows(self, cells: list[Record]) -> list[list[str]]:
        """The texts of a table, a merged cell's in each place that it covers."""
        placed: list[tuple[Box, str]] = []
        for cell in cells:
            box = self._box(cell)
            if box is not None and self.stream.first(cell, kinds.TEXT_BOX) is not None:
                placed.append((box, " ".join(one_line(text) for text in self._texts(cell, []))))
        columns, lines = _edges([box[0] for box, _ in placed]), _edges([b[1] for b, _ in placed])
        rows = [[""] * len(columns) for _ in lines]
        for (left, top, right, bottom), text in placed:
            for row, y in enumerate(lines):
                for column, x in enumerate(columns):
                    if left - _SLACK <= x < right - _SLACK and top - _SLACK <= y < bottom - _SLACK:
                        rows[row][column] = text
        return rows

    def _options(self, shape: Record) -> dict[int, int]:
        """The drawing options of a shape by their number."""
        found: dict[int, int] = {}
        for record in self.stream.inside(shape):
            if record.kind in {kinds.OPTIONS, kinds.MORE_OPTIONS}:
                content = self.stream.content(record)[: 6 * record.instance]
                for at in range(0, len(content) - 5, 6):
                    name = int.from_bytes(content[at : at + 2], "little") & 0x3FFF
                    found[name] = int.from_bytes(content[at + 2 : at + 6], "little")
        return found

    def _box(self, item: Record) -> Box | None:
        """Where a shape or group stands, in units of its owner."""
        shape = self.stream.first(item, kinds.SHAPE) if item.kind == kinds.GROUP else item
        if shape is None:
            return None
        for record in self.stream.inside(shape):
            content = self.stream.content(record)
            if record.kind == kinds.CHILD_ANCHOR and len(content) >= 16:
                left, top, right, bottom = struct.unpack("<4i", content[:16])
                return left, top, right, bottom
            if record.kind == kinds.ANCHOR and len(content) >= 8:
                wide = len(content) >= 16
                top, left, right, bottom = struct.unpack(
                    "<4i" if wide else "<4h", content[: 16 if wide else 8]
                )
                return left, top, right, bottom
        return None

    def _noted(self, notes: Record) -> Iterator[FlowBlock]:
        for box in self.stream.within(notes, kinds.TEXT_BOX):
            for text in texts_of(self.stream, self.stream.inside(box)):
                if text.kind == NOTES_TEXT:
                    yield from blocks_of(text, b"")

    def _comments(self, slide: Record) -> Iterator[FlowBlock]:
        for comment in self.stream.within(slide, kinds.COMMENT):
            strings = {
                item.instance: flat(self.stream.string(item))
                for item in self.stream.inside(comment)
                if item.kind == kinds.STRING
            }
            atom = self.stream.content(self.stream.first(comment, kinds.COMMENT_ATOM))
            when = ""
            if len(atom) >= 16:
                year, month, _, day, hour, minute = struct.unpack_from("<6H", atom, 4)
                when = f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}"
            yield from comment_blocks(strings.get(0, ""), when, strings.get(1, ""))


def _edges(places: list[float]) -> list[float]:
    """Where columns or rows begin; places closer than a hair are one."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > _SLACK:
            found.append(place)
    return found


def _decoded(path: Path, offset: int, settings: ParserSettings) -> Raster | None:
    """The picture at ``offset`` of the stream of pictures, behind its one or two checksums."""
    with suppress(UnreadableDocument, OSError), compound_file(path) as file:
        for folder in ("", _OLDER):
            if file.exists(f"{folder}Pictures"):
                stored = file.openstream(f"{folder}Pictures")
                stored.seek(offset)
                head, _, size = struct.unpack("<HHI", stored.read(8).ljust(8, b"\0"))
                skipped = 33 if head >> 4 & 1 else 17
                return embedded_picture(stored.read(size)[skipped:], settings)
    return None
