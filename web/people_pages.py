"""Pages about people: signing in, one's own account, and for admins everybody and the audit log."""

from http import HTTPStatus
from typing import cast, get_args

from flask import Blueprint, g, redirect, render_template, request, session
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as BaseResponse

from indexer.errors import InvalidInput, SightlineError
from indexer.store.people import Person, Role
from web import forms, serialize
from web.access import Visitor
from web.engine import Engine
from web.language import texts
from web.links import local_address
from web.people import SESSION_SECONDS, People
from web.security import KEY_COOKIE

AUDIT_STEP = 100
_DAY = 86_400.0
# How long a token lives, in days; 0 for ever.
TOKEN_DAYS = (30, 90, 365, 0)


def build_people_pages(engine: Engine, people: People) -> Blueprint:
    pages = Blueprint("people", __name__)

    @pages.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> BaseResponse | str | tuple[str, int]:
        back = local_address(request.values.get("next", ""))
        if request.method == "GET":
            if g.get("visitor") is not None:
                return redirect(back, HTTPStatus.SEE_OTHER)
            return render_template("sign_in.html", back=back, problem="")
        try:
            secret, _ = people.sign_in(
                request.form.get("name", "")[:200],
                request.form.get("password", ""),
                address=request.remote_addr or "",
                browser=(request.user_agent.string or "")[:200],
            )
        except HTTPException as exc:
            code = exc.code or HTTPStatus.UNAUTHORIZED
            problem = texts().get(f"sign_in_{code}") or exc.description
            return render_template("sign_in.html", back=back, problem=problem), code
        return _signed_in(redirect(back, HTTPStatus.SEE_OTHER), secret)

    @pages.post("/sign-out")
    def sign_out() -> BaseResponse:
        who = _visitor()
        if who.person and who.key:
            people.store.revoke(who.person.id, who.key.id)
        session.clear()
        response = redirect("/sign-in", HTTPStatus.SEE_OTHER)
        response.delete_cookie(KEY_COOKIE)
        return response

    @pages.get("/account")
    def account() -> str:
        return _account()

    @pages.post("/account/password")
    def change_password() -> BaseResponse | tuple[str, int]:
        person = _person()
        try:
            people.check_own(person, request.form.get("old", ""), request.remote_addr or "")
            people.set_password(person, request.form.get("new", ""), keep=_visitor().key)
        except (HTTPException, InvalidInput) as exc:
            said = exc.description if isinstance(exc, HTTPException) else str(exc)
            return _account(problem=said or ""), HTTPStatus.BAD_REQUEST
        g.subject = person.name
        return redirect("/account?done=password", HTTPStatus.SEE_OTHER)

    @pages.post("/account/tokens")
    def add_token() -> str | tuple[str, int]:
        days = forms.integer("days", 90, high=3650)
        try:
            secret, key = people.add_key(
                _person(),
                "token",
                label=forms.words("label"),
                scope=read_role(request.form.get("scope", "reader")),
                seconds=days * _DAY if days else None,
            )
        except InvalidInput as exc:
            return _account(problem=str(exc)), HTTPStatus.BAD_REQUEST
        g.subject = key.label
        return _account(secret=secret)

    @pages.post("/account/keys/<int:key_id>/revoke")
    def revoke(key_id: int) -> BaseResponse:
        people.store.revoke(_person().id, key_id)
        return redirect("/account", HTTPStatus.SEE_OTHER)

    def _account(problem: str = "", secret: str = "") -> str:
        who = _visitor()
        keys = people.store.keys(who.person.id) if who.person else []
        return render_template(
            "account.html",
            keys=[serialize.key_json(key, current=who.key) for key in keys],
            roles=get_args(Role),
            days=TOKEN_DAYS,
            problem=problem,
            secret=secret,
            done=request.args.get("done", ""),
        )

    @pages.get("/people")
    def everybody() -> str:
        return _everybody()

    @pages.post("/people")
    def add_person() -> BaseResponse | tuple[str, int]:
        first = not people.store.any()
        password = request.form.get("password", "")
        try:
            person = people.add(
                forms.words("name"),
                password,
                read_role(request.form.get("role", "reader")),
                _collections(),
            )
        except SightlineError as exc:
            return _everybody(problem=str(exc)), HTTPStatus.BAD_REQUEST
        g.subject = person.name
        response = redirect("/people", HTTPStatus.SEE_OTHER)
        if first:  # whoever adds the first person is that person
            secret, _ = people.sign_in(
                person.name,
                password,
                address=request.remote_addr or "",
                browser=(request.user_agent.string or "")[:200],
            )
            return _signed_in(response, secret)
        return response

    @pages.post("/people/<int:person_id>")
    def change_person(person_id: int) -> BaseResponse | tuple[str, int]:
        person = people.store.person(person_id)
        try:
            people.store.change(
                person_id,
                role=read_role(request.form.get("role", person.role)),
                collections=_collections(),
                suspended=bool(request.form.get("suspended")),
            )
            if password := request.form.get("password", ""):
                people.set_password(person, password)
        except SightlineError as exc:
            return _everybody(problem=str(exc)), HTTPStatus.BAD_REQUEST
        g.subject = person.name
        return redirect("/people", HTTPStatus.SEE_OTHER)

    @pages.post("/people/<int:person_id>/remove")
    def remove_person(person_id: int) -> BaseResponse | tuple[str, int]:
        g.subject = people.store.person(person_id).name
        try:
            people.store.remove(person_id)
        except InvalidInput as exc:
            return _everybody(problem=str(exc)), HTTPStatus.BAD_REQUEST
        return redirect("/people", HTTPStatus.SEE_OTHER)

    def _everybody(problem: str = "") -> str:
        return render_template(
            "people.html",
            everybody=[serialize.person_json(person) for person in people.store.people()],
            collections=[item.name for item in engine.collections()],
            roles=get_args(Role),
            problem=problem,
        )

    @pages.get("/audit")
    def audit() -> str:
        offset = forms.integer("offset", 0)
        total, deeds = people.store.deeds(offset, AUDIT_STEP)
        return render_template(
            "audit.html",
            deeds=[serialize.deed_json(deed) for deed in deeds],
            total=total,
            offset=offset,
            step=AUDIT_STEP,
        )

    return pages


def read_role(value: str) -> Role:
    """InvalidInput unless it is one."""
    if value not in get_args(Role):
        raise InvalidInput(
            "role", cause=f"{value[:40]!r} is unknown", remedy=f"use {', '.join(get_args(Role))}"
        )
    return cast(Role, value)


def _collections() -> frozenset[str] | None:
    """The form's collections; None for all of them."""
    if request.form.get("everything"):
        return None
    return frozenset(name for name in request.form.getlist("collection") if name)


def _visitor() -> Visitor:
    found: Visitor = g.visitor
    return found


def _person() -> Person:
    person = _visitor().person
    if person is None:
        raise NotFound("nobody signs in here: there is no account to look after")
    return person


def _signed_in(response: BaseResponse, secret: str) -> BaseResponse:
    session.clear()  # the token of forms is a new person's
    response.set_cookie(
        KEY_COOKIE,
        secret,
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response
