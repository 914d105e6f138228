"""Which files there are: walking folders, and what is known of a path without opening it.

Left out below a folder: hidden files and folders, symbolic links (so that nothing outside is
indexed), what programs leave behind (``JUNK``), files that only describe a photo beside them, and
what a ``.sightlineignore`` names, in the syntax of a .gitignore and for its folder downwards. A
path given by name is always taken.
"""

import fnmatch
import hashlib
import os
import re
import stat as file_kinds
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
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

    A folder that cannot be listed stands for what is in it. Nothing below ``leave_out`` is taken.
    InvalidInput for a path that does not exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        absolute = path.expanduser().absolute()
        try:
            is_folder = file_kinds.S_ISDIR(absolute.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            raise InvalidInput(
                path, cause="there is no such file or folder", remedy="check the spelling"
            ) from None
        except OSError as exc:
            raise InvalidInput(
                path, cause=exc.strerror or str(exc), remedy="check its disk and its permissions"
            ) from exc
        for file in sorted(_walk(absolute, leave_out)) if is_folder else (absolute,):
            found[file] = None
    return list(found)


def files_below(top: Path) -> Iterator[Path]:
    """Every file below a folder of our own, in which others may be writing and removing."""
    for folder, _, names in os.walk(top):  # Path.rglob fails where a folder goes meanwhile
        for name in names:
            yield Path(folder) / name


def _walk(top: Path, leave_out: Path | None) -> Iterator[Path]:
    rules: dict[Path, GitIgnoreSpec] = {}
    unlisted: list[OSError] = []
    for root, folders, files in os.walk(top, onerror=unlisted.append):
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
                and _is_regular(path)
                and not is_sidecar(path)
            ):
                yield path
    for error in unlisted:
        if not isinstance(error, FileNotFoundError):
            yield Path(error.filename)


def is_left_out(name: str) -> bool:
    """Whether a file below an uploaded folder would be left out there: ``name`` has its folders."""
    *folders, _ = parts = [part for part in re.split(r"[\\/]", name) if part]
    return bool(folders) and any(map(_is_junk, parts))


def _is_regular(path: Path) -> bool:
    """Whether it is a file and no link; true if that cannot be told, for :func:`stat` to say."""
    try:
        return file_kinds.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False
    except OSError:
        return True


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
    """Known files below one of ``roots`` that were not found there any more, members with them.

    Nothing is said of those in a folder that could not be listed.
    """
    folders = [root.expanduser().absolute() for root in roots]
    return [
        state
        for state in known
        if (outer := state.container or state.path) not in found
        and any(Path(outer).is_relative_to(folder) for folder in folders)
        and not any(str(above) in found and above.is_dir() for above in Path(outer).parents)
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
    if file_kinds.S_ISDIR(status.st_mode):
        return FileState(
            path=str(path),
            size=0,
            mtime_ns=0,
            sha256="",
            indexed=False,
            cause="the folder cannot be listed; what is known of its files is kept",
            remedy="check its permissions",
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
    states = []
    for path in paths:
        with suppress(FileNotFoundError):  # it has gone since it was found
            status = path.stat()
            states.append((path.name, status.st_size, status.st_mtime_ns))
    return hashlib.sha256(repr(states).encode()).hexdigest()[:32]
