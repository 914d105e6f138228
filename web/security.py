"""Who may talk to the server, and what a browser may do with its answers."""

import hmac
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, MisdirectedRequest, Unauthorized

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
_TAKES_FILES = frozenset({"pages.upload"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def protect(app: Flask, settings: WebSettings) -> None:
    """Install the checks, in this order, and the headers of every response."""
    app.config.update(
        SESSION_COOKIE_NAME="sightline",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Called below, after the checks that tell more about what is wrong.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf = CSRFProtect(app)

    @app.before_request
    def check() -> None:
        _check_host(settings)
        _check_password(settings)
        _check_origin()
        _check_form(csrf, settings)

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


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


def _check_password(settings: WebSettings) -> None:
    if not settings.password:
        return
    given = request.authorization
    offered = given.password if given is not None and given.type == "basic" else None
    if offered is None or not hmac.compare_digest(offered.encode(), settings.password.encode()):
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


def _check_form(csrf: CSRFProtect, settings: WebSettings) -> None:
    """Refuse what a page sends without the token of its own session.

    Programs use the API, where no cookie speaks for anybody.
    """
    if request.method in _SAFE_METHODS or request.path.startswith("/api/"):
        return
    if request.endpoint in _TAKES_FILES:  # before the form is read for its token
        request.max_content_length = settings.max_upload_bytes
    try:
        csrf.protect()
    except CSRFError as exc:
        raise Forbidden("the page has expired; open it again and repeat what you did") from exc
