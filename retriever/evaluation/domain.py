"""Values of measuring: questions with what should be found, and what a system found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from indexer.errors import InvalidInput

QueryKind = Literal["words-passage", "words-photo", "photo-photo"]

KIND_NAMES: Mapping[QueryKind, str] = {
    "words-passage": "words → passages",
    "words-photo": "words → photos",
    "photo-photo": "photo → photos",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a question should find: an item of the set's corpus by its id, or a file of the user's.

    With ``page`` (from 1) only that page is right. A higher ``grade`` is a better find.
    """

    item: str
    page: int | None = None
    grade: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One query, by words or by a photo, and what it should find; nothing if nothing is right.

    ``answers`` are texts that are right as answers, each by itself. A question that wants nothing
    and has none is not answerable: to refuse it is right.
    ``place`` says where it was read, for errors ("questions.csv row 7"). ``kind`` is None where
    what is wanted decides it. Questions of one ``group`` stand or fall together (captions of one
    photo, say), so that statistics must not count them as independent. ``ignored`` items are
    taken out of the ranking (the query photo itself, say).
    """

    id: str
    place: str
    text: str = ""
    image: Path | None = None
    wanted: tuple[Wanted, ...] = ()
    answers: tuple[str, ...] = ()
    kind: QueryKind | None = None
    group: str = ""
    ignored: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.text.strip() and self.image is None:
            raise InvalidInput(
                self.place, cause="it has neither words nor a photo", remedy="add one of them"
            )

    @property
    def answerable(self) -> bool:
        return bool(self.wanted or self.answers)


@dataclass(frozen=True, kw_only=True, slots=True)
class Corpus:
    """What is to be indexed for a set: passages and photos by their ids, or files as they are."""

    passages: Mapping[str, str] = field(default_factory=dict)
    photos: Mapping[str, Path] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionSet:
    """Questions, and the corpus they are asked of: None for what the user has indexed."""

    name: str
    questions: tuple[Question, ...]
    corpus: Corpus | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A question that is ready to be asked. ``relevant`` holds the grade of each right item.

    Items are ids of the corpus or paths of the user's files; of the items in ``paged`` a page is
    wanted, so that their pages are items of their own (``page_item``).
    """

    question: Question
    kind: QueryKind
    language: str  # of the words: "en", "ru" or ""; "" for a photo
    relevant: Mapping[str, int]
    paged: frozenset[str] = frozenset()


def page_item(item: str, page: int) -> str:
    return f"{item} page {page}"
