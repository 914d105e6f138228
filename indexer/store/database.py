"""Connections to the SQLite file: pragmas, one writer, schema upgrades.

Readers share a pool; there is one writing connection, whose transactions begin IMMEDIATE so that
a lock is waited for at the start and never met halfway.
"""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool

import migrations
from indexer.errors import CatalogTooNew, CatalogUnavailable

_FULL_BYTES = 1 << 18  # less room than this, and SQLite cannot begin to write


class Database:
    """An open catalogue file at the newest schema. Close it when done."""

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        """Open or create, upgrading an old schema. CatalogTooNew, CatalogUnavailable."""
        self.path = path
        self._write_lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise CatalogUnavailable(
                path.parent, cause=exc.strerror or str(exc), remedy="choose another --home"
            ) from exc
        self._reader = _engine(path, busy_seconds, begin="BEGIN", pool_size=8)
        self._writer = _engine(path, busy_seconds, begin="BEGIN IMMEDIATE", pool_size=1)
        try:
            with self.errors():
                self._upgrade()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot."""
        with self.errors(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The only writing transaction of this process; committed at the end, or not at all."""
        with self._write_lock, self.errors(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def erase(self) -> Iterator[Connection]:
        """A writing transaction whose deleted rows leave no bytes behind, in the log neither.

        While somebody reads an older state, its log stays until the next time that it is folded.
        """
        with self._write_lock:
            with self.write() as connection:
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
                yield connection
            with self.errors(), closing(self._writer.raw_connection()) as plain:
                # Outside any transaction: the pool's connection begins none by itself.
                for pragma in ("wal_checkpoint(TRUNCATE)", "secure_delete=OFF"):
                    plain.cursor().execute(f"PRAGMA {pragma}").close()

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """SQLite's errors in one line with a remedy."""
        try:
            yield
        except OperationalError as exc:
            reason = str(exc.orig)
            if "locked" in reason or "busy" in reason:
                remedy = "wait for the other writer to finish, then try again"
            elif "full" in reason or self._is_full():
                # SQLite calls it an I/O error where the disk has no room for its log.
                remedy = "free some disk space, then run the same command again"
            else:
                remedy = "check the folder's permissions and free space"
            raise CatalogUnavailable(self.path, cause=reason, remedy=remedy) from exc
        except DatabaseError as exc:
            if isinstance(exc.orig, sqlite3.IntegrityError):
                raise
            raise CatalogUnavailable(
                self.path,
                cause=f"the catalogue is damaged ({exc.orig})",
                remedy="restore a backup, or move the file away and index again",
            ) from exc

    def _is_full(self) -> bool:
        with suppress(OSError):
            return shutil.disk_usage(self.path.parent).free < _FULL_BYTES
        return False

    def _upgrade(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        scripts = ScriptDirectory.from_config(config)
        newest = scripts.get_current_head()
        if self._revision() == newest:
            return
        # BEGIN IMMEDIATE first: two processes that open an old catalogue upgrade it once.
        with self.write() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            known = {script.revision for script in scripts.walk_revisions()}
            if current is not None and current not in known:
                raise CatalogTooNew(
                    self.path,
                    cause=f"written by a newer Sightline (schema {current}, known {newest})",
                    remedy="upgrade Sightline, or choose another --home",
                )
            if current != newest:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")

    def _revision(self) -> str | None:
        with self._reader.begin() as connection:
            return MigrationContext.configure(connection).get_current_revision()


def _engine(path: Path, busy_seconds: float, *, begin: str, pool_size: int) -> Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        connect_args={"timeout": busy_seconds, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0 if pool_size == 1 else 32,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver must not begin transactions by itself: "begin" below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        with suppress(sqlite3.OperationalError):  # another process may be switching right now
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
