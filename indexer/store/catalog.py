"""The catalogue: the truth about what is indexed, vectors included.

Values of the domain go in and out; ORM rows stay here. Every write is one transaction that also
raises the generation, by which the index cache knows that it is out of date.
"""

import copy
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection

from indexer.domain import EmbeddingSpace, ItemKind, Page
from indexer.encoders import ClipEncoder, TextEncoder
from indexer.errors import InvalidInput, NotFound, SpaceMismatch
from indexer.filters import NO_FILTERS, Filters
from indexer.settings import StoreSettings
from indexer.store import entry, filtering, rows
from indexer.store.conversations import ConversationStore
from indexer.store.database import Database
from indexer.store.folders import FolderStore
from indexer.store.jobs import ACTIVE, JobStore, add_job, job
from indexer.store.lexical import load_lexical_index
from indexer.store.people import PeopleStore
from indexer.store.records import (
    Collection,
    Counts,
    FileState,
    Job,
    JobProgress,
    NewDocument,
    Photo,
    StoredChunk,
    StoredCrop,
    StoredDocument,
)
from indexer.store.saved import SavedStore
from indexer.store.tables import (
    ChunkRow,
    CollectionRow,
    CropRow,
    DocumentRow,
    EmbeddingRow,
    FileRow,
    JobRow,
    PageRow,
    PermitRow,
    SavedQuestionRow,
    TurnRow,
)

# A stem that so many items hold is a common one, however many more there are.
_COUNTED_ITEMS = 10_000


