"""Signing in: passwords, sessions, tokens, and how fast they may be guessed.

Passwords are kept as scrypt hashes, sessions and tokens as SHA-256 of 256 random bits: what is
stored opens nothing.
"""

import hashlib
import os
import secrets
import time
from pathlib import Path

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests, Unauthorized
from werkzeug.security import check_password_hash, generate_password_hash

from indexer.errors import InvalidInput, OutOfResources
from indexer.store.people import Key, KeyKind, PeopleStore, Person, Role
from web.access import Visitor, lesser

TOKEN_PREFIX = "slt_"  # so that secrets that have leaked can be looked for
SESSION_SECONDS = 30 * 86_400
_SECRET_FILE = "cookies.key"
_SHORTEST, _LONGEST = 10, 500  # characters of a password
_LONGEST_NAME = 60
_MINUTES = 5
_WRONG_TOGETHER = RateLimitItemPerMinute(8, _MINUTES)  # for one name from one address
_WRONG_ALONE = RateLimitItemPerMinute(40, _MINUTES)  # for one name, or from one address
_USED_SECONDS = 60.0  # how exactly it is known when a key was last used
# Compared with when nobody has the name, so that the time taken does not tell.
_NOBODY = generate_password_hash("nobody")


class Guesses:
    """Slows down whoever guesses passwords. Thread-safe."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def slow_down(self, name: str, address: str) -> None:
        """TooManyRequests if ``name`` or ``address`` was wrong too often of late."""
        for item, identity in _windows(name, address):
            if not self._limiter.test(item, *identity):
                reset = self._limiter.get_window_stats(item, *identity).reset_time
                wait = max(1, int(reset - time.time()) + 1)
                raise TooManyRequests(
                    f"too many wrong passwords; try again in {wait} s", retry_after=wait
                )

    def wrong(self, name: str, address: str) -> None:
        """Count a wrong password."""
        for item, identity in _windows(name, address):
            self._limiter.hit(item, *identity)


class People:
    """Those who may sign in to one archive. Thread-safe."""

    def __init__(self, store: PeopleStore) -> None:
        self.store = store
        self._guesses = Guesses()

    # -- getting in ----------------------------------------------------------------------------

    def sign_in(self, name: str, password: str, *, address: str, browser: str) -> tuple[str, Key]:
        """The secret of a new session and its key.

        Unauthorized for a wrong name or password or a suspended person; TooManyRequests after too
        many of them.
        """
        self._guesses.slow_down(name, address)
        found = self.store.named(name.strip())
        right = check_password_hash(found[1] if found else _NOBODY, password[:_LONGEST])
        if found is None or not right or found[0].suspended:
            self._guesses.wrong(name, address)
            self.store.note(name.strip(), "sign-in refused", "", address)
            raise Unauthorized("the name or the password is wrong")
        person = found[0]
        self.store.note(person.name, "signed in", browser, address)
        return self.add_key(
            person, "session", label=browser, scope=person.role, seconds=SESSION_SECONDS
        )

    def visitor(self, kind: KeyKind, secret: str) -> Visitor | None:
        """Whose secret this is; None if it opens nothing."""
        held = self.store.holder(kind, digest(secret))
        if held is None:
            return None
        person, key = held
        if time.time() - key.used_at > _USED_SECONDS:
            self.store.used(key.id)
        return Visitor(by=kind, role=lesser(person.role, key.scope), person=person, key=key)

    def add_key(
        self, person: Person, kind: KeyKind, *, label: str, scope: Role, seconds: float | None
    ) -> tuple[str, Key]:
        """A new secret, told this once, and what is kept of it. A token may not exceed its owner.

        ``seconds`` it lives; None for ever.
        """
        if lesser(scope, person.role) != scope:
            raise InvalidInput(
                "scope",
                cause=f"{person.name} is no {scope}",
                remedy=f"choose {person.role} or less",
            )
        if kind == "token" and not label.strip():
            raise InvalidInput("token", cause="it needs a name", remedy="say what it is for")
        secret = (TOKEN_PREFIX if kind == "token" else "") + secrets.token_urlsafe(32)
        key = self.store.add_key(
            person.id,
            kind,
            digest(secret),
            label=label.strip()[:200],
            scope=scope,
            expires_at=None if seconds is None else time.time() + seconds,
        )
        return secret, key

    # -- people --------------------------------------------------------------------------------

    def add(
        self, name: str, password: str, role: Role, collections: frozenset[str] | None
    ) -> Person:
        """A new person; the first one is an admin who sees everything. InvalidInput, NotFound."""
        name = " ".join(name.split())
        if not name or len(name) > _LONGEST_NAME or not name.isprintable() or ":" in name:
            raise InvalidInput(
                "name",
                cause=f"{name[:40]!r} cannot be one",
                remedy=f"use at most {_LONGEST_NAME} letters, digits or spaces",
            )
        first = not self.store.any()
        if first:
            role, collections = "admin", None
        return self.store.add(name, hashed(password), role, collections, first=first)

    def set_password(self, person: Person, password: str, *, keep: Key | None = None) -> None:
        """Another password; all sessions and tokens but ``keep`` stop working. InvalidInput."""
        self.store.set_password(person.id, hashed(password), keep_key=keep.id if keep else None)

    def check_own(self, person: Person, password: str, address: str) -> None:
        """Unauthorized unless it is the person's password; guesses are slowed down."""
        self._guesses.slow_down(person.name, address)
        found = self.store.named(person.name)
        if found is None or not check_password_hash(found[1], password[:_LONGEST]):
            self._guesses.wrong(person.name, address)
            raise Unauthorized("the present password is wrong")


def cookie_secret(home: Path) -> bytes:
    """What signs the cookies of this home's server: made once, readable by its owner alone.

    OutOfResources if the disk refuses.
    """
    path = home / _SECRET_FILE
    try:
        if not path.exists():
            temporary = path.with_suffix(f".{os.getpid()}.part")
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(32))
            temporary.replace(path)
        return path.read_bytes()
    except OSError as exc:
        raise OutOfResources.because(exc, path) from exc


def digest(secret: str) -> str:
    """SHA-256 in hex: enough for 256 random bits, which nobody can guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hashed(password: str) -> str:
    """Scrypt. InvalidInput for a password that is too short or too long."""
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise InvalidInput(
            "password",
            cause=f"it has {len(password)} characters",
            remedy=f"use {_SHORTEST} to {_LONGEST}; several words are easy to keep in mind",
        )
    return generate_password_hash(password)


def _windows(name: str, address: str) -> tuple[tuple[RateLimitItemPerMinute, tuple[str, ...]], ...]:
    folded = name.strip().casefold()[:_LONGEST_NAME]
    return (
        (_WRONG_TOGETHER, ("both", folded, address)),
        (_WRONG_ALONE, ("name", folded)),
        (_WRONG_ALONE, ("address", address)),
    )
