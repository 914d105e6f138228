"""Whether a photo still finds itself when it comes mirrored or turned.

Run: python -m benchmarks.turned [--data FOLDER] [--only ikea_catalog …] [--photos 40]
"""

import random
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from statistics import fmean

from PIL import Image, ImageOps
from PIL.Image import Transpose

from benchmarks import corpus, data
from retriever.domain import Query
from retriever.pipeline import Engine

CHANGES = {
    "mirrored": Transpose.FLIP_LEFT_RIGHT,
    "turned by 90": Transpose.ROTATE_90,
    "turned by 180": Transpose.ROTATE_180,
    "turned by 270": Transpose.ROTATE_270,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Photos that come mirrored or turned")
    parser.add_argument("--home", type=Path, help="keep the indexed libraries here")
    parser.add_argument("--photos", type=int, default=40, help="how many are asked for")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "photos" / options.half)
    print(f"{'set':16}{'change':16}{'first hit is the same photo':>28}")
    for name in options.only or ("ikea_catalog",):
        folder = root / name / "images"
        home = options.home / name if options.home else None
        paths = sorted(folder.iterdir())
        random.Random(2).shuffle(paths)
        with corpus.indexed_files([folder], home) as (library, _):
            engine = corpus.engine(library)
            for change, transposition in CHANGES.items():
                found = [
                    finds_itself(engine, path, transposition) for path in paths[: options.photos]
                ]
                print(f"{name:16}{change:16}{fmean(found):28.3f}", flush=True)


def finds_itself(engine: Engine, path: Path, change: Transpose) -> bool:
    with Image.open(path) as opened:
        changed = ImageOps.exif_transpose(opened).convert("RGB").transpose(change)
    buffer = BytesIO()
    changed.save(buffer, "JPEG", quality=90)
    hits = engine.similar(Query(image=buffer.getvalue(), kind="crop", limit=1)).hits
    return bool(hits) and path.name in {
        Path(shown).name for shown in (hits[0].document.path, *hits[0].duplicates)
    }


if __name__ == "__main__":
    main()