class Catalog:
    """An open catalogue. Thread-safe; writers queue on one connection."""

    def __init__(self, path: Path, settings: StoreSettings) -> None:
        """Open or create. Raises CatalogTooNew or CatalogUnavailable."""
        self._database = Database(path, busy_seconds=settings.busy_seconds)
        self.conversations = ConversationStore(self._database)
        self.people = PeopleStore(self._database)
        self.jobs = JobStore(self._database)
        self.folders = FolderStore(self._database)
        self.saved = SavedStore(self._database)
        self._lexical = load_lexical_index(settings.lexical)
        self._only: frozenset[str] | None = None

    def within(self, collections: frozenset[str] | None, owner: int | None) -> Self:
        """The same catalogue as one person may see it.

        Every reader below answers as if only ``collections`` (all, if None) and the conversations
        of ``owner`` existed. It is closed with the catalogue it is made from.
        """
        narrowed = copy.copy(self)
        narrowed._only = collections
        narrowed.conversations = ConversationStore(self._database, owner)
        narrowed.jobs = JobStore(self._database, collections)
        narrowed.folders = FolderStore(self._database, collections)
        narrowed.saved = SavedStore(self._database, owner)
        return narrowed

    @property
    def narrow(self) -> bool:
        """Whether parts of the archive may be hidden."""
        return self._only is not None

    def _visible(self) -> Any:
        """The condition on DocumentRow that readers go by."""
        if self._only is None:
            return sa.true()
        return DocumentRow.collection_id.in_(self._visible_ids())

    def _visible_ids(self) -> Any:
        named = CollectionRow.name.in_(sorted(self._only or ()))
        return sa.select(CollectionRow.id).where(named)

    def _sees(self, owner: StoredDocument) -> bool:
        return self._only is None or owner.collection in self._only

    def close(self) -> None:
        self._database.close()

    # -- collections ---------------------------------------------------------------------------

    def collections(self) -> list[Collection]:
        with self._database.read() as connection:
            found = rows.collections(connection)
        return found if self._only is None else [each for each in found if each.name in self._only]

    def collection(self, name: str) -> Collection:
        """NotFound if there is none of that name."""
        for collection in self.collections():
            if collection.name == name:
                return collection
        raise NotFound(name, cause="there is no such collection", remedy="choose one that exists")

    def ensure_collection(
        self, name: str, text: TextEncoder, clip: ClipEncoder, *, encoders: tuple[str, str]
    ) -> Collection:
        """The collection ``name``, made if absent. SpaceMismatch if built with other encoders.

        ``encoders`` are the settings values that made ``text`` and ``clip``, kept for the record.
        """
        wanted = (text.space, clip.space, clip.image_space)
        with self._database.write() as connection:
            for collection in rows.collections(connection):
                if collection.name == name:
                    check_spaces(collection, wanted)
                    return collection
            text_id, clip_id, image_id = (rows.space_id(connection, space) for space in wanted)
            connection.execute(
                sa.insert(CollectionRow).values(
                    name=name,
                    text_encoder=encoders[0],
                    clip_encoder=encoders[1],
                    text_space_id=text_id,
                    clip_space_id=clip_id,
                    image_space_id=image_id,
                )
            )
            rows.advance(connection)
        return self.collection(name)

    def replace_collection(
        self, old: Collection, successor: Collection, files: Mapping[str, FileState]
    ) -> bool:
        """Drop ``old`` and give its name to ``successor``, in one transaction.

        False, and nothing is done, if ``old`` does not hold just ``files`` any more.
        """
        with self._writing(old) as connection:
            if rows.files(connection, old.id) != files:
                return False
            connection.execute(
                sa.update(PermitRow)
                .where(PermitRow.collection_id == old.id)
                .values(collection_id=successor.id)
            )
            self._drop(connection, old)
            connection.execute(
                sa.update(CollectionRow)
                .where(CollectionRow.id == successor.id)
                .values(name=old.name)
            )
            rows.advance(connection)
        return True

    def drop_collection(self, collection: Collection) -> None:
        """Remove a collection with all that it holds, in one transaction."""
        with self._writing(collection) as connection:
            self._drop(connection, collection)
            rows.advance(connection)

    def _drop(self, connection: Connection, collection: Collection) -> None:
        for document in connection.execute(
            sa.select(DocumentRow.id).where(DocumentRow.collection_id == collection.id)
        ).scalars():
            self._lexical.remove_document(connection, document)
        for row in (FileRow, JobRow, DocumentRow, PermitRow):
            connection.execute(sa.delete(row).where(row.collection_id == collection.id))
        connection.execute(sa.delete(CollectionRow).where(CollectionRow.id == collection.id))

    def rename_collection(self, collection: Collection, name: str) -> None:
        """Give a collection another name, in saved questions and conversations too.

        InvalidInput if there is one of that name, or while the collection is being indexed.
        """
        with self._writing(collection) as connection:
            if name in {each.name for each in rows.collections(connection)}:
                raise InvalidInput(
                    name, cause="there is a collection of that name", remedy="choose another name"
                )
            at_work = sa.exists().where(
                JobRow.collection_id == collection.id, JobRow.state.in_(ACTIVE)
            )
            if connection.execute(sa.select(at_work)).scalar_one():
                raise InvalidInput(
                    f"collection {collection.name}",
                    cause="it is being indexed",
                    remedy="wait until that is done, or cancel it",
                )
            connection.execute(
                sa.update(CollectionRow).where(CollectionRow.id == collection.id).values(name=name)
            )
            for row in (TurnRow, SavedQuestionRow):
                for found in connection.execute(sa.select(row.id, row.collections)).all():
                    if collection.name in found.collections:
                        names = [
                            name if each == collection.name else each for each in found.collections
                        ]
                        connection.execute(
                            sa.update(row).where(row.id == found.id).values(collections=names)
                        )
            rows.advance(connection)

    # -- writing -------------------------------------------------------------------------------

    @contextmanager
    def _writing(self, collection: Collection) -> Iterator[Connection]:
        """A transaction on a collection. NotFound if another one has taken its place."""
        with self._database.write() as connection:
            if collection not in rows.collections(connection):
                raise NotFound(
                    f"collection {collection.name}",
                    cause="another program has replaced it meanwhile",
                    remedy="run the same command again",
                )
            yield connection

    def add_document(self, collection: Collection, new: NewDocument) -> None:
        """Enter a document, or replace what its path held, in one transaction."""
        with self._writing(collection) as connection:
            release = partial(entry.release_path, connection, self._lexical, collection.id)
            stored = rows.document_id(connection, collection.id, new.document.id)
            release(new.file.path, keep=stored)
            if stored is not None and not new.anew:
                document_id, named = stored, None
            else:
                if stored is not None:
                    # Its bytes are those of the new one: free them before they enter again.
                    connection.execute(
                        sa.update(DocumentRow)
                        .where(DocumentRow.id == stored)
                        .values(sha256=f"replaced {stored}")
                    )
                document_id = entry.insert_document(connection, self._lexical, collection.id, new)
                if stored is not None:
                    connection.execute(
                        sa.update(FileRow)
                        .where(FileRow.document_id == stored)
                        .values(document_id=document_id)
                    )
                    entry.delete_document(connection, self._lexical, stored)
                named = new.file.path
            entry.add_path(
                connection, self._lexical, collection.id, new.file, document_id, named=named
            )
            rows.advance(connection)

    def link_file(self, collection: Collection, state: FileState) -> bool:
        """Record that ``state.path`` holds a document already stored. False if it is not."""
        with self._writing(collection) as connection:
            document_id = rows.document_id(connection, collection.id, state.sha256)
            if document_id is None:
                return False
            entry.release_path(
                connection, self._lexical, collection.id, state.path, keep=document_id
            )
            entry.add_path(connection, self._lexical, collection.id, state, document_id)
            rows.advance(connection)
        return True

    def record_failure(
        self, collection: Collection, state: FileState, *, keep_document: bool = False
    ) -> None:
        """Record a file that could not be read; what its path held before leaves.

        With ``keep_document``, a path that holds a document goes on holding it.
        """
        with self._writing(collection) as connection:
            if keep_document and rows.holds_document(connection, collection.id, state.path):
                return
            entry.release_path(connection, self._lexical, collection.id, state.path)
            rows.insert_file(connection, collection.id, state, None)
            rows.advance(connection)

    def remove_files(self, collection: Collection, paths: Iterable[str]) -> None:
        """Forget paths in one transaction; a document leaves with its last path."""
        with self._writing(collection) as connection:
            for path in paths:
                entry.release_path(connection, self._lexical, collection.id, path)
            rows.advance(connection)

    # -- jobs ----------------------------------------------------------------------------------

    def start_job(self, collection: Collection, total: int) -> int:
        with self._writing(collection) as connection:
            return add_job(connection, collection, state="running", total=total)

    def update_job(self, job_id: int, progress: JobProgress, *, found: int = 0) -> bool:
        """Tell other processes how far a run is; whether it is to go on. No change of content.

        ``found`` files have come to its total since it last told: others may add to that too.
        """
        told = {**asdict(progress), "total": JobRow.total + found}
        with self._database.write() as connection:
            connection.execute(
                sa.update(JobRow).where(JobRow.id == job_id).values(updated_at=time.time(), **told)
            )
            state = sa.select(JobRow.state).where(JobRow.id == job_id)
            return connection.execute(state).scalar() == "running"

    def finish_job(self, job_id: int, state: str, *, indexed: int, unchanged: int) -> None:
        now = time.time()
        with self._database.write() as connection:
            connection.execute(
                sa.update(JobRow)
                .where(JobRow.id == job_id)
                .values(
                    state=state,
                    finished_at=now,
                    updated_at=now,
                    indexed=indexed,
                    unchanged=unchanged,
                    current="",
                )
            )

    def last_run_finished(self, collection: Collection) -> bool:
        """Whether the latest run of the collection came to its end; true if there was none."""
        statement = (
            sa.select(JobRow.state)
            .where(JobRow.collection_id == collection.id)
            .order_by(JobRow.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            return connection.execute(statement).scalar() in {None, "done"}

    def running_jobs(self) -> list[Job]:
        """Runs that have not said that they ended, oldest first."""
        statement = (
            sa.select(JobRow.__table__, CollectionRow.name)
            .join(CollectionRow, CollectionRow.id == JobRow.collection_id)
            .where(JobRow.state == "running")
            .order_by(JobRow.id)
        )
        if self._only is not None:
            statement = statement.where(JobRow.collection_id.in_(self._visible_ids()))
        with self._database.read() as connection:
            return [job(row) for row in connection.execute(statement)]

    # -- near-duplicates -----------------------------------------------------------------------

    def photos(self, collection: Collection) -> list[Photo]:
        """Every photo with a perceptual hash, by document id."""
        statement = (
            sa.select(DocumentRow.id, DocumentRow.picture_hash, CropRow.id.label("crop_id"))
            .join(CropRow, CropRow.document_id == DocumentRow.id)
            .where(
                DocumentRow.collection_id == collection.id,
                DocumentRow.picture_hash.is_not(None),
                CropRow.kind == "photo",
                CropRow.page_number == 1,
            )
            .order_by(DocumentRow.id)
        )
        with self._database.read() as connection:
            return [
                Photo(document_id=row.id, crop_id=row.crop_id, picture_hash=row.picture_hash)
                for row in connection.execute(statement)
            ]

    def set_groups(self, collection: Collection, groups: Mapping[int, int]) -> None:
        """Give documents their group of near-duplicates; all others stand alone."""
        with self._database.write() as connection:
            members = DocumentRow.collection_id == collection.id
            rows_before = connection.execute(
                sa.select(DocumentRow.id, DocumentRow.group_id).where(members)
            )
            before = {row.id: row.group_id for row in rows_before}
            changed = [
                {"row": document, "value": groups.get(document)}
                for document, group in before.items()
                if groups.get(document) != group
            ]
            if changed:
                connection.execute(
                    sa.update(DocumentRow.__table__)  # type: ignore[arg-type]
                    .where(DocumentRow.id == sa.bindparam("row"))
                    .values(group_id=sa.bindparam("value")),
                    changed,
                )
                rows.advance(connection)

    def duplicates(self, collection: Collection | None) -> list[StoredDocument]:
        """Documents with several paths or with near-duplicates, by group and path."""
        several = (
            sa.select(FileRow.document_id).group_by(FileRow.document_id).having(sa.func.count() > 1)
        )
        condition = sa.or_(DocumentRow.group_id.is_not(None), DocumentRow.id.in_(several))
        if collection is not None:
            condition = sa.and_(condition, DocumentRow.collection_id == collection.id)
        with self._database.read() as connection:
            return rows.documents(connection, sa.and_(condition, self._visible()))

    def group_members(
        self, groups: Iterable[int], filters: Filters = NO_FILTERS
    ) -> dict[int, list[StoredDocument]]:
        """The photos of each group of near-duplicates that the filters admit, by path."""
        found: dict[int, list[StoredDocument]] = {group: [] for group in groups}
        with self._database.read() as connection:
            admitted = filtering.documents(filters, None)
            for batch in rows.batches(list(found)):
                members = sa.and_(DocumentRow.group_id.in_(batch), admitted, self._visible())
                for stored in rows.documents(connection, members):
                    found[stored.group or 0].append(stored)
        return found

    # -- reading -------------------------------------------------------------------------------

    def generation(self) -> int:
        with self._database.read() as connection:
            return rows.generation(connection)

    def files(self, collection: Collection) -> dict[str, FileState]:
        """Every known path of the collection."""
        with self._database.read() as connection:
            return rows.files(connection, collection.id)

    def sidecars_of(self, collection: Collection, sha256: str) -> dict[str, str]:
        """The paths whose document has these bytes, with their sidecar marks; empty for none."""
        statement = (
            sa.select(FileRow.path, FileRow.sidecars)
            .join(DocumentRow, DocumentRow.id == FileRow.document_id)
            .where(DocumentRow.collection_id == collection.id, DocumentRow.sha256 == sha256)
        )
        with self._database.read() as connection:
            return {row.path: row.sidecars for row in connection.execute(statement)}

    def failures(self, collection: Collection | None = None) -> list[FileState]:
        """What could not be read, in one collection or in all when None, by path."""
        statement = (
            sa.select(FileRow.__table__).where(FileRow.document_id.is_(None)).order_by(FileRow.path)
        )
        if collection is not None:
            statement = statement.where(FileRow.collection_id == collection.id)
        if self._only is not None:
            statement = statement.where(FileRow.collection_id.in_(self._visible_ids()))
        with self._database.read() as connection:
            return [rows.file_state(row) for row in connection.execute(statement)]

    def counts(self, collection: Collection | None = None) -> Counts:
        """Documents, chunks and crops of one collection or of all."""
        with self._database.read() as connection:

            def count(row: type[DocumentRow | ChunkRow | CropRow]) -> int:
                statement = sa.select(sa.func.count()).select_from(row)
                if collection is not None or self._only is not None:
                    if row is not DocumentRow:
                        statement = statement.join(DocumentRow)
                    statement = statement.where(self._visible())
                if collection is not None:
                    statement = statement.where(DocumentRow.collection_id == collection.id)
                return int(connection.execute(statement).scalar_one())

            return Counts(
                documents=count(DocumentRow), chunks=count(ChunkRow), crops=count(CropRow)
            )

    def document(self, sha256: str) -> StoredDocument:
        """The document whose bytes have this SHA-256. NotFound if there is none."""
        with self._database.read() as connection:
            condition = sa.and_(DocumentRow.sha256 == sha256, self._visible())
            found = rows.documents(connection, condition, limit=1)
        if not found:
            raise NotFound(
                sha256[:12], cause="there is no such document", remedy="search for it again"
            )
        return found[0]

    def documents_by_hash(self, hashes: Sequence[str]) -> list[StoredDocument]:
        """The documents with one of these SHA-256, by path: one for each collection it is in."""
        with self._database.read() as connection:
            condition = sa.and_(DocumentRow.sha256.in_(hashes), self._visible())
            return rows.documents(connection, condition)

    def documents(
        self,
        collection: Collection | None,
        *,
        offset: int = 0,
        limit: int = 100,
        filters: Filters = NO_FILTERS,
    ) -> tuple[int, list[StoredDocument]]:
        """How many the filters admit, and those from ``offset`` on, by path."""
        condition = sa.and_(
            filtering.documents(filters, None if collection is None else [collection.id]),
            self._visible(),
        )
        with self._database.read() as connection:
            total = connection.execute(
                sa.select(sa.func.count()).select_from(DocumentRow).where(condition)
            ).scalar_one()
            return int(total), rows.documents(connection, condition, offset=offset, limit=limit)

    def page(self, document_id: int, number: int) -> Page:
        """A page with its blocks (figures and rasters are not kept). NotFound if absent."""
        statement = sa.select(PageRow.__table__).where(
            PageRow.document_id == document_id, PageRow.number == number
        )
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            raise NotFound(
                f"page {number}", cause="the document has no such page", remedy="open page 1"
            )
        return rows.page(row)

    def chunks(self, ids: Sequence[int]) -> dict[int, StoredChunk]:
        """Live chunks by row id; ids without a row are left out."""
        with self._database.read() as connection:
            found = list(rows.rows_by_id(connection, ChunkRow, ids))
            owners = rows.owners(connection, found)
            scanned = rows.recognitions(connection, owners)
        return {
            row.id: StoredChunk(
                id=row.id,
                owner=owners[row.document_id],
                chunk=rows.chunk(row),
                recognition=scanned.get((row.document_id, row.page_number)),
            )
            for row in found
            if self._sees(owners[row.document_id])
        }

    def crops(self, ids: Sequence[int]) -> dict[int, StoredCrop]:
        """Live crops by row id; ids without a row are left out."""
        with self._database.read() as connection:
            found = list(rows.rows_by_id(connection, CropRow, ids))
            owners = rows.owners(connection, found)
        return {
            row.id: StoredCrop(id=row.id, owner=owners[row.document_id], crop=rows.crop(row))
            for row in found
            if self._sees(owners[row.document_id])
        }

    def crops_of(self, document_id: int) -> list[StoredCrop]:
        """All crops of one document, in order."""
        with self._database.read() as connection:
            found = connection.execute(
                sa.select(CropRow.__table__)
                .where(CropRow.document_id == document_id)
                .order_by(CropRow.ordinal)
            ).all()
            owners = rows.owners(connection, found)
        return [
            StoredCrop(id=row.id, owner=owners[row.document_id], crop=rows.crop(row))
            for row in found
            if self._sees(owners[row.document_id])
        ]

    def crops_on(self, pages: Sequence[tuple[int, int]]) -> list[StoredCrop]:
        """Photos, figures and tables on pages, given as (row id of the document, page number)."""
        with self._database.read() as connection:
            found = connection.execute(
                sa.select(CropRow.__table__).where(
                    sa.tuple_(CropRow.document_id, CropRow.page_number).in_(pages),
                    CropRow.kind.in_(entry.WORDED_CROPS),
                )
            ).all()
            owners = rows.owners(connection, found)
        return [
            StoredCrop(id=row.id, owner=owners[row.document_id], crop=rows.crop(row))
            for row in found
            if self._sees(owners[row.document_id])
        ]

    def lexical_search(
        self,
        kind: ItemKind,
        stems: Sequence[str],
        limit: int,
        collections: Sequence[Collection],
        filters: Filters = NO_FILTERS,
    ) -> list[tuple[int, float]]:
        """(item id, BM25 score) of admitted items with any of ``stems``, best first."""
        admitted = filtering.items(kind, filters, _ids(collections))
        with self._database.read() as connection:
            return self._lexical.search(connection, kind, stems, limit, admitted)

    def stored_stems(
        self, kind: ItemKind, ids: Sequence[int]
    ) -> dict[int, tuple[list[str], list[str]]]:
        """The stems of each item's text and of its context, in their order."""
        with self._database.read() as connection:
            return self._lexical.stored(connection, kind, ids)

    def mean_length(self, kind: ItemKind) -> float:
        """Stems in an item's text on average, told from the newest items; 0 if there is none."""
        with self._database.read() as connection:
            return self._lexical.mean_length(connection, kind)

    def vocabulary(self, kind: ItemKind, prefix: str, limit: int) -> dict[str, int]:
        """Indexed stems that begin with ``prefix`` and how many items hold each."""
        with self._database.read() as connection:
            return self._lexical.vocabulary(connection, kind, prefix, limit)

    def stem_counts(self, kind: ItemKind, stems: Sequence[str]) -> dict[str, int]:
        """How many items hold each stem."""
        with self._database.read() as connection:
            if self._only is None:
                return self._lexical.matched(connection, kind, stems)
            # What is hidden must not tell by a refusal that it is there.
            return {
                stem: len(
                    self._lexical.search(connection, kind, [stem], _COUNTED_ITEMS, self._visible())
                )
                for stem in stems
            }

    # -- vectors -------------------------------------------------------------------------------

    def item_ids(
        self,
        space: EmbeddingSpace,
        kind: ItemKind,
        collections: Sequence[Collection],
        filters: Filters = NO_FILTERS,
    ) -> NDArray[np.int64]:
        """Admitted items of these collections with a vector in ``space``: int64, ascending."""
        item, row = rows.item(kind)
        statement = (
            sa.select(item)
            .join(row, row.id == item)
            .join(DocumentRow, DocumentRow.id == row.document_id)
            .where(
                EmbeddingRow.space_id == rows.space_query(space),
                filtering.items(kind, filters, _ids(collections)),
            )
            .order_by(item)
        )
        with self._database.read() as connection:
            return np.array(connection.execute(statement).scalars().all(), dtype=np.int64)

    def snapshot(self, space: EmbeddingSpace, kind: ItemKind) -> tuple[int, NDArray[np.int64]]:
        """(generation, ids of all items with a vector in ``space``, ascending), consistent."""
        item, _ = rows.item(kind)
        statement = (
            sa.select(item)
            .where(EmbeddingRow.space_id == rows.space_query(space), item.is_not(None))
            .order_by(item)
        )
        with self._database.read() as connection:
            ids = connection.execute(statement).scalars().all()
            return rows.generation(connection), np.array(ids, dtype=np.int64)

    def vectors(
        self, space: EmbeddingSpace, kind: ItemKind, ids: Sequence[int]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Ids that have a vector, ascending, and the vectors, shape (n, space.dim) float32."""
        item, _ = rows.item(kind)
        found: list[tuple[int, bytes]] = []
        with self._database.read() as connection:
            for batch in rows.batches(ids):
                statement = sa.select(item, EmbeddingRow.vector).where(
                    EmbeddingRow.space_id == rows.space_query(space), item.in_(batch)
                )
                found.extend((row[0], row[1]) for row in connection.execute(statement))
        found.sort()
        vectors = np.frombuffer(
            b"".join(vector for _, vector in found), dtype=rows.little_endian_float32
        ).reshape(len(found), space.dim)
        return np.array([item_id for item_id, _ in found], np.int64), vectors.astype(np.float32)

    def check(self) -> list[str]:
        """Problems that SQLite finds in its file, and rows that lack their other half."""
        problems: list[str] = []
        with self._database.read() as connection:
            problems.extend(
                str(row[0])
                for row in connection.exec_driver_sql("PRAGMA integrity_check")
                if row[0] != "ok"
            )
            problems.extend(
                f"row {row[1]} of {row[0]} points to a missing {row[2]}"
                for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
            )
            for kind in ("chunk", "crop"):
                item, row = rows.item(kind)
                missing = connection.execute(
                    sa.select(sa.func.count())
                    .select_from(row)
                    .where(~sa.exists().where(item == row.id))
                ).scalar_one()
                if missing:
                    problems.append(f"{missing} {kind}s have no embedding")
        return problems


def _ids(collections: Sequence[Collection]) -> list[int]:
    return [collection.id for collection in collections]


def check_spaces(
    collection: Collection, wanted: tuple[EmbeddingSpace, EmbeddingSpace, EmbeddingSpace]
) -> None:
    """SpaceMismatch unless the collection was built in the ``wanted`` spaces."""
    built = (collection.text_space, collection.clip_space, collection.image_space)
    for have, want in zip(built, wanted, strict=True):
        if have != want:
            raise SpaceMismatch(
                f"collection {collection.name}",
                cause=f"built with {have.name}, but the encoder in use makes {want.name}",
                remedy=(
                    f"run: sightline reembed '{collection.name}', or set "
                    f"SIGHTLINE_ENCODER_TEXT={collection.text_encoder} "
                    f"SIGHTLINE_ENCODER_CLIP={collection.clip_encoder}"
                ),
            )
