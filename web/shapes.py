"""What the HTTP API takes and gives; the OpenAPI document is made from these types.

``web.serialize`` is checked against them by mypy, the answers of the server by the tests. Keys may
be added to objects that are given; those that are here keep their meaning.
"""

from typing import Annotated, Literal, Required, TypedDict

from msgspec import Meta

from retriever.domain import MOST_EXAMPLES, MOST_WEIGHT

Box = Annotated[
    list[float],
    Meta(
        min_length=4,
        max_length=4,
        description="x0, y0, x1, y1 in fractions of the page or photo, origin top left.",
    ),
]
File = Annotated[str, Meta(extra_json_schema={"contentMediaType": "application/octet-stream"})]
Time = Annotated[str, Meta(description="ISO 8601, UTC.", examples=["2026-03-05T09:30:00+00:00"])]
Texts = list[str] | str
Kind = Literal["chunk", "crop"]


# -- what is given ---------------------------------------------------------------------------------


class Problem(TypedDict):
    """Why a request was not carried out (RFC 9457)."""

    type: Annotated[str, Meta(description="A URN that stays, or about:blank.")]
    title: str
    status: Annotated[int, Meta(description="The HTTP status.")]
    detail: Annotated[str, Meta(description="The item, the cause and the remedy, in one line.")]
    instance: Annotated[str, Meta(description="The path that was asked for.")]


class Paged(TypedDict):
    """One stretch of a longer list."""

    total: Annotated[int, Meta(ge=0, description="Length of the whole list.")]
    offset: Annotated[int, Meta(ge=0)]
    limit: Annotated[int, Meta(ge=1)]
    next: Annotated[str | None, Meta(description="Address of the next stretch; null at the end.")]


class Document(TypedDict):
    id: Annotated[str, Meta(description="SHA-256 of the file's bytes.")]
    path: str
    title: str
    type: Annotated[str, Meta(description="Media type.", examples=["application/pdf"])]
    collection: str
    visual: Annotated[bool, Meta(description="Whether its pages can be shown as pictures.")]


class DocumentSummary(Document):
    pages: int
    size: Annotated[int, Meta(description="Bytes.")]
    warnings: Annotated[list[str], Meta(description="What was not readable in it.")]
    copies: Annotated[list[str], Meta(description="Other paths of the same bytes.")]
    metadata: Annotated[dict[str, str], Meta(description="What the file says of itself.")]
    url: Annotated[str, Meta(description="The page for people.")]


class RankedBy(TypedDict):
    """One ranking that found a hit."""

    name: str
    rank: Annotated[int, Meta(ge=1)]
    score: Annotated[float | None, Meta(description="Comparable only inside this ranking.")]


class Ocr(TypedDict):
    """How a text was read from pixels."""

    engine: str
    confidence: Annotated[float, Meta(ge=0, le=1)]
    angle: Annotated[float, Meta(description="Degrees by which the page was turned.")]


class Hit(TypedDict):
    """A passage or a part of a picture that was found."""

    rank: Annotated[int, Meta(ge=1)]
    kind: Kind
    id: Annotated[int, Meta(description="Of the passage, or of the picture.")]
    score: Annotated[float | None, Meta(description="Comparable only inside this result.")]
    document: Document
    page: Annotated[int, Meta(ge=1)]
    box: Box
    query_box: Annotated[
        Box | None, Meta(description="The part of the query photo that the hit looks like.")
    ]
    text: Annotated[str, Meta(description="Of a passage; empty for a picture.")]
    caption: str
    thumbnail: Annotated[str | None, Meta(description="Address of a small picture.")]
    url: Annotated[str, Meta(description="The page for people, the place outlined.")]
    rankings: list[RankedBy]
    matched: Annotated[list[str], Meta(description="Its words that stand for words of the query.")]
    more: Annotated[int, Meta(ge=0, description="Further hits of its document, when grouped.")]
    ocr: Ocr | None
    duplicates: Annotated[list[str], Meta(description="Paths of files that are (nearly) the same.")]


