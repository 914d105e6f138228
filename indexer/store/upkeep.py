"""What can be wrong inside a catalogue, and how it is put right.

Nothing is made up: rows that lost their other half go, what follows from other rows is derived
anew, and a document that lacks something is marked, so that the next ``sightline index`` reads its
file again as if it had changed.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from indexer.domain import ItemKind
from indexer.errors import CatalogUnavailable
from indexer.settings import StoreSettings
from indexer.store import entry, rows
from indexer.store.database import Database
from indexer.store.lexical import LexicalEntry, load_lexical_index
from indexer.store.records import Collection
from indexer.store.tables import (
    ChunkRow,
    CollectionRow,
    CropRow,
    DocumentRow,
    EmbeddingRow,
    FileRow,
    JobFileRow,
    JobRow,
    PageRow,
    SpaceRow,
)
from indexer.store.transfer import move_files

# In the place of a mark of sidecars. It differs from every real one, so that the file counts as
# changed, and it tells the reader that the stored document will not do, though its hash is right.
READ_AGAIN = "read again"

# Only these kinds of crops have words: see indexer.store.entry.
_WORDED_CROPS = ("photo", "figure", "table")
_KINDS: tuple[ItemKind, ...] = ("chunk", "crop")
_BATCH = 2000
# An encoder's vectors have the length 1.
_MAX_LENGTH = 1.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Ailments:
    """What is wrong in a catalogue that SQLite finds sound, as numbers of rows.

    ``dangling`` point to rows that are not there, ``unreachable`` are documents without a file,
    ``false_vectors`` have the wrong length or are no numbers, ``incomplete`` are documents that
    lack pages, passages or vectors, ``misworded`` are passages and pictures whose words are
    missing from the full text, or that are in it without being there.
    """

    dangling: int = 0
    unreachable: int = 0
    false_vectors: int = 0
    incomplete: int = 0
    misworded: int = 0


class Upkeep:
    """An open catalogue, on connections of its own."""

    def __init__(self, path: Path, settings: StoreSettings) -> None:
        """Raises CatalogTooNew or CatalogUnavailable."""
        self._database = Database(path, busy_seconds=settings.busy_seconds)
        self._lexical = load_lexical_index(settings.lexical)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    # -- looking -------------------------------------------------------------------------------

    def damage(self) -> list[str]:
        """What SQLite finds wrong in its own file; empty for a sound one."""
        try:
            with self._database.read() as connection:
                found = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
        except CatalogUnavailable as exc:
            return [exc.cause]
        return [] if found == ["ok"] else [str(line) for line in found]

    def ailments(self) -> Ailments:
        with self._database.read() as connection:
            return Ailments(
                dangling=len(_dangling(connection)),
                unreachable=len(_unreachable(connection)),
                false_vectors=len(_false_vectors(connection)),
                incomplete=len(_incomplete(connection)),
                misworded=sum(
                    len(missing) + len(extra)
                    for missing, extra in (self._misworded(connection, kind) for kind in _KINDS)
                ),
            )

    def kept_paths(self) -> list[str]:
        """Paths that look like those of kept uploads, of this home or another.

        Those too that wait to be indexed.
        """
        pattern = f"%/{'_' * 2}/{'_' * 64}/%"
        held = sa.select(FileRow.path).where(FileRow.path.like(pattern), FileRow.container == "")
        awaited = sa.select(JobFileRow.path).where(
            JobFileRow.path.like(pattern), JobFileRow.waiting
        )
        with self._database.read() as connection:
            return list(connection.execute(sa.union(held, awaited)).scalars())

    def hashes(self) -> set[str]:
        """The SHA-256 of every document."""
        with self._database.read() as connection:
            return set(connection.execute(sa.select(DocumentRow.sha256)).scalars())

    def waiting(self) -> list[str]:
        """A path of every document that is marked to be read again."""
        statement = (
            sa.select(sa.func.min(FileRow.path))
            .where(FileRow.sidecars == READ_AGAIN, FileRow.document_id.is_not(None))
            .group_by(FileRow.document_id)
        )
        with self._database.read() as connection:
            return sorted(connection.execute(statement).scalars())

    def silent_jobs(self, since: float) -> int:
        """Runs that have neither ended nor said anything since then (POSIX time)."""
        statement = sa.select(sa.func.count()).where(_silent(since))
        with self._database.read() as connection:
            return int(connection.execute(statement).scalar_one())

    # -- mending -------------------------------------------------------------------------------

    def reindex(self) -> bool:
        """Build SQLite's own indexes anew; whether the file is sound now."""
        try:
            with self._database.write() as connection:
                connection.exec_driver_sql("REINDEX")
        except (CatalogUnavailable, IntegrityError):
            return False
        return not self.damage()

    def mend(self) -> list[str]:
        """Put right what :meth:`ailments` finds, in one transaction; what was done, line by line.

        Whoever wants to write meanwhile waits.
        """
        with self._database.write() as connection:
            done = [
                *self._drop_dangling(connection),
                *self._drop_unreachable(connection),
                *_drop_false_vectors(connection),
                *_mark_incomplete(connection),
                *self._mend_words(connection),
            ]
            if done:
                rows.advance(connection)
        return done

    def end_silent_jobs(self, since: float) -> int:
        """Call them interrupted; how many."""
        with self._database.write() as connection:
            return connection.execute(
                sa.update(JobRow)
                .where(_silent(since))
                .values(state="interrupted", finished_at=time.time(), current="")
            ).rowcount

    def move_files(self, old: str, new: str) -> int:
        """Let paths that begin with ``old`` begin with ``new``; how many."""
        with self._database.write() as connection:
            return move_files(connection, old, new)

    def drop_collection(self, collection: Collection) -> None:
        """Forget a collection with everything in it, in one transaction."""
        with self._database.write() as connection:
            for document_id in connection.execute(
                sa.select(DocumentRow.id).where(DocumentRow.collection_id == collection.id)
            ).scalars():
                self._lexical.remove_document(connection, document_id)
            for row in (FileRow, JobRow, DocumentRow):
                connection.execute(sa.delete(row).where(row.collection_id == collection.id))
            connection.execute(sa.delete(CollectionRow).where(CollectionRow.id == collection.id))
            rows.advance(connection)

    # -- inner steps ---------------------------------------------------------------------------

    def _drop_dangling(self, connection: Connection) -> Iterator[str]:
        found = _dangling(connection)
        for table, row_id, parent in found:
            if table == "file" and parent == "document":
                connection.execute(
                    sa.update(FileRow)
                    .where(FileRow.id == row_id)
                    .values(
                        document_id=None,
                        sidecars=READ_AGAIN,
                        cause="its document was lost",
                        remedy="run sightline index on its folder",
                    )
                )
            elif table == "document":
                connection.execute(sa.delete(FileRow).where(FileRow.document_id == row_id))
                entry.delete_document(connection, self._lexical, row_id)
            else:
                connection.execute(
                    sa.text(f'DELETE FROM "{table}" WHERE rowid = :id'),  # noqa: S608 - a table's name
                    {"id": row_id},
                )
        if found:
            yield f"removed {len(found)} rows that lacked their other half"

    def _drop_unreachable(self, connection: Connection) -> Iterator[str]:
        found = _unreachable(connection)
        for document_id in found:
            entry.delete_document(connection, self._lexical, document_id)
        if found:
            yield f"removed {len(found)} documents that belonged to no file"

    def _misworded(
        self, connection: Connection, kind: ItemKind
    ) -> tuple[Sequence[int], Sequence[int]]:
        """Items that the full text lacks, and those that it has beyond them."""
        wanted = (
            sa.select(ChunkRow.id)
            if kind == "chunk"
            else sa.select(CropRow.id).where(CropRow.kind.in_(_WORDED_CROPS))
        )
        there = np.array(connection.execute(wanted).scalars().all(), np.int64)
        worded = np.array(self._lexical.ids(connection, kind), np.int64)
        return np.setdiff1d(there, worded).tolist(), np.setdiff1d(worded, there).tolist()

    def _mend_words(self, connection: Connection) -> Iterator[str]:
        for kind in _KINDS:
            missing, extra = self._misworded(connection, kind)
            self._lexical.remove(connection, kind, extra)
            for batch in rows.batches(missing):
                self._lexical.add(connection, kind, _words(connection, kind, batch))
            sound = self._lexical.mend(connection, kind)
            if missing or extra or not sound:
                what = "passages" if kind == "chunk" else "pictures"
                yield (
                    f"full text of {what}: {len(missing)} entered, {len(extra)} removed"
                    + ("" if sound else ", built anew")
                )


