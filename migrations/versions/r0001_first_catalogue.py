"""The first catalogue: documents, pages, chunks, crops, embeddings, full text, jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _document_id() -> "sa.Column[int]":
    return sa.Column(
        "document_id", sa.Integer, sa.ForeignKey("document.id", ondelete="CASCADE"), nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
    )
    op.execute("INSERT INTO state (id, generation) VALUES (1, 0)")
    op.create_table(
        "space",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("encoder", sa.String(80), nullable=False),
        sa.Column("model", sa.String(400), nullable=False),
        sa.Column("revision", sa.String(200), nullable=False),
        sa.Column("dim", sa.Integer, nullable=False),
        sa.Column("metric", sa.String(20), nullable=False),
        sa.UniqueConstraint("encoder", "model", "revision", "dim", "metric"),
    )
    op.create_table(
        "collection",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("text_encoder", sa.String(400), nullable=False),
        sa.Column("clip_encoder", sa.String(400), nullable=False),
        sa.Column("text_space_id", sa.Integer, sa.ForeignKey("space.id"), nullable=False),
        sa.Column("clip_space_id", sa.Integer, sa.ForeignKey("space.id"), nullable=False),
        sa.Column("image_space_id", sa.Integer, sa.ForeignKey("space.id"), nullable=False),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("collection_id", sa.Integer, sa.ForeignKey("collection.id"), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("media_type", sa.String(200), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("page_count", sa.Integer, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("warnings", sa.JSON, nullable=False),
        sa.Column("added_at", sa.Float, nullable=False),
        sa.UniqueConstraint("collection_id", "sha256"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_document_collection_id", "document", ["collection_id"])
    op.create_index("ix_document_sha256", "document", ["sha256"])
    op.create_table(
        "file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("collection_id", sa.Integer, sa.ForeignKey("collection.id"), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("mtime_ns", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id")),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("remedy", sa.Text, nullable=False),
        sa.UniqueConstraint("collection_id", "path"),
    )
    op.create_index("ix_file_document_id", "file", ["document_id"])
    op.create_table(
        "page",
        sa.Column("id", sa.Integer, primary_key=True),
        _document_id(),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("width", sa.Float, nullable=False),
        sa.Column("height", sa.Float, nullable=False),
        sa.Column("blocks", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("document_id", "number"),
    )
    op.create_table(
        "chunk",
        sa.Column("id", sa.Integer, primary_key=True),
        _document_id(),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("page_number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("spans", sa.LargeBinary, nullable=False),
        sa.Column("heading_path", sa.JSON, nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.UniqueConstraint("document_id", "ordinal"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "crop",
        sa.Column("id", sa.Integer, primary_key=True),
        _document_id(),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("page_number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        *(sa.Column(edge, sa.Float, nullable=False) for edge in ("x0", "y0", "x1", "y1")),
        sa.Column("caption", sa.Text, nullable=False),
        sa.UniqueConstraint("document_id", "ordinal"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "embedding",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("space_id", sa.Integer, sa.ForeignKey("space.id"), nullable=False),
        sa.Column("chunk_id", sa.Integer, sa.ForeignKey("chunk.id", ondelete="CASCADE")),
        sa.Column("crop_id", sa.Integer, sa.ForeignKey("crop.id", ondelete="CASCADE")),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("(chunk_id IS NULL) <> (crop_id IS NULL)", name="one_item"),
        sa.UniqueConstraint("space_id", "chunk_id"),
        sa.UniqueConstraint("space_id", "crop_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_embedding_chunk", "embedding", ["chunk_id"])
    op.create_index("ix_embedding_crop", "embedding", ["crop_id"])
    op.create_table(
        "job",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("collection_id", sa.Integer, sa.ForeignKey("collection.id"), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("finished_at", sa.Float),
        sa.Column("indexed", sa.Integer, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
    )
    # Full text: the row id is that of the chunk or crop; columns hold stems, see store/lexical.
    for table in ("chunk_text", "crop_text"):
        op.execute(
            f"CREATE VIRTUAL TABLE {table} USING fts5(stems, context, "
            "tokenize='unicode61 remove_diacritics 0')"
        )
