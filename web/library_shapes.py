"""What the routes about documents, jobs and saved questions take and give; see ``web.shapes``."""

from typing import Annotated, Literal, Required, TypedDict

from msgspec import Meta

from web.shapes import (
    Collection,
    DocumentSummary,
    Filters,
    Job,
    JsonNarrowing,
    Paged,
    Stretch,
    Time,
)

# -- what is given ---------------------------------------------------------------------------------


class HandedIn(TypedDict):
    """The job that indexes what was sent."""

    collection: str
    job: Job
    left_out: Annotated[
        list[str], Meta(description="Hidden files and what programs leave behind in folders.")
    ]


class JobsFound(TypedDict):
    total: int
    jobs: list[Job]


class Jobs(Paged):
    jobs: list[Job]


class Retried(TypedDict):
    jobs: list[Job]


class CollectionDetail(Collection):
    text_encoder: str
    clip_encoder: str
    size: Annotated[int, Meta(description="Bytes of its files.")]
    languages: Annotated[dict[str, int], Meta(description="Passages by language.")]
    failed: Annotated[int, Meta(description="Files that could not be read.")]
    active: Annotated[bool, Meta(description="Whether it is being indexed.")]


class CollectionDetails(Paged):
    collections: list[CollectionDetail]


class Folder(TypedDict):
    name: str
    path: str
    documents: Annotated[int, Meta(description="In it and below it.")]


class FolderFound(TypedDict):
    path: str
    folders: list[Folder]
    total: int
    documents: list[DocumentSummary]


class FolderContent(Paged):
    """What is in a folder; with words or filters, all that match below it."""

    path: Annotated[str, Meta(description="Empty for the top.")]
    folders: list[Folder]
    documents: list[DocumentSummary]


class Duplicates(TypedDict):
    """Files that are the same, or photos that are nearly the same."""

    identical: bool
    paths: list[str]
    documents: Annotated[
        list[DocumentSummary], Meta(description="Identical files are one document.")
    ]


class DuplicateGroups(Paged):
    groups: list[Duplicates]


class SavedQuestion(TypedDict):
    id: int
    name: str
    page: Annotated[Literal["ask", "search"], Meta(description="Whether it is asked or searched.")]
    question: str
    kind: Annotated[str, Meta(description="Kind of result; empty for all.")]
    collections: Annotated[list[str], Meta(description="Where to look; empty for all.")]
    filters: Annotated[dict[str, list[str]], Meta(description="Filters in use, by name.")]
    saved: Time
    url: Annotated[str, Meta(description="The page that runs it.")]


class SavedQuestions(Paged):
    questions: list[SavedQuestion]


class Model(TypedDict):
    role: str
    name: str
    state: Annotated[
        Literal["in use", "installed", "not installed", "when named", "cannot be used"],
        Meta(description="when named: it is used as soon as a setting names it."),
    ]
    note: str
    setting: Annotated[str, Meta(description="The variable that chooses it.")]


class Models(Paged):
    models: list[Model]


class Finding(TypedDict):
    subject: str
    ok: bool
    detail: str
    advice: str


class Storage(TypedDict):
    """Bytes on the disk."""

    catalogue: int
    index: int
    uploads: int
    cache: int
    free: int


class Health(TypedDict):
    healthy: bool
    findings: list[Finding]
    storage: Storage


# -- what is taken ---------------------------------------------------------------------------------


class RetryJson(TypedDict, total=False):
    collection: Annotated[str, Meta(max_length=100, description="Only of this one.")]


class NameJson(TypedDict, total=False):
    name: Required[Annotated[str, Meta(min_length=1, max_length=200, examples=["House"])]]


class FolderQuery(Stretch, Filters, total=False):
    below: Annotated[
        str, Meta(description="The folder; the top if not given.", examples=["letters/2019"])
    ]
    collection: Annotated[str, Meta(description="Only this one.")]
    q: Annotated[str, Meta(max_length=2000, description="Part of a name or a title.")]
    order: Annotated[
        Literal["name", "title", "newest", "largest"], Meta(description="name, if not given.")
    ]


class OfCollection(Stretch, total=False):
    collection: Annotated[str, Meta(description="Only this one.")]


class InCollection(TypedDict, total=False):
    collection: Annotated[str, Meta(description="Only from this one.")]


class SaveJson(JsonNarrowing, total=False):
    question: Required[
        Annotated[
            str,
            Meta(min_length=1, max_length=2000, examples=["When was the boiler serviced?"]),
        ]
    ]
    name: Annotated[str, Meta(max_length=200, description="The question, if not given.")]
    page: Annotated[Literal["ask", "search"], Meta(description="ask, if not given.")]
    kind: Annotated[
        Literal["", "chunk", "crop", "photo", "figure", "objects"], Meta(description="Of result.")
    ]
