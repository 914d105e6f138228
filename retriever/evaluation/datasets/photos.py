"""Folders of captioned photos, of several photos per thing, and of scenes with things in them.

- ``captions.jsonl``: ``id``, ``image``, and ``caption_en``, ``caption_ru`` or ``captions_en`` (a
  list); where a file has none of these, ``label``. A caption finds every photo that carries it,
  and the other photos of the same thing.
- ``instances.jsonl``: ``id``, ``image``, ``instance_id``. A photo finds the other photos of the
  same thing. With ``role``, only the photos of the role "natural" ask and count.
- ``scenes.jsonl``: ``id``, ``image``, ``relevant_items`` (ids of photos). A photo of a scene, which
  is not indexed itself, finds those.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import InvalidInput
from retriever.evaluation.datasets import ReadOptions
from retriever.evaluation.datasets._files import objects, place, string
from retriever.evaluation.domain import Corpus, Question, QuestionSet, Wanted

WHAT = "a folder with captions.jsonl or instances.jsonl and the photos"

_CAPTIONS, _INSTANCES, _SCENES = "captions.jsonl", "instances.jsonl", "scenes.jsonl"


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    image: Path
    where: str
    values: dict[str, Any]


def recognises(path: Path) -> bool:
    return path.is_dir() and any((path / name).is_file() for name in (_CAPTIONS, _INSTANCES))


def read(path: Path, _: ReadOptions) -> QuestionSet:
    captions, instances = list(_rows(path / _CAPTIONS)), list(_rows(path / _INSTANCES))
    scenes = list(_rows(path / _SCENES))
    return QuestionSet(
        name=path.resolve().name,
        questions=(*_captions(captions, instances), *_instances(instances), *_scenes(scenes)),
        corpus=Corpus(photos={row.id: row.image for row in (*captions, *instances)}),
    )


def _rows(path: Path) -> Iterator[_Row]:
    if not path.is_file():
        return
    for number, values in objects(path):
        where = place(path, number)
        image = path.parent / string(values, where, "image")
        if not image.is_file():
            raise InvalidInput(where, cause=f"its photo {image} is not there", remedy="add it")
        yield _Row(string(values, where, "id"), image, where, values)


def _captions(rows: list[_Row], instances: list[_Row]) -> Iterator[Question]:
    things = _things(instances)
    thing_of = {item: items for items in things.values() for item in items}
    carriers: dict[str, dict[str, None]] = {}
    asked: list[tuple[_Row, str]] = []
    captioned = any(_texts(row) for row in rows)
    for row in rows:
        texts = _texts(row)
        label = row.values.get("label")
        if not captioned and isinstance(label, str):
            texts = [label]
        for text in texts:
            alike = thing_of.get(row.id, ())
            carriers.setdefault(text, {}).update(dict.fromkeys((row.id, *alike)))
            asked.append((row, text))
    for number, (row, text) in enumerate(asked, 1):
        right = list(carriers[text])
        yield Question(
            id=f"caption {number}",
            place=row.where,
            text=text,
            wanted=tuple(Wanted(item=item) for item in right),
            kind="words-photo",
            group=right[0],
        )


def _texts(row: _Row) -> list[str]:
    several = row.values.get("captions_en")
    english = several if isinstance(several, list) else [row.values.get("caption_en")]
    texts = [*english, row.values.get("caption_ru")]
    return [text for text in texts if isinstance(text, str) and text.strip()]


def _instances(rows: list[_Row]) -> Iterator[Question]:
    pool = [row for row in rows if row.values.get("role", "natural") == "natural"]
    aside = frozenset(row.id for row in rows) - {row.id for row in pool}
    things = _things(pool)
    for row in pool:
        thing = str(row.values["instance_id"])
        yield Question(
            id=row.id,
            place=row.where,
            image=row.image,
            wanted=tuple(Wanted(item=item) for item in things[thing] if item != row.id),
            kind="photo-photo",
            group=thing,
            ignored=aside | {row.id},
        )


def _things(rows: list[_Row]) -> dict[str, list[str]]:
    things: dict[str, list[str]] = {}
    for row in rows:
        things.setdefault(string(row.values, row.where, "instance_id"), []).append(row.id)
    return things


def _scenes(rows: list[_Row]) -> Iterator[Question]:
    for row in rows:
        right = row.values.get("relevant_items")
        if not isinstance(right, list):
            raise InvalidInput(
                row.where, cause="it has no list of 'relevant_items'", remedy="add it"
            )
        yield Question(
            id=row.id,
            place=row.where,
            image=row.image,
            wanted=tuple(Wanted(item=str(item)) for item in right),
            kind="photo-photo",
            group=row.id,
        )
