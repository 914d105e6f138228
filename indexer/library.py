"""One open home folder: catalogue, index cache, encoders, pictures."""

import copy
import hashlib
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from PIL import Image

from indexer.domain import BoundingBox, Raster
from indexer.encoders import (
    ClipEncoder,
    TextEncoder,
    load_clip_encoder,
    load_text_encoder,
    resolve,
)
from indexer.errors import (
    InvalidInput,
    LimitExceeded,
    NotFound,
    OutOfResources,
    UnreadableDocument,
    UnsupportedFormat,
)
from indexer.home import Hold, sync_folder
from indexer.parsers.sandbox import ParserProcess
from indexer.scan import Located, locate
from indexer.settings import EncoderSettings, IndexerSettings
from indexer.store.catalog import Catalog, check_spaces
from indexer.store.indexes import IndexCache
from indexer.store.records import Collection, StoredCrop, StoredDocument

DEFAULT_COLLECTION = "main"

_COLLECTION_NAME = re.compile(r"\w[\w .()-]{0,99}")
_READ_BYTES = 1 << 20
_MOST_FOLDERS = 12  # of an upload: a path has a limit of 4,096 bytes


class Library:
    """Everything below one ``--home``. Thread-safe; close it, or use it as a context manager."""

    def __init__(
        self,
        settings: IndexerSettings,
        *,
        load_text: Callable[[EncoderSettings], TextEncoder] = load_text_encoder,
        load_clip: Callable[[EncoderSettings], ClipEncoder] = load_clip_encoder,
    ) -> None:
        """Open or create. Raises CatalogTooNew or CatalogUnavailable.

        ``load_text`` and ``load_clip`` turn settings into encoders.
        """
        self.settings = settings
        self._load_text = load_text
        self._load_clip = load_clip
        self.hold = Hold(settings.home)
        self.catalog = Catalog(settings.catalog_path, settings.store)
        self.indexes = IndexCache(self.catalog, settings.index_folder, settings.store.vectors)
        self._renderer = ParserProcess(settings.parser)
        self._render_lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def within(self, collections: frozenset[str] | None, owner: int | None) -> Self:
        """The same library as one person may see it; see :meth:`Catalog.within`. Not to be closed.

        It shares encoders, indexes and the renderer with this one.
        """
        narrowed = copy.copy(self)
        narrowed.catalog = self.catalog.within(collections, owner)
        return narrowed

    def holds_only(self, collections: Sequence[Collection]) -> bool:
        """Whether there is nothing beside these, so that a search need not leave anything out."""
        catalog = self.catalog
        return not catalog.narrow and len(collections) == len(catalog.collections())

    def close(self) -> None:
        self._renderer.close()
        self.catalog.close()
        self.hold.release()

    # -- collections and their encoders --------------------------------------------------------

    def rename_collection(self, old: str, new: str) -> None:
        """NotFound; InvalidInput for a name that is none or is taken, and while it is indexed."""
        self.catalog.rename_collection(self.catalog.collection(old), _checked_name(new))

    def collection_for_writing(self, name: str) -> Collection:
        """The collection ``name``, made with the encoders of the settings if it is new.

        ``auto`` keeps to the encoders an existing collection was built with; other encoders that
        are named in the settings are refused with SpaceMismatch.
        """
        _checked_name(name)
        for collection in self.catalog.collections():
            if collection.name == name:
                self.text_encoder(collection)
                self.clip_encoder(collection)
                return collection
        wanted = self.settings.encoder
        encoders = (resolve("text", wanted), resolve("clip", wanted))
        return self.catalog.ensure_collection(
            name, self._load_text(wanted), self._load_clip(wanted), encoders=encoders
        )

    def text_encoder(self, collection: Collection) -> TextEncoder:
        """The text encoder the collection was built with. SpaceMismatch if another is set."""
        wanted = self.settings.encoder
        name = collection.text_encoder if wanted.text == "auto" else wanted.text
        encoder = self._load_text(replace(wanted, text=name))
        check_spaces(collection, (encoder.space, collection.clip_space, collection.image_space))
        return encoder

    def clip_encoder(self, collection: Collection) -> ClipEncoder:
        """The CLIP encoder the collection was built with. SpaceMismatch if another is set."""
        wanted = self.settings.encoder
        name = collection.clip_encoder if wanted.clip == "auto" else wanted.clip
        encoder = self._load_clip(replace(wanted, clip=name))
        check_spaces(collection, (collection.text_space, encoder.space, encoder.image_space))
        return encoder

    def encoder_names(self) -> dict[str, str]:
        """The encoders in use by role: those of the collections, or those a new one would get."""
        built = self.catalog.collections()
        wanted = self.settings.encoder
        return {
            "clip": ", ".join(sorted({each.clip_encoder for each in built}))
            or resolve("clip", wanted),
            "text": ", ".join(sorted({each.text_encoder for each in built}))
            or resolve("text", wanted),
        }

    # -- files ---------------------------------------------------------------------------------

    def keep_upload(
        self, name: str, source: Path, sidecars: Sequence[tuple[str, Path]] = ()
    ) -> Path:
        """Store an uploaded file under its content's SHA-256 and its cleaned name; its new path.

        The folders in ``name`` are kept below that. It is on the disk when this returns, and
        beside it the ``sidecars``, given as (name, path). OutOfResources if the disk refuses.
        """
        digest = sha256_of(source)
        uploads = self.settings.upload_folder
        target = uploads / digest[:2] / digest / _safe_path(name)
        new = [(target, source)] if not target.exists() else []
        new += [(target.with_name(_safe_name(name)), path) for name, path in sidecars]
        if new:
            with _writing_to(uploads):
                for place, content in new:
                    with _replacing(place) as temporary:
                        shutil.copyfile(content, temporary)
                        with temporary.open("rb") as handle:
                            os.fsync(handle.fileno())
                made = len(target.relative_to(uploads).parts)
                for folder in islice(target.parents, made + 1):
                    sync_folder(folder)
        return target

    # -- pictures ------------------------------------------------------------------------------

    def decode_photo(self, data: bytes, box: BoundingBox | None = None) -> Image.Image:
        """Decode a photo from anywhere, in the parser's child process: upright RGB.

        ``box`` cuts out a region first. Raises UnreadableDocument, UnsupportedFormat or
        LimitExceeded.
        """
        folder = self.settings.cache_folder / "queries"
        with _writing_to(folder):
            folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{os.getpid()}-{threading.get_ident()}-photo"
        try:
            with _writing_to(folder):
                path.write_bytes(data)
            return to_image(self._render(Located(path), 1, self.settings.parser.raster_side, box))
        except UnsupportedFormat as exc:
            raise UnsupportedFormat(
                "the photo", cause="it is no picture that can be read", remedy="choose another"
            ) from exc
        except (UnreadableDocument, LimitExceeded, InvalidInput) as exc:
            # The temporary path means nothing to the person who gave the photo.
            raise type(exc)("the photo", cause=exc.cause, remedy=exc.remedy) from exc
        finally:
            path.unlink(missing_ok=True)

    def page_image(self, sha256: str, number: int, max_side: int) -> bytes:
        """A page as JPEG, longer side at most ``max_side`` pixels, from the cache if seen before.

        NotFound if the document, page or file is gone.
        """
        # Before the cache: it holds pages of documents that not everybody may see.
        stored = self.catalog.document(sha256)
        cached = self._cached("pages", f"{sha256}-{number}-{max_side}")
        if cached.exists():
            return cached.read_bytes()
        if not 1 <= number <= stored.document.page_count:
            raise NotFound(
                f"page {number}",
                cause=f"the document has {stored.document.page_count} pages",
                remedy="open page 1",
            )
        return _write_cache(cached, self._render(_present(stored), number, max_side, None).jpeg)

    def original(self, sha256: str) -> Path:
        """The document's file, unpacked if it lies inside another one.

        NotFound if the document or the file is gone.
        """
        source = _present(self.catalog.document(sha256))
        if not source.members:
            return source.path
        name = _safe_name(source.members[-1])
        unpacked = self.settings.cache_folder / "members" / sha256[:2] / sha256 / name
        if not unpacked.exists():
            with (
                self._render_lock,
                _writing_to(unpacked.parent),
                _replacing(unpacked) as temporary,
                temporary.open("wb") as target,
            ):
                self._renderer.unpack(source.path, source.members, target)
        return unpacked

    def crop(self, crop_id: int) -> StoredCrop:
        """NotFound if the crop has left the index."""
        stored = self.catalog.crops([crop_id]).get(crop_id)
        if stored is None:
            raise NotFound(
                f"picture {crop_id}", cause="it has left the index", remedy="search again"
            )
        return stored

    def thumbnail(self, crop_id: int) -> bytes:
        """A crop as a small JPEG. NotFound if the crop or its file is gone."""
        stored = self.crop(crop_id)
        cached = self._thumbnail_path(
            stored.owner.document.id, stored.crop.page_number, stored.crop.box
        )
        if cached.exists():
            return cached.read_bytes()
        side = self.settings.crop.thumbnail_side
        source = _present(stored.owner)
        raster = self._render(source, stored.crop.page_number, side, stored.crop.box)
        return _write_cache(cached, raster.jpeg)

    def keep_thumbnail(self, sha256: str, page: int, box: BoundingBox, image: Image.Image) -> None:
        """Cache a crop's thumbnail while its pixels are at hand."""
        cached = self._thumbnail_path(sha256, page, box)
        if not cached.exists():
            side = self.settings.crop.thumbnail_side
            small = image.copy()
            small.thumbnail((side, side), Image.Resampling.LANCZOS)
            buffer = BytesIO()
            small.save(buffer, "JPEG", quality=85)
            _write_cache(cached, buffer.getvalue())

    def _thumbnail_path(self, sha256: str, page: int, box: BoundingBox) -> Path:
        place = "-".join(f"{edge:.4f}" for edge in box.as_tuple())
        return self._cached("thumbnails", f"{sha256}-{page}-{place}")

    def _cached(self, kind: str, name: str) -> Path:
        return self.settings.cache_folder / kind / name[:2] / f"{name}.jpg"

    def _render(
        self, source: Located, number: int, max_side: int, box: BoundingBox | None
    ) -> Raster:
        with self._render_lock:
            return self._renderer.render(source.path, number, max_side, box, source.members)


