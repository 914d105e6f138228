"""People, tokens and the audit log for programs."""

from typing import Any

from flask import Blueprint, Response, g, jsonify

from indexer.errors import InvalidInput
from indexer.store.people import Person
from web import forms, serialize, shapes
from web.access import Visitor
from web.describe import describes
from web.paging import paged, stretch, stretch_of
from web.people import People
from web.people_pages import read_role


def build_people_api(people: People) -> Blueprint:
    api = Blueprint("people_api", __name__, url_prefix="/api/v1")

    @api.get("/me")
    @describes("Who this request speaks for", returns=shapes.Me)
    def me() -> Response:
        who: Visitor = g.visitor
        return jsonify(
            {
                "by": who.by,
                "role": who.role,
                "person": serialize.person_json(who.person) if who.person else None,
            }
        )

    @api.get("/tokens")
    @describes(
        "Your tokens and sessions that still work", query=shapes.Stretch, returns=shapes.Keys
    )
    def tokens() -> Response:
        who: Visitor = g.visitor
        keys = people.store.keys(_person().id)
        found = [serialize.key_json(key, current=who.key) for key in keys]
        return jsonify(stretch_of("keys", found))

    @api.post("/tokens")
    @describes("Make a token", json=shapes.NewToken, returns=shapes.Token, status=201)
    def add_token() -> tuple[Response, int]:
        body = forms.json_object()
        days = body.get("days", 90)
        if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= 3650:
            raise InvalidInput("days", cause="it is not 0 to 3650", remedy="use 0 for ever")
        secret, key = people.add_key(
            _person(),
            "token",
            label=forms.json_text(body, "label"),
            scope=read_role(forms.json_text(body, "scope") or "reader"),
            seconds=days * 86_400.0 if days else None,
        )
        g.subject = key.label
        return jsonify({"token": secret, **serialize.key_json(key)}), 201

    @api.delete("/tokens/<int:key_id>")
    @describes("End a token or a session", returns=shapes.Deleted)
    def revoke_token(key_id: int) -> Response:
        people.store.revoke(_person().id, key_id)
        return jsonify({"deleted": 1})

    @api.get("/people")
    @describes("Everybody who may sign in", query=shapes.Stretch, returns=shapes.People)
    def everybody() -> Response:
        found = [serialize.person_json(each) for each in people.store.people()]
        return jsonify(stretch_of("people", found))

    @api.post("/people")
    @describes("Add a person", json=shapes.NewPerson, returns=shapes.Person, status=201)
    def add_person() -> tuple[Response, int]:
        body = forms.json_object()
        person = people.add(
            forms.json_text(body, "name"),
            forms.json_text(body, "password"),
            read_role(forms.json_text(body, "role") or "reader"),
            _collections(body, frozenset()),
        )
        g.subject = person.name
        return jsonify(serialize.person_json(person)), 201

    @api.patch("/people/<int:person_id>")
    @describes(
        "Change what a person may do and see", json=shapes.ChangedPerson, returns=shapes.Person
    )
    def change_person(person_id: int) -> Response:
        body = forms.json_object()
        person = people.store.person(person_id)
        suspended = body.get("suspended", person.suspended)
        if not isinstance(suspended, bool):
            raise InvalidInput("suspended", cause="it is not true or false", remedy="send one")
        if password := forms.json_text(body, "password"):
            people.set_password(person, password)
        changed = people.store.change(
            person_id,
            role=read_role(forms.json_text(body, "role") or person.role),
            collections=_collections(body, person.collections),
            suspended=suspended,
        )
        g.subject = person.name
        return jsonify(serialize.person_json(changed))

    @api.delete("/people/<int:person_id>")
    @describes("Remove a person with conversations and tokens", returns=shapes.Deleted)
    def remove_person(person_id: int) -> Response:
        g.subject = people.store.person(person_id).name
        people.store.remove(person_id)
        return jsonify({"deleted": 1})

    @api.get("/audit")
    @describes("Who did what, the latest first", query=shapes.Stretch, returns=shapes.Audit)
    def audit() -> Response:
        offset, limit = stretch()
        total, deeds = people.store.deeds(offset, limit)
        listing = {"total": total, "deeds": [serialize.deed_json(deed) for deed in deeds]}
        return jsonify(paged(listing, offset, limit))

    return api


def _person() -> Person:
    who: Visitor = g.visitor
    if who.person is None:
        raise InvalidInput("token", cause="nobody signs in here", remedy="no token is needed")
    return who.person


def _collections(body: dict[str, Any], otherwise: frozenset[str] | None) -> frozenset[str] | None:
    """The body's ``collections``: a list of names, or null for all."""
    if "collections" not in body:
        return otherwise
    if body["collections"] is None:
        return None
    return frozenset(forms.json_texts(body, "collections"))
