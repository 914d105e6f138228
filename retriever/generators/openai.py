"""A model behind an OpenAI-compatible server: LM Studio, Ollama, llama.cpp, vLLM, hosted ones.

Only the address in the settings is ever talked to: redirects are not followed, and without an
address there is no default one. The key is sent to that address alone and shown nowhere.
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from indexer.encoders._runtime import once
from retriever.containment import plain
from retriever.errors import GeneratorUnavailable
from retriever.generators._model import Message, ModelGenerator, PromptTooLong
from retriever.generators._prompt import as_chat
from retriever.generators._worker import Push, pieces
from retriever.rerankers import Reranker
from retriever.settings import AnswerSettings

if TYPE_CHECKING:
    from openai import OpenAI

_CONNECT_SECONDS = 5.0
_LIST_SECONDS = 5.0  # for the list of models
_MOST_BYTES = 16 * 1024 * 1024  # of one reply
_FIRST_DELAY = 0.5  # seconds before the second try, doubled for each further one
_LONGEST_DELAY = 8.0
_TRANSIENT = {408, 409, 425, 429, 500, 502, 503, 504}
_SEEING = re.compile(
    r"vision|llava|pixtral|moondream|molmo|internvl|minicpm-v|minicpm-o|smolvlm|idefics|paligemma|"
    r"omni|multimodal|gemma-?3(?!.*1b)|gemma-?[4-9]|gpt-4o|gpt-4\.1|gpt-[5-9]|claude|gemini|"
    r"(?:^|[-_/.:0-9])vlm?(?:$|[-_/.:0-9])|mistral-small-3\.[1-9]|llama-?4|gigachat.*(?:pro|max)",
    re.IGNORECASE,
)
_TOO_LONG = re.compile(
    r"context|too long|too many tokens|maximum.{0,20}token|exceed|prompt is longer", re.IGNORECASE
)


def build(settings: AnswerSettings, reranker: Reranker | None) -> ModelGenerator:
    return ModelGenerator(ServerModel(settings), settings, reranker)


class ServerModel:
    """See :class:`retriever.generators._model.LanguageModel`."""

    def __init__(self, settings: AnswerSettings) -> None:
        self._settings = settings
        self._model = settings.generator.partition(":")[2]

    @property
    def name(self) -> str:
        return f"openai:{_shown(self._model)}" if self._model else "openai"

    def sees(self) -> bool:
        return _SEEING.search(self._chosen()) is not None

    def check(self) -> str:
        offered = self._offered()
        if self._model and self._model not in offered:
            raise GeneratorUnavailable(
                self.name,
                cause=f"the server at {self._settings.base_url} offers no such model",
                remedy="choose one of: " + ", ".join(_shown(each) for each in offered[:8]),
            )
        return f"openai:{_shown(self._chosen())} at {self._settings.base_url}"

    def complete(self, messages: Sequence[Message], images: Sequence[bytes]) -> Iterator[str]:
        stream: Any = None

        def produce(push: Push) -> None:
            nonlocal stream
            self._chosen()  # from here on, the name says which
            with _said_plainly(self.name, self._settings):
                stream = self._open(messages, images)
                finished = False
                for chunk in stream:
                    text, reason = _said(chunk)
                    finished = finished or reason is not None
                    if push(text):
                        return
                if not finished:
                    raise GeneratorUnavailable(
                        self.name, cause="it broke off", remedy="look at the server's log"
                    )

        def cancel() -> None:
            if stream is not None:
                stream.close()

        return pieces(self.name, produce, self._settings, cancel=cancel, daemon=True)

    def _open(self, messages: Sequence[Message], images: Sequence[bytes]) -> Any:
        """The stream of a reply, tried again while the server is busy or starting."""
        import openai

        settings = self._settings
        deadline = time.monotonic() + settings.first_token_seconds
        client, model = self._client(), self._chosen()
        for attempt in range(settings.retries + 1):
            try:
                return client.chat.completions.create(
                    model=model,
                    messages=as_chat(messages, images),
                    max_tokens=settings.max_tokens,
                    temperature=settings.temperature,
                    stream=True,
                )
            except openai.APITimeoutError:
                raise
            except openai.APIStatusError as exc:
                if images and exc.status_code in {400, 415, 422}:
                    return self._open(messages, ())  # it does not take pictures after all
                if exc.status_code not in _TRANSIENT or attempt == settings.retries:
                    raise
            except openai.APIConnectionError:
                if attempt == settings.retries:
                    raise
            delay = min(_FIRST_DELAY * 2**attempt, _LONGEST_DELAY)
            if time.monotonic() + delay > deadline:
                break
            time.sleep(delay)
        raise GeneratorUnavailable(
            self.name, cause="the server stayed busy", remedy="ask again later"
        )

    def _chosen(self) -> str:
        if not self._model:
            offered = self._offered()
            if not offered:
                raise GeneratorUnavailable(
                    self.name,
                    cause=f"the server at {self._settings.base_url} has no model loaded",
                    remedy="load one there",
                )
            self._model = next(
                (each for each in offered if "embed" not in each.lower()), offered[0]
            )
        return self._model

    def _offered(self) -> list[str]:
        with _said_plainly(self.name, self._settings):
            return models_at(self._client(), _LIST_SECONDS)

    def _client(self) -> "OpenAI":
        settings = self._settings
        if not settings.base_url:
            raise GeneratorUnavailable(
                "openai",
                cause="no server is named",
                remedy="set SIGHTLINE_ANSWER_BASE_URL (sightline models discover lists local ones)",
            )
        return client_for(settings.base_url, settings.api_key, settings.first_token_seconds)


@once
def client_for(base_url: str, api_key: str, read_seconds: float) -> "OpenAI":
    """A client of that one server, which follows no redirect and reads no endless reply."""
    import httpx2
    from openai import OpenAI

    class Bounded(httpx2.SyncByteStream):
        def __init__(self, stream: httpx2.SyncByteStream) -> None:
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            left = _MOST_BYTES
            for chunk in self._stream:
                left -= len(chunk)
                if left < 0:
                    raise httpx2.ReadError("the reply has no end")
                yield chunk

        def close(self) -> None:
            self._stream.close()

    def bound(response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = Bounded(response.stream)

    loopback = urlsplit(base_url).hostname in {"127.0.0.1", "localhost", "::1"}
    http = httpx2.Client(
        follow_redirects=False,
        timeout=httpx2.Timeout(read_seconds, connect=_CONNECT_SECONDS),
        trust_env=not loopback,  # proxies stand between this machine and others only
        event_hooks={"response": [bound]},
    )
    return OpenAI(
        base_url=base_url,
        api_key=api_key or "none",
        organization="",
        project="",
        max_retries=0,
        http_client=http,
    )


def models_at(client: "OpenAI", seconds: float) -> list[str]:
    """The names of the models that a server offers, in its order."""
    listed = client.models.list(timeout=seconds).data
    return [each.id for each in listed or () if isinstance(getattr(each, "id", None), str)]


@contextmanager
def _said_plainly(name: str, settings: AnswerSettings) -> Iterator[None]:
    """Turns whatever a client raises into one line; a server's words in it are made harmless."""
    import openai

    address = settings.base_url
    try:
        yield
    except GeneratorUnavailable:
        raise
    except openai.APITimeoutError:
        raise GeneratorUnavailable(
            name,
            cause=f"the server at {address} did not answer in time",
            remedy="raise SIGHTLINE_ANSWER_FIRST_TOKEN_SECONDS or choose a smaller model",
        ) from None
    except openai.APIStatusError as exc:
        raise _status(name, settings, exc.status_code, str(exc.message)) from None
    except openai.APIConnectionError:
        raise GeneratorUnavailable(
            name,
            cause=f"the server at {address} cannot be reached or broke off",
            remedy="start it, or correct SIGHTLINE_ANSWER_BASE_URL",
        ) from None
    except openai.APIError as exc:
        raise _refused(name, settings, str(exc.message)) from None
    # A server may send anything: what it makes the client raise has no common base.
    except Exception as exc:
        raise GeneratorUnavailable(
            name,
            cause=f"the reply of the server at {address} makes no sense ({type(exc).__name__})",
            remedy="check that it speaks the OpenAI protocol",
        ) from None