class Search(TypedDict):
    """Hits, best first."""

    query: str
    hits: list[Hit]
    weak: Annotated[bool, Meta(description="Nothing found is likely to be what was meant.")]


class SearchStretch(Search):
    """Some of the hits, best first; 200 at most are ranked."""

    next: Annotated[str | None, Meta(description="Address of further hits; null at the end.")]


class Find(Search):
    """The hits of one picture follow each other, best picture first."""

    nearest: Annotated[list[Hit], Meta(description="The nearest pictures, where nothing is found.")]
    detector: str
    candidates: Annotated[int, Meta(description="Pictures that came into question.")]
    looked_at: Annotated[int, Meta(description="How many of them were looked at.")]
    note: Annotated[str, Meta(description="Why that may not be all of them; empty if it is.")]


class Citation(TypedDict):
    """A pointer from an answer into a document; the quote stands there letter by letter."""

    n: Annotated[int, Meta(ge=1, description="The number that sentences name it by.")]
    kind: Kind
    id: int
    document: Document
    page: Annotated[int, Meta(ge=1)]
    box: Box
    boxes: Annotated[list[Box], Meta(description="The lines of the quote.")]
    quote: Annotated[str, Meta(description="Empty for a picture.")]
    highlights: Annotated[
        list[list[int]],
        Meta(description="Stretches of the quote, as start and end, with what was asked for."),
    ]
    caption: str
    ocr: Ocr | None
    stale: Annotated[bool, Meta(description="The document has changed or gone since.")]
    thumbnail: str | None
    url: Annotated[str | None, Meta(description="Null when stale.")]


class Sentence(TypedDict):
    text: str
    citations: Annotated[list[int], Meta(description="Numbers of the citations that support it.")]
    supported: Annotated[bool, Meta(description="What it cites was found to say it.")]


class Draft(TypedDict):
    """Words of a language model as they come, not yet checked."""

    text: str


class Statement(TypedDict):
    """A finished sentence with the citations that it is the first to use."""

    sentence: Sentence
    citations: list[Citation]


class Answer(TypedDict):
    """Sentences that cite what says so, or a refusal."""

    question: str
    refused: Annotated[bool, Meta(description="The documents do not answer; the text says why.")]
    text: str
    sentences: list[Sentence]
    citations: list[Citation]
    generator: Annotated[str, Meta(description="What wrote it; extractive for quotes.")]
    groundedness: Annotated[
        float | None,
        Meta(description="Share of words in supported sentences, 0 to 1; null for a refusal."),
    ]
    note: Annotated[str, Meta(description="What went otherwise than asked; empty if nothing.")]
    searched: Annotated[str, Meta(description="A follow-up as it was looked for, else empty.")]
    conversation: Annotated[str | None, Meta(description="Id of the one it was kept in.")]


class Conversation(TypedDict):
    id: str
    question: Annotated[str, Meta(description="The first one; empty for a photo alone.")]
    turns: Annotated[int, Meta(description="How many questions.")]
    started: Time
    updated: Time
    url: str


class ConversationsFound(TypedDict):
    total: int
    conversations: list[Conversation]


class Conversations(Paged):
    conversations: list[Conversation]


class Turn(TypedDict):
    n: Annotated[int, Meta(ge=1)]
    asked: Time
    question: str
    collections: Annotated[list[str], Meta(description="Where it was looked for; empty for all.")]
    filters: Annotated[dict[str, list[str]], Meta(description="Filters in use, by name.")]
    answer: Answer


class Transcript(TypedDict):
    """A whole conversation; what its answers cite has been looked up anew."""

    id: str
    question: str
    turns: list[Turn]
    started: Time
    updated: Time
    url: str


class Deleted(TypedDict):
    deleted: Annotated[int, Meta(ge=0, description="How many.")]


class Collection(TypedDict):
    name: str
    documents: int
    chunks: Annotated[int, Meta(description="Passages.")]
    crops: Annotated[int, Meta(description="Pictures and parts of them.")]


