"""Boxes of named things from the packaged classifier: nothing to download.

Where the last feature map votes for the classes that the words name is where the thing is
(class activation maps, Zhou et al. 2016, arXiv:1512.04150), seen at two resolutions. Such a
place is fitted to the edges in the picture (GrabCut, Rother et al. 2004,
doi:10.1145/1015706.1015720), cut out and looked at once more by itself: how surely the network
then sees the thing is the score.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image, Resampling

from indexer.cropping import cut
from indexer.domain import BoundingBox
from indexer.encoders._conse import PackagedClipEncoder
from indexer.encoders._network import CLASSES, Network, load_network
from indexer.settings import EncoderSettings
from retriever.detectors import Detection, Look
from retriever.detectors._kinds import kinds_named
from retriever.errors import UnknownThing
from retriever.settings import FindSettings

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_SIDES = (384, 576)  # pixels: the first sees large things better, the second small ones
_HOPELESS = 0.002  # chance in the likeliest cell below which a picture is not looked at closer
_KINSHIP = 0.625  # power of the class chances for votes: kindred classes steady each other
_UNLIKELY = 0.005  # chance of a place seen by itself below which no box is fitted to it
_MOSTLY_INSIDE = 0.8  # share of a box inside another from which it is a part of it
_LOST = 0.3  # share of that chance that a fitted box must keep
_PLACES = 4  # looked at by themselves in one picture, at each level
# A place is where the votes are at least this share of the strongest: a thing of many parts
# is one place at the first level, things that stand together are several at the second.
_LEVELS = (0.12, 0.3)
_AS_SURE = 0.6  # share of the chance of its surest part from which a place is one thing
_CERTAIN, _POSSIBLE = 0.7, 0.02  # shares of the peak: surely the thing, perhaps the thing
_REACH = 0.25  # share of its sides by which a place may grow
_FIT_SIDE = 160  # pixels of the part of the picture that a box is fitted in
_ROUNDS = 3  # of GrabCut
_UPSAMPLING = 4
_MARGIN = 0.1  # share of a box's sides that is seen with it
_CLOSE_SIDE = 224  # pixels of the picture of one place

# Words that no class resembles this much name nothing that the network knows; from the second
# on, they are a class's own name.
_LIKENESS, _OWN_NAME = 0.4, 0.8
_TEMPERATURE = 0.05  # of the softmax over classes

# Chance of a place seen by itself: measured on scenes, where it tells right from wrong best.
_FLOOR = 0.3


def build(name: str, settings: FindSettings) -> "PackagedDetector":  # noqa: ARG001
    """EfficientNet-Lite2. There is only one, so ``name`` is ignored."""
    return PackagedDetector(settings)


class PackagedDetector:
    """What the network knows are the thousand ImageNet classes and the kinds they are of."""

    name = "packaged"
    floor = _FLOOR

    def __init__(self, settings: FindSettings) -> None:
        self._encoder = PackagedClipEncoder(EncoderSettings(threads=settings.threads))
        self._threads = settings.threads

    @property
    def languages(self) -> frozenset[str]:
        return self._encoder.languages

    def look_for(self, words: str) -> Look:
        """Detections of what ``words`` name. UnknownThing if the network knows no such thing."""
        network = load_network(self._threads)
        aim = _Aim.of(self._chances(words), network)
        return lambda image: _detect(image, aim, network)

    def _chances(self, words: str) -> Floats:
        """Whether each class is meant: float32 (1000,), the likeliest 1."""
        named = kinds_named(words)
        likeness = self._encoder.class_likeness(words)
        if named is not None and (named.alone or likeness.max() < _OWN_NAME):
            chances = np.zeros(CLASSES, dtype=np.float32)
            chances[sorted(named.classes)] = 1
        elif likeness.max() >= _LIKENESS:
            chances = np.exp((likeness - likeness.max()) / _TEMPERATURE)
        else:
            chances = np.zeros(CLASSES, dtype=np.float32)
        if not chances.any():
            raise UnknownThing(
                words,
                cause="the packaged network was never shown such a thing by itself",
                remedy="name a detector of any thing in SIGHTLINE_FIND_DETECTOR",
            )
        return chances


@dataclass(frozen=True, kw_only=True)
class _Aim:
    """What is looked for.

    ``chances``: float32 (1000,), 1 for a class that is surely meant. ``direction``: float32
    (1280,), what each feature adds to the votes for it.
    """

    chances: Floats
    direction: Floats
    classifier: Floats

    @classmethod
    def of(cls, chances: Floats, network: Network) -> "_Aim":
        shares = chances**_KINSHIP
        # Against the mean of all classes: some features speak for everything.
        direction = shares @ network.classifier / shares.sum() - network.classifier.mean(axis=0)
        return cls(
            chances=chances,
            direction=np.asarray(direction, dtype=np.float32),
            classifier=network.classifier,
        )

    def votes(self, maps: Floats) -> Floats:
        """float32 (rows, columns), 0 where nothing speaks for it."""
        found: Floats = np.maximum(np.tensordot(self.direction, maps, axes=1), 0)
        return found

    def likeliest(self, maps: Floats) -> float:
        """The largest chance of it in any cell, each cell taken for a picture."""
        logits = self.classifier @ maps.reshape(len(maps), -1)
        return float(self.chance(logits).max())

    def chance(self, logits: Floats) -> Floats:
        """Of logits (1000, n) or (1000,): the share of its classes in their softmax."""
        shares = np.exp(logits - logits.max(axis=0))
        found: Floats = self.chances @ shares / shares.sum(axis=0)
        return found


def _detect(image: Image, aim: _Aim, network: Network) -> list[Detection]:
    (coarse,) = network.see([image], side=_SIDES[0])
    if aim.likeliest(coarse.maps) < _HOPELESS:
        return []
    (fine,) = network.see([image], side=_SIDES[1])
    votes = _together([aim.votes(seen.maps) for seen in (coarse, fine)])
    places = _places(votes)
    rough = _seen_closely(image, [_enclosing(place) for place in places], aim, network)
    kept = _whole_things(rough)
    likely = [number for number in kept if rough[number][1] >= _UNLIKELY]
    boxes = [_fitted(image, votes, places[number]) for number in likely]
    fitted = dict(zip(likely, _seen_closely(image, boxes, aim, network), strict=True))
    found = []
    for number in kept:
        box, chance = rough[number]
        # A fit that loses the thing from sight has gone wrong.
        if number in fitted and fitted[number][1] >= _LOST * chance:
            box, chance = fitted[number]
        found.append(Detection(box=box, score=chance))
    return sorted(found, key=lambda detection: -detection.score)


def _whole_things(seen: Sequence[tuple[BoundingBox, float]]) -> list[int]:
    """Which places are things: not parts of one that is as surely a thing, nor groups of them."""

    def part_of(inner: BoundingBox, outer: BoundingBox) -> bool:
        return inner.intersection_area(outer) >= _MOSTLY_INSIDE * inner.area

    kept: list[int] = []
    # Groups come before their parts.
    for number, (box, chance) in enumerate(seen):
        parts = [other for inner, other in seen if inner is not box and part_of(inner, box)]
        whole = any(part_of(box, seen[other][0]) for other in kept)
        if chance >= _AS_SURE * max(parts, default=0.0) and not whole:
            kept.append(number)
    return kept


def _seen_closely(
    image: Image, boxes: Sequence[BoundingBox], aim: _Aim, network: Network
) -> list[tuple[BoundingBox, float]]:
    """The boxes, each with the chance of the thing when only it is seen."""
    cuts = [cut(image, _grown(box, _MARGIN)) for box in boxes]
    seen = network.see(cuts, side=_CLOSE_SIDE)
    return [(box, float(aim.chance(one.logits))) for box, one in zip(boxes, seen, strict=True)]


def _together(votes: Sequence[Floats]) -> Floats:
    """The mean of maps of one picture, each scaled to a peak of 1, four times as fine."""
    import cv2

    rows, columns = votes[-1].shape
    size = (columns * _UPSAMPLING, rows * _UPSAMPLING)
    scaled = [
        cv2.resize(each / max(float(each.max()), 1e-6), size, interpolation=cv2.INTER_LINEAR)
        for each in votes
    ]
    mean = np.mean(scaled, axis=0, dtype=np.float32)
    return np.asarray(mean / max(float(mean.max()), 1e-6), dtype=np.float32)


def _places(votes: Floats) -> list[Mask]:
    """The connected parts where votes are strong, level by level, strongest first."""
    import cv2

    found: list[Mask] = []
    for level in _LEVELS:
        strong = (votes >= level).astype(np.uint8)
        count, labels = cv2.connectedComponents(strong, connectivity=4)
        parts = [labels == number for number in range(1, count)]
        parts.sort(key=lambda part: -float(votes[part].max()))
        found.extend(parts[:_PLACES])
    return found


def _fitted(image: Image, votes: Floats, place: Mask) -> BoundingBox:
    """The box of what stands out from its surroundings at a place; the place's own if nothing."""
    import cv2

    rough = _enclosing(place)
    window = _grown(rough, _REACH)
    pixels = cut(image, window)
    scale = _FIT_SIDE / max(pixels.size)
    size = (max(8, round(pixels.width * scale)), max(8, round(pixels.height * scale)))
    left, top, right, bottom = window.pixels(votes.shape[1], votes.shape[0])

    def seen(grid: NDArray[np.float32]) -> Floats:
        part = np.ascontiguousarray(grid[top:bottom, left:right])
        return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.float32)

    strength, inside = seen(votes), seen(place.astype(np.float32)) >= 0.5
    peak = float(strength[inside].max(initial=0))
    guess = np.full(strength.shape, cv2.GC_BGD, np.uint8)
    guess[strength >= _POSSIBLE] = cv2.GC_PR_BGD
    guess[inside] = cv2.GC_PR_FGD
    guess[inside & (strength >= _CERTAIN * peak)] = cv2.GC_FGD
    if (
        not (guess == cv2.GC_FGD).any()
        or (guess == cv2.GC_FGD).all()
        or not np.isin(guess, (cv2.GC_BGD, cv2.GC_PR_BGD)).any()
    ):
        return rough
    colours = np.asarray(pixels.resize(size, Resampling.BILINEAR))[:, :, ::-1].copy()
    cv2.setRNGSeed(0)
    model = np.zeros((2, 1, 65))
    cv2.grabCut(colours, guess, None, model[0], model[1], _ROUNDS, cv2.GC_INIT_WITH_MASK)
    thing = np.isin(guess, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    _, labels = cv2.connectedComponents(thing, connectivity=4)
    core = labels[np.unravel_index(np.where(inside, strength, 0).argmax(), strength.shape)]
    return _enclosing(labels == core).inside(window) if core else rough


def _grown(box: BoundingBox, share: float) -> BoundingBox:
    across, down = share * (box.x1 - box.x0), share * (box.y1 - box.y0)
    return BoundingBox.clamped(box.x0 - across, box.y0 - down, box.x1 + across, box.y1 + down)


def _enclosing(mask: Mask) -> BoundingBox:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    return BoundingBox.clamped(
        int(columns[0]) / width,
        int(rows[0]) / height,
        (int(columns[-1]) + 1) / width,
        (int(rows[-1]) + 1) / height,
    )
