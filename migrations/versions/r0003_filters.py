"""What documents are filtered by: their day, and the words of their place and camera."""

import re
import unicodedata
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_DATES = ("date", "published", "modified", "created")
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:$|[T ])")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]{1,2}\b)?")
_ROWS = 1000  # updated at once


def upgrade() -> None:
    op.add_column("document", sa.Column("dated", sa.String(10)))
    op.add_column("document", sa.Column("place_words", sa.Text))
    op.add_column("document", sa.Column("camera_words", sa.Text))
    document = sa.table(
        "document",
        sa.column("id", sa.Integer),
        sa.column("details", sa.JSON),
        sa.column("taken_at", sa.String),
        *(sa.column(name, sa.Text) for name in ("dated", "place", "place_words", "camera")),
        sa.column("camera_words", sa.Text),
    )
    connection = op.get_bind()
    found = connection.execute(
        sa.select(*(document.c[name] for name in ("id", "details", "taken_at", "place", "camera")))
    )
    values = [
        {
            "row": row.id,
            "dated": _first_day([row.taken_at, *(row.details.get(name) for name in _DATES)]),
            "place_words": _spaced(row.place),
            "camera_words": _spaced(row.camera),
        }
        for row in found
    ]
    # The other values of each row are columns to set.
    statement = sa.update(document).where(document.c.id == sa.bindparam("row"))
    filled = [value for value in values if any(list(value.values())[1:])]
    for start in range(0, len(filled), _ROWS):
        connection.execute(statement, filled[start : start + _ROWS])
    op.create_index("ix_document_dated", "document", ["dated"])


def _first_day(texts: list[str | None]) -> str | None:
    for text in texts:
        match = _DAY.match(text or "")
        if match is not None:
            year, month, day = (int(part or 1) for part in match.groups())
            try:
                return date(year, month, day).isoformat()
            except ValueError:
                continue
    return None


def _spaced(text: str | None) -> str | None:
    """Words as they were folded when this was written, between spaces."""
    folded = unicodedata.normalize("NFKC", text or "").lower().replace("ё", "е").replace("’", "'")
    words = [_without_marks(word) for word in _WORD.findall(folded)]
    return f" {' '.join(words)} " if words else None


def _without_marks(word: str) -> str:
    if not re.search(r"[A-Za-zÀ-ɏ]", word):
        return word
    return "".join(
        char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char)
    )
