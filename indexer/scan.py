"""Which files there are: walking folders, and what is known of a path without opening it.

Left out below a folder: hidden files and folders, symbolic links (so that nothing outside is
indexed), what programs leave behind (``JUNK``), files that only describe a photo beside them, and
what a ``.sightlineignore`` names, in the syntax of a .gitignore and for its folder downwards. A
path given by name is always taken.
"""

import fnmatch
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from indexer.errors import InvalidInput
from indexer.parsers._sidecars import find as find_sidecars
from indexer.parsers._sidecars import is_sidecar
from indexer.store.records import FileState

IGNORE_FILE = ".sightlineignore"
JUNK = (
    "~$*", "*.tmp", "*.part", "*.crdownload", "*.swp", "*~", "Thumbs.db", "ehthumbs.db",
    "desktop.ini", "Icon\r", "__pycache__", "node_modules", "@eaDir", "$RECYCLE.BIN",
    "System Volume Information", "lost+found",
)  # fmt: skip

SEPARATOR = "!/"  # between a container's path and the name of a file inside it


@dataclass(frozen=True, slots=True)
class Located:
    """A file on the disk, and the names that lead to a file inside it, outermost first."""

    path: Path
    members: tuple[str, ...] = ()


def locate(path: str) -> Located:
    """Take a catalogued path apart, such as ``/mail/letter.eml!/report.pdf``."""
    if SEPARATOR not in path or Path(path).exists():
        return Located(Path(path))
    parts = path.split(SEPARATOR)
    # A folder's name may end in "!": the first prefix that is a file is the container.
    for count in range(1, len(parts)):
        container = Path(SEPARATOR.join(parts[:count]))
        if container.is_file():
            return Located(container, tuple(parts[count:]))
    return Located(Path(parts[0]), tuple(parts[1:]))


def find_files(paths: Sequence[Path], *, leave_out: Path | None = None) -> list[Path]:
    """Every file at or below ``paths``, absolute, sorted, once each; see the rules above.

    Nothing below ``leave_out`` is taken. InvalidInput for a path that does not exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        absolute = path.expanduser().absolute()
        if absolute.is_dir():
            for file in sorted(_walk(absolute, leave_out)):
                found[file] = None
        elif absolute.exists():
            found[absolute] = None
        else:
            raise InvalidInput(
                path, cause="there is no such file or folder", remedy="check the spelling"
            )
    return list(found)


def _walk(top: Path, leave_out: Path | None) -> Iterator[Path]:
    rules: dict[Path, GitIgnoreSpec] = {}
    for root, folders, files in os.walk(top):
        folder = Path(root)
        if IGNORE_FILE in files:
            rules[folder] = _rules(folder / IGNORE_FILE)
        above = [(base, rule) for base, rule in rules.items() if folder.is_relative_to(base)]
        folders[:] = sorted(
            name
            for name in folders
            if not _is_junk(name)
            and folder / name != leave_out
            and not _ignored(above, folder / name, "/")
        )
        for name in files:
            path = folder / name
            if (
                not _is_junk(name)
                and not _ignored(above, path, "")
                and not path.is_symlink()
                and path.is_file()
                and not is_sidecar(path)
            ):
                yield path


def _rules(path: Path) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(path.read_text("utf-8", errors="replace").splitlines())
    except (OSError, ValueError) as exc:
        raise InvalidInput(
            path, cause=f"cannot be understood ({exc})", remedy="write it like a .gitignore"
        ) from exc


def _ignored(rules: list[tuple[Path, GitIgnoreSpec]], path: Path, end: str) -> bool:
    return any(rule.match_file(f"{path.relative_to(base).as_posix()}{end}") for base, rule in rules)


def _is_junk(name: str) -> bool:
    return name.startswith(".") or any(fnmatch.fnmatchcase(name, junk) for junk in JUNK)


def vanished(roots: Sequence[Path], found: set[str], known: Iterable[FileState]) -> list[FileState]:
    """Known files below one of ``roots`` that were not found there any more, members with them."""
    folders = [root.expanduser().absolute() for root in roots]
    return [
        state
        for state in known
        if (outer := state.container or state.path) not in found
        and any(Path(outer).is_relative_to(folder) for folder in folders)
    ]


def catalogued(path: Path) -> str:
    r"""``path`` as the catalogue writes it: bytes that are not UTF-8 as in ``\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def stat(path: Path) -> FileState:
    """What is seen of a file without opening it; one that cannot be looked at has a cause."""
    name = catalogued(path)
    if name != str(path):
        return FileState(
            path=name,
            size=0,
            mtime_ns=0,
            sha256="",
            indexed=False,
            cause="its name is not in UTF-8",
            remedy="rename it",
        )
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
        sidecars=_mark(find_sidecars(path)),
    )


def _mark(paths: tuple[Path, ...]) -> str:
    """A short text that changes when a sidecar comes, goes or changes; "" for none."""
    if not paths:
        return ""
    states = [(path.name, status.st_size, status.st_mtime_ns) for path in paths
              if (status := path.stat())]  # fmt: skip
    return hashlib.sha256(repr(states).encode()).hexdigest()[:32]
