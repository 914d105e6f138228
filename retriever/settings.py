"""Validated settings of retrieval, read like the indexer's."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from indexer.errors import InvalidSettings
from indexer.settings import read_group, require_positive

GROUPS = ("SEARCH", "RERANK", "ANSWER", "FIND")

_DAY = 86400.0  # seconds


def _is_server(address: str) -> bool:
    """Whether ``address`` is empty or that of a server, without a name and password in it."""
    try:
        parts = urlsplit(address)
        return not address or (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
        )
    except ValueError:
        return False


def _require_choice(settings: Any, name: str, choices: tuple[str, ...]) -> None:
    if getattr(settings, name) not in choices:
        raise InvalidSettings(
            name,
            cause=f"{getattr(settings, name)!r} is not known",
            remedy=f"set one of: {', '.join(choices)}",
        )


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    candidates: int = 100  # items per index, before fusion
    rrf_k: int = 60  # constant of reciprocal rank fusion
    identifier_items: int = 10  # items that may hold an identifier for it to come first
    dense_weight: float = 1.0  # of the text encoder's scores, where it knows the language
    picture_weight: float = 0.99  # of plainly meant pictures against passages in a mixed result
    unsure_weight: float = 0.8  # of the other pictures there
    query_objects: int = 4  # things in a query photo that are looked for by themselves
    query_tiles: int = 4  # and its tiles in each direction; 1 for none
    query_turns: bool = True  # whether it is also looked for turned by 90, 180 and 270 degrees
    # Off the cosine of parts of photos: background looks alike everywhere.
    tile_handicap: float = 0.1
    object_handicap: float = 0.05
    query_part_handicap: float = 0.03
    turn_handicap: float = 0.1
    name_weight: float = 4.0  # of captions and file names against the looks of pictures
    page_weight: float = 1.0  # and of the words on their page

    def __post_init__(self) -> None:
        require_positive(self, "candidates", "rrf_k")


@dataclass(frozen=True, kw_only=True)
class RerankSettings:
    model: str = "onnx"  # a file of retriever/rerankers/, ":" and a model, or "none"
    depth: int = 20  # passages rescored
    seconds: float = 5.0  # after these, passages that were not yet rescored keep their place
    weight: float = 0.5  # of the reranker's verdict against the fused score
    max_tokens: int = 384  # of one (query, passage) pair
    threads: int = 0  # 0: the processors this process may use, at most four

    def __post_init__(self) -> None:
        require_positive(self, "depth", "seconds", "max_tokens")


@dataclass(frozen=True, kw_only=True)
class AnswerSettings:
    """Who writes answers. Without a model they are quotes; a model's are checked against them.

    ``generator`` is a file of retriever/generators/, some followed by ":" and a model: extractive,
    openai or openai:MODEL, gguf:FILE, transformers:FOLDER.
    """

    generator: str = "extractive"
    evidence: int = 6  # passages an answer may draw on
    sentences: int = 3  # longest extractive answer
    figures: int = 3  # pictures shown beside it
    history: bool = True  # whether conversations are kept
    base_url: str = ""  # of an OpenAI-compatible server, such as http://127.0.0.1:1234/v1
    api_key: str = field(default="", repr=False)  # for that server, if it asks for one
    sees: str = "auto"  # whether the model is shown pictures: auto, yes or no
    first_token_seconds: float = 120.0  # a model that has said nothing by then is given up
    seconds: float = 300.0  # and one that is still talking is stopped
    retries: int = 2  # of a request that a server could not take at once
    max_tokens: int = 512  # longest text of a model
    context_tokens: int = 4096  # of the prompt and the text together
    temperature: float = 0.0
    unsupported: str = "mark"  # sentences that the evidence does not support: mark or drop
    threads: int = 0  # of a model in this process; 0: the processors it may use but one

    def __post_init__(self) -> None:
        require_positive(
            self, "evidence", "sentences", "first_token_seconds", "seconds", "max_tokens"
        )
        _require_choice(self, "sees", ("auto", "yes", "no"))
        _require_choice(self, "unsupported", ("mark", "drop"))
        checks = (
            ("seconds", max(self.seconds, self.first_token_seconds) <= _DAY, "at most 86400"),
            ("retries", 0 <= self.retries <= 10, "0 to 10"),
            ("temperature", 0 <= self.temperature <= 2, "0 to 2"),
            ("threads", self.threads >= 0, "0 or more"),
            ("context_tokens", self.context_tokens >= 2 * self.max_tokens, "twice max_tokens"),
            ("base_url", _is_server(self.base_url), "an address such as http://127.0.0.1:1234/v1"),
            ("api_key", self.api_key.isascii() and self.api_key.isprintable(), "plain letters"),
        )
        for name, sound, remedy in checks:
            if not sound:
                raise InvalidSettings(name, cause="it is out of range", remedy=f"set {remedy}")


@dataclass(frozen=True, kw_only=True)
class FindSettings:
    """Finding things in pictures by their names."""

    detector: str = "packaged"  # a file of retriever/detectors/, or one, ":" and a model's folder
    candidates: int = 60  # pictures looked at, the likeliest by their words first
    seconds: float = 20.0  # after these, what was found so far is the result
    side: int = 960  # longer side of the pictures that are looked at, pixels
    min_score: float = 0.0  # of a found thing; 0: what the detector was measured with
    overlap: float = 0.5  # intersection over union from which two boxes show one thing
    threads: int = 0  # 0: the processors this process may use, at most four

    def __post_init__(self) -> None:
        require_positive(self, "candidates", "seconds", "side", "overlap")


@dataclass(frozen=True, kw_only=True)
class RetrieverSettings:
    search: SearchSettings = SearchSettings()
    rerank: RerankSettings = RerankSettings()
    answer: AnswerSettings = AnswerSettings()
    find: FindSettings = FindSettings()

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "RetrieverSettings":
        return cls(
            search=read_group(SearchSettings, "SEARCH", environ),
            rerank=read_group(RerankSettings, "RERANK", environ),
            answer=read_group(AnswerSettings, "ANSWER", environ),
            find=read_group(FindSettings, "FIND", environ),
        )
