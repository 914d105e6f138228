"""Colour words and the colours of a picture, in the eleven basic colour terms of English.

The terms are those of Berlin & Kay 1969. A pixel belongs to the terms whose example colours
are nearest in CIELAB. The picture's centre, where the subject mostly is, counts more.
"""

import re

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image, Resampling

from indexer.analysis import stem
from indexer.encoders._class_notes import content, data_lines, listed
from indexer.encoders._runtime import once

_EXAMPLES: dict[str, tuple[tuple[int, int, int], ...]] = {  # sRGB
    "black": ((15, 15, 15), (35, 35, 35)),
    "white": ((250, 250, 250), (230, 230, 230)),
    "grey": ((128, 128, 128), (90, 90, 90), (170, 170, 170)),
    "red": ((200, 20, 30), (150, 15, 20), (230, 50, 50)),
    "orange": ((245, 130, 20), (230, 100, 20)),
    "yellow": ((250, 220, 30), (230, 200, 60)),
    "green": ((30, 140, 50), (90, 150, 50), (50, 90, 40), (150, 200, 90)),
    "blue": ((30, 70, 190), (60, 110, 200), (20, 40, 100), (110, 170, 230)),
    "purple": ((110, 40, 140), (90, 60, 130)),
    "pink": ((245, 130, 180), (240, 180, 200), (220, 50, 130)),
    "brown": ((110, 65, 30), (80, 50, 30), (150, 105, 70), (190, 150, 110)),
}
_OTHER_WORDS = {
    "gray": "grey",
    "silver": "grey",
    "charcoal": "grey",
    "ebony": "black",
    "ivory": "white",
    "cream": "white",
    "blonde": "yellow",
    "blond": "yellow",
    "gold": "yellow",
    "golden": "yellow",
    "violet": "purple",
    "lilac": "purple",
    "lavender": "purple",
    "mauve": "purple",
    "magenta": "pink",
    "turquoise": "blue",
    "navy": "blue",
    "teal": "blue",
    "aqua": "blue",
    "cyan": "blue",
    "crimson": "red",
    "scarlet": "red",
    "maroon": "red",
    "burgundy": "red",
    "olive": "green",
    "amber": "orange",
    "beige": "brown",
    "tan": "brown",
    "khaki": "brown",
    "bronze": "brown",
}
TERMS = tuple(_EXAMPLES)

# Mean and spread of the square root of each term's share over ordinary photos: a little green
# says less than a little purple.
_USUAL = np.array([0.29, 0.37, 0.53, 0.06, 0.03, 0.05, 0.12, 0.06, 0.02, 0.06, 0.38])
_SPREAD = np.array([0.20, 0.26, 0.22, 0.14, 0.09, 0.12, 0.19, 0.13, 0.05, 0.08, 0.25])

_SIDE = 32  # pixels of the square the colours are read from
_FOCUS = 0.5  # standard deviation of the centre's weight, in half sides
_BLUR = 8.0  # CIELAB distance within which a pixel is shared between terms
_LIGHTNESS = 0.5  # weight of lightness against hue in that distance
_SCALE = np.array([np.sqrt(_LIGHTNESS), 1.0, 1.0])

# An even background: this share of the border within this distance of its median.
_EVEN, _SAME_COLOUR = 0.6, 6.0
_SMALLEST_SUBJECT = 21  # pixels, of _SIDE x _SIDE
_EDGE_OF_SUBJECT = 0.3  # weight of its pixels far from the centre, against 1.3 there
PLAIN_GAIN = 2.0

_SCENE = 0.8  # weight of a scene's colour against one that is named
_USUAL_OF_THINGS, _USUAL_OF_NAMED = 0.3, 0.1  # of the usual colours of things, the second if named
_USUAL_DECAY = 0.3  # of the usual colours of a thing, from the most usual on


def colours_named(text: str) -> NDArray[np.float32]:
    """The basic colour terms in an English text: float32 (11,), of length one, or all zero."""
    counts = np.zeros(len(TERMS), dtype=np.float32)
    for word in re.findall(r"[a-z]+", text.lower()):
        term = _OTHER_WORDS.get(word, word)
        if term in _EXAMPLES:
            counts[TERMS.index(term)] += 1
    counts /= max(float(np.linalg.norm(counts)), 1e-12)
    return counts


def colours_meant(text: str) -> NDArray[np.float32]:
    """The colours that an English text calls up: float32 (11,), of length one at most.

    Colours that are named, those of scenes and materials, and a little those that things have
    most often: snow is white, cherries are red.
    """
    scene, thing = np.zeros((2, len(TERMS)), dtype=np.float32)
    for found in dict.fromkeys(content(text)):
        scenes, things = _usual_colours().get(found, (None, None))
        scene += 0 if scenes is None else scenes
        thing += 0 if things is None else things
    named = colours_named(text)
    usual = _USUAL_OF_NAMED if named.any() else _USUAL_OF_THINGS
    return _short(named + _short(scene) + usual * _short(thing))


