"""Reading lines and rows, with errors that say where."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.errors import InvalidInput


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not blank with their numbers from 1; ``.gz`` is unpacked."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as handle:
            for number, raw in enumerate(handle, start=1):
                line = _decoded(path, number, raw)
                if line.strip():
                    yield number, line
    except (OSError, EOFError) as exc:
        cause = getattr(exc, "strerror", None) or str(exc)
        raise InvalidInput(path, cause=cause, remedy="check the file") from exc


def _decoded(path: Path, number: int, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as exc:
        raise InvalidInput(
            place(path, number), cause="it is not UTF-8", remedy="save the file as UTF-8"
        ) from exc


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """JSON objects of a file of lines, with the numbers of their lines."""
    for number, line in lines(path):
        try:
            found = json.loads(line)
        except ValueError as exc:
            raise InvalidInput(
                place(path, number), cause=f"not JSON: {exc}", remedy="correct the line"
            ) from exc
        if not isinstance(found, dict):
            raise InvalidInput(
                place(path, number), cause="not a JSON object", remedy='write {"id": …} on each'
            )
        yield number, found


def place(path: Path, number: int, unit: str = "line") -> str:
    return f"{path.name} {unit} {number}"


def string(row: dict[str, Any], where: str, *keys: str) -> str:
    """The first of ``keys`` that the row has, as text. InvalidInput if it has none."""
    for key in keys:
        value = row.get(key)
        if isinstance(value, str | int) and str(value).strip():
            return str(value)
    raise InvalidInput(
        where, cause=f"it has no {' or '.join(repr(key) for key in keys)}", remedy="add it"
    )


def texts(row: dict[str, Any], where: str, key: str) -> tuple[str, ...]:
    """The distinct texts of a list, blank ones left out; none if the row lacks it.

    InvalidInput if it is not a list of texts.
    """
    found = row.get(key)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise InvalidInput(where, cause=f"{key!r} is not a list of texts", remedy='write ["…"]')
    return tuple(dict.fromkeys(each.strip() for each in found if each.strip()))


def grade(text: str, where: str) -> int:
    """A grade of relevance. InvalidInput unless it is a whole number."""
    try:
        value = float(text)
    except ValueError:
        value = 0.5
    if not value.is_integer():
        raise InvalidInput(
            where, cause=f"the grade {text!r} is not a whole number", remedy="write 0, 1, 2 …"
        )
    return int(value)


def plain_or_packed(folder: Path, name: str) -> Path | None:
    """``name`` or ``name.gz`` in the folder."""
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)
