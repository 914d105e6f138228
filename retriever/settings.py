"""Validated settings of retrieval, read like the indexer's."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from indexer.settings import read_group, require_positive

GROUPS = ("SEARCH", "RERANK", "ANSWER", "FIND")


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
    name_weight: float = 1.0  # of captions and file names against the looks of pictures

    def __post_init__(self) -> None:
        require_positive(self, "candidates", "rrf_k")


@dataclass(frozen=True, kw_only=True)
class RerankSettings:
    model: str = "onnx"  # a file of retriever/rerankers/, ":" and a model, or "none"
    depth: int = 20  # passages rescored
    weight: float = 0.5  # of the reranker's verdict against the fused score
    max_tokens: int = 384  # of one (query, passage) pair
    threads: int = 0  # 0: the processors this process may use, at most four

    def __post_init__(self) -> None:
        require_positive(self, "depth", "max_tokens")


@dataclass(frozen=True, kw_only=True)
class AnswerSettings:
    generator: str = "extractive"  # a file of retriever/generators/
    evidence: int = 6  # passages an answer may draw on
    sentences: int = 3  # longest extractive answer
    figures: int = 3  # pictures shown beside it
    history: bool = True  # whether conversations are kept

    def __post_init__(self) -> None:
        require_positive(self, "evidence", "sentences")


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
