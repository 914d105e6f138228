"""People of the catalogue: who may sign in, what they may see, their keys, and the audit log.

None of it is content that is searched: the generation stays as it is.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from indexer.errors import InvalidInput, NotFound
from indexer.store.database import Database
from indexer.store.tables import (
    CollectionRow,
    ConversationRow,
    DeedRow,
    KeyRow,
    PermitRow,
    PersonRow,
    SavedQuestionRow,
    TurnRow,
)

Role = Literal["reader", "editor", "admin"]
KeyKind = Literal["session", "token"]

_DEEDS = 20_000  # lines of the audit log that are kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """``collections`` are the names of those they may see, None for all."""

    id: int
    name: str
    role: Role
    collections: frozenset[str] | None
    suspended: bool
    added_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A session or a token without its secret. Times are Unix seconds."""

    id: int
    kind: KeyKind
    label: str
    scope: Role
    added_at: float
    used_at: float
    expires_at: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """Who did what to what, from which address."""

    at: float
    who: str
    action: str
    subject: str
    address: str


class PeopleStore:
    """The people of an open catalogue. Thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- people --------------------------------------------------------------------------------

    def any(self) -> bool:
        """Whether anybody signs in here at all."""
        with self._database.read() as connection:
            return bool(connection.execute(sa.select(sa.exists().select_from(PersonRow))).scalar())

    def people(self) -> list[Person]:
        """All of them by name."""
        with self._database.read() as connection:
            return _people(connection, sa.true())

    def person(self, person_id: int) -> Person:
        """NotFound if there is none of that id."""
        with self._database.read() as connection:
            return _one(connection, PersonRow.id == person_id, f"person {person_id}")

    def named(self, name: str) -> tuple[Person, str] | None:
        """The person of a name, however it is cased, and the hash of their password."""
        with self._database.read() as connection:
            found = _people(connection, PersonRow.folded == name.casefold())
            if not found:
                return None
            hashed = connection.execute(
                sa.select(PersonRow.password).where(PersonRow.id == found[0].id)
            ).scalar_one()
            return found[0], hashed

    def add(
        self, name: str, password: str, role: Role, collections: Iterable[str] | None, *,
        first: bool = False,
    ) -> Person:  # fmt: skip
        """A new person; ``password`` is a hash. InvalidInput if the name is taken.

        With ``first``, also if anybody is there already. NotFound for an unknown collection.
        """
        with self._database.write() as connection:
            anybody = connection.execute(sa.select(sa.func.count()).select_from(PersonRow)).scalar()
            if first and anybody:
                raise InvalidInput(
                    "set-up", cause="the first person has been added", remedy="sign in"
                )
            if _people(connection, PersonRow.folded == name.casefold()):
                raise InvalidInput(name, cause="this name is taken", remedy="choose another name")
            inserted = connection.execute(
                sa.insert(PersonRow).values(
                    name=name,
                    folded=name.casefold(),
                    password=password,
                    role=role,
                    everything=collections is None,
                    suspended=False,
                    added_at=time.time(),
                )
            )
            key = inserted.inserted_primary_key
            assert key is not None
            _permit(connection, key[0], collections or ())
            return _one(connection, PersonRow.id == key[0], name)

    def change(
        self,
        person_id: int,
        *,
        role: Role,
        collections: Iterable[str] | None,
        suspended: bool,
    ) -> Person:
        """Give a person another role and reach. The last admin stays one: InvalidInput.

        Who is suspended loses all keys. NotFound for an unknown person or collection.
        """
        with self._database.write() as connection:
            _one(connection, PersonRow.id == person_id, f"person {person_id}")
            connection.execute(
                sa.update(PersonRow)
                .where(PersonRow.id == person_id)
                .values(role=role, everything=collections is None, suspended=suspended)
            )
            connection.execute(sa.delete(PermitRow).where(PermitRow.person_id == person_id))
            _permit(connection, person_id, collections or ())
            if suspended:
                connection.execute(sa.delete(KeyRow).where(KeyRow.person_id == person_id))
            _keep_an_admin(connection)
            return _one(connection, PersonRow.id == person_id, f"person {person_id}")

    def set_password(self, person_id: int, password: str, *, keep_key: int | None = None) -> None:
        """Another hash; every key but ``keep_key`` stops working."""
        with self._database.write() as connection:
            _one(connection, PersonRow.id == person_id, f"person {person_id}")
            connection.execute(
                sa.update(PersonRow).where(PersonRow.id == person_id).values(password=password)
            )
            gone = KeyRow.person_id == person_id
            if keep_key is not None:
                gone &= KeyRow.id != keep_key
            connection.execute(sa.delete(KeyRow).where(gone))

    def remove(self, person_id: int) -> None:
        """Forget a person with keys, conversations and saved questions.

        The last admin stays: InvalidInput.
        """
        with self._database.erase() as connection:
            _one(connection, PersonRow.id == person_id, f"person {person_id}")
            theirs = sa.select(ConversationRow.id).where(ConversationRow.owner == person_id)
            connection.execute(sa.delete(TurnRow).where(TurnRow.conversation_id.in_(theirs)))
            connection.execute(sa.delete(ConversationRow).where(ConversationRow.owner == person_id))
            connection.execute(
                sa.delete(SavedQuestionRow).where(SavedQuestionRow.owner == person_id)
            )
            for row in (KeyRow, PermitRow):
                connection.execute(sa.delete(row).where(row.person_id == person_id))
            connection.execute(sa.delete(PersonRow).where(PersonRow.id == person_id))
            _keep_an_admin(connection)

    # -- keys ----------------------------------------------------------------------------------

    def add_key(
        self,
        person_id: int,
        kind: KeyKind,
        digest: str,
        *,
        label: str,
        scope: Role,
        expires_at: float | None,
    ) -> Key:
        """Keep the SHA-256 of a new secret. Whatever has expired leaves."""
        now = time.time()
        with self._database.write() as connection:
            connection.execute(sa.delete(KeyRow).where(KeyRow.expires_at <= now))
            inserted = connection.execute(
                sa.insert(KeyRow).values(
                    person_id=person_id,
                    kind=kind,
                    digest=digest,
                    label=label,
                    scope=scope,
                    added_at=now,
                    used_at=now,
                    expires_at=expires_at,
                )
            )
            made = inserted.inserted_primary_key
            assert made is not None
            return _keys(connection, KeyRow.id == made[0])[0]

    def holder(self, kind: KeyKind, digest: str) -> tuple[Person, Key] | None:
        """Whose key has this digest; None if it is unknown, has expired, or they are suspended."""
        condition = sa.and_(
            KeyRow.digest == digest,
            KeyRow.kind == kind,
            sa.or_(KeyRow.expires_at.is_(None), KeyRow.expires_at > time.time()),
        )
        with self._database.read() as connection:
            keys = _keys(connection, condition)
            if not keys:
                return None
            owner = sa.select(KeyRow.person_id).where(KeyRow.id == keys[0].id).scalar_subquery()
            people = _people(connection, PersonRow.id == owner)
        if not people or people[0].suspended:
            return None
        return people[0], keys[0]

    def used(self, key_id: int) -> None:
        """Note that a key was used just now."""
        with self._database.write() as connection:
            connection.execute(
                sa.update(KeyRow).where(KeyRow.id == key_id).values(used_at=time.time())
            )

    def keys(self, person_id: int) -> list[Key]:
        """A person's sessions and tokens that still work, the newest first."""
        alive = sa.or_(KeyRow.expires_at.is_(None), KeyRow.expires_at > time.time())
        with self._database.read() as connection:
            return _keys(connection, sa.and_(KeyRow.person_id == person_id, alive))

    def revoke(self, person_id: int, key_id: int) -> None:
        """Make one key of a person useless. NotFound if it is not theirs."""
        with self._database.write() as connection:
            gone = connection.execute(
                sa.delete(KeyRow).where(KeyRow.id == key_id, KeyRow.person_id == person_id)
            )
            if not gone.rowcount:
                raise NotFound(
                    f"key {key_id}", cause="there is no such key", remedy="reload the page"
                )

    # -- audit ---------------------------------------------------------------------------------

    def note(self, who: str, action: str, subject: str, address: str) -> None:
        """Add a line to the audit log; the oldest beyond a limit leave."""
        with self._database.write() as connection:
            inserted = connection.execute(
                sa.insert(DeedRow).values(
                    at=time.time(),
                    who=who[:100],
                    action=action[:100],
                    subject=subject[:500],
                    address=address[:100],
                )
            )
            made = inserted.inserted_primary_key
            assert made is not None
            connection.execute(sa.delete(DeedRow).where(DeedRow.id <= made[0] - _DEEDS))

    def deeds(self, offset: int, limit: int) -> tuple[int, list[Deed]]:
        """How many lines there are, and those from ``offset`` on, the newest first."""
        with self._database.read() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(DeedRow)).scalar_one()
            found = connection.execute(
                sa.select(DeedRow.__table__).order_by(DeedRow.id.desc()).offset(offset).limit(limit)
            )
            return int(total), [
                Deed(
                    at=row.at,
                    who=row.who,
                    action=row.action,
                    subject=row.subject,
                    address=row.address,
                )
                for row in found
            ]


