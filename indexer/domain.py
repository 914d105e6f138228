"""Values that flow through indexing: frozen, unit-carrying, free of any library.

A page's place is always a :class:`BoundingBox` in fractions of that page with the
origin at the top left. Pages of text without a layout (Markdown, plain text, HTML)
use their lines as the vertical axis: line ``i`` of ``n`` spans ``y`` from ``i/n`` to
``(i+1)/n`` and the full width, so that a box can be checked against the text itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Self

BlockKind = Literal["heading", "paragraph", "list", "table", "code", "caption"]
CropKind = Literal["photo", "object", "tile", "figure", "table"]
FigureKind = Literal["figure", "table"]
ItemKind = Literal["chunk", "crop"]
Metric = Literal["cosine"]

# Rounding slack for boxes computed from floating-point page coordinates.
_EPSILON = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundingBox:
    """A rectangle in fractions of its page, origin top left: 0 <= x0 < x1 <= 1, same for y.

    Raises ValueError for an empty, inverted or out-of-page rectangle.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not (
            -_EPSILON <= self.x0 < self.x1 <= 1 + _EPSILON
            and -_EPSILON <= self.y0 < self.y1 <= 1 + _EPSILON
        ):
            raise ValueError(
                f"box {self.as_tuple()} is not inside the page (need 0 <= x0 < x1 <= 1)"
            )

    @classmethod
    def clamped(cls, x0: float, y0: float, x1: float, y1: float, *, minimum: float = 1e-4) -> Self:
        """Clip to the page and widen to at least ``minimum`` in each direction."""
        x0, x1 = _clamp_interval(x0, x1, minimum)
        y0, y1 = _clamp_interval(y0, y1, minimum)
        return cls(x0=x0, y0=y0, x1=x1, y1=y1)

    @classmethod
    def whole(cls) -> Self:
        return cls(x0=0.0, y0=0.0, x1=1.0, y1=1.0)

    @classmethod
    def enclosing(cls, boxes: Iterable["BoundingBox"]) -> Self:
        """The smallest box around all ``boxes``. ValueError when there are none."""
        members = list(boxes)
        if not members:
            raise ValueError("no boxes to enclose")
        return cls(
            x0=min(box.x0 for box in members),
            y0=min(box.y0 for box in members),
            x1=max(box.x1 for box in members),
            y1=max(box.y1 for box in members),
        )

    @property
    def area(self) -> float:
        return (self.x1 - self.x0) * (self.y1 - self.y0)

    def as_tuple(self) -> tuple[float, float, float, float]:
        return (self.x0, self.y0, self.x1, self.y1)

    def intersection_area(self, other: "BoundingBox") -> float:
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(0.0, width) * max(0.0, height)

    def iou(self, other: "BoundingBox") -> float:
        """Intersection over union, 0 to 1."""
        shared = self.intersection_area(other)
        return shared / (self.area + other.area - shared)

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels of a ``width`` x ``height`` raster, never empty."""
        left = min(max(0, int(self.x0 * width)), width - 1)
        top = min(max(0, int(self.y0 * height)), height - 1)
        right = min(width, max(left + 1, round(self.x1 * width)))
        bottom = min(height, max(top + 1, round(self.y1 * height)))
        return left, top, right, bottom

    def inside(self, outer: "BoundingBox") -> "BoundingBox":
        """This box, given in fractions of ``outer``, in fractions of ``outer``'s page."""
        width, height = outer.x1 - outer.x0, outer.y1 - outer.y0
        return BoundingBox.clamped(
            outer.x0 + self.x0 * width,
            outer.y0 + self.y0 * height,
            outer.x0 + self.x1 * width,
            outer.y0 + self.y1 * height,
        )


def _clamp_interval(low: float, high: float, minimum: float) -> tuple[float, float]:
    low, high = min(low, high), max(low, high)
    low, high = min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)
    if high - low < minimum:
        middle = min(max((low + high) / 2, minimum / 2), 1 - minimum / 2)
        low, high = middle - minimum / 2, middle + minimum / 2
    return max(0.0, low), min(1.0, high)


