"""The web application: pages for people, an HTTP API for programs."""

from collections.abc import Callable
from http import HTTPStatus
from secrets import token_bytes
from typing import cast

from flask import Flask, Response, g, redirect, request
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response as BaseResponse

from indexer.errors import SightlineError
from web import gate
from web.api import build_api
from web.engine import Engine
from web.errors import MEDIA_TYPE, register_errors
from web.language import COOKIE, said, texts
from web.library_api import build_library_api
from web.library_pages import build_library_pages
from web.links import local_address
from web.media import build_media
from web.pages import build_pages
from web.people import People
from web.people_api import build_people_api
from web.people_pages import build_people_pages
from web.reference import build_reference
from web.security import protect
from web.settings import WebSettings
from web.texts import LANGUAGES
from web.twins import json_twin
from web.walking import build_walking

# Form fields and part headers around one photo.
_ENVELOPE = 256 * 1024


def create_app(
    engine: Engine,
    settings: WebSettings | None = None,
    *,
    people: People | None = None,
    secret: bytes | None = None,
    ready: Callable[[], bool] = lambda: True,
) -> Flask:
    """Build the WSGI application around ``engine``. Starts nothing and reads no environment.

    ``people`` are those who may sign in; without them there is no signing in. ``secret`` signs
    cookies; without one, those of an earlier start mean nothing. ``ready`` says whether the models
    are loaded.
    """
    settings = settings or WebSettings()
    app = Flask("web", static_folder="static", template_folder="templates")
    app.secret_key = secret or token_bytes(32)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_image_bytes + _ENVELOPE
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}

    register_errors(app)
    protect(app, engine, settings, people)
    gate.install(app, settings)

    app.add_template_filter(said)

    @app.context_processor
    def helpers() -> dict[str, object]:
        visitor = g.get("visitor")
        return {
            "visitor": visitor,
            "may": lambda endpoint: visitor is not None and visitor.may(endpoint),
            "signs_in": people is not None,
            "json_twin": json_twin,
        }

    @app.post("/language")
    def language() -> BaseResponse:
        response = redirect(local_address(request.form.get("next", "")), HTTPStatus.SEE_OTHER)
        chosen = request.form.get("language", "")
        if chosen in LANGUAGES:
            response.set_cookie(COOKIE, chosen, max_age=365 * 86_400, httponly=True, samesite="Lax")
        return response

    @app.after_request
    def vary(response: Response) -> Response:
        if response.mimetype in {"text/html", MEDIA_TYPE}:
            response.vary.update(("Accept-Language", "Cookie"))
            response.headers["Content-Language"] = texts().language
        return response

    @app.get("/healthz")
    def healthz() -> Response:
        """That it answers says that it lives; the status, whether it is ready to search."""
        try:
            engine.conversations(0, 1)  # the catalogue can be read
        except SightlineError as exc:
            app.logger.error("health: %s", exc)
            return Response("the catalogue cannot be read\n", 503, mimetype="text/plain")
        if not ready():
            return Response("starting\n", 503, mimetype="text/plain")
        return Response("ok\n", mimetype="text/plain")

    # The views' engine is the one of whoever asks, narrowed to what they may see.
    own = cast(Engine, LocalProxy(lambda: g.engine))
    app.register_blueprint(build_api(own, settings))
    app.register_blueprint(build_media(own))
    app.register_blueprint(build_pages(own, settings))
    app.register_blueprint(build_reference())
    app.register_blueprint(build_walking(own, settings))
    app.register_blueprint(build_library_pages(own, settings))
    app.register_blueprint(build_library_api(own, settings))
    if people is not None:
        app.register_blueprint(build_people_pages(own, people))
        app.register_blueprint(build_people_api(people))
    return app
