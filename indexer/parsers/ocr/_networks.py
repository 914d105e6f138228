"""The PP-OCR networks that the RapidOCR wheel carries, run by onnxruntime on one thread.

The wheel's own pipeline reads a page in one call that cannot be ended in time, and needs a
second to import; here only its model files are used.

Sources: detection by differentiable binarisation, Liao et al. 2020, arXiv:1911.08947;
recognition by connectionist temporal classification, Graves et al., ICML 2006.
"""

import threading
from collections.abc import Sequence
from functools import cache, partial
from importlib.util import find_spec
from math import atan2, cos, dist
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.errors import OcrUnavailable
from indexer.parsers.ocr import Word
from indexer.parsers.ocr._lines import Letter, Line, Point, words_of

Pixels = NDArray[np.uint8]
"""Shape (height, width, 3), blue green red."""

_GRID = 32  # the detector halves its input five times
_PIXEL_THRESHOLD, _LINE_THRESHOLD = 0.3, 0.5
_MIN_SIDE = 3.0  # pixels of the detector's picture
_GROWTH = 1.6  # the network marks shrunken lines: area times this over perimeter is the margin
_MAX_LINES = 1000

_LINE_HEIGHT = 48  # pixels, as trained
_MIN_WIDTH, _MAX_WIDTH = 320, 3200
_DOT_GAP = 2  # half the height of the gap below the dot of an i, in pixels
# A line is foreign where most of its ink is further, in heights of the line, from any letter.
_NEAR, _FOREIGN = 0.6, 0.4
_START = 192  # pixels of a line that tell which way up it is


class Networks:
    """They find lines, tell which way up these are, and read them; from any thread."""

    def __init__(self, folder: Path) -> None:
        self._detector = _session(folder, "det")
        self._recogniser = _session(folder, "rec")
        self._classifier = _session(folder, "cls")
        characters = self._recogniser.get_modelmeta().custom_metadata_map["character"]
        # Index 0 is the blank between characters, the last one the space between words.
        self._characters = ["", *characters.splitlines(), " "]

    @staticmethod
    def pixels(picture: Image.Image) -> Pixels:
        return np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])

    def lines(self, pixels: Pixels, max_side: int) -> list[Line]:
        """Lines of text, from top to bottom, found in ``pixels`` scaled to ``max_side`` at most."""
        height, width = pixels.shape[:2]
        scale = min(1.0, max_side / max(height, width))
        size = [max(_GRID, round(side * scale / _GRID) * _GRID) for side in (width, height)]
        marks = self._run(self._detector, cv2.resize(pixels, size))[0, 0]
        factors = width / size[0], height / size[1]
        return sorted(_outlined(marks, factors), key=lambda line: sum(y for _, y in line.corners))

    def words(self, pixels: Pixels, line: Line) -> list[Word] | None:
        """The words of ``line``, which lies in ``pixels``; None if it is in a foreign script."""
        strip = _cut_out(pixels, line, _LINE_HEIGHT)
        letters = self._letters(strip)
        ink = _ink(strip)
        if _unread(ink, letters) > _FOREIGN:
            return None
        size = pixels.shape[1], pixels.shape[0]
        return words_of(line, letters, size, partial(_inked, ink))

    def _letters(self, strip: Pixels) -> list[Letter]:
        width = strip.shape[1]
        padding = max(0, _MIN_WIDTH - width)
        chances = self._run(self._recogniser, strip, padding=padding)[0]
        best = chances.argmax(axis=1)
        # A repeated character is one, unless a blank stands between.
        kept = np.flatnonzero((best != 0) & (np.diff(best, prepend=0) != 0))
        step = (width + padding) / len(best) / width
        return [
            Letter(self._characters[best[at]], (at + 0.5) * step, float(chances[at, best[at]]))
            for at in kept.tolist()
        ]

    def upside_down(self, pixels: Pixels, lines: Sequence[Line]) -> float:
        """The share of ``lines``, at least one, that stand on their heads."""
        votes = 0
        for line in lines:
            start = _cut_out(pixels, line, _LINE_HEIGHT)[:, :_START]
            padding = _START - start.shape[1]
            votes += self._run(self._classifier, start, padding=padding)[0, 1] > 0.5
        return votes / len(lines)

    @staticmethod
    def strip(pixels: Pixels, line: Line, height: int) -> Image.Image:
        """``line`` cut out of ``pixels`` and levelled, ``height`` pixels high."""
        return Image.fromarray(np.ascontiguousarray(_cut_out(pixels, line, height)[:, :, ::-1]))

    def _run(self, session: Any, pixels: Pixels, padding: int = 0) -> NDArray[np.float32]:
        values = (pixels.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)
        if padding:
            values = np.pad(values, ((0, 0), (0, 0), (0, padding)))
        result: NDArray[np.float32] = session.run(
            None, {session.get_inputs()[0].name: values[None]}
        )[0]
        return result


