"""Every route against everybody who has no business there, told from the application itself."""

from werkzeug.routing import Rule

from tests.web.guarded import PAGES, Guarded
from web import access

EVIL = "evil.example"


def routes(site: Guarded) -> list[tuple[str, str, str]]:
    """Endpoint, method and an address of every route."""
    document = site.document("gate.txt")
    person = site.people.store.people()[0].id
    values = {
        "document_id": document,
        "number": 1,
        "crop_id": 1,
        "conversation_id": "nowhere",
        "person_id": person,
        "key_id": 1,
        "filename": "app.css",
    }
    adapter = site.app.url_map.bind("localhost")

    def address(rule: Rule) -> str:
        known = {name: values.get(name, 1) for name in rule.arguments}
        return adapter.build(rule.endpoint, known, force_external=False)

    found = [
        (rule.endpoint, method, address(rule))
        for rule in site.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    assert len(found) > 50
    return found


def test_every_endpoint_names_the_role_that_it_needs(site: Guarded) -> None:
    endpoints = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    listed = access.PUBLIC | access.READER | access.EDITOR | access.ADMIN
    assert endpoints - listed == set()
    assert listed - endpoints == set()
    assert len(listed) == sum(map(len, (access.PUBLIC, access.READER, access.EDITOR, access.ADMIN)))
    assert endpoints >= access.UNLOGGED


def test_only_a_short_list_is_public(site: Guarded) -> None:
    assert {"static", "healthz", "people.sign_in", "language"} == access.PUBLIC
    stranger = site.browser()
    for endpoint, method, address in routes(site):
        with stranger.open(address, method=method) as response:
            refused = response.status_code == 401
        assert refused == (endpoint not in access.PUBLIC) or method == "POST", (method, address)
        if endpoint in access.PUBLIC:
            continue
        assert refused, (method, address)
        with stranger.open(address, method=method, headers=PAGES) as response:
            led = response.headers.get("Location", "").startswith("/sign-in?next=")
            assert led or response.status_code == 401, (method, address)


def test_nobody_gets_at_what_needs_more_than_their_role(site: Guarded) -> None:
    client = site.app.test_client()
    for name, beyond in (
        ("Rita", access.EDITOR | access.ADMIN),
        ("Ed", access.ADMIN),
    ):
        for endpoint, method, address in routes(site):
            page = not address.startswith("/api/")
            if endpoint not in beyond:
                continue
            browser = site.browser(name) if page and method != "GET" else client
            headers = {} if browser is not client else site.bearer(name)
            if browser is not client:
                headers["X-CSRFToken"] = browser.csrf()
            with browser.open(address, method=method, headers=headers) as response:
                assert response.status_code == 403, (name, method, address)
                assert "it needs the role" in response.text


def test_no_route_answers_to_a_foreign_name(site: Guarded) -> None:
    client = site.app.test_client()
    for _, method, address in routes(site):
        headers = {**site.bearer("Anna"), "Host": EVIL}
        with client.open(address, method=method, headers=headers) as response:
            assert response.status_code == 421, (method, address)


def test_no_route_changes_anything_for_a_foreign_page(site: Guarded) -> None:
    client = site.app.test_client()
    changing = [each for each in routes(site) if each[1] != "GET"]
    assert {method for _, method, _ in changing} >= {"POST", "DELETE", "PATCH"}
    for _, method, address in changing:
        for headers in ({"Origin": f"https://{EVIL}"}, {"Sec-Fetch-Site": "cross-site"}):
            sent = {**site.bearer("Anna"), **headers}
            with client.open(address, method=method, headers=sent) as response:
                assert response.status_code == 403, (method, address, headers)
                assert "another site" in response.text


def test_no_route_takes_a_form_without_the_token_of_its_page(site: Guarded) -> None:
    anna = site.browser("Anna")
    for _, method, address in routes(site):
        if method == "GET":
            continue
        for headers in ({}, {"X-CSRFToken": "made-up"}):
            with anna.open(address, method=method, headers=headers) as response:
                assert response.status_code == 403, (method, address)
                assert "expired" in response.text
    assert len(site.people.store.people()) == 3
