"""Finding things in photos by their names: presence, absence, and how well the boxes fit.

Presence: photos with known labels are indexed like any user's; each label is looked for, and
words of things that none of them shows. Boxes: cut-out things are pasted into other photos at
known places, and looked for there; beside ours stands the box of the whole photo. Run:
python -m benchmarks.find [--data FOLDER] [--only imagenet_samples coco_cc boxes] [--sheet FILE]

SIGHTLINE_FIND_CANDIDATES=10 makes it some times faster: fewer pictures are looked at per query.
On a busy machine, raise SIGHTLINE_FIND_SECONDS, or queries end before all is looked at.
"""

import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from PIL import Image, ImageDraw

from benchmarks import corpus, data
from indexer.domain import BoundingBox
from retriever.detectors import load_detector
from retriever.domain import Query
from retriever.errors import UnknownThing
from retriever.pipeline import Engine
from retriever.settings import RetrieverSettings

PRESENT = 40  # labels looked for in photos of one thing, and as many absent ones
COMPOSITES = 100
SIDE = 640  # pixels of a composite
SHARES = (0.25, 0.65)  # of the background's shorter side that a pasted thing takes
OBJECTS = {"ikea_catalog": "label", "tuxpaint": "caption_en"}
BACKGROUNDS = ("coco_cc", "flickr8k")
COCO = (
    "airplane apple backpack banana bear bed bench bicycle bird boat book bottle bowl broccoli bus "
    "cake car carrot cat chair clock couch cow cup dining-table dog donut elephant fire-hydrant "
    "giraffe handbag horse hot-dog keyboard kite knife laptop microwave motorcycle mouse orange "
    "oven parking-meter pizza potted-plant refrigerator remote sandwich sheep sink skis snowboard "
    "sports-ball spoon stop-sign surfboard teddy-bear tennis-racket tie toaster toilet toothbrush "
    "traffic-light train truck tv umbrella vase wine-glass zebra"
)
THUMBNAIL = (320, 240)
COLUMNS = 5


@dataclass(frozen=True)
class Composite:
    """``words`` name what was pasted at ``box``; ``mask`` (height, width): its pixels."""

    words: str
    image: Image.Image
    box: BoundingBox
    mask: np.ndarray  # type: ignore[type-arg]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Finding things in photos by their names")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of found boxes here")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "photos" / options.half)
    wanted = options.only or ("imagenet_samples", "coco_cc", "boxes")
    if "imagenet_samples" in wanted:
        labels(root / "imagenet_samples", random.Random(1))
    if "coco_cc" in wanted:
        several(root / "coco_cc", options.sheet)
    if "boxes" in wanted:
        boxes(root)


def labels(folder: Path, rng: random.Random) -> None:
    """Photos of one thing each: is it found first, and are things of other photos not found?"""
    rows = list(data.rows(folder / "captions.jsonl"))
    listed = (folder / "labels_all.txt").read_text("utf-8").splitlines()
    every = list(dict.fromkeys(line.split("\t")[1] for line in listed))
    here = {row["label"] for row in rows}
    present = rng.sample(rows, PRESENT)
    absent = rng.sample([label for label in every if label not in here], PRESENT)
    with corpus.indexed_files([folder / row["image"] for row in present], None) as (
        library,
        _,
    ):
        engine = corpus.engine(library)
        first, any_right, correct, seconds = [], [], [], []
        for row in present:
            start = time.perf_counter()
            found = shown(engine, row["label"])
            seconds.append(time.perf_counter() - start)
            first.append(found[:1] == [row["id"]])
            any_right.append(row["id"] in found)
            correct.extend(name == row["id"] for name in found)
        nothing = [not shown(engine, label) for label in absent]
    report("imagenet_samples", "photos and labels", len(present))
    report("imagenet_samples", "found@1", fmean(first))
    report("imagenet_samples", "found", fmean(any_right))
    report("imagenet_samples", "of the photos shown, right", fmean(correct))
    report("imagenet_samples", "absent labels that find nothing", fmean(nothing))
    report("imagenet_samples", "seconds a query", fmean(seconds))


def several(folder: Path, sheet: Path | None) -> None:
    """Scenes with several things: which photos are shown for each COCO label?"""
    rows = list(data.rows(folder / "captions.jsonl"))
    truth = {Path(row["image"]).stem: set(row["label"] or ()) for row in rows}
    names = [name.replace("-", " ") for name in COCO.split()]
    cells: list[tuple[str, Path, BoundingBox]] = []
    with corpus.indexed_files([folder / "images"], None) as (library, _):
        engine = corpus.engine(library)
        recalls, correct, nothing = [], [], []
        for name in names:
            right = {stem for stem, known in truth.items() if name in known}
            result = engine.find(Query(text=name, limit=50))
            found = list(dict.fromkeys(Path(hit.document.path).stem for hit in result.hits))
            if right:
                recalls.append(len(right & set(found)) / len(right))
            else:
                nothing.append(not found)
            correct.extend(stem in right for stem in found)
            cells.extend((name, Path(hit.document.path), hit.box) for hit in result.hits)
    report("coco_cc", "labels", len(names))
    report("coco_cc", "of the photos with a label, found", fmean(recalls))
    report("coco_cc", "of the photos shown, right", fmean(correct))
    report("coco_cc", "absent labels that find nothing", fmean(nothing))
    if sheet is not None:
        contact_sheet(random.Random(3).sample(cells, min(20, len(cells))), sheet)


