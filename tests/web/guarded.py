"""An application that people sign in to, over a real engine and catalogue."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings, ParserSettings
from indexer.store.people import Role
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings
from tests.fakes import ColourEncoder, HashEncoder
from web.app import create_app
from web.people import People

PASSWORD = "correct horse battery"
SECRET = "The quillon of the abbey weighs seven pounds and was forged in Toledo."
PAGES = {"Accept": "text/html"}


@dataclass
class Guarded:
    """Anna is an admin, Ed an editor and Rita a reader of "open"; "closed" holds the secret."""

    app: Flask
    engine: Engine
    library: Library
    people: People
    tokens: dict[str, str] = field(default_factory=dict)

    def browser(self, name: str | None = None) -> "SignedIn":
        """A browser, signed in as ``name``."""
        browser = SignedIn(self.app, self.app.response_class, use_cookies=True)
        if name:
            response = browser.send("/sign-in", name=name, password=PASSWORD)
            assert response.status_code == 303, response.text
        return browser

    def bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[name]}"}

    def document(self, name: str) -> str:
        """The id of the document whose path ends so, seen or not."""
        listed = self.engine.documents(None, 0, 100).documents
        return next(each.ref.id for each in listed if each.ref.path.endswith(name))


class SignedIn(FlaskClient):
    """Sends forms as a browser does, with the token of the page they stand on."""

    def csrf(self) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/sign-in").text)
        if found is None:  # signed in: that page leads elsewhere
            found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/account").text)
        assert found
        return found[1]

    def send(self, address: str, **fields: Any) -> TestResponse:
        return self.post(address, data={"csrf_token": self.csrf(), **fields})


def build(home: Path, folder: Path) -> dict[str, str]:
    """Fill ``home`` with the archive and its people; their tokens by name."""
    for name, colour in (("open", (200, 30, 30)), ("closed", (30, 30, 200))):
        (folder / name).mkdir()
        Image.new("RGB", (320, 240), colour).save(folder / name / f"{name}-photo.png")
    (folder / "open" / "gate.txt").write_text("The gate of the orchard was painted green.")
    (folder / "closed" / "secret.txt").write_text(SECRET)
    with open_library(home) as library:
        for name in ("open", "closed"):
            index_paths(library, [folder / name], name)
        people = People(library.catalog.people)
        tokens = {}
        roles: dict[str, Role] = {"Anna": "admin", "Ed": "editor", "Rita": "reader"}
        for name, role in roles.items():
            person = people.add(name, PASSWORD, role, frozenset({"open"}))
            tokens[name], _ = people.add_key(
                person, "token", label="tests", scope=person.role, seconds=None
            )
    return tokens


def open_library(home: Path) -> Library:
    settings = IndexerSettings(home=home, parser=ParserSettings(processes=1))
    return Library(settings, load_text=lambda _: HashEncoder(), load_clip=lambda _: ColourEncoder())


def guarded(library: Library, tokens: dict[str, str]) -> Guarded:
    """The application over a library that :func:`build` has filled."""
    engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
    people = People(library.catalog.people)
    app = create_app(engine, people=people)
    return Guarded(app=app, engine=engine, library=library, people=people, tokens=tokens)
