"""An engine over a handful of drawn pages and photos: real values, no models."""

import hashlib
import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from indexer.domain import Block, BlockKind, BoundingBox, CropKind, Page, Span
from indexer.errors import NotFound, UnreadableDocument, UnsupportedFormat
from indexer.filters import NO_FILTERS, Filters
from retriever.domain import (
    NEW_CONVERSATION,
    Answer,
    AnswerEvent,
    Citation,
    CollectionStatus,
    Conversation,
    ConversationList,
    CropView,
    DocumentList,
    DocumentRef,
    DocumentSummary,
    Draft,
    DuplicateGroup,
    FailedFile,
    FindResult,
    Hit,
    ItemKey,
    Query,
    RankedBy,
    Reach,
    SearchResult,
    Sentence,
    Statement,
    Status,
    Transcript,
    Turn,
    UploadReport,
)
from retriever.followups import complete
from tests.web.fake_shelf import FakeShelf

PAGE_SIZE = (1240, 1754)  # A4 at 150 dpi
POINTS = (595.0, 842.0)
HOSTILE = (
    '<script>document.title="owned"</script> <img src=x onerror=alert(1)> '
    "[click](javascript:alert(1)) https://evil.example/ & \"quotes\" 'single'"
)


@dataclass(frozen=True)
class FakeChunk:
    id: int
    ref: DocumentRef
    page: int
    text: str
    spans: tuple[Span, ...]

    def boxes_of(self, start: int, end: int) -> tuple[BoundingBox, ...]:
        return tuple(span.box for span in self.spans if span.start < end and start < span.end)


@dataclass(frozen=True)
class FakeCrop:
    id: int
    ref: DocumentRef
    page: int
    kind: CropKind
    box: BoundingBox
    caption: str


@dataclass
class FakeDocument:
    ref: DocumentRef
    content: bytes
    pages: list[Page]
    images: list[Image.Image] = field(default_factory=list)
    warnings: tuple[str, ...] = ()


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def draw_page(number: int, parts: Sequence[tuple[BlockKind, str]]) -> tuple[Image.Image, Page]:
    """A page image with the lines of ``parts``, and a Page whose spans say where they are."""
    image = Image.new("RGB", PAGE_SIZE, "white")
    draw = ImageDraw.Draw(image)
    width, height = PAGE_SIZE
    left, right, y = 150, width - 150, 150
    blocks = []
    for kind, text in parts:
        size = 46 if kind == "heading" else 28
        font = _font(size)
        lines: list[str] = []
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and font.getlength(longer) <= right - left:
                lines[-1] = longer
            else:
                lines.append(word)
        spans = []
        start = 0
        for line in lines:
            draw.text((left, y), line, fill="#1d1d1d", font=font)
            x1 = left + font.getlength(line)
            spans.append(
                Span(
                    start=start,
                    end=start + len(line),
                    box=BoundingBox.clamped(
                        left / width, y / height, x1 / width, (y + size * 1.2) / height
                    ),
                )
            )
            start += len(line) + 1
            y += int(size * 1.5)
        y += 30
        blocks.append(Block(kind=kind, text=" ".join(lines), spans=tuple(spans), level=1))
    draw.text((width / 2, height - 90), str(number), fill="#777777", font=_font(24))
    page = Page(number=number, width=POINTS[0], height=POINTS[1], blocks=tuple(blocks))
    return image, page


def text_page(number: int, parts: Sequence[tuple[BlockKind, str]]) -> Page:
    """A page of plain text: line i of n spans y from i/n to (i+1)/n."""
    total = sum(text.count("\n") + 1 for _, text in parts)
    line = 0
    blocks = []
    for kind, text in parts:
        spans = []
        start = 0
        for row in text.split("\n"):
            box = BoundingBox(x0=0.0, y0=line / total, x1=1.0, y1=(line + 1) / total)
            spans.append(Span(start=start, end=start + len(row), box=box))
            start += len(row) + 1
            line += 1
        blocks.append(Block(kind=kind, text=text, spans=tuple(spans), level=1))
    return Page(number=number, width=80, height=total, blocks=tuple(blocks))


