"""A catalogue's schema, taken back to an earlier one."""

import sqlite3

_TABLES = ("turn", "conversation", "permit", "key", "deed", "person", "job_file", "saved_question")
_JOB_COLUMNS = ("kind", "claimed_at", "done_before", "open_until", "cause", "remedy")


def back_to_0003(database: sqlite3.Connection) -> None:
    """Undo what came after filters: conversations, people, and the queue of jobs."""
    for table in _TABLES:
        database.execute(f"DROP TABLE {table}")
    for column in _JOB_COLUMNS:
        database.execute(f"ALTER TABLE job DROP COLUMN {column}")
    database.execute("UPDATE alembic_version SET version_num = '0003'")