def _people(connection: Connection, condition: Any) -> list[Person]:
    rows = connection.execute(
        sa.select(PersonRow.__table__).where(condition).order_by(PersonRow.folded)
    ).all()
    permits: dict[int, set[str]] = {row.id: set() for row in rows}
    for person, name in connection.execute(
        sa.select(PermitRow.person_id, CollectionRow.name)
        .join(CollectionRow, CollectionRow.id == PermitRow.collection_id)
        .where(PermitRow.person_id.in_(permits))
    ):
        permits[person].add(name)
    return [
        Person(
            id=row.id,
            name=row.name,
            role=row.role,
            collections=None if row.everything else frozenset(permits[row.id]),
            suspended=row.suspended,
            added_at=row.added_at,
        )
        for row in rows
    ]


def _one(connection: Connection, condition: Any, item: str) -> Person:
    found = _people(connection, condition)
    if not found:
        raise NotFound(item, cause="there is no such person", remedy="list the people")
    return found[0]


def _permit(connection: Connection, person_id: int, collections: Iterable[str]) -> None:
    for name in sorted(set(collections)):
        collection = connection.execute(
            sa.select(CollectionRow.id).where(CollectionRow.name == name)
        ).scalar()
        if collection is None:
            raise NotFound(
                name, cause="there is no such collection", remedy="choose one that exists"
            )
        connection.execute(
            sa.insert(PermitRow).values(person_id=person_id, collection_id=collection)
        )


def _keep_an_admin(connection: Connection) -> None:
    """Undo, by raising, what would leave people but nobody to look after them."""
    able = sa.select(sa.exists().where(PersonRow.role == "admin", PersonRow.suspended.is_(False)))
    anybody = sa.select(sa.exists().select_from(PersonRow))
    if connection.execute(anybody).scalar() and not connection.execute(able).scalar():
        raise InvalidInput(
            "the last admin",
            cause="nobody else could look after people and settings",
            remedy="make somebody else an admin first",
        )


def _keys(connection: Connection, condition: Any) -> list[Key]:
    rows = connection.execute(
        sa.select(KeyRow.__table__).where(condition).order_by(KeyRow.id.desc())
    )
    return [
        Key(
            id=row.id,
            kind=row.kind,
            label=row.label,
            scope=row.scope,
            added_at=row.added_at,
            used_at=row.used_at,
            expires_at=row.expires_at,
        )
        for row in rows
    ]
