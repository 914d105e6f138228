"""A catalogue on its way to another place: the copy for a backup, the arrival in a new home."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from indexer.errors import CatalogUnavailable
from indexer.settings import StoreSettings
from indexer.store import rows
from indexer.store.database import Database
from indexer.store.records import Counts
from indexer.store.tables import ChunkRow, CropRow, DocumentRow, FileRow

_PAGES_PER_STEP = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogState:
    """One committed state of a catalogue, in numbers."""

    schema: str
    generation: int
    counts: Counts
    files: int


def copy_catalog(
    path: Path, target: Path, settings: StoreSettings, on_progress: Callable[[int, int], None]
) -> CatalogState:
    """Copy one committed state to the new file ``target``, whoever writes meanwhile.

    ``on_progress`` is told the bytes copied and their total. Raises CatalogTooNew, or
    CatalogUnavailable if the copy cannot be written or turns out to be damaged.
    """
    with (
        closing(Database(path, busy_seconds=settings.busy_seconds)) as database,
        database.read() as connection,
        closing(sqlite3.connect(target)) as copy,
    ):
        # Reading takes the snapshot that the steps below copy: later commits stay out of it.
        state = _state(connection)
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        page_bytes = int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
        try:
            source.backup(
                copy,
                pages=_PAGES_PER_STEP,
                progress=lambda _, left, total: on_progress(
                    (total - left) * page_bytes, total * page_bytes
                ),
            )
            # Out of write-ahead mode: the copy is this one file.
            copy.execute("PRAGMA journal_mode=DELETE")
            problem = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as exc:
            raise CatalogUnavailable(
                path,
                cause=f"it cannot be copied to {target.parent} ({exc})",
                remedy="run sightline doctor, and see that the disk has room",
            ) from exc
        if problem != "ok":
            raise CatalogUnavailable(
                path,
                cause=f"the catalogue is damaged ({problem})",
                remedy="run sightline doctor --repair first",
            )
        return state


def admit_catalog(path: Path, settings: StoreSettings, *, moved: tuple[str, str]) -> CatalogState:
    """Check a catalogue that came from elsewhere, and fit it to its new place.

    An old schema is upgraded; paths that begin with ``moved[0]`` will begin with ``moved[1]``.
    Afterwards the file stands alone, without a log. Raises CatalogTooNew or CatalogUnavailable.
    """
    # Opening would make a catalogue of an empty file.
    with _in_one_line(path), closing(sqlite3.connect(path)) as alone:
        alone.execute("SELECT version_num FROM alembic_version")
    with (
        closing(Database(path, busy_seconds=settings.busy_seconds)) as database,
        database.write() as connection,
    ):
        problem = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        if problem != "ok":
            raise CatalogUnavailable(
                path, cause=f"the catalogue is damaged ({problem})", remedy="use another backup"
            )
        move_files(connection, *moved)
        state = _state(connection)
    with _in_one_line(path), closing(sqlite3.connect(path)) as alone:
        alone.execute("PRAGMA journal_mode=DELETE")
    return state


@contextmanager
def _in_one_line(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as exc:
        raise CatalogUnavailable(
            path,
            cause=f"the catalogue cannot be used ({exc})",
            remedy="see that the disk has room, or use another backup",
        ) from exc


def move_files(connection: Connection, old: str, new: str) -> int:
    """Let paths that begin with ``old`` begin with ``new``; how many of the catalogue's files.

    A path that is known at its new place already stays as it is.
    """
    moved = 0
    for column in ("container", "path"):
        moved = connection.execute(
            sa.text(
                f"UPDATE OR IGNORE file SET {column} = :new || "  # noqa: S608 - a column's name
                f"substr({column}, length(:old) + 1) "
                f"WHERE substr({column}, 1, length(:old)) = :old"
            ),
            {"old": old, "new": new},
        ).rowcount
    connection.execute(
        sa.text(
            "UPDATE OR IGNORE job_file SET path = :new || substr(path, length(:old) + 1) "
            "WHERE substr(path, 1, length(:old)) = :old"
        ),
        {"old": old, "new": new},
    )
    return moved


def _state(connection: Connection) -> CatalogState:
    documents, chunks, crops, files = (
        int(connection.execute(sa.select(sa.func.count()).select_from(row)).scalar_one())
        for row in (DocumentRow, ChunkRow, CropRow, FileRow)
    )
    return CatalogState(
        schema=MigrationContext.configure(connection).get_current_revision() or "",
        generation=rows.generation(connection),
        counts=Counts(documents=documents, chunks=chunks, crops=crops),
        files=files,
    )