class Collections(Paged):
    collections: list[Collection]


class FailedFile(TypedDict):
    """A file that could not be read."""

    path: str
    cause: str
    remedy: str


class Job(TypedDict):
    """A run of indexing: of uploads, or one that was started in a terminal."""

    id: int
    url: Annotated[str, Meta(description="The page for people.")]
    kind: Annotated[
        Literal["upload", "retry", "index"], Meta(description="index: started in a terminal.")
    ]
    state: Annotated[
        Literal["queued", "running", "cancelling", "done", "cancelled", "interrupted", "failed"],
        Meta(description="The first three are at work or wait for it; the others have ended."),
    ]
    open: Annotated[bool, Meta(description="Further files may yet be sent to it.")]
    started: Annotated[
        Time,
        Meta(description="When its last run began; of one that waits for it, when it was queued."),
    ]
    finished: Annotated[Time | None, Meta(description="When its last run ended.")]
    cause: Annotated[str, Meta(description="Why all of it failed; empty if it did not.")]
    remedy: str
    errors: Annotated[
        list[FailedFile], Meta(description="At most 1000; only where one job is asked for.")
    ]
    collection: str
    total: Annotated[int, Meta(description="Files, with those inside others.")]
    done: int
    waiting: Annotated[int, Meta(description="Files that are not searchable yet.")]
    failed: int
    pages: int
    chunks: int
    crops: int
    current: Annotated[str, Meta(description="The file that is being read.")]
    seconds: Annotated[float, Meta(description="Of its last run, from start to finish.")]
    files_per_second: Annotated[float, Meta(description="Of its last run.")]
    eta: Annotated[int | None, Meta(description="Seconds to go; null while unknown.")]
    stalled: Annotated[bool, Meta(description="Nothing was heard of it for minutes.")]


class Status(TypedDict):
    documents: int
    chunks: int
    crops: int
    failed: list[FailedFile]
    models: Annotated[dict[str, str], Meta(description="Models in use, by role.")]
    collections: list[Collection]
    jobs: list[Job]


class DocumentsFound(TypedDict):
    total: int
    documents: list[DocumentSummary]


class Documents(Paged):
    documents: list[DocumentSummary]


class Line(TypedDict):
    """Where characters of a block stand on the page."""

    start: int
    end: int
    box: Box


class Block(TypedDict):
    kind: Annotated[str, Meta(examples=["paragraph"])]
    level: Annotated[int, Meta(description="Of a heading.")]
    text: str
    lines: list[Line]


class Crop(TypedDict):
    """A searchable part of a page."""

    id: int
    kind: str
    box: Box
    caption: str
    thumbnail: str


class Page(TypedDict):
    document: Document
    page: Annotated[int, Meta(ge=1)]
    pages: int
    width: Annotated[float | None, Meta(description="Points, pixels, or characters of a text.")]
    height: Annotated[float | None, Meta(description="Points, pixels, or lines of a text.")]
    image: Annotated[str | None, Meta(description="Address of its picture, where it has one.")]
    ocr: Ocr | None
    blocks: list[Block]
    crops: list[Crop]


class Outcome(TypedDict):
    indexed: Annotated[list[str], Meta(description="Names of the files.")]
    failed: list[FailedFile]


class Upload(Outcome):
    """What became of uploaded files."""

    collection: str


# -- what is taken ---------------------------------------------------------------------------------


class Stretch(TypedDict, total=False):
    offset: Annotated[int, Meta(ge=0, le=2**31, description="Leave out so many before.")]
    limit: Annotated[int, Meta(ge=1, le=500, description="At most so many; 50 if not given.")]


