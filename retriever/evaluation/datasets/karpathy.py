"""Captions of COCO and Flickr30k as one JSON file, in Karpathy's split.

Each caption of a photo of the split asks for that photo among all photos of the split.

Source: Karpathy & Fei-Fei, CVPR 2015, arXiv:1412.2306.
"""

import json
from pathlib import Path
from typing import Any

from indexer.errors import InvalidInput
from retriever.evaluation.datasets import ReadOptions
from retriever.evaluation.datasets._files import string
from retriever.evaluation.domain import Corpus, Question, QuestionSet, Wanted

WHAT = "a Karpathy-split JSON of COCO or Flickr30k"

_IMAGE_FOLDERS = ("images", "flickr30k-images", "")


def recognises(path: Path) -> bool:
    if not path.is_file() or path.suffix.lower() != ".json":
        return False
    with path.open("rb") as handle:
        head = handle.read(1 << 16)
    return b'"images"' in head and b'"sentences"' in head


def read(path: Path, options: ReadOptions) -> QuestionSet:
    rows = _rows(path)
    split = options.split or "test"
    chosen = [(number, row) for number, row in enumerate(rows, 1) if row.get("split") == split]
    if not chosen:
        there = sorted({str(row.get("split")) for row in rows})
        raise InvalidInput(
            path, cause=f"it has no split {split!r}", remedy=f"give --split {' or '.join(there)}"
        )
    photos: dict[str, Path] = {}
    questions = []
    for number, row in chosen:
        where = f"{path.name} image {number}"
        name = string(row, where, "filename")
        photos[name] = _photo(path, row, name, where, options.images)
        for caption_number, sentence in enumerate(row.get("sentences") or (), 1):
            questions.append(
                Question(
                    id=f"{name} {caption_number}",
                    place=f"{where} sentence {caption_number}",
                    text=string(sentence, where, "raw"),
                    wanted=(Wanted(item=name),),
                    kind="words-photo",
                    group=name,
                )
            )
    return QuestionSet(
        name=f"{path.stem} {split}", questions=tuple(questions), corpus=Corpus(photos=photos)
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError as exc:
        raise InvalidInput(path, cause=f"not JSON: {exc}", remedy="fetch the file again") from exc
    rows = found.get("images") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidInput(
            path, cause='it has no list of "images"', remedy="give a Karpathy-split JSON"
        )
    return rows


def _photo(path: Path, row: dict[str, Any], name: str, where: str, images: Path | None) -> Path:
    folders = [images] if images else [path.parent / folder for folder in _IMAGE_FOLDERS]
    for folder in folders:
        for found in (folder / str(row.get("filepath") or "") / name, folder / name):
            if found.is_file():
                return found
    raise InvalidInput(
        where,
        cause=f"its photo {name} is not in {folders[0]}",
        remedy="name the folder with --images" if images is None else "check --images",
    )
