"""A client of the application over the fake engine."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.web.fake_engine import FakeEngine
from web.app import create_app
from web.settings import WebSettings


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    fake = FakeEngine()
    yield fake
    fake.close()


@pytest.fixture
def client(engine: FakeEngine) -> FlaskClient:
    return create_app(engine, WebSettings()).test_client()
