"""Questions that follow each other: completed, answered, kept, and read again later."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec

from indexer.analysis import content_stems
from indexer.errors import SightlineError
from indexer.library import Library
from indexer.store.records import StoredConversation, StoredDocument, StoredTurn
from retriever import views
from retriever.answering import Answerer
from retriever.domain import (
    NEW_CONVERSATION,
    Answer,
    AnswerEvent,
    Citation,
    Conversation,
    ConversationList,
    ItemKey,
    Query,
    Transcript,
    Turn,
)
from retriever.errors import GeneratorUnavailable
from retriever.followups import complete
from retriever.settings import AnswerSettings

_REMEMBERED = 6  # turns that a follow-up may lean on
_FEW_STEMS = 2  # a question of so few words may lean on others though no rule says so
_LONGEST = 300  # characters of a question that a model has completed
WITHHELD = "[…]"
_SAME_PLACE = 0.98  # intersection over union


class Conversations:
    """The conversations of one archive. Thread-safe."""

    def __init__(self, library: Library, answerer: Answerer, settings: AnswerSettings) -> None:
        self._catalog = library.catalog
        self._store = library.catalog.conversations
        self._answerer = answerer
        self._settings = settings

    # -- speaking ------------------------------------------------------------------------------

    def stream(
        self, query: Query, conversation: str | None, earlier: Sequence[Turn]
    ) -> Iterator[AnswerEvent]:
        """See :meth:`retriever.pipeline.Engine.stream`. NotFound at once, before any event."""
        kept: list[StoredTurn] = []
        if conversation is not None and conversation != NEW_CONVERSATION:
            kept = self._store.turns(conversation, _REMEMBERED)
        turns = [*(_turn(number, stored) for number, stored in enumerate(kept, 1)), *earlier]
        return self._events(query, conversation, turns[-_REMEMBERED:])

    def _events(
        self, query: Query, conversation: str | None, turns: Sequence[Turn]
    ) -> Iterator[AnswerEvent]:
        asked_at = time.time()
        searched = self._completed(query, turns)
        for event in self._answerer.stream(replace(query, text=searched)):
            if isinstance(event, Answer):
                answer = replace(
                    event,
                    question=query.text,
                    searched=event.searched or ("" if searched == query.text else searched),
                )
                yield self._kept(answer, query, conversation, asked_at)
                return
            yield event

    def _completed(self, query: Query, turns: Sequence[Turn]) -> str:
        """The question as it is looked for. Beside a photo, "this" is what the photo shows."""
        question = query.text
        if not turns or not question.strip() or query.pictures:
            return question
        completed = complete(question, turns)
        if completed == question and len(set(content_stems(question))) > _FEW_STEMS:
            return question
        with suppress(GeneratorUnavailable):
            told = self._answerer.generator().standalone(question, turns)
            if told is not None and _keeps_to(told, question, turns):
                return told.strip()
        return completed

    def _kept(
        self, answer: Answer, query: Query, conversation: str | None, asked_at: float
    ) -> Answer:
        """The answer with the conversation it was kept in; not keeping it spoils no answer."""
        if conversation is None or not self._settings.history:
            return answer
        turn = StoredTurn(
            question=answer.question,
            searched=answer.searched,
            answer=_to_json(answer),
            asked_at=asked_at,
            collections=query.collections,
            filters=query.filters,
        )
        known = None if conversation == NEW_CONVERSATION else conversation
        try:
            return replace(answer, conversation=self._store.add_turn(known, turn))
        except SightlineError as exc:
            note = f"not kept in the history: {exc.cause}"
            return replace(answer, note=f"{answer.note}; {note}" if answer.note else note)

    # -- reading -------------------------------------------------------------------------------

    def list(self, offset: int, limit: int) -> ConversationList:
        """Conversations from ``offset`` on, the one last spoken in first."""
        total, found = self._store.conversations(offset, limit)
        return ConversationList(total=total, conversations=tuple(map(_conversation, found)))

    def transcript(self, conversation: str) -> Transcript:
        """All of a conversation, citations that lead nowhere any more marked. NotFound."""
        told = self._store.conversation(conversation)
        turns = [
            _turn(number, stored)
            for number, stored in enumerate(self._store.turns(conversation), 1)
        ]
        documents = self._documents(turns)
        turns = [
            replace(turn, answer=self._looked_up(turn.answer, documents, conversation))
            for turn in turns
        ]
        return Transcript(conversation=_conversation(told), turns=tuple(turns))

    def delete(self, conversation: str) -> None:
        """Forget one. NotFound if there is none of that id."""
        self._store.delete(conversation)

    def delete_all(self) -> int:
        """Forget all; how many there were."""
        return self._store.delete_all()

    def _documents(self, turns: Sequence[Turn]) -> dict[tuple[str, str], StoredDocument]:
        """The cited documents that are still there, by id and collection ("" for any)."""
        ids = {each.document.id for turn in turns for each in turn.answer.citations}
        found: dict[tuple[str, str], StoredDocument] = {}
        for stored in self._catalog.documents_by_hash(sorted(ids)):
            found[stored.document.id, stored.collection] = stored
            found.setdefault((stored.document.id, ""), stored)
        return found

    def _looked_up(
        self,
        answer: Answer,
        documents: Mapping[tuple[str, str], StoredDocument],
        conversation: str,
    ) -> Answer:
        citations = []
        for citation in answer.citations:
            name = citation.document.id
            owner = documents.get((name, citation.document.collection), documents.get((name, "")))
            citations.append(self._citation(citation, owner))
        told = replace(answer, citations=tuple(citations), conversation=conversation)
        return _withheld(told) if self._catalog.narrow else told

    def _citation(self, citation: Citation, owner: StoredDocument | None) -> Citation:
        """A citation with its document's present path and title, and its picture's present id.

        A document is known by its bytes: one that has changed is another, and the citation stale.
        """
        if owner is None:
            return replace(citation, stale=True)
        citation = replace(citation, document=views.reference(owner))
        if citation.key.kind != "crop":
            return citation
        crop = self._catalog.crops([citation.key.id]).get(citation.key.id)
        if crop is not None and crop.owner.document.id == owner.document.id:
            return citation
        # The document has been indexed anew: the same picture has another id.
        for stored in self._catalog.crops_of(owner.id):
            if (
                stored.crop.page_number == citation.page
                and stored.crop.box.iou(citation.box) > _SAME_PLACE
            ):
                return replace(citation, key=ItemKey("crop", stored.id))
        return replace(citation, stale=True)


def _withheld(answer: Answer) -> Answer:
    """Without the words of documents that have gone, or that this person may see no longer."""
    gone = {citation.n for citation in answer.citations if citation.stale}
    if not gone:
        return answer
    sentences = tuple(
        replace(each, text=WITHHELD) if gone & set(each.citations) else each
        for each in answer.sentences
    )
    return replace(
        answer,
        text=" ".join(each.text for each in sentences) or WITHHELD,
        sentences=sentences,
        citations=tuple(
            replace(
                each,
                quote="",
                caption="",
                highlights=(),
                document=replace(each.document, title=WITHHELD, path=WITHHELD),
            )
            if each.stale
            else each
            for each in answer.citations
        ),
    )


def _keeps_to(told: str, question: str, turns: Sequence[Turn]) -> bool:
    """Whether a model's question is made of the words of the conversation, and is a question.

    It must keep a word of the one that was asked, if that has any, and add none of its own.
    """
    said = [question]
    for turn in turns:
        said += [turn.question, turn.answer.searched, turn.answer.text]
    words = set(content_stems(told))
    own = set(content_stems(question))
    return (
        0 < len(told.strip()) <= _LONGEST
        and "\n" not in told.strip()
        and words <= set(content_stems(" ".join(said)))
        and (not own or bool(own & words))
    )


def _conversation(stored: StoredConversation) -> Conversation:
    return Conversation(
        id=stored.id,
        question=stored.question,
        turns=stored.turns,
        started_at=stored.started_at,
        updated_at=stored.updated_at,
    )


def _turn(number: int, stored: StoredTurn) -> Turn:
    return Turn(
        id=number,
        question=stored.question,
        answer=_from_json(stored),
        asked_at=stored.asked_at,
        collections=stored.collections,
        filters=stored.filters,
    )


def _to_json(answer: Answer) -> str:
    return msgspec.json.encode(answer, enc_hook=_plain).decode()


def _plain(number: Any) -> Any:
    """NumPy's numbers as Python's."""
    return number.item()


def _from_json(stored: StoredTurn) -> Answer:
    """The answer; one that is damaged costs the conversation nothing but itself."""
    try:
        return msgspec.json.decode(stored.answer, type=Answer)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return Answer(
            question=stored.question,
            refused=True,
            text="This answer cannot be read any more.",
            sentences=(),
            citations=(),
            generator="",
            searched=stored.searched,
        )
