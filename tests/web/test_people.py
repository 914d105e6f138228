"""Signing in, tokens, what each role may do, and what of it is recorded."""

import re
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from indexer.errors import InvalidInput, InvalidSettings, NotFound
from indexer.library import Library
from indexer.pipeline import reembed
from retriever.pipeline import Engine
from retriever.settings import RetrieverSettings
from tests.web.guarded import PAGES, PASSWORD, SECRET, Guarded
from web import cli
from web.app import create_app
from web.pages import browser_name
from web.people import TOKEN_PREFIX, People, cookie_secret, digest
from web.settings import WebSettings


def test_nobody_sees_anything_without_signing_in(site: Guarded) -> None:
    stranger = site.browser()
    response = stranger.get("/search?q=gate", headers=PAGES)
    assert response.status_code == 303
    assert response.headers["Location"] == "/sign-in?next=%2Fsearch%3Fq%3Dgate"
    assert stranger.get("/api/v1/search?q=gate").status_code == 401
    page = stranger.get("/sign-in").text
    for hidden in ("open", "closed", "/upload", "/status", "/people"):
        assert f">{hidden}<" not in page
        assert f'href="{hidden}"' not in page


def test_signing_in_leads_back_to_the_page_that_was_asked_for(site: Guarded) -> None:
    browser = site.browser()
    response = browser.send("/sign-in", name="rita", password=PASSWORD, next="/search?q=gate")
    assert response.headers["Location"] == "/search?q=gate"
    cookie = next(
        value
        for value in response.headers.getlist("Set-Cookie")
        if value.startswith("sightline-key")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "orchard" in browser.get("/search?q=gate", headers=PAGES).text


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(site: Guarded, address: str) -> None:
    browser = site.browser()
    response = browser.send("/sign-in", name="Rita", password=PASSWORD, next=address)
    assert response.headers["Location"] == "/"


def test_wrong_passwords_are_refused_alike_and_slowed_down(site: Guarded) -> None:
    browser = site.browser()
    texts = set()
    for name in ("Rita", "nobody at all"):
        response = browser.send("/sign-in", name=name, password="wrong password")
        assert response.status_code == 401
        texts.add(re.sub(r'value="[^"]*"|content="[^"]*"', "", response.text))
    assert len(texts) == 1
    for _ in range(8):
        browser.send("/sign-in", name="Rita", password="wrong password")
    response = browser.send("/sign-in", name="Rita", password=PASSWORD)
    assert response.status_code == 429
    assert site.browser("Anna").get("/").status_code == 200


def test_wrong_server_passwords_are_slowed_down(site: Guarded) -> None:
    client = create_app(site.engine, WebSettings(password="long enough")).test_client()
    for _ in range(8):
        assert client.get("/", auth=("me", "wrong")).status_code == 401
    response = client.get("/", auth=("me", "long enough"))
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


def test_signing_out_ends_the_session(site: Guarded) -> None:
    browser = site.browser("Rita")
    key = browser.get_cookie("sightline-key")
    assert key is not None
    assert browser.send("/sign-out").status_code == 303
    thief = site.app.test_client()
    thief.set_cookie("sightline-key", key.value)
    assert thief.get("/api/v1/me").status_code == 401


def test_a_suspended_person_is_out_at_once_and_their_token_is_dead(site: Guarded) -> None:
    browser = site.browser("Rita")
    assert browser.get("/api/v1/me", headers=site.bearer("Rita")).json["person"]["name"] == "Rita"
    anna = site.browser("Anna")
    rita = site.people.store.named("Rita")
    assert rita
    anna.send(f"/people/{rita[0].id}", role="reader", collection="open", suspended="1")
    assert browser.get("/api/v1/me").status_code == 401
    client = site.app.test_client()
    assert client.get("/api/v1/me", headers=site.bearer("Rita")).status_code == 401
    assert site.browser().send("/sign-in", name="Rita", password=PASSWORD).status_code == 401
    anna.send(f"/people/{rita[0].id}", role="reader", collection="open")
    assert client.get("/api/v1/me", headers=site.bearer("Rita")).status_code == 401
    assert site.browser("Rita").get("/").status_code == 200


def test_a_token_does_no_more_than_its_scope_and_its_owner(site: Guarded) -> None:
    anna = site.browser("Anna")
    page = anna.send("/account/tokens", label="reports", scope="reader", days="30").text
    token = re.search(rf"{TOKEN_PREFIX}[\w-]+", page)
    assert token
    client = site.app.test_client()
    headers = {"Authorization": f"Bearer {token[0]}"}
    assert client.get("/api/v1/search?q=quillon", headers=headers).json["hits"]
    assert client.get("/api/v1/people", headers=headers).status_code == 403
    rita = site.people.store.named("Rita")
    assert rita
    with pytest.raises(InvalidInput, match="Rita is no admin"):
        site.people.add_key(rita[0], "token", label="x", scope="admin", seconds=None)
    # An admin whose role is taken away has no admin tokens left.
    assert client.get("/api/v1/people", headers=site.bearer("Anna")).status_code == 200
    site.people.add("Other", PASSWORD, "admin", None)
    who = site.people.store.named("Anna")
    assert who
    site.people.store.change(who[0].id, role="reader", collections=None, suspended=False)
    assert client.get("/api/v1/people", headers=site.bearer("Anna")).status_code == 403


def test_expired_revoked_and_made_up_tokens_open_nothing(site: Guarded) -> None:
    rita = site.people.store.named("Rita")
    assert rita
    revoked, key = site.people.add_key(rita[0], "token", label="lost", scope="reader", seconds=None)
    site.people.store.revoke(rita[0].id, key.id)
    expired, _ = site.people.add_key(rita[0], "token", label="old", scope="reader", seconds=-1)
    session = site.browser("Rita").get_cookie("sightline-key")
    assert session is not None
    stored = digest(site.tokens["Rita"])
    client = site.app.test_client()
    for secret in (expired, revoked, session.value, stored, TOKEN_PREFIX, "", "null"):
        response = client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
        assert response.status_code == 401, secret
    assert site.tokens["Rita"] not in str(site.people.store.keys(rita[0].id))


def test_expired_keys_are_forgotten_when_another_one_is_made(site: Guarded) -> None:
    rita = site.people.store.named("Rita")
    assert rita
    _, expired = site.people.add_key(rita[0], "token", label="old", scope="reader", seconds=-1)
    _, alive = site.people.add_key(rita[0], "token", label="new", scope="reader", seconds=60)
    with pytest.raises(NotFound):
        site.people.store.revoke(rita[0].id, expired.id)
    assert alive in site.people.store.keys(rita[0].id)


def test_nobody_ends_the_keys_of_others(site: Guarded) -> None:
    anna = site.people.store.named("Anna")
    assert anna
    key = site.people.store.keys(anna[0].id)[0]
    client = site.app.test_client()
    response = client.delete(f"/api/v1/tokens/{key.id}", headers=site.bearer("Rita"))
    assert response.status_code == 404
    assert client.get("/api/v1/me", headers=site.bearer("Anna")).status_code == 200


def test_a_new_password_ends_other_sessions_and_tokens(site: Guarded) -> None:
    here, there = site.browser("Rita"), site.browser("Rita")
    assert here.send("/account/password", old="wrong", new="another long one").status_code == 400
    assert here.send("/account/password", old=PASSWORD, new="short").status_code == 400
    response = here.send("/account/password", old=PASSWORD, new="another long one")
    assert response.status_code == 303
    assert here.get("/api/v1/me").status_code == 200
    assert there.get("/api/v1/me").status_code == 401
    client = site.app.test_client()
    assert client.get("/api/v1/me", headers=site.bearer("Rita")).status_code == 401


def test_a_reader_sees_only_their_collections_in_pages_and_api(site: Guarded) -> None:
    rita, anna = site.browser("Rita"), site.browser("Anna")
    secret = site.document("secret.txt")
    photo = site.document("closed-photo.png")
    crop = site.engine.page_crops(photo, 1)[0].id
    addresses = [
        f"/documents/{secret}", f"/documents/{secret}/original", f"/thumbnails/{crop}.jpg",
        f"/documents/{photo}/pages/1.jpg", f"/similar?crop={crop}",
        f"/api/v1/documents/{secret}/pages/1", "/documents?collection=closed",
        "/search?q=quillon&collection=closed", "/api/v1/search?q=quillon&collection=closed",
    ]  # fmt: skip
    for address in addresses:
        with anna.get(address) as response:
            assert response.status_code == 200, address
        with rita.get(address) as response:
            assert response.status_code == 404, address
            assert b"quillon of the abbey" not in response.data
    for address in ("/", "/?q=quillon", "/search?q=quillon", "/documents", "/similar"):
        text = rita.get(address, headers=PAGES).text
        assert "closed" not in text, address
        assert SECRET not in text


def test_whoever_sees_some_collections_is_not_offered_to_make_another(site: Guarded) -> None:
    site.people.add("Eve", PASSWORD, "editor", None)
    site.people.add("Nils", PASSWORD, "editor", frozenset())
    everything, some, none = (
        site.browser(each).get("/upload").text for each in ("Eve", "Ed", "Nils")
    )
    assert 'name="new_collection"' in everything
    assert 'name="collection"' in some
    assert 'name="new_collection"' not in some + none
    assert "Ask an admin" in none


def test_a_session_needs_the_token_of_its_page_in_the_api_too(site: Guarded) -> None:
    browser = site.browser("Rita")
    body = {"question": "What colour was the gate painted?"}
    assert browser.post("/api/v1/ask", json=body).status_code == 403
    headers = {"X-CSRFToken": browser.csrf()}
    assert browser.post("/api/v1/ask", json=body, headers=headers).status_code == 200
    client = site.app.test_client()
    assert client.post("/api/v1/ask", json=body, headers=site.bearer("Rita")).status_code == 200


def test_the_first_person_added_in_the_browser_is_its_admin(library: Library) -> None:
    engine, people = Engine(library, RetrieverSettings()), People(library.catalog.people)
    app = create_app(engine, people=people)
    site = Guarded(app=app, engine=engine, library=library, people=people)
    browser = site.browser()
    assert "Nobody signs in yet" in browser.get("/people").text
    browser.send("/people", name="Anna", password=PASSWORD)
    me = browser.get("/api/v1/me").json
    assert (me["by"], me["role"], me["person"]["collections"]) == ("session", "admin", None)
    assert site.browser().get("/api/v1/me").status_code == 401


def test_people_are_changed_over_the_api(site: Guarded) -> None:
    client, headers = site.app.test_client(), site.bearer("Anna")
    new = {"name": "Nils", "password": PASSWORD, "collections": ["closed"]}
    made = client.post("/api/v1/people", json=new, headers=headers)
    assert made.status_code == 201
    assert made.json["collections"] == ["closed"]
    assert client.post("/api/v1/people", json=new, headers=headers).status_code == 400
    address = f"/api/v1/people/{made.json['id']}"
    changed = client.patch(address, json={"collections": None}, headers=headers).json
    assert changed["collections"] is None
    assert changed["role"] == "reader"
    unknown = client.patch(address, json={"collections": ["nowhere"]}, headers=headers)
    assert unknown.status_code == 404
    assert client.delete(address, headers=headers).status_code == 200
    assert client.patch(address, json={}, headers=headers).status_code == 404


def test_the_last_admin_stays(site: Guarded) -> None:
    anna = site.people.store.named("Anna")
    assert anna
    number = anna[0].id
    with pytest.raises(InvalidInput, match="last admin"):
        site.people.store.remove(number)
    for role, suspended in (("reader", False), ("admin", True)):
        with pytest.raises(InvalidInput, match="last admin"):
            site.people.store.change(number, role=role, collections=None, suspended=suspended)  # type: ignore[arg-type]
    assert site.people.store.person(number).role == "admin"
    assert site.app.test_client().get("/api/v1/me", headers=site.bearer("Anna")).status_code == 200


def test_removing_a_person_removes_what_they_asked(site: Guarded) -> None:
    headers = site.bearer("Rita")
    client = site.app.test_client()
    question = {"question": "What colour was the gate painted?", "conversation": "new"}
    kept = client.post("/api/v1/ask", json=question, headers=headers).json["conversation"]
    assert kept
    listed = client.get("/api/v1/conversations", headers=site.bearer("Anna")).json
    assert listed["total"] == 0
    stranger = client.get(f"/api/v1/conversations/{kept}", headers=site.bearer("Ed"))
    assert stranger.status_code == 404
    rita = site.people.store.named("Rita")
    assert rita
    site.people.store.remove(rita[0].id)
    site.people.add("Rita", PASSWORD, "reader", frozenset({"open"}))
    again = site.browser("Rita")
    assert again.get(f"/conversations/{kept}").status_code == 404


def test_a_permit_survives_reembedding_and_ends_with_its_collection(site: Guarded) -> None:
    def sees() -> frozenset[str] | None:
        rita = site.people.store.named("Rita")
        assert rita
        return rita[0].collections

    reembed(site.library, "open")
    assert sees() == {"open"}
    site.library.catalog.drop_collection(site.library.catalog.collection("open"))
    assert sees() == frozenset()


def test_what_was_done_is_recorded_without_passwords(site: Guarded) -> None:
    anna = site.browser("Anna")
    site.browser().send("/sign-in", name="Rita", password="wrong password")
    anna.send("/people", name="Nils", password="a secret passphrase", role="editor", everything="1")
    anna.send("/account/tokens", label="reports", scope="reader", days="0")
    anna.send("/answer", q="What colour was the gate painted?")
    page = anna.get("/audit").text
    deeds = [(each.who, each.action, each.subject) for each in site.people.store.deeds(0, 50)[1]]
    assert deeds[:2] == [("Anna", "add token", "reports"), ("Anna", "add person", "Nils")]
    assert ("Rita", "sign-in refused", "") in deeds
    for shown in ("add person", "Nils", "sign-in refused"):
        assert shown in page
    assert "passphrase" not in page
    assert "painted" not in str(deeds)
    assert anna.get("/api/v1/audit?limit=2").json["total"] == len(deeds)


@pytest.mark.parametrize(
    ("name", "password"),
    [("", PASSWORD), ("a" * 61, PASSWORD), ("a:b", PASSWORD), ("Zoe", "short"), ("RITA", PASSWORD)],
)
def test_bad_names_and_passwords_are_refused(site: Guarded, name: str, password: str) -> None:
    with pytest.raises(InvalidInput):
        site.people.add(name, password, "reader", None)


def test_a_collection_that_is_not_there_cannot_be_given(site: Guarded) -> None:
    with pytest.raises(NotFound, match="no such collection"):
        site.people.add("Zoe", PASSWORD, "reader", frozenset({"nowhere"}))
    assert site.people.store.named("Zoe") is None


def test_another_address_needs_a_password_or_people(site: Guarded) -> None:
    settings = WebSettings(host="0.0.0.0")
    create_app(site.engine, settings, people=site.people)
    with pytest.raises(InvalidSettings, match="sightline people add NAME"):
        create_app(site.engine, settings)


def test_the_cookie_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    secret = cookie_secret(tmp_path)
    assert len(secret) == 32
    assert cookie_secret(tmp_path) == secret
    mode = (tmp_path / "cookies.key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_the_language_is_kept_as_it_was_chosen(client: FlaskClient) -> None:
    assert '<html lang="en">' in client.get("/").text
    response = client.post("/language", data={"language": "ru", "next": "//evil.example"})
    assert response.headers["Location"] == "/"
    assert '<html lang="ru">' in client.get("/").text
    client.post("/language", data={"language": "xx"})
    assert '<html lang="ru">' in client.get("/").text


# -- in a terminal ---------------------------------------------------------------------------------


def run(home: Path, *arguments: str) -> str:
    done = CliRunner().invoke(
        cli.cli,
        ["--home", str(home), "people", *arguments],
        input=f"{PASSWORD}\n" * 2,
        standalone_mode=False,
    )
    if done.exception:
        raise done.exception
    return done.output


@pytest.mark.parametrize("options", [("--role", "reader"), ("-c", "open"), ("--role", "editor")])
def test_the_first_person_is_not_made_less_than_an_admin(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput, match="Anna: the first person is an admin who sees everyth"):
        run(tmp_path, "add", "Anna", *options)
    assert "Nobody signs in" in run(tmp_path, "list")
    assert "Anna may sign in as admin" in run(tmp_path, "add", "Anna", "--role", "admin")


def test_who_sees_no_collection_yet_is_said_to(tmp_path: Path) -> None:
    assert "no collection" not in run(tmp_path, "add", "Anna")
    said = run(tmp_path, "add", "Vera Lee")
    assert "Vera Lee may sign in as reader" in said
    assert (
        "Vera Lee sees no collection yet; to give one, run: "
        "sightline people change 'Vera Lee' --collection NAME" in said
    )
    assert "no collection yet" in run(tmp_path, "list")


def test_sessions_and_sign_ins_name_the_browser_as_people_do(site: Guarded) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
    browser = site.browser()
    browser.environ_base["HTTP_USER_AGENT"] = agent
    browser.send("/sign-in", name="Anna", password=PASSWORD)
    page = browser.get("/account").text
    assert f'<strong title="{agent}">Chrome, Linux</strong>' in page
    assert page.count(agent) == 1
    assert f'<span title="{agent}">Chrome, Linux</span>' in browser.get("/audit").text
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
    assert [browser_name(each) for each in (phone, "robot 1.0", "")] == [
        "Safari, iPhone",
        "robot 1.0",
        "",
    ]
