import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.errors import InvalidInput, SightlineError
from indexer.library import Library
from indexer.pipeline import IndexReport
from indexer.watch import follow


def names(report: IndexReport | SightlineError) -> list[str]:
    assert isinstance(report, IndexReport)
    return sorted(Path(path).name for path in report.indexed)


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_new_changed_and_deleted_files_are_followed(
    library: Library, archive: Path, stop: threading.Event
) -> None:
    reports = follow(library, [archive], "main", stop=stop)
    assert len(names(next(reports))) == 5
    (archive / "new.txt").write_text("The well was cleaned.")
    assert names(next(reports)) == ["new.txt"]
    (archive / "new.txt").write_text("The well was cleaned in May.")
    assert names(next(reports)) == ["new.txt"]
    (archive / "new.txt").unlink()
    report = next(reports)
    assert isinstance(report, IndexReport)
    assert [Path(path).name for path in report.removed] == ["new.txt"]
    stop.set()
    assert list(reports) == []


def test_a_folder_that_goes_away_is_an_error_and_nothing_is_lost(
    library: Library, archive: Path, tmp_path: Path, stop: threading.Event
) -> None:
    kept = archive / "kept"
    kept.mkdir()
    (kept / "a.txt").write_text("The well was cleaned.")
    reports = follow(library, [kept, archive], "main", stop=stop)
    next(reports)
    kept.rename(tmp_path / "elsewhere")
    report = next(reports)
    assert isinstance(report, InvalidInput)
    assert library.catalog.counts().documents == 6


def test_a_file_cannot_be_watched(library: Library, archive: Path, stop: threading.Event) -> None:
    with pytest.raises(InvalidInput, match="not a folder"):
        next(follow(library, [archive / "garden.txt"], "main", stop=stop))
