"""The files that a job was handed, how far it was when it was taken up, and saved questions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("kind", sa.String(20), nullable=False, server_default="index"),
        sa.Column("claimed_at", sa.Float),
        sa.Column("done_before", sa.Integer, nullable=False, server_default="0"),
        sa.Column("open_until", sa.Float),
        sa.Column("cause", sa.Text, nullable=False, server_default=""),
        sa.Column("remedy", sa.Text, nullable=False, server_default=""),
    ):
        op.add_column("job", column)
    op.create_table(
        "job_file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "job_id", sa.Integer, sa.ForeignKey("job.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("waiting", sa.Boolean, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("remedy", sa.Text, nullable=False),
        sa.UniqueConstraint("job_id", "path"),
    )
    op.create_table(
        "saved_question",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.Integer),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("page", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("collections", sa.JSON, nullable=False),
        sa.Column("filters", sa.JSON, nullable=False),
        sa.Column("saved_at", sa.Float, nullable=False),
    )
    op.create_index("ix_saved_question_owner", "saved_question", ["owner"])
