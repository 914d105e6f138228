"""Moving a folder of indexed photos: how many pictures are embedded again (none should be).

Run ``python -m benchmarks.moving``. 200 photos are drawn, indexed with the packaged encoders, then
their folder is moved and its parent indexed again; the encoder counts the pictures it is given.
"""

import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings

PHOTOS = 200


def draw(path: Path, seed: int) -> None:
    source = random.Random(seed)
    image = Image.new("RGB", (640, 480), tuple(source.randrange(256) for _ in range(3)))
    shapes = ImageDraw.Draw(image)
    for _ in range(10):
        x, y = source.randrange(500), source.randrange(380)
        shapes.rectangle(
            (x, y, x + source.randrange(30, 140), y + source.randrange(30, 100)),
            fill=tuple(source.randrange(256) for _ in range(3)),
        )
    image.save(path, quality=90)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        album = Path(folder) / "archive" / "album"
        album.mkdir(parents=True)
        for number in range(PHOTOS):
            draw(album / f"{number:03}.jpg", number)
        with Library(IndexerSettings.from_env(home=Path(folder) / "home")) as library:
            library.collection_for_writing("main")
            clip: Any = library.clip_encoder(library.catalog.collection("main"))
            pictures = 0
            encode = clip.encode_images

            def counted(images: list[Image.Image]) -> object:
                nonlocal pictures
                pictures += len(images)
                return encode(images)

            clip.encode_images = counted
            started = time.monotonic()
            first = index_paths(library, [album.parent], "main")
            print(
                f"indexed {len(first.indexed)} photos, {pictures} pictures embedded, "
                f"{time.monotonic() - started:.0f} s"
            )
            pictures = 0
            album.rename(album.with_name("moved"))
            started = time.monotonic()
            second = index_paths(library, [album.parent], "main")
            print(
                f"moved: {len(second.indexed)} found again, {len(second.removed)} old paths gone, "
                f"{pictures} pictures embedded, {time.monotonic() - started:.1f} s"
            )
            sound = not library.catalog.check() and library.catalog.counts().documents == PHOTOS
    sys.exit(pictures > 0 or len(second.indexed) != PHOTOS or not sound)


if __name__ == "__main__":
    main()
