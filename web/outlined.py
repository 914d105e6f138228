"""Pictures with the places that were found in them, drawn as outlines, kept in a folder."""

import re
from collections.abc import Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw

from indexer.errors import OutOfResources
from retriever.domain import Hit
from web.engine import Engine

_SIDE = 1400  # longer side of the pictures, pixels
_LINE = 0.004  # of the longer side
_COLOUR = (255, 64, 32)
_MAX_NAME = 60  # characters taken from a document's title


def save_outlined(engine: Engine, hits: Sequence[Hit], folder: Path) -> list[Path]:
    """A JPEG of each page that was hit, its boxes outlined, in the order of the hits.

    OutOfResources if the folder cannot be written.
    """
    saved: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pages = groupby(hits, key=lambda hit: (hit.document.id, hit.page))
        for number, ((document_id, page), group) in enumerate(pages, start=1):
            members = list(group)
            picture = _outlined(engine.page_image(document_id, page, _SIDE), members)
            stem = re.sub(r"[^\w-]+", "_", members[0].document.title)[:_MAX_NAME].strip("_")
            path = folder / f"{number:03}_{stem or 'page'}.jpg"
            picture.save(path, "JPEG", quality=90)
            saved.append(path)
    except OSError as exc:
        raise OutOfResources.because(exc, folder) from exc
    return saved


def _outlined(jpeg: bytes, hits: Sequence[Hit]) -> Image.Image:
    picture = Image.open(BytesIO(jpeg), formats=("JPEG",)).convert("RGB")
    width = max(2, round(_LINE * max(picture.size)))
    draw = ImageDraw.Draw(picture)
    for hit in hits:
        left, top, right, bottom = hit.box.pixels(*picture.size)
        draw.rectangle((left, top, right - 1, bottom - 1), outline=_COLOUR, width=width)
        draw.text((left + 2 * width, top + 2 * width), f"{hit.score:.2f}", fill=_COLOUR)
    return picture
