"""The options of the command line that narrow a search, shared by all commands that search."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from indexer.filters import FIELDS, KINDS, Filters

_SEPARATOR = "!/"  # before the name of a file inside another one

HELP = {
    "folder": "Only below this folder or inside this container, or below folders of that name.",
    "type": f"Only {', '.join(KINDS)}, an ending (.docx) or a media type.",
    "after": "Only from this day, month or year on: when a photo was taken, a document's own "
    "date, or else when the file was changed.",
    "before": "Only until the end of this day, month or year.",
    "place": "Only photos taken at a place of this name.",
    "near": "Only photos taken within a circle: latitude,longitude,km.",
    "camera": "Only photos of this camera.",
    "language": "Only passages in this language (en, ru).",
    "min_size": "At least so large: 2MB, or a photo of 1920x1080 or 5MP.",
    "max_size": "At most so large: 2MB.",
    "orientation": "Only photos that are landscape, portrait or square.",
}
_ONCE = frozenset({"after", "before", "near", "max_size", "orientation"})


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of all filters, and ``filters`` made of them."""

    @wraps(command)
    def filtered(*arguments: Any, **values: Any) -> Any:
        given = {name: values.pop(name) for name in FIELDS}
        given["folder"] = tuple(map(_from_here, given["folder"]))
        return command(*arguments, filters=Filters.parse(given), **values)

    for name in reversed(FIELDS):
        text = HELP[name] if name in _ONCE else f"{HELP[name][:-1]} (may be repeated)."
        option = click.option(f"--{name.replace('_', '-')}", name, multiple=True, help=text)
        filtered = option(filtered)
    return filtered


def _from_here(folder: str) -> str:
    """A folder as the catalogue knows it, if it is one that is there or begins like a path."""
    outer, separator, inner = folder.partition(_SEPARATOR)
    if outer.startswith(("~", "./", "../")) or outer in {".", ".."} or Path(outer).exists():
        # Not resolved: files are known under the links that led to them.
        return os.path.abspath(os.path.expanduser(outer)) + separator + inner  # noqa: PTH100, PTH111
    return folder