def draw_room(wall: str, chair: str, *, size: tuple[int, int] = (960, 720)) -> Image.Image:
    """A room with one chair at 0.55..0.85 by 0.35..0.9 and a lamp."""
    image = Image.new("RGB", size, wall)
    draw = ImageDraw.Draw(image)
    w, h = size
    draw.rectangle((0, h * 0.78, w, h), fill="#b08d62")
    draw.rectangle(
        (w * 0.08, h * 0.12, w * 0.34, h * 0.45), fill="#dbe9f2", outline="#8b98a3", width=6
    )
    draw.line((w * 0.45, h * 0.85, w * 0.45, h * 0.35), fill="#333333", width=8)
    draw.polygon(
        ((w * 0.40, h * 0.36), (w * 0.50, h * 0.36), (w * 0.475, h * 0.22), (w * 0.425, h * 0.22)),
        fill="#f3d37a",
    )
    draw.rounded_rectangle((w * 0.57, h * 0.36, w * 0.83, h * 0.68), 30, fill=chair)
    draw.rounded_rectangle(
        (w * 0.55, h * 0.6, w * 0.85, h * 0.76), 24, fill=chair, outline="#00000033"
    )
    for x in (0.58, 0.8):
        draw.rectangle((w * x, h * 0.76, w * (x + 0.02), h * 0.9), fill="#4a3524")
    return image


def jpeg(image: Image.Image, max_side: int | None = None) -> bytes:
    image = image.convert("RGB")
    if max_side:
        image.thumbnail((max_side, max_side))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{3,}", text.casefold())) - {
        "the", "how", "what", "does", "and", "for", "should",
    }  # fmt: skip


def _colour(image: Image.Image) -> tuple[float, float, float]:
    red, green, blue = image.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    return float(red), float(green), float(blue)


