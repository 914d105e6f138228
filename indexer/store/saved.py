"""Saved questions of the catalogue: what to ask or search again, and where.

They are no content that is searched: the generation stays as it is.
"""

import time
from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa

from indexer.errors import LimitExceeded, NotFound
from indexer.filters import Filters
from indexer.store import rows
from indexer.store.database import Database
from indexer.store.records import StoredQuestion
from indexer.store.tables import SavedQuestionRow

MOST_SAVED = 500  # of one person


class SavedStore:
    """The saved questions of one person in an open catalogue. Thread-safe."""

    def __init__(self, database: Database, owner: int | None = None) -> None:
        """``owner`` is the person's id, None where nobody signs in."""
        self._database = database
        self._owner = owner

    def questions(self) -> list[StoredQuestion]:
        """All of them, by name."""
        statement = (
            sa.select(SavedQuestionRow.__table__)
            .where(self._mine())
            .order_by(sa.func.lower(SavedQuestionRow.name), SavedQuestionRow.id)
        )
        with self._database.read() as connection:
            return [_question(row) for row in connection.execute(statement)]

    def add(self, question: StoredQuestion) -> StoredQuestion:
        """Keep a question, whose id is of no account; it comes back with its own.

        One that asks the same, in the same place, gets the new name instead. LimitExceeded beyond
        ``MOST_SAVED``.
        """
        values = {
            "name": question.name,
            "page": question.page,
            "kind": question.kind,
            "question": question.question,
            "collections": list(question.collections),
            "filters": msgspec.to_builtins(question.filters),
        }
        with self._database.write() as connection:
            kept = [
                _question(row)
                for row in connection.execute(
                    sa.select(SavedQuestionRow.__table__).where(self._mine())
                )
            ]
            for each in kept:
                if each.asks == question.asks:
                    connection.execute(
                        sa.update(SavedQuestionRow)
                        .where(SavedQuestionRow.id == each.id)
                        .values(name=question.name)
                    )
                    return replace(each, name=question.name)
            if len(kept) >= MOST_SAVED:
                raise LimitExceeded(
                    "saved questions",
                    cause=f"there are {MOST_SAVED} already",
                    remedy="delete some that you do not need",
                )
            now = time.time()
            inserted = connection.execute(
                sa.insert(SavedQuestionRow).values(owner=self._owner, saved_at=now, **values)
            )
            return replace(question, id=rows.primary_key(inserted), saved_at=now)

    def rename(self, question_id: int, name: str) -> None:
        """NotFound if there is none of that id."""
        self._change(
            sa.update(SavedQuestionRow).where(self._one(question_id)).values(name=name), question_id
        )

    def delete(self, question_id: int) -> None:
        """Forget one, and overwrite its words on the disk. NotFound if there is none."""
        self._change(sa.delete(SavedQuestionRow).where(self._one(question_id)), question_id)

    def _change(self, statement: Any, question_id: int) -> None:
        with self._database.erase() as connection:
            if not connection.execute(statement).rowcount:
                raise NotFound(
                    f"saved question {question_id}",
                    cause="there is no such question",
                    remedy="list the saved questions",
                )

    def _mine(self) -> sa.ColumnElement[bool]:
        return SavedQuestionRow.owner.is_not_distinct_from(self._owner)

    def _one(self, question_id: int) -> sa.ColumnElement[bool]:
        return sa.and_(SavedQuestionRow.id == question_id, self._mine())


def _question(row: Any) -> StoredQuestion:
    return StoredQuestion(
        id=row.id,
        name=row.name,
        page=row.page,
        kind=row.kind,
        question=row.question,
        collections=tuple(row.collections),
        filters=msgspec.convert(row.filters, Filters),
        saved_at=row.saved_at,
    )