def _status(name: str, settings: AnswerSettings, code: int, said: str) -> GeneratorUnavailable:
    server = f"the server at {settings.base_url}"
    if code in {401, 403}:
        return GeneratorUnavailable(
            name, cause=f"{server} refuses the key ({code})", remedy="set SIGHTLINE_ANSWER_API_KEY"
        )
    if 300 <= code < 400:
        return GeneratorUnavailable(
            name,
            cause=f"{server} sends elsewhere ({code})",
            remedy="set SIGHTLINE_ANSWER_BASE_URL to the address itself",
        )
    if code == 404:
        return GeneratorUnavailable(
            name, cause=f"{server} does not know it (404)", remedy="run: sightline models discover"
        )
    return _refused(name, settings, f"{code}: {said}")


def _refused(name: str, settings: AnswerSettings, said: str) -> GeneratorUnavailable:
    words = _shown(said.replace(settings.api_key, "…") if settings.api_key else said)
    kind = PromptTooLong if _TOO_LONG.search(said) else GeneratorUnavailable
    return kind(name, cause=f"the server said: {words}", remedy="see the server's log")


def _said(chunk: Any) -> tuple[str, str | None]:
    """The text of a chunk and why it is the last one; servers send chunks without either."""
    choices = getattr(chunk, "choices", None)
    if not choices:
        return "", None
    text = getattr(choices[0].delta, "content", None) if choices[0].delta else None
    return (text if isinstance(text, str) else ""), choices[0].finish_reason


def _shown(text: str) -> str:
    """Words of a server in a line of ours."""
    return " ".join(plain(text[:400]).split())[:160]
