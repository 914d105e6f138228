"""Pictures, charts and tables of a PDF page as figures with their captions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pymupdf
from PIL import Image

from indexer.domain import Figure, FigureKind, Raster
from indexer.parsers._pdf_blocks import CAPTION, Draft
from indexer.parsers._pdf_drawings import Drawings, clusters_of
from indexer.parsers._pdf_lines import Line, Rect, Sheet, Table, around, same_row
from indexer.parsers._raster import to_raster
from indexer.settings import ParserSettings

JPEG_QUALITY = 92
_MAX_FIGURES = 30  # on one page, largest first
_MAX_CAPTION_CHARS = 600
_CAPTION_REACH = 60.0  # points between a figure and its caption
_WHOLE_PAGE = 0.8  # share of the page
_FRAME = 0.6
FIGURE_ZOOM = 4.0  # a tiny figure gains nothing from more pixels


def picture_places(
    page: Any, sheet: Sheet, settings: ParserSettings, *, has_text: bool
) -> list[Rect]:
    """Places of raster pictures. Strips of one picture are joined.

    A picture that fills a page with text is its background; on a page without text it is the
    scanned page itself.
    """
    if has_text and not page.get_images():
        return []
    places: list[Rect] = []
    for info in page.get_image_info():
        x0, y0, x1, y1 = sheet.place(info["bbox"])
        place = Rect(max(0.0, x0), max(0.0, y0), min(sheet.width, x1), min(sheet.height, y1))
        if place.width > 0 and place.height > 0:
            places.append(place)
    whole = sheet.width * sheet.height
    return [
        place
        for place in _joined(places[:2000])
        if min(place.width, place.height) >= settings.min_figure_side
        and not (has_text and place.area >= _WHOLE_PAGE * whole)
    ]


def _joined(places: Sequence[Rect]) -> list[Rect]:
    """Pictures cut into strips or tiles, which share a whole edge, as one."""
    result: list[Rect] = []
    for place in sorted(places, key=lambda p: (round(p.x0), p.y0)):
        for other in result:
            stacked = abs(other.x0 - place.x0) < 1.5 and abs(other.x1 - place.x1) < 1.5
            beside = abs(other.y0 - place.y0) < 1.5 and abs(other.y1 - place.y1) < 1.5
            if (stacked and -1.5 < place.y0 - other.y1 < 1.5) or (
                beside and -1.5 < place.x0 - other.x1 < 1.5
            ):
                other.x0, other.y0, other.x1, other.y1 = around((other, place))
                break
            if other.overlap(place) > 0.9 * place.area:
                break
        else:
            result.append(place)
    return result


def chart_places(
    drawings: Drawings,
    lines: Sequence[Line],
    taken: Sequence[Rect],
    sheet: Sheet,
    settings: ParserSettings,
) -> list[Rect]:
    """Clusters that look like charts or diagrams: drawn freely or captioned, and no framed text."""
    captions = [line for line in lines if _names_figure(line.text)]
    shapes = drawings.shapes
    promising = sum(shape.free for shape in shapes) >= 5 or sum(s.solid for s in shapes) >= 3
    if not captions and not promising:
        return []
    smallest = max(settings.min_figure_side, 48.0)
    found: list[Rect] = []
    for cluster in clusters_of(shapes, sheet):
        if min(cluster.width, cluster.height) < smallest or cluster.shapes < 3:
            continue
        if any(place.overlap(cluster) > 0.3 * cluster.area for place in (*taken, *found)):
            continue
        is_page = cluster.area > _FRAME * sheet.width * sheet.height
        if is_page and any(cluster.holds(place) for place in taken):
            continue  # a frame around the page
        inside = [line for line in lines if cluster.holds(line)]
        prose = sum(line.area for line in inside if len(line.text.split()) >= 6)
        if prose > 0.15 * cluster.area:
            continue
        captioned = any(_distance(cluster, caption) < _CAPTION_REACH for caption in captions)
        lettering = sum(line.area for line in inside)
        bars = _are_bars(cluster.solids) and lettering < 0.25 * cluster.area
        # Level and upright strokes alone are a table, whatever stands above them.
        drawn = cluster.free > 0 or len(cluster.solids) > 1
        if (captioned and drawn and cluster.shapes >= 4) or cluster.free >= 5 or bars:
            found.append(_with_lettering(cluster, lines, sheet))
    return found


def _are_bars(solids: Sequence[Rect]) -> bool:
    """Bars differ in where they stand and how far they reach; shaded cells repeat in a grid."""
    least = max(3.0, 0.3 * len(solids))
    level = {(round(solid.x0), round(solid.x1)) for solid in solids}
    upright = {(round(solid.y0), round(solid.y1)) for solid in solids}
    return len(level) >= least and len(upright) >= least


def _names_figure(text: str) -> bool:
    match = CAPTION.match(text)
    return match is not None and match["figure"] is not None


def _with_lettering(place: Rect, lines: Sequence[Line], sheet: Sheet) -> Rect:
    """``place`` grown over the short texts at its edge, such as the numbers on an axis."""
    reach = Rect(place.x0 - 6, place.y0 - 4, place.x1 + 6, place.y1 + 4)
    touching: list[Rect] = [
        line
        for line in lines
        if reach.overlap(line) > 0 and len(line.text.split()) <= 4 and not CAPTION.match(line.text)
    ]
    x0, y0, x1, y1 = around([place, *touching])
    return Rect(max(0.0, x0), max(0.0, y0), min(sheet.width, x1), min(sheet.height, y1))


def figures_of(
    pictures: Sequence[Rect],
    tables: Sequence[Table],
    drafts: list[Draft],
    sheet: Sheet,
    picture: Callable[[Rect], Raster | None],
) -> list[Figure]:
    """Figures in reading order with their captions, drawn by ``picture``.

    The captions' ``drafts`` become blocks of that kind, in place.
    """
    members: list[tuple[FigureKind, Rect]] = [("figure", place) for place in pictures]
    members += [("table", place) for place in tables]
    members = sorted(members, key=lambda member: -member[1].area)[:_MAX_FIGURES]
    members.sort(key=lambda member: (member[1].y0, member[1].x0))
    captions = _captions(members, drafts)
    return [
        Figure(
            kind=kind,
            box=sheet.box(place),
            caption=captions.get(index, "")[:_MAX_CAPTION_CHARS],
            raster=picture(place),
        )
        for index, (kind, place) in enumerate(members)
    ]


def _captions(
    members: Sequence[tuple[FigureKind, Rect]], drafts: Sequence[Draft]
) -> dict[int, str]:
    """Each figure's nearest caption, above or below, by the figure's index."""
    pairs: list[tuple[float, int, Draft]] = []
    for draft in drafts:
        match = CAPTION.match(draft.block.text)
        if match is None or draft.block.kind == "table":
            continue
        if match["mark"]:
            draft.block = replace(draft.block, kind="caption", level=0)
        named: FigureKind = "table" if match["table"] else "figure"
        for index, (kind, place) in enumerate(members):
            distance = _distance(place, draft)
            # "Figure 3 shows" begins a sentence far more often than a caption.
            reach = _CAPTION_REACH if match["mark"] else _CAPTION_REACH / 3
            if distance < reach:
                pairs.append((distance + (0 if kind == named else 200), index, draft))
    captions: dict[int, str] = {}
    owners: dict[int, Rect] = {}  # the figure that a caption was given to first
    for _, index, draft in sorted(pairs, key=lambda pair: pair[:2]):
        place = members[index][1]
        # Only pictures side by side share a caption.
        if index in captions or not same_row(owners.setdefault(id(draft), place), place):
            continue
        captions[index] = draft.block.text
        draft.block = replace(draft.block, kind="caption", level=0)
    return captions


def _distance(place: Rect, other: Rect) -> float:
    """Points between two places one above the other; far if they are not."""
    if min(place.x1, other.x1) - max(place.x0, other.x0) <= 0:
        return float("inf")
    return max(0.0, other.y0 - place.y1, place.y0 - other.y1)


def draw(drawn: Any, place: Rect, max_side: int, *, max_zoom: float = FIGURE_ZOOM) -> Raster | None:
    """The part of a page at ``place`` as a JPEG, longer side at most ``max_side`` pixels.

    ``drawn`` is the display list of the page, of which a point becomes at most ``max_zoom``
    pixels. None where nothing could be drawn.
    """
    longer = max(place.width, place.height)
    if longer <= 0:
        return None
    zoom = min(max_side / longer, max_zoom)
    matrix = pymupdf.Matrix(zoom, zoom)
    clip = pymupdf.Rect(place.x0, place.y0, place.x1, place.y1)
    pixels = drawn.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False, clip=clip)
    if not pixels.width or not pixels.height:
        return None
    image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    # Pillow's encoder takes a fraction of the time of MuPDF's.
    return to_raster(image, quality=JPEG_QUALITY)