class FakeEngine:
    """Finds chunks by shared words and crops by mean colour; refuses when no word is shared."""

    def __init__(self, *, empty: bool = False) -> None:
        self.shelf = FakeShelf(self)
        self._folder = tempfile.TemporaryDirectory(prefix="fake-engine-")
        self._documents: dict[str, FakeDocument] = {}
        self.chunks: dict[int, FakeChunk] = {}
        self.crops: dict[int, FakeCrop] = {}
        self.queries: list[Query] = []  # as they arrived, for assertions
        self.photos: dict[str, str] = {}
        self.talks: dict[str, list[Turn]] = {}
        self.history = True
        self.filters: list[Filters] = []  # of lists of documents, likewise
        self.failed = [
            FailedFile(
                path="archive/old/minutes-1998.doc",
                cause="no parser reads .doc files",
                remedy="save it as .docx",
            )
        ]
        if empty:
            self.failed = []
        else:
            self._fill()

    def close(self) -> None:
        self._folder.cleanup()

    def within(self, reach: Reach) -> "FakeEngine":
        """Hides nothing: what is hidden is tested with the real engine."""
        return self

    # -- content -------------------------------------------------------------------------

    def add(
        self,
        path: str,
        title: str,
        media_type: str,
        pages: list[Page],
        images: Sequence[Image.Image] = (),
        *,
        collection: str = "home",
        warnings: tuple[str, ...] = (),
    ) -> str:
        content = (path + title).encode()
        document_id = hashlib.sha256(content).hexdigest()
        ref = DocumentRef(
            id=document_id, path=path, title=title, media_type=media_type, collection=collection
        )
        self._documents[document_id] = FakeDocument(ref, content, pages, list(images), warnings)
        for page in pages:
            for block in page.blocks:
                if block.kind == "heading":
                    continue
                chunk_id = len(self.chunks) + 1
                self.chunks[chunk_id] = FakeChunk(
                    chunk_id, ref, page.number, block.text, block.spans
                )
        return document_id

    def add_crop(
        self, document_id: str, kind: CropKind, box: BoundingBox, caption: str, page: int = 1
    ) -> int:
        crop_id = len(self.crops) + 1
        ref = self._documents[document_id].ref
        self.crops[crop_id] = FakeCrop(crop_id, ref, page, kind, box, caption)
        return crop_id

    def _fill(self) -> None:
        first, page_one = draw_page(
            1,
            [
                ("heading", "Alder 300 heat pump"),
                ("paragraph", "Owner's manual. Read it before the first heating season and keep "
                 "it near the unit."),
                ("heading", "Before you start"),
                ("paragraph", "The outdoor unit needs half a metre of free space on every side, "
                 "so that air can pass and ice can melt away."),
            ],
        )  # fmt: skip
        second, page_two = draw_page(
            2,
            [
                ("heading", "Maintenance"),
                ("paragraph", "Rinse the outdoor grille twice a year, in spring and in autumn. "
                 "Never use a pressure washer, because it bends the fins."),
                ("paragraph", "The filter must be cleaned every three months. Wash it in lukewarm "
                 "water without soap and let it dry completely before putting it back."),
                ("paragraph", "A technician checks the refrigerant pressure once a year. Leaks "
                 "may only be repaired by a certified company."),
                ("heading", "Error codes"),
                ("paragraph", "E17 means that the filter is blocked. E21 means that the outdoor "
                 "sensor has lost contact."),
            ],
        )  # fmt: skip
        third, page_three = draw_page(
            3,
            [
                ("heading", "Warranty"),
                ("paragraph", "The compressor is under warranty for seven years and all other "
                 "parts for two."),
            ],
        )  # fmt: skip
        self.manual = self.add(
            "manuals/alder-300.pdf",
            "Alder 300 heat pump: owner's manual",
            "application/pdf",
            [page_one, page_two, page_three],
            [first, second, third],
            collection="manuals",
        )
        self.notes = self.add(
            "notes/house.md",
            "House notes",
            "text/markdown",
            [
                text_page(
                    1,
                    [
                        ("heading", "House notes"),
                        ("paragraph", "The spare key hangs behind the cellar door.\n"
                         "The water main is under the stairs."),
                        ("list", "Paint for the hall: RAL 1013"),
                        ("list", "Paint for the kitchen: RAL 6019"),
                        ("table", "Room | Area | Heating\nHall | 9 m² | floor\n"
                         "Kitchen | 14 m² | radiator"),
                        ("code", "sudo systemctl restart heating\njournalctl -u heating"),
                    ],
                )
            ],
        )  # fmt: skip
        self.russian = self.add(
            "notes/дача.txt",
            "Заметки о даче",
            "text/plain",
            [
                text_page(
                    1,
                    [
                        ("paragraph", "Яблони обрезаем в марте, до начала сокодвижения."),
                        ("paragraph", "Колодец чистили в июле, глубина двенадцать метров."),
                    ],
                )
            ],
        )
        self.hostile = self.add(
            'notes/"><script>alert(2)</script>.html',
            "<script>alert(3)</script> & title",
            "text/html",
            [text_page(1, [("paragraph", f"Hostile paragraph: {HOSTILE}")])],
            warnings=("<b>bold</b> warning",),
        )
        chair_box = BoundingBox(x0=0.55, y0=0.35, x1=0.85, y1=0.9)
        self.photos = {}
        for name, wall, chair in (
            ("living-room", "#dfe5df", "#b3402e"),
            ("study", "#e9e2d4", "#2f6a4f"),
            ("hall", "#d8dee9", "#b8472f"),
            ("bedroom", "#efe6e6", "#31538f"),
        ):
            photo_id = self.add(
                f"photos/{name}.jpg",
                name.replace("-", " ").capitalize(),
                "image/jpeg",
                [Page(number=1, width=960, height=720)],
                [draw_room(wall, chair)],
                collection="photos",
            )
            self.photos[name] = photo_id
            self.add_crop(photo_id, "photo", BoundingBox.whole(), "")
            self.add_crop(photo_id, "object", chair_box, "armchair")

    # -- the port ------------------------------------------------------------------------

    def search(self, query: Query) -> SearchResult:
        self.queries.append(query)
        hits = self._text_hits(query) if query.kind != "crop" else []
        if query.kind != "chunk":
            wanted = _words(query.text)
            found = [crop for crop in self.crops.values() if wanted & _words(crop.caption)]
            hits += [
                self._crop_hit(crop, 0.5, query) for crop in found if self._wanted(crop.ref, query)
            ]
        if query.image is not None and not query.text:
            return self.similar(query)
        return SearchResult(query=query.text, hits=_ranked(hits, query.limit), weak=not hits)

    def find(self, query: Query) -> FindResult:
        """Objects whose caption is the thing; whole photos are the nearest to anything."""
        self.queries.append(query)
        wanted = [crop for crop in self.crops.values() if self._wanted(crop.ref, query)]
        found = [
            self._crop_hit(crop, 0.9, query)
            for crop in wanted
            if crop.kind == "object" and crop.caption == query.text
        ]
        photos = [self._crop_hit(crop, 0.1, query) for crop in wanted if crop.kind == "photo"]
        return FindResult(
            query=query.text,
            hits=_ranked(found, query.limit),
            nearest=() if found else _ranked(photos, 3),
            detector="fake",
            candidates=len(photos),
            looked_at=len(photos),
        )

    def similar(self, query: Query) -> SearchResult:
        if not query.pictures:
            return self.search(query)
        self.queries.append(query)
        example = query.pictures[0]
        try:
            image: Image.Image = (
                self._cut(self._crop(example.crop or 0))
                if example.image is None
                else Image.open(io.BytesIO(example.image))
            )
        except UnidentifiedImageError as exc:
            raise UnreadableDocument(
                "photo", cause="it is not a picture", remedy="choose a JPEG or PNG file"
            ) from exc
        if example.box is not None:
            image = image.crop(example.box.pixels(*image.size))
        target = _colour(image)
        hits = []
        for crop in self.crops.values():
            if not self._wanted(crop.ref, query):
                continue
            colour = _colour(self._cut(crop))
            distance = sum((a - b) ** 2 for a, b in zip(colour, target, strict=True)) ** 0.5
            hit = self._crop_hit(crop, 1 - distance / 442, query)
            met = crop.box if example.box is None else example.box
            hits.append(replace(hit, query_box=met if example.image is not None else None))
        return SearchResult(query=query.text, hits=_ranked(hits, query.limit), weak=False)

    def stream(
        self, query: Query, *, conversation: str | None = None, earlier: Sequence[Turn] = ()
    ) -> Iterator[AnswerEvent]:
        answer = self.ask(query, conversation=conversation, earlier=earlier)
        for sentence in answer.sentences:
            yield Draft(text=sentence.text[: len(sentence.text) // 2])
            cited = tuple(each for each in answer.citations if each.n in sentence.citations)
            yield Statement(sentence=sentence, citations=cited)
        yield answer

    def ask(
        self, query: Query, *, conversation: str | None = None, earlier: Sequence[Turn] = ()
    ) -> Answer:
        turns = list(earlier)
        if conversation not in {None, NEW_CONVERSATION}:
            turns = self.talks[self._talk(conversation).id]
        whole = query.text if query.image else complete(query.text, turns)
        answer = replace(
            self._answer(replace(query, text=whole)),
            question=query.text,
            searched="" if whole == query.text else whole,
        )
        if conversation is None or not self.history:
            return answer
        if conversation == NEW_CONVERSATION:
            conversation = f"talk-{len(self.talks) + 1}"
        answer = replace(answer, conversation=conversation)
        turn = Turn(
            id=len(turns) + 1,
            question=query.text,
            answer=answer,
            asked_at=1_700_000_000.0 + 60 * len(self.queries),
            collections=query.collections,
            filters=query.filters,
        )
        self.talks[conversation] = [*turns, turn]
        return answer

    def conversations(self, offset: int, limit: int) -> ConversationList:
        found = sorted(map(self._talk, self.talks), key=lambda each: -each.updated_at)
        return ConversationList(
            total=len(found), conversations=tuple(found[offset : offset + limit])
        )

    def conversation(self, conversation_id: str) -> Transcript:
        told = self._talk(conversation_id)
        turns = tuple(map(self._looked_up, self.talks[conversation_id]))
        return Transcript(conversation=told, turns=turns)

    def delete_conversation(self, conversation_id: str) -> None:
        del self.talks[self._talk(conversation_id).id]

    def delete_conversations(self) -> int:
        count = len(self.talks)
        self.talks.clear()
        return count

    def _talk(self, conversation_id: str | None) -> Conversation:
        turns = self.talks.get(conversation_id or "")
        if turns is None:
            raise NotFound(
                f"conversation {conversation_id}", cause="it does not exist", remedy="list them"
            )
        return Conversation(
            id=conversation_id or "",
            question=turns[0].question,
            turns=len(turns),
            started_at=turns[0].asked_at,
            updated_at=turns[-1].asked_at,
        )

    def _looked_up(self, turn: Turn) -> Turn:
        citations = tuple(
            replace(each, stale=each.document.id not in self._documents)
            for each in turn.answer.citations
        )
        return replace(turn, answer=replace(turn.answer, citations=citations))

    def rename_collection(self, name: str, new: str) -> None:
        for document in self._documents.values():
            if document.ref.collection == name:
                document.ref = replace(document.ref, collection=new)

    def forget(self, document_id: str) -> None:
        """Drop a document, as if it had been taken out of the archive."""
        del self._documents[document_id]
        self.chunks = {n: each for n, each in self.chunks.items() if each.ref.id != document_id}
        self.crops = {n: each for n, each in self.crops.items() if each.ref.id != document_id}

    def _answer(self, query: Query) -> Answer:
        self.queries.append(query)
        hits = self._text_hits(query)
        if not hits:
            return Answer(
                question=query.text,
                refused=True,
                text="Nothing in the archive answers this.",
                sentences=(),
                citations=(),
                generator="quotes",
            )
        sentences = []
        citations = []
        for n, hit in enumerate(_ranked(hits, 2), start=1):
            chunk = self.chunks[hit.key.id]
            start, end = _best_sentence(chunk.text, query.text)
            boxes = chunk.boxes_of(start, end)
            citations.append(
                Citation(
                    n=n,
                    key=hit.key,
                    document=hit.document,
                    page=hit.page,
                    box=BoundingBox.enclosing(boxes),
                    boxes=boxes,
                    quote=chunk.text[start:end],
                )
            )
            sentences.append(Sentence(text=chunk.text[start:end], citations=(n,), supported=True))
        return Answer(
            question=query.text,
            refused=False,
            text=" ".join(sentence.text for sentence in sentences),
            sentences=tuple(sentences),
            citations=tuple(citations),
            generator="quotes",
        )

    def status(self) -> Status:
        return Status(
            documents=len(self._documents),
            chunks=len(self.chunks),
            crops=len(self.crops),
            failed=tuple(self.failed),
            models={
                "clip": "packaged/efficientnet-lite2",
                "text": "packaged/all-MiniLM-L6-v2",
                "reranker": "onnx",
                "generator": "extractive",
            },
            collections=tuple(self.collections()),
        )

    def collections(self) -> list[CollectionStatus]:
        names = sorted({document.ref.collection for document in self._documents.values()})
        return [
            CollectionStatus(
                name=name,
                documents=sum(d.ref.collection == name for d in self._documents.values()),
                chunks=sum(c.ref.collection == name for c in self.chunks.values()),
                crops=sum(c.ref.collection == name for c in self.crops.values()),
            )
            for name in names
        ]

    def documents(
        self, collection: str | None, offset: int, limit: int, filters: Filters = NO_FILTERS
    ) -> DocumentList:
        self.filters.append(filters)
        if collection and collection not in {item.name for item in self.collections()}:
            raise NotFound(collection, cause="no such collection", remedy="see /documents")
        chosen = [
            self._summary(document)
            for document in self._documents.values()
            if collection in {None, document.ref.collection}
        ]
        return DocumentList(total=len(chosen), documents=tuple(chosen[offset : offset + limit]))

    def duplicates(self, collection: str | None = None) -> list[DuplicateGroup]:
        """The photos of rooms are nearly the same."""
        chosen = [
            summary
            for summary in self.documents(collection, 0, 500).documents
            if summary.ref.id in self.photos.values()
        ]
        paths = tuple(each.ref.path for each in chosen)
        if len(paths) < 2:
            return []
        return [DuplicateGroup(identical=False, paths=paths, documents=tuple(chosen))]

    def document(self, document_id: str) -> DocumentSummary:
        return self._summary(self._get(document_id))

    def page(self, document_id: str, number: int) -> Page:
        document = self._get(document_id)
        self._check_page(document, number)
        return document.pages[number - 1]

    def page_image(self, document_id: str, number: int, max_side: int) -> bytes:
        document = self._get(document_id)
        self._check_page(document, number)
        if not document.images:
            raise NotFound(document_id, cause="it has no page images", remedy="read its text")
        return jpeg(document.images[number - 1].copy(), max_side)

    def page_crops(self, document_id: str, number: int) -> list[CropView]:
        return [
            CropView(id=crop.id, kind=crop.kind, box=crop.box, caption=crop.caption)
            for crop in self.crops.values()
            if crop.ref.id == document_id and crop.page == number
        ]

    def thumbnail(self, crop_id: int) -> bytes:
        return jpeg(self._cut(self._crop(crop_id)), 320)

    def crop_source(self, crop_id: int) -> tuple[str, int, BoundingBox]:
        crop = self._crop(crop_id)
        return crop.ref.id, crop.page, crop.box

    def original(self, document_id: str) -> Path:
        path = Path(self._folder.name) / document_id
        path.write_bytes(self._get(document_id).content)
        return path

    def upload(self, collection: str, files: list[tuple[str, Path]]) -> UploadReport:
        indexed: list[str] = []
        failed: list[FailedFile] = []
        for name, path in files:
            if path.suffix in {".txt", ".md"}:
                page = text_page(1, [("paragraph", path.read_text(encoding="utf-8"))])
                self.add(name, name, "text/plain", [page], collection=collection)
                indexed.append(name)
            elif path.suffix in {".png", ".jpg"}:
                image = Image.open(path).convert("RGB")
                page = Page(number=1, width=image.width, height=image.height)
                photo_id = self.add(name, name, "image/png", [page], [image], collection=collection)
                self.add_crop(photo_id, "photo", BoundingBox.whole(), "")
                indexed.append(name)
            else:
                error = UnsupportedFormat(
                    name, cause="no parser reads this format", remedy="save it as PDF"
                )
                failed.append(FailedFile(path=name, cause=error.cause, remedy=error.remedy))
        return UploadReport(indexed=tuple(indexed), failed=tuple(failed))

    # -- helpers -------------------------------------------------------------------------

    def _text_hits(self, query: Query) -> list[Hit]:
        wanted = _words(query.text)
        hits = []
        for chunk in self.chunks.values():
            shared = len(wanted & _words(chunk.text))
            if shared and self._wanted(chunk.ref, query):
                hits.append(
                    Hit(
                        rank=1,
                        key=ItemKey("chunk", chunk.id),
                        score=float(shared),
                        document=chunk.ref,
                        page=chunk.page,
                        box=BoundingBox.enclosing(span.box for span in chunk.spans),
                        text=chunk.text,
                        caption="",
                        rankings=(RankedBy(name="bm25", rank=1), RankedBy(name="text", rank=2)),
                    )
                )
        return hits

    def _crop_hit(self, crop: FakeCrop, score: float, query: Query) -> Hit:
        return Hit(
            rank=1,
            key=ItemKey("crop", crop.id),
            score=score,
            document=crop.ref,
            page=crop.page,
            box=crop.box,
            text="",
            caption=crop.caption,
            rankings=(RankedBy(name="photo-crop", rank=1),),
        )

    def _wanted(self, ref: DocumentRef, query: Query) -> bool:
        return not query.collections or ref.collection in query.collections

    def _summary(self, document: FakeDocument) -> DocumentSummary:
        return DocumentSummary(
            ref=document.ref,
            pages=len(document.pages),
            size=48_213,
            warnings=document.warnings,
        )

    def _get(self, document_id: str) -> FakeDocument:
        if document_id not in self._documents:
            raise NotFound(
                f"document {document_id[:12]}", cause="it is not indexed", remedy="search again"
            )
        return self._documents[document_id]

    def _check_page(self, document: FakeDocument, number: int) -> None:
        if not 1 <= number <= len(document.pages):
            raise NotFound(
                f"page {number}",
                cause=f"{document.ref.title} has {len(document.pages)}",
                remedy="choose one of them",
            )

    def _crop(self, crop_id: int) -> FakeCrop:
        if crop_id not in self.crops:
            raise NotFound(f"crop {crop_id}", cause="it does not exist", remedy="search again")
        return self.crops[crop_id]

    def _cut(self, crop: FakeCrop) -> Image.Image:
        image = self._documents[crop.ref.id].images[crop.page - 1]
        return image.crop(crop.box.pixels(*image.size))


def _ranked(hits: list[Hit], limit: int) -> tuple[Hit, ...]:
    ordered = sorted(hits, key=lambda hit: -hit.score)[:limit]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(ordered, start=1))


def _best_sentence(text: str, question: str) -> tuple[int, int]:
    """Character range of the sentence that shares most words with the question."""
    wanted = _words(question)
    ranges = [match.span() for match in re.finditer(r"\S[^.\n]*[.\n]?", text)]
    start, end = max(ranges, key=lambda span: len(wanted & _words(text[slice(*span)])))
    return start, start + len(text[start:end].rstrip())
