"""Conversations of the catalogue: turns in, turns out, and nothing left of what is deleted.

They are no content that is searched: the generation stays as it is.
"""

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from indexer.errors import NotFound
from indexer.filters import Filters
from indexer.store.database import Database
from indexer.store.records import StoredConversation, StoredTurn
from indexer.store.tables import ConversationRow, TurnRow

_ID_BYTES = 16  # random: an address that nobody can guess


class ConversationStore:
    """The conversations of one person (None: of whoever need not sign in). Thread-safe."""

    def __init__(self, database: Database, owner: int | None = None) -> None:
        self._database = database
        self._owner = owner

    def add_turn(self, conversation: str | None, turn: StoredTurn) -> str:
        """Append a turn, to a new conversation if None; its id. One transaction.

        NotFound if there is no such conversation.
        """
        with self._database.write() as connection:
            if conversation is None:
                conversation = secrets.token_hex(_ID_BYTES)
                connection.execute(
                    sa.insert(ConversationRow).values(
                        id=conversation,
                        started_at=turn.asked_at,
                        updated_at=turn.asked_at,
                        owner=self._owner,
                    )
                )
            else:
                _check(connection, conversation, self._owner)
                connection.execute(
                    sa.update(ConversationRow)
                    .where(ConversationRow.id == conversation)
                    .values(updated_at=turn.asked_at)
                )
            last = connection.execute(
                sa.select(sa.func.max(TurnRow.number)).where(_belongs_to(conversation))
            ).scalar()
            connection.execute(
                sa.insert(TurnRow).values(
                    conversation_id=conversation,
                    number=(last or 0) + 1,
                    question=turn.question,
                    searched=turn.searched,
                    answer=turn.answer,
                    asked_at=turn.asked_at,
                    collections=list(turn.collections),
                    filters=msgspec.to_builtins(turn.filters),
                )
            )
        return conversation

    def turns(self, conversation: str, last: int | None = None) -> list[StoredTurn]:
        """All turns, or the ``last`` ones, in the order they were asked. NotFound."""
        statement = (
            sa.select(TurnRow.__table__)
            .where(_belongs_to(conversation))
            .order_by(TurnRow.number.desc())
            .limit(last)
        )
        with self._database.read() as connection:
            _check(connection, conversation, self._owner)
            found = connection.execute(statement).all()
        return [_turn(row) for row in reversed(found)]

    def conversation(self, conversation: str) -> StoredConversation:
        """NotFound if there is none of that id."""
        with self._database.read() as connection:
            _check(connection, conversation, self._owner)
            return _read(connection, ConversationRow.id == conversation, 0, 1)[0]

    def conversations(self, offset: int, limit: int) -> tuple[int, list[StoredConversation]]:
        """How many there are, and those from ``offset`` on, the one last spoken in first."""
        with self._database.read() as connection:
            total = connection.execute(
                sa.select(sa.func.count()).select_from(ConversationRow).where(_owned(self._owner))
            ).scalar_one()
            return int(total), _read(connection, _owned(self._owner), offset, limit)

    def delete(self, conversation: str) -> None:
        """Forget one, and overwrite its words on the disk. NotFound if there is none."""
        with self._database.erase() as connection:
            _check(connection, conversation, self._owner)
            connection.execute(sa.delete(TurnRow).where(_belongs_to(conversation)))
            connection.execute(sa.delete(ConversationRow).where(ConversationRow.id == conversation))

    def delete_all(self) -> int:
        """Forget all, and overwrite their words on the disk; how many there were."""
        with self._database.erase() as connection:
            theirs = sa.select(ConversationRow.id).where(_owned(self._owner))
            connection.execute(sa.delete(TurnRow).where(TurnRow.conversation_id.in_(theirs)))
            gone = sa.delete(ConversationRow).where(_owned(self._owner))
            return connection.execute(gone).rowcount


def _owned(owner: int | None) -> Any:
    return ConversationRow.owner.is_(None) if owner is None else ConversationRow.owner == owner


def _belongs_to(conversation: str) -> Any:
    return TurnRow.conversation_id == conversation


def _check(connection: Connection, conversation: str, owner: int | None) -> None:
    there = sa.select(sa.exists().where(ConversationRow.id == conversation, _owned(owner)))
    if not connection.execute(there).scalar_one():
        raise NotFound(
            f"conversation {conversation[:40]}",
            cause="there is no such conversation",
            remedy="list the conversations",
        )


def _read(
    connection: Connection, condition: Any, offset: int, limit: int
) -> list[StoredConversation]:
    here = TurnRow.conversation_id == ConversationRow.id
    first = (
        sa.select(TurnRow.question).where(here).order_by(TurnRow.number).limit(1).scalar_subquery()
    )
    count = sa.select(sa.func.count()).select_from(TurnRow).where(here).scalar_subquery()
    found: Sequence[Any] = connection.execute(
        sa.select(ConversationRow.__table__, first.label("question"), count.label("turns"))
        .where(condition)
        .order_by(ConversationRow.updated_at.desc(), ConversationRow.id)
        .offset(offset)
        .limit(limit)
    ).all()
    return [
        StoredConversation(
            id=row.id,
            question=row.question or "",
            turns=row.turns,
            started_at=row.started_at,
            updated_at=row.updated_at,
        )
        for row in found
    ]


def _turn(row: Any) -> StoredTurn:
    return StoredTurn(
        question=row.question,
        searched=row.searched,
        answer=row.answer,
        asked_at=row.asked_at,
        collections=tuple(row.collections),
        filters=msgspec.convert(row.filters, Filters),
    )
