"""The port for what is done with documents beside searching them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from indexer.filters import NO_FILTERS, Filters
from indexer.store.folders import Order
from retriever.domain import (
    CollectionDetail,
    FolderView,
    HandedIn,
    JobList,
    JobStatus,
    SavedQuestion,
    Storage,
)
from retriever.health import Finding, Model


class Shelf(Protocol):
    """Adding, removing, arranging and looking after documents. Methods are as with Engine."""

    def hand_in(
        self,
        collection: str,
        files: Sequence[tuple[str, Path]],
        *,
        job_id: int | None = None,
        more: bool = False,
    ) -> HandedIn:
        """Keep files, given as (original name, temporary path), for a job that indexes them.

        They join the job ``job_id`` if that still takes files; ``more`` says that others follow.
        The temporary paths are deleted when this returns.
        """

    def jobs(self, offset: int, limit: int) -> JobList:
        """Runs of indexing, whoever started them, the latest first."""

    def job(self, job_id: int) -> JobStatus:
        """One of them, with what could not be read."""

    def follow(self, job_id: int, seconds: float) -> Iterator[JobStatus]:
        """The job now, and again whenever it has changed, until it has ended or time is up."""

    def cancel_job(self, job_id: int) -> JobStatus:
        """Let a job end: what is indexed stays, uploads that are not go."""

    def retry_job(self, job_id: int) -> JobStatus:
        """Try again what a job could not read or did not get to."""

    def retry_failed(self, collection: str | None = None) -> Sequence[JobStatus]:
        """Try again all that could not be read."""

    def collections(self) -> Sequence[CollectionDetail]:
        """Every collection with its encoders, languages and sizes."""

    def rename_collection(self, name: str, new: str) -> None:
        """Give a collection another name."""

    def delete_collection(self, name: str) -> int:
        """Forget a collection; how many paths it had."""

    def browse(
        self,
        folder: str,
        collection: str | None,
        *,
        words: str = "",
        filters: Filters = NO_FILTERS,
        order: Order = "name",
        offset: int = 0,
        limit: int = 50,
    ) -> FolderView:
        """What is in a folder, "" for the top; with words or filters, all that match below it."""

    def remove_document(self, document_id: str, collection: str | None = None) -> int:
        """Forget a document; how many paths it had."""

    def saved_questions(self) -> Sequence[SavedQuestion]:
        """One's own, by name."""

    def save_question(self, question: SavedQuestion) -> SavedQuestion:
        """Keep a question."""

    def rename_question(self, question_id: int, name: str) -> SavedQuestion:
        """Give a saved question another name."""

    def delete_question(self, question_id: int) -> None:
        """Forget a saved question."""

    def models(self) -> Sequence[Model]:
        """Every model family, what of it is on this machine, and what is in use."""

    def examine(self) -> Sequence[Finding]:
        """Look at everything that can go wrong, which takes a while; changes nothing."""

    def storage(self) -> Storage:
        """How much there is on the disk."""
