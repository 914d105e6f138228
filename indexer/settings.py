"""Validated settings of indexing; only the ``settings.py`` files read the environment.

A field ``max_tokens`` of the group ``CHUNK`` is set by ``SIGHTLINE_CHUNK_MAX_TOKENS``.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from indexer.errors import InvalidSettings

PREFIX = "SIGHTLINE_"
HOME_VARIABLE = "SIGHTLINE_HOME"

MEBIBYTE = 1024 * 1024

# From 1.29 on, onnxruntime reports its use to Microsoft unless this is set before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def _require(condition: bool, item: str, cause: str, remedy: str) -> None:
    if not condition:
        raise InvalidSettings(item, cause=cause, remedy=remedy)


def require_positive(settings: Any, *names: str) -> None:
    """InvalidSettings unless every named field is above zero."""
    for name in names:
        value = getattr(settings, name)
        _require(value > 0, name, f"{value} is not above zero", "set a positive number")


@dataclass(frozen=True, kw_only=True)
class ParserSettings:
    """Limits of the child process that reads files, and how it reads text in pictures."""

    max_bytes: int = 512 * MEBIBYTE  # larger files are refused unread
    max_pages: int = 5000
    max_pixels: int = 200_000_000  # of one photo, before decoding
    max_members: int = 10_000  # files inside one archive or message, nested ones included
    max_unpacked_bytes: int = 2048 * MEBIBYTE  # of all files inside one archive
    max_depth: int = 3  # archives inside archives
    memory_bytes: int = 3072 * MEBIBYTE  # address space of the child
    page_seconds: float = 60.0  # without a page or a sign of life
    document_seconds: float = 900.0
    output_bytes: int = 512 * MEBIBYTE  # pages and rasters of one file
    raster_side: int = 1024  # longer side of photo rasters, pixels
    figure_side: int = 640  # longer side of figure rasters, pixels
    min_figure_side: float = 40.0  # points; smaller pictures are decoration
    text_page_chars: int = 20_000  # files without pages are cut into pages of about this length
    processes: int = 2
    ocr_engine: str = "auto"  # auto, off, or a file of indexer/parsers/ocr: tesseract, rapidocr
    ocr_languages: str = "eng+rus"  # Tesseract's names, joined by plus signs
    ocr_dpi: int = 300  # of pages drawn for OCR
    ocr_min_confidence: float = 0.5  # words read with less are left out

    def __post_init__(self) -> None:
        require_positive(self, *(item.name for item in fields(self) if item.type is not str))
        _require(
            all(language.isidentifier() for language in self.ocr_languages.split("+")),
            "ocr_languages",
            f"{self.ocr_languages!r} is not a list of languages",
            "set it like eng or eng+rus",
        )
        _require(
            self.ocr_min_confidence < 1,
            "ocr_min_confidence",
            f"{self.ocr_min_confidence} is not below 1",
            "set a share such as 0.5",
        )


@dataclass(frozen=True, kw_only=True)
class ChunkSettings:
    """Length of a passage in tokens of the collection's text encoder."""

    max_tokens: int = 0  # 0: the encoder's own limit, at most preferred_tokens
    preferred_tokens: int = 320  # whole abstracts and sections, measured better than 200
    min_tokens: int = 16  # shorter pieces are joined to a neighbour where one fits

    def __post_init__(self) -> None:
        require_positive(self, "preferred_tokens", "min_tokens")
        _require(
            self.max_tokens == 0 or self.max_tokens >= self.min_tokens,
            "max_tokens",
            f"{self.max_tokens} is below min_tokens",
            "set 0 or a larger number",
        )


@dataclass(frozen=True, kw_only=True)
class CropSettings:
    """Which regions of a photo are searched by their looks."""

    min_tile_side: int = 160  # pixels of the raster; smaller tiles show nothing
    tile_grid: int = 2  # tiles in each direction
    tile_overlap: float = 0.34  # share of a tile that its neighbour repeats
    max_objects: int = 4  # salient regions of one photo
    thumbnail_side: int = 320  # pixels

    def __post_init__(self) -> None:
        require_positive(self, "min_tile_side", "tile_grid", "thumbnail_side")
        _require(
            0 <= self.tile_overlap < 1,
            "tile_overlap",
            f"{self.tile_overlap} is not a share",
            "set 0 to below 1",
        )
        _require(self.max_objects >= 0, "max_objects", "is negative", "set 0 or more")


