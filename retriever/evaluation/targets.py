"""From what questions name to what the library holds: ids of a corpus, or files of the user."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from unicodedata import normalize

from indexer.analysis import language_of
from indexer.errors import InvalidInput
from indexer.library import sha256_of
from indexer.store.records import FileState, StoredDocument
from retriever.evaluation.corpus import Bench
from retriever.evaluation.domain import Judged, QueryKind, Question, Wanted, page_item

_PAGE_OF_DOCUMENTS = 1000
_SHOWN = 3


def judged(questions: Sequence[Question], bench: Bench) -> list[Judged]:
    """The questions with what they should find in the library, in their order.

    Right items that a set's own corpus lacks stay right, so that they lower recall. InvalidInput
    for a file that is not indexed, or a name that several files end with.
    """
    if bench.items is not None:
        return [_of_corpus(question) for question in questions]
    files = Files(list(_documents(bench)), bench.library.catalog.failures())
    found: list[Judged] = []
    errors: list[InvalidInput] = []
    for question in questions:
        try:
            found.append(_of_files(question, files))
        except InvalidInput as error:
            errors.append(error)
    if errors:
        more = f" ({len(errors) - 1} more like this)" if len(errors) > 1 else ""
        first = errors[0]
        raise InvalidInput(first.item, cause=first.cause, remedy=first.remedy + more)
    return found


def _documents(bench: Bench) -> Iterator[StoredDocument]:
    catalog = bench.library.catalog
    for collection in catalog.collections():
        if collection.in_the_making or (
            bench.collections and collection.name not in bench.collections
        ):
            continue
        offset, total = 0, 1
        while offset < total:
            total, documents = catalog.documents(
                collection, offset=offset, limit=_PAGE_OF_DOCUMENTS
            )
            yield from documents
            offset += _PAGE_OF_DOCUMENTS


def _of_corpus(question: Question) -> Judged:
    if question.kind is None:
        raise InvalidInput(
            question.place,
            cause="it does not say whether a passage or a photo is wanted",
            remedy="ask it of indexed files",
        )
    relevant = {each.item: each.grade for each in question.wanted}
    return Judged(
        question=question,
        kind=question.kind,
        language=_language(question),
        relevant=relevant,
    )


def _of_files(question: Question, files: "Files") -> Judged:
    whole: dict[str, int] = {}
    pages: dict[tuple[str, int], int] = {}
    photos = 0
    for wanted in question.wanted:
        document = files.named(wanted, question.place).document
        photos += document.media_type.startswith("image/")
        if wanted.page is None:
            whole[document.path] = max(wanted.grade, whole.get(document.path, 0))
        else:
            key = (document.path, wanted.page)
            pages[key] = max(wanted.grade, pages.get(key, 0))
    # A file that is right as a whole is right on every page.
    single = {key: grade for key, grade in pages.items() if key[0] not in whole}
    looks = bool(question.wanted) and photos == len(question.wanted)
    guessed: QueryKind = "words-photo" if looks else "words-passage"
    return Judged(
        question=replace(question, ignored=files.itself(question) - whole.keys()),
        kind=question.kind or guessed,
        language=_language(question),
        relevant=whole | {page_item(*key): grade for key, grade in single.items()},
        paged=frozenset(path for path, _ in single),
    )


def _language(question: Question) -> str:
    return "" if question.image is not None else language_of(question.text)


class Files:
    """Indexed files, found by their path, any end of it, or their name with or without ending."""

    def __init__(
        self, documents: Sequence[StoredDocument], failures: Sequence[FileState] = ()
    ) -> None:
        self._by_name: dict[str, list[tuple[tuple[str, ...], StoredDocument]]] = {}
        for document in documents:
            for path in (document.document.path, *document.copies):
                parts = _parts(path)
                for name in {parts[-1], PurePosixPath(parts[-1]).stem}:
                    self._by_name.setdefault(name, []).append((parts, document))
        self._by_bytes = {each.document.id: each.document.path for each in documents}
        self._failures = {_parts(state.path)[-1]: state for state in failures}

    def named(self, wanted: Wanted, place: str) -> StoredDocument:
        """The one document that ``wanted`` names. InvalidInput for none, or for several."""
        parts = _parts(wanted.item)
        candidates = self._by_name.get(parts[-1], [])
        whole = [document for path, document in candidates if path == parts]
        by_end = [document for path, document in candidates if path[-len(parts) :] == parts]
        by_stem = [
            document for path, document in candidates if path[-len(parts) : -1] == parts[:-1]
        ]
        found = {each.document.path: each for each in whole or by_end or by_stem}
        if len(found) > 1:
            paths = sorted(found)
            raise InvalidInput(
                place,
                cause=f"{wanted.item} is the name of {len(paths)} indexed files",
                remedy=f"write more of its path: {', '.join(paths[:_SHOWN])}",
            )
        if not found:
            raise self._missing(wanted.item, parts[-1], place)
        document = next(iter(found.values()))
        pages = document.document.page_count
        if wanted.page is not None and wanted.page > pages:
            last = f"{pages} pages" if pages > 1 else "one page"
            raise InvalidInput(
                place,
                cause=f"it names page {wanted.page} of {wanted.item}, which has {last}",
                remedy="correct the page",
            )
        return document

    def itself(self, question: Question) -> frozenset[str]:
        """The path of the photo to search by, if it is indexed too: it finds itself first."""
        if question.image is None:
            return frozenset()
        path = self._by_bytes.get(sha256_of(question.image))
        return frozenset() if path is None else frozenset({path})

    def _missing(self, item: str, name: str, place: str) -> InvalidInput:
        failed = self._failures.get(name)
        if failed is not None:
            return InvalidInput(
                place, cause=f"{item} could not be read: {failed.cause}", remedy=failed.remedy
            )
        near = difflib.get_close_matches(name, self._by_name, n=1, cutoff=0.75)
        hint = f"did you mean {near[0]}?" if near else "index it, or correct the name"
        return InvalidInput(place, cause=f"{item} is not indexed", remedy=hint)


def _parts(path: str) -> tuple[str, ...]:
    """Components from the left, in one Unicode form and case: systems differ in both."""
    plain = normalize("NFC", path.replace("\\", "/")).casefold()
    parts = tuple(part for part in plain.split("/") if part not in {"", ".", "..", "~"})
    return parts or ("",)


def canonical(bench: Bench) -> Mapping[str, str]:
    """The item of each path: its id, or the first path of identical files."""
    if bench.items is not None:
        return bench.items
    return {
        copy: document.document.path for document in _documents(bench) for copy in document.copies
    }
