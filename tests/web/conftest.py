"""A client of the application over the fake engine."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.fake_engine import FakeEngine
from web.app import create_app
from web.engine import Engine
from web.settings import WebSettings


class Browser(FlaskClient):
    """Sends the token of its pages' forms, as a browser does."""

    _token = ""

    @classmethod
    def of(cls, engine: Engine, settings: WebSettings) -> "Browser":
        app = create_app(engine, settings)
        return cls(app, app.response_class, use_cookies=True)

    def post(self, *args: Any, **kwargs: Any) -> TestResponse:
        if not self._token:
            found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/upload").text)
            self._token = found[1] if found else ""
        kwargs["headers"] = {"X-CSRFToken": self._token, **dict(kwargs.get("headers") or {})}
        return super().post(*args, **kwargs)


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    fake = FakeEngine()
    yield fake
    fake.close()


@pytest.fixture
def client(engine: FakeEngine) -> FlaskClient:
    return Browser.of(engine, WebSettings())
