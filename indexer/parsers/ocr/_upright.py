"""Pages turned and straightened before they are read, and places on them turned back.

Source of the angle: the sharpest projection of the ink on one axis, Postl, ICPR 1986.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.domain import BoundingBox

Grey = NDArray[np.uint8]
"""Shape (height, width)."""

# OpenCV's threads slow each other down in several processes at once.
cv2.setNumThreads(1)

_SIDE = 1600  # pixels of the longer side while looking for letters
_INK_POINTS = 40_000
_MAX_SKEW, _COARSE, _FINE = 15.0, 0.5, 0.05  # degrees
_LEVEL = 0.2  # degrees that no reader minds

# Letters are read best with this median height in pixels, and well anywhere in the range.
_BEST_HEIGHT, _LOW, _HIGH = 20.0, 15.0, 30.0
_MAX_ENLARGEMENT = 4.0
_MAX_PIXELS = 40_000_000

_PART, _CELL = 800, 40  # pixels


@dataclass(frozen=True, slots=True)
class Lettering:
    """What looks like letters: how many, their median height in pixels, and how their lines run.

    ``angle`` is the clockwise turn in degrees that levels the lines, or sets them upright if
    ``sideways``.
    """

    count: int
    height: float
    angle: float
    sideways: bool


@dataclass(frozen=True, slots=True)
class Upright:
    """``picture`` was turned by ``angle`` degrees clockwise; ``matrix`` (2, 3) leads back.

    It maps pixels of ``picture`` to fractions of the original.
    """

    picture: Image.Image
    angle: float
    matrix: NDArray[np.float64]

    def back(self, box: BoundingBox) -> BoundingBox:
        """``box`` of ``picture`` on the original: the smallest level box around it."""
        width, height = self.picture.size
        corners = np.array([(x, y, 1.0) for x in (box.x0, box.x1) for y in (box.y0, box.y1)])
        places = corners * (width, height, 1.0) @ self.matrix.T
        (x0, y0), (x1, y1) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
        return BoundingBox.clamped(x0, y0, x1, y1)


def lettering_of(picture: Image.Image) -> Lettering:
    """Looks at the connected spots of ink; all zero where there are none."""
    grey = np.asarray(picture.convert("L"))
    scale = min(1.0, _SIDE / max(grey.shape))
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15
    )
    _, labels, spots, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height, area = (spots[:, at] for at in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, 4))
    long, short = np.maximum(width, height), np.minimum(width, height)
    # Neither specks, nor pictures, nor rules.
    letters = (long >= 5) & (long <= 90) & (short >= 2) & (area >= 8) & (long <= 8 * short)
    letters[0] = False
    y, x = (values.astype(np.float32) for values in np.nonzero(letters[labels]))
    if not len(y):
        return Lettering(0, 0.0, 0.0, sideways=False)
    if len(y) > _INK_POINTS:
        chosen = np.random.default_rng(0).choice(len(y), _INK_POINTS, replace=False)
        y, x = y[chosen], x[chosen]
    level, upright = _sharpest(y, x), _sharpest(-x, y)
    sideways = upright[0] > level[0]
    return Lettering(
        count=int(letters.sum()),
        height=float(np.median((width if sideways else height)[letters])) / scale,
        angle=max(level, upright)[1],
        sideways=sideways,
    )


def _sharpest(down: NDArray[np.float32], across: NDArray[np.float32]) -> tuple[float, float]:
    """How sharply ink falls into lines at the best angle, and that angle in degrees."""

    def sharpness(angle: float) -> float:
        turned = down * np.cos(np.deg2rad(angle)) + across * np.sin(np.deg2rad(angle))
        profile = np.bincount((turned - turned.min()).astype(np.int64)).astype(np.float64)
        return float(np.square(np.diff(profile)).sum())

    def best(angles: NDArray[np.float64]) -> tuple[float, float]:
        return max((sharpness(angle), angle) for angle in angles.tolist())

    _, coarse = best(np.arange(-_MAX_SKEW, _MAX_SKEW + _COARSE / 2, _COARSE))
    return best(coarse + np.arange(-_COARSE, _COARSE + _FINE / 2, _FINE))


def upright(picture: Image.Image, lettering: Lettering, quarters: int) -> Upright:
    """``picture`` levelled and turned clockwise by ``quarters``, its letters of a good size."""
    skew = lettering.angle if abs(lettering.angle) >= _LEVEL else 0.0
    width, height = picture.size
    pixels = np.rot90(np.asarray(picture), -quarters)
    matrix = _quarter_turn(width, height, quarters % 4)
    scale = (_MAX_PIXELS / (width * height)) ** 0.5
    if lettering.height and not _LOW <= lettering.height <= _HIGH:
        scale = min(scale, _MAX_ENLARGEMENT, _BEST_HEIGHT / lettering.height)
    else:
        scale = min(scale, 1.0)
    if scale != 1:
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=method)
        matrix = np.diag([scale, scale, 1.0]) @ matrix
    if skew:
        size, turn = _levelling(pixels.shape[1], pixels.shape[0], skew)
        pixels = cv2.warpAffine(
            pixels, turn[:2], size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        matrix = turn @ matrix
    back = np.diag([1 / width, 1 / height, 1.0]) @ np.linalg.inv(matrix)
    angle = (90.0 * quarters + skew + 180) % 360 - 180
    return Upright(Image.fromarray(np.ascontiguousarray(pixels)), angle, back[:2])


def busiest_part(picture: Image.Image) -> Image.Image:
    """A square of ``picture`` with much lettering, enough to tell which way up it is."""
    grey = np.asarray(picture.convert("L"))
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    coarse = cv2.resize(
        edges,
        (-(-picture.width // _CELL), -(-picture.height // _CELL)),
        interpolation=cv2.INTER_AREA,
    )
    side = _PART // _CELL
    sums = cv2.boxFilter(
        coarse, -1, (side, side), anchor=(0, 0), normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    row, column = np.unravel_index(int(sums.argmax()), sums.shape)
    x = max(0, min(int(column) * _CELL, picture.width - _PART))
    y = max(0, min(int(row) * _CELL, picture.height - _PART))
    return picture.crop((x, y, min(picture.width, x + _PART), min(picture.height, y + _PART)))


def _quarter_turn(width: int, height: int, quarters: int) -> NDArray[np.float64]:
    """Where the pixels of a picture lie after clockwise quarter turns."""
    rows = (
        ((1, 0, 0), (0, 1, 0)),
        ((0, -1, height), (1, 0, 0)),
        ((-1, 0, width), (0, -1, height)),
        ((0, 1, 0), (-1, 0, width)),
    )[quarters]
    return np.array([*rows, (0, 0, 1)], dtype=np.float64)


def _levelling(
    width: int, height: int, clockwise: float
) -> tuple[tuple[int, int], NDArray[np.float64]]:
    """The size after a turn about the middle that cuts nothing off, and its matrix."""
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), -clockwise, 1.0), (0, 0, 1)])
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    new_width, new_height = round(width * cos + height * sin), round(width * sin + height * cos)
    turn[:2, 2] += (new_width - width) / 2, (new_height - height) / 2
    return (new_width, new_height), turn