def _checked_name(name: str) -> str:
    if not _COLLECTION_NAME.fullmatch(name):
        raise InvalidInput(
            repr(name),
            cause="not a name for a collection",
            remedy="use letters, digits, spaces, dots or dashes, at most 100",
        )
    return name


def to_image(raster: Raster) -> Image.Image:
    """Decode our own JPEG: RGB."""
    return Image.open(BytesIO(raster.jpeg), formats=("JPEG",)).convert("RGB")


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes. OSError if it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while part := handle.read(_READ_BYTES):
            digest.update(part)
    return digest.hexdigest()


def _present(stored: StoredDocument) -> Located:
    """Where the bytes of a document are now, whichever of its paths that is."""
    for path in (stored.document.path, *stored.copies):
        located = locate(path)
        if located.path.is_file():
            return located
    raise NotFound(
        stored.document.path,
        cause="the file is not there any more",
        remedy="run sightline index on its folder",
    )


def _safe_path(name: str) -> Path:
    """Plain names of folders and of the file in them."""
    *folders, last = re.split(r"[\\/]", name)
    plain = [_safe_name(folder) for folder in folders if folder.strip().strip(".")]
    return Path(*plain[-_MOST_FOLDERS:], _safe_name(last))


def _safe_name(name: str) -> str:
    """A plain file name: no folders, control characters or leading dots."""
    last = re.split(r"[\\/]", name)[-1]
    cleaned = "".join(char for char in last if char.isprintable()).strip().lstrip(".")
    plain = Path(cleaned or "file")
    # 255 bytes is the usual limit of a name; a Cyrillic letter takes two.
    return plain.stem.encode()[:180].decode(errors="ignore") + plain.suffix[:20]


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A temporary file that takes the place of ``path`` if nothing is raised."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}-{threading.get_ident()}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_cache(path: Path, data: bytes) -> bytes:
    # On a full disk it is made again whenever it is asked for.
    with suppress(OSError), _replacing(path) as temporary:
        temporary.write_bytes(data)
    return data


@contextmanager
def _writing_to(place: Path) -> Iterator[None]:
    """An OSError inside says that ``place`` cannot be written: OutOfResources."""
    try:
        yield
    except OSError as exc:
        raise OutOfResources.because(exc, place) from exc