class Filters(TypedDict, total=False):
    """Values of one filter widen each other, filters narrow each other."""

    folder: Annotated[
        list[str],
        Meta(description="Below this folder, inside this container, or below folders so named."),
    ]
    type: Annotated[
        list[str],
        Meta(
            description="pdf, photo, office, text, mail, web, book, archive, an ending (.docx) or "
            "a media type (image/*)."
        ),
    ]
    after: Annotated[
        str, Meta(description="From this day (2021-03-05), month (2021-03) or year (2021) on.")
    ]
    before: Annotated[str, Meta(description="Until the end of this day, month or year.")]
    place: Annotated[list[str], Meta(description="Photos taken at a place of this name.")]
    near: Annotated[
        str,
        Meta(description="Photos from within a circle: latitude,longitude,km (48.86,2.35,10)."),
    ]
    camera: Annotated[list[str], Meta(description="Photos of this camera.")]
    language: Annotated[list[str], Meta(description="Passages in this language: en, ru.")]
    min_size: Annotated[
        list[str], Meta(description="At least so large: 2MB, or a photo of 1920x1080 or 5MP.")
    ]
    max_size: Annotated[str, Meta(description="At most so large: 2MB.")]
    orientation: Annotated[
        Literal["landscape", "portrait", "square"], Meta(description="Photos of this format.")
    ]


class Narrowing(Filters, total=False):
    collection: Annotated[
        list[str], Meta(description="Only these collections; all if there are none.")
    ]


_Words = Annotated[str, Meta(max_length=2000, description="Words to find.", examples=["oak table"])]
_Limit = Annotated[
    int, Meta(ge=1, le=200, description="How many results; 10 if not given.", examples=[5])
]
_Question = Annotated[
    str,
    Meta(
        max_length=2000,
        description="The question.",
        examples=["When was the boiler serviced?"],
    ),
]
_BoxText = Annotated[
    str,
    Meta(
        description="x0,y0,x1,y1: only this part of the photo, in fractions of it.",
        examples=["0.1,0.2,0.6,0.9"],
    ),
]
_Talk = Annotated[
    str,
    Meta(
        pattern="^[A-Za-z0-9_-]{0,64}$",
        description="Id of the conversation that the question belongs to and is kept in; new "
        "begins one; without it nothing is kept.",
        examples=["new"],
    ),
]
_Weight = Annotated[float, Meta(gt=0, le=MOST_WEIGHT, description="Against a photo; 1.")]


_Offset = Annotated[int, Meta(ge=0, le=199, description="Leave out so many hits before.")]
_Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class SearchQuery(Narrowing, total=False):
    q: _Words
    k: _Limit
    offset: _Offset
    kind: Annotated[
        Literal["chunk", "crop", "all"], Meta(description="Only passages, or pictures.")
    ]
    group: Annotated[Literal["document"], Meta(description="One hit for each document.")]


class FindQuery(Narrowing, total=False):
    q: Annotated[str, Meta(max_length=2000, description="The thing.", examples=["dog"])]
    k: Annotated[int, Meta(ge=1, le=200, description="In how many pictures; 10 if not given.")]


class _SimilarFields(Narrowing, total=False):
    document: Annotated[str, Meta(description="A document to begin with a page of: its id.")]
    page: Annotated[int, Meta(ge=1, le=2**31, description="The page of that document; 1.")]
    like: Annotated[list[_Id], Meta(description=f"Indexed pictures, {MOST_EXAMPLES} in all.")]
    box: _BoxText
    text: Annotated[str, Meta(max_length=2000, description="What pictures show besides.")]
    q: Annotated[str, Meta(max_length=2000, description="The same as text.")]
    without: Annotated[str, Meta(max_length=2000, description="What they do not show.")]
    text_weight: _Weight
    unlike_weight: _Weight
    without_weight: _Weight
    k: _Limit
    kind: Annotated[
        Literal["chunk", "crop", "all"], Meta(description="Only passages, or pictures.")
    ]


class SimilarQuery(_SimilarFields, total=False):
    offset: _Offset
    crop: Annotated[
        _Id, Meta(description="An indexed picture to begin with: a hit's id.", examples=[17])
    ]
    unlike: Annotated[list[_Id], Meta(description="Indexed pictures not to be like.")]


