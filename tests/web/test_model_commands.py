"""Language models in the terminal: found, listed, checked, and their answers shown."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from indexer.library import Library
from indexer.pipeline import index_paths
from indexer.settings import IndexerSettings, ParserSettings
from retriever import discovery
from tests.fakes import ColourEncoder, HashEncoder
from tests.scripted_server import saying, serving
from web.cli import main

Sightline = Callable[..., tuple[int, str]]


@pytest.fixture
def sightline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Sightline:
    """Run a command on an archive of one note, with encoders that need no weights."""
    fakes = partial(Library, load_text=lambda _: HashEncoder(), load_clip=lambda _: ColourEncoder())
    home, note = tmp_path / "home", tmp_path / "boiler.txt"
    note.write_text("The boiler was serviced on 12 March 2021 by Ada Brown.\n")
    with fakes(IndexerSettings(home=home, parser=ParserSettings(processes=1))) as library:
        index_paths(library, [note], "main")
    for module in ("web.cli", "web.care_commands"):
        monkeypatch.setattr(f"{module}.Library", fakes)
    monkeypatch.setattr("retriever.health.verify_reranker", lambda _: "fake")
    monkeypatch.setenv("SIGHTLINE_RERANK_MODEL", "none")
    monkeypatch.setenv("SIGHTLINE_PARSER_OCR_ENGINE", "off")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["sightline", "--home", str(home), *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    return run


def only_port(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    port = int(address.split(":")[2].split("/")[0])
    monkeypatch.setattr(discovery, "PORTS", {port: "LM Studio"})


def test_discover_prints_the_settings_that_use_a_server(
    sightline: Sightline, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(saying(""), models=["qwen 4b"]) as (address, _):
        only_port(monkeypatch, address)
        code, said = sightline("models", "discover")
        assert code == 0
        assert (
            f"SIGHTLINE_ANSWER_GENERATOR='openai:qwen 4b' SIGHTLINE_ANSWER_BASE_URL={address}"
            in said
        )
        servers = json.loads(sightline("models", "discover", "--json")[1])["servers"]
        assert servers[0]["base_url"] == address
        assert servers[0]["models"] == ["qwen 4b"]
    code, said = sightline("models", "discover")
    assert (code, "no server" in said) == (3, True)


def test_answer_of_a_server_is_shown_with_its_proof(
    sightline: Sightline, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(saying("It was serviced on 12 March 2021 by Ada Brown [1]. So say all.")) as (
        address,
        _,
    ):
        monkeypatch.setenv("SIGHTLINE_ANSWER_GENERATOR", "openai")
        monkeypatch.setenv("SIGHTLINE_ANSWER_BASE_URL", address)
        code, said = sightline("ask", "When was the boiler serviced?", "--json")
        listed = sightline("models", "list")[1]
        healthy = sightline("doctor")[1]
    answer = json.loads(said)
    assert code == 0
    assert answer["generator"] == "openai:scripted"
    assert [each["supported"] for each in answer["sentences"]] == [True, False]
    assert (
        answer["citations"][0]["quote"] in "The boiler was serviced on 12 March 2021 by Ada Brown."
    )
    assert 0 < answer["groundedness"] < 1
    assert f"openai:scripted at {address}" in healthy
    assert "in use" in next(line for line in listed.splitlines() if " openai " in line)


def test_server_that_is_gone_is_told_by_every_command(
    sightline: Sightline, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(saying("")) as (address, _):
        pass
    monkeypatch.setenv("SIGHTLINE_ANSWER_GENERATOR", "openai:qwen")
    monkeypatch.setenv("SIGHTLINE_ANSWER_BASE_URL", address)
    monkeypatch.setenv("SIGHTLINE_ANSWER_RETRIES", "0")
    monkeypatch.setenv("SIGHTLINE_ANSWER_API_KEY", "sk-secret")
    told = f"openai:qwen: the server at {address} cannot be reached"
    for words in (("doctor",), ("status",), ("ask", "When was the boiler serviced?")):
        said = sightline(*words)[1]
        assert told in " ".join(said.split()), words
        assert "sk-secret" not in said
    assert "cannot be used" in sightline("models", "list")[1]


def test_ask_without_a_model_never_looks_for_one(
    sightline: Sightline, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(saying("")) as (address, script):
        only_port(monkeypatch, address)
        for words in (("ask", "When was the boiler serviced?"), ("status",), ("models", "list")):
            sightline(*words)
    assert script.paths == []