_Colours = NDArray[np.float32]


@once
def _usual_colours() -> dict[str, tuple[_Colours | None, _Colours | None]]:
    """The colours of each stem as a scene and as a thing."""
    found: dict[str, tuple[_Colours | None, _Colours | None]] = {}
    for names, classes, terms in data_lines("looks.txt"):
        colours = np.zeros(len(TERMS), dtype=np.float32)
        for place, term in enumerate(terms.split()):
            colours[TERMS.index(_OTHER_WORDS.get(term, term))] += 1 / (1 + _USUAL_DECAY * place)
        colours /= np.linalg.norm(colours)
        for name in listed(names):
            scene, thing = found.get(stem(name), (None, None))
            if classes:
                found[stem(name)] = scene, colours if thing is None else thing
            else:
                found[stem(name)] = _SCENE * colours if scene is None else scene, thing
    return found


def _short(row: _Colours) -> _Colours:
    """The row, cut to a length of one."""
    return row / max(float(np.linalg.norm(row)), 1.0)


def colours_shown(image: Image) -> NDArray[np.float32]:
    """How much more of each term an RGB picture shows than most: float32 (11,), of length one."""
    return _unusual(_CENTRE @ _terms(_pixels(image)))


def colours_of_subject(image: Image) -> NDArray[np.float32]:
    """As ``colours_shown``, of what stands before an even background where there is one.

    float32 (11,), of length one, or of length ``PLAIN_GAIN`` before an even background: such a
    picture shows the colours of one thing only.
    """
    pixels = _pixels(image)
    scaled = pixels * _SCALE
    ground = np.median(scaled[_BORDER], axis=0)
    distance = np.sqrt(((scaled - ground) ** 2).sum(axis=1))
    subject = distance > _SAME_COLOUR
    even = float((distance[_BORDER] <= _SAME_COLOUR).mean()) > _EVEN
    if not even or subject.sum() < _SMALLEST_SUBJECT:
        return _unusual(_CENTRE @ _terms(pixels))
    weights = subject * (_EDGE_OF_SUBJECT + _CENTRE / _CENTRE.max())
    return PLAIN_GAIN * _unusual(weights @ _terms(pixels) / weights.sum())


def _pixels(image: Image) -> NDArray[np.float64]:
    """CIELAB of the picture at ``_SIDE`` x ``_SIDE`` pixels, row by row."""
    small = image.convert("RGB").resize((_SIDE, _SIDE), Resampling.BOX)
    return _lab(np.asarray(small, dtype=np.float64).reshape(-1, 3))


def _terms(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """To which share each pixel belongs to each term."""
    distance = (((pixels[:, None] - _EXAMPLE_LAB) * _SCALE) ** 2).sum(axis=2)
    nearness = np.exp((distance.min(axis=1, keepdims=True) - distance) / (2 * _BLUR**2))
    nearness /= nearness.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = nearness @ _EXAMPLE_TERM
    return shares


def _unusual(shares: NDArray[np.float64]) -> NDArray[np.float32]:
    unusual = (np.sqrt(shares) - _USUAL) / _SPREAD
    unusual /= max(float(np.linalg.norm(unusual)), 1e-12)
    return np.asarray(unusual, dtype=np.float32)


def _lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB, 0 to 255, to CIELAB under D65; any number of rows of three."""
    share = rgb / 255
    linear = np.where(share > 0.04045, ((share + 0.055) / 1.055) ** 2.4, share / 12.92)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    bent = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = bent[:, 0], bent[:, 1], bent[:, 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def _centre() -> NDArray[np.float64]:
    """Weights of the pixels, row by row; they sum to one."""
    at = np.linspace(-1, 1, _SIDE)
    weights = np.exp(-(at[:, None] ** 2 + at[None, :] ** 2) / (2 * _FOCUS**2))
    weights /= weights.sum()
    return np.asarray(weights.ravel(), dtype=np.float64)


_CENTRE = _centre()
_BORDER = np.pad(np.zeros((_SIDE - 4, _SIDE - 4), dtype=bool), 2, constant_values=True).ravel()
_EXAMPLE_LAB = _lab(np.array([rgb for group in _EXAMPLES.values() for rgb in group], dtype=float))
_EXAMPLE_TERM = np.repeat(np.eye(len(TERMS)), [len(group) for group in _EXAMPLES.values()], axis=0)
