"""A GGUF file run in this process by llama.cpp, through ``xllamacpp`` (the extra ``gguf``).

A projector beside it (``mmproj*.gguf``) makes it see. The library serves HTTP too; it is made to
listen on a socket that is gone before anybody can find it, and to ask for a key that nobody has.
"""

import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from indexer.encoders._runtime import once, thread_count
from retriever.errors import GeneratorUnavailable
from retriever.generators._model import Message, ModelGenerator, PromptTooLong
from retriever.generators._prompt import as_chat
from retriever.generators._worker import Push, pieces
from retriever.rerankers import Reranker
from retriever.settings import AnswerSettings

_MAGIC = b"GGUF"
_BATCH = 256  # tokens of a prompt between two looks whether to go on


def build(settings: AnswerSettings, reranker: Reranker | None) -> ModelGenerator:
    return ModelGenerator(GgufModel(settings), settings, reranker)


class GgufModel:
    """See :class:`retriever.generators._model.LanguageModel`."""

    def __init__(self, settings: AnswerSettings) -> None:
        self._settings = settings
        self._path = Path(settings.generator.partition(":")[2]).expanduser()

    @property
    def name(self) -> str:
        return f"gguf:{self._path.name}"

    def sees(self) -> bool:
        return _projector(self._path) is not None

    def check(self) -> str:
        if find_spec("xllamacpp") is None:
            raise GeneratorUnavailable(
                self.name,
                cause="the package xllamacpp is not installed",
                remedy="in the folder of the sources, run: pip install '.[gguf]'",
            )
        try:
            with self._path.open("rb") as file:
                magic = file.read(len(_MAGIC))
        except OSError as exc:
            raise GeneratorUnavailable(
                self._path,
                cause=f"it cannot be read ({exc.strerror})",
                remedy="set SIGHTLINE_ANSWER_GENERATOR=gguf:FILE to a model's file",
            ) from exc
        if magic != _MAGIC:
            raise GeneratorUnavailable(
                self._path, cause="it is no GGUF file", remedy="fetch the model again"
            )
        return f"{self._path.name}, in this process" + (", with pictures" if self.sees() else "")

    def complete(self, messages: Sequence[Message], images: Sequence[bytes]) -> Iterator[str]:
        request = {
            "messages": as_chat(messages, images),
            "max_tokens": self._settings.max_tokens,
            "temperature": self._settings.temperature,
            "stream": True,
            "return_progress": True,  # so that a long prompt can be cancelled
        }
        errors: list[dict[str, Any]] = []

        def produce(push: Push) -> None:
            def take(chunk: Any) -> bool:
                if "error" in chunk:
                    errors.append(chunk["error"])
                    return True
                choices = chunk.get("choices") or [{}]
                return push(choices[0].get("delta", {}).get("content") or "")

            model = self._loaded()
            try:
                model.handle_chat_completions(request, take)
            except RuntimeError as exc:
                errors.append({"message": str(exc)})
            if errors:
                raise self._failure(errors[0])

        return pieces(self.name, produce, self._settings)

    def _failure(self, error: dict[str, Any]) -> GeneratorUnavailable:
        said = " ".join(str(error.get("message", "no reason given")).split())[:160]
        kind = PromptTooLong if "context" in said else GeneratorUnavailable
        return kind(
            self.name, cause=f"llama.cpp said: {said}", remedy="choose another model or settings"
        )

    def _loaded(self) -> Any:
        self.check()
        settings = self._settings
        # One processor is left to the rest: threads that wait for each other suffer from company.
        threads = settings.threads or max(1, thread_count(0) - 1)
        return _load(self._path, settings.context_tokens, threads)


@once
def _load(path: Path, context: int, threads: int) -> Any:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    projector = _projector(path)
    if projector is not None:
        parameters.mmproj.path = str(projector)
    parameters.n_ctx = context
    parameters.n_parallel = 1
    parameters.n_batch = parameters.n_ubatch = _BATCH
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.offline = True
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.warmup = False
    parameters.verbosity = -1
    parameters.api_keys = [secrets.token_urlsafe(32)]
    if os.name != "posix":
        return _started(xllamacpp, parameters, path)
    with tempfile.TemporaryDirectory(prefix="sightline-") as folder:
        parameters.hostnames = [str(Path(folder) / "llama.sock")]
        return _started(xllamacpp, parameters, path)


def _started(xllamacpp: Any, parameters: Any, path: Path) -> Any:
    try:
        return xllamacpp.Server(parameters)
    except RuntimeError as exc:
        raise GeneratorUnavailable(
            path,
            cause=f"llama.cpp cannot load it ({exc})",
            remedy="check that there is memory for it, or fetch it again",
        ) from exc


def _projector(path: Path) -> Path | None:
    """The file that lets a model see, if one lies beside it."""
    return next(iter(sorted(path.parent.glob("mmproj*.gguf"))), None)
