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
_SAMPLE = 500  # items by which the mean length is told
_LAST_LETTER = "\U0010ffff"


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

    def stored(
        self, connection: Connection, kind: ItemKind, ids: Sequence[int]
    ) -> dict[int, tuple[list[str], list[str]]]:
        words = sa_table(f"{kind}_text", column("rowid"), column("stems"), column("context"))
        found = connection.execute(
            select(words.c.rowid, words.c.stems, words.c.context).where(words.c.rowid.in_(ids))
        )
        return {int(row[0]): (str(row[1]).split(), str(row[2]).split()) for row in found}

    def mean_length(self, connection: Connection, kind: ItemKind) -> float:
        statement = text(
            "SELECT avg(length(stems) - length(replace(stems, ' ', '')) + 1) FROM "  # noqa: S608
            f"(SELECT stems FROM {kind}_text ORDER BY rowid DESC LIMIT {_SAMPLE})"
        )
        return float(connection.execute(statement).scalar_one() or 0.0)

    def vocabulary(
        self, connection: Connection, kind: ItemKind, prefix: str, limit: int
    ) -> dict[str, int]:
        # A view of the index itself. It lives as long as the connection, and takes no room.
        connection.exec_driver_sql(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{kind}_vocabulary "
            f"USING fts5vocab('main', '{kind}_text', 'row')"
        )
        statement = text(
            f"SELECT term, doc FROM temp.{kind}_vocabulary "  # noqa: S608
            "WHERE term >= :first AND term < :last LIMIT :limit"
        )
        span = {"first": prefix, "last": prefix + _LAST_LETTER, "limit": limit}
        return {str(row[0]): int(row[1]) for row in connection.execute(statement, span)}

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