def boxes(root: Path) -> None:
    """Pasted things: intersection over union, and whether the middle of the box lies on them."""
    detector = load_detector(RetrieverSettings.from_env().find)
    whole = BoundingBox.whole()
    ours: list[tuple[float, bool, bool]] = []
    naive: list[tuple[float, bool, bool]] = []
    unknown = 0
    for each in composites(root, COMPOSITES, random.Random(2)):
        try:
            found = detector.look_for(each.words)(each.image)
        except UnknownThing:
            unknown += 1
            continue
        ours.append(fit(found[0].box, each) if found else (0.0, False, False))
        naive.append(fit(whole, each))
    report("boxes", "pasted things", len(ours))
    report("boxes", "unknown to the detector, left out", unknown)
    for name, rows in (("ours", ours), ("whole photo", naive)):
        report("boxes", f"{name}: mean IoU", fmean(row[0] for row in rows))
        report("boxes", f"{name}: IoU above .5", fmean(row[0] > 0.5 for row in rows))
        report("boxes", f"{name}: middle in its box", fmean(row[1] for row in rows))
        report("boxes", f"{name}: middle on its pixels", fmean(row[2] for row in rows))


def fit(box: BoundingBox, composite: Composite) -> tuple[float, bool, bool]:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    right = composite.box
    height, width = composite.mask.shape
    on = composite.mask[min(height - 1, int(y * height)), min(width - 1, int(x * width))]
    return box.iou(right), right.x0 <= x <= right.x1 and right.y0 <= y <= right.y1, bool(on)


def composites(root: Path, count: int, rng: random.Random) -> Iterator[Composite]:
    """Furniture and stamps pasted into photos of people, animals and streets."""
    things = [
        (noun(str(row[field])), root / name / row["image"])
        for name, field in OBJECTS.items()
        for row in data.rows(root / name / "captions.jsonl")
        if row.get(field) and 1 <= len(noun(str(row[field])).split()) <= 2
    ]
    backgrounds = [
        path for name in BACKGROUNDS for path in sorted((root / name / "images").iterdir())
    ]
    for _ in range(count):
        words, path = rng.choice(things)
        thing = cut_out(Image.open(path))
        ground = Image.open(rng.choice(backgrounds)).convert("RGB")
        scale = SIDE / max(ground.size)
        ground = ground.resize((round(ground.width * scale), round(ground.height * scale)))
        scale = rng.uniform(*SHARES) * min(ground.size) / max(thing.size)
        thing = thing.resize(
            (max(8, round(thing.width * scale)), max(8, round(thing.height * scale)))
        )
        left = rng.randint(0, ground.width - thing.width)
        top = rng.randint(0, ground.height - thing.height)
        ground.paste(thing, (left, top), thing)
        mask = np.zeros((ground.height, ground.width), bool)
        opaque = np.asarray(thing.getchannel("A")) > 64
        mask[top : top + thing.height, left : left + thing.width] = opaque
        box = BoundingBox.clamped(
            left / ground.width,
            top / ground.height,
            (left + thing.width) / ground.width,
            (top + thing.height) / ground.height,
        )
        yield Composite(words, ground, box, mask)


def noun(caption: str) -> str:
    """Of "A zebra. Listen!" the zebra."""
    return re.sub(r"^(An?|The|Some|Another) ", "", re.sub(r"[.!?].*", "", caption)).strip()


def cut_out(image: Image.Image) -> Image.Image:
    """RGBA, cropped to what is opaque; white around a packshot counts as transparent."""
    import cv2

    rgba = image.convert("RGBA")
    if image.mode == "RGB" or rgba.getchannel("A").getextrema() == (255, 255):
        pixels = cv2.copyMakeBorder(
            np.asarray(rgba.convert("RGB")), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(255,) * 3
        )
        mask = np.zeros((pixels.shape[0] + 2, pixels.shape[1] + 2), np.uint8)
        flags = 4 | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY | (255 << 8)
        cv2.floodFill(pixels, mask, (0, 0), (0,), (6,) * 3, (6,) * 3, flags)
        rgba.putalpha(Image.fromarray(255 - mask[2:-2, 2:-2]))
    return rgba.crop(rgba.getchannel("A").point(lambda value: 255 * (value > 64)).getbbox())


def shown(engine: Engine, words: str) -> list[str]:
    """The photos shown for words, best first."""
    hits = engine.find(Query(text=words)).hits
    return list(dict.fromkeys(Path(hit.document.path).stem for hit in hits))


def contact_sheet(cells: Sequence[tuple[str, Path, BoundingBox]], path: Path) -> None:
    """Photos with one box each, to look at."""
    width, height = THUMBNAIL
    sheet = Image.new("RGB", (COLUMNS * width, -(-len(cells) // COLUMNS) * height))
    for number, (words, source, box) in enumerate(cells):
        photo = Image.open(source).convert("RGB")
        draw = ImageDraw.Draw(photo)
        line = max(3, photo.width // 120)
        draw.rectangle(box.pixels(*photo.size), outline=(255, 64, 32), width=line)
        photo.thumbnail(THUMBNAIL)
        ImageDraw.Draw(photo).text(
            (4, 4), words, fill="yellow", stroke_width=2, stroke_fill="black"
        )
        sheet.paste(photo, (number % COLUMNS * width, number // COLUMNS * height))
    sheet.save(path)


def report(name: str, what: str, value: float) -> None:
    shown_value = f"{value:8d}" if isinstance(value, int) else f"{value:8.3f}"
    print(f"{name:18}{what:40}{shown_value}", flush=True)


if __name__ == "__main__":
    main()
