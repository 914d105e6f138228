"""SQLite FTS5 over Snowball stems: BM25 with k1 = 1.2, b = 0.75 (Robertson & Zaragoza 2009)."""

from collections.abc import Sequence

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    column,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy import table as sa_table
from sqlalchemy.exc import DatabaseError

from indexer.analysis import stems as stems_of
from indexer.domain import ItemKind
from indexer.store.lexical import LexicalEntry
from indexer.store.tables import ChunkRow, CropRow, DocumentRow

# A word of the title or headings says less about a passage than one of the passage itself.
_CONTEXT_WEIGHT = 0.5


def build() -> "Fts5Index":
    return Fts5Index()


class Fts5Index:
    """Tables ``chunk_text`` and ``crop_text``, made by the migrations."""

    def add(self, connection: Connection, kind: ItemKind, entries: Sequence[LexicalEntry]) -> None:
        if not entries:
            return
        connection.execute(
            text(f"INSERT INTO {kind}_text (rowid, stems, context) VALUES (:id, :stems, :context)"),  # noqa: S608
            [
                {
                    "id": entry.id,
                    "stems": " ".join(stems_of(entry.text)),
                    "context": " ".join(stems_of(entry.context)),
                }
                for entry in entries
            ],
        )

    def remove_document(self, connection: Connection, document_id: int) -> None:
        for kind in ("chunk", "crop"):
            connection.execute(
                text(
                    f"DELETE FROM {kind}_text WHERE rowid IN "  # noqa: S608
                    f"(SELECT id FROM {kind} WHERE document_id = :document)"
                ),
                {"document": document_id},
            )

    def search(
        self,
        connection: Connection,
        kind: ItemKind,
        stems: Sequence[str],
        limit: int,
        admitted: ColumnElement[bool],
    ) -> list[tuple[int, float]]:
        if not stems:
            return []
        table: ColumnClause[str] = literal_column(f"{kind}_text")
        words = sa_table(f"{kind}_text", column("rowid"))
        row = ChunkRow if kind == "chunk" else CropRow
        score = (-func.bm25(table, 1.0, _CONTEXT_WEIGHT)).label("score")
        # Filtering happens inside the query: a limit before it would starve what is rare.
        statement = (
            select(words.c.rowid, score)
            .join(row, row.id == words.c.rowid)
            .join(DocumentRow, DocumentRow.id == row.document_id)
            .where(table.match(" OR ".join(map(_quoted, stems))), admitted)
            .order_by(score.desc(), words.c.rowid)
            .limit(limit)
        )
        rows = connection.execute(statement)
        return [(int(row[0]), float(row[1])) for row in rows]

    def matched(
        self, connection: Connection, kind: ItemKind, stems: Sequence[str]
    ) -> dict[str, int]:
        statement = text(f"SELECT count(*) FROM {kind}_text WHERE {kind}_text MATCH :match")  # noqa: S608
        return {
            stem: int(connection.execute(statement, {"match": _quoted(stem)}).scalar_one())
            for stem in stems
        }

    def ids(self, connection: Connection, kind: ItemKind) -> list[int]:
        statement = text(f"SELECT rowid FROM {kind}_text ORDER BY rowid")  # noqa: S608
        return [int(item_id) for item_id in connection.execute(statement).scalars()]

    def remove(self, connection: Connection, kind: ItemKind, ids: Sequence[int]) -> None:
        if ids:
            statement = text(f"DELETE FROM {kind}_text WHERE rowid = :id")  # noqa: S608
            connection.execute(statement, [{"id": item_id} for item_id in ids])

    def mend(self, connection: Connection, kind: ItemKind) -> bool:
        def command(name: str) -> None:
            connection.execute(text(f"INSERT INTO {kind}_text({kind}_text) VALUES ('{name}')"))  # noqa: S608

        try:
            command("integrity-check")
        except DatabaseError:
            command("rebuild")
            return False
        return True


def _quoted(stem: str) -> str:
    """A stem as an FTS5 string, so that nothing in it is query syntax."""
    return '"' + stem.replace('"', '""') + '"'
