"""Who may do what: the least role that each endpoint needs. What is not listed needs an admin."""

from dataclasses import dataclass
from typing import Literal, get_args

from indexer.store.people import Key, Person, Role
from retriever.domain import EVERYTHING, Reach

_RANKS = {role: rank for rank, role in enumerate(get_args(Role))}

# Open to whoever can reach the server at all.
PUBLIC = frozenset({"static", "healthz", "people.sign_in", "language"})

# See, search and ask; and look after one's own keys, questions and conversations.
READER = frozenset(
    """
    pages.ask pages.answer pages.search pages.similar pages.document
    pages.conversations pages.conversation pages.delete_conversation pages.delete_conversations
    media.thumbnail media.page_image media.original
    walking.search_hit walking.similar_hit
    api.search api.find api.similar api.similar_to_indexed api.ask api.answer
    api.conversations api.delete_conversations
    api.conversation api.delete_conversation api.export_conversation api.documents api.document
    api.page reference.api reference.openapi_document
    people.sign_out people.account people.change_password people.add_token people.revoke
    people_api.me people_api.tokens people_api.add_token people_api.revoke_token
    library.documents library.collections library.jobs library.job library.duplicates
    library.saved library.save library.rename_saved library.delete_saved library.models
    library_api.jobs library_api.job library_api.collections library_api.folders
    library_api.duplicates library_api.saved library_api.save library_api.rename_saved
    library_api.delete_saved library_api.models
    """.split()
)

# Add and remove documents.
EDITOR = frozenset(
    """
    library.upload library.cancel_job library.retry_job library.retry_failed
    library.remove_document
    library_api.add_documents library_api.remove_document library_api.cancel_job
    library_api.retry_job library_api.retry_failed
    """.split()
)

# Look after people, and see the state of the whole.
ADMIN = frozenset(
    """
    api.status library.status library_api.health
    library.rename_collection library.delete_collection
    library_api.rename_collection library_api.delete_collection
    people.everybody people.add_person people.change_person people.remove_person people.audit
    people_api.everybody people_api.add_person people_api.change_person people_api.remove_person
    people_api.audit
    """.split()
)

# Endpoints that post without changing anything that a log should tell of.
UNLOGGED = frozenset(
    """
    pages.ask pages.answer pages.search pages.similar api.ask api.similar
    people.sign_in people.sign_out language
    """.split()
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Who a request comes from, and how that is known.

    ``by`` is "open" where nobody signs in, "password" for the one password of the server,
    "session" for a browser that signed in, "token" for a program.
    """

    by: Literal["open", "password", "session", "token"]
    role: Role = "admin"
    person: Person | None = None
    key: Key | None = None

    @property
    def name(self) -> str:
        return self.person.name if self.person else ""

    @property
    def reach(self) -> Reach:
        if self.person is None:
            return EVERYTHING
        return Reach(collections=self.person.collections, owner=self.person.id)

    def may(self, endpoint: str | None) -> bool:
        """Whether the role of this visitor suffices for ``endpoint``."""
        needed = least_role(endpoint)
        return needed is None or _RANKS[self.role] >= _RANKS[needed]


def least_role(endpoint: str | None) -> Role | None:
    """None for what is public, or for an address that leads nowhere."""
    if endpoint is None or endpoint in PUBLIC:
        return None
    if endpoint in READER:
        return "reader"
    return "editor" if endpoint in EDITOR else "admin"


def lesser(one: Role, other: Role) -> Role:
    """The role of the two that may do less."""
    return min(one, other, key=_RANKS.__getitem__)
