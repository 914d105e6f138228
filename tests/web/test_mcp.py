"""The tools for assistants, through the client of the protocol's own SDK."""

import asyncio
import base64
import io
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from PIL import Image

from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings
from tests.web.fake_engine import FakeEngine, draw_room, jpeg
from web import mcp_server, serialize, shapes

FILTER = "How often is the filter cleaned?"


def finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What it gives, run in a thread of its own: a browser's loop may be running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def call(engine: FakeEngine, tool: str, **arguments: Any) -> Any:
    async def run() -> Any:
        async with Client(mcp_server.build(engine)) as client:
            return await client.call_tool(tool, arguments)

    return finished(run())


def error(engine: FakeEngine, tool: str, **arguments: Any) -> str:
    result = call(engine, tool, **arguments)
    assert result.is_error
    (part,) = result.content
    assert "\n" not in part.text
    return str(part.text)


def test_answers_have_the_citations_of_the_http_api(engine: FakeEngine) -> None:
    given = call(engine, "ask", question=FILTER).structured_content
    expected = serialize.answer_json(engine.ask(engine.queries[-1]))
    assert given == msgspec.to_builtins(expected)
    assert given["citations"][0]["quote"] == "The filter must be cleaned every three months."


def test_what_a_tool_gives_is_what_its_schema_says(engine: FakeEngine) -> None:
    async def run() -> None:
        async with Client(mcp_server.build(engine)) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {"search", "similar", "ask", "open"}
            for name, arguments in (
                ("search", {"words": "filter", "collections": ["manuals"], "limit": 2}),
                ("similar", {"crop": 2, "words": "red"}),
                ("ask", {"question": FILTER}),
                ("open", {"document": engine.manual, "page": 2}),
            ):
                result = await client.call_tool(name, arguments)
                schema = tools[name].output_schema
                assert schema is not None
                assert schema["type"] == "object"
                jsonschema_rs.validate(schema, result.structured_content)

    finished(run())


def test_arguments_reach_the_search(engine: FakeEngine) -> None:
    call(
        engine, "search", words="filter", kind="chunk", collections=["manuals"], limit=3,
        filters={"type": "pdf", "after": ["2021"]},
    )  # fmt: skip
    query = engine.queries[-1]
    assert (query.text, query.kind, query.limit) == ("filter", "chunk", 3)
    assert query.collections == ("manuals",)
    assert (query.filters.types, str(query.filters.after)) == (("pdf",), "2021-01-01")


def test_page_is_opened_with_text_and_picture(engine: FakeEngine) -> None:
    text, picture = call(engine, "open", document=engine.manual, page=2).content
    assert "Rinse the outdoor grille" in text.text
    assert Image.open(io.BytesIO(base64.b64decode(picture.data))).format == "JPEG"
    assert len(call(engine, "open", document=engine.manual, picture=False).content) == 1
    assert len(call(engine, "open", document=engine.notes).content) == 1


def test_similar_takes_a_photo_of_this_machine(engine: FakeEngine, tmp_path: Path) -> None:
    photo = tmp_path / "chair.jpg"
    photo.write_bytes(jpeg(draw_room("#ffffff", "#b3402e")))
    result = call(engine, "similar", photo=str(photo), box=[0.5, 0.3, 0.9, 0.9])
    assert result.structured_content["hits"]
    assert engine.queries[-1].pictures[0].box is not None


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("search", {"words": " "}, "question: it is empty; type some words or add a photo"),
        ("search", {"words": "a", "limit": 500}, "limit: Input should be less than or equal"),
        ("search", {}, "words: Field required"),
        ("search", {"words": "a", "lmit": 5}, "lmit: no such argument; use words, kind"),
        ("search", {"words": "a", "filters": {"tpe": "pdf"}}, "tpe: no such filter; use folder"),
        ("search", {"words": "a", "filters": {"type": 5}}, "type: it is not text"),
        ("open", {"document": "none"}, "document none: it is not indexed; search again"),
        ("similar", {"photo": "/nowhere.jpg"}, "photo: No such file or directory"),
        ("similar", {"crop": 2, "box": [0.5, 2]}, "box: "),
        ("nothing", {}, "Unknown tool: nothing"),
    ],
)
def test_errors_are_one_line(
    engine: FakeEngine, tool: str, arguments: dict[str, Any], told: str
) -> None:
    assert error(engine, tool, **arguments).startswith(told)


def test_unexpected_error_tells_nothing(engine: FakeEngine) -> None:
    def broken(query: object) -> None:
        raise RuntimeError("/home/anna/secret")

    engine.search = broken  # type: ignore[assignment]
    assert "secret" not in error(engine, "search", words="filter")


def over_stdio(home: Path, *options: str, then: Callable[[Client], Awaitable[Any]]) -> Any:
    """What ``then`` gives, with a client of ``sightline mcp`` in a process of its own."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "web", "--home", str(home), "mcp", *options],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )

    async def run() -> Any:
        with open(os.devnull, "w") as quiet:  # noqa: PTH123 - not a path
            async with Client(stdio_client(server, quiet)) as client:
                return await then(client)

    return finished(run())


@pytest.fixture
def home(settings: IndexerSettings, tmp_path: Path) -> Path:
    with Library(settings) as library:
        for name, text in (
            ("open", "The gate of the orchard was painted green."),
            ("closed", "The orchard was sold for nine hundred crowns."),
        ):
            folder = tmp_path / name
            folder.mkdir()
            (folder / f"{name}.txt").write_text(text)
            index_paths(library, [folder], name)
    return settings.home


@pytest.mark.models
def test_server_over_stdio_keeps_to_the_collections_it_is_given(home: Path) -> None:

    async def ask(client: Client) -> tuple[Any, Any, Any]:
        found = await client.call_tool("search", {"words": "orchard"})
        beyond = await client.call_tool("search", {"words": "orchard", "collections": ["closed"]})
        answer = await client.call_tool(
            "ask", {"question": "What colour was the gate of the orchard painted?"}
        )
        return found, beyond, answer

    found, beyond, answer = over_stdio(home, "--collection", "open", then=ask)
    names = {hit["document"]["collection"] for hit in found.structured_content["hits"]}
    assert names == {"open"}
    assert not (beyond.structured_content or {}).get("hits")
    assert "painted green" in answer.structured_content["citations"][0]["quote"]
    jsonschema_rs.validate(msgspec.json.schema(shapes.Answer), answer.structured_content)


@pytest.mark.models
def test_unknown_collection_is_one_line(home: Path) -> None:
    done = sightline("--home", str(home), "mcp", "--collection", "opne")
    assert done.returncode == 1
    assert done.stderr == "error: collection opne: it does not exist; use closed or open\n"
    assert done.stdout == ""


def test_without_the_package_it_says_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError('mcp', name='mcp')")
    done = sightline("--home", str(tmp_path / "home"), "mcp", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "in the folder of the sources, run: pip install '.[mcp]'" in done.stderr
    assert done.stderr.count("\n") == 1


def sightline(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "web", *arguments],
        env={**os.environ, **environment},
        input="",
        capture_output=True,
        text=True,
        timeout=120,
    )
