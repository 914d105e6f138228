"""Word documents before Office Open XML: those of Word 97 to 2003, the text of Word 6 and 95."""

from importlib import import_module
from pathlib import Path
from typing import Any

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers._album import Album
from indexer.parsers._compound import compound_file, is_compound, properties_of
from indexer.parsers._doc_file import WordFile
from indexer.parsers._doc_old import old_blocks
from indexer.parsers._doc_reader import DocReader
from indexer.parsers._flow import flow_document
from indexer.parsers._notes import finished
from indexer.parsers._package import password_protected
from indexer.parsers._signatures import format_of
from indexer.settings import ParserSettings

SUFFIXES = frozenset({".doc", ".dot"})

_MEDIA_TYPE = "application/msword"
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_WORD_97 = 0xA5EC
_WORD_6 = range(0xA5DB, 0xA5DE)
# What writers put into files with this suffix so that Word opens them.
_OTHERS = {b"PK\x03\x04": "docx", b"{\\rtf": "rtf", b"MIME-Version:": "eml"}


def parse(path: Path, settings: ParserSettings) -> ParsedDocument:
    """Text, tables and pictures in the order of the file; explicit page breaks start pages.

    Notes and comments stand at the end of their section, headers first and footers last, each
    text once. Deleted and hidden text is left out. Of Word 6 and 95 only the text is read. A file
    that in truth is RTF, HTML, a web archive, text or a newer document is read as that. Raises
    UnreadableDocument for a damaged or encrypted file and for one without content.
    """
    if not is_compound(path):
        return _other(path, settings)
    with compound_file(path) as file:
        main = _stream(file, "WordDocument")
        magic = int.from_bytes(main[:2], "little")
        flags = int.from_bytes(main[10:12], "little")
        if len(main) < 512 or (magic != _WORD_97 and magic not in _WORD_6):
            raise UnreadableDocument(
                path, cause="no Word document in it", remedy="give it the suffix of its format"
            )
        if flags & _ENCRYPTED:
            raise password_protected(path)
        album = Album(settings)
        properties = properties_of(file)
        title = properties.pop("title", "")
        if magic == _WORD_97:
            table = _stream(file, "1Table" if flags & _SECOND_TABLE else "0Table")
            reader = DocReader(WordFile(main, table, _stream(file, "Data")), album)
            blocks = list(finished(reader.notes.placed(reader.blocks())))
            title = reader.title or title
        else:
            blocks = list(old_blocks(main, path))
    return flow_document(
        path,
        blocks,
        settings,
        media_type=_MEDIA_TYPE,
        title=title,
        metadata=properties,
        warnings=album.warnings,
    )


def _stream(file: Any, name: str) -> bytes:
    return bytes(file.openstream(name).read()) if file.exists(name) else b""


def _other(path: Path, settings: ParserSettings) -> ParsedDocument:
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as exc:
        raise UnreadableDocument(
            path, cause=f"cannot be opened ({exc.strerror})", remedy="check that it may be read"
        ) from exc
    found = next((name for start, name in _OTHERS.items() if head.startswith(start)), "")
    found = found or {".html": "html", ".txt": "text"}.get(format_of(head).suffix, "")
    if not found:
        raise UnreadableDocument(
            path, cause="not a Word document", remedy="give it the suffix of its format"
        )
    # The parsers are files of one package, and only one of them is needed.
    document: ParsedDocument = import_module(f"indexer.parsers.{found}").parse(path, settings)
    return document