def _silent(since: float) -> sa.ColumnElement[bool]:
    told = sa.func.coalesce(JobRow.updated_at, JobRow.started_at)
    return sa.and_(JobRow.state.in_(("running", "cancelling")), told < since)


def _dangling(connection: Connection) -> list[tuple[str, int, str]]:
    """Table, row id and the table that lacks the row that it points to."""
    found = connection.exec_driver_sql("PRAGMA foreign_key_check")
    return [(str(row[0]), int(row[1]), str(row[2])) for row in found]


def _unreachable(connection: Connection) -> Sequence[int]:
    statement = sa.select(DocumentRow.id).where(
        ~sa.exists().where(FileRow.document_id == DocumentRow.id)
    )
    return connection.execute(statement).scalars().all()


def _false_vectors(connection: Connection) -> list[int]:
    found: list[int] = []
    statement = (
        sa.select(EmbeddingRow.id, EmbeddingRow.vector, SpaceRow.dim)
        .join(SpaceRow, SpaceRow.id == EmbeddingRow.space_id)
        .order_by(EmbeddingRow.space_id, EmbeddingRow.id)
        .execution_options(yield_per=_BATCH)
    )
    for batch in connection.execute(statement).partitions():
        whole: dict[int, list[tuple[int, bytes]]] = {}
        for row_id, vector, dim in batch:
            if len(vector) == 4 * dim:
                whole.setdefault(dim, []).append((row_id, vector))
            else:
                found.append(row_id)
        for dim, pairs in whole.items():
            joined = b"".join(vector for _, vector in pairs)
            values = np.frombuffer(joined, rows.little_endian_float32).reshape(-1, dim)
            with np.errstate(over="ignore", invalid="ignore"):
                lengths = np.sqrt(np.square(values, dtype=np.float64).sum(axis=1))
            found += [pairs[row][0] for row in np.flatnonzero(~(lengths <= _MAX_LENGTH))]
    return found


