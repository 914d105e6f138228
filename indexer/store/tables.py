"""ORM rows of the catalogue. They never leave ``indexer/store``."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class StateRow(Base):
    """One row: ``generation`` grows by one with every committed change of content."""

    __tablename__ = "state"

    id: Mapped[int] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(default=0)


class SpaceRow(Base):
    """An embedding space, see :class:`indexer.domain.EmbeddingSpace`."""

    __tablename__ = "space"
    __table_args__ = (UniqueConstraint("encoder", "model", "revision", "dim", "metric"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    encoder: Mapped[str] = mapped_column(String(80))
    model: Mapped[str] = mapped_column(String(400))
    revision: Mapped[str] = mapped_column(String(200))
    dim: Mapped[int]
    metric: Mapped[str] = mapped_column(String(20))


class CollectionRow(Base):
    """A named part of the corpus and the encoders that made its embeddings."""

    __tablename__ = "collection"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    text_encoder: Mapped[str] = mapped_column(String(400))
    clip_encoder: Mapped[str] = mapped_column(String(400))
    text_space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    clip_space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    image_space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))


class DocumentRow(Base):
    """The content of one or more identical files of a collection.

    ``taken_at`` is a photo's local time in ISO 8601, ``picture_hash`` its perceptual hash as a
    signed 64-bit number; photos that are nearly the same share a ``group_id``. ``dated`` is the
    document's own day in ISO 8601; ``place_words`` and ``camera_words`` are folded words, with a
    space before and after each.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("collection_id", "sha256"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collection.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    page_count: Mapped[int]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    added_at: Mapped[float] = mapped_column(Float)
    taken_at: Mapped[str | None] = mapped_column(String(32), index=True)
    camera: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    picture_hash: Mapped[int | None] = mapped_column(BigInteger)
    group_id: Mapped[int | None] = mapped_column(Integer, index=True)
    dated: Mapped[str | None] = mapped_column(String(10), index=True)
    place_words: Mapped[str | None] = mapped_column(Text)
    camera_words: Mapped[str | None] = mapped_column(Text)


class FileRow(Base):
    """A path that was indexed: it has a document, or a cause and a remedy."""

    __tablename__ = "file"
    __table_args__ = (UniqueConstraint("collection_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collection.id"))
    path: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    mtime_ns: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), default="")
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    cause: Mapped[str] = mapped_column(Text, default="")
    remedy: Mapped[str] = mapped_column(Text, default="")
    container: Mapped[str] = mapped_column(Text, default="")
    sidecars: Mapped[str] = mapped_column(String(64), default="")


class PageRow(Base):
    """A page and its blocks as compressed JSON, so that it can be shown without its file."""

    __tablename__ = "page"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    number: Mapped[int]
    width: Mapped[float]
    height: Mapped[float]
    blocks: Mapped[bytes] = mapped_column(LargeBinary)
    ocr_engine: Mapped[str | None] = mapped_column(String(100))
    ocr_confidence: Mapped[float | None]
    ocr_angle: Mapped[float | None]


