"""Looking for language model servers on this machine, only when asked to."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from retriever.generators.openai import client_for, models_at

# Where programs listen unless told otherwise.
PORTS = {
    1234: "LM Studio",
    11434: "Ollama",
    8080: "llama.cpp, LocalAI",
    8000: "vLLM",
    1337: "Jan",
    4891: "GPT4All",
    5000: "text-generation-webui",
    5001: "KoboldCpp",
    30000: "SGLang",
}
_SECONDS = 1.0  # for an answer; a program on this machine takes milliseconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A server that answers, and the models it offers."""

    program: str  # that usually listens there
    base_url: str
    models: tuple[str, ...]


def discover(ports: Sequence[int] | None = None) -> list[Server]:
    """OpenAI-compatible servers on these ports of 127.0.0.1, the usual ones for None.

    No key is sent to any of them.
    """
    ports = tuple(PORTS) if ports is None else ports
    with ThreadPoolExecutor(max_workers=max(1, len(ports))) as pool:
        return [found for found in pool.map(_look, ports) if found is not None]


def _look(port: int) -> Server | None:
    address = f"http://127.0.0.1:{port}/v1"
    try:
        models = models_at(client_for(address, "", _SECONDS), _SECONDS)
    # Anything may listen there, and say anything: whatever is no list of models is not meant.
    except Exception:
        return None
    return Server(program=PORTS.get(port, "server"), base_url=address, models=tuple(models))
