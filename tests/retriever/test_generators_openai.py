"""Servers of the OpenAI protocol, as they should be and as they should not."""

import logging
import time

import pytest

from retriever.discovery import discover
from retriever.domain import Answer
from retriever.errors import GeneratorUnavailable
from retriever.generators import Generator, load_generator
from retriever.settings import AnswerSettings
from tests.answers import is_sound, last, passage, picture, task
from tests.scripted_server import Exchange, Reply, Script, saying, serving

BOILER = passage("The boiler was serviced on 12 March 2021 by Ada Brown.", title="Boiler")
QUESTION = "When was the boiler serviced?"
GOOD = "The boiler was serviced on 12 March 2021 [1]."
KEY = "sk-secret-4711"


def generator(address: str, **settings: object) -> Generator:
    chosen = {"generator": "openai", "base_url": address, "api_key": KEY, "retries": 0,
              "first_token_seconds": 5.0, "seconds": 8.0} | settings  # fmt: skip
    return load_generator(AnswerSettings(**chosen), None)


def asked(reply: Reply, **settings: object) -> tuple[Answer, Script]:
    with serving(reply) as (address, script):
        return last(generator(address, **settings).stream(task(QUESTION, BOILER))), script


def test_server_is_asked_for_its_model_and_its_reply_streamed() -> None:
    answer, script = asked(saying(GOOD))
    assert answer.generator == "openai:scripted"
    assert answer.sentences[0].text == "The boiler was serviced on 12 March 2021."
    assert is_sound(answer, [BOILER])
    assert script.paths == ["/v1/models", "/v1/chat/completions"]
    request = script.requests[0]
    assert (request["model"], request["stream"], request["max_tokens"]) == ("scripted", True, 512)
    assert script.keys == [f"Bearer {KEY}"] * 2


def test_named_model_is_not_looked_up() -> None:
    answer, script = asked(saying(GOOD), generator="openai:qwen/q-4b:free")
    assert answer.generator == "openai:qwen/q-4b:free"
    assert script.requests[0]["model"] == "qwen/q-4b:free"
    assert script.paths == ["/v1/chat/completions"]


def test_model_for_embeddings_is_not_asked_to_talk() -> None:
    with serving(saying(GOOD), models=["nomic-embed-text", "qwen"]) as (address, script):
        last(generator(address).stream(task(QUESTION, BOILER)))
    assert script.requests[0]["model"] == "qwen"


def falls_back(reply: Reply, note: str, **settings: object) -> None:
    answer, _ = asked(reply, **settings)
    assert answer.generator == "extractive"
    assert answer.sentences[0].text == BOILER.text
    assert note in answer.note
    assert answer.note.endswith("these are quotes instead")
    assert "\n" not in answer.note
    assert KEY not in answer.note


def silent(exchange: Exchange) -> None:
    exchange.wait(20)


def silent_after_head(exchange: Exchange) -> None:
    exchange.head()
    exchange.wait(20)


def alive_but_silent(exchange: Exchange) -> None:
    exchange.head()
    while not exchange.script.closing.wait(0.02):
        exchange.raw(": still here\n\n")


@pytest.mark.parametrize("reply", [silent, silent_after_head, alive_but_silent])
def test_slow_server_is_given_up(reply: Reply) -> None:
    begun = time.monotonic()
    falls_back(reply, "said nothing within 0.4 s", first_token_seconds=0.4)
    assert time.monotonic() - begun < 10


def test_server_that_talks_without_end_is_stopped_and_what_was_checked_kept() -> None:
    def endless(exchange: Exchange) -> None:
        exchange.head()
        exchange.piece(f"{GOOD} ")
        while not exchange.script.closing.wait(0.02):
            exchange.piece("and ")

    with serving(endless) as (address, script):
        answer = last(generator(address, seconds=1.0).stream(task(QUESTION, BOILER)))
        assert script.cancelled.wait(5)
    assert "still talking after 1 s" in answer.note
    assert [sentence.supported for sentence in answer.sentences] == [True]


def test_dead_server_is_named() -> None:
    with serving(saying(GOOD)) as (address, _):
        pass
    answer = last(generator(address).stream(task(QUESTION, BOILER)))
    assert f"the server at {address} cannot be reached" in answer.note
    assert answer.generator == "extractive"


def test_reply_that_is_cut_off_keeps_what_was_checked() -> None:
    def cut(exchange: Exchange) -> None:
        exchange.head()
        exchange.piece(f"{GOOD} And in the ")

    answer, _ = asked(cut)
    assert [sentence.text for sentence in answer.sentences if sentence.supported] == [
        "The boiler was serviced on 12 March 2021."
    ]
    assert "it broke off" in answer.note


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("data: {not json\n\n", "makes no sense"),
        ('data: {"choices": "what"}\n\n', "makes no sense"),
        ('data: {"choices": [{"delta": 5}]}\n\n', "it broke off"),
        ('data: ["list"]\n\n', "it broke off"),
        ('data: {"choices": []}\n\ndata: [DONE]\n\n', "it broke off"),
        ("<html>It works!</html>", "it broke off"),
        ('data: {"error": {"message": "out of memory"}}\n\n', "the server said: out of memory"),
    ],
)
def test_reply_that_makes_no_sense_is_given_up(body: str, note: str) -> None:
    def reply(exchange: Exchange) -> None:
        exchange.head()
        exchange.raw(body)

    answer, _ = asked(reply)
    assert answer.generator == "extractive"
    assert answer.note.startswith("openai:scripted: ")
    assert note in answer.note