@dataclass(frozen=True, kw_only=True, slots=True)
class Raster:
    """A JPEG of a page or figure, upright and flattened on white; sizes in pixels of the JPEG."""

    width: int
    height: int
    jpeg: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Characters ``[start, end)`` of the owning text are drawn inside ``box`` (one line)."""

    start: int
    end: int
    box: BoundingBox

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"span [{self.start}, {self.end}) is empty or negative")


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One paragraph, heading, list item, table or code listing of a page, in reading order.

    ``text`` is what a reader sees; ``spans`` place its lines. A heading has ``level`` 1 to 6.
    A table has one line of text per row, cells joined with " | ", never a line break in a cell.
    """

    kind: BlockKind
    text: str
    spans: tuple[Span, ...] = ()
    level: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """An embedded picture or a drawn table of a page, with its caption as printed ("" if none)."""

    kind: FigureKind
    box: BoundingBox
    caption: str = ""
    raster: Raster | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognition:
    """How a page's text was read from its pixels.

    ``engine`` names the OCR engine and its languages, ``confidence`` is the mean over the
    characters, 0 to 1; ``angle`` is the clockwise turn in degrees that made the page upright.
    """

    engine: str
    confidence: float
    angle: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page: ``number`` from 1; ``width`` and ``height`` in points, pixels or lines of text.

    ``raster`` holds the picture when the page *is* one (a photo); other pages are rendered
    on demand. ``warnings`` tell what of this page could not be read. ``recognition`` is None
    for text that the file itself holds; recognised text has a span per word.
    """

    number: int
    width: float
    height: float
    blocks: tuple[Block, ...] = ()
    figures: tuple[Figure, ...] = ()
    raster: Raster | None = None
    warnings: tuple[str, ...] = ()
    recognition: Recognition | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A file inside another one: an entry of an archive, an attachment of a message.

    ``name`` is unique inside its container, with "/" between folders. ``size`` is in bytes
    unpacked, ``sha256`` of those bytes. ``cause`` and ``remedy`` say why it cannot be read
    ("" if it can); ``sha256`` is then empty.
    """

    name: str
    size: int
    sha256: str = ""
    cause: str = ""
    remedy: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What a parser knows before its first page.

    ``metadata`` holds plain strings; ``warnings`` tell the user what is missing from a file
    that could otherwise be read (for example pages without text).
    """

    title: str
    media_type: str
    page_count: int
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedDocument:
    """A parser's answer: the header at once, the pages one by one so that memory stays bounded."""

    header: Header
    pages: Iterator[Page]


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One source file. ``id`` is the SHA-256 of its bytes in hex; ``size`` is in bytes."""

    id: str
    path: str
    title: str
    media_type: str
    size: int
    page_count: int
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """A passage of one page. ``spans`` place its characters; ``heading_path`` leads to it."""

    ordinal: int
    page_number: int
    kind: BlockKind
    text: str
    spans: tuple[Span, ...]
    heading_path: tuple[str, ...] = ()
    language: str = ""

    def boxes_of(self, start: int, end: int) -> tuple[BoundingBox, ...]:
        """Boxes of the lines that characters ``[start, end)`` touch, in reading order."""
        return tuple(span.box for span in self.spans if span.start < end and start < span.end)

    @property
    def box(self) -> BoundingBox:
        return BoundingBox.enclosing(span.box for span in self.spans)


@dataclass(frozen=True, kw_only=True, slots=True)
class Crop:
    """A region of a page that is searched by its looks; a whole photo has the whole page's box."""

    ordinal: int
    page_number: int
    kind: CropKind
    box: BoundingBox
    caption: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbeddingSpace:
    """Where vectors may be compared: the same model, revision, dimension and metric.

    ``encoder`` is the file in ``indexer/encoders/`` that makes them. Vectors are float32 and
    L2-normalised, so that the cosine is a dot product.
    """

    encoder: str
    model: str
    revision: str
    dim: int
    metric: Metric = "cosine"

    @property
    def name(self) -> str:
        return f"{self.encoder}:{self.model}@{self.revision}/{self.dim}"
