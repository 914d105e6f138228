"""Stored items as the values that retrieval hands out."""

from indexer.store.records import FileState, StoredChunk, StoredCrop, StoredDocument
from retriever.domain import DocumentRef, DocumentSummary, FailedFile, Hit, Scored


def hit(rank: int, item: Scored, stored: StoredChunk | StoredCrop) -> Hit:
    document = reference(stored.owner)
    if isinstance(stored, StoredChunk):
        return Hit(
            rank=rank,
            key=item.key,
            score=item.score,
            document=document,
            page=stored.chunk.page_number,
            box=stored.chunk.box,
            text=stored.chunk.text,
            caption="",
            heading_path=stored.chunk.heading_path,
            spans=stored.chunk.spans,
        )
    return Hit(
        rank=rank,
        key=item.key,
        score=item.score,
        document=document,
        page=stored.crop.page_number,
        box=stored.crop.box,
        text="",
        caption=stored.crop.caption,
    )


def reference(stored: StoredDocument) -> DocumentRef:
    return DocumentRef(
        id=stored.document.id,
        path=stored.document.path,
        title=stored.document.title,
        media_type=stored.document.media_type,
        collection=stored.collection,
    )


def summary(stored: StoredDocument) -> DocumentSummary:
    return DocumentSummary(
        ref=reference(stored),
        pages=stored.document.page_count,
        size=stored.document.size,
        warnings=stored.document.warnings,
    )


def failed_file(state: FileState) -> FailedFile:
    return FailedFile(path=state.path, cause=state.cause, remedy=state.remedy)
