"""Straight rulings of a level page, which part the cells of its tables."""

import cv2
import numpy as np
from PIL import Image

from indexer.parsers.ocr._layout import Stroke

_SIDE = 1600  # pixels
_SHORTEST = 40  # pixels, longer than any stroke of a letter
_THICKEST = 8
_AROUND = 15  # pixels to compare with: the edge of a shaded cell is then as thin as a ruling
_GAP = 3  # where a ruling is worn, or a little askew


def rulings_of(picture: Image.Image) -> list[Stroke]:
    """Level and upright strokes in fractions of ``picture``."""
    grey = np.asarray(picture.convert("L"))
    scale = min(1.0, _SIDE / max(grey.shape))
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _AROUND, 10
    )
    strokes: list[Stroke] = []
    for long, gap in (((_SHORTEST, 1), (1, _GAP)), ((1, _SHORTEST), (_GAP, 1))):
        closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones(gap[::-1], np.uint8))
        lines = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones(long[::-1], np.uint8))
        _, _, spots, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
        height, width = grey.shape
        strokes += [
            (x / width, y / height, (x + w) / width, (y + h) / height)
            for x, y, w, h, _ in spots[1:].tolist()
            if min(w, h) <= _THICKEST
        ]
    return strokes