class SimilarForm(_SimilarFields, total=False):
    crop: Annotated[_Id, Meta(description="An indexed picture to begin with: a hit's id.")]
    image: Annotated[
        list[File], Meta(description="Photos to search by; the box belongs to the first.")
    ]
    unlike: Annotated[
        list[_Id | File], Meta(description="Indexed pictures, or photos, not to be like.")
    ]


class AskQuery(Narrowing, total=False):
    question: _Question
    q: Annotated[str, Meta(max_length=2000, description="The same as question.")]


class AskForm(AskQuery, total=False):
    image: Annotated[File, Meta(description="A photo that belongs to the question.")]
    box: _BoxText
    conversation: _Talk


class JsonNarrowing(TypedDict, total=False):
    """The filters of an address; each may be one text or several."""

    collection: Texts
    folder: Texts
    type: Texts
    after: Texts
    before: Texts
    place: Texts
    near: Texts
    camera: Texts
    language: Texts
    min_size: Texts
    max_size: Texts
    orientation: Texts


class AskJson(JsonNarrowing, total=False):
    question: Required[_Question]
    conversation: _Talk


class DocumentsQuery(Stretch, Filters, total=False):
    collection: Annotated[str, Meta(description="Only this one.")]


class UploadForm(TypedDict, total=False):
    files: Annotated[
        list[File],
        Meta(
            min_length=1,
            description="The files to add. Folders in their names are kept.",
        ),
    ]
    job: Annotated[_Id, Meta(description="Add them to this job, as long as it is open.")]
    more: Annotated[bool, Meta(description="Further files follow: the job stays open.")]
    wait: Annotated[
        bool, Meta(description="Answer when they are indexed, with what became of them.")
    ]
    collection: Annotated[
        str, Meta(max_length=100, description="Where to; main if not given.", examples=["letters"])
    ]
    new_collection: Annotated[str, Meta(max_length=100, description="The same, for a new one.")]


class ExportQuery(TypedDict, total=False):
    format: Annotated[Literal["md", "json"], Meta(description="Markdown unless json is given.")]


# -- people ----------------------------------------------------------------------------------------

Role = Literal["reader", "editor", "admin"]
Reach = Annotated[
    list[str] | None, Meta(description="Collections that they may see; null for all of them.")
]
Days = Annotated[int, Meta(ge=0, le=3650, description="How long it works; 0 for ever.")]


class Person(TypedDict):
    id: int
    name: str
    role: Role
    collections: Reach
    suspended: bool
    added: Time


class People(Paged):
    people: list[Person]


class NewPerson(TypedDict, total=False):
    name: Required[Annotated[str, Meta(examples=["Boris"])]]
    password: Required[
        Annotated[str, Meta(min_length=10, max_length=500, examples=["several words of your own"])]
    ]
    role: Role
    collections: Reach


class ChangedPerson(TypedDict, total=False):
    role: Role
    collections: Reach
    suspended: Annotated[bool, Meta(description="Locked out.", examples=[False])]
    password: Annotated[str, Meta(min_length=10, max_length=500)]


class Me(TypedDict):
    by: Annotated[
        Literal["open", "password", "session", "token"],
        Meta(description="How it is known who asks; open where nobody signs in."),
    ]
    role: Role
    person: Person | None


class Key(TypedDict):
    """A browser's session or a program's token; the secret itself is not kept."""

    id: int
    kind: Literal["session", "token"]
    label: str
    scope: Role
    added: Time
    used: Time
    expires: Time | None
    current: Annotated[bool, Meta(description="Whether this request came with it.")]


class Keys(Paged):
    keys: list[Key]


class NewToken(TypedDict, total=False):
    label: Required[
        Annotated[str, Meta(min_length=1, description="What it is for.", examples=["backup"])]
    ]
    scope: Role
    days: Days


class Token(Key):
    token: Annotated[str, Meta(description="The secret, told this once.")]


class Deed(TypedDict):
    at: Time
    who: str
    action: str
    subject: str
    address: str


class Audit(Paged):
    deeds: list[Deed]
