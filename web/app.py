"""The web application: pages for people, an HTTP API for programs."""

from secrets import token_bytes

from flask import Flask, Response, g, request

from web.api import build_api
from web.engine import Engine
from web.errors import register_errors
from web.media import build_media
from web.pages import build_pages
from web.security import protect
from web.settings import WebSettings
from web.texts import Texts
from web.walking import build_walking

# Form fields and part headers around one photo.
_ENVELOPE = 256 * 1024


def create_app(
    engine: Engine, settings: WebSettings | None = None, *, secret: bytes | None = None
) -> Flask:
    """Build the WSGI application around ``engine``. Starts nothing and reads no environment.

    ``secret`` signs cookies; without one, those of an earlier start mean nothing.
    """
    settings = settings or WebSettings()
    app = Flask("web", static_folder="static", template_folder="templates")
    app.secret_key = secret or token_bytes(32)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_image_bytes + _ENVELOPE
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}

    register_errors(app)
    protect(app, settings)

    @app.before_request
    def choose_language() -> None:
        g.texts = Texts.for_header(request.accept_languages)

    @app.after_request
    def vary(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.vary.add("Accept-Language")
            response.headers["Content-Language"] = g.texts.language if "texts" in g else "en"
        return response

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    app.register_blueprint(build_api(engine, settings))
    app.register_blueprint(build_media(engine))
    app.register_blueprint(build_pages(engine, settings))
    app.register_blueprint(build_walking(engine, settings))
    return app
