"""Generated requests against the OpenAPI document: nothing breaks, answers are as described."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis import openapi as openapi_schema
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from werkzeug.local import LocalProxy

from tests.web.fake_engine import FakeEngine
from tests.web.guarded import Guarded
from web import openapi
from web.app import create_app
from web.describe import FORMS
from web.engine import Engine


def refuses_invalid_requests(context: Any, response: Any, case: Any) -> bool | None:
    """In a form, one value is also a list of one."""
    if case.media_type in FORMS:
        return None
    refused: bool | None = negative_data_rejection(context, response, case)
    return refused


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    refuses_invalid_requests,
    unsupported_method,
]


def closed(document: dict[str, Any]) -> dict[str, Any]:
    """The document, allowing no key that it does not name."""
    for schema in document["components"]["schemas"].values():
        schema.setdefault("additionalProperties", False)
    return document


engines: list[FakeEngine] = []
app = create_app(cast(Engine, LocalProxy(lambda: engines[-1])))
schema = openapi_schema.from_dict(closed(openapi.document(app)))
schema.app = app
schema.location = "/api/v1/openapi.json"
schema.config.checks.negative_data_rejection.expected_statuses.append("413")


@pytest.fixture(scope="module", autouse=True)
def engine() -> Iterator[None]:
    engines.append(FakeEngine())
    yield
    engines.pop().close()


@schema.parametrize()
@settings(max_examples=15, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_generated_requests_are_answered_as_described(case: Any) -> None:
    case.call_and_validate(checks=CHECKS)


@pytest.mark.models
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_requests_about_people_are_answered_as_described(
    site: Guarded, mode: GenerationMode
) -> None:
    document = closed(openapi.document(site.app))
    paths = ("/api/v1/me", "/api/v1/tokens", "/api/v1/people", "/api/v1/audit")
    document["paths"] = {
        path: methods for path, methods in document["paths"].items() if path.startswith(paths)
    }
    about_people = openapi_schema.from_dict(document)
    about_people.app = site.app
    about_people.location = "/api/v1/openapi.json"
    # An end to one's own token is among what is generated: then every answer is 401.
    headers = site.bearer("Anna")
    checks = [each for each in CHECKS if each is not refuses_invalid_requests]
    for found in about_people.get_all_operations():
        operation = found.ok()

        @settings(max_examples=8, derandomize=True, deadline=None, database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=checks)

        with suppress(Unsatisfiable):  # nothing can be wrong where nothing is sent
            ask()