@dataclass(frozen=True, kw_only=True)
class EncoderSettings:
    """Which models make embeddings. ``auto`` takes the strongest one already on the machine."""

    text: str = "auto"  # auto, packaged, or sentence_transformers:NAME-OR-FOLDER
    clip: str = "auto"  # auto, packaged, or open_clip:MODEL/PRETRAINED-OR-CHECKPOINT
    batch_size: int = 32
    threads: int = 0  # 0: the processors this process may use, at most four

    def __post_init__(self) -> None:
        require_positive(self, "batch_size")
        _require(self.threads >= 0, "threads", f"{self.threads} is negative", "set 0 or more")


@dataclass(frozen=True, kw_only=True)
class StoreSettings:
    """The catalogue and its index cache."""

    vectors: str = "flat"  # a file of indexer/store/vectors/
    lexical: str = "fts5"  # a file of indexer/store/lexical/
    busy_seconds: float = 30.0  # wait for another writer

    def __post_init__(self) -> None:
        require_positive(self, "busy_seconds")


@dataclass(frozen=True, kw_only=True)
class IndexerSettings:
    """All settings of indexing, below one home folder."""

    home: Path = field(default_factory=lambda: Path.home() / ".sightline")
    parser: ParserSettings = ParserSettings()
    chunk: ChunkSettings = ChunkSettings()
    crop: CropSettings = CropSettings()
    encoder: EncoderSettings = EncoderSettings()
    store: StoreSettings = StoreSettings()

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str] = os.environ, *, home: Path | None = None
    ) -> "IndexerSettings":
        """Read ``SIGHTLINE_HOME`` and the groups below. InvalidSettings for a bad value."""
        chosen = home or Path(environ.get(HOME_VARIABLE) or Path.home() / ".sightline")
        return cls(
            home=chosen.expanduser().absolute(),
            parser=read_group(ParserSettings, "PARSER", environ),
            chunk=read_group(ChunkSettings, "CHUNK", environ),
            crop=read_group(CropSettings, "CROP", environ),
            encoder=read_group(EncoderSettings, "ENCODER", environ),
            store=read_group(StoreSettings, "STORE", environ),
        )

    @property
    def catalog_path(self) -> Path:
        return self.home / "catalog.sqlite"

    @property
    def index_folder(self) -> Path:
        return self.home / "index"

    @property
    def upload_folder(self) -> Path:
        return self.home / "uploads"

    @property
    def cache_folder(self) -> Path:
        return self.home / "cache"


GROUPS = ("PARSER", "CHUNK", "CROP", "ENCODER", "STORE")

_Group = TypeVar("_Group")


def read_group(cls: type[_Group], group: str, environ: Mapping[str, str]) -> _Group:
    """Build the settings dataclass ``cls`` from ``SIGHTLINE_<group>_<FIELD>`` variables.

    Raises InvalidSettings for an unknown field or a value of the wrong type.
    """
    prefix = f"{PREFIX}{group}_"
    known = {item.name: item for item in fields(cls)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, raw in environ.items():
        if not key.startswith(prefix):
            continue
        name = key.removeprefix(prefix).lower()
        if name not in known:
            raise InvalidSettings(
                key, cause="no such setting", remedy=f"choose one of: {', '.join(sorted(known))}"
            )
        values[name] = _convert(key, raw, type(known[name].default))
    return cls(**values)


def _convert(key: str, raw: str, wanted: type) -> Any:
    if wanted is bool:
        lowered = raw.strip().lower()
        if lowered in {"1", "true", "yes", "on"}:
            return True
        if lowered in {"0", "false", "no", "off"}:
            return False
        raise InvalidSettings(key, cause=f"{raw!r} is not yes or no", remedy="set 1 or 0")
    try:
        return wanted(raw)
    except ValueError as exc:
        raise InvalidSettings(
            key, cause=f"{raw!r} is not a {wanted.__name__}", remedy="correct or unset it"
        ) from exc


def let_idle_threads_sleep() -> None:
    """Tell OpenMP, unless the user has chosen otherwise, that waiting threads shall sleep.

    They spin by default. Beside other busy processes (parsers, say) that costs more than it
    saves: a photo then takes 1.5 to 3 times the processor time. Has an effect before torch
    is imported.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