class ChunkRow(Base):
    """A passage; ``spans`` is JSON of :class:`indexer.domain.Span`."""

    __tablename__ = "chunk"
    __table_args__ = (
        UniqueConstraint("document_id", "ordinal"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    page_number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    spans: Mapped[bytes] = mapped_column(LargeBinary)
    heading_path: Mapped[list[Any]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(String(10), default="")


class CropRow(Base):
    """A region of a page, in fractions of it."""

    __tablename__ = "crop"
    __table_args__ = (
        UniqueConstraint("document_id", "ordinal"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    page_number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    x0: Mapped[float]
    y0: Mapped[float]
    x1: Mapped[float]
    y1: Mapped[float]
    caption: Mapped[str] = mapped_column(Text, default="")


class EmbeddingRow(Base):
    """One vector of a chunk or a crop: little-endian float32, L2-normalised."""

    __tablename__ = "embedding"
    __table_args__ = (
        CheckConstraint("(chunk_id IS NULL) <> (crop_id IS NULL)", name="one_item"),
        UniqueConstraint("space_id", "chunk_id"),
        UniqueConstraint("space_id", "crop_id"),
        Index("ix_embedding_chunk", "chunk_id"),
        Index("ix_embedding_crop", "crop_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    chunk_id: Mapped[int | None] = mapped_column(ForeignKey("chunk.id", ondelete="CASCADE"))
    crop_id: Mapped[int | None] = mapped_column(ForeignKey("crop.id", ondelete="CASCADE"))
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class JobRow(Base):
    """Work on a collection: how far it is, and for the record what happened when.

    ``kind`` is "index" for a run that somebody waits for, "upload" or "retry" for files that were
    handed in. ``claimed_at`` and ``done_before`` are of the moment when its last run was taken up,
    which goes on while it waits for further files, up to ``open_until``. ``cause`` says what ended
    it.
    """

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collection.id"))
    state: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[float]
    finished_at: Mapped[float | None]
    indexed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[float | None]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    chunks: Mapped[int] = mapped_column(default=0)
    crops: Mapped[int] = mapped_column(default=0)
    current: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(20), default="index")
    claimed_at: Mapped[float | None]
    done_before: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[float | None]
    cause: Mapped[str] = mapped_column(Text, default="")
    remedy: Mapped[str] = mapped_column(Text, default="")


class JobFileRow(Base):
    """A file of a job: it waits to be looked at, or could not be read, with cause and remedy.

    ``name`` is what its owner calls it. One that was read is not a row any more.
    """

    __tablename__ = "job_file"
    __table_args__ = (UniqueConstraint("job_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    waiting: Mapped[bool]
    cause: Mapped[str] = mapped_column(Text, default="")
    remedy: Mapped[str] = mapped_column(Text, default="")


class SavedQuestionRow(Base):
    """A question to ask or search again, with where to look. ``owner`` is a person's id or None."""

    __tablename__ = "saved_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[int | None] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(Text)
    page: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    question: Mapped[str] = mapped_column(Text)
    collections: Mapped[list[Any]] = mapped_column(default=list)
    filters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_at: Mapped[float]


class ConversationRow(Base):
    """Questions that follow each other; it holds at least one turn. The id is random.

    ``owner`` is the id of the person who asked, None where nobody signs in.
    """

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    started_at: Mapped[float]
    updated_at: Mapped[float] = mapped_column(index=True)
    owner: Mapped[int | None] = mapped_column(index=True)


class TurnRow(Base):
    """A question and its answer as JSON, beside where it was looked for.

    ``searched`` is the question that was looked for if it is not ``question``. The answer names
    documents by their bytes, and points to no other row: it outlives what it cites.
    """

    __tablename__ = "turn"
    __table_args__ = (UniqueConstraint("conversation_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    number: Mapped[int]
    question: Mapped[str] = mapped_column(Text)
    searched: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[float]
    collections: Mapped[list[Any]] = mapped_column(default=list)
    filters: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PersonRow(Base):
    """Who may sign in. ``folded`` is the name as it is compared; ``password`` a slow hash.

    With ``everything`` they see all collections, otherwise those of their permits.
    """

    __tablename__ = "person"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    folded: Mapped[str] = mapped_column(String(200), unique=True)
    password: Mapped[str] = mapped_column(String(300))
    role: Mapped[str] = mapped_column(String(20))
    everything: Mapped[bool]
    suspended: Mapped[bool]
    added_at: Mapped[float]


class PermitRow(Base):
    """A collection that a person may see."""

    __tablename__ = "permit"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    collection_id: Mapped[int] = mapped_column(
        ForeignKey("collection.id", ondelete="CASCADE"), primary_key=True
    )


class KeyRow(Base):
    """What opens the door without a password: a browser's session or a program's token.

    Only the SHA-256 of the secret is kept. ``scope`` is the role that it is narrowed to.
    """

    __tablename__ = "key"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(200))
    scope: Mapped[str] = mapped_column(String(10))
    added_at: Mapped[float]
    used_at: Mapped[float]
    expires_at: Mapped[float | None]


class DeedRow(Base):
    """A line of the audit log; it names people, so that it outlives them."""

    __tablename__ = "deed"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[float]
    who: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(String(100))
