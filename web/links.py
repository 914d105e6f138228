"""Addresses of pages and images, relative to the server."""

from collections.abc import Iterable
from urllib.parse import quote, urlencode

from indexer.domain import BoundingBox, ItemKind
from retriever.domain import DocumentRef, ItemKey

CARD_IMAGE_SIDE = 480
PAGE_IMAGE_SIDE = 1400

# More lines than this would make an address that servers refuse.
_MAX_LINES = 24
_MAX_QUOTE = 300


def with_fields(address: str, **fields: object) -> str:
    """The address with the fields that are filled in; sequences repeat their field."""
    filled = {name: value for name, value in fields.items() if value not in (None, "", ())}
    return f"{address}?{urlencode(filled, doseq=True)}" if filled else address


def part(text: str) -> str:
    """``text`` as one part of a path."""
    return quote(text, safe="")


def conversation(conversation_id: str, turn: int = 0) -> str:
    """A conversation's page, at one of its turns.

    A turn is more than a place: from an older state of the page, the address leads to a newer one.
    """
    place = f"?turn={turn}#turn-{turn}" if turn else ""
    return f"/conversations/{part(conversation_id)}{place}"


def local_address(address: str) -> str:
    """``address`` if it leads to a page of this server, and to no other's; else the first page."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if plain and address.isprintable() else "/"


def thumbnail(crop_id: int) -> str:
    return f"/thumbnails/{crop_id}.jpg"


def page_image(document_id: str, number: int, side: int = PAGE_IMAGE_SIDE) -> str:
    return f"/documents/{part(document_id)}/pages/{number}.jpg?size={side}"


def item_image(key: ItemKey, document: DocumentRef, number: int) -> str | None:
    """The small picture of a hit: the crop itself, or the page it stands on, or nothing."""
    if key.kind == "crop":
        return thumbnail(key.id)
    return page_image(document.id, number, CARD_IMAGE_SIDE) if document.visual else None


def box_text(box: BoundingBox) -> str:
    return ",".join(f"{value:.5f}".rstrip("0").rstrip(".") for value in box.as_tuple())


def page_view(
    document_id: str,
    number: int,
    box: BoundingBox | None = None,
    *,
    kind: ItemKind = "chunk",
    lines: Iterable[BoundingBox] = (),
    quoted: str = "",
) -> str:
    """The page with a region outlined; ``lines`` and ``quoted`` mark a quotation inside it."""
    fields: list[tuple[str, str]] = [("page", str(number))]
    if box is not None and not (kind == "crop" and is_whole(box)):
        fields.append(("box", box_text(box)))
        fields.extend(("line", box_text(line)) for line in list(lines)[:_MAX_LINES])
        if quoted:
            fields.append(("quote", quoted[:_MAX_QUOTE]))
    address = f"/documents/{part(document_id)}?{urlencode(fields, safe=',')}"
    return f"{address}#region" if len(fields) > 1 else address


def is_whole(box: BoundingBox) -> bool:
    """The box covers the page, so that outlining it would say nothing."""
    return box.area > 0.995