def _drop_false_vectors(connection: Connection) -> Iterator[str]:
    found = _false_vectors(connection)
    for batch in rows.batches(found):
        connection.execute(sa.delete(EmbeddingRow).where(EmbeddingRow.id.in_(batch)))
    if found:
        yield f"removed {len(found)} damaged vectors"


def _incomplete(connection: Connection) -> list[int]:
    """Documents that lack a page, a passage, a picture, or a vector of one of those."""
    found: set[int] = set()
    pages = sa.select(sa.func.count()).where(PageRow.document_id == DocumentRow.id)
    found.update(
        connection.execute(
            sa.select(DocumentRow.id).where(DocumentRow.page_count != pages.scalar_subquery())
        ).scalars()
    )
    spaces = {
        EmbeddingRow.chunk_id: (CollectionRow.text_space_id, CollectionRow.clip_space_id),
        EmbeddingRow.crop_id: (CollectionRow.clip_space_id, CollectionRow.image_space_id),
    }
    for item, table in map(rows.item, _KINDS):
        numbered = sa.func.count() != sa.func.max(table.ordinal) + 1
        found.update(
            connection.execute(
                sa.select(table.document_id).group_by(table.document_id).having(numbered)
            ).scalars()
        )
        for column in spaces[item]:
            vector = sa.exists().where(EmbeddingRow.space_id == column, item == table.id)
            found.update(
                connection.execute(
                    sa.select(DocumentRow.id)
                    .distinct()
                    .join(table, table.document_id == DocumentRow.id)
                    .join(CollectionRow, CollectionRow.id == DocumentRow.collection_id)
                    .where(~vector)
                ).scalars()
            )
    return sorted(found)


def _mark_incomplete(connection: Connection) -> Iterator[str]:
    """Have the files of incomplete documents read again, with the files that they lie in."""
    marked = sa.select(FileRow.document_id).where(FileRow.sidecars == READ_AGAIN)
    found = sorted({*_incomplete(connection)} - {*connection.execute(marked).scalars()})
    for batch in rows.batches(found):
        of_these = FileRow.document_id.in_(batch)
        containers = connection.execute(
            sa.select(FileRow.collection_id, FileRow.container).where(
                of_these, FileRow.container != ""
            )
        ).all()
        again = sa.update(FileRow).values(sidecars=READ_AGAIN)
        connection.execute(again.where(of_these))
        for collection_id, path in set(containers):
            connection.execute(
                again.where(FileRow.collection_id == collection_id, FileRow.path == path)
            )
        # Without its vector a photo cannot be compared with others.
        connection.execute(
            sa.update(DocumentRow)
            .where(DocumentRow.id.in_(batch))
            .values(picture_hash=None, group_id=None)
        )
    if found:
        yield f"marked {len(found)} incomplete documents to be read again"


def _words(connection: Connection, kind: ItemKind, ids: Sequence[int]) -> list[LexicalEntry]:
    """The words of items as they enter with their documents: see indexer.store.entry."""
    table = ChunkRow if kind == "chunk" else CropRow
    found = list(rows.rows_by_id(connection, table, ids))
    documents = rows.owners(connection, found)
    if kind == "crop":
        return [
            LexicalEntry(row.id, row.caption, rows.name_words(documents[row.document_id].document))
            for row in found
        ]
    return [
        LexicalEntry(
            row.id,
            row.text,
            " ".join((documents[row.document_id].document.title, *row.heading_path)),
        )
        for row in found
    ]