def _cut_out(pixels: Pixels, line: Line, height: int) -> Pixels:
    width = min(_MAX_WIDTH, max(1, round(height * line.width / max(1.0, line.height))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(line.corners, dtype=np.float32), target)
    result: Pixels = cv2.warpPerspective(
        pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    return result


def _ink(strip: Pixels) -> NDArray[np.bool_]:
    """Where the letters of a line are: dark on light or light on dark."""
    grey = cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY)
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(light == (light.mean() < 0.5))


def _unread(ink: NDArray[np.bool_], letters: Sequence[Letter]) -> float:
    """The share of ink that is not near any letter: the network skips scripts unknown to it."""
    inked = np.flatnonzero(ink.any(axis=0))
    read = np.array([letter.at * ink.shape[1] for letter in letters if letter.text.isalnum()])
    if not len(inked) or not len(read):
        return float(len(inked) > 0)
    distances = np.abs(inked[:, None] - read[None, :]).min(axis=1)
    return float((distances > _NEAR * ink.shape[0]).mean())


def _inked(ink: NDArray[np.bool_], left: float, right: float) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the ink between two ends, as shares of the line.

    What a white gap parts from the middle of the line belongs to the lines above and below.
    """
    height, width = ink.shape
    first, last = int(left * width), max(int(left * width) + 1, round(right * width))
    part = ink[:, first:last]
    filled = np.convolve(part.any(axis=1), np.ones(2 * _DOT_GAP + 1), "same") > 0
    gaps = np.flatnonzero(~filled)
    top = int(max(gaps[gaps < height // 2], default=-1)) + 1
    bottom = int(min(gaps[gaps > height // 2], default=height))
    inside = part[top:bottom]
    rows = np.flatnonzero(inside.any(axis=1)).tolist()
    columns = np.flatnonzero(inside.any(axis=0)).tolist()
    if not rows:
        return left, 0.0, right, 1.0
    return (
        (first + columns[0]) / width,
        (top + rows[0]) / height,
        (first + columns[-1] + 1) / width,
        (top + rows[-1] + 1) / height,
    )


def _outlined(marks: NDArray[np.float32], factors: Point) -> list[Line]:
    """Lines in the detector's map of probabilities, their places multiplied by ``factors``."""
    mask = cv2.dilate((marks > _PIXEL_THRESHOLD).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines[:_MAX_LINES]:
        middle, (width, height), angle = cv2.minAreaRect(outline)
        if min(width, height) < _MIN_SIDE:
            continue
        x, y, w, h = cv2.boundingRect(outline)
        inside = np.zeros((h, w), np.uint8)
        cv2.fillPoly(inside, [outline - (x, y)], 1)
        certainty = float(cv2.mean(marks[y : y + h, x : x + w], inside)[0])
        if certainty < _LINE_THRESHOLD:
            continue
        margin = width * height * _GROWTH / (2 * (width + height))
        grown = (middle, (width + 2 * margin, height + 2 * margin), angle)
        corners = [(x * factors[0], y * factors[1]) for x, y in cv2.boxPoints(grown).tolist()]
        found.append(Line(_from_the_beginning(corners), certainty))
    return found


def _from_the_beginning(corners: Sequence[Point]) -> tuple[Point, Point, Point, Point]:
    """Clockwise from the top left; a line much higher than wide is read from bottom to top."""
    x, y = (sum(values) / 4 for values in zip(*corners, strict=True))
    ring = sorted(corners, key=lambda corner: atan2(corner[1] - y, corner[0] - x))
    # The line begins where the side runs most to the right.
    ways = [(*ring[at:], *ring[:at]) for at in range(4)]
    a, b, c, d = max(ways, key=lambda way: cos(atan2(way[1][1] - way[0][1], way[1][0] - way[0][0])))
    return (d, a, b, c) if dist(a, d) > 1.5 * dist(a, b) else (a, b, c, d)


def _session(folder: Path, task: str) -> Any:
    import onnxruntime

    files = sorted(folder.glob(f"*{task}*.onnx"))
    if not files:
        raise OcrUnavailable(
            "rapidocr", cause=f"its {task} model is not in {folder}", remedy="pip install rapidocr"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # The arena would keep the memory of the widest line for ever, and is hardly faster.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(files[0]), options, providers=["CPUExecutionProvider"])


_lock = threading.Lock()


def networks() -> Networks:
    """Loaded on first use, once per process. OcrUnavailable where the wheel has no models."""
    with _lock:
        return _loaded()


@cache
def _loaded() -> Networks:
    spec = find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise OcrUnavailable("rapidocr", cause="not installed", remedy="pip install rapidocr")
    return Networks(Path(spec.submodule_search_locations[0]) / "models")
