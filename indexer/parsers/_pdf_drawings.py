"""Vector drawings of a PDF page: straight strokes, and clusters that look like charts."""

from dataclasses import dataclass, field
from typing import Any

from indexer.parsers._pdf_lines import Rect, Sheet
from indexer.parsers._pdf_tables import Strokes

# A page description above this many bytes is a map or a plan: reading it path by path costs
# seconds, and its strokes are no table.
_MAX_CONTENT_BYTES = 3_000_000
_MAX_SHAPES = 6000
_THIN = 2.5  # points; a filled rectangle below this is a stroke
_CELL = 8.0  # points; shapes this near each other belong together
_WHITE = 0.98


@dataclass(slots=True)
class Shape(Rect):
    """One painted path; ``free`` if it has curves or slanted lines, as rulings never have;
    ``solid`` if it is a filled area, such as a bar of a chart.
    """

    free: bool
    solid: bool


@dataclass(slots=True)
class Cluster(Rect):
    """Shapes near each other; ``shapes`` counts them, ``free`` those with free forms, and
    ``solids`` are its filled areas.
    """

    shapes: int
    free: int
    solids: list[Rect]


@dataclass(slots=True)
class Drawings:
    """What is drawn on a page, in points as displayed."""

    strokes: Strokes = field(default_factory=Strokes)
    shapes: list[Shape] = field(default_factory=list)


def drawings_of(page: Any, sheet: Sheet) -> Drawings:
    """Strokes and shapes of ``page``; none of a page too intricate to be read path by path."""
    result = Drawings()
    if len(page.read_contents()) > _MAX_CONTENT_BYTES:
        return result
    for path in page.get_cdrawings():
        if len(result.shapes) > _MAX_SHAPES:
            return Drawings()
        _add_path(result, path, sheet)
    return result


def _add_path(result: Drawings, path: dict[str, Any], sheet: Sheet) -> None:
    fill, color = path.get("fill"), path.get("color")
    stroked = color is not None and "s" in path["type"]
    if not stroked and (fill is None or min(fill) >= _WHITE):
        return
    free = False
    for item in path["items"]:
        kind = item[0]
        if kind == "l":
            (ax, ay), (bx, by) = item[1], item[2]
            free = not _add_stroke(result.strokes, sheet.place(_ordered(ax, ay, bx, by))) or free
        elif kind == "re":
            _add_rectangle(result.strokes, sheet.place(item[1]), outlined=stroked)
        else:
            free = free or kind == "c"
    # One path may hold all bars of a colour: each is a shape of its own.
    areas = [item[1] for item in path["items"] if item[0] == "re"]
    separate = len(areas) == len(path["items"]) and len(areas) < 200
    for place in areas if separate else [path["rect"]]:
        _add_shape(result, sheet.place(place), sheet, free=free, filled=fill is not None)


def _add_shape(
    result: Drawings,
    place: tuple[float, float, float, float],
    sheet: Sheet,
    *,
    free: bool,
    filled: bool,
) -> None:
    x0, y0 = max(0.0, place[0]), max(0.0, place[1])
    x1, y1 = min(sheet.width, place[2]), min(sheet.height, place[3])
    solid = filled and min(x1 - x0, y1 - y0) > _THIN
    shape = Shape(x0, y0, x1, y1, free, solid)
    if x0 <= x1 and y0 <= y1 and shape.area < 0.6 * sheet.width * sheet.height:
        result.shapes.append(shape)


def _ordered(ax: float, ay: float, bx: float, by: float) -> tuple[float, float, float, float]:
    # A slanted line keeps its extent; which diagonal it takes does not matter here.
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def _add_stroke(strokes: Strokes, place: tuple[float, float, float, float]) -> bool:
    """Whether the line is level or upright, and so a stroke."""
    x0, y0, x1, y1 = place
    if y1 - y0 <= 1.0 and x1 - x0 > 8:
        strokes.across.append(((y0 + y1) / 2, x0, x1))
    elif x1 - x0 <= 1.0 and y1 - y0 > 4:
        strokes.down.append(((x0 + x1) / 2, y0, y1))
    else:
        return x1 - x0 <= 1.0 or y1 - y0 <= 1.0
    return True


def _add_rectangle(
    strokes: Strokes, place: tuple[float, float, float, float], *, outlined: bool
) -> None:
    x0, y0, x1, y1 = place
    if y1 - y0 <= _THIN or x1 - x0 <= _THIN:
        if y1 - y0 <= x1 - x0:
            strokes.across.append(((y0 + y1) / 2, x0, x1))
        else:
            strokes.down.append(((x0 + x1) / 2, y0, y1))
    elif outlined:
        strokes.across += [(y0, x0, x1), (y1, x0, x1)]
        strokes.down += [(x0, y0, y1), (x1, y0, y1)]


def clusters_of(shapes: list[Shape], sheet: Sheet) -> list[Cluster]:
    """Groups of shapes whose places touch on a grid of ``_CELL`` points, largest first."""
    columns = int(sheet.width / _CELL) + 1
    owners: dict[int, int] = {}
    parent = list(range(len(shapes)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for index, shape in enumerate(shapes):
        for row in range(int(shape.y0 / _CELL), int(shape.y1 / _CELL) + 1):
            for column in range(int(shape.x0 / _CELL), int(shape.x1 / _CELL) + 1):
                owner = owners.setdefault(row * columns + column, index)
                if owner != index:
                    parent[root(index)] = root(owner)
    found: dict[int, Cluster] = {}
    for index, shape in enumerate(shapes):
        cluster = found.setdefault(
            root(index), Cluster(shape.x0, shape.y0, shape.x1, shape.y1, 0, 0, [])
        )
        cluster.x0, cluster.y0 = min(cluster.x0, shape.x0), min(cluster.y0, shape.y0)
        cluster.x1, cluster.y1 = max(cluster.x1, shape.x1), max(cluster.y1, shape.y1)
        cluster.shapes += 1
        cluster.free += shape.free
        if shape.solid:
            cluster.solids.append(shape)
    return sorted(found.values(), key=lambda cluster: -cluster.area)
