"""Readers of the evaluation folders: text sets (passages, queries, qrels) and photo sets."""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT_DATA = Path(__file__).parent.parent.parent / "shared" / "data"


@dataclass(frozen=True)
class TextSet:
    """Passages by id, and for each question its text and the gain of each relevant passage."""

    name: str
    passages: dict[str, str]
    questions: dict[str, str]
    relevant: dict[str, dict[str, float]]
    answers: dict[str, list[str]]


def parser(description: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder with the data sets")
    made.add_argument("--half", default="dev", help="which half of each set")
    made.add_argument("--only", nargs="*", help="names of the sets to measure")
    return made


def require(folder: Path) -> Path:
    """The folder, or a clear end of the program."""
    if not folder.is_dir():
        sys.exit(f"{folder}: no evaluation data here; give its folder with --data")
    return folder


def rows(path: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            if line.strip():
                yield json.loads(line)


def text_set(folder: Path) -> TextSet:
    source = next(folder.glob("passages.jsonl*"))
    passages = {
        row["id"]: "\n\n".join(part for part in (row.get("title"), row["text"]) if part)
        for row in rows(source)
    }
    relevant: dict[str, dict[str, float]] = {}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        question, passage, gain = line.split("\t")
        if float(gain) > 0:
            relevant.setdefault(question, {})[passage] = float(gain)
    questions, answers = {}, {}
    for row in rows(folder / "queries.jsonl"):
        questions[row["id"]] = row["text"]
        answers[row["id"]] = row.get("answers") or []
    return TextSet(folder.name, passages, questions, relevant, answers)