def test_list_of_models_that_makes_no_sense_is_given_up() -> None:
    with serving(saying(GOOD), models=[]) as (address, _):
        answer = last(generator(address).stream(task(QUESTION, BOILER)))
    assert "has no model loaded" in answer.note


def test_reply_without_end_is_not_read_to_the_end() -> None:
    def flood(exchange: Exchange) -> None:
        exchange.head()
        while not exchange.script.closing.is_set():
            exchange.raw("x" * 1_000_000)

    answer, script = asked(flood)
    assert answer.generator == "extractive"
    assert script.cancelled.wait(5)


@pytest.mark.parametrize(
    ("status", "message", "note"),
    [
        (401, f"Incorrect API key provided: {KEY}", "refuses the key (401)"),
        (404, "no such model", "does not know it (404)"),
        (400, f"bad thing {KEY} <b>at</b> https://evil.example/", "400: "),
        (503, "busy", "503: "),
    ],
)
def test_error_of_the_server_is_one_harmless_line(status: int, message: str, note: str) -> None:
    def reply(exchange: Exchange) -> None:
        exchange.json({"error": {"message": message}}, status)

    falls_back(reply, note)
    answer, _ = asked(reply)
    assert "evil" not in answer.note
    assert "<b>" not in answer.note


def test_redirect_is_not_followed() -> None:
    with serving(saying(GOOD)) as (elsewhere, other):

        def reply(exchange: Exchange) -> None:
            exchange.head(307, Location=f"{elsewhere}/chat/completions")

        falls_back(reply, "sends elsewhere (307)")
    assert other.paths == []


def test_busy_server_is_asked_again() -> None:
    tries = []

    def reply(exchange: Exchange) -> None:
        tries.append(1)
        if len(tries) < 2:
            exchange.json({"error": {"message": "loading model"}}, 503)
        else:
            saying(GOOD)(exchange)

    answer, _ = asked(reply, retries=2)
    assert len(tries) == 2
    assert answer.sentences[0].supported


def test_prompt_that_the_server_finds_too_long_is_shortened() -> None:
    long = passage(" ".join(f"Sentence number {n} says little." for n in range(500)), number=2)

    def reply(exchange: Exchange) -> None:
        if len(str(exchange.asked["messages"])) > 5000:
            exchange.json({"error": {"message": "exceeds the available context size"}}, 400)
        else:
            saying("NO ANSWER")(exchange)

    with serving(reply) as (address, script):
        answer = last(generator(address).stream(task(QUESTION, BOILER, long)))
    assert answer.refused
    assert len(script.requests) > 1


def test_closing_the_answer_hangs_up() -> None:
    def slow(exchange: Exchange) -> None:
        exchange.head()
        while not exchange.script.closing.wait(0.02):
            exchange.piece("word ")

    with serving(slow) as (address, script):
        events = generator(address).stream(task(QUESTION, BOILER))
        next(events)
        events.close()
        assert script.cancelled.wait(5)


def test_pictures_are_sent_in_the_request_and_left_out_if_refused() -> None:
    chart = picture("Figure 2. The boiler of 1902.")

    def blind(exchange: Exchange) -> None:
        if "image_url" in str(exchange.asked["messages"]):
            exchange.json({"error": {"message": "no images please"}}, 400)
        else:
            saying("The boiler is from 1902 [1].")(exchange)

    with serving(blind) as (address, script):
        chosen = generator(address, sees="yes")
        answer = last(chosen.stream(task("From when is the boiler?", chart)))
    parts = script.requests[0]["messages"][-1]["content"]
    assert parts[1]["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert answer.sentences[0].supported


@pytest.mark.parametrize(
    ("model", "sees"),
    [("qwen2.5-vl-7b", True), ("llava:13b", True), ("gpt-4o-mini", True), ("gemma-3-4b", True),
     ("qwen2.5-7b", False), ("SmolLM2-135M", False), ("mistral-7b", False)],
)  # fmt: skip
def test_models_that_see_are_known_by_name(model: str, sees: bool) -> None:
    chart = picture("Figure 2. The boiler of 1902.")
    with serving(saying("The boiler is from 1902 [1]."), models=[model]) as (address, script):
        last(generator(address).stream(task("From when is the boiler?", chart)))
    assert ("image_url" in str(script.requests[0])) is sees


def test_key_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    settings = AnswerSettings(api_key=KEY)
    assert KEY not in repr(settings)
    with caplog.at_level(logging.DEBUG):
        asked(saying(GOOD))
    assert KEY not in caplog.text


def test_check_names_the_models_there_are() -> None:
    with serving(saying(GOOD), models=["a", "b"]) as (address, _):
        assert generator(address).check() == f"openai:a at {address}"
        with pytest.raises(GeneratorUnavailable, match="choose one of: a, b"):
            generator(address, generator="openai:c").check()


def test_discovery_lists_servers_and_sends_no_key() -> None:
    def other(exchange: Exchange) -> None:
        exchange.json({})

    with serving(other, models=["qwen", "llava"]) as (address, script), serving(other) as (_, two):
        ports = [int(each.split(":")[2].split("/")[0]) for each in (address,)]
        found = discover([*ports, 9])
    assert [(server.base_url, server.models) for server in found] == [(address, ("qwen", "llava"))]
    assert script.keys == ["Bearer none"]
    assert two.paths == []
