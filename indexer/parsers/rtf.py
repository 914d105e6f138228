"""Rich Text Format."""

from pathlib import Path

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers._album import Album
from indexer.parsers._flow import flow_document
from indexer.parsers._notes import finished
from indexer.parsers._rtf_reader import RtfReader
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".rtf"})


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Text, tables and pictures in the order of the file; explicit page breaks start pages.

    Notes and comments stand at the end of their section, footers at the end, each text once.
    Deleted and hidden text is left out. Raises UnreadableDocument for other files and for one
    without content.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise UnreadableDocument(
            path, cause=f"cannot be opened ({exc.strerror})", remedy="check that it may be read"
        ) from exc
    start = data.find(b"{\\rtf", 0, 64)
    if start < 0:
        raise UnreadableDocument(
            path, cause="not an RTF file", remedy="give it the suffix of its format"
        )
    album = Album(settings)
    reader = RtfReader(data[start:], album)
    blocks = list(finished(reader.notes.placed(reader.blocks())))
    core_title = reader.properties.pop("title", "")
    return flow_document(
        path,
        blocks,
        settings,
        media_type="application/rtf",
        title=reader.title or core_title,
        metadata=reader.properties,
        warnings=album.warnings,
    )
