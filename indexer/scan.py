"""Which files there are: walking folders, and what is known of a path without opening it."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.errors import InvalidInput
from indexer.store.records import FileState


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Every file at or below ``paths``, absolute, sorted, once each.

    Hidden files and folders and links are left out below a folder; a path given by name is taken
    as it is. InvalidInput for one that does not exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        absolute = path.expanduser().absolute()
        if absolute.is_dir():
            for file in sorted(_walk(absolute)):
                found[file] = None
        elif absolute.exists():
            found[absolute] = None
        else:
            raise InvalidInput(
                path, cause="there is no such file or folder", remedy="check the spelling"
            )
    return list(found)


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(root) / name
            if not name.startswith(".") and not path.is_symlink() and path.is_file():
                yield path


def vanished(roots: Sequence[Path], found: set[str], known: dict[str, FileState]) -> list[str]:
    """Known paths below one of ``roots`` that were not found there any more."""
    folders = [root.expanduser().absolute() for root in roots if root.expanduser().is_dir()]
    return [
        path
        for path in known
        if path not in found and any(Path(path).is_relative_to(folder) for folder in folders)
    ]


def stat(path: Path) -> FileState:
    try:
        status = path.stat()
    except OSError as exc:
        return FileState(
            path=str(path),
            size=0,
            mtime_ns=0,
            sha256="",
            indexed=False,
            cause=exc.strerror or str(exc),
            remedy="check the file's permissions",
        )
    return FileState(
        path=str(path),
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        sha256="",
        indexed=False,
    )
