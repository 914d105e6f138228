"""Reading files in this process, where starting another one for every run would take too long."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from indexer.domain import Member, ParsedDocument
from indexer.parsers import check_size, open_document
from indexer.parsers._members import Unpacker, list_members
from indexer.settings import ParserSettings


class ParserHere:
    """As :class:`indexer.parsers.sandbox.ParserProcess`, for files that tests have made."""

    def __init__(self, settings: ParserSettings) -> None:
        self._settings = settings
        self._folder = tempfile.TemporaryDirectory(prefix="parser-here-")
        self._unpacker = Unpacker(Path(self._folder.name))

    def parse(self, path: Path, members: tuple[str, ...] = ()) -> ParsedDocument:
        check_size(path, self._settings)
        return open_document(self._locate(path, members), self._settings)

    def members(self, path: Path, members: tuple[str, ...] = ()) -> Iterator[Member]:
        check_size(path, self._settings)
        return list_members(self._locate(path, members), self._settings)

    def interrupt(self) -> None:
        """Nothing runs elsewhere."""

    def close(self) -> None:
        self._folder.cleanup()

    def _locate(self, path: Path, members: tuple[str, ...]) -> Path:
        return self._unpacker.locate(path, members, self._settings)
