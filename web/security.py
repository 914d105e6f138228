"""Who may talk to the server, and what a browser may do with its answers."""

import hmac
import threading
from collections import OrderedDict
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, g, redirect, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, MisdirectedRequest, Unauthorized
from werkzeug.wrappers import Response as BaseResponse

from retriever.domain import EVERYTHING, Reach
from web.access import UNLOGGED, Visitor, least_role
from web.engine import Engine
from web.people import Guesses, People
from web.settings import WebSettings, is_loopback

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob: data:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # not "no-referrer": with it browsers send "Origin: null" from our own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

# Endpoints of forms that may be as large as an upload.
_TAKES_FILES = frozenset({"library.upload", "library_api.add_documents"})
KEY_COOKIE = "sightline-key"
_ENGINES = 64  # of different reaches that are kept
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def protect(app: Flask, engine: Engine, settings: WebSettings, people: People | None) -> None:
    """Install the checks, in this order, and the headers of every response.

    InvalidSettings if other machines could reach everything without a password. Past the checks,
    ``g.visitor`` says who asks and ``g.engine`` is the engine narrowed to what they may see.
    Without ``people``, nobody signs in.
    """
    settings.check_door(guarded=_guarded(people))
    guesses = Guesses()
    app.config.update(
        SESSION_COOKIE_NAME="sightline",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Called below, after the checks that tell more about what is wrong.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf = CSRFProtect(app)
    engines = _Engines(engine)

    @app.before_request
    def check() -> BaseResponse | None:
        _check_host(settings)
        _check_origin()
        visitor = _visitor(settings, people, guesses)
        if visitor is None and least_role(request.endpoint) is not None:
            return _sign_in_first()
        g.visitor = visitor
        _check_form(csrf, visitor, settings)
        if visitor is not None:
            if not visitor.may(request.endpoint):
                raise Forbidden(
                    f"it needs the role {least_role(request.endpoint)}; ask an admin for it"
                )
            g.engine = engines.of(visitor.reach)
        return None

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    @app.after_request
    def audit(response: Response) -> Response:
        visitor: Visitor | None = g.get("visitor")
        endpoint = request.endpoint or ""
        changed = request.method not in _SAFE_METHODS and response.status_code < 400
        if people and changed and visitor is not None and endpoint not in UNLOGGED:
            subject = " ".join(f"{value}" for value in (request.view_args or {}).values())
            action = endpoint.partition(".")[2].replace("_", " ")
            people.store.note(
                visitor.name, action, g.get("subject", subject), request.remote_addr or ""
            )
        return response


class _Engines:
    """The engine as different people may use it; the latest ones are kept. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._narrowed: OrderedDict[Reach, Engine] = OrderedDict()

    def of(self, reach: Reach) -> Engine:
        if reach == EVERYTHING:
            return self._engine
        with self._lock:
            engine = self._narrowed.pop(reach, None) or self._engine.within(reach)
            self._narrowed[reach] = engine
            if len(self._narrowed) > _ENGINES:
                self._narrowed.popitem(last=False)
            return engine


def _guarded(people: People | None) -> bool:
    return people is not None and people.store.any()


def _visitor(settings: WebSettings, people: People | None, guesses: Guesses) -> Visitor | None:
    """Who asks; None if they have yet to say so. Unauthorized for what opens nothing."""
    if people is None or not people.store.any():
        if settings.password and request.endpoint == "healthz":
            return None
        _check_password(settings, guesses)
        return Visitor(by="password" if settings.password else "open")
    given = request.authorization
    if given is not None:
        secret = given.token if given.type == "bearer" else None
        found = people.visitor("token", secret) if secret else None
        if found is None:
            raise Unauthorized(
                "the token opens nothing: it is wrong, expired or revoked",
                www_authenticate=WWWAuthenticate("bearer", {"realm": "Sightline"}),
            )
        return found
    cookie = request.cookies.get(KEY_COOKIE)
    return people.visitor("session", cookie) if cookie else None


def _sign_in_first() -> BaseResponse:
    """To the page where one signs in, for whoever opens a page; otherwise Unauthorized."""
    pages = request.accept_mimetypes.best_match(["text/html", "application/json"]) == "text/html"
    if request.method == "GET" and pages and not request.path.startswith("/api/"):
        back = request.full_path.rstrip("?")
        return redirect(f"/sign-in?{urlencode({'next': back})}", HTTPStatus.SEE_OTHER)
    raise Unauthorized(
        "sign in first; a program sends its token as Authorization: Bearer",
        www_authenticate=WWWAuthenticate("bearer", {"realm": "Sightline"}),
    )


def _check_host(settings: WebSettings) -> None:
    """A loopback server answers to its own names only, so that DNS rebinding cannot reach it."""
    if not settings.loopback:
        return
    name = _host_name(request.headers.get("Host", ""))
    if name not in settings.allowed_hosts and not is_loopback(name):
        raise MisdirectedRequest(
            f"this server does not answer to the name {name!r}; "
            "add it to SIGHTLINE_WEB_HOSTS if it is yours"
        )


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").casefold()
    except ValueError:
        return ""


def _check_password(settings: WebSettings, guesses: Guesses) -> None:
    if not settings.password:
        return
    given = request.authorization
    offered = given.password if given is not None and given.type == "basic" else None
    address = request.remote_addr or ""
    if offered is not None:
        guesses.slow_down("", address)
        if hmac.compare_digest(offered.encode(), settings.password.encode()):
            return
        guesses.wrong("", address)
    raise Unauthorized(
        "a password is needed; give it with any user name",
        www_authenticate=WWWAuthenticate("basic", {"realm": "Sightline", "charset": "UTF-8"}),
    )


def _check_origin() -> None:
    """Refuse changes that another site asks a browser for; programs send neither header."""
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc.casefold() != request.host.casefold()
    if site not in {"same-origin", "none"} or foreign:
        raise Forbidden("the request comes from another site; open Sightline itself and try again")


def _check_form(csrf: CSRFProtect, visitor: Visitor | None, settings: WebSettings) -> None:
    """Refuse what a browser sends without the token of its own session.

    Programs use the API, and no cookie speaks for them.
    """
    cookie = visitor is not None and visitor.by == "session"
    if request.method in _SAFE_METHODS or (request.path.startswith("/api/") and not cookie):
        return
    if request.endpoint in _TAKES_FILES:  # before the form is read for its token
        request.max_content_length = settings.max_upload_bytes
    try:
        csrf.protect()
    except CSRFError as exc:
        raise Forbidden("the page has expired; open it again and repeat what you did") from exc
