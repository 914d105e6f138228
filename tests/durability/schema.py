"""Catalogues as the first release wrote them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import migrations

FIRST = "0001"


def to_first_schema(catalog: Path) -> None:
    """Rewrite a closed catalogue at the first schema, without what that could not hold."""
    old = catalog.with_name("first.sqlite")
    engine = sa.create_engine(f"sqlite:///{old}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, FIRST)
    engine.dispose()
    with closing(sqlite3.connect(catalog)) as source:
        source.execute("PRAGMA foreign_keys=ON")
        _drop_archives(source)
        source.commit()
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with closing(sqlite3.connect(old)) as target:
        target.execute("ATTACH ? AS source", (str(catalog),))
        target.execute("DELETE FROM state")
        tables = target.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'alembic%' "
            "AND name NOT LIKE '%\\_text\\_%' ESCAPE '\\'"
        ).fetchall()
        for (table,) in tables:
            columns = [row[1] for row in target.execute(f"PRAGMA main.table_info('{table}')")]
            if table.endswith("_text"):
                columns.insert(0, "rowid")
            names = ", ".join(columns)
            if table == "sqlite_sequence":
                target.execute("DELETE FROM main.sqlite_sequence")
            target.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM source.{table}")
        target.commit()
    for suffix in ("-wal", "-shm"):
        catalog.with_name(catalog.name + suffix).unlink(missing_ok=True)
    old.replace(catalog)


def _drop_archives(source: sqlite3.Connection) -> None:
    """The first release did not read archives."""
    source.execute("DELETE FROM file WHERE container <> '' OR path LIKE '%.zip'")
    for table in ("chunk", "crop"):
        source.execute(
            f"DELETE FROM {table}_text WHERE rowid IN (SELECT id FROM {table} WHERE document_id "
            "NOT IN (SELECT document_id FROM file WHERE document_id IS NOT NULL))"
        )
    source.execute(
        "DELETE FROM document WHERE id NOT IN "
        "(SELECT document_id FROM file WHERE document_id IS NOT NULL)"
    )
