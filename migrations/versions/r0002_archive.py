"""Photo details, near-duplicates, recognised text, members of containers, live jobs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# SQLite adds a column without rewriting the table; each is nullable or has a default.
_ADDED: dict[str, tuple["sa.Column[Any]", ...]] = {
    "document": (
        sa.Column("taken_at", sa.String(32)),
        sa.Column("camera", sa.Text),
        sa.Column("place", sa.Text),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("picture_hash", sa.BigInteger),
        sa.Column("group_id", sa.Integer),
    ),
    "file": (
        sa.Column("container", sa.Text, nullable=False, server_default=""),
        sa.Column("sidecars", sa.String(64), nullable=False, server_default=""),
    ),
    "page": (
        sa.Column("ocr_engine", sa.String(100)),
        sa.Column("ocr_confidence", sa.Float),
        sa.Column("ocr_angle", sa.Float),
    ),
    "job": (
        sa.Column("updated_at", sa.Float),
        *(
            sa.Column(name, sa.Integer, nullable=False, server_default="0")
            for name in ("total", "done", "pages", "chunks", "crops")
        ),
        sa.Column("current", sa.Text, nullable=False, server_default=""),
    ),
}


def upgrade() -> None:
    for table, columns in _ADDED.items():
        for column in columns:
            op.add_column(table, column)
    op.create_index("ix_document_taken_at", "document", ["taken_at"])
    op.create_index("ix_document_group_id", "document", ["group_id"])
